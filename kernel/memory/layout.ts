// SPDX-License-Identifier: MIT
// Where things lie in linear memory, in bytes. Guests see none of it.
//
//   0 ........... static data | REFS u32[] | CODE_TAGS u32[] | FIRST_FRAME: frames 2 MiB, code 2 MiB, frames, code, ... | frames ...
//
// Static data, REFS and the frames in use are the machine's state (state.ts). Tags, decoded code and DERIVED, a part of the static data,
// can be dropped at any time. Decoded code has places of its own among the frames, so that where a frame lies does not depend on it.

import { MAX_FRAMES } from "../lib/limits.ts";

/** PAGE_SIZE of frames.ts, which needs this file first. */
const PAGE: usize = 4096;

/** TLBs and their journals (tlb.ts), the record across two pages (cpu/fetch.ts), and which pages were written (dirty.ts). */
export const DERIVED: usize = memory.data(569344, 4096);
export const DERIVED_SIZE: usize = 569344;
export const TLBS: usize = DERIVED;
export const TLB_JOURNALS: usize = DERIVED + 24576;
export const CROSSING: usize = DERIVED + 26624;
/** A byte per frame number. */
export const DIRTY: usize = DERIVED + 28672;

/** Addresses below the first frame, and static tables among the frames, are not counted by the limit: 64 MiB for them. */
const UNCOUNTED: i32 = 1 << 14;
/** Frames of linear memory that have a number (address >> 12). */
export const FRAME_NUMBERS: i32 = MAX_FRAMES + UNCOUNTED;

const TABLE_SIZE: usize = <usize>FRAME_NUMBERS << 2;
/** Per frame number: the reference count, or while the frame is free the next free one (frames.ts). */
export const REFS: usize = (__heap_base + PAGE - 1) & ~(PAGE - 1);
/** Per frame number: its decoded page, or 0 (code-cache.ts). */
export const CODE_TAGS: usize = REFS + TABLE_SIZE;
export const FIRST_FRAME: usize = CODE_TAGS + TABLE_SIZE;

const SPAN: usize = 2 << 20;
const CODE_SPANS: usize = 16;
export const CODE_PAGE_SIZE: usize = 16 + 32768 + 16;
const PAGES_PER_SPAN: u32 = 63;
/** Decoded pages (code-cache.ts) that there is room for: 32 MiB. */
export const CODE_PAGES: u32 = 16 * 63;

/** The place of a decoded page, 0 <= index < CODE_PAGES. */
export function codePlace(index: u32): usize {
  return FIRST_FRAME + <usize>(index / PAGES_PER_SPAN) * (2 * SPAN) + SPAN + <usize>(index % PAGES_PER_SPAN) * CODE_PAGE_SIZE;
}

/** The frame that comes after one. */
export function frameAfter(frame: usize): usize {
  const offset = frame + PAGE - FIRST_FRAME;
  const isCode = offset % (2 * SPAN) == SPAN && offset < CODE_SPANS * 2 * SPAN;
  return frame + PAGE + (isCode ? SPAN : 0);
}
