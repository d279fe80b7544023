// SPDX-License-Identifier: MIT
// Physical memory: 4 KiB frames of the linear memory with a reference count each. Guest pages, page cache, page tables and
// slabs all come from here. It never blocks and never reclaims: who finds it empty reports ENOMEM or kills.
//
// A frame is named by its address in linear memory (layout.ts; a multiple of 4096); 0 is no frame.

import { ALLOCATION_FRAMES } from "../abi/boundary.ts";
import { FRAMES_PER_TASK, MAX_FRAMES, PID_MAX } from "../lib/limits.ts";
import { dropCode, frameTag } from "./code-cache.ts";
import { markStore } from "./dirty.ts";
import { FIRST_FRAME, frameAfter, REFS } from "./layout.ts";

export const PAGE_SHIFT: usize = 12;
export const PAGE_SIZE: usize = 4096;
export const PAGE_OFFSET_MASK: u64 = 4095;

/** Frames that only the kernel's own small objects may take, so that admit() can promise them. */
const RESERVE: i32 = 64;
/** Linear memory grows by an eighth, at least by this many wasm pages (64 KiB each): each time costs the engine something. */
const LEAST_GROWTH: i32 = 16;

// The word of a free frame in REFS: one of these and the number of the next free one. A FREE frame's contents belong to nobody, a ZEROED
// one holds zeros. What kernel/check may make of a wrong count, a few below zero, looks like neither.
const FREE: u32 = 0x80000000;
const ZEROED: u32 = 0xc0000000;
const NUMBER_MASK: u32 = 0xfffff;

let limit: i32 = MAX_FRAMES;
let used: i32 = 0;
let next: usize = FIRST_FRAME;
/** Number of the first free frame, or 0. */
let freeList: u32 = 0;
/** The same of the free frames that hold zeros. */
let zeroedList: u32 = 0;
/** Where the frames begin that hold zeros because nobody ever had them. A restored machine has had some beyond `next`. */
// @ts-ignore: decorator
@derived
let untouched: usize = FIRST_FRAME;
/** Where linear memory ends; 0: not asked yet. A restored machine keeps what it has grown to. */
// @ts-ignore: decorator
@derived
let end: usize = 0;
let zeros: usize = 0;
let failAfter: i64 = -1;
/** Of which allocations one fails: ALLOCATION_*. */
let failing: u32 = 0;
/** So many that mappings of the zero frame can count like all others and never free it. */
export const ZERO_FRAME_REFS: u32 = 0x40000000;

/** Sets the memory limit in frames; what is in use already stays. */
export function setFrameLimit(frames: i32): void {
  limit = min(frames, MAX_FRAMES);
}

export function framesInUse(): i32 {
  return used;
}

export function frameLimit(): i32 {
  return limit;
}

/** Tasks that can exist (/proc/sys/kernel/threads-max): a matter of memory, as in Linux. */
export function maxTasks(): i32 {
  return min(limit / FRAMES_PER_TASK, PID_MAX);
}

/** Frames that guests can still get. */
export function freeFrames(): i32 {
  return max(0, limit - RESERVE - used);
}

/**
 * For tests: of the allocations of these kinds (ALLOCATION_*) the one after the next `count` ones fails, once; a negative count ends it.
 * What was left of the count before: negative when the failure has happened.
 */
export function failAllocation(count: i64, kinds: u32): i64 {
  const left = failAfter;
  failAfter = count;
  failing = kinds;
  return left;
}

/** Whether the allocation of this kind that is asked for now is the one that is to fail. */
// @ts-ignore: decorator
@inline
export function isToFail(kind: u32): bool {
  return failAfter >= 0 && (failing & kind) != 0 && failAfter-- == 0;
}

/**
 * A frame with one reference, or 0 when memory is exhausted. Its contents are undefined and not the same after a restore: who takes it
 * fills all of it.
 */
export function allocFrame(): usize {
  return used >= limit - RESERVE || isToFail(ALLOCATION_FRAMES) ? 0 : take();
}

/** As allocFrame, zero filled. */
export function allocZeroedFrame(): usize {
  if (used >= limit - RESERVE || isToFail(ALLOCATION_FRAMES)) return 0;
  if (zeroedList != 0) return own(takeZeroed());
  const isNew = freeList == 0 && next >= untouched;
  const frame = take();
  if (frame != 0 && !isNew) memory.fill(frame, 0, PAGE_SIZE);
  return frame;
}

/** Gives a frame back that has one reference and holds zeros, so that whoever needs zeros finds them. */
export function releaseZeroedFrame(frame: usize): void {
  assert(frameRefs(frame) == 1, "a frame of zeros released that somebody still has");
  store<u32>(info(frame), ZEROED | zeroedList);
  zeroedList = <u32>(frame >> PAGE_SHIFT);
  used--;
}

