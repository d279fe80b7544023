// SPDX-License-Identifier: MIT
// The only wasm imports. Everything here is an output: nothing that the host answers can change what the kernel does.

/** Bytes for the outside: stream 1 is standard output, 2 standard error, 0 (CONSOLE_TERMINAL) the terminal. */
@external("spawnlab", "consoleWrite")
export declare function consoleWrite(stream: i32, ptr: usize, len: usize): void;

/** One trace event (abi/boundary.ts, TRACE_*); only with BOOT_TRACE. The host may call peek() from inside. */
@external("spawnlab", "trace")
export declare function trace(event: i32, tid: i32, number: i32, value: i64): void;

/** A finding (FINDING_*) with one UTF-8 sentence. */
@external("spawnlab", "finding")
export declare function finding(kind: i32, ptr: usize, len: usize): void;
