// SPDX-License-Identifier: MIT
// When the machine's own arithmetic gives what the ISA asks for. WebAssembly rounds to nearest even and tells no flags; and the bits of its
// NaNs vary. So: the mode must be to nearest, a result must be no NaN, and the one flag that an ordinary result can raise, NX, must be
// set already. It is sticky: a program that computes with fractions sets it once and for all.

import { INEXACT } from "./float-round.ts";
import { BOX } from "./float-value.ts";
import { FCSR_OFFSET, REGISTERS } from "./registers.ts";

const FRM_AND_NX: u32 = 0xe1;

/** NX is set and frm is round-to-nearest-even, which is 0. */
// @ts-ignore: decorator
@inline
export function isInexactToNearest(): bool {
  return (load<u32>(REGISTERS, FCSR_OFFSET) & FRM_AND_NX) == INEXACT;
}

// @ts-ignore: decorator
@inline
export function isInexact(): bool {
  return (load<u32>(REGISTERS, FCSR_OFFSET) & INEXACT) != 0;
}

/** Whether registers hold single-precision numbers; for two registers, give the bits that both have. */
// @ts-ignore: decorator
@inline
export function isBoxed(value: u64): bool {
  return (value & BOX) == BOX;
}

/** Infinite or NaN: may be an overflow, an invalid operation, a division by zero. Small sums are exact, and so underflow nothing. */
// @ts-ignore: decorator
@inline
export function isHugeDouble(result: f64): bool {
  return (reinterpret<u64>(result) & 0x7ff0000000000000) == 0x7ff0000000000000;
}

// @ts-ignore: decorator
@inline
export function isHugeSingle(result: f32): bool {
  return (reinterpret<u32>(result) & 0x7f800000) == 0x7f800000;
}

/** Huge, or so small that it may be an underflow: the smallest normal number may be a tiny one rounded up. */
// @ts-ignore: decorator
@inline
export function isExtremeDouble(result: f64): bool {
  return ((reinterpret<u64>(result) >> 52) & 0x7ff) - 2 > 0x7fc;
}

// @ts-ignore: decorator
@inline
export function isExtremeSingle(result: f32): bool {
  return ((reinterpret<u32>(result) >> 23) & 0xff) - 2 > 0xfc;
}
