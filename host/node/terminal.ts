// SPDX-License-Identifier: MIT
// The terminal that the user sits at, when standard input is one. As long as the guest wants whole lines the terminal edits
// and echoes them; when the guest asks for single keys (a shell's line editor), it is switched to raw mode, and keys that mean
// signals are recognised here. Whatever happens, the terminal is left as it was found.

import { CONSOLE_CANONICAL, CONSOLE_CR_TO_NL, CONSOLE_SIGNALS } from "../../kernel/abi/boundary.ts";
import { SIGINT, SIGQUIT, SIGTSTP } from "../../kernel/abi/signal.ts";

const KEY_SIGNALS: Record<number, number> = { 0x03: SIGINT, 0x1c: SIGQUIT, 0x1a: SIGTSTP };
const [CR, NL] = [0x0d, 0x0a];
const HANGUP_STATUS = 129;

export class Terminal {
  #mode = CONSOLE_CANONICAL;
  #isRaw = false;
  readonly #restore = () => this.#setRaw(false);
  readonly #onHangup = () => process.exit(HANGUP_STATUS); // runs the exit handlers, which the signal's default does not

  /** Node itself restores the terminal when SIGINT or SIGTERM ends it. */
  constructor() {
    if (!process.stdin.isTTY) return;
    process.on("exit", this.#restore);
    process.on("SIGHUP", this.#onHangup);
  }

  /** Sets the terminal to what the guest has asked for (Machine.consoleMode). */
  follow(mode: number): void {
    this.#mode = mode;
    this.#setRaw((mode & CONSOLE_CANONICAL) === 0);
  }

  /** What was typed: bytes for the guest, and signals for keys that mean one. */
  decode(typed: Uint8Array): { bytes: Uint8Array; signals: number[] } {
    if (!this.#isRaw) return { bytes: typed, signals: [] };
    const signals: number[] = [];
    const bytes: number[] = [];
    for (const byte of typed) {
      const signal = this.#mode & CONSOLE_SIGNALS ? KEY_SIGNALS[byte] : undefined;
      if (signal !== undefined) signals.push(signal);
      else bytes.push(byte === CR && this.#mode & CONSOLE_CR_TO_NL ? NL : byte);
    }
    return { bytes: Uint8Array.from(bytes), signals };
  }

  close(): void {
    this.#restore();
    process.off("exit", this.#restore);
    process.off("SIGHUP", this.#onHangup);
  }

  #setRaw(isRaw: boolean): void {
    if (isRaw === this.#isRaw || !process.stdin.isTTY) return;
    process.stdin.setRawMode(isRaw);
    this.#isRaw = isRaw;
  }
}
