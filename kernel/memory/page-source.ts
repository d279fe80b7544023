// SPDX-License-Identifier: MIT
// What a mapping can show: the pages of a file or of shared anonymous memory. The page cache behind it is shared by every
// process that maps it; the source owns one reference to each of its frames, a mapping takes another.

import { RefCounted } from "./ref-counted.ts";

/** `page()` found no memory for the page. */
export const PAGE_OUT_OF_MEMORY: usize = 1;

export abstract class PageSource extends RefCounted {
  /**
   * The frame with page `index` of the source (borrowed), allocating it when it is a hole. 0 beyond the end (a fault there
   * is SIGBUS, mmap(2)), PAGE_OUT_OF_MEMORY when there is none. `forWrite`: a shared mapping is about to write to it.
   */
  page(index: u64, forWrite: bool): usize {
    return 0;
  }

  /** Whose pages these are: an open file's are its inode's. */
  get origin(): PageSource {
    return this;
  }

  /** One more address space runs this file: another reference, and writers stay denied. */
  executed(): void {
    this.retain();
  }

  /** An address space that ran this file is gone. */
  noLongerExecuted(): void {
    this.release();
  }
}
