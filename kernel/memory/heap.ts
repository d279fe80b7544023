// SPDX-License-Identifier: MIT
// The kernel's own objects: slabs of equal cells in one frame each. It knows each object's class (its AssemblyScript class id), so
// that a leak report can name what leaked, and can check its users: poison on free, and quarantine before reuse.
//
//   slab frame:  | next, previous, free list, used, cell size, next and previous of all (32 bytes) | cell | cell | ...
//   cell:        | state u32, count u32, class id u32, size u32 | object ...          (the compiler reads id and size)
//
// The count is for those who look at every object (kernel/check); nothing else uses it.

import { ALLOCATION_OBJECTS } from "../abi/boundary.ts";
import { allocPromisedFrame, allocRun, freeFrames, isToFail, PAGE_SIZE, releaseFrame } from "./frames.ts";

const SLAB_HEADER: usize = 32;
const CELL_HEADER: usize = 16;
/** Largest object in bytes. */
export const MAX_OBJECT: usize = 2016;

const LIVE: u32 = 0x4c495645;
/** Made when the module started: lives for ever, whoever refers to it. */
const PERMANENT: u32 = 0x5045524d;
const FREED: u32 = 0xdeadf5ee;
const POISON: u8 = 0xf5;
const QUARANTINE_SLOTS: u32 = 256;
const MAX_CLASSES: u32 = 512;

const SLAB_NEXT: usize = 0;
const SLAB_PREVIOUS: usize = 4;
const SLAB_FREE: usize = 8;
const SLAB_USED: usize = 12;
const SLAB_CELL: usize = 16;
const SLAB_NEXT_OF_ALL: usize = 20;
const SLAB_PREVIOUS_OF_ALL: usize = 24;

const CELL_COUNT: usize = 4;
const CELL_CLASS: usize = 8;

/** Per size class (cell size / 16): the first slab that has a free cell. */
const partial = memory.data(4 * 128);
const liveOfClass = memory.data(4 * 512);
const quarantine = memory.data(4 * 256);
let quarantineNext: u32 = 0;
/** Every slab, the newest first. */
let slabs: usize = 0;
let slabCount: u64 = 0;
let live: i32 = 0;
let checking: bool = false;
let hasStarted: bool = false;

/** Asks whether kernel objects may be created for a guest now; false means ENOMEM. After true, 16 allocations cannot fail. */
export function admit(): bool {
  return !isToFail(ALLOCATION_OBJECTS) && freeFrames() > 0;
}

/** Frames that hold kernel objects now. */
export function slabFrames(): u64 {
  return slabCount;
}

/** Turns poisoning and quarantine on; for the life of the machine. */
export function checkHeap(): void {
  checking = true;
}

export function isChecking(): bool {
  return checking;
}

export function liveObjects(): i32 {
  return live;
}

export function liveObjectsOfClass(id: u32): i32 {
  return id < MAX_CLASSES ? load<i32>(liveOfClass + (<usize>id << 2)) : 0;
}

/** Allocates an object's cell, zero filled. Only the compiler's `new` calls this (memory/runtime.ts). */
export function allocObject(size: usize, id: u32): usize {
  if (size > MAX_OBJECT) return allocTable(size, id);
  const cellSize = sizeClass(size + CELL_HEADER);
  const head = partial + ((cellSize >> 4) << 2);
  let slab = load<usize>(head);
  if (slab == 0) slab = newSlab(head, cellSize);
  const cell = load<usize>(slab, SLAB_FREE);
  const rest = load<usize>(cell, CELL_HEADER);
  store<usize>(slab, rest, SLAB_FREE);
  store<u32>(slab, load<u32>(slab, SLAB_USED) + 1, SLAB_USED);
  if (rest == 0) unlink(head, slab);
  store<u32>(cell, LIVE);
  store<u32>(cell, id, 8);
  store<u32>(cell, <u32>size, 12);
  store<usize>(cell, 0, CELL_HEADER); // the rest of a free cell is zero
  live++;
  if (id < MAX_CLASSES) add(liveOfClass + (<usize>id << 2), 1);
  return cell + CELL_HEADER;
}