/** Whether every free frame of zeros holds nothing else. */
export function areZeroedFramesClean(): bool {
  for (let frame = <usize>zeroedList << PAGE_SHIFT; frame != 0; frame = frameBehind(frame)) {
    for (let at: usize = 0; at < PAGE_SIZE; at += 8) if (load<u64>(frame + at) != 0) return false;
  }
  return true;
}

/** A frame of zeros for what the kernel keeps; may use the reserve. */
export function allocKernelFrame(): usize {
  const frame: usize = isToFail(ALLOCATION_FRAMES) ? 0 : allocPromisedFrame();
  if (frame != 0) memory.fill(frame, 0, PAGE_SIZE);
  return frame;
}

/** A frame for objects that admit() has promised. */
export function allocPromisedFrame(): usize {
  return used >= limit ? 0 : take();
}

/** The frame of zeros that every untouched anonymous page shows; never written, never freed. */
export function zeroFrame(): usize {
  if (zeros == 0) {
    zeros = allocPromisedFrame();
    memory.fill(zeros, 0, PAGE_SIZE);
    store<u32>(info(zeros), ZERO_FRAME_REFS);
  }
  return zeros;
}

/** Contiguous frames for a static table, made when the module starts; never freed, not counted. 0 when linear memory cannot grow. */
export function allocRun(frames: i32): usize {
  const run = next;
  if (!growTo(run + (<usize>frames << PAGE_SHIFT))) return 0;
  next = run + (<usize>frames << PAGE_SHIFT);
  return run;
}

/** Where the frames that were ever used end. */
export function framesEnd(): usize {
  return next;
}

/** Whether the frame's contents matter. (Static tables count no references.) */
export function hasContents(frame: usize): bool {
  return (load<u32>(info(frame)) & ~NUMBER_MASK) != FREE;
}

// @ts-ignore: decorator
@inline
function info(frame: usize): usize {
  return REFS + ((frame >> PAGE_SHIFT) << 2);
}

/** How many refer to the frame; 0 when it is free. */
export function frameRefs(frame: usize): u32 {
  const word = load<u32>(info(frame));
  const kind = word & ~NUMBER_MASK;
  return kind == FREE || kind == ZEROED ? 0 : word;
}

/** Whether an address lies among the frames: everything below is static data. */
export function isInFrames(address: usize): bool {
  return address >= FIRST_FRAME;
}

/** For kernel/check, which takes every reference away that it can explain, looks at what is left, and gives them back. */
export function changeFrameRefs(frame: usize, change: i32): void {
  store<u32>(info(frame), load<u32>(info(frame)) + change);
}

/** Visits every frame that was ever used and has references now. */
export function forEachReferencedFrame(visit: (frame: usize) => void): void {
  for (let frame = FIRST_FRAME; frame < next; frame = frameAfter(frame)) if (frameRefs(frame) != 0) visit(frame);
}

export function retainFrame(frame: usize): void {
  const at = info(frame);
  store<u32>(at, load<u32>(at) + 1);
}

/** Drops a reference; true when it was the last one and the frame is free now. */
export function releaseFrame(frame: usize): bool {
  const at = info(frame);
  const refs = load<u32>(at);
  assert(<i32>refs > 0, "frame released more often than retained");
  if (refs > 1) {
    store<u32>(at, refs - 1);
    return false;
  }
  if (frameTag(frame) != 0) dropCode(frame);
  store<u32>(at, FREE | freeList);
  freeList = <u32>(frame >> PAGE_SHIFT);
  used--;
  return true;
}

function take(): usize {
  let frame = <usize>freeList << PAGE_SHIFT;
  if (frame != 0) {
    freeList = <u32>(frameBehind(frame) >> PAGE_SHIFT);
  } else if (zeroedList != 0) {
    frame = takeZeroed();
  } else {
    frame = next;
    if (!growTo(frame + PAGE_SIZE)) return 0;
    next = frameAfter(frame);
    untouched = max(untouched, next);
  }
  return own(frame);
}

function takeZeroed(): usize {
  const frame = <usize>zeroedList << PAGE_SHIFT;
  zeroedList = <u32>(frameBehind(frame) >> PAGE_SHIFT);
  return frame;
}

/** The frame that follows in a list of free ones, or 0. */
function frameBehind(frame: usize): usize {
  return <usize>(load<u32>(info(frame)) & NUMBER_MASK) << PAGE_SHIFT;
}

/** It counts as written: also a frame whose zeros nobody had to write belongs to the next snapshot. */

function own(frame: usize): usize {
  used++;
  markStore(frame, 0);
  store<u32>(info(frame), 1);
  return frame;
}

/** Makes linear memory reach to `address`; false when it cannot. */
export function growTo(address: usize): bool {
  if (end == 0) end = <usize>memory.size() << 16;
  while (address > end) {
    const needed = <i32>((address - end + 0xffff) >> 16);
    let pages = max(max(LEAST_GROWTH, needed), <i32>(end >> 19));
    if (memory.grow(pages) < 0) {
      pages = needed;
      if (memory.grow(pages) < 0) return false;
    }
    end += <usize>pages << 16;
  }
  return true;
}
