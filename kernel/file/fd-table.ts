// SPDX-License-Identifier: MIT
// A descriptor table: small integers to open files, with close-on-exec per descriptor (open(2), fcntl(2)). It owns one reference
// to each file in it and may be shared by tasks (CLONE_FILES). It knows no limits: callers pass RLIMIT_NOFILE.

import { EBADF, EMFILE, ENOMEM } from "../abi/errno.ts";
import { CLOSE_RANGE_CLOEXEC } from "../abi/fcntl.ts";
import { Outcome } from "../lib/outcome.ts";
import { admit, freeBytes } from "../memory/heap.ts";
import { RefCounted } from "../memory/ref-counted.ts";
import {
  copyLeaf, fileAt, freeTree, isMarked, LEAF_SLOTS, leafIn, lowestFreeIn, lowestFreeInLeaf, makeLeafIn, mark, markedBits, newLeaf,
  newRoot, nextLeafIn, noteFull, openBits, setFile, TREE_SLOTS,
} from "./fd-tree.ts";
import { File } from "./file.ts";
import { collectUnreachable, socketClosed } from "./in-flight.ts";

export class FdTable extends RefCounted {
  /** The leaf of descriptors below 64: all that most tables need. Part of the tree once there is one. */
  private first: usize = newLeaf();
  private root: usize = 0;

  /** The open file, borrowed, or null. O_PATH files too: callers that do I/O check isPathOnly. */
  get(fd: i32): File | null {
    const leaf = this.leafOf(<u32>fd);
    return leaf == 0 ? null : changetype<File | null>(fileAt(leaf, <u32>fd));
  }

  isCloseOnExec(fd: i32): bool {
    const leaf = this.leafOf(<u32>fd);
    return leaf != 0 && isMarked(leaf, <u32>fd);
  }

  /** `fd` is open. */
  setCloseOnExec(fd: i32, on: bool): void {
    mark(this.leafOf(<u32>fd), <u32>fd, on);
  }

  /**
   * Opens the lowest free descriptor >= `lowest` for the file: -EMFILE when that is not below `limit`, or -ENOMEM. The table
   * takes a reference of its own, only on success.
   */
  install(file: File, lowest: u32, limit: u64, closeOnExec: bool): i32 {
    const fd = this.lowestFree(lowest);
    if (<u64>fd >= limit || fd >= TREE_SLOTS) return -EMFILE;
    return this.put(fd, file, closeOnExec) ? <i32>fd : -ENOMEM;
  }

  /** Whether install() with these arguments would find a descriptor: it, or -EMFILE. */
  probe(lowest: u32, limit: u64): i32 {
    const fd = this.lowestFree(lowest);
    return <u64>fd >= limit || fd >= TREE_SLOTS ? -EMFILE : <i32>fd;
  }

  /** Makes `fd`, which the caller has held against its limit, refer to the file; closes what was open there. 0 or -ENOMEM. */
  replace(fd: i32, file: File, closeOnExec: bool): Outcome {
    const old = this.get(fd);
    if (!this.put(<u32>fd, file, closeOnExec)) return -ENOMEM;
    if (old != null) this.drop(old);
    return 0;
  }

  close(fd: i32): Outcome {
    const file = this.get(fd);
    if (file == null) return -EBADF;
    this.set(this.leafOf(<u32>fd), <u32>fd, 0);
    this.drop(file);
    return 0;
  }

  /** close_range(2) on this table: closes first..last or, with CLOSE_RANGE_CLOEXEC, marks them. */
  closeRange(first: u32, last: u32, flags: u32): void {
    if (first >= TREE_SLOTS) return;
    for (let fd = this.next(<i32>first); fd >= 0 && <u32>fd <= last; fd = this.next(fd + 1)) {
      if ((flags & CLOSE_RANGE_CLOEXEC) != 0) this.setCloseOnExec(fd, true);
      else this.close(fd);
    }
  }

  /** Closes what is marked close-on-exec (execve(2)). */
  closeOnExec(): void {
    for (let at: u32 = 0; at < TREE_SLOTS; at = this.nextLeaf(at + LEAF_SLOTS)) {
      for (let bits = markedBits(this.leafOf(at)); bits != 0; bits &= bits - 1) this.close(<i32>at + <i32>ctz(bits));
    }
  }

