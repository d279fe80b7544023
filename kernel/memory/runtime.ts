// SPDX-License-Identifier: MIT
// What the compiler calls for `new`: AssemblyScript's runtime interface on top of our slabs, without a garbage collector.
// Ownership is explicit everywhere: free(), or RefCounted.

import { allocObject } from "./heap.ts";
import { visited } from "./references.ts";

// @ts-ignore: decorator
@global @unsafe
export function __alloc(size: usize): usize {
  return allocObject(size, 0);
}

// @ts-ignore: decorator
@global @unsafe
export function __realloc(ptr: usize, size: usize): usize {
  unreachable();
  return ptr;
}

// @ts-ignore: decorator
@global @unsafe
export function __free(ptr: usize): void {
  unreachable();
}

// @ts-ignore: decorator
@global @unsafe
export function __new(size: usize, id: u32): usize {
  return allocObject(size, id);
}

// @ts-ignore: decorator
@global @unsafe
export function __renew(ptr: usize, size: usize): usize {
  unreachable();
  return ptr;
}

// @ts-ignore: decorator
@global @unsafe
export function __link(parent: usize, child: usize, expectMultiple: bool): void {}

// @ts-ignore: decorator
@global @unsafe
export function __pin(ptr: usize): usize {
  return ptr;
}

// @ts-ignore: decorator
@global @unsafe
export function __unpin(ptr: usize): void {}

// @ts-ignore: decorator
@global @unsafe
export function __collect(): void {}

/** What the compiler's __visit_members(object) calls for each reference in the object. */
// @ts-ignore: decorator
@global @unsafe
export function __visit(ptr: usize, cookie: u32): void {
  visited(ptr);
}
