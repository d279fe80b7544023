// SPDX-License-Identifier: MIT
// Decoded code, a page of records (cpu/operations.ts) per frame that guests execute. Derived state: it can be dropped at any time, a
// guest cannot see it, and it is no part of a snapshot. It does not decode; it hands out empty pages and takes them back.
//
//   decoded page:  | frame u32, next free u32, 8 spare | 2048 records of 16 bytes | end record |
//                                                      ^ what is passed around
//
// As long as a frame has a decoded page, no write-TLB entry leads to that frame: a store takes the slow path and drops the page.

import { growTo } from "./frames.ts";
import { CODE_PAGE_SIZE, CODE_PAGES, CODE_TAGS, codePlace } from "./layout.ts";
import { flushExecTlb, flushWriteTlb } from "./tlb.ts";

const HEADER: usize = 16;
const RECORDS_SIZE: usize = 32768;

/** Decoded pages ever used; when all are, the oldest give way. */
// @ts-ignore: decorator
@derived
let used: u32 = 0;
// @ts-ignore: decorator
@derived
let freeList: usize = 0;
// @ts-ignore: decorator
@derived
let victim: u32 = 0;

/** The record that follows the last one of a page has this operation (OP_PAGE_END). */
const END_OPERATION: u16 = 1;

/** The frame's decoded page, or 0. */
// @ts-ignore: decorator
@inline
export function frameTag(frame: usize): u32 {
  return load<u32>(CODE_TAGS + ((frame >> 12) << 2));
}

function setFrameTag(frame: usize, tag: u32): void {
  store<u32>(CODE_TAGS + ((frame >> 12) << 2), tag);
}

export function hasCode(frame: usize): bool {
  return frameTag(frame) != 0;
}

/** The frame that a decoded page was made from. */
export function codeFrame(code: usize): usize {
  return load<u32>(code - HEADER);
}

/** The frame's decoded page; a new one has no record decoded. */
export function codeOf(frame: usize): usize {
  const known = <usize>frameTag(frame);
  if (known != 0) return known;
  const code = take();
  memory.fill(code, 0, RECORDS_SIZE);
  store<u16>(code + RECORDS_SIZE, END_OPERATION);
  store<u32>(code - HEADER, <u32>frame);
  setFrameTag(frame, <u32>code);
  flushWriteTlb();
  return code;
}

/** The frame's contents change or the frame is freed: its decoded page goes. */
export function dropCode(frame: usize): void {
  const code = <usize>frameTag(frame);
  if (code == 0) return;
  setFrameTag(frame, 0);
  store<u32>(code - HEADER, 0);
  store<u32>(code - HEADER, <u32>freeList, 4);
  freeList = code;
  flushExecTlb();
}

/** Drops everything. */
export function dropAllCode(): void {
  for (let i: u32 = 0; i < used; i++) {
    const frame = codeFrame(nth(i));
    if (frame != 0) dropCode(frame);
  }
}

function take(): usize {
  if (freeList == 0) {
    if (used < CODE_PAGES && growTo(codePlace(used) + CODE_PAGE_SIZE)) return nth(used++);
    assert(used > 0, "no memory for decoded code at all");
    dropCode(codeFrame(nth(victim++ % used)));
  }
  const code = freeList;
  freeList = load<u32>(code - HEADER, 4);
  return code;
}

function nth(index: u32): usize {
  return codePlace(index) + HEADER;
}
