// SPDX-License-Identifier: MIT
// A terminal: its settings (termios(3)), what was typed and not read yet, who controls it, and the device behind it, which is a
// subclass: the host's terminal (console.ts) or the master of a pseudo-terminal (pty.ts). Input goes through discipline.ts, output
// through output.ts, both as Linux's n_tty does. References: its open files, the processes whose controlling terminal it is.

import { EXTPROC, ICANON } from "../abi/termios.ts";
import { Pipe } from "../file/pipe.ts";
import { WaitQueue } from "../file/wait-queue.ts";
import { allocBytes, freeBytes } from "../memory/heap.ts";
import { RefCounted } from "../memory/ref-counted.ts";
import { LineBuffer } from "./line-buffer.ts";
import { C_CC, C_IFLAG, C_LFLAG, C_OFLAG, STANDARD_TERMIOS, TERMIOS2_SIZE } from "./termios.ts";

/** struct winsize: rows, columns, and two sizes in pixels, u16 each. */
export const WINSIZE_SIZE: usize = 8;
/** Echo that waits while output is stopped; more is lost. */
export const DEFERRED_SIZE: u32 = 1024;

export abstract class Tty extends RefCounted {
  /** struct termios2. */
  readonly termios: usize = allocBytes(TERMIOS2_SIZE);
  readonly winsize: usize = allocBytes(WINSIZE_SIZE);
  /** Bytes from the device that the discipline has not looked at: it has no room for them. */
  readonly arrived: Pipe = new Pipe(null);
  readonly line: LineBuffer;
  /** Announces something to read, a hang-up, other settings. */
  readonly readable: WaitQueue = new WaitQueue();
  /** Announces room for output, a hang-up, other settings, another foreground group. */
  readonly writable: WaitQueue = new WaitQueue();

  /** The session that it controls and that session's foreground group: the process layer's, each with a reference, or null. */
  session: RefCounted | null = null;
  foreground: RefCounted | null = null;
  /** How often it has hung up: files opened before the last time are dead. */
  hangups: u32 = 0;
  /** A pseudo-terminal whose master was closed. */
  isMasterGone: bool = false;
  /** TIOCEXCL. */
  isExclusive: bool = false;
  /** Nothing will ever arrive from the device any more; after what has arrived there is the end of file. */
  isInputOver: bool = false;

  // Output (output.ts)
  isStopped: bool = false;
  /** It was tcflow(3): no key starts it again. */
  isStoppedByCall: bool = false;
  column: u32 = 0;
  /** Where the line that is being typed begins. */
  canonColumn: u32 = 0;
  readonly deferred: usize = allocBytes(DEFERRED_SIZE);
  deferredLength: u32 = 0;

  // Input (discipline.ts)
  /** The next character is taken literally (VLNEXT). */
  isLiteralNext: bool = false;
  /** In the middle of \erased/ (ECHOPRT). */
  isErasing: bool = false;

  /** `device`: its number as st_rdev has it. `frame` is taken over. Needs an admit(). */
  constructor(readonly device: u64, frame: usize) {
    super();
    this.line = new LineBuffer(frame);
    memory.copy(this.termios, STANDARD_TERMIOS, TERMIOS2_SIZE);
  }

  /** Whether the device takes output now: at least 4096 bytes. */
  abstract get hasRoom(): bool;

  /** Gives bytes to the device; false when it has no memory for them. */
  abstract put(from: usize, length: usize): bool;

  /** For packet mode: TIOCPKT_* bits about something that happened. */
  notify(bits: u8): void {}

  /** An open file has come, or gone. */
  opened(): void {}
  closed(): void {}

  get inputFlags(): u32 {
    return load<u32>(this.termios, C_IFLAG);
  }

  get outputFlags(): u32 {
    return load<u32>(this.termios, C_OFLAG);
  }

  get localFlags(): u32 {
    return load<u32>(this.termios, C_LFLAG);
  }

  /** Whether programs read lines. */
  get isCanonical(): bool {
    return (this.localFlags & (ICANON | EXTPROC)) == ICANON;
  }

  /** The control character `index` (VINTR, ...); 0 is none. */
  control(index: usize): u8 {
    return load<u8>(this.termios + index, C_CC);
  }

  destroy(): void {
    freeBytes(this.termios);
    freeBytes(this.winsize);
    freeBytes(this.deferred);
    this.arrived.release();
    this.line.close();
    this.readable.close();
    this.writable.close();
  }
}
