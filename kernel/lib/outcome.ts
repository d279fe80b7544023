// SPDX-License-Identifier: MIT
// What a system call handler gives back: a result >= 0, a negative errno, or BLOCKED.

/** What a handler returns: result, -errno or BLOCKED. */
export type Outcome = i64;

/** The caller is on a wait queue (or waits for its deadline only); the whole handler runs again when it is woken. */
export const BLOCKED: i64 = -4096;
