// SPDX-License-Identifier: MIT
// The translation tree of one address space: 38 bits of user address in three levels, each table a slab cell or a frame.
// It maps addresses to frames and rights and knows nothing of areas, files or faults.
//
//   37      32 31       22 21       12 11          0
//   | root 6 | middle 10 | leaf 10   | page offset |        entry: frame address | rights (low 12 bits)
//
//   root (a slab cell):  | middle table u32 [64] | first used entry u16, last used entry u16 of each middle table [64] |

import { allocBytes, freeBytes } from "./heap.ts";
import { allocZeroedFrame, PAGE_SIZE, releaseZeroedFrame } from "./frames.ts";

/** User addresses are below this: the lower half of Sv39. */
export const USER_END: u64 = 1 << 38;

export const PTE_VALID: u32 = 1;
export const PTE_READ: u32 = 2;
export const PTE_WRITE: u32 = 4;
export const PTE_EXECUTE: u32 = 8;
export const PTE_FLAGS: u32 = 0xfff;

const ROOT_ENTRIES: usize = 64;
const TABLE_ENTRIES: u64 = 1024;
/** Bytes that one leaf table maps (4 MiB) and one middle table (4 GiB). */
const LEAF_SPAN: u64 = 1 << 22;
const MIDDLE_SPAN: u64 = 1 << 32;

/** Where a root keeps the ranges of its middle tables: programs use a few entries of each, and freeing looks at no others. */
const RANGES: usize = ROOT_ENTRIES << 2;

export function newRoot(): usize {
  return allocBytes(ROOT_ENTRIES << 3);
}

/** Address of the entry for a page, or 0 where no table exists; with `create`, 0 means out of memory. */
export function entryOf(root: usize, va: u64, create: bool): usize {
  const rootEntry = root + (<usize>(va >> 32) << 2);
  let middle = load<u32>(rootEntry);
  if (middle == 0) {
    if (!create) return 0;
    middle = newTable(rootEntry);
    if (middle == 0) return 0;
    store<u32>(rootEntry, <u32>(TABLE_ENTRIES - 1), RANGES); // empty: from the last to the first
  }
  const middleEntry = <usize>middle + ((<usize>(va >> 22) & 1023) << 2);
  let leaf = load<u32>(middleEntry);
  if (leaf == 0) {
    if (!create) return 0;
    leaf = newTable(middleEntry);
    if (leaf == 0) return 0;
    const index = <u16>((va >> 22) & 1023);
    store<u16>(rootEntry, min(load<u16>(rootEntry, RANGES), index), RANGES);
    store<u16>(rootEntry, max(load<u16>(rootEntry, RANGES + 2), index), RANGES + 2);
  }
  return <usize>leaf + ((<usize>(va >> 12) & 1023) << 2);
}

/** The first page address >= va and < end whose entry is valid, or end. Skips what has no tables. */
export function nextMapped(root: usize, va: u64, end: u64): u64 {
  while (va < end) {
    const middle = <usize>load<u32>(root + (<usize>(va >> 32) << 2));
    if (middle == 0) {
      va = (va | (MIDDLE_SPAN - 1)) + 1;
      continue;
    }
    const leaf = <usize>load<u32>(middle + ((<usize>(va >> 22) & 1023) << 2));
    if (leaf == 0) {
      va = leafEnd(va);
      continue;
    }
    const stop = min(end, leafEnd(va));
    for (; va < stop; va += PAGE_SIZE) {
      if (load<u32>(leaf + ((<usize>(va >> 12) & 1023) << 2)) != 0) return va;
    }
  }
  return end;
}

/** Where the leaf table of a page ends: up to there, the entries of neighbouring pages are neighbours. */
export function leafEnd(va: u64): u64 {
  return (va | (LEAF_SPAN - 1)) + 1;
}

/** Visits every valid entry, and tells which page it is of. */
export function forEachEntry(root: usize, visit: (va: u64, entry: usize) => void): void {
  for (let i: u64 = 0; i < <u64>ROOT_ENTRIES; i++) {
    const rootEntry = root + (<usize>i << 2);
    if (load<u32>(rootEntry) == 0) continue;
    const start = i * MIDDLE_SPAN + <u64>load<u16>(rootEntry, RANGES) * LEAF_SPAN;
    const end = i * MIDDLE_SPAN + (<u64>load<u16>(rootEntry, RANGES + 2) + 1) * LEAF_SPAN;
    for (let va = nextMapped(root, start, end); va < end; va = nextMapped(root, va + PAGE_SIZE, end)) visit(va, entryOf(root, va, false));
  }
}

/** Visits the frame of every table below the root. */
export function forEachTable(root: usize, visit: (table: usize) => void): void {
  for (let i: usize = 0; i < ROOT_ENTRIES; i++) {
    const middle = <usize>load<u32>(root + (i << 2));
    if (middle == 0) continue;
    const last = <usize>load<u16>(root + (i << 2), RANGES + 2);
    for (let j = <usize>load<u16>(root + (i << 2), RANGES); j <= last; j++) {
      const leaf = <usize>load<u32>(middle + (j << 2));
      if (leaf != 0) visit(leaf);
    }
    visit(middle);
  }
}

/** Frees the tables, as frames of zeros: the entries have been cleared by whoever owns the references they held. */
export function freeTables(root: usize): void {
  for (let i: usize = 0; i < ROOT_ENTRIES; i++) {
    const middle = <usize>load<u32>(root + (i << 2));
    if (middle == 0) continue;
    const last = <usize>load<u16>(root + (i << 2), RANGES + 2);
    for (let j = <usize>load<u16>(root + (i << 2), RANGES); j <= last; j++) {
      const leaf = <usize>load<u32>(middle + (j << 2));
      if (leaf != 0) releaseZeroedFrame(leaf);
      store<u32>(middle + (j << 2), 0);
    }
    releaseZeroedFrame(middle);
  }
  freeBytes(root);
}

function newTable(entry: usize): u32 {
  const table = allocZeroedFrame();
  if (table == 0) return 0;
  store<u32>(entry, <u32>table);
  return <u32>table;
}
