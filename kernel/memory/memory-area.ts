// SPDX-License-Identifier: MIT
// One mapping: a range of pages with the same rights and the same source. Areas of an address space form a list sorted by
// address, and never overlap.

import { MAP_SHARED, PROT_EXEC, PROT_READ, PROT_WRITE } from "../abi/mman.ts";
import { PTE_EXECUTE, PTE_READ, PTE_VALID, PTE_WRITE } from "./page-table.ts";
import { PageSource } from "./page-source.ts";

export class MemoryArea {
  next: MemoryArea | null = null;

  /** Takes its own reference to `source`. `offset`: bytes into the source, a multiple of the page size. */
  constructor(
    public start: u64,
    public end: u64,
    public protection: i32,
    /** MAP_SHARED or MAP_PRIVATE, and MAP_GROWSDOWN for a stack. */
    public flags: i32,
    public source: PageSource | null,
    public offset: u64,
  ) {
    if (source != null) source.retain();
  }

  get isShared(): bool {
    return (this.flags & MAP_SHARED) != 0;
  }

  get pages(): u64 {
    return (this.end - this.start) >> 12;
  }

  /** Index into the source of the page at `va`. */
  pageIndex(va: u64): u64 {
    return (this.offset + (va - this.start)) >> 12;
  }

  /** Rights of a page that may be used as the area says. A writable page is readable (the ISA reserves W without R). */
  get rights(): u32 {
    const protection = this.protection;
    let rights: u32 = 0;
    if ((protection & (PROT_READ | PROT_WRITE)) != 0) rights |= PTE_READ;
    if ((protection & PROT_WRITE) != 0) rights |= PTE_WRITE;
    if ((protection & PROT_EXEC) != 0) rights |= PTE_EXECUTE;
    return rights == 0 ? 0 : rights | PTE_VALID;
  }

  /** Whether the area that starts where this one ends shows the same thing in the same way. */
  continuesInto(following: MemoryArea): bool {
    return (
      this.end == following.start &&
      this.protection == following.protection &&
      this.flags == following.flags &&
      this.source == following.source &&
      (this.source == null || this.offset + (this.end - this.start) == following.offset)
    );
  }
}
