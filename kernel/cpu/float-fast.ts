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

/**
 * a * b + c in one rounding to nearest, or NaN where this way does not work: outside of a middle range of exponents, where no
 * intermediate can overflow or underflow, and for a result of zero.
 *
 * Boldo and Melquiond, "Emulation of FMA and correctly rounded sums: proved algorithms using rounding to odd" (2008).
 */
export function fmaToNearest(a: f64, b: f64, c: f64): f64 {
  if (!isMiddle(a, 250) || !isMiddle(b, 250) || (c != 0 && !isMiddle(c, 800))) return NaN;
  const product = a * b;
  const productError = errorOfProduct(a, b, product);
  const low = c + productError;
  const lowError = errorOfSum(c, productError, low);
  const high = product + low;
  const highError = errorOfSum(product, low, high);
  const result = high + sumToOdd(lowError, highError);
  return result == 0 ? NaN : result;
}

/** The same for single precision, whose products are exact in double precision. May be extreme: the caller looks. */
export function fmaToNearestSingle(a: f64, b: f64, c: f64): f32 {
  return <f32>sumToOdd(a * b, c);
}

/** Whether the exponent lies within -limit..limit. */
function isMiddle(value: f64, limit: u32): bool {
  const biased = <u32>(reinterpret<u64>(value) >> 52) & 0x7ff;
  return biased - (1023 - limit) <= 2 * limit;
}

/** a + b, rounded to the neighbour with an odd last bit unless exact: then a rounding to fewer bits sees what was lost. */
function sumToOdd(a: f64, b: f64): f64 {
  const sum = a + b;
  const error = errorOfSum(a, b, sum);
  const bits = reinterpret<i64>(sum);
  if (error == 0 || (bits & 1) != 0) return sum;
  return reinterpret<f64>(bits + ((error > 0) == (sum > 0) ? 1 : -1));
}

/** What rounding lost in sum = a + b, exactly (Knuth, Moller). */
function errorOfSum(a: f64, b: f64, sum: f64): f64 {
  const bPart = sum - a;
  return (a - (sum - bPart)) + (b - bPart);
}

/** What rounding lost in product = a * b, exactly (Dekker, with Veltkamp's splitting into halves of 26 bits). */
function errorOfProduct(a: f64, b: f64, product: f64): f64 {
  const aScaled = a * 134217729.0;
  const aHigh = aScaled - (aScaled - a);
  const aLow = a - aHigh;
  const bScaled = b * 134217729.0;
  const bHigh = bScaled - (bScaled - b);
  const bLow = b - bHigh;
  return ((aHigh * bHigh - product) + aHigh * bLow + aLow * bHigh) + aLow * bLow;
}
