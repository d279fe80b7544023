// SPDX-License-Identifier: MIT
// What a system call handler gives back: a result >= 0, a negative errno, or BLOCKED.

/** What a handler returns: result, -errno or BLOCKED. */
export type Outcome = i64;

/** The caller is on a wait queue (or waits for its deadline only); the whole handler runs again when it is woken. */
export const BLOCKED: i64 = -4096;

/** The call set the registers itself: execve, rt_sigreturn, and exits. No result is stored and the pc stays as it is. */
export const NO_RESULT: i64 = -4097;
