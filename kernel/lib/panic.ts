// SPDX-License-Identifier: MIT
// A bug of our own: one sentence to the host, then a trap. Nothing that a guest does may lead here.

import { FINDING_PANIC } from "../abi/boundary.ts";
import { finding } from "../host.ts";

export function panic(sentence: string): void {
  report(FINDING_PANIC, sentence);
  unreachable();
}

/** Tells the host about a finding; the sentence is a static ASCII string. */
export function report(kind: i32, sentence: string): void {
  const length = min(sentence.length, 255);
  for (let i = 0; i < length; i++) store<u8>(SENTENCE + i, <u8>sentence.charCodeAt(i));
  finding(kind, SENTENCE, length);
}

const SENTENCE = memory.data(256);
