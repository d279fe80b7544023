// SPDX-License-Identifier: MIT
// Runs a machine to its end with the real standard streams: one slice of instructions, then a look at the outside. Decides
// when to read input, when to wait and what Ctrl-C means; everything it learns it passes to the machine as an event.

import { SIGINT, SIGWINCH } from "../../kernel/abi/signal.ts";
import { DeadlockError, LimitReachedError } from "../core/errors.ts";
import type { ExitStatus } from "../core/exit-status.ts";
import { SLICE, type Machine } from "../core/machine.ts";
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
      if (stop === "deadlock") throw new DeadlockError("deadlock: every process sleeps, and neither time nor input can wake one");

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

  /** Somebody reads the console, nobody else can run. A timer wakes in real time only. */
  async #waitForInput(): Promise<void> {
    this.#input.request();
    const waits: Promise<void>[] = [this.#input.arrival(), interrupted()];
    if (this.#options.isRealTime) waits.push(this.#timer());
    await Promise.race(waits);
  }

  async #waitForTimer(): Promise<void> {
    await Promise.race([this.#timer(), this.#input.isRequested ? this.#input.arrival() : NEVER, interrupted()]);
  }

  /** Settles when the next timer is due by the clock on the wall. */
  #timer(): Promise<void> {
    const due = this.#machine.nextTimer;
    if (due === undefined) return NEVER;
    const ms = Math.max(0, Number(due) / 1e6 - (performance.now() - this.#startedAt));
    return new Promise((resolve) => setTimeout(resolve, Math.ceil(ms)).unref());
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

const NEVER = new Promise<void>(() => {});
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
  const onResize = () => {
    machine.resize(process.stdout.rows, process.stdout.columns);
    machine.signal(SIGWINCH);
    wake();
  };
  if (process.stdout.isTTY) machine.resize(process.stdout.rows, process.stdout.columns);
  process.on("SIGINT", onInterrupt);
  process.stdout.on("resize", onResize);
  return () => {
    process.off("SIGINT", onInterrupt);
    process.stdout.off("resize", onResize);
  };
}
