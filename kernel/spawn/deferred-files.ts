// SPDX-License-Identifier: MIT
// The quirk deferred-release: files that a child's actions close live on until it leaves the kernel, as Linux's delayed fput has
// it for a kernel function. Keeps a reference to whatever an action is about to close.

import {
  SPAWN_TEMPLATE_ACTION_CLOSE, SPAWN_TEMPLATE_ACTION_CLOSE_RANGE, SPAWN_TEMPLATE_ACTION_DUP2, SPAWN_TEMPLATE_ACTION_OPEN,
} from "../abi/spawn-template.ts";
import { CLOSE_RANGE_CLOEXEC } from "../abi/fcntl.ts";
import { File } from "../file/file.ts";
import { admit, free } from "../memory/heap.ts";
import { Task } from "../process/task.ts";
import { fdOf, flagsOf, newfdOf } from "./actions.ts";

class Kept {
  constructor(
    public file: File,
    public next: Kept | null,
  ) {}
}

export class DeferredFiles {
  private first: Kept | null = null;

  /** Keeps what the action will close, replaced descriptors included. */
  keepWhatCloses(self: Task, action: usize): void {
    switch (load<u32>(action)) {
      case SPAWN_TEMPLATE_ACTION_CLOSE:
        this.keep(self.files.get(fdOf(action)));
        break;
      case SPAWN_TEMPLATE_ACTION_DUP2:
      case SPAWN_TEMPLATE_ACTION_OPEN:
        this.keep(self.files.get(newfdOf(action)));
        break;
      case SPAWN_TEMPLATE_ACTION_CLOSE_RANGE:
        if ((flagsOf(action) & CLOSE_RANGE_CLOEXEC) == 0) this.keepRange(self, <u32>fdOf(action), <u32>newfdOf(action));
        break;
    }
  }

  keepRange(self: Task, first: u32, last: u32): void {
    let fd = self.files.next(<i32>min(first, <u32>i32.MAX_VALUE));
    while (fd >= 0 && <u32>fd <= last) {
      this.keep(self.files.get(fd));
      fd = self.files.next(fd + 1);
    }
  }

  /** Releases everything: the child leaves the kernel. */
  dispose(): void {
    let kept = this.first;
    while (kept != null) {
      const next = kept.next;
      kept.file.release();
      free(kept);
      kept = next;
    }
    free(this);
  }

  private keep(file: File | null): void {
    if (file == null || !admit()) return;
    file.retain();
    this.first = new Kept(file, this.first);
  }
}
