// SPDX-License-Identifier: MIT
// Physical memory: 4 KiB frames of the linear memory with a reference count each. Guest pages, page cache, page tables and
// slabs all come from here. It never blocks and never reclaims: who finds it empty reports ENOMEM or kills.
//
//   0 ............ __heap_base     FRAMES_START                                limit
//   | static data  | FrameInfo[MAX] | frame | frame | frame | ... grown lazily |
//
// A frame is named by its address in linear memory (a multiple of 4096); 0 is no frame.

import { ALLOCATION_FRAMES } from "../abi/boundary.ts";
import { FRAMES_PER_TASK, MAX_FRAMES, PID_MAX } from "../lib/limits.ts";
import { dropCode } from "./code-cache.ts";

export const PAGE_SHIFT: usize = 12;
export const PAGE_SIZE: usize = 4096;
export const PAGE_OFFSET_MASK: u64 = 4095;


/** Frames that only the kernel's own small objects may take, so that admit() can promise them. */
const RESERVE: i32 = 64;
/** Linear memory grows by an eighth, at least by this many wasm pages (64 KiB each): each time costs the engine something. */
const LEAST_GROWTH: i32 = 16;

// Per frame, indexed by address >> 12: reference count u32, code cache tag u32 (memory/code-cache.ts).
const INFO_SIZE_SHIFT: usize = 3;
const INFO: usize = (__heap_base + 15) & ~15;
/** Addresses below the first frame, and runs (decoded code) among the frames, are not counted by the limit: 64 MiB for them. */
const UNCOUNTED: i32 = 1 << 14;
const FIRST: usize = (INFO + (<usize>(MAX_FRAMES + UNCOUNTED) << INFO_SIZE_SHIFT) + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1);

let limit: i32 = MAX_FRAMES;
let used: i32 = 0;
let next: usize = FIRST;
let freeList: usize = 0;
/** Free frames of zeros, but for the link in their first word. */
let zeroedList: usize = 0;
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

/** A frame with one reference and undefined contents for guest memory or file contents, or 0 when memory is exhausted. */
export function allocFrame(): usize {
  return used >= limit - RESERVE || isToFail(ALLOCATION_FRAMES) ? 0 : take();
}

/** As allocFrame, zero filled. */
export function allocZeroedFrame(): usize {
  if (used >= limit - RESERVE || isToFail(ALLOCATION_FRAMES)) return 0;
  const zeroed = zeroedList;
  if (zeroed != 0) {
    zeroedList = load<usize>(zeroed);
    store<usize>(zeroed, 0);
    return own(zeroed);
  }
  const isNew = freeList == 0; // never used: it holds zeros
  const frame = take();
  if (frame != 0 && !isNew) memory.fill(frame, 0, PAGE_SIZE);
  return frame;
}

/** Gives a frame back that has one reference and holds zeros, so that whoever needs zeros finds them. */
export function releaseZeroedFrame(frame: usize): void {
  assert(frameRefs(frame) == 1, "a frame of zeros released that somebody still has");
  store<u32>(info(frame), 0);
  store<usize>(frame, zeroedList);
  zeroedList = frame;
  used--;
}

/** Whether every free frame of zeros holds nothing else, but for its link. */
export function areZeroedFramesClean(): bool {
  for (let frame = zeroedList; frame != 0; frame = load<usize>(frame)) {
    for (let at: usize = 8; at < PAGE_SIZE; at += 8) if (load<u64>(frame + at) != 0) return false;
  }
  return true;
}

/** A frame for what the kernel keeps; may use the reserve. */
export function allocKernelFrame(): usize {
  return isToFail(ALLOCATION_FRAMES) ? 0 : allocPromisedFrame();
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

/** Contiguous storage for state that is derived and lives for ever (decoded code); never freed, not counted. */
export function allocRun(frames: i32): usize {
  const run = next;
  if (!growTo(run + (<usize>frames << PAGE_SHIFT))) return 0;
  next = run + (<usize>frames << PAGE_SHIFT);
  return run;
}

// @ts-ignore: decorator
@inline
function info(frame: usize): usize {
  return INFO + ((frame >> PAGE_SHIFT) << INFO_SIZE_SHIFT);
}

export function frameRefs(frame: usize): u32 {
  return load<u32>(info(frame));
}

/** The code cache's per-frame word; 0 when the frame has no decoded code. */
// @ts-ignore: decorator
@inline
export function frameTag(frame: usize): u32 {
  return load<u32>(info(frame), 4);
}

// @ts-ignore: decorator
@inline
export function setFrameTag(frame: usize, tag: u32): void {
  store<u32>(info(frame), tag, 4);
}

/** Whether an address lies among the frames: everything below is static data. */
export function isInFrames(address: usize): bool {
  return address >= FIRST;
}

/** For kernel/check, which takes every reference away that it can explain, looks at what is left, and gives them back. */
export function changeFrameRefs(frame: usize, change: i32): void {
  store<u32>(info(frame), load<u32>(info(frame)) + change);
}

/** Visits every frame that was ever used and has references now. */
export function forEachReferencedFrame(visit: (frame: usize) => void): void {
  for (let frame = FIRST; frame < next; frame += PAGE_SIZE) if (frameRefs(frame) != 0) visit(frame);
}

export function retainFrame(frame: usize): void {
  const at = info(frame);
  store<u32>(at, load<u32>(at) + 1);
}

/** Drops a reference; true when it was the last one and the frame is free now. */
export function releaseFrame(frame: usize): bool {
  const at = info(frame);
  const refs = load<u32>(at);
  assert(refs > 0, "frame released more often than retained");
  store<u32>(at, refs - 1);
  if (refs > 1) return false;
  if (frameTag(frame) != 0) dropCode(frame);
  store<usize>(frame, freeList);
  freeList = frame;
  used--;
  return true;
}

function take(): usize {
  let frame = freeList;
  if (frame != 0) {
    freeList = load<usize>(frame);
  } else if (zeroedList != 0) {
    frame = zeroedList;
    zeroedList = load<usize>(frame);
  } else {
    frame = next;
    if (!growTo(frame + PAGE_SIZE)) return 0;
    next = frame + PAGE_SIZE;
  }
  return own(frame);
}

function own(frame: usize): usize {
  used++;
  store<u32>(info(frame), 1);
  return frame;
}

function growTo(address: usize): bool {
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
