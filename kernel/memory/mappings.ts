// SPDX-License-Identifier: MIT
// mmap, munmap, mprotect, mremap, madvise and brk on an address space: what they do to its areas, with every partial overlap.
// Arguments are page-aligned and checked for range by the system calls; limits of the process are theirs too.

import { EEXIST, EFAULT, ENOMEM } from "../abi/errno.ts";
import { MAP_ANONYMOUS, MAP_PRIVATE, PROT_EXEC, PROT_READ, PROT_WRITE } from "../abi/mman.ts";
import { MAX_AREAS } from "../lib/limits.ts";
import { Outcome } from "../lib/outcome.ts";
import { AddressSpace } from "./address-space.ts";
import { PAGE_SIZE, retainFrame } from "./frames.ts";
import { admit, free } from "./heap.ts";
import { MemoryArea } from "./memory-area.ts";
import { PageSource } from "./page-source.ts";
import { entryOf, nextMapped, PTE_FLAGS, PTE_WRITE, USER_END } from "./page-table.ts";

/** Lowest address that mmap gives or takes (vm.mmap_min_addr). */
export const LOWEST_ADDRESS: u64 = 0x10000;

/** How mapPages chooses the address. */
export const PLACE_HINT = 0; // near the address given, elsewhere if it is taken
export const PLACE_FIXED = 1; // there, replacing what is there
export const PLACE_FIXED_NOREPLACE = 2; // there, or EEXIST

/** Maps `length` bytes of `source` from `offset` (or anonymous memory); the address, -ENOMEM or -EEXIST. Retains the source. */
export function mapPages(
  space: AddressSpace,
  address: u64,
  length: u64,
  placement: i32,
  protection: i32,
  flags: i32,
  source: PageSource | null,
  offset: u64,
): Outcome {
  if (!admit() || space.areaCount >= MAX_AREAS) return -ENOMEM;
  let start = address;
  if (placement == PLACE_HINT) {
    if (start < LOWEST_ADDRESS || start > USER_END - length || !isFree(space, start, start + length)) start = findFree(space, length);
    if (start == 0) return -ENOMEM;
  } else if (placement == PLACE_FIXED_NOREPLACE) {
    if (!isFree(space, start, start + length)) return -EEXIST;
  } else {
    const outcome = unmapPages(space, start, start + length);
    if (outcome < 0) return outcome;
  }
  insert(space, new MemoryArea(start, start + length, protection, flags, source, offset));
  return start;
}

/** Removes every mapping of the range; 0, or -ENOMEM when a split finds no memory. */
export function unmapPages(space: AddressSpace, start: u64, end: u64): Outcome {
  const outcome = split(space, start, end);
  if (outcome < 0) return outcome;
  let previous: MemoryArea | null = null;
  let area = space.firstArea;
  while (area != null && area.start < end) {
    const next = area.next;
    if (area.end > start) {
      if (previous == null) space.firstArea = next;
      else previous.next = next;
      remove(space, area);
    } else {
      previous = area;
    }
    area = next;
  }
  return 0;
}

/** mprotect(2) on a range; -ENOMEM where a part is not mapped (what comes before it is changed). */
export function protectPages(space: AddressSpace, start: u64, end: u64, protection: i32): Outcome {
  const outcome = split(space, start, end);
  if (outcome < 0) return outcome;
  let at = start;
  let area = space.areaAt(start);
  while (area != null && at < end) {
    if (area.start > at) break;
    area.protection = protection;
    restrict(space, area);
    at = area.end;
    area = area.next;
  }
  mergeAround(space, start, end);
  space.flush();
  return at < end ? -ENOMEM : 0;
}

/** MADV_DONTNEED: the pages go; private ones come back as zeros or as the file says. -ENOMEM where a part is not mapped. */
export function discardPages(space: AddressSpace, start: u64, end: u64): Outcome {
  let at = start;
  let isWhole = true;
  let area = space.areaAt(start);
  while (area != null && area.start < end) {
    if (area.start > at) isWhole = false;
    space.dropPages(max(area.start, start), min(area.end, end));
    at = area.end;
    area = area.next;
  }
  return isWhole && at >= end ? 0 : -ENOMEM;
}

/** Moves the end of the heap; the new break, or the old one when it cannot (brk(2) as the kernel answers it). */
export function setBreak(space: AddressSpace, address: u64): u64 {
  const old = space.break;
  if (address < space.breakStart) return old;
  const oldEnd = pageUp(old);
  const newEnd = pageUp(address);
  if (newEnd < address || newEnd > USER_END) return old;
  if (newEnd > oldEnd) {
    // Linux keeps one page between the heap and the next mapping.
    if (!isFree(space, oldEnd, newEnd + PAGE_SIZE)) return old;
    const flags = MAP_PRIVATE | MAP_ANONYMOUS;
    if (mapPages(space, oldEnd, newEnd - oldEnd, PLACE_FIXED, PROT_READ | PROT_WRITE, flags, null, 0) < 0) return old;
  } else if (newEnd < oldEnd && unmapPages(space, newEnd, oldEnd) < 0) {
    return old;
  }
  space.break = address;
  return address;
}

/**
 * mremap(2) of the area that contains [old, old + oldLength): grows in place, or moves to `target` (0: anywhere) when that is
 * allowed. The new address, -EFAULT when the range is not in one area, -ENOMEM.
 */