/** A zeroed slab object of plain bytes (names, tables), at most MAX_OBJECT; freed with freeBytes. Preceded by admit(), like `new`. */
export function allocBytes(size: usize): usize {
  return allocObject(size, 0);
}

export function freeBytes(bytes: usize): void {
  freeObject(bytes);
}

/** A static table (a module's `new StaticArray`), made when the module starts and never freed. */
function allocTable(size: usize, id: u32): usize {
  assert(!hasStarted, "kernel object larger than a slab cell");
  const frames = (size + CELL_HEADER + PAGE_SIZE - 1) / PAGE_SIZE;
  const run = allocRun(<i32>frames);
  assert(run != 0, "no memory for a static table");
  memory.fill(run, 0, frames * PAGE_SIZE);
  store<u32>(run, LIVE);
  store<u32>(run, id, 8);
  store<u32>(run, <u32>size, 12);
  return run + CELL_HEADER;
}

/** The module has started: what it has made stays, and from now on only slab objects are made. */
export function endStart(): void {
  hasStarted = true;
  forEachObject(makePermanent);
}

function makePermanent(object: usize): void {
  store<u32>(object - CELL_HEADER, PERMANENT);
}

/** Gives an object's memory back. The caller has dropped every reference to it. */
export function free<T>(object: T): void {
  freeObject(changetype<usize>(object));
}

/** Whether the cell at this address holds a live object; a freed one is only reliably told apart while the heap is checked. */
export function isLive(object: usize): bool {
  const state = load<u32>(object - CELL_HEADER);
  return state == LIVE || state == PERMANENT;
}

/** Whether the module made it when it started. */
export function isPermanent(object: usize): bool {
  return load<u32>(object - CELL_HEADER) == PERMANENT;
}

/** The object's AssemblyScript class id; 0 for plain bytes. */
export function classOf(object: usize): u32 {
  return load<u32>(object - CELL_HEADER, CELL_CLASS);
}

/** A number that belongs to the object, for those who look at every object. */
export function countOf(object: usize): i32 {
  return load<i32>(object - CELL_HEADER, CELL_COUNT);
}

export function setCount(object: usize, count: i32): void {
  store<i32>(object - CELL_HEADER, count, CELL_COUNT);
}

/** Visits every live object, permanent ones included. The visitor makes and frees none. */
export function forEachObject(visit: (object: usize) => void): void {
  for (let slab = slabs; slab != 0; slab = load<usize>(slab, SLAB_NEXT_OF_ALL)) {
    const cellSize = <usize>load<u32>(slab, SLAB_CELL);
    for (let cell = slab + SLAB_HEADER; cell + cellSize <= slab + PAGE_SIZE; cell += cellSize) {
      if (isLive(cell + CELL_HEADER)) visit(cell + CELL_HEADER);
    }
  }
}

/** Visits the frame of every slab. */
export function forEachSlab(visit: (slab: usize) => void): void {
  for (let slab = slabs; slab != 0; slab = load<usize>(slab, SLAB_NEXT_OF_ALL)) visit(slab);
}

function freeObject(object: usize): void {
  const cell = object - CELL_HEADER;
  assert(load<u32>(cell) == LIVE, "kernel object freed twice");
  store<u32>(cell, FREED);
  live--;
  const id = load<u32>(cell, 8);
  if (id < MAX_CLASSES) add(liveOfClass + (<usize>id << 2), -1);
  if (!checking) {
    returnCell(cell);
    return;
  }
  memory.fill(object, POISON, load<u32>(cell, 12));
  const slot = quarantine + (<usize>(quarantineNext++ % QUARANTINE_SLOTS) << 2);
  const oldest = load<usize>(slot);
  store<usize>(slot, cell);
  if (oldest != 0) returnCell(oldest);
}

