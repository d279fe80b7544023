// SPDX-License-Identifier: MIT
// The machine's own terminal, /dev/console: its device is the terminal of whoever hosts the machine, which passes bytes through as
// they are typed and shows what it gets. Without one, what is written goes to the host's standard output.

import { CONSOLE_TERMINAL } from "../abi/boundary.ts";
import { OPOST } from "../abi/termios.ts";
import { consoleWrite } from "../host.ts";
import { allocKernelFrame } from "../memory/frames.ts";
import { RefCounted } from "../memory/ref-counted.ts";
import { UserBuffer } from "../memory/user-buffer.ts";
import { endInput, receiveArrived } from "./discipline.ts";
import { hangUp } from "./hang-up.ts";
import { resizeTerminal } from "./terminal-ioctl.ts";
import { C_OFLAG } from "./termios.ts";
import { Tty, WINSIZE_SIZE } from "./tty.ts";

/** /dev/console: major 5, minor 1. */
export const CONSOLE_DEVICE: u64 = (5 << 8) | 1;
const DEFAULT_ROWS: u16 = 24;
const DEFAULT_COLUMNS: u16 = 80;

const size = memory.data(8, 2);
const claim = new UserBuffer();

class Console extends Tty {
  /** The host's stream that shows it (CONSOLE_*). */
  stream: i32 = 1;

  get hasRoom(): bool {
    return true;
  }

  put(from: usize, length: usize): bool {
    consoleWrite(this.stream, from, length);
    return true;
  }
}

let console: Console | null = null;

/**
 * At boot: the host has a terminal, or not; and whether it is what the machine reads. Otherwise the host's terminal goes on treating
 * lines itself, and does not need that twice.
 */
export function makeConsole(isTerminal: bool, isRead: bool): void {
  const made = new Console(CONSOLE_DEVICE, allocKernelFrame());
  if (isTerminal) made.stream = CONSOLE_TERMINAL;
  if (!isRead) {
    made.isInputOver = true;
    store<u32>(made.termios, made.outputFlags & ~OPOST, C_OFLAG);
  }
  store<u16>(made.winsize, isTerminal ? DEFAULT_ROWS : 0);
  store<u16>(made.winsize, isTerminal ? DEFAULT_COLUMNS : 0, 2);
  console = made;
}

/** The console's terminal (borrowed). */
export function consoleTty(): Tty {
  return console!;
}

/** What was typed, `length` bytes; how many there was room for. */
export function typeAtConsole(from: usize, length: usize): i32 {
  const tty = console!;
  if (tty.isInputOver) return 0;
  const taken = tty.arrived.put(claim.setKernel(from, length), false, true);
  receiveArrived(tty);
  return <i32>max(taken, 0);
}

/** Nobody will type any more: programs find the end of the file after what was typed. */
export function endConsoleTyping(): void {
  endInput(console!);
}

/** The host's terminal has gone away. */
export function hangUpConsole(): void {
  const tty = console!;
  hangUp(tty);
  endInput(tty);
}

export function resizeConsole(rows: u16, columns: u16): void {
  memory.fill(size, 0, WINSIZE_SIZE);
  store<u16>(size, rows);
  store<u16>(size, columns, 2);
  resizeTerminal(console!, size);
}

/** Whether somebody sleeps until something is typed: to read it, or because ^S has stopped output. */
export function isConsoleAwaited(): bool {
  const tty = console!;
  return !tty.isInputOver && (!tty.readable.isEmpty || (tty.isStopped && !tty.writable.isEmpty));
}

/** Calls `visit` with the console while there is one: the kernel itself owns it. */
export function forConsole(visit: (object: RefCounted) => void): void {
  if (console != null) visit(console!);
}

/** At power-off. */
export function dropConsole(): void {
  console!.release();
  console = null;
}
