// SPDX-License-Identifier: MIT
// A bug of our own: one sentence to the host, then a trap. Nothing that a guest does may lead here.

import { FINDING_PANIC, FINDING_USE_AFTER_FREE } from "../abi/boundary.ts";
import { finding } from "../host.ts";

let isPending: bool = false;

/** Whether a finding that ends the run was reported since the last question. */
export function takeFinding(): bool {
  const was = isPending;
  isPending = false;
  return was;
}

export function panic(sentence: string): void {
  report(FINDING_PANIC, sentence);
  unreachable();
}

/** Tells the host about a finding; the sentence is a static ASCII string. */
export function report(kind: i32, sentence: string): void {
  if (kind == FINDING_PANIC || kind == FINDING_USE_AFTER_FREE) isPending = true;
  const length = min(sentence.length, 255);
  for (let i = 0; i < length; i++) store<u8>(SENTENCE + i, <u8>sentence.charCodeAt(i));
  finding(kind, SENTENCE, length);
}

const SENTENCE = memory.data(256);

/** What the compiler calls for a failed assert() and the like (asconfig.json, `use`): says where, then traps. */
export function abort(message: string | null, file: string | null, line: u32, column: u32): void {
  panic(message == null ? "kernel abort without a message" : message);
}
