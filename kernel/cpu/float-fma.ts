// SPDX-License-Identifier: MIT
// a * b + c with one rounding. Addition is a * 1 + c and multiplication a * b + 0, so that this is all of addition and
// multiplication. Operands are double-precision patterns; the result is in the given format.

import {
  canonicalNaN, exponentOf, infinity, isInfinite, isNaN_, isSignaling, isZero, ONE, SIGN, signOf, significandOf, zero,
} from "./float-value.ts";
import { DOWN, INVALID, round } from "./float-round.ts";
import { mulhu } from "./multiply.ts";
import { raiseFlags } from "./registers.ts";

export function add(a: u64, b: u64, format: u32, mode: u32): u64 {
  return fma(a, ONE, b, format, mode);
}

/** The zero has the sign of the product: adding it changes nothing, not even the sign of a zero. */
export function multiply(a: u64, b: u64, format: u32, mode: u32): u64 {
  return fma(a, b, signOf(a ^ b), format, mode);
}

export function fma(a: u64, b: u64, c: u64, format: u32, mode: u32): u64 {
  const sign = signOf(a ^ b);
  const isInvalidProduct = (isInfinite(a) && isZero(b)) || (isZero(a) && isInfinite(b));
  if (isNaN_(a) || isNaN_(b) || isNaN_(c) || isInvalidProduct) {
    if (isInvalidProduct || isSignaling(a) || isSignaling(b) || isSignaling(c)) raiseFlags(INVALID);
    return canonicalNaN(format);
  }
  if (isInfinite(a) || isInfinite(b)) {
    if (!isInfinite(c) || signOf(c) == sign) return infinity(format, sign);
    raiseFlags(INVALID);
    return canonicalNaN(format);
  }
  if (isInfinite(c)) return infinity(format, signOf(c));
  if (isZero(a) || isZero(b)) {
    if (isZero(c)) return signOf(c) == sign ? zero(format, sign) : exactZero(format, mode);
    return round(signOf(c), exponentOf(c), significandOf(c), format, mode); // exact
  }
  return fmaFinite(a, b, c, format, mode);
}

/** The sum of opposite numbers. */
function exactZero(format: u32, mode: u32): u64 {
  return zero(format, mode == DOWN ? SIGN : 0);
}

// A 128-bit number: what fmaFinite works on, the larger addend and then the sum.
let high: u64 = 0;
let low: u64 = 0;
// The smaller addend.
let otherHigh: u64 = 0;
let otherLow: u64 = 0;

/**
 * The product of two 53-bit significands has 106 bits. Both addends are put with their leading 1 in bit 126 of 128: room for a
 * carry, and at least 20 zero bits below the product, so that an addend shifted out into one sticky bit cannot change a rounding.
 */
function fmaFinite(a: u64, b: u64, c: u64, format: u32, mode: u32): u64 {
  const aSignificand = significandOf(a);
  const bSignificand = significandOf(b);
  let sign = signOf(a ^ b);
  let exponent = exponentOf(a) + exponentOf(b) + 1;
  high = mulhu(aSignificand, bSignificand);
  low = aSignificand * bSignificand;
  if (<i64>high < 0) shiftRight(1);
  else exponent--;
  if (!isZero(c)) {
    otherHigh = significandOf(c) >> 1;
    otherLow = 0; // bit 0 of a significand of 53 bits is 0
    const otherExponent = exponentOf(c);
    let distance = exponent - otherExponent;
    let otherSign = signOf(c);
    if (distance < 0 || (distance == 0 && isLess())) {
      swap();
      exponent = otherExponent;
      otherSign = sign;
      sign = signOf(c);
      distance = -distance;
    }
    swap();
    shiftRight(<u32>distance);
    swap();
    if (sign == otherSign) plus();
    else minus();
    if ((high | low) == 0) return exactZero(format, mode);
  }
  // The leading 1 back to bit 63 of the upper half; the exponent was that of bit 126.
  const leading = high != 0 ? <i32>clz(high) : 64 + <i32>clz(low);
  shiftLeft(leading);
  return round(sign, exponent + 1 - leading, high | u64(low != 0), format, mode);
}

function swap(): void {
  const h = high;
  const l = low;
  high = otherHigh;
  low = otherLow;
  otherHigh = h;
  otherLow = l;
}

function isLess(): bool {
  return high < otherHigh || (high == otherHigh && low < otherLow);
}

function plus(): void {
  low += otherLow;
  high += otherHigh + u64(low < otherLow);
}

function minus(): void {
  high -= otherHigh + u64(low < otherLow);
  low -= otherLow;
}

/** What falls out leaves a mark in bit 0. */
function shiftRight(by: u32): void {
  if (by == 0) return;
  if (by > 127) {
    low = u64((high | low) != 0);
    high = 0;
  } else if (by >= 64) {
    const rest = by - 64;
    const lost = low | (rest == 0 ? 0 : high << (64 - rest));
    low = (high >> rest) | u64(lost != 0);
    high = 0;
  } else {
    const lost = low << (64 - by);
    low = (low >> by) | (high << (64 - by)) | u64(lost != 0);
    high >>= by;
  }
}

function shiftLeft(by: u32): void {
  if (by == 0) return;
  if (by >= 64) {
    high = low << (by - 64);
    low = 0;
  } else {
    high = (high << by) | (low >> (64 - by));
    low <<= by;
  }
}
