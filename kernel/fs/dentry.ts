// SPDX-License-Identifier: MIT
// A name in a directory, leading to an inode. In ramfs and devfs the tree of dentries is the directory itself: the directory's
// index (directory.ts) owns a reference to each entry. In procfs they are made by each lookup and live as long as a path holds them.

import { fnv1a } from "../lib/hash.ts";
import { allocBytes, freeBytes } from "../memory/heap.ts";
import { RefCounted } from "../memory/ref-counted.ts";
import { Inode } from "./inode.ts";

export class Dentry extends RefCounted {
  /** The directory it is in (owned), or null for the root of a file system. */
  parent: Dentry | null;
  /** Owned. */
  inode: Inode;
  name: usize;
  length: i32;
  hash: u32;
  /** Its name was removed; paths that hold it end in " (deleted)". */
  isDeleted: bool = false;
  /** Mounts on it, in whatever mount. */
  mounts: i32 = 0;

  // Links of the directory's index (directory.ts).
  /** Place in the directory, for getdents64(2); never reused. */
  cookie: i64 = 0;
  next: Dentry | null = null;
  previous: Dentry | null = null;
  nextInBucket: Dentry | null = null;

  /** Takes over one reference to `inode`, takes its own to `parent`, copies the name. Needs an admit(): two objects. */
  constructor(parent: Dentry | null, name: usize, length: i32, inode: Inode) {
    super();
    this.parent = parent;
    if (parent != null) parent.retain();
    this.inode = inode;
    this.name = allocBytes(<usize>max(length, 1));
    this.length = length;
    memory.copy(this.name, name, <usize>length);
    this.hash = fnv1a(name, <usize>length);
  }

  hasName(name: usize, length: i32, hash: u32): bool {
    return this.hash == hash && this.length == length && memory.compare(this.name, name, <usize>length) == 0;
  }

  /** Whether it is `other` or lies below it. */
  isWithin(other: Dentry): bool {
    let at: Dentry | null = this;
    while (at != null && at != other) at = at.parent;
    return at != null;
  }

  /** Moves it to another directory under another name; `name` is a slab object that it takes over. */
  rename(parent: Dentry, name: usize, length: i32): void {
    freeBytes(this.name);
    this.name = name;
    this.length = length;
    this.hash = fnv1a(name, <usize>length);
    const old = this.parent;
    parent.retain();
    this.parent = parent;
    if (old != null) old.release();
  }

  destroy(): void {
    let parent = this.parent;
    this.parent = null;
    // A chain of deleted directories that only this one held goes in a loop: it can be longer than a stack is deep.
    while (parent != null && parent.refs == 1) {
      const above = parent.parent;
      parent.parent = null;
      parent.release();
      parent = above;
    }
    if (parent != null) parent.release();
    this.inode.release();
    freeBytes(this.name);
  }
}
