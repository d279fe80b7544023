// SPDX-License-Identifier: MIT
// What the user sees of what is typed: echo, and the erasing of what was typed (termios(3), ECHO...). Linux's drivers/tty/n_tty.c is
// the model, down to how many columns a tab takes back.

import { ECHO, ECHOCTL, ECHOE, ECHOK, ECHOKE, ECHOPRT, VERASE, VKILL, VWERASE } from "../abi/termios.ts";
import { spendSteps } from "../lib/effort.ts";
import { BACKSPACE, isContinuation, isControl, NEWLINE, putByte, putRaw, SPACE, TAB } from "./output.ts";
import { Tty } from "./tty.ts";

const CARET: u8 = 0x5e;
const BACKSLASH: u8 = 0x5c;
const SLASH: u8 = 0x2f;
const UNDERSCORE: u8 = 0x5f;
/** From a control character to its letter. */
const LETTER: u8 = 0x40;

export function has(tty: Tty, flag: u32): bool {
  return (tty.localFlags & flag) != 0;
}

/** Shows a character, a control character as ^X where that is asked for. */
export function echo(tty: Tty, byte: u8): void {
  if (has(tty, ECHOCTL) && isControl(byte) && byte != TAB) {
    putRaw(tty, CARET);
    putRaw(tty, byte ^ LETTER);
    tty.column += 2;
  } else {
    putByte(tty, byte);
  }
}

/** Shows a character of the line; the first one marks where the line begins on the screen. */
export function echoTyped(tty: Tty, byte: u8): void {
  finishErasing(tty);
  if (tty.line.canonHead == tty.line.head) tty.canonColumn = tty.column;
  echo(tty, byte);
}

/** Ends \erased/ (ECHOPRT). */
export function finishErasing(tty: Tty): void {
  if (!tty.isErasing) return;
  putByte(tty, SLASH);
  tty.isErasing = false;
}

/** The line once more, on a new one (VREPRINT). */
export function reprint(tty: Tty, key: u8): void {
  finishErasing(tty);
  echo(tty, key);
  putByte(tty, NEWLINE);
  const line = tty.line;
  for (let at = line.canonHead; at != line.head; at++) echo(tty, line.at(at));
}

/** VERASE, VWERASE or VKILL: takes a character, a word or all of the line back. */
export function erase(tty: Tty, key: u8): void {
  const line = tty.line;
  if (line.head == line.canonHead) return;
  const isCharacter = key == tty.control(VERASE);
  const isWord = !isCharacter && key == tty.control(VWERASE);
  if (!isCharacter && !isWord && killAtOnce(tty)) return;

  let seenWord = false;
  while (line.head != line.canonHead) {
    const start = characterStart(tty);
    const byte = line.at(start);
    if (isContinuation(tty, byte)) break; // the beginning of it is not in the line: nothing is erased by halves
    if (isWord) {
      if (isWordByte(byte)) seenWord = true;
      else if (seenWord) break;
    }
    const length = line.head - start;
    line.head = start;
    if (has(tty, ECHO)) showErased(tty, byte, length, isCharacter);
    if (isCharacter) break;
  }
  if (line.head == line.canonHead && has(tty, ECHO)) finishErasing(tty);
}

/** VKILL where the line is not to be taken back character by character. */
function killAtOnce(tty: Tty): bool {
  const line = tty.line;
  if (has(tty, ECHO) && has(tty, ECHOK) && has(tty, ECHOKE) && has(tty, ECHOE)) return false;
  line.head = line.canonHead;
  if (!has(tty, ECHO)) return true;
  finishErasing(tty);
  echo(tty, tty.control(VKILL));
  if (has(tty, ECHOK)) putByte(tty, NEWLINE);
  return true;
}

/** Where the last character of the line, which may have several bytes, begins. */
function characterStart(tty: Tty): u32 {
  const line = tty.line;
  let start = line.head - 1;
  while (start != line.canonHead && isContinuation(tty, line.at(start))) start--;
  return start;
}

/** `byte` and the rest of its character (`length` bytes in all) have just left the line. */
function showErased(tty: Tty, byte: u8, length: u32, isCharacter: bool): void {
  const line = tty.line;
  if (has(tty, ECHOPRT)) {
    if (!tty.isErasing) putByte(tty, BACKSLASH);
    tty.isErasing = true;
    echo(tty, byte);
    for (let i: u32 = 1; i < length; i++) {
      putByte(tty, line.at(line.head + i));
      if (tty.column > 0) tty.column--;
    }
  } else if (isCharacter && !has(tty, ECHOE)) {
    echo(tty, tty.control(VERASE));
  } else if (byte == TAB) {
    eraseTab(tty);
  } else if (!isControl(byte)) {
    eraseColumn(tty);
  } else if (has(tty, ECHOCTL)) {
    eraseColumn(tty);
    eraseColumn(tty);
  }
}

function eraseColumn(tty: Tty): void {
  putByte(tty, BACKSPACE);
  putByte(tty, SPACE);
  putByte(tty, BACKSPACE);
}

/** Goes back over a tab: to where the characters since the tab before it, or since the line began, end. */
function eraseTab(tty: Tty): void {
  const line = tty.line;
  let columns: u32 = 0;
  let at = line.head;
  let isAfterTab = false;
  while (at != line.canonHead && !isAfterTab) {
    const byte = line.at(--at);
    if (byte == TAB) isAfterTab = true;
    else if (isControl(byte)) columns += has(tty, ECHOCTL) ? 2 : 0;
    else if (!isContinuation(tty, byte)) columns++;
  }
  spendSteps(line.head - at);
  if (!isAfterTab) columns += tty.canonColumn;
  for (let back = 8 - (columns & 7); back > 0; back--) {
    putRaw(tty, BACKSPACE);
    if (tty.column > 0) tty.column--;
  }
}

/** Letters and digits, Latin-1 ones included, as the kernel's isalnum(). */
function isWordByte(byte: u8): bool {
  if (byte >= 0xc0) return byte != 0xd7 && byte != 0xf7;
  const folded = byte | 0x20;
  return (folded >= 0x61 && folded <= 0x7a) || (byte >= 0x30 && byte <= 0x39) || byte == UNDERSCORE;
}
