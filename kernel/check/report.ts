// SPDX-License-Identifier: MIT
// What the checks found, as text in the transfer buffer: one line for each broken invariant, the first LINES of them.

import { BUFFER } from "../lib/tracing.ts";
import { decimal } from "../lib/decimal.ts";
import { classOf } from "../memory/heap.ts";
import { className } from "../class-names.ts";

const LINES = 20;

let at: usize = BUFFER;
let lines: i32 = 0;

export function beginReport(): void {
  at = BUFFER;
  lines = 0;
}

/** The report's length in bytes: 0 when everything holds. */
export function endReport(): u32 {
  return <u32>(at - BUFFER);
}

/** "SUBJECT: WHAT is FOUND, expected EXPECTED" */
export function wrong(subject: string, what: string, found: i64, expected: i64): void {
  if (++lines > LINES) return;
  writeText(subject);
  writeRest(what, found, expected);
}

/** As wrong(), about an object, which is named by its class (by that one's number, if it has no name). */
export function wrongIn(object: usize, what: string, found: i64, expected: i64): void {
  if (++lines > LINES) return;
  writeObject(object);
  writeRest(what, found, expected);
}

function writeRest(what: string, found: i64, expected: i64): void {
  writeText(": ");
  writeText(what);
  writeText(" is ");
  writeNumber(found);
  writeText(", expected ");
  writeNumber(expected);
  writeText("\n");
}

/** wrong() unless the two are equal. */
export function expectIn(object: usize, what: string, found: i64, expected: i64): void {
  if (found != expected) wrongIn(object, what, found, expected);
}

/** wrong() unless it holds. */
export function require(object: usize, what: string, holds: bool): void {
  if (!holds) wrongIn(object, what, 0, 1);
}

function writeObject(object: usize): void {
  const name = className(classOf(object));
  if (name.length == 0) writeNumber(classOf(object));
  else writeText(name);
}

function writeText(text: string): void {
  for (let i = 0; i < text.length; i++) store<u8>(at++, <u8>text.charCodeAt(i));
}

function writeNumber(value: i64): void {
  if (value < 0) store<u8>(at++, 0x2d);
  at += decimal(at, <u64>abs(value));
}
