// SPDX-License-Identifier: MIT
// Which pages of linear memory were written since the host last cleared the marks (host/core/snapshot.ts): a byte per page. Nobody calls
// this in the source: the build puts a call in front of every store, memory.copy and memory.fill of the kernel
// (scripts/asc-state.mjs). Only three kinds of stores have none: those of the hart to guest pages, which the filling of a write TLB entry
// marks; those to the registers, whose page the host takes along always; and those to what is derived (TLBs, decoded code, these marks).

import { PAGE_SHIFT } from "./frames.ts";
import { DIRTY } from "./layout.ts";

/** A store of at most 8 bytes to address + offset, which lies in one page; gives the address back. */
export function markStore(address: usize, offset: usize): usize {
  store<u8>(DIRTY + ((address + offset) >> PAGE_SHIFT), 1);
  return address;
}

/** The range [start, start + length) is written; gives the length back. */
export function markRange(start: usize, length: usize): usize {
  if (length == 0) return length;
  const last = (start + length - 1) >> PAGE_SHIFT;
  for (let page = start >> PAGE_SHIFT; page <= last; page++) markStore(page << PAGE_SHIFT, 0);
  return length;
}
