// SPDX-License-Identifier: MIT
// The tree of slots under a descriptor table: three levels of slab objects, searched by bitmaps. It stores addresses and bits
// and owns nothing but its own nodes; kernel/file/fd-table.ts knows what the addresses are.
//
//   leaf, 64 descriptors:    | open u64 | closeOnExec u64 | file[64]   |
//   branch, 128 leaves:      | full, 128 bits             | leaf[128]  |      full: no descriptor below is free
//   root, 128 branches:      | full, 128 bits             | branch[128]|

import { allocBytes, freeBytes } from "../memory/heap.ts";

const LEAF_BITS: u32 = 6;
const BRANCH_BITS: u32 = 7;
export const LEAF_SLOTS: u32 = 1 << LEAF_BITS;
const FANOUT: u32 = 1 << BRANCH_BITS;
/** Descriptors in a whole tree: /proc/sys/fs/nr_open. */
export const TREE_SLOTS: u32 = 1 << (LEAF_BITS + 2 * BRANCH_BITS);

const CLOSE_ON_EXEC: usize = 8;
const SLOTS: usize = 16;
const LEAF_SIZE: usize = SLOTS + (<usize>LEAF_SLOTS << 2);
const BRANCH_SIZE: usize = SLOTS + (<usize>FANOUT << 2);
const ALL: u64 = 0xffffffffffffffff;

const LEAF: u32 = 0;
const ROOT: u32 = 2;

export function newLeaf(): usize {
  return allocBytes(LEAF_SIZE);
}

/** A root whose first leaf is `leaf`. */
export function newRoot(leaf: usize): usize {
  const root = allocBytes(BRANCH_SIZE);
  const branch = allocBytes(BRANCH_SIZE);
  setSlot(root, 0, branch);
  setSlot(branch, 0, leaf);
  if (load<u64>(leaf) == ALL) setBit(branch, 0, true);
  return root;
}

/** Frees the nodes of a tree. */
export function freeTree(root: usize): void {
  for (let i: u32 = 0; i < FANOUT; i++) {
    const branch = slot(root, i);
    if (branch == 0) continue;
    for (let j: u32 = 0; j < FANOUT; j++) if (slot(branch, j) != 0) freeBytes(slot(branch, j));
    freeBytes(branch);
  }
  freeBytes(root);
}

/** The leaf of a descriptor, or 0. */
export function leafIn(root: usize, fd: u32): usize {
  const branch = slot(root, fd >> (LEAF_BITS + BRANCH_BITS));
  return branch == 0 ? 0 : slot(branch, (fd >> LEAF_BITS) & (FANOUT - 1));
}

/** The leaf of a descriptor, made if it is missing: up to two objects. */
export function makeLeafIn(root: usize, fd: u32): usize {
  const i = fd >> (LEAF_BITS + BRANCH_BITS);
  if (slot(root, i) == 0) setSlot(root, i, allocBytes(BRANCH_SIZE));
  const branch = slot(root, i);
  const j = (fd >> LEAF_BITS) & (FANOUT - 1);
  if (slot(branch, j) == 0) setSlot(branch, j, newLeaf());
  return slot(branch, j);
}

/** Tells the levels above that a leaf became full, or no longer is. */
export function noteFull(root: usize, fd: u32, leaf: usize): void {
  const i = fd >> (LEAF_BITS + BRANCH_BITS);
  const branch = slot(root, i);
  setBit(branch, (fd >> LEAF_BITS) & (FANOUT - 1), load<u64>(leaf) == ALL);
  setBit(root, i, (load<u64>(branch) & load<u64>(branch, 8)) == ALL);
}

/** What stands at a descriptor of this leaf, 0 for nothing. */
export function fileAt(leaf: usize, fd: u32): usize {
  return slot(leaf, fd & (LEAF_SLOTS - 1));
}

