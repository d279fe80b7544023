// SPDX-License-Identifier: MIT
// An address space: its areas, its page tables, and demand paging. Pages appear at the first access: from the shared zero
// frame, from a file's page cache, or as private copies; fork shares them until somebody writes. What mmap and its
// relatives do to areas is in memory/mappings.ts.

import { MAP_GROWSDOWN } from "../abi/mman.ts";
import { BUS_ADRERR, SEGV_ACCERR, SEGV_MAPERR, SIGBUS, SIGSEGV } from "../abi/signal.ts";
import { allocFrame, allocZeroedFrame, frameRefs, PAGE_OFFSET_MASK, PAGE_SHIFT, PAGE_SIZE, releaseFrame, retainFrame, zeroFrame } from "./frames.ts";
import { admit, free } from "./heap.ts";
import { MemoryArea } from "./memory-area.ts";
import { PAGE_OUT_OF_MEMORY, PageSource } from "./page-source.ts";
import { entryOf, freeTables, leafEnd, newRoot, nextMapped, PTE_EXECUTE, PTE_FLAGS, PTE_READ, PTE_VALID, PTE_WRITE, USER_END } from "./page-table.ts";
import { RefCounted } from "./ref-counted.ts";
import { flushTlb, flushTlbPage, flushWriteTlb } from "./tlb.ts";
import { ACCESS_EXEC, ACCESS_WRITE, currentSpace, setCurrentSpace, setFault, setOutOfMemory } from "./translate.ts";

/** Linux leaves 256 pages between a growing stack and the area below it (stack_guard_gap). */
const STACK_GUARD: u64 = 256 << 12;

/** Head of the list of all address spaces. */
let newest: AddressSpace | null = null;

export class AddressSpace extends RefCounted {
  private newer: AddressSpace | null = null;
  private older: AddressSpace | null = newest;
  firstArea: MemoryArea | null = null;
  areaCount: i32 = 0;
  /** Pages of all areas, and pages that have a frame. */
  totalPages: u64 = 0;
  residentPages: u64 = 0;
  root: usize = newRoot();

  /** Top-down mappings start below this. */
  mapTop: u64 = USER_END;
  breakStart: u64 = 0;
  break: u64 = 0;
  /** How far the stack area may grow, in bytes (RLIMIT_STACK at exec). */
  stackLimit: u64 = 8 << 20;
  /** What /proc shows of the program: addresses of the argument and environment strings, and of the auxiliary vector. */
  argumentsStart: u64 = 0;
  argumentsEnd: u64 = 0;
  environmentStart: u64 = 0;
  environmentEnd: u64 = 0;
  auxiliaryStart: u64 = 0;
  auxiliaryEnd: u64 = 0;
  codeStart: u64 = 0;
  codeEnd: u64 = 0;
  stackStart: u64 = 0;
  /** The file that runs (executed() was called on it), or null. */
  executable: PageSource | null = null;
  private recent: MemoryArea | null = null;

  constructor() {
    super();
    const older = this.older;
    if (older != null) older.newer = this;
    newest = this;
  }

  /** The area that contains `va`, or the first one above it, or null. */
  areaAt(va: u64): MemoryArea | null {
    const recent = this.recent;
    if (recent != null && va >= recent.start && va < recent.end) return recent;
    let area = this.firstArea;
    while (area != null && area.end <= va) area = area.next;
    if (area != null && va >= area.start) this.recent = area;
    return area;
  }

  /** Areas changed shape; `recent` may be stale. */
  forgetRecent(): void {
    this.recent = null;
  }

  /** The frame behind the page of `va` with the right to do `access`, faulting it in; 0 with the fault set. */
  translate(va: u64, access: i32): usize {
    const right = access == ACCESS_WRITE ? PTE_WRITE : access == ACCESS_EXEC ? PTE_EXECUTE : PTE_READ;
    if (va >= USER_END) {
      setFault(SIGSEGV, SEGV_MAPERR, va);
      return 0;
    }
    const entry = entryOf(this.root, va, false);
    if (entry != 0) {
      const pte = load<u32>(entry);
      if ((pte & right) != 0) return pte & ~PTE_FLAGS;
    }
    return this.fault(va, right);
  }

  private fault(va: u64, right: u32): usize {
    const area = this.areaForFault(va);
    if (area == null) {
      setFault(SIGSEGV, SEGV_MAPERR, va);
      return 0;
    }
    if ((area.rights & right) == 0) {
      setFault(SIGSEGV, SEGV_ACCERR, va);
      return 0;
    }
    const entry = entryOf(this.root, va, true);
    if (entry == 0) {
      setOutOfMemory(va);
      return 0;
    }
    const pte = load<u32>(entry);
    if (pte != 0) return right == PTE_WRITE ? this.makeWritable(area, va, entry, pte) : this.refresh(area, va, entry, pte);
    const source = area.source;
    return source == null ? this.faultAnonymous(area, va, entry, right) : this.faultSource(area, source, va, entry, right);
  }

