// SPDX-License-Identifier: MIT
// Runs a machine to its end with the real standard streams: one slice of instructions, then a look at the outside. Decides
// when to read input, when to wait and what Ctrl-C means; everything it learns it passes to the machine as an event.

import { setTimeout } from "node:timers/promises";
import { SIGINT, SIGQUIT, SIGWINCH } from "../../kernel/abi/signal.ts";
import { DeadlockError, LimitReachedError } from "../core/errors.ts";
import type { ExitStatus } from "../core/exit-status.ts";
import { DEADLOCK_TEXT, SLICE, type Machine } from "../core/machine.ts";
import { EXIT_INTERRUPTED } from "./exit-codes.ts";
import { InputStream, type OutputStreams } from "./streams.ts";

export interface LoopOptions {
  readonly output: OutputStreams;
  readonly isRealTime: boolean;
  readonly maxInstructions?: bigint;
}

/** So many Ctrl-C within so much time, and the machine still runs: end the host. */
const INTERRUPTS = 3;
const INTERRUPTS_WITHIN_MS = 2000;

/** @throws LimitReachedError, DeadlockError, KernelPanicError */
export async function runToEnd(machine: Machine, options: LoopOptions): Promise<ExitStatus> {
  const input = new InputStream();
  const stopListening = listen(machine);
  try {
    return await new ConsoleLoop(machine, input, options).run();
  } finally {
    stopListening();
    input.close();
    await options.output.flush();
  }
}

class ConsoleLoop {
  readonly #machine: Machine;
  readonly #input: InputStream;
  readonly #options: LoopOptions;
  readonly #startedAt = performance.now();
  #hasEnded = false; // end of input was passed on

  constructor(machine: Machine, input: InputStream, options: LoopOptions) {
    this.#machine = machine;
    this.#input = input;
    this.#options = options;
  }

  async run(): Promise<ExitStatus> {
    for (;;) {
      const stop = this.#machine.step(this.#budget());
      await this.#options.output.flush();
      if (stop === "off") return this.#machine.exitStatus;
      if (stop === "deadlock") throw new DeadlockError(DEADLOCK_TEXT);

      if (stop === "input") await this.#waitForInput();
      else if (stop === "idle") await this.#waitForTimer();
      else await new Promise(setImmediate); // lets signals and input in
      this.#passInput();
      if (this.#options.isRealTime) this.#followClock();
    }
  }

  #budget(): bigint {
    const limit = this.#options.maxInstructions;
    if (limit === undefined) return SLICE;
    const left = limit - this.#machine.instructions;
    if (left <= 0n) throw new LimitReachedError(`the program did not end within --max-instructions ${limit}`);
    return left < SLICE ? left : SLICE;
  }

  /** Somebody reads the console and nobody can run: a timeout then takes its time, whatever clock the machine has. */
  async #waitForInput(): Promise<void> {
    this.#input.request();
    await this.#waitForTimer();
  }

  /** Waits for the next timer, for input that was asked for, or for a signal. */
  async #waitForTimer(): Promise<void> {
    const due = this.#machine.nextTimer;
    const abort = new AbortController();
    const arrival = this.#input.arrival();
    const waits = arrival === undefined ? [interrupted()] : [interrupted(), arrival];
    if (due !== undefined) {
      const ms = Math.max(0, Math.ceil(Number(due - this.#machine.now) / 1e6));
      waits.push(setTimeout(ms, undefined, { signal: abort.signal }).then(() => this.#machine.advanceTo(due), () => {}));
    }
    await Promise.race(waits);
    abort.abort();
  }

  #followClock(): void {
    const wall = BigInt(Math.floor((performance.now() - this.#startedAt) * 1e6));
    if (wall > this.#machine.now) this.#machine.advanceTo(wall);
  }

  /** Once the guest has asked for input, it gets what arrives as it arrives. */
  #passInput(): void {
    const chunk = this.#input.take();
    if (chunk !== undefined) this.#input.putBack(chunk.subarray(this.#machine.input(chunk)));
    if (chunk !== undefined && !this.#input.isEnded) this.#input.request();
    if (!this.#input.isEnded || this.#hasEnded) return;
    this.#hasEnded = true;
    this.#machine.endInput();
  }
}

let wake = () => {};

/** Settles at the next signal that the guest is told about. */
function interrupted(): Promise<void> {
  return new Promise((resolve) => (wake = resolve));
}

function listen(machine: Machine): () => void {
  const times: number[] = [];
  const onInterrupt = () => {
    const now = performance.now();
    times.push(now);
    if (times.filter((time) => now - time < INTERRUPTS_WITHIN_MS).length >= INTERRUPTS) {
      process.stderr.write("spawnlab: interrupted\n");
      process.exit(EXIT_INTERRUPTED);
    }
    machine.signal(SIGINT);
    wake();
  };
  const onQuit = () => {
    machine.signal(SIGQUIT);
    wake();
  };
  const onResize = () => {
    machine.resize(process.stdout.rows, process.stdout.columns);
    machine.signal(SIGWINCH);
    wake();
  };
  if (process.stdout.isTTY) machine.resize(process.stdout.rows, process.stdout.columns);
  process.on("SIGINT", onInterrupt);
  process.on("SIGQUIT", onQuit);
  process.stdout.on("resize", onResize);
  return () => {
    process.off("SIGINT", onInterrupt);
    process.off("SIGQUIT", onQuit);
    process.stdout.off("resize", onResize);
  };
}
