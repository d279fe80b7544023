// SPDX-License-Identifier: MIT
// Address spaces: areas are sorted and apart, counts of pages are true, no page is mapped outside of an area or with more rights than
// its area has, a writable private page has no other user, and the TLBs say what the page tables say.

import { AddressSpace } from "../memory/address-space.ts";
import { codeFrame, frameTag } from "../memory/code-cache.ts";
import { frameRefs } from "../memory/frames.ts";
import { classOf, forEachObject } from "../memory/heap.ts";
import { entryOf, forEachEntry, PTE_EXECUTE, PTE_FLAGS, PTE_READ, PTE_WRITE, USER_END } from "../memory/page-table.ts";
import { EXEC_TLB, forEachTlbEntry, READ_TLB, WRITE_TLB } from "../memory/tlb.ts";
import { currentSpace } from "../memory/translate.ts";
import { expectIn, require } from "./report.ts";

let space: AddressSpace | null = null;
let mapped: u64 = 0;
let right: u32 = 0;

export function checkSpaces(): void {
  forEachObject(checkObject);
  space = currentSpace();
  if (space == null) return;
  checkTlb(READ_TLB, PTE_READ);
  checkTlb(WRITE_TLB, PTE_WRITE);
  checkTlb(EXEC_TLB, PTE_EXECUTE);
}

function checkObject(object: usize): void {
  if (classOf(object) == idof<AddressSpace>()) checkSpace(changetype<AddressSpace>(object));
}

function checkSpace(one: AddressSpace): void {
  const object = changetype<usize>(one);
  let pages: u64 = 0;
  let areas = 0;
  let end: u64 = 0;
  let area = one.firstArea;
  while (area != null) {
    require(object, "an area above the one before it", area.start >= end && area.end > area.start && area.end <= USER_END);
    require(object, "an area on page boundaries", ((area.start | area.end | area.offset) & 4095) == 0);
    pages += area.pages;
    areas++;
    end = area.end;
    area = area.next;
  }
  expectIn(object, "its number of areas", one.areaCount, areas);
  expectIn(object, "its number of pages", one.totalPages, pages);
  space = one;
  mapped = 0;
  forEachEntry(one.root, checkEntry);
  expectIn(object, "its number of resident pages", one.residentPages, mapped);
}

function checkEntry(va: u64, entry: usize): void {
  mapped++;
  const one = space!;
  const object = changetype<usize>(one);
  const pte = load<u32>(entry);
  const area = one.areaAt(va);
  if (area == null || va < area.start) {
    require(object, "an area around each page", false);
    return;
  }
  require(object, "a page's rights within its area's", (pte & PTE_FLAGS & ~area.rights) == 0);
  const isWritable = (pte & PTE_WRITE) != 0 && !area.isShared;
  if (isWritable) expectIn(object, "the count of users of a writable private page", frameRefs(pte & ~PTE_FLAGS), 1);
}

function checkTlb(table: usize, needed: u32): void {
  right = needed;
  forEachTlbEntry(table, checkTlbEntry);
}

function checkTlbEntry(va: u64, addend: u32): void {
  const object = changetype<usize>(space);
  const entry = entryOf(space!.root, va, false);
  const pte: u32 = entry == 0 ? 0 : load<u32>(entry);
  require(object, "a right in the page table for a right in a TLB", (pte & right) != 0);
  const frame = <usize>(pte & ~PTE_FLAGS);
  if (frame == 0) return;
  if (right == PTE_EXECUTE) expectIn(object, "the frame behind decoded code", codeFrame(addend), frame);
  else expectIn(object, "the frame behind a TLB entry", addend + <u32>va, <u32>frame);
  if (right == PTE_WRITE) expectIn(object, "decoded code behind a writable TLB entry", frameTag(frame), 0);
}
