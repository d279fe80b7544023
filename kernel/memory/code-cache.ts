// SPDX-License-Identifier: MIT
// Decoded code, a page of records (cpu/operations.ts) per frame that guests execute. Derived state: it can be dropped at any time, a
// guest cannot see it, and it is no part of a snapshot. It does not decode; it hands out empty pages and takes them back.
//
//   decoded page:  | frame u32, next free u32, 8 spare | 2048 records of 16 bytes | end record |
//                                                      ^ what is passed around
//
// As long as a frame has a decoded page, no write-TLB entry leads to that frame: a store takes the slow path and drops the page.

import { allocRun, frameTag, setFrameTag } from "./frames.ts";
import { flushExecTlb, flushWriteTlb } from "./tlb.ts";

const HEADER: usize = 16;
const RECORDS_SIZE: usize = 32768;
const END_SIZE: usize = 16;
const CODE_PAGE_SIZE: usize = HEADER + RECORDS_SIZE + END_SIZE;
/** Grows by a run of 65 frames, which hold eight decoded pages. */
const RUN_FRAMES: i32 = 65;
const PAGES_PER_RUN: u32 = 8;
/** 32 MiB at most; then the oldest give way. */
const MAX_RUNS: u32 = 128;

const runs: usize = memory.data(4 * 128, 4);
let runCount: u32 = 0;
let freeList: usize = 0;
let victim: u32 = 0;

/** The record that follows the last one of a page has this operation (OP_PAGE_END). */
const END_OPERATION: u16 = 1;

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
  for (let i: u32 = 0; i < runCount * PAGES_PER_RUN; i++) {
    const frame = codeFrame(nth(i));
    if (frame != 0) dropCode(frame);
  }
}

function take(): usize {
  if (freeList == 0 && !grow()) dropCode(codeFrame(nth(victim++ % (runCount * PAGES_PER_RUN))));
  const code = freeList;
  freeList = load<u32>(code - HEADER, 4);
  return code;
}

function grow(): bool {
  if (runCount == MAX_RUNS) return false;
  const run = allocRun(RUN_FRAMES);
  if (run == 0) {
    assert(runCount > 0, "no memory for decoded code at all");
    return false;
  }
  store<u32>(runs + (<usize>runCount << 2), <u32>run);
  runCount++;
  for (let i = PAGES_PER_RUN; i > 0; i--) {
    const code = nth((runCount - 1) * PAGES_PER_RUN + i - 1);
    store<u32>(code - HEADER, 0);
    store<u32>(code - HEADER, <u32>freeList, 4);
    freeList = code;
  }
  return true;
}

function nth(index: u32): usize {
  const run = <usize>load<u32>(runs + (<usize>(index / PAGES_PER_RUN) << 2));
  return run + <usize>(index % PAGES_PER_RUN) * CODE_PAGE_SIZE + HEADER;
}
