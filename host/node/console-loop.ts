// SPDX-License-Identifier: MIT
// Runs a machine to its end with the real standard streams: one slice of instructions, then a look at the outside. Decides
// when to read input and when to wait; everything it learns it passes to the machine as an event.

import { setTimeout } from "node:timers/promises";
import { DeadlockError, LimitReachedError } from "../core/errors.ts";
import { shellStatus } from "../core/exit-status.ts";
import { DEADLOCK_TEXT, SLICE, type Machine } from "../core/machine.ts";
import { EXIT_HANGUP } from "./exit-codes.ts";
import { InputStream, type OutputStreams } from "./streams.ts";
import type { Terminal } from "./terminal.ts";
import { UserSignals } from "./user-signals.ts";

/** A guest whose terminal has gone away has so much time to react. */
const HANGUP_GRACE_MS = 1000;

export interface LoopOptions {
  readonly output: OutputStreams;
  readonly terminal: Terminal;
  readonly isRealTime: boolean;
  readonly maxInstructions?: bigint;
}

/**
 * What this process is to exit with.
 * @throws LimitReachedError, DeadlockError, KernelPanicError
 */
export async function runToEnd(machine: Machine, options: LoopOptions): Promise<number> {
  const loop = new ConsoleLoop(machine, options);
  try {
    return await loop.run();
  } finally {
    await options.output.flush();
    loop.close();
  }
}

class ConsoleLoop {
  readonly #machine: Machine;
  readonly #input = new InputStream();
  readonly #terminal: Terminal;
  readonly #signals: UserSignals;
  readonly #options: LoopOptions;
  readonly #startedAt = performance.now();
  #hasEnded = false; // end of input was passed on
  #hungUpAt: number | undefined;

  constructor(machine: Machine, options: LoopOptions) {
    this.#machine = machine;
    this.#terminal = options.terminal;
    this.#options = options;
    this.#terminal.open();
    this.#signals = new UserSignals(machine, this.#terminal);
    if (this.#terminal.isRead) this.#input.request(); // keys mean something even while nobody reads
  }

  async run(): Promise<number> {
    for (;;) {
      const stop = this.#machine.step(this.#budget());
      await this.#options.output.flush();
      if (stop === "off") return shellStatus(this.#machine.exitStatus);
      if (this.#signals.isHungUp && (stop === "deadlock" || this.#graceMs() === 0)) return EXIT_HANGUP;
      if (stop === "deadlock" && !this.#terminal.isRead) throw new DeadlockError(DEADLOCK_TEXT); // keys can send signals

      if (stop === "input") {
        if (this.#terminal.isRead) this.#signals.hasReacted();
        this.#input.request();
      }
      if (stop === "budget") await new Promise(setImmediate); // lets signals and input in
      else await this.#waitForTimer(stop === "input");
      this.#passInput();
      if (this.#options.isRealTime) this.#followClock();
    }
  }

  close(): void {
    this.#signals.close();
    this.#terminal.close();
    this.#input.close();
  }

  /** What is left of the time that a guest without its terminal has, in ms. */
  #graceMs(): number {
    this.#hungUpAt ??= performance.now();
    return Math.max(0, HANGUP_GRACE_MS - (performance.now() - this.#hungUpAt));
  }

  #budget(): bigint {
    const limit = this.#options.maxInstructions;
    if (limit === undefined) return SLICE;
    const left = limit - this.#machine.instructions;
    if (left <= 0n) throw new LimitReachedError(`the program did not end within --max-instructions ${limit}`);
    return left < SLICE ? left : SLICE;
  }

  /**
   * Waits for the next timer, for input that was asked for (`hasRoom`: the guest reads it), or for a signal. Where somebody reads and nobody can run, a timeout takes
   * its time, whatever clock the machine has.
   */
  async #waitForTimer(hasRoom: boolean): Promise<void> {
    const due = this.#machine.nextTimer;
    const abort = new AbortController();
    const arrival = this.#input.arrival(hasRoom);
    const waits = arrival === undefined ? [this.#signals.arrival()] : [this.#signals.arrival(), arrival];
    if (due !== undefined) {
      const ms = Math.max(0, Math.ceil(Number(due - this.#machine.now) / 1e6));
      waits.push(setTimeout(ms, undefined, { signal: abort.signal }).then(() => this.#machine.advanceTo(due), () => {}));
    }
    if (this.#signals.isHungUp) waits.push(setTimeout(this.#graceMs(), undefined, { signal: abort.signal }).catch(() => {}));
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
      const rest = chunk.subarray(this.#machine.input(chunk));
      if (this.#terminal.isRead) this.#signals.typed(chunk.subarray(0, chunk.length - rest.length));
      this.#input.putBack(rest);
      this.#input.request();
    }
    if (!this.#input.isEnded || this.#hasEnded) return;
    this.#hasEnded = true;
    if (this.#terminal.isRead) this.#signals.hangUp();
    else this.#machine.endInput();
  }
}
