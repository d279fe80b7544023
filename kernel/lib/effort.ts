// SPDX-License-Identifier: MIT
// What the kernel does for programs, counted in instructions' worth: system calls and the bytes they move. A tick's budget and a
// time slice pay for it as for instructions; otherwise a program that only moves data (`cat /dev/zero`) would keep the host
// waiting for minutes. It is no time: virtual time follows from instructions and calls alone.

/** One run of a system call's handler. */
export const CALL_EFFORT: u64 = 100;
/** Bytes that are moved in the time of one instruction, as a power of two. */
const BYTES_SHIFT: usize = 4;

/** A jump to the next timer: one that repeats and that nobody sees takes no instructions, and yet no host may hang. */
const SKIP_EFFORT: u64 = 10_000;

/** Instructions' worth since boot. */
export let effort: u64 = 0;

export function spendCall(): void {
  effort += CALL_EFFORT;
}

export function spendSkip(): void {
  effort += SKIP_EFFORT;
}

/** Bytes or entries that are looked at one by one: each is an instruction's worth. */
export function spendSteps(count: usize): void {
  effort += <u64>count;
}

// @ts-ignore: decorator
@inline
export function spendBytes(count: usize): void {
  effort += <u64>(count >> BYTES_SHIFT);
}
