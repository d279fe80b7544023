// SPDX-License-Identifier: MIT
// Virtual time: one nanosecond for each retired guest instruction, a fixed cost for each system call, and the jumps of an
// idle machine. Nothing here looks at the host's clock.

import { QUIRK_COARSE_CTIME } from "../abi/quirks.ts";
import { hasQuirk } from "./quirks.ts";

/** What one system call costs in virtual ns, so that a program that only makes calls sees time pass. */
export const CALL_COST_NS: i64 = 100;
/** Timestamps of the quirk coarse-ctime advance in ticks of 4 ms (CONFIG_HZ=250). */
const COARSE_TICK_NS: i64 = 4_000_000;

/** Virtual ns apart from retired instructions; the hart adds those (cpu/hart.ts reads it for the time CSR). */
export let offsetNs: i64 = 0;
/** The part of offsetNs that nobody used. */
let idle: i64 = 0;
let retiredNs: i64 = 0;
let epochNs: i64 = 0;
let lastStamp: i64 = 0;

/** Sets CLOCK_REALTIME at virtual time zero, in ns since 1970. */
export function setEpoch(ns: i64): void {
  epochNs = ns;
}

/** The scheduler reports the instructions retired since boot. */
export function setRetired(instructions: i64): void {
  retiredNs = instructions;
}

/** Lets time pass without instructions. */
export function advance(ns: i64): void {
  offsetNs += ns;
}

/** The machine sleeps that long. */
export function skip(ns: i64): void {
  offsetNs += ns;
  idle += ns;
}

// Where time went, in ns since boot.

export function idleTime(): i64 {
  return idle;
}

export function userTime(): i64 {
  return retiredNs;
}

export function systemTime(): i64 {
  return offsetNs - idle;
}

/** Virtual time since boot in ns: CLOCK_MONOTONIC. */
export function now(): i64 {
  return offsetNs + retiredNs;
}

/** CLOCK_REALTIME in ns since 1970. */
export function realtime(): i64 {
  return epochNs + now();
}

/** A timestamp for an inode; later than every one before it, so that each change shows (unless the quirk coarsens it). */
export function stamp(): i64 {
  const time = realtime();
  if (hasQuirk(QUIRK_COARSE_CTIME)) return time - (time % COARSE_TICK_NS);
  lastStamp = max(time, lastStamp + 1);
  return lastStamp;
}
