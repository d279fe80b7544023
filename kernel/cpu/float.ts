// SPDX-License-Identifier: MIT
// The F and D instructions, exactly: operands, the right function, the result. Called by step.ts for what hart.ts could not do with the
// machine's own arithmetic (float-fast.ts).

import { chosen, classOf, isEqual, isLess, isLessOrEqual } from "./float-compare.ts";
import { convert, fromInteger, toInteger } from "./float-convert.ts";
import { divide, squareRoot } from "./float-divide.ts";
import { fmaToNearestSingle, isExtremeSingle, isInexact } from "./float-fast.ts";
import { add, fma, multiply } from "./float-fma.ts";
import { TO_NEAREST_EVEN } from "./float-round.ts";
import { BOX, CANONICAL_NAN, CANONICAL_NAN_SINGLE, DOUBLE, SIGN, SINGLE, widen } from "./float-value.ts";
import {
  FLOAT_ADD, FLOAT_CLASS, FLOAT_DIV, FLOAT_EQ, FLOAT_FROM_L, FLOAT_FROM_LU, FLOAT_FROM_W, FLOAT_FROM_WU, FLOAT_LE, FLOAT_LT,
  FLOAT_MADD, FLOAT_MAX, FLOAT_MIN, FLOAT_MSUB, FLOAT_MUL, FLOAT_MV_FROM_X, FLOAT_MV_TO_X, FLOAT_NMADD, FLOAT_NMSUB, FLOAT_SGNJ,
  FLOAT_SGNJN, FLOAT_SGNJX, FLOAT_SQRT, FLOAT_SUB, FLOAT_TO_L, FLOAT_TO_W, FLOAT_TO_WU, ROUND_DYNAMIC,
} from "./decode-float.ts";
import { FUNCTION, RD, RS1, RS2, RS3, WHICH } from "./operations.ts";
import { readFcsr, REGISTERS } from "./registers.ts";

/** The bit of a FLOAT_* that is the format. */
const FORMAT: i32 = 1;

/** Executes a record of OP_FLOAT; false when it is illegal: a reserved dynamic rounding mode. */
export function float(record: usize): bool {
  const which = <i32>load<u16>(record, WHICH);
  if (isRounded(which)) {
    const field = <u32>load<u16>(record, FUNCTION);
    const mode = field == ROUND_DYNAMIC ? readFcsr() >> 5 : field;
    if (mode > 4) return false;
    if (isSingleFma(which) && mode == TO_NEAREST_EVEN && isInexact() && fastSingleFma(record, which)) return true;
    if (which >= FLOAT_TO_W && which < FLOAT_FROM_W) setX(record, integerOf(record, which, mode));
    else setF(record, which & FORMAT, rounded(record, which & ~FORMAT, which & FORMAT, mode));
    return true;
  }
  unrounded(record, which & ~FORMAT, which & FORMAT);
  return true;
}

/** Those whose encoding has a rounding mode. */
function isRounded(which: i32): bool {
  return which < FLOAT_SGNJ || which >= FLOAT_TO_W;
}

function isSingleFma(which: i32): bool {
  return which >= FLOAT_MADD && which < FLOAT_SGNJ && (which & FORMAT) == SINGLE;
}

/** With the machine's own arithmetic, as hart.ts does it for double precision; false when that may not be exact. */
function fastSingleFma(record: usize, which: i32): bool {
  const isNegated = which >= FLOAT_NMSUB;
  const isSubtracted = which == FLOAT_MSUB || which == FLOAT_NMADD;
  const a = reinterpret<f64>(operand(record, RS1, SINGLE) ^ (isNegated ? SIGN : 0));
  const b = reinterpret<f64>(operand(record, RS2, SINGLE));
  const c = reinterpret<f64>(operand(record, RS3, SINGLE) ^ (isSubtracted ? SIGN : 0));
  const result = fmaToNearestSingle(a, b, c);
  if (isExtremeSingle(result)) return false;
  setF(record, SINGLE, reinterpret<u32>(result));
  return true;
}