  /** A private table that refers to the same open files, or null when memory is out. */
  clone(): FdTable | null {
    if (!admit()) return null;
    const copy = new FdTable();
    copy.share(copy.first, this.first);
    for (let at = this.nextLeaf(LEAF_SLOTS); at < TREE_SLOTS; at = this.nextLeaf(at + LEAF_SLOTS)) {
      const leaf = copy.makeLeaf(at);
      if (leaf == 0) {
        copy.release();
        return null;
      }
      copy.share(leaf, this.leafOf(at));
      noteFull(copy.root, at, leaf);
    }
    return copy;
  }

  /** A private table with the descriptors below `limit` (at most 64) only, or null when memory is out. */
  cloneBelow(limit: u32): FdTable | null {
    if (!admit()) return null;
    const copy = new FdTable();
    for (let bits = openBits(this.first) & ((<u64>1 << <u64>limit) - 1); bits != 0; bits &= bits - 1) {
      const fd = <u32>ctz(bits);
      copy.put(fd, changetype<File>(fileAt(this.first, fd)), isMarked(this.first, fd));
    }
    return copy;
  }

  /** The highest open descriptor, or -1. */
  highest(): i32 {
    let highest = -1;
    for (let at: u32 = 0; at < TREE_SLOTS; at = this.nextLeaf(at + LEAF_SLOTS)) {
      const bits = openBits(this.leafOf(at));
      if (bits != 0) highest = <i32>at + 63 - <i32>clz(bits);
    }
    return highest;
  }

  /** The first open descriptor >= `fd`, or -1. */
  next(fd: i32): i32 {
    let from = <u32>fd;
    while (from < TREE_SLOTS) {
      const leaf = this.leafOf(from);
      const bits = leaf == 0 ? 0 : openBits(leaf) >> (from & (LEAF_SLOTS - 1));
      if (bits != 0) return <i32>from + <i32>ctz(bits);
      from = this.nextLeaf((from | (LEAF_SLOTS - 1)) + 1);
    }
    return -1;
  }

  destroy(): void {
    for (let fd = this.next(0); fd >= 0; fd = this.next(fd + 1)) this.close(fd);
    if (this.root != 0) freeTree(this.root);
    else freeBytes(this.first);
    collectUnreachable();
  }

  private leafOf(fd: u32): usize {
    if (fd < LEAF_SLOTS) return this.first;
    return this.root == 0 || fd >= TREE_SLOTS ? 0 : leafIn(this.root, fd);
  }

  /** As leafOf, made if it is missing; 0 when memory is out. */
  private makeLeaf(fd: u32): usize {
    const leaf = this.leafOf(fd);
    if (leaf != 0) return leaf;
    if (!admit()) return 0;
    if (this.root == 0) this.root = newRoot(this.first);
    return makeLeafIn(this.root, fd);
  }

  /** The lowest descriptor of the first leaf at or behind `at` (a multiple of 64); TREE_SLOTS when there is none. */
  private nextLeaf(at: u32): u32 {
    return this.root == 0 ? TREE_SLOTS : nextLeafIn(this.root, at);
  }

  private lowestFree(from: u32): u32 {
    if (this.root != 0) return lowestFreeIn(this.root, from);
    return from < LEAF_SLOTS ? lowestFreeInLeaf(this.first, from) : from;
  }

  private put(fd: u32, file: File, closeOnExec: bool): bool {
    const leaf = this.makeLeaf(fd);
    if (leaf == 0) return false;
    file.retain();
    this.set(leaf, fd, changetype<usize>(file));
    if (closeOnExec) mark(leaf, fd, true);
    return true;
  }

  private set(leaf: usize, fd: u32, file: usize): void {
    setFile(leaf, fd, file);
    if (this.root != 0) noteFull(this.root, fd, leaf);
  }

  /** Fills an empty leaf with the descriptors of another one. */
  private share(leaf: usize, from: usize): void {
    copyLeaf(leaf, from);
    for (let bits = openBits(leaf); bits != 0; bits &= bits - 1) changetype<File>(fileAt(leaf, <u32>ctz(bits))).retain();
  }

  /** One descriptor of this table less refers to the file. */
  private drop(file: File): void {
    const isSocket = file.isSocket;
    file.descriptorClosed(changetype<usize>(this));
    file.release();
    if (isSocket) socketClosed();
  }
}
