// SPDX-License-Identifier: MIT
// A sparse array of frames: the page cache of a file, or shared anonymous memory. It owns one reference to each frame. Nodes
// are frames of 1024 pointers; a tree for one page is that page itself.
//
//   height 0: root = page 0       height 1: root -> pages 0..1023       height 2: root -> nodes -> pages 0..1048575   ...

import { dropCode, frameTag } from "./code-cache.ts";
import { allocFrame, allocZeroedFrame, frameRefs, PAGE_SIZE, releaseFrame } from "./frames.ts";
import { free } from "./heap.ts";

const FANOUT_BITS: u64 = 10;
const MAX_HEIGHT: i32 = 6;

let held: u64 = 0;

/** Data frames in all trees: the page cache and shared memory. */
export function framesInTrees(): u64 {
  return held;
}

export class FrameTree {
  /** Data frames in the tree. */
  count: u64 = 0;
  private root: usize = 0;
  private height: i32 = 0;

  /** The frame at `index` (borrowed), or 0 for a hole. */
  get(index: u64): usize {
    if (index >> (FANOUT_BITS * <u64>this.height) != 0) return 0;
    let node = this.root;
    for (let level = this.height; level > 0 && node != 0; level--) node = load<u32>(slot(node, index, level));
    return node;
  }

  /** The frame at `index` (borrowed), a new zero-filled one where there was a hole; 0 when memory is exhausted. */
  obtain(index: u64): usize {
    if (!this.reach(index)) return 0;
    if (this.height == 0) {
      if (this.root == 0) this.root = this.newData();
      return this.root;
    }
    let node = this.root;
    for (let level = this.height; level > 0; level--) {
      const at = slot(node, index, level);
      node = load<u32>(at);
      if (node != 0) continue;
      node = level == 1 ? this.newData() : allocZeroedFrame();
      if (node == 0) return 0;
      store<u32>(at, <u32>node);
    }
    return node;
  }

  /** Drops every frame at `first` or beyond. */
  truncate(first: u64): void {
    this.drop(first, u64.MAX_VALUE, false);
  }

  /** Makes the frames from `first` to before `end` holes; one that somebody maps stays, with zeros in it. */
  punch(first: u64, end: u64): void {
    this.drop(first, end, true);
  }

  /** The first index >= `from` and < `end` that has a frame (or, with `hole`, has none), or `end`. */
  next(from: u64, end: u64, hole: bool): u64 {
    let index = from;
    while (index < end) {
      const level = this.missingLevel(index);
      if ((level >= 0) == hole) return index;
      index = level < 0 ? index + 1 : ((index >> (FANOUT_BITS * <u64>level)) + 1) << (FANOUT_BITS * <u64>level);
    }
    return end;
  }

  /** Drops everything, and the tree itself. */
  dispose(): void {
    this.truncate(0);
    free(this);
  }

  /** Visits every frame that it owns, its nodes included. */
  forEachFrame(visit: (frame: usize) => void): void {
    if (this.root != 0) visitNode(this.root, this.height, visit);
  }

  /** The level of the absent node that would lead to `index` (it spans 1024^level pages), or -1 when there is a frame. */
  private missingLevel(index: u64): i32 {
    let node = this.root;
    let level = this.height;
    if (node == 0 || index >> (FANOUT_BITS * <u64>level) != 0) return MAX_HEIGHT;
    for (; level > 0 && node != 0; level--) node = load<u32>(slot(node, index, level));
    return node != 0 ? -1 : level;
  }

  private newData(): usize {
    const frame = allocZeroedFrame();
    if (frame == 0) return 0;
    this.count++;
    held++;
    return frame;
  }

  /** Grows the tree until it can hold `index`. */
  private reach(index: u64): bool {
    while (index >> (FANOUT_BITS * <u64>this.height) != 0) {
      if (this.height == MAX_HEIGHT) return false;
      if (this.root != 0) {
        const node = allocFrame();
        if (node == 0) return false;
        memory.fill(node, 0, PAGE_SIZE);
        store<u32>(node, <u32>this.root);
        this.root = node;
      }
      this.height++;
    }
    if (this.root == 0 && this.height > 0) this.root = allocZeroedFrame();
    return this.height == 0 || this.root != 0;
  }

  private drop(first: u64, end: u64, keepsShared: bool): void {
    if (this.root == 0 || !this.prune(this.root, this.height, 0, first, end, keepsShared)) return;
    this.root = 0;
    this.height = 0;
  }

  /** Drops what lies from `first` to before `end` below a node that starts at `base`; true when the node itself went. */
  private prune(node: usize, height: i32, base: u64, first: u64, end: u64, keepsShared: bool): bool {
    if (height == 0) {
      if (base < first || base >= end) return false;
      if (keepsShared && frameRefs(node) > 1) {
        if (frameTag(node) != 0) dropCode(node);
        memory.fill(node, 0, PAGE_SIZE);
        return false;
      }
      this.count--;
      held--;
      releaseFrame(node);
      return true;
    }
    const span = <u64>1 << (FANOUT_BITS * <u64>(height - 1));
    let isEmpty = true;
    for (let i: u64 = 0; i < 1 << FANOUT_BITS; i++) {
      const at = node + (<usize>i << 2);
      const child = <usize>load<u32>(at);
      if (child == 0) continue;
      const start = base + i * span;
      if (start < end && start + span > first && this.prune(child, height - 1, start, first, end, keepsShared)) store<u32>(at, 0);
      else isEmpty = false;
    }
    if (isEmpty) releaseFrame(node);
    return isEmpty;
  }
}

function visitNode(node: usize, height: i32, visit: (frame: usize) => void): void {
  visit(node);
  if (height == 0) return;
  for (let i: usize = 0; i < 1 << <usize>FANOUT_BITS; i++) {
    const child = <usize>load<u32>(node + (i << 2));
    if (child != 0) visitNode(child, height - 1, visit);
  }
}

function slot(node: usize, index: u64, level: i32): usize {
  return node + ((<usize>(index >> (FANOUT_BITS * <u64>(level - 1))) & 1023) << 2);
}
