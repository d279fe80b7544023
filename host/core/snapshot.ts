// SPDX-License-Identifier: MIT
// Snapshots of a machine's linear memory, and the way back to any of them. The kernel marks each 4 KiB page that it writes, so that a
// snapshot copies what was written since the last one (or the last restore), and a restore puts back what was written since and what
// differs between the two. Snapshots share pages; one is kept alive by whoever holds it, and in any order.

import { BUFFER_SIZE, STATE_CODE_TAGS, STATE_DIRTY, STATE_FIRST_FRAME, STATE_REFS, STATE_REGISTERS } from "../../kernel/abi/boundary.ts";
import type { KernelExports } from "./kernel-module.ts";

export const PAGE_SIZE = 4096;
const PAGE_SHIFT = 12;
const BUFFER_PAGES = BUFFER_SIZE >>> PAGE_SHIFT;
/** Pages per chunk of a table; tables share chunks. */
const CHUNK = 32;
/** A free frame's word among the reference counts (kernel/memory/frames.ts). */
const FREE_MASK = 0xfff00000;
const FREE = 0x80000000;

type Page = Uint8Array;
type Chunk = readonly (Page | undefined)[];

/** The contents of every page that is part of the state, by number; a page that was free then has any or none. */
export interface Snapshot {
  readonly of: SnapshotStore;
  readonly chunks: readonly (Chunk | undefined)[];
  /** Pages that taking it copied. */
  readonly copied: number;
}

/** Takes and restores the snapshots of one kernel instance. Calls to the kernel are the caller's to guard. */
export class SnapshotStore {
  /** What memory held when the marks were cleared last. */
  #base: Snapshot = { of: this, chunks: [], copied: 0 };
  readonly #kernel: KernelExports;
  readonly #dirty: number;
  readonly #refs: number;
  readonly #codeTags: number;
  readonly #firstFrame: number;
  readonly #buffer: number;
  readonly #registers: number;

  constructor(kernel: KernelExports) {
    this.#kernel = kernel;
    this.#dirty = kernel.stateAddress(STATE_DIRTY) >>> 0;
    this.#refs = kernel.stateAddress(STATE_REFS) >>> 0;
    this.#codeTags = kernel.stateAddress(STATE_CODE_TAGS) >>> 0;
    this.#firstFrame = (kernel.stateAddress(STATE_FIRST_FRAME) >>> 0) >>> PAGE_SHIFT;
    this.#buffer = (kernel.buffer() >>> 0) >>> PAGE_SHIFT;
    this.#registers = (kernel.stateAddress(STATE_REGISTERS) >>> 0) >>> PAGE_SHIFT;
  }

  take(): Snapshot {
    const end = (this.#kernel.saveState() >>> 0) >>> PAGE_SHIFT;
    const { buffer } = this.#kernel.memory;
    const memory = new Uint8Array(buffer);
    const refs = new Uint32Array(buffer, this.#refs, end);
    const chunks = this.#base.chunks.slice();
    let fresh: (Page | undefined)[] = []; // the chunk that this snapshot has for itself, the last one written
    let freshIndex = -1;
    let copied = 0;
    this.#takeMarks(buffer, end, (page) => {
      const index = (page / CHUNK) | 0;
      if (index !== freshIndex) {
        fresh = chunks[index]?.slice() ?? new Array<Page | undefined>(CHUNK).fill(undefined);
        chunks[index] = fresh;
        freshIndex = index;
      }
      const isFree = page >= this.#firstFrame && ((refs[page] as number) & FREE_MASK) >>> 0 === FREE;
      fresh[page % CHUNK] = isFree ? undefined : memory.slice(page << PAGE_SHIFT, (page + 1) << PAGE_SHIFT);
      if (!isFree) copied++;
    });
    this.#base = { of: this, chunks, copied };
    return this.#base;
  }

  /** How many pages it wrote. */
  restore(snapshot: Snapshot): number {
    const { buffer } = this.#kernel.memory;
    const memory = new Uint8Array(buffer);
    const tags = new Uint32Array(buffer, this.#codeTags);
    let written = 0;
    const put = (page: number): void => {
      if (tags[page] !== 0) this.#kernel.forgetCode(page << PAGE_SHIFT);
      const content = snapshot.chunks[(page / CHUNK) | 0]?.[page % CHUNK];
      if (content === undefined) return;
      memory.set(content, page << PAGE_SHIFT);
      written++;
    };
    this.#takeMarks(buffer, memory.length >>> PAGE_SHIFT, put);
    if (snapshot !== this.#base) forEachDifference(this.#base, snapshot, put);
    this.#kernel.loadState();
    this.#base = snapshot;
    return written;
  }

  /** Visits the marked pages before `end` in order and clears their marks. What the host writes, the transfer buffer, is no state. */
  #takeMarks(buffer: ArrayBufferLike, end: number, visit: (page: number) => void): void {
    const marks = new Uint8Array(buffer, this.#dirty, (end + 3) & ~3);
    const words = new Uint32Array(buffer, this.#dirty, marks.length >>> 2);
    marks[this.#registers] = 1;
    for (let i = 0; i < words.length; i++) {
      if (words[i] === 0) continue;
      for (let page = i * 4; page < i * 4 + 4; page++) {
        if (marks[page] === 0) continue;
        marks[page] = 0;
        if (page < this.#buffer || page >= this.#buffer + BUFFER_PAGES) visit(page);
      }
    }
  }
}

/** How many pages a snapshot has that an earlier one has not. */
export function newPages(before: Snapshot | undefined, after: Snapshot): number {
  let count = 0;
  after.chunks.forEach((chunk, index) => {
    const old = before?.chunks[index];
    if (chunk !== old) chunk?.forEach((page, i) => (count += page !== undefined && page !== old?.[i] ? 1 : 0));
  });
  return count;
}

/** Visits the pages that one of two snapshots has and the other has not, or has with other contents. */
function forEachDifference(a: Snapshot, b: Snapshot, visit: (page: number) => void): void {
  for (let index = 0; index < Math.max(a.chunks.length, b.chunks.length); index++) {
    const left = a.chunks[index];
    const right = b.chunks[index];
    if (left === right) continue;
    for (let i = 0; i < CHUNK; i++) if (left?.[i] !== right?.[i]) visit(index * CHUNK + i);
  }
}