function rounded(record: usize, which: i32, format: u32, mode: u32): u64 {
  const a = operand(record, RS1, format);
  const b = operand(record, RS2, format);
  switch (which) {
    case FLOAT_ADD: return add(a, b, format, mode);
    case FLOAT_SUB: return add(a, b ^ SIGN, format, mode);
    case FLOAT_MUL: return multiply(a, b, format, mode);
    case FLOAT_DIV: return divide(a, b, format, mode);
    case FLOAT_SQRT: return squareRoot(a, format, mode);
    case FLOAT_MADD: return fma(a, b, operand(record, RS3, format), format, mode);
    case FLOAT_MSUB: return fma(a, b, operand(record, RS3, format) ^ SIGN, format, mode);
    case FLOAT_NMSUB: return fma(a ^ SIGN, b, operand(record, RS3, format), format, mode);
    case FLOAT_NMADD: return fma(a ^ SIGN, b, operand(record, RS3, format) ^ SIGN, format, mode);
    case FLOAT_FROM_W: return fromSigned(<i64><i32>x(record), format, mode);
    case FLOAT_FROM_WU: return fromInteger(x(record) & 0xffffffff, 0, format, mode);
    case FLOAT_FROM_L: return fromSigned(<i64>x(record), format, mode);
    case FLOAT_FROM_LU: return fromInteger(x(record), 0, format, mode);
    default: return convert(operand(record, RS1, format ^ FORMAT), format, mode); // FLOAT_CONVERT
  }
}

function fromSigned(value: i64, format: u32, mode: u32): u64 {
  return value < 0 ? fromInteger(0 - <u64>value, SIGN, format, mode) : fromInteger(value, 0, format, mode);
}

function integerOf(record: usize, which: i32, mode: u32): u64 {
  const a = operand(record, RS1, which & FORMAT);
  switch (which & ~FORMAT) {
    case FLOAT_TO_W: return toInteger(a, 32, true, mode);
    case FLOAT_TO_WU: return toInteger(a, 32, false, mode);
    case FLOAT_TO_L: return toInteger(a, 64, true, mode);
    default: return toInteger(a, 64, false, mode); // FLOAT_TO_LU
  }
}

function unrounded(record: usize, which: i32, format: u32): void {
  switch (which) {
    case FLOAT_SGNJ: case FLOAT_SGNJN: case FLOAT_SGNJX: setSign(record, which, format); break;
    case FLOAT_MIN: setMinimum(record, false, format); break;
    case FLOAT_MAX: setMinimum(record, true, format); break;
    case FLOAT_LE: setX(record, u64(isLessOrEqual(operand(record, RS1, format), operand(record, RS2, format)))); break;
    case FLOAT_LT: setX(record, u64(isLess(operand(record, RS1, format), operand(record, RS2, format)))); break;
    case FLOAT_EQ: setX(record, u64(isEqual(operand(record, RS1, format), operand(record, RS2, format)))); break;
    case FLOAT_CLASS: setX(record, classOf(operand(record, RS1, format), isSubnormal(record, format))); break;
    case FLOAT_MV_TO_X: setX(record, format == DOUBLE ? register(record, RS1) : <u64><i64><i32>register(record, RS1)); break;
    default: setF(record, format, register(record, RS1)); break; // FLOAT_MV_FROM_X
  }
}

/** The result keeps the bits of rs1, of a NaN as well. */
function setSign(record: usize, which: i32, format: u32): void {
  const sign: u64 = format == DOUBLE ? SIGN : SIGN >> 32;
  const a = pattern(record, RS1, format);
  const b = pattern(record, RS2, format);
  const from = which == FLOAT_SGNJ ? b : which == FLOAT_SGNJN ? ~b : a ^ b;
  setF(record, format, (a & ~sign) | (from & sign));
}

function setMinimum(record: usize, isMaximum: bool, format: u32): void {
  const choice = chosen(operand(record, RS1, format), operand(record, RS2, format), isMaximum);
  if (choice < 0) setF(record, format, format == DOUBLE ? CANONICAL_NAN : CANONICAL_NAN_SINGLE);
  else setF(record, format, pattern(record, choice == 0 ? RS1 : RS2, format));
}

function isSubnormal(record: usize, format: u32): bool {
  const a = pattern(record, RS1, format);
  return (a & (format == DOUBLE ? 0x7ff0000000000000 : 0x7f800000)) == 0;
}

/** A register's number in its format. What is not NaN-boxed is the canonical NaN (ISA vol. I, "NaN Boxing of Narrower Values"). */
export function pattern(record: usize, field: usize, format: u32): u64 {
  const value = register(record, field);
  if (format == DOUBLE) return value;
  return (value & BOX) == BOX ? value & 0xffffffff : CANONICAL_NAN_SINGLE;
}

/** A register's number as a double-precision pattern. */
function operand(record: usize, field: usize, format: u32): u64 {
  const value = pattern(record, field, format);
  return format == DOUBLE ? value : widen(<u32>value);
}

function register(record: usize, field: usize): u64 {
  return load<u64>(REGISTERS + load<u16>(record + field));
}

function x(record: usize): u64 {
  return register(record, RS1);
}

function setX(record: usize, value: u64): void {
  store<u64>(REGISTERS + load<u16>(record, RD), value);
}

function setF(record: usize, format: u32, bits: u64): void {
  store<u64>(REGISTERS + load<u16>(record, RD), format == SINGLE ? bits | BOX : bits);
}
