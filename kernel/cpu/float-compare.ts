// SPDX-License-Identifier: MIT
// Comparisons, minimum and maximum, classification. Operands are double-precision patterns: single-precision ones compare alike.
// Source: ISA vol. I, "F" chapter; minimum and maximum are IEEE 754-2019 minimumNumber and maximumNumber.

import { INVALID } from "./float-round.ts";
import { isInfinite, isNaN_, isSignaling, isZero, SIGN, signOf } from "./float-value.ts";
import { raiseFlags } from "./registers.ts";

/** feq: quiet. */
export function isEqual(a: u64, b: u64): bool {
  if (isSignaling(a) || isSignaling(b)) raiseFlags(INVALID);
  return reinterpret<f64>(a) == reinterpret<f64>(b);
}

/** flt: any NaN is invalid. */
export function isLess(a: u64, b: u64): bool {
  if (isNaN_(a) || isNaN_(b)) raiseFlags(INVALID);
  return reinterpret<f64>(a) < reinterpret<f64>(b);
}

/** fle: any NaN is invalid. */
export function isLessOrEqual(a: u64, b: u64): bool {
  if (isNaN_(a) || isNaN_(b)) raiseFlags(INVALID);
  return reinterpret<f64>(a) <= reinterpret<f64>(b);
}

/** fmin and fmax: which operand is the result. -1: neither, it is the canonical NaN. A number beats a NaN, and -0 is below +0. */
export function chosen(a: u64, b: u64, isMaximum: bool): i32 {
  if (isSignaling(a) || isSignaling(b)) raiseFlags(INVALID);
  if (isNaN_(a)) return isNaN_(b) ? -1 : 1;
  if (isNaN_(b)) return 0;
  return (orderOf(a) < orderOf(b)) != isMaximum ? 0 : 1;
}

/** The bits of fclass: which one of ten kinds. */
export function classOf(a: u64, isSubnormal: bool): u64 {
  if (isNaN_(a)) return isSignaling(a) ? 1 << 8 : 1 << 9;
  const isNegative = signOf(a) != 0;
  if (isInfinite(a)) return isNegative ? 1 << 0 : 1 << 7;
  if (isZero(a)) return isNegative ? 1 << 3 : 1 << 4;
  if (isSubnormal) return isNegative ? 1 << 2 : 1 << 5;
  return isNegative ? 1 << 1 : 1 << 6;
}

/** An integer that orders patterns as the numbers they stand for. */
function orderOf(a: u64): i64 {
  return signOf(a) == 0 ? <i64>a : <i64>~(a & ~SIGN);
}