/** Ends the quarantine of everything freed so far, so that empty slabs become frames again. */
export function drainQuarantine(): void {
  for (let i: usize = 0; i < QUARANTINE_SLOTS; i++) {
    const cell = load<usize>(quarantine + (i << 2));
    store<usize>(quarantine + (i << 2), 0);
    if (cell != 0) returnCell(cell);
  }
}

/** Cleaned when it is freed and not when it is used again: no state hash then depends on what was there. */
function returnCell(cell: usize): void {
  const slab = cell & ~(PAGE_SIZE - 1);
  const cellSize = <usize>load<u32>(slab, SLAB_CELL);
  const head = partial + ((cellSize >> 4) << 2);
  memory.fill(cell, 0, cellSize);
  const rest = load<usize>(slab, SLAB_FREE);
  store<usize>(cell, rest, CELL_HEADER);
  store<usize>(slab, cell, SLAB_FREE);
  const usedCells = load<u32>(slab, SLAB_USED) - 1;
  store<u32>(slab, usedCells, SLAB_USED);
  if (rest == 0) link(head, slab);
  if (usedCells == 0) {
    unlink(head, slab);
    leaveAll(slab);
    slabCount--;
    releaseFrame(slab);
  }
}

function newSlab(head: usize, cellSize: usize): usize {
  const slab = allocPromisedFrame();
  assert(slab != 0, "kernel object created without admit()");
  slabCount++;
  memory.fill(slab, 0, PAGE_SIZE);
  store<u32>(slab, <u32>cellSize, SLAB_CELL);
  let rest: usize = 0;
  const count = (PAGE_SIZE - SLAB_HEADER) / cellSize;
  for (let i: usize = count; i > 0; i--) {
    const cell = slab + SLAB_HEADER + (i - 1) * cellSize;
    store<usize>(cell, rest, CELL_HEADER);
    rest = cell;
  }
  store<usize>(slab, rest, SLAB_FREE);
  link(head, slab);
  enterAll(slab);
  return slab;
}

/** Rounds up so that little of a slab is wasted: multiples of 16 up to 256, then the fractions of a frame. */
function sizeClass(size: usize): usize {
  if (size <= 256) return (size + 15) & ~15;
  if (size <= 336) return 336;
  if (size <= 448) return 448;
  if (size <= 576) return 576;
  if (size <= 672) return 672;
  if (size <= 1008) return 1008;
  if (size <= 1344) return 1344;
  return 2032;
}

function link(head: usize, slab: usize): void {
  const first = load<usize>(head);
  store<usize>(slab, first, SLAB_NEXT);
  store<usize>(slab, 0, SLAB_PREVIOUS);
  if (first != 0) store<usize>(first, slab, SLAB_PREVIOUS);
  store<usize>(head, slab);
}

function unlink(head: usize, slab: usize): void {
  const following = load<usize>(slab, SLAB_NEXT);
  const previous = load<usize>(slab, SLAB_PREVIOUS);
  if (previous != 0) store<usize>(previous, following, SLAB_NEXT);
  else store<usize>(head, following);
  if (following != 0) store<usize>(following, previous, SLAB_PREVIOUS);
}

function enterAll(slab: usize): void {
  store<usize>(slab, slabs, SLAB_NEXT_OF_ALL);
  if (slabs != 0) store<usize>(slabs, slab, SLAB_PREVIOUS_OF_ALL);
  slabs = slab;
}

function leaveAll(slab: usize): void {
  const following = load<usize>(slab, SLAB_NEXT_OF_ALL);
  const previous = load<usize>(slab, SLAB_PREVIOUS_OF_ALL);
  if (previous != 0) store<usize>(previous, following, SLAB_NEXT_OF_ALL);
  else slabs = following;
  if (following != 0) store<usize>(following, previous, SLAB_PREVIOUS_OF_ALL);
}

// @ts-ignore: decorator
@inline
function add(at: usize, change: i32): void {
  store<i32>(at, load<i32>(at) + change);
}
