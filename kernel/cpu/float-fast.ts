// SPDX-License-Identifier: MIT
export function isFast(fcsr: u32, mode: u32): bool { return false; }
export function fastDouble(record: usize, which: i32): bool { return false; }
export function fastSingle(record: usize, which: i32): bool { return false; }