  private areaForFault(va: u64): MemoryArea | null {
    const area = this.areaAt(va);
    if (area == null || va >= area.start) return area;
    return this.growStack(area, va) ? area : null;
  }

  /** Extends a stack area down to the page of `va`, within its limit and clear of what is below (mmap(2), MAP_GROWSDOWN). */
  private growStack(area: MemoryArea, va: u64): bool {
    if ((area.flags & MAP_GROWSDOWN) == 0) return false;
    const start = va & ~PAGE_OFFSET_MASK;
    if (area.end - start > this.stackLimit) return false;
    let below = this.firstArea;
    while (below != null && below.next != area) below = below.next;
    if (below != null && below.end + STACK_GUARD > start) return false;
    this.totalPages += (area.start - start) >> 12;
    area.start = start;
    return true;
  }

  private faultAnonymous(area: MemoryArea, va: u64, entry: usize, right: u32): usize {
    if (right != PTE_WRITE) {
      const zeros = zeroFrame();
      retainFrame(zeros);
      return this.enter(entry, zeros, area.rights & ~PTE_WRITE);
    }
    const frame = allocZeroedFrame();
    if (frame == 0) {
      setOutOfMemory(va);
      return 0;
    }
    return this.enter(entry, frame, area.rights);
  }

  private faultSource(area: MemoryArea, source: PageSource, va: u64, entry: usize, right: u32): usize {
    const canWrite = (area.rights & PTE_WRITE) != 0;
    const page = source.page(area.pageIndex(va), area.isShared && canWrite);
    if (page == PAGE_OUT_OF_MEMORY) {
      setOutOfMemory(va);
      return 0;
    }
    if (page == 0) {
      setFault(SIGBUS, BUS_ADRERR, va);
      return 0;
    }
    if (area.isShared) {
      retainFrame(page);
      return this.enter(entry, page, area.rights);
    }
    if (right != PTE_WRITE) {
      retainFrame(page);
      return this.enter(entry, page, area.rights & ~PTE_WRITE);
    }
    const copy = copyOf(page, va);
    return copy == 0 ? 0 : this.enter(entry, copy, area.rights);
  }

  /** The page is there but not writable (yet): copy-on-write, or the only user of its frame. */
  private makeWritable(area: MemoryArea, va: u64, entry: usize, pte: u32): usize {
    const frame = <usize>(pte & ~PTE_FLAGS);
    if (area.isShared || frameRefs(frame) == 1) {
      store<u32>(entry, <u32>frame | area.rights);
      flushTlbPage(va);
      return frame;
    }
    const copy = copyOf(frame, va);
    if (copy == 0) return 0;
    releaseFrame(frame);
    store<u32>(entry, <u32>copy | area.rights);
    flushTlbPage(va);
    return copy;
  }

  /** The page is there, and its area allows more than it did when the page came (mprotect). */
  private refresh(area: MemoryArea, va: u64, entry: usize, pte: u32): usize {
    store<u32>(entry, (pte & ~PTE_FLAGS) | (area.rights & ~PTE_WRITE));
    flushTlbPage(va);
    return pte & ~PTE_FLAGS;
  }

  private enter(entry: usize, frame: usize, rights: u32): usize {
    store<u32>(entry, <u32>frame | rights | PTE_VALID);
    this.residentPages++;
    return frame;
  }

  /** Drops the frames of a range; the areas stay. */
  dropPages(start: u64, end: u64): void {
    const root = this.root;
    let dropped = 0;
    let va = nextMapped(root, start, end);
    while (va < end) {
      const stop = min(end, leafEnd(va));
      for (let entry = entryOf(root, va, false); va < stop; va += PAGE_SIZE, entry += 4) {
        const pte = load<u32>(entry);
        if (pte == 0) continue;
        releaseFrame(pte & ~PTE_FLAGS);
        store<u32>(entry, 0);
        dropped++;
      }
      va = nextMapped(root, va, end);
    }
    if (dropped == 0) return;
    this.residentPages -= dropped;
    this.flush();
  }

  /** Forgets cached translations, if this is the space that runs. */
  flush(): void {
    if (currentSpace() == this) flushTlb();
  }