export function remapPages(space: AddressSpace, old: u64, oldLength: u64, length: u64, mayMove: bool, target: u64): Outcome {
  const area = space.areaAt(old);
  if (area == null || area.start > old || old + oldLength > area.end) return -EFAULT;
  if (target == 0) {
    if (length <= oldLength) return length < oldLength && unmapPages(space, old + length, old + oldLength) < 0 ? <i64>-ENOMEM : old;
    if (old + oldLength == area.end && old + length <= USER_END && isFree(space, area.end, old + length)) {
      space.totalPages += (length - oldLength) >> 12;
      area.end = old + length;
      mergeAround(space, area.start, area.end);
      return old;
    }
    if (!mayMove) return -ENOMEM;
  }
  return move(space, area, old, oldLength, length, target);
}

function move(space: AddressSpace, area: MemoryArea, old: u64, oldLength: u64, length: u64, target: u64): Outcome {
  const protection = area.protection;
  const flags = area.flags;
  const source = area.source;
  const offset = area.offset + (old - area.start);
  // Once the pages are shared with the new place, taking away the old one must not fail.
  if (split(space, old, old + oldLength) < 0) return -ENOMEM;
  const placement = target == 0 ? PLACE_HINT : PLACE_FIXED;
  // The source must live through the unmapping that a fixed target may bring.
  if (source != null) source.retain();
  const address = mapPages(space, target, length, placement, protection, flags, source, offset);
  if (address >= 0) {
    const outcome = moveEntries(space, old, <u64>address, min(oldLength, length));
    if (outcome == 0) unmapPages(space, old, old + oldLength);
    else unmapPages(space, <u64>address, <u64>address + length);
    if (source != null) source.release();
    return outcome < 0 ? outcome : address;
  }
  if (source != null) source.release();
  return address;
}

/** Shares the frames of a range with a new place; the old place is unmapped next. */
function moveEntries(space: AddressSpace, from: u64, to: u64, length: u64): Outcome {
  const end = from + length;
  for (let va = nextMapped(space.root, from, end); va < end; va = nextMapped(space.root, va + PAGE_SIZE, end)) {
    const pte = load<u32>(entryOf(space.root, va, false));
    const entry = entryOf(space.root, to + (va - from), true);
    if (entry == 0) return -ENOMEM;
    retainFrame(pte & ~PTE_FLAGS);
    store<u32>(entry, pte);
    space.residentPages++;
  }
  return 0;
}

/** Whether nothing is mapped in [start, end). */
export function isFree(space: AddressSpace, start: u64, end: u64): bool {
  const area = space.areaAt(start);
  return area == null || area.start >= end;
}

/** The highest free range of `length` bytes below the top for mappings; 0 when there is none. */
function findFree(space: AddressSpace, length: u64): u64 {
  if (length > space.mapTop) return 0;
  const best = highestGap(space, length, space.mapTop);
  return best != 0 ? best : highestGap(space, length, USER_END);
}

function highestGap(space: AddressSpace, length: u64, top: u64): u64 {
  let best: u64 = 0;
  let low = LOWEST_ADDRESS;
  let area = space.firstArea;
  while (area != null) {
    const high = min(area.start, top);
    if (high > low && high - low >= length) best = high - length;
    low = max(low, area.end);
    area = area.next;
  }
  if (top > low && top - low >= length) best = top - length;
  return best;
}

/** Makes area borders at both ends of the range. */
function split(space: AddressSpace, start: u64, end: u64): Outcome {
  const outcome = splitAt(space, start);
  return outcome < 0 ? outcome : splitAt(space, end);
}

function splitAt(space: AddressSpace, va: u64): Outcome {
  const area = space.areaAt(va);
  if (area == null || area.start >= va) return 0;
  if (!admit() || space.areaCount >= MAX_AREAS) return -ENOMEM;
  const upper = new MemoryArea(va, area.end, area.protection, area.flags, area.source, area.offset + (va - area.start));
  upper.next = area.next;
  area.next = upper;
  area.end = va;
  space.areaCount++;
  space.forgetRecent();
  return 0;
}

/** Links an area whose range is free. */
function insert(space: AddressSpace, area: MemoryArea): void {
  let previous: MemoryArea | null = null;
  let next = space.firstArea;
  while (next != null && next.start < area.start) {
    previous = next;
    next = next.next;
  }
  area.next = next;
  if (previous == null) space.firstArea = area;
  else previous.next = area;
  space.areaCount++;
  space.totalPages += area.pages;
  mergeAround(space, area.start, area.end);
}

/** Joins neighbours that show the same thing, within and at the borders of a range. */
function mergeAround(space: AddressSpace, start: u64, end: u64): void {
  space.forgetRecent();
  let area = space.firstArea;
  while (area != null && area.start <= end) {
    const next = area.next;
    if (next != null && next.start >= start && next.start <= end && area.continuesInto(next)) {
      area.end = next.end;
      area.next = next.next;
      const source = next.source;
      if (source != null) source.release();
      free(next);
      space.areaCount--;
    } else {
      area = next;
    }
  }
}

/** An area that is off the list: its pages, its source, its memory. */
function remove(space: AddressSpace, area: MemoryArea): void {
  space.forgetRecent();
  space.dropPages(area.start, area.end);
  space.totalPages -= area.pages;
  space.areaCount--;
  const source = area.source;
  if (source != null) source.release();
  free(area);
}

/** Gives the pages that are there the rights of their area; writing still faults first, which sorts out who shares what. */
function restrict(space: AddressSpace, area: MemoryArea): void {
  const rights = area.rights & ~PTE_WRITE;
  for (let va = nextMapped(space.root, area.start, area.end); va < area.end; va = nextMapped(space.root, va + PAGE_SIZE, area.end)) {
    const entry = entryOf(space.root, va, false);
    // An entry without rights keeps its frame: it is found again when the rights come back.
    store<u32>(entry, (load<u32>(entry) & ~PTE_FLAGS) | rights);
  }
}

function pageUp(address: u64): u64 {
  return (address + (PAGE_SIZE - 1)) & ~(<u64>PAGE_SIZE - 1);
}
