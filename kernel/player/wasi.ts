// SPDX-License-Identifier: MIT
// The only imports of a packed module (WASI preview 1), and the function that packing fills in.

@external("wasi_snapshot_preview1", "fd_write")
export declare function fd_write(fd: i32, iovecs: usize, count: i32, written: usize): i32;

@external("wasi_snapshot_preview1", "proc_exit")
export declare function proc_exit(code: i32): void;

/** Called now and then: some runtimes can only end a guest that calls them. */
@external("wasi_snapshot_preview1", "sched_yield")
export declare function sched_yield(): i32;

/** Copies `length` bytes of the script from `offset` to `to`; scripts/build-player.mjs puts a memory.init in its place. */
@external("script", "read")
export declare function readScript(to: usize, offset: u32, length: u32): void;
