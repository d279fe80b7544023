// SPDX-License-Identifier: MIT
// Shared ownership, counted exactly. Whoever stores a reference retains it, and releases it when it lets go.

import { free } from "./heap.ts";

export abstract class RefCounted {
  refs: i32 = 1;

  retain(): void {
    this.refs++;
  }

  release(): void {
    assert(this.refs > 0, "object released more often than retained");
    if (--this.refs == 0) {
      this.destroy();
      free(this);
    }
  }

  /** Releases what the object holds; called once, before its memory goes. */
  destroy(): void {}
}
