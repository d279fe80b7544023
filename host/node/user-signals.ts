// SPDX-License-Identifier: MIT
// What the user means for the guest and does not type: this process's own SIGINT and SIGQUIT, another size of the window, the end of
// the terminal. And the way out of a guest that does not react to Ctrl-C.

import { SIGINT, SIGQUIT } from "../../kernel/abi/signal.ts";
import type { Machine } from "../core/machine.ts";
import { EXIT_INTERRUPTED } from "./exit-codes.ts";
import type { Terminal } from "./terminal.ts";

const CTRL_C = 0x03;
/** So many Ctrl-C within so much time, and the machine still runs: end this process. */
const INTERRUPTS = 3;
const INTERRUPTS_WITHIN_MS = 2000;

export class UserSignals {
  isHungUp = false;
  readonly #machine: Machine;
  readonly #terminal: Terminal;
  #interrupts: number[] = []; // when
  #wake = () => {};
  readonly #onInterrupt = () => this.#send(SIGINT);
  readonly #onQuit = () => this.#send(SIGQUIT);
  readonly #onHangup = () => this.hangUp();
  readonly #onResize = () => {
    const size = this.#terminal.size;
    if (size !== undefined) this.#machine.resize(size.rows, size.columns);
    this.#wake();
  };

  constructor(machine: Machine, terminal: Terminal) {
    this.#machine = machine;
    this.#terminal = terminal;
    this.#onResize();
    process.on("SIGINT", this.#onInterrupt);
    process.on("SIGQUIT", this.#onQuit);
    if (terminal.isRead) process.on("SIGHUP", this.#onHangup);
    if (terminal.screen !== undefined) process.on("SIGWINCH", this.#onResize);
  }

  /** Looks at what was typed, which the machine gets as it is. */
  typed(bytes: Uint8Array): void {
    for (const byte of bytes) if (byte === CTRL_C) this.#countInterrupt();
  }

  /** The machine reads the terminal: it does react to keys. */
  hasReacted(): void {
    this.#interrupts = [];
  }

  /** The terminal has gone away. */
  hangUp(): void {
    if (this.isHungUp) return;
    this.isHungUp = true;
    this.#machine.hangUp();
    this.#wake();
  }

  /** Settles when something has been passed on. */
  arrival(): Promise<void> {
    return new Promise((resolve) => (this.#wake = resolve));
  }

  close(): void {
    process.off("SIGINT", this.#onInterrupt);
    process.off("SIGQUIT", this.#onQuit);
    process.off("SIGHUP", this.#onHangup);
    process.off("SIGWINCH", this.#onResize);
  }

  /** To the terminal's foreground process group, between two slices of the machine. */
  #send(signal: number): void {
    if (signal === SIGINT) this.#countInterrupt();
    this.#machine.signal(signal);
    this.#wake();
  }

  #countInterrupt(): void {
    const now = performance.now();
    this.#interrupts.push(now);
    if (this.#interrupts.filter((time) => now - time < INTERRUPTS_WITHIN_MS).length < INTERRUPTS) return;
    this.#terminal.close();
    process.stderr.write("spawnlab: interrupted\n");
    process.exit(EXIT_INTERRUPTED);
  }
}
