// SPDX-License-Identifier: MIT
// Counts every reference to every object anew and compares: a shared object must have exactly as many owners as it says, and no
// field may lead to an object that is gone.

import { forEachObject, classOf, countOf, isLive, isPermanent, setCount } from "../memory/heap.ts";
import { isInFrames } from "../memory/frames.ts";
import { RefCounted } from "../memory/ref-counted.ts";
import { forEachReference } from "../memory/references.ts";
import { correctOwnership, forEachRootReference, isScratch } from "./ownership.ts";
import { expectIn, wrongIn } from "./report.ts";

/** Whose references are being counted. */
let owner: usize = 0;

export function checkReferences(): void {
  forEachObject(forget);
  forEachObject(countReferences);
  forEachRootReference(count);
  forEachObject(compare);
}

function forget(object: usize): void {
  setCount(object, 0);
}

function countReferences(object: usize): void {
  if (classOf(object) == 0 || isScratch(changetype<Object>(object))) return;
  owner = object;
  forEachReference(object, countOne);
  correctOwnership(changetype<Object>(object), count);
}

function countOne(target: usize): void {
  count(target, 1);
}

function count(target: usize, by: i32): void {
  if (!isInFrames(target)) return; // static data
  if (!isLive(target)) wrongIn(owner, "the address of a freed object in it", target, 0);
  else setCount(target, countOf(target) + by);
}

function compare(object: usize): void {
  if (classOf(object) == 0 || isPermanent(object)) return;
  const any = changetype<Object>(object);
  if (any instanceof RefCounted) expectIn(object, "its count of references", (any as RefCounted).refs, countOf(object));
}
