// SPDX-License-Identifier: MIT
// The pages behind a shared anonymous mapping: they live as long as some process maps them.

import { admit } from "./heap.ts";
import { FrameTree } from "./frame-tree.ts";
import { PAGE_OUT_OF_MEMORY, PageSource } from "./page-source.ts";

let lastInode: u64 = 0;

export class SharedMemory extends PageSource {
  /** What /proc/PID/maps calls it by: the same number in all who share it. */
  readonly ino: u64 = ++lastInode;
  private frames: FrameTree = new FrameTree();

  /** `length` in bytes; it has no pages beyond. */
  constructor(private length: u64) {
    super();
  }

  page(index: u64, forWrite: bool): usize {
    if (index << 12 >= this.length) return 0;
    if (!admit()) return PAGE_OUT_OF_MEMORY;
    const frame = this.frames.obtain(index);
    return frame == 0 ? PAGE_OUT_OF_MEMORY : frame;
  }

  destroy(): void {
    this.frames.dispose();
  }
}
