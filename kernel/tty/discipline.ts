// SPDX-License-Identifier: MIT
// From what arrives from the device to what programs read: signals from keys, flow control, lines and their editing, echo
// (termios(3)). Linux's drivers/tty/n_tty.c is the model. There are no breaks and no parity errors here.

import { SIGINT, SIGQUIT, SIGTSTP } from "../abi/signal.ts";
import {
  ECHO, ECHOCTL, ECHONL, EXTPROC, ICANON, ICRNL, IEXTEN, IGNCR, INLCR, ISIG, ISTRIP, IUCLC, IXANY, IXON, NOFLSH, PARMRK, TIOCPKT_DOSTOP,
  TIOCPKT_FLUSHREAD, TIOCPKT_FLUSHWRITE, TIOCPKT_NOSTOP, VEOF, VEOL, VEOL2, VERASE, VINTR, VKILL, VLNEXT, VQUIT, VREPRINT, VSTART, VSTOP,
  VSUSP, VWERASE,
} from "../abi/termios.ts";
import { spendSteps } from "../lib/effort.ts";
import { UserBuffer } from "../memory/user-buffer.ts";
import { echo, echoTyped, erase, finishErasing, has, reprint } from "./echo.ts";
import { END_MARK } from "./line-buffer.ts";
import { BACKSPACE, flushOut, NEWLINE, putByte, RETURN, startOutput, stopOutput } from "./output.ts";
import { sessions } from "./sessions.ts";
import { settle, TERMIOS2_SIZE } from "./termios.ts";
import { Tty } from "./tty.ts";

const NONE: u8 = 0;
const CARET: u8 = 0x5e;
const ALL_ONES: u8 = 0xff;
const CHUNK_SIZE: u32 = 256;
const chunk = memory.data(256);
const claim = new UserBuffer();

/** Looks at what has arrived, as far as there is room for it; wakes readers, and whoever waits to give more. */
export function receiveArrived(tty: Tty): void {
  const had = tty.arrived.length;
  while (!tty.arrived.isEmpty) {
    const room = makeRoom(tty);
    if (room == 0) break;
    const length = <u32>tty.arrived.take(claim.setKernel(chunk, min(room, CHUNK_SIZE)));
    spendSteps(length);
    for (let i: u32 = 0; i < length; i++) receive(tty, load<u8>(chunk + i));
    if (!tty.isCanonical && tty.line.count > 0) tty.readable.wake();
  }
  flushOut(tty);
  if (tty.arrived.length != had) tty.arrived.writable.wake();
}

/** TCSETS: other settings, a struct termios2 in kernel memory. */
export function changeSettings(tty: Tty, from: usize): void {
  const wasCanonical = tty.isCanonical;
  const hadFlowControl = (tty.inputFlags & IXON) != 0;
  const couldStop = hasUsualFlowKeys(tty);
  memory.copy(tty.termios, from, TERMIOS2_SIZE);
  settle(tty.termios);
  if (wasCanonical != tty.isCanonical) {
    tty.line.changeMode(tty.isCanonical);
    tty.isErasing = false;
    tty.isLiteralNext = false;
  }
  if (hadFlowControl && (tty.inputFlags & IXON) == 0) startOutput(tty, false);
  if (couldStop != hasUsualFlowKeys(tty)) tty.notify(<u8>(couldStop ? TIOCPKT_NOSTOP : TIOCPKT_DOSTOP));
  receiveArrived(tty);
  tty.writable.wake();
  tty.readable.wake();
}

/** Forgets what was typed and not read (tcflush(3)). */
export function flushInput(tty: Tty): void {
  tty.line.clear();
  tty.isErasing = false;
  tty.notify(<u8>TIOCPKT_FLUSHREAD);
  receiveArrived(tty);
}

/** The device is gone for good: what is on the line may be read as if it had been ended. */
export function endInput(tty: Tty): void {
  tty.isInputOver = true;
  if (tty.isCanonical && tty.line.head != tty.line.canonHead) tty.line.pushEnd(END_MARK);
  tty.readable.wake();
}

/**
 * How many bytes may be looked at now. With no whole line to read, what is too much for the line is taken all the same, so that
 * editing keys work: each byte then replaces the last.
 */
function makeRoom(tty: Tty): u32 {
  const line = tty.line;
  const room = line.room;
  if (room > 0) return (tty.inputFlags & PARMRK) != 0 ? max<u32>(<u32>room / 3, 1) : <u32>room;
  if (!tty.isCanonical || line.canonHead != line.tail) return 0;
  if (room < 0) line.head--;
  return 1;
}

