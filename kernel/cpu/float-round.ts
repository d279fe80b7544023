// SPDX-License-Identifier: MIT
// Rounds an exact result to a format, and raises the flags that follow from it. Tininess is detected after rounding.
// Source: ISA vol. I, "F" chapter, rounding modes and accrued exceptions; IEEE 754-2019 clauses 4.3 and 7.

import { DOUBLE, infinity, shiftRightSticky } from "./float-value.ts";
import { raiseFlags } from "./registers.ts";

// fflags
export const INEXACT: u32 = 1;
export const UNDERFLOW: u32 = 2;
export const OVERFLOW: u32 = 4;
export const DIVIDE_BY_ZERO: u32 = 8;
export const INVALID: u32 = 16;

// frm
export const TO_NEAREST_EVEN: u32 = 0;
export const TOWARDS_ZERO: u32 = 1;
export const DOWN: u32 = 2;
export const UP: u32 = 3;
export const TO_NEAREST_AWAY: u32 = 4;

/**
 * The bit pattern nearest to sign * significand * 2^(exponent - 63). The significand has its leading 1 in bit 63; bit 0 stands for
 * everything below as well.
 */
export function round(sign: u64, exponent: i32, significand: u64, format: u32, mode: u32): u64 {
  const precision: u64 = format == DOUBLE ? 53 : 24;
  const smallest = format == DOUBLE ? -1022 : -126;
  const dropped = 64 - precision;

  let isTiny = false;
  if (exponent < smallest) {
    // Not tiny if, with an unbounded exponent, it rounded up to the smallest normal number.
    const becomesNormal = exponent == smallest - 1 && (~significand >> dropped) == 0 && roundsUp(significand, dropped, sign, mode);
    isTiny = !becomesNormal;
    significand = shiftRightSticky(significand, smallest - exponent);
    exponent = smallest;
  }

  const isInexact = significand << precision != 0;
  // A carry out of the significand, from subnormal to normal too, is a carry into the exponent.
  const magnitude = (<u64>(exponent - smallest) << (precision - 1)) + (significand >> dropped)
    + u64(roundsUp(significand, dropped, sign, mode));
  if (magnitude >= infinity(format, 0)) {
    raiseFlags(OVERFLOW | INEXACT);
    return infinity(format, sign) - u64(!overflowsToInfinity(sign, mode));
  }
  if (isInexact) raiseFlags(isTiny ? UNDERFLOW | INEXACT : INEXACT);
  return (format == DOUBLE ? sign : sign >> 32) | magnitude;
}

/** Whether the magnitude above the lowest `dropped` bits grows by one. */
export function roundsUp(value: u64, dropped: u64, sign: u64, mode: u32): bool {
  const rest = value << (64 - dropped);
  const half: u64 = 0x8000000000000000;
  switch (mode) {
    case TO_NEAREST_EVEN: return rest > half || (rest == half && ((value >> dropped) & 1) != 0);
    case DOWN: return sign != 0 && rest != 0;
    case UP: return sign == 0 && rest != 0;
    case TO_NEAREST_AWAY: return rest >= half;
    default: return false;
  }
}

/** Otherwise an overflow gives the largest finite number, whose pattern is the one before infinity. */
function overflowsToInfinity(sign: u64, mode: u32): bool {
  switch (mode) {
    case TOWARDS_ZERO: return false;
    case DOWN: return sign != 0;
    case UP: return sign == 0;
    default: return true;
  }
}