  /** A copy for fork(2): private pages are shared until either side writes. Null when memory is exhausted; nothing is left then. */
  fork(): AddressSpace | null {
    if (!admit()) return null;
    const child = new AddressSpace();
    child.copySettings(this);
    let last: MemoryArea | null = null;
    let area = this.firstArea;
    while (area != null) {
      if (!admit() || !this.shareInto(child, area, last)) {
        child.release();
        return null;
      }
      last = last == null ? child.firstArea : last.next;
      area = area.next;
    }
    if (currentSpace() == this) flushWriteTlb();
    return child;
  }

  private copySettings(from: AddressSpace): void {
    this.mapTop = from.mapTop;
    this.breakStart = from.breakStart;
    this.break = from.break;
    this.stackLimit = from.stackLimit;
    this.argumentsStart = from.argumentsStart;
    this.argumentsEnd = from.argumentsEnd;
    this.environmentStart = from.environmentStart;
    this.environmentEnd = from.environmentEnd;
    this.auxiliaryStart = from.auxiliaryStart;
    this.auxiliaryEnd = from.auxiliaryEnd;
    this.codeStart = from.codeStart;
    this.codeEnd = from.codeEnd;
    this.stackStart = from.stackStart;
    const executable = from.executable;
    if (executable != null) executable.executed();
    this.executable = executable;
  }

  private shareInto(child: AddressSpace, area: MemoryArea, last: MemoryArea | null): bool {
    const copy = new MemoryArea(area.start, area.end, area.protection, area.flags, area.source, area.offset);
    if (last == null) child.firstArea = copy;
    else last.next = copy;
    child.areaCount++;
    child.totalPages += area.pages;
    const kept: u32 = area.isShared ? 0xffffffff : ~PTE_WRITE;
    let va = nextMapped(this.root, area.start, area.end);
    while (va < area.end) {
      const entry = entryOf(this.root, va, false);
      const childEntry = entryOf(child.root, va, true);
      if (childEntry == 0) return false;
      const stop = min(area.end, leafEnd(va));
      child.residentPages += shareEntries(childEntry, entry, <usize>((stop - va) >> <u64>PAGE_SHIFT), kept);
      va = nextMapped(this.root, stop, area.end);
    }
    return true;
  }

  destroy(): void {
    if (currentSpace() == this) setCurrentSpace(null);
    const newer = this.newer, older = this.older;
    if (newer != null) newer.older = older;
    else newest = older;
    if (older != null) older.newer = newer;
    let area = this.firstArea;
    while (area != null) {
      const next = area.next;
      this.dropPages(area.start, area.end);
      const source = area.source;
      if (source != null) source.release();
      free(area);
      area = next;
    }
    freeTables(this.root);
    const executable = this.executable;
    if (executable != null) executable.noLongerExecuted();
  }
}

/** Whether somebody has a shared mapping of `origin` through a source that `test` says yes to. */
export function findSharedMapping(origin: PageSource, test: (source: PageSource) => bool): bool {
  let space = newest;
  while (space != null) {
    let area = space.firstArea;
    while (area != null) {
      const source = area.source;
      if (area.isShared && source != null && source.origin == origin && test(source)) return true;
      area = area.next;
    }
    space = space.older;
  }
  return false;
}

/** A file ends before its page `first` now: what is mapped of it beyond that goes, private copies too (ftruncate(2)). */
export function unmapBeyond(origin: PageSource, first: u64): void {
  let space = newest;
  while (space != null) {
    let area = space.firstArea;
    while (area != null) {
      const source = area.source;
      if (source != null && source.origin == origin) {
        const index = area.pageIndex(area.start);
        const start = first > index ? area.start + ((first - index) << <u64>PAGE_SHIFT) : area.start;
        if (start < area.end) space.dropPages(start, area.end);
      }
      area = area.next;
    }
    space = space.older;
  }
}

/** Copies `count` neighbouring entries, with the `kept` bits of each on both sides; how many of them have a frame. */
function shareEntries(to: usize, from: usize, count: usize, kept: u32): u32 {
  let shared: u32 = 0;
  for (let i: usize = 0; i < count << 2; i += 4) {
    const pte = load<u32>(from + i) & kept;
    if (pte == 0) continue;
    store<u32>(from + i, pte);
    store<u32>(to + i, pte);
    retainFrame(pte & ~PTE_FLAGS);
    shared++;
  }
  return shared;
}

/** A private copy of a frame for the page at `va`; 0 with the fault set when memory is exhausted. */
function copyOf(frame: usize, va: u64): usize {
  const copy = allocFrame();
  if (copy == 0) {
    setOutOfMemory(va);
    return 0;
  }
  memory.copy(copy, frame, PAGE_SIZE);
  return copy;
}
