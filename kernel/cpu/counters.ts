// SPDX-License-Identifier: MIT
// What the machine has executed, and the virtual time that follows from it.

/** Instructions retired since boot. Exact whenever the hart is not running, and inside every instruction executed out of line. */
export let retired: u64 = 0;

/** Virtual time is this plus one nanosecond per retired instruction; the kernel's clock moves it forward when the machine sleeps. */
export let timeOffsetNs: u64 = 0;

export function setRetired(count: u64): void {
  retired = count;
}

export function setTimeOffset(ns: u64): void {
  timeOffsetNs = ns;
}
