// SPDX-License-Identifier: MIT
// Division and square root, digit by digit. Operands are double-precision patterns; the result is in the given format.

import {
  canonicalNaN, exponentOf, infinity, isInfinite, isNaN_, isSignaling, isZero, signOf, significandOf, zero,
} from "./float-value.ts";
import { DIVIDE_BY_ZERO, INVALID, round } from "./float-round.ts";
import { raiseFlags } from "./registers.ts";

export function divide(a: u64, b: u64, format: u32, mode: u32): u64 {
  const sign = signOf(a ^ b);
  const isInvalid = (isInfinite(a) && isInfinite(b)) || (isZero(a) && isZero(b));
  if (isNaN_(a) || isNaN_(b) || isInvalid) {
    if (isInvalid || isSignaling(a) || isSignaling(b)) raiseFlags(INVALID);
    return canonicalNaN(format);
  }
  if (isInfinite(a)) return infinity(format, sign);
  if (isInfinite(b) || isZero(a)) return zero(format, sign);
  if (isZero(b)) {
    raiseFlags(DIVIDE_BY_ZERO);
    return infinity(format, sign);
  }
  return divideFinite(a, b, sign, format, mode);
}

/** Long division of the 53-bit significands: the integer digit, then five digits of 11 bits. */
function divideFinite(a: u64, b: u64, sign: u64, format: u32, mode: u32): u64 {
  const divisor = significandOf(b) >> 11;
  let rest = significandOf(a) >> 11;
  let exponent = exponentOf(a) - exponentOf(b);
  let quotient = rest / divisor;
  rest %= divisor;
  for (let digit = 0; digit < 5; digit++) {
    rest <<= 11;
    quotient = (quotient << 11) | (rest / divisor);
    rest %= divisor;
  }
  // 56 bits when a's significand is the larger one, else 55.
  if (quotient >> 55 == 0) {
    quotient <<= 1;
    exponent--;
  }
  return round(sign, exponent, (quotient << 8) | u64(rest != 0), format, mode);
}

export function squareRoot(a: u64, format: u32, mode: u32): u64 {
  if (isNaN_(a)) {
    if (isSignaling(a)) raiseFlags(INVALID);
    return canonicalNaN(format);
  }
  if (isZero(a)) return zero(format, signOf(a));
  if (signOf(a) != 0) {
    raiseFlags(INVALID);
    return canonicalNaN(format);
  }
  return isInfinite(a) ? infinity(format, 0) : squareRootFinite(a, format, mode);
}

/** 56 binary digits of the root of a radicand in [1, 4), two bits of which are brought down for each. */
function squareRootFinite(a: u64, format: u32, mode: u32): u64 {
  const exponent = exponentOf(a);
  // The two bits before the binary point are the top ones: 01 for an even exponent, 1x for an odd one.
  let radicand = (exponent & 1) != 0 ? significandOf(a) : significandOf(a) >> 1;
  let root: u64 = 0;
  let rest: u64 = 0;
  for (let digit = 0; digit < 56; digit++) {
    rest = (rest << 2) | (radicand >> 62);
    radicand <<= 2;
    const trial = (root << 2) | 1;
    root <<= 1;
    if (rest >= trial) {
      rest -= trial;
      root |= 1;
    }
  }
  return round(0, exponent >> 1, (root << 8) | u64(rest != 0), format, mode);
}