/** Opens (file != 0) or closes a descriptor of this leaf; close-on-exec is cleared. */
export function setFile(leaf: usize, fd: u32, file: usize): void {
  const index = fd & (LEAF_SLOTS - 1);
  setSlot(leaf, index, file);
  setBit(leaf, index, file != 0);
  setBit(leaf + CLOSE_ON_EXEC, index, false);
}

export function isMarked(leaf: usize, fd: u32): bool {
  return ((load<u64>(leaf, CLOSE_ON_EXEC) >> (fd & (LEAF_SLOTS - 1))) & 1) != 0;
}

/** Sets or clears close-on-exec. */
export function mark(leaf: usize, fd: u32, on: bool): void {
  setBit(leaf + CLOSE_ON_EXEC, fd & (LEAF_SLOTS - 1), on);
}

/** Descriptors of the leaf that are open, and those marked close-on-exec, as bits. */
export function openBits(leaf: usize): u64 {
  return load<u64>(leaf);
}

export function markedBits(leaf: usize): u64 {
  return load<u64>(leaf, CLOSE_ON_EXEC);
}

export function copyLeaf(to: usize, from: usize): void {
  memory.copy(to, from, LEAF_SIZE);
}

/** The lowest free descriptor >= `from` in a lone leaf; LEAF_SLOTS when there is none. */
export function lowestFreeInLeaf(leaf: usize, from: u32): u32 {
  return lowestFree(leaf, LEAF, from);
}

/** The lowest free descriptor >= `from` in a tree; TREE_SLOTS when there is none. */
export function lowestFreeIn(root: usize, from: u32): u32 {
  return from >= TREE_SLOTS ? TREE_SLOTS : lowestFree(root, ROOT, from);
}

function lowestFree(node: usize, level: u32, from: u32): u32 {
  if (node == 0) return from;
  if (level == LEAF) return firstClear(node, from, LEAF_SLOTS);
  const shift = LEAF_BITS + (level - 1) * BRANCH_BITS;
  const span: u32 = 1 << shift;
  let rest = from & (span - 1);
  for (let index = firstClear(node, from >> shift, FANOUT); index < FANOUT; index = firstClear(node, index + 1, FANOUT)) {
    if (index != from >> shift) rest = 0;
    const at = lowestFree(slot(node, index), level - 1, rest);
    if (at < span) return (index << shift) + at;
  }
  return FANOUT << shift;
}

/** The first leaf that holds descriptors >= `from`: the lowest descriptor it can hold, or TREE_SLOTS. */
export function nextLeafIn(root: usize, from: u32): u32 {
  let fd = from & ~(LEAF_SLOTS - 1);
  while (fd < TREE_SLOTS) {
    const branch = slot(root, fd >> (LEAF_BITS + BRANCH_BITS));
    if (branch == 0) {
      fd = ((fd >> (LEAF_BITS + BRANCH_BITS)) + 1) << (LEAF_BITS + BRANCH_BITS);
      continue;
    }
    if (slot(branch, (fd >> LEAF_BITS) & (FANOUT - 1)) != 0) return fd;
    fd += LEAF_SLOTS;
  }
  return TREE_SLOTS;
}

/** The first bit >= `from` that is 0, or `count`. */
function firstClear(bits: usize, from: u32, count: u32): u32 {
  while (from < count) {
    const free = ~load<u64>(bits + ((<usize>from >> 6) << 3)) >> (from & 63);
    if (free != 0) return from + <u32>ctz(free);
    from = (from | 63) + 1;
  }
  return count;
}

function setBit(bits: usize, index: u32, on: bool): void {
  const word = bits + ((<usize>index >> 6) << 3);
  const bit: u64 = (<u64>1) << (index & 63);
  store<u64>(word, on ? load<u64>(word) | bit : load<u64>(word) & ~bit);
}

// @ts-ignore: decorator
@inline
function slot(node: usize, index: u32): usize {
  return load<usize>(node + (<usize>index << 2), SLOTS);
}

function setSlot(node: usize, index: u32, value: usize): void {
  store<usize>(node + (<usize>index << 2), value, SLOTS);
}
