// SPDX-License-Identifier: MIT
// What cloneTask() is asked to make. Filled by the system calls (clone, clone3, spawn_template_spawn) after their own checks.

import { KernelWork } from "./task.ts";

/** What to make; as struct clone_args (clone(2)). */
export class CloneArgs {
  flags: u64 = 0;
  pidfd: u64 = 0;
  childTid: u64 = 0;
  parentTid: u64 = 0;
  exitSignal: i32 = 0;
  /** The child's stack pointer; 0: the parent's. */
  stack: u64 = 0;
  tls: u64 = 0;
  /** The tid to use; 0: any. The caller has checked that it may choose. */
  tid: i32 = 0;
  /** Only descriptors below this (at most 64) are copied to the child's table; 0: all. For a child that closes the others anyway. */
  descriptors: u32 = 0;
  /** What the child does in the kernel before its program (owned by the child on success), or null. */
  work: KernelWork | null = null;

  clear(): void {
    this.flags = 0;
    this.pidfd = 0;
    this.childTid = 0;
    this.parentTid = 0;
    this.exitSignal = 0;
    this.stack = 0;
    this.tls = 0;
    this.tid = 0;
    this.descriptors = 0;
    this.work = null;
  }

  has(flag: u64): bool {
    return (this.flags & flag) != 0;
  }
}

const shared = new CloneArgs();

/** Cleared arguments to fill in; one call's arguments at a time. */
export function newCloneArgs(): CloneArgs {
  shared.clear();
  return shared;
}
