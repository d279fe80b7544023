// SPDX-License-Identifier: MIT
// Software TLBs of the running address space: for reads, for writes and for instructions; direct mapped. It answers only with what
// was put in; the memory layer flushes when a mapping changes, the hart fills after translate().
//
//   entry:  + 0  u64  tag      page address; EMPTY when unused
//           + 8  u32  addend   what to add to a guest address (mod 2^32) to get the linear-memory address;
//                              for instructions: the decoded page (memory/code-cache.ts)
//           +12  u32  spare
//
// The hart compares the tag with `va & (PAGE | size - 1)`, so that misaligned accesses miss as well.

import { markRange } from "./dirty.ts";
import { TLB_JOURNALS, TLBS } from "./layout.ts";

const ENTRIES: usize = 512;
const ENTRY_SIZE: usize = 16;
const TABLE_SIZE: usize = ENTRIES * ENTRY_SIZE;
/** `(va >> TLB_SHIFT) & TLB_MASK` is the offset of the entry for an address. */
export const TLB_SHIFT: u64 = 8;
export const TLB_MASK: usize = TABLE_SIZE - ENTRY_SIZE;
export const TLB_ADDEND: usize = 8;

export const TLB_PAGE: u64 = 0xfffffffffffff000;
/** No masked address has bit 3. */
const EMPTY: u64 = 8;

/** Per table: the entries filled since the last flush, so that a flush costs what was used. */
const JOURNAL_LIMIT: u32 = 128;
const JOURNAL_SIZE: usize = 4 + 4 * 128;

export const READ_TLB: usize = TLBS;
export const WRITE_TLB: usize = TLBS + 8192;
export const EXEC_TLB: usize = TLBS + 16384;
const READ_JOURNAL: usize = TLB_JOURNALS;
const WRITE_JOURNAL: usize = TLB_JOURNALS + 516;
const EXEC_JOURNAL: usize = TLB_JOURNALS + 1032;

/** Changes whenever code that is being executed may have gone stale; the hart then fetches anew. */
// @ts-ignore: decorator
@derived
export let fetchEpoch: u32 = 0;

// A table of zeros would claim to map page 0.
empty(READ_TLB, READ_JOURNAL);
empty(WRITE_TLB, WRITE_JOURNAL);
empty(EXEC_TLB, EXEC_JOURNAL);

/** Forgets everything: another address space, or many changed mappings. */
export function flushTlb(): void {
  flush(READ_TLB, READ_JOURNAL);
  flush(WRITE_TLB, WRITE_JOURNAL);
  flushExecTlb();
}

/** Forgets one page. */
export function flushTlbPage(va: u64): void {
  flushEntry(READ_TLB, va);
  flushEntry(WRITE_TLB, va);
  flushEntry(EXEC_TLB, va);
  fetchEpoch++;
}

/** Forgets write access: pages became copy-on-write or are to be watched. */
export function flushWriteTlb(): void {
  flush(WRITE_TLB, WRITE_JOURNAL);
}

export function flushExecTlb(): void {
  flush(EXEC_TLB, EXEC_JOURNAL);
  fetchEpoch++;
}

export function fillRead(va: u64, frame: usize): void {
  fill(READ_TLB, READ_JOURNAL, va, <u32>frame - <u32>(va & TLB_PAGE));
}

/** From here on the hart writes the frame without asking: it counts as written. */
export function fillWrite(va: u64, frame: usize): void {
  markRange(frame, 4096);
  fill(WRITE_TLB, WRITE_JOURNAL, va, <u32>frame - <u32>(va & TLB_PAGE));
}

export function fillExec(va: u64, code: usize): void {
  fill(EXEC_TLB, EXEC_JOURNAL, va, <u32>code);
}

/** The entry's addend when the table maps the page of va; see isMapped. */
// @ts-ignore: decorator
@inline
export function addendOf(table: usize, va: u64): u32 {
  return load<u32>(table + (<usize>(va >> TLB_SHIFT) & TLB_MASK), TLB_ADDEND);
}

// @ts-ignore: decorator
@inline
export function isMapped(table: usize, va: u64): bool {
  return load<u64>(table + (<usize>(va >> TLB_SHIFT) & TLB_MASK)) == (va & TLB_PAGE);
}

/** Visits every valid entry of a table. */
export function forEachTlbEntry(table: usize, visit: (va: u64, addend: u32) => void): void {
  for (let entry = table; entry < table + TABLE_SIZE; entry += ENTRY_SIZE) {
    const tag = load<u64>(entry);
    if (tag != EMPTY) visit(tag, load<u32>(entry, TLB_ADDEND));
  }
}

function fill(table: usize, journal: usize, va: u64, addend: u32): void {
  const entry = table + (<usize>(va >> TLB_SHIFT) & TLB_MASK);
  store<u64>(entry, va & TLB_PAGE);
  store<u32>(entry, addend, TLB_ADDEND);
  const filled = load<u32>(journal);
  store<u32>(journal, filled + 1);
  if (filled < JOURNAL_LIMIT) store<u32>(journal + (<usize>filled << 2), <u32>entry, 4);
}

function flush(table: usize, journal: usize): void {
  const filled = load<u32>(journal);
  if (filled > JOURNAL_LIMIT) {
    empty(table, journal);
    return;
  }
  for (let i: usize = 0; i < <usize>filled; i++) store<u64>(load<u32>(journal + (i << 2), 4), EMPTY);
  store<u32>(journal, 0);
}

function flushEntry(table: usize, va: u64): void {
  if (isMapped(table, va)) store<u64>(table + (<usize>(va >> TLB_SHIFT) & TLB_MASK), EMPTY);
}

function empty(table: usize, journal: usize): void {
  for (let entry = table; entry < table + TABLE_SIZE; entry += ENTRY_SIZE) store<u64>(entry, EMPTY);
  store<u32>(journal, 0);
}
