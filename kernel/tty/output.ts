// SPDX-License-Identifier: MIT
// From what programs write (and what is echoed) to what the device gets: c_oflag (termios(3), OPOST), the column that tabs and
// erasing need, and stopped output. Linux's drivers/tty/n_tty.c is the model.

import { IUTF8, OCRNL, OLCUC, ONLCR, ONLRET, ONOCR, OPOST, TABDLY, TIOCPKT_START, TIOCPKT_STOP, XTABS } from "../abi/termios.ts";
import { spendSteps } from "../lib/effort.ts";
import { DEFERRED_SIZE, Tty } from "./tty.ts";

export const BACKSPACE: u8 = 0x08;
export const TAB: u8 = 0x09;
export const NEWLINE: u8 = 0x0a;
export const RETURN: u8 = 0x0d;
export const SPACE: u8 = 0x20;
const DELETE: u8 = 0x7f;
const TAB_WIDTH: u32 = 8;

/** One byte becomes at most this many (a tab). */
export const LARGEST_OUTPUT: usize = 8;
const STAGE_SIZE: usize = 4096;
const stage = memory.data(4096);
let staged: usize = 0;

/** Bytes that a program writes; the device has room for LARGEST_OUTPUT times as many. False: no memory. */
export function writeOut(tty: Tty, from: usize, length: usize): bool {
  const isProcessed = (tty.outputFlags & OPOST) != 0;
  for (let i: usize = 0; i < length; i++) {
    if (isProcessed) putProcessed(tty, load<u8>(from + i));
    else putRaw(tty, load<u8>(from + i));
  }
  return flushOut(tty);
}

/** One byte of echo: as a program's output would go. flushOut() follows. */
export function putByte(tty: Tty, byte: u8): void {
  if ((tty.outputFlags & OPOST) != 0) putProcessed(tty, byte);
  else putRaw(tty, byte);
}

/** One byte as it is, without a look at the settings. */
export function putRaw(tty: Tty, byte: u8): void {
  if (tty.isStopped) {
    if (tty.deferredLength < DEFERRED_SIZE) store<u8>(tty.deferred + tty.deferredLength++, byte);
    return;
  }
  store<u8>(stage + staged++, byte);
  if (staged == STAGE_SIZE) flushOut(tty);
}

/** Hands over what the put functions have collected. False: no memory for it. */
export function flushOut(tty: Tty): bool {
  const length = staged;
  spendSteps(length);
  staged = 0;
  return length == 0 || tty.put(stage, length);
}

/** Output stops: by key or, `byCall`, by tcflow(3), and then no key starts it. */
export function stopOutput(tty: Tty, byCall: bool): void {
  if (byCall) tty.isStoppedByCall = true;
  if (tty.isStopped) return;
  flushOut(tty);
  tty.isStopped = true;
  tty.notify(<u8>TIOCPKT_STOP);
}

export function startOutput(tty: Tty, byCall: bool): void {
  if (byCall) tty.isStoppedByCall = false;
  if (!tty.isStopped || tty.isStoppedByCall) return;
  tty.isStopped = false;
  tty.notify(<u8>TIOCPKT_START);
  const length = tty.deferredLength;
  tty.deferredLength = 0;
  if (length > 0) tty.put(tty.deferred, length);
  tty.writable.wake();
}

/** iscntrl(3) as the kernel has it. */
export function isControl(byte: u8): bool {
  return byte < SPACE || byte == DELETE;
}

/** Whether it goes on with a character of several bytes. */
export function isContinuation(tty: Tty, byte: u8): bool {
  return (tty.inputFlags & IUTF8) != 0 && (byte & 0xc0) == 0x80;
}

function putProcessed(tty: Tty, byte: u8): void {
  const flags = tty.outputFlags;
  switch (<u32>byte) {
    case NEWLINE:
      putNewline(tty, flags);
      return;
    case RETURN:
      putReturn(tty, flags);
      return;
    case TAB: {
      const width = TAB_WIDTH - (tty.column & (TAB_WIDTH - 1));
      tty.column += width;
      if ((flags & TABDLY) != XTABS) break;
      for (let i: u32 = 0; i < width; i++) putRaw(tty, SPACE);
      return;
    }
    case BACKSPACE:
      if (tty.column > 0) tty.column--;
      break;
    default:
      if (isControl(byte)) break;
      if (!isContinuation(tty, byte)) tty.column++;
      if ((flags & OLCUC) != 0 && byte >= 0x61 && byte <= 0x7a) byte -= 0x20;
  }
  putRaw(tty, byte);
}

function putNewline(tty: Tty, flags: u32): void {
  if ((flags & (ONLRET | ONLCR)) != 0) tty.column = 0;
  tty.canonColumn = tty.column;
  if ((flags & ONLCR) != 0) putRaw(tty, RETURN);
  putRaw(tty, NEWLINE);
}

function putReturn(tty: Tty, flags: u32): void {
  if ((flags & ONOCR) != 0 && tty.column == 0) return;
  if ((flags & OCRNL) == 0 || (flags & ONLRET) != 0) {
    tty.column = 0;
    tty.canonColumn = 0;
  }
  putRaw(tty, (flags & OCRNL) != 0 ? NEWLINE : RETURN);
}
