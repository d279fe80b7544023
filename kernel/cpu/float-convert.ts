// SPDX-License-Identifier: MIT
// Conversions between floating-point formats and integers. What does not fit saturates and is invalid; then it is not inexact as well.
// Source: ISA vol. I, "F" chapter, table "Domains of float-to-integer conversions and behavior for invalid inputs".

import {
  canonicalNaN, DOUBLE, exponentOf, infinity, isInfinite, isNaN_, isSignaling, isZero, shiftRightSticky, signOf, significandOf, zero,
} from "./float-value.ts";
import { INEXACT, INVALID, round, roundsUp } from "./float-round.ts";
import { raiseFlags } from "./registers.ts";

/** To an integer of 32 or 64 bits, sign-extended as registers hold it (also when it is unsigned). */
export function toInteger(a: u64, bits: u64, isSigned: bool, mode: u32): u64 {
  const largest: u64 = <u64>-1 >> (64 - bits + u64(isSigned));
  if (isNaN_(a)) return saturated(largest, bits);
  const sign = signOf(a);
  const limit = sign == 0 ? largest : isSigned ? largest + 1 : 0;
  const extreme = sign == 0 ? limit : 0 - limit;
  if (isInfinite(a)) return saturated(extreme, bits);
  if (isZero(a)) return 0;

  const exponent = exponentOf(a);
  if (exponent > 63) return saturated(extreme, bits);
  const significand = significandOf(a);
  let magnitude = exponent < 0 ? 0 : significand >> (63 - exponent);
  const fraction = exponent < 0 ? shiftRightSticky(significand, -1 - exponent) : exponent == 63 ? 0 : significand << (exponent + 1);
  // Rounding sees the last integer bit and the fraction: 62 bits of it, and a sticky one.
  const lastBits = (magnitude << 63) | shiftRightSticky(fraction, 1);
  magnitude += u64(roundsUp(lastBits, 63, sign, mode));
  if (magnitude > limit) return saturated(extreme, bits);
  if (fraction != 0) raiseFlags(INEXACT);
  return extended(sign == 0 ? magnitude : 0 - magnitude, bits);
}

/** From a magnitude and its sign. */
export function fromInteger(magnitude: u64, sign: u64, format: u32, mode: u32): u64 {
  if (magnitude == 0) return 0;
  const leading = clz(magnitude);
  return round(sign, 63 - <i32>leading, magnitude << leading, format, mode);
}

/** From one format to the other: `a` is a double-precision pattern in any case, `format` is that of the result. */
export function convert(a: u64, format: u32, mode: u32): u64 {
  if (isNaN_(a)) {
    if (isSignaling(a)) raiseFlags(INVALID);
    return canonicalNaN(format);
  }
  if (isInfinite(a)) return infinity(format, signOf(a));
  if (isZero(a)) return zero(format, signOf(a));
  return format == DOUBLE ? a : round(signOf(a), exponentOf(a), significandOf(a), format, mode);
}

function saturated(value: u64, bits: u64): u64 {
  raiseFlags(INVALID);
  return extended(value, bits);
}

function extended(value: u64, bits: u64): u64 {
  return bits == 32 ? <u64><i64><i32>value : value;
}
