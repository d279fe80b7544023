// SPDX-License-Identifier: MIT
// Reading an address space from outside. Unlike a copy of the kernel's own (user.ts) it enters no page, costs no effort and sets no
// fault, so that a run that is watched is the same as one that is not.

import { AddressSpace } from "./address-space.ts";
import { PAGE_OFFSET_MASK, PAGE_SIZE, zeroFrame } from "./frames.ts";
import { PAGE_OUT_OF_MEMORY } from "./page-source.ts";
import { entryOf, PTE_FLAGS, PTE_READ, USER_END } from "./page-table.ts";

/** Copies to `to`; how many bytes came before the first page that the program could not read. */
export function peekMemory(space: AddressSpace, to: usize, from: u64, length: usize): usize {
  let done: usize = 0;
  while (done < length) {
    const page = pageOf(space, from);
    if (page == 0) break;
    const offset = <usize>(from & PAGE_OFFSET_MASK);
    const part = min(length - done, PAGE_SIZE - offset);
    memory.copy(to + done, page + offset, part);
    done += part;
    from += part;
  }
  return done;
}

/** The frame that a read would find; a hole of a mapped file is filled. */
function pageOf(space: AddressSpace, va: u64): usize {
  if (va >= USER_END) return 0;
  let area = space.firstArea;
  while (area != null && area.end <= va) area = area.next;
  if (area == null || va < area.start || (area.rights & PTE_READ) == 0) return 0;
  const entry = entryOf(space.root, va, false);
  const pte = entry == 0 ? 0 : load<u32>(entry);
  if (pte != 0) return pte & ~PTE_FLAGS;
  const source = area.source;
  if (source == null) return zeroFrame();
  const page = source.page(area.pageIndex(va), false);
  return page == PAGE_OUT_OF_MEMORY ? 0 : page;
}
