// SPDX-License-Identifier: MIT
// The terminal that the user sits at. While a machine reads it, it is raw: the machine has a terminal of its own that edits, echoes and
// turns keys into signals, so bytes pass through as they are. Whatever happens, the terminal is left as it was found.

import { closeSync, openSync } from "node:fs";
import { WriteStream } from "node:tty";

const [CR, NL] = [0x0d, 0x0a];

export class Terminal {
  /** Standard input is the terminal: keys go to the machine. */
  readonly isRead = process.stdin.isTTY ?? false;
  readonly #screen = openScreen();
  readonly #restore = () => this.#setRaw(false);
  /** After a stop (kill -STOP, and fg in a shell) the terminal is what the shell made of it. */
  readonly #onContinue = () => {
    this.#setRaw(false);
    this.#setRaw(true);
  };

  /** The machine runs: keys are its own. Node itself restores the terminal when SIGINT or SIGTERM ends this process. */
  open(): void {
    if (!this.isRead) return;
    this.#setRaw(true);
    process.on("exit", this.#restore);
    process.on("SIGCONT", this.#onContinue);
  }

  /** What shows the machine's terminal: the stream that is one, or /dev/tty where output is redirected. */
  get screen(): WriteStream | undefined {
    return this.#screen;
  }

  /** Rows and columns now, unless there is no terminal. */
  get size(): { rows: number; columns: number } | undefined {
    const screen = this.#screen;
    if (screen === undefined || isStandard(screen)) return screen;
    const fresh = openTty(); // a stream that is not Node's own does not follow changes
    fresh?.destroy();
    return fresh;
  }

  close(): void {
    this.#restore();
    process.off("exit", this.#restore);
    process.off("SIGCONT", this.#onContinue);
    if (this.#screen !== undefined && !isStandard(this.#screen)) this.#screen.destroy();
  }

  #setRaw(isRaw: boolean): void {
    if (this.isRead && process.stdin.isRaw !== isRaw) process.stdin.setRawMode(isRaw);
  }
}

/**
 * A terminal that Node has made raw still puts a CR before each NL: takes the machine's own away.
 */
export function withoutReturns(bytes: Uint8Array): Uint8Array {
  return bytes.filter((byte, i) => byte !== CR || bytes[i + 1] !== NL);
}

function openScreen(): WriteStream | undefined {
  if (process.stdout.isTTY) return process.stdout;
  if (process.stderr.isTTY) return process.stderr;
  return process.stdin.isTTY ? openTty() : undefined;
}

function openTty(): WriteStream | undefined {
  let fd: number;
  try {
    fd = openSync("/dev/tty", "w");
  } catch {
    return undefined; // a terminal that is not ours: what it would show is lost
  }
  try {
    return new WriteStream(fd);
  } catch {
    closeSync(fd);
    return undefined;
  }
}

function isStandard(stream: WriteStream): boolean {
  return stream === process.stdout || stream === process.stderr;
}
