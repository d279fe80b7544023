// SPDX-License-Identifier: MIT
// Where things lie in a new program's address space. Fixed: the same program has the same addresses in every run.
//
//   0x10000 | ET_EXEC images | heap ...        0x2a_aaaa_a000 | ET_DYN images, heap ...       ... mmap (top down) | stack | trampoline

import { PAGE_SIZE } from "../memory/frames.ts";
import { USER_END } from "../memory/page-table.ts";

/** Base of position independent programs: two thirds of the address space, as Linux has it. */
export const DYNAMIC_BASE: u64 = 0x2a_aaaa_a000;

/** The page with `li a7, SYS_rt_sigreturn; ecall` that signal handlers return to (Linux has it in the vdso). */
export const SIGRETURN_TRAMPOLINE: u64 = USER_END - 2 * <u64>PAGE_SIZE;

/** First address above the stack. */
export const STACK_TOP: u64 = USER_END - 4 * <u64>PAGE_SIZE;

/** Pages that a new stack has before it grows (Linux: 128 KiB). */
export const INITIAL_STACK: u64 = 32 * <u64>PAGE_SIZE;

/** Least and most distance between STACK_TOP and the top of mmap (Linux: 128 MiB to 5/6 of the address space). */
export const LEAST_STACK_GAP: u64 = 128 << 20;
export const MOST_STACK_GAP: u64 = (USER_END / 6) * 5;
