// SPDX-License-Identifier: MIT
// Floating-point numbers taken apart. Arithmetic works on double-precision bit patterns only, because every single-precision number is
// one exactly; the format matters again when a result is rounded (float-round.ts).
//
// A finite number that is not zero is (-1)^sign * 1.f * 2^exponent; its significand is 1.f with the leading 1 in bit 63.

export const SINGLE: u32 = 0;
export const DOUBLE: u32 = 1;

/** Upper half of a register that holds a single-precision number. */
export const BOX: u64 = 0xffffffff00000000;

export const CANONICAL_NAN_SINGLE: u64 = 0x7fc00000;
export const CANONICAL_NAN: u64 = 0x7ff8000000000000;
export const INFINITY_BITS: u64 = 0x7ff0000000000000;
export const SIGN: u64 = 0x8000000000000000;
export const ONE: u64 = 0x3ff0000000000000;

const QUIET: u64 = 0x0008000000000000;
const FRACTION: u64 = 0x000fffffffffffff;
const SIGNALING_NAN: u64 = 0x7ff0000000000001;

// @ts-ignore: decorator
@inline
export function signOf(a: u64): u64 {
  return a & SIGN;
}

// @ts-ignore: decorator
@inline
export function isNaN_(a: u64): bool {
  return (a & ~SIGN) > INFINITY_BITS;
}

// @ts-ignore: decorator
@inline
export function isSignaling(a: u64): bool {
  return isNaN_(a) && (a & QUIET) == 0;
}

// @ts-ignore: decorator
@inline
export function isInfinite(a: u64): bool {
  return (a & ~SIGN) == INFINITY_BITS;
}

// @ts-ignore: decorator
@inline
export function isZero(a: u64): bool {
  return (a & ~SIGN) == 0;
}

/** Of a finite number that is not zero. */
export function exponentOf(a: u64): i32 {
  const biased = <i32>(a >> 52) & 0x7ff;
  return biased != 0 ? biased - 1023 : -1011 - <i32>clz(a & FRACTION);
}

/** Of a finite number that is not zero: the leading 1 in bit 63. */
export function significandOf(a: u64): u64 {
  const fraction = a & FRACTION;
  return ((a >> 52) & 0x7ff) != 0 ? SIGN | (fraction << 11) : fraction << clz(fraction);
}

/** A single-precision bit pattern as the double-precision one of the same value; a NaN stays signaling or quiet. */
export function widen(a: u32): u64 {
  if ((a & 0x7fffffff) > 0x7f800000) return (a & 0x00400000) != 0 ? CANONICAL_NAN : SIGNALING_NAN;
  return reinterpret<u64>(<f64>reinterpret<f32>(a));
}

export function canonicalNaN(format: u32): u64 {
  return format == DOUBLE ? CANONICAL_NAN : CANONICAL_NAN_SINGLE;
}

export function infinity(format: u32, sign: u64): u64 {
  return format == DOUBLE ? sign | INFINITY_BITS : (sign >> 32) | 0x7f800000;
}

export function zero(format: u32, sign: u64): u64 {
  return format == DOUBLE ? sign : sign >> 32;
}

/** Shifts right; what falls out leaves a mark in bit 0, so that later roundings see it. */
export function shiftRightSticky(value: u64, by: u32): u64 {
  if (by == 0) return value;
  if (by > 63) return u64(value != 0);
  return (value >> by) | u64((value << (64 - by)) != 0);
}
