// SPDX-License-Identifier: MIT
// Which objects an object refers to, as its class declares them. The compiler writes that down for garbage collectors; we have
// none, and use it to look for references that are wrong (kernel/check). Addresses kept as numbers are not seen.

import { __visit_members } from "rt";

let visitor: (target: usize) => void = ignore;

/** Calls `visit` with each object that this one's fields refer to, strings and other static data included. */
export function forEachReference(object: usize, visit: (target: usize) => void): void {
  visitor = visit;
  __visit_members(object, 0);
}

/** From the compiler's visitor, through memory/runtime.ts. */
export function visited(target: usize): void {
  visitor(target);
}

function ignore(target: usize): void {}