function receive(tty: Tty, byte: u8): void {
  const input = tty.inputFlags;
  if ((input & ISTRIP) != 0) byte &= 0x7f;
  if ((input & IUCLC) != 0 && has(tty, IEXTEN) && byte >= 0x41 && byte <= 0x5a) byte |= 0x20;
  if (has(tty, EXTPROC)) {
    tty.line.push(byte);
  } else if (tty.isLiteralNext) {
    tty.isLiteralNext = false;
    startAtAny(tty);
    receiveOrdinary(tty, byte, false);
  } else if (byte == NONE || !receiveKey(tty, byte)) {
    startAtAny(tty);
    receiveMapped(tty, byte);
  }
}

/** Keys that do something and stand for no character; false: it is none. */
function receiveKey(tty: Tty, byte: u8): bool {
  if ((tty.inputFlags & IXON) != 0) {
    if (byte == tty.control(VSTART)) {
      startOutput(tty, false);
      return true;
    }
    if (byte == tty.control(VSTOP)) {
      stopOutput(tty, false);
      return true;
    }
  }
  if (!has(tty, ISIG)) return false;
  if (byte == tty.control(VINTR)) return sendSignal(tty, byte, SIGINT);
  if (byte == tty.control(VQUIT)) return sendSignal(tty, byte, SIGQUIT);
  if (byte == tty.control(VSUSP)) return sendSignal(tty, byte, SIGTSTP);
  return false;
}

function sendSignal(tty: Tty, key: u8, signo: i32): bool {
  if (!has(tty, NOFLSH)) {
    tty.line.clear();
    tty.isErasing = false;
    tty.deferredLength = 0;
    tty.notify(<u8>(TIOCPKT_FLUSHREAD | TIOCPKT_FLUSHWRITE));
  }
  sessions().signalForeground(tty, signo);
  if ((tty.inputFlags & IXON) != 0) startOutput(tty, false);
  if (has(tty, ECHO)) echo(tty, key);
  return true;
}

/** A character, after the mapping of CR and NL; in canonical mode it may edit or end the line. */
function receiveMapped(tty: Tty, byte: u8): void {
  const input = tty.inputFlags;
  const isMapped = has(tty, ICANON) || (input & INLCR) != 0 || byte == RETURN;
  if (byte == RETURN && (input & IGNCR) != 0) return;
  if (byte == RETURN && (input & ICRNL) != 0) byte = NEWLINE;
  else if (byte == NEWLINE && (input & INLCR) != 0) byte = RETURN;
  if (has(tty, ICANON) && byte != NONE && edit(tty, byte)) return;
  receiveOrdinary(tty, byte, isMapped && byte == NEWLINE);
}

/** IXANY: any character starts stopped output. */
function startAtAny(tty: Tty): void {
  const both = IXON | IXANY;
  if (tty.isStopped && (tty.inputFlags & both) == both) startOutput(tty, false);
}

/** Editing and ending lines; false: an ordinary character. */
function edit(tty: Tty, byte: u8): bool {
  const isExtended = has(tty, IEXTEN);
  if (byte == tty.control(VERASE) || byte == tty.control(VKILL) || (byte == tty.control(VWERASE) && isExtended)) {
    erase(tty, byte);
    return true;
  }
  if (byte == tty.control(VLNEXT) && isExtended) {
    tty.isLiteralNext = true;
    if (has(tty, ECHO)) finishErasing(tty);
    if (has(tty, ECHO) && has(tty, ECHOCTL)) {
      putByte(tty, CARET);
      putByte(tty, BACKSPACE);
    }
    return true;
  }
  if (byte == tty.control(VREPRINT) && has(tty, ECHO) && isExtended) {
    reprint(tty, byte);
    return true;
  }
  if (byte == NEWLINE) {
    if (has(tty, ECHO) || has(tty, ECHONL)) putByte(tty, NEWLINE);
    endLine(tty, byte);
    return true;
  }
  if (byte == tty.control(VEOF)) {
    endLine(tty, END_MARK);
    return true;
  }
  if (byte == tty.control(VEOL) || (byte == tty.control(VEOL2) && isExtended)) {
    if (has(tty, ECHO)) echoTyped(tty, byte);
    endLine(tty, byte);
    return true;
  }
  return false;
}

function endLine(tty: Tty, byte: u8): void {
  tty.line.pushEnd(byte);
  tty.readable.wake();
}

/** `isNewline`: it ends a line on the screen; a newline that was typed literally shows as ^J. */
function receiveOrdinary(tty: Tty, byte: u8, isNewline: bool): void {
  if (has(tty, ECHO) && isNewline) {
    finishErasing(tty);
    putByte(tty, NEWLINE);
  } else if (has(tty, ECHO)) {
    echoTyped(tty, byte);
  }
  if (byte == ALL_ONES && (tty.inputFlags & PARMRK) != 0) tty.line.push(byte);
  tty.line.push(byte);
}

/** Whether ^S and ^Q stop and start output, which the other side of a pseudo-terminal may do itself (TIOCPKT). */
function hasUsualFlowKeys(tty: Tty): bool {
  return (tty.inputFlags & IXON) != 0 && tty.control(VSTOP) == 0x13 && tty.control(VSTART) == 0x11;
}
