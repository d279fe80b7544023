// SPDX-License-Identifier: MIT
// Runs a machine to its end with the real standard streams: one slice of instructions, then a look at the outside. Decides
// when to read input and when to wait; everything it learns it passes to the machine as an event.

import { setTimeout } from "node:timers/promises";
import { DeadlockError, LimitReachedError } from "../core/errors.ts";
import type { ExitStatus } from "../core/exit-status.ts";
import { DEADLOCK_TEXT, SLICE, type Machine } from "../core/machine.ts";
import { InputStream, type OutputStreams } from "./streams.ts";
import { Terminal } from "./terminal.ts";
import { UserSignals } from "./user-signals.ts";

export interface LoopOptions {
  readonly output: OutputStreams;
  readonly isRealTime: boolean;
  readonly maxInstructions?: bigint;
}

/** @throws LimitReachedError, DeadlockError, KernelPanicError */
export async function runToEnd(machine: Machine, options: LoopOptions): Promise<ExitStatus> {
  const loop = new ConsoleLoop(machine, options);
  try {
    return await loop.run();
  } finally {
    loop.close();
    await options.output.flush();
  }
}

class ConsoleLoop {
  readonly #machine: Machine;
  readonly #input = new InputStream();
  readonly #terminal = new Terminal();
  readonly #signals: UserSignals;
  readonly #options: LoopOptions;
  readonly #startedAt = performance.now();
  #hasEnded = false; // end of input was passed on

  constructor(machine: Machine, options: LoopOptions) {
    this.#machine = machine;
    this.#signals = new UserSignals(machine);
    this.#options = options;
  }

  async run(): Promise<ExitStatus> {
    for (;;) {
      const stop = this.#machine.step(this.#budget());
      await this.#options.output.flush();
      if (stop === "off") return this.#machine.exitStatus;
      if (stop === "deadlock") throw new DeadlockError(DEADLOCK_TEXT);

      this.#terminal.follow(this.#machine.consoleMode);
      if (stop === "input") await this.#waitForInput();
      else if (stop === "idle") await this.#waitForTimer();
      else await new Promise(setImmediate); // lets signals and input in
      this.#passInput();
      if (this.#options.isRealTime) this.#followClock();
    }
  }

  close(): void {
    this.#signals.close();
    this.#terminal.close();
    this.#input.close();
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
    const waits = arrival === undefined ? [this.#signals.arrival()] : [this.#signals.arrival(), arrival];
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
    if (chunk !== undefined) {
      const { bytes, signals } = this.#terminal.decode(chunk);
      this.#input.putBack(bytes.subarray(this.#machine.input(bytes)));
      signals.forEach((signal) => this.#signals.send(signal));
      this.#input.request();
    }
    if (!this.#input.isEnded || this.#hasEnded) return;
    this.#hasEnded = true;
    this.#machine.endInput();
  }
}
