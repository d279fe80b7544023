// SPDX-License-Identifier: MIT
// Signals that the user means for the guest: this process's own SIGINT and SIGQUIT, keys of a terminal in raw mode, a window
// that changes its size. And the way out of a guest that does not react to Ctrl-C.

import { SIGINT, SIGQUIT, SIGWINCH } from "../../kernel/abi/signal.ts";
import type { Machine } from "../core/machine.ts";
import { EXIT_INTERRUPTED } from "./exit-codes.ts";

/** So many Ctrl-C within so much time, and the machine still runs: end this process. */
const INTERRUPTS = 3;
const INTERRUPTS_WITHIN_MS = 2000;

export class UserSignals {
  readonly #machine: Machine;
  readonly #interrupts: number[] = []; // when
  #wake = () => {};
  readonly #onInterrupt = () => this.send(SIGINT);
  readonly #onQuit = () => this.send(SIGQUIT);
  readonly #onResize = () => {
    this.#resize();
    this.send(SIGWINCH);
  };

  constructor(machine: Machine) {
    this.#machine = machine;
    if (process.stdout.isTTY) this.#resize();
    process.on("SIGINT", this.#onInterrupt);
    process.on("SIGQUIT", this.#onQuit);
    process.stdout.on("resize", this.#onResize);
  }

  /** To the console's foreground process group, between two slices of the machine. */
  send(signal: number): void {
    if (signal === SIGINT) this.#countInterrupt();
    this.#machine.signal(signal);
    this.#wake();
  }

  /** Settles when the next signal has been sent. */
  arrival(): Promise<void> {
    return new Promise((resolve) => (this.#wake = resolve));
  }

  close(): void {
    process.off("SIGINT", this.#onInterrupt);
    process.off("SIGQUIT", this.#onQuit);
    process.stdout.off("resize", this.#onResize);
  }

  #resize(): void {
    this.#machine.resize(process.stdout.rows, process.stdout.columns);
  }

  #countInterrupt(): void {
    const now = performance.now();
    this.#interrupts.push(now);
    if (this.#interrupts.filter((time) => now - time < INTERRUPTS_WITHIN_MS).length < INTERRUPTS) return;
    process.stderr.write("spawnlab: interrupted\n");
    process.exit(EXIT_INTERRUPTED);
  }
}
