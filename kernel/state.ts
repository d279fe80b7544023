// SPDX-License-Identifier: MIT
// The machine's state as one thing: everything in linear memory that decides what happens next, and the module's variables, which
// wasm keeps outside of it. For snapshots (host/core/snapshot.ts copies pages) and for the state hash.
//
// State is: the static data and the variables, REFS, and the frames in use (memory/layout.ts), addresses included, because they decide
// about later ones. No state is: what `@derived` variables and DERIVED hold, decoded code, the transfer buffer, contents of free frames.

import { BUFFER_SIZE, STATE_CODE_TAGS, STATE_DIRTY, STATE_FIRST_FRAME, STATE_REFS, STATE_REGISTERS } from "./abi/boundary.ts";
import { REGISTERS } from "./cpu/registers.ts";
import { xxh64 } from "./lib/hash.ts";
import { BUFFER } from "./lib/tracing.ts";
import { dropCode } from "./memory/code-cache.ts";
import { markRange } from "./memory/dirty.ts";
import { framesEnd, hasContents, PAGE_SHIFT, PAGE_SIZE } from "./memory/frames.ts";
import { CODE_TAGS, DERIVED, DERIVED_SIZE, DIRTY, FIRST_FRAME, frameAfter, REFS } from "./memory/layout.ts";
import { flushTlb, flushWriteTlb } from "./memory/tlb.ts";

/** Where the variables are put: 8 bytes for each, in the order of the module. */
const VARIABLES: usize = memory.data(4096, 4096);

// The build writes the bodies (scripts/asc-state.mjs): a store or a load for every variable that is not @derived.
function saveVariables(to: usize): void {}
function loadVariables(from: usize): void {}

/** Where the host finds what it needs for snapshots: STATE_*. */
export function stateAddress(kind: i32): usize {
  switch (kind) {
    case STATE_DIRTY: return DIRTY;
    case STATE_REFS: return REFS;
    case STATE_CODE_TAGS: return CODE_TAGS;
    case STATE_FIRST_FRAME: return FIRST_FRAME;
    case STATE_REGISTERS: return REGISTERS;
    default: return 0;
  }
}

/** At boot: static data counts as written, so that the first snapshot has all of it. */
export function markStaticData(): void {
  markRange(0, DERIVED);
  markRange(DERIVED + DERIVED_SIZE, __heap_base - (DERIVED + DERIVED_SIZE));
}

/** Makes linear memory hold the whole state; marks begin anew when the host clears them now. Where the frames end. */
export function saveState(): usize {
  saveVariables(VARIABLES);
  flushWriteTlb();
  return framesEnd();
}

/** The host has put a saved state into linear memory: takes the variables from it and forgets what was derived of the state before. */
export function loadState(): void {
  loadVariables(VARIABLES);
  flushTlb();
}

/** The host is about to change a page, or has. */
export function forgetCode(frame: usize): void {
  dropCode(frame);
}

/** XXH64 over the state, page by page. Equal in equal runs of one build, whatever the engine, the host's ticks, traces and snapshots. */
export function stateHash(): u64 {
  saveVariables(VARIABLES);
  const end = framesEnd();
  let hash = xxh64(0, min(DERIVED, BUFFER), 0);
  hash = hashBetween(min(DERIVED + DERIVED_SIZE, BUFFER + BUFFER_SIZE), max(DERIVED, BUFFER), hash);
  hash = hashBetween(max(DERIVED + DERIVED_SIZE, BUFFER + BUFFER_SIZE), __heap_base, hash);
  hash = hashBetween(REFS + (FIRST_FRAME >> PAGE_SHIFT << 2), REFS + (end >> PAGE_SHIFT << 2), hash);
  for (let frame = FIRST_FRAME; frame < end; frame = frameAfter(frame)) {
    if (hasContents(frame)) hash = xxh64(frame, PAGE_SIZE, hash);
  }
  return hash;
}

function hashBetween(start: usize, end: usize, seed: u64): u64 {
  return xxh64(start, end - start, seed);
}
