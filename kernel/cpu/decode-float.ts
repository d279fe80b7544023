// SPDX-License-Identifier: MIT
// Decodes the arithmetic of the F and D extensions: which function (FLOAT_*), which register files, which rounding mode. Loads and
// stores are decode.ts's. A reserved rounding mode is illegal here; a reserved dynamic one is found by float.ts.

import { FUNCTION, OP_FLOAT, OP_ILLEGAL, RD, RS1, RS2, RS3, WHICH } from "./operations.ts";
import { F_OFFSET, SINK_OFFSET, X_OFFSET } from "./registers.ts";

// Pairs: even for single, odd for double precision.
export const FLOAT_ADD = 0;
export const FLOAT_SUB = 2;
export const FLOAT_MUL = 4;
export const FLOAT_DIV = 6;
export const FLOAT_SQRT = 8;
export const FLOAT_MADD = 10;
export const FLOAT_MSUB = 12;
export const FLOAT_NMSUB = 14;
export const FLOAT_NMADD = 16;
export const FLOAT_SGNJ = 18;
export const FLOAT_SGNJN = 20;
export const FLOAT_SGNJX = 22;
export const FLOAT_MIN = 24;
export const FLOAT_MAX = 26;
export const FLOAT_LE = 28;
export const FLOAT_LT = 30;
export const FLOAT_EQ = 32;
export const FLOAT_CLASS = 34;
export const FLOAT_MV_TO_X = 36;
export const FLOAT_MV_FROM_X = 38;
export const FLOAT_TO_W = 40;
export const FLOAT_TO_WU = 42;
export const FLOAT_TO_L = 44;
export const FLOAT_TO_LU = 46;
export const FLOAT_FROM_W = 48;
export const FLOAT_FROM_WU = 50;
export const FLOAT_FROM_L = 52;
export const FLOAT_FROM_LU = 54;
/** fcvt.s.d, and its pair fcvt.d.s. */
export const FLOAT_CONVERT = 56;

/** The rounding mode that means "as frm says". */
export const ROUND_DYNAMIC: u32 = 7;

/** Writes the operands of an instruction of the opcodes MADD to OP-FP. */
export function decodeFloat(record: usize, insn: u32): i32 {
  const format = (insn >> 25) & 3;
  if (format > 1) return OP_ILLEGAL; // half and quad precision
  setFloatRegister(record, RD, insn >> 7);
  setFloatRegister(record, RS1, insn >> 15);
  setFloatRegister(record, RS2, insn >> 20);
  const major = (insn >> 2) & 31;
  if (major == 0x14) return arithmetic(record, insn, format);
  setFloatRegister(record, RS3, insn >> 27);
  return rounded(record, insn, FLOAT_MADD + ((major & 3) << 1) + format);
}

function arithmetic(record: usize, insn: u32, format: u32): i32 {
  const rm = (insn >> 12) & 7;
  const rs2 = (insn >> 20) & 31;
  switch (insn >> 27) {
    case 0x00: return rounded(record, insn, FLOAT_ADD + format);
    case 0x01: return rounded(record, insn, FLOAT_SUB + format);
    case 0x02: return rounded(record, insn, FLOAT_MUL + format);
    case 0x03: return rounded(record, insn, FLOAT_DIV + format);
    case 0x04: return rm <= 2 ? exact(record, FLOAT_SGNJ + (rm << 1) + format) : OP_ILLEGAL;
    case 0x05: return rm <= 1 ? exact(record, FLOAT_MIN + (rm << 1) + format) : OP_ILLEGAL;
    case 0x08: return rs2 == (format ^ 1) ? rounded(record, insn, FLOAT_CONVERT + format) : OP_ILLEGAL;
    case 0x0b: return rs2 == 0 ? rounded(record, insn, FLOAT_SQRT + format) : OP_ILLEGAL;
    case 0x14:
      setIntegerRegister(record, RD, insn >> 7);
      return rm <= 2 ? exact(record, FLOAT_LE + (rm << 1) + format) : OP_ILLEGAL;
    case 0x18:
      setIntegerRegister(record, RD, insn >> 7);
      return rs2 <= 3 ? rounded(record, insn, FLOAT_TO_W + (rs2 << 1) + format) : OP_ILLEGAL;
    case 0x1a:
      setIntegerRegister(record, RS1, insn >> 15);
      return rs2 <= 3 ? rounded(record, insn, FLOAT_FROM_W + (rs2 << 1) + format) : OP_ILLEGAL;
    case 0x1c:
      if (rs2 != 0 || rm > 1) return OP_ILLEGAL;
      setIntegerRegister(record, RD, insn >> 7);
      return exact(record, (rm == 0 ? FLOAT_MV_TO_X : FLOAT_CLASS) + format);
    case 0x1e:
      if (rs2 != 0 || rm != 0) return OP_ILLEGAL;
      setIntegerRegister(record, RS1, insn >> 15);
      return exact(record, FLOAT_MV_FROM_X + format);
    default: return OP_ILLEGAL;
  }
}

function rounded(record: usize, insn: u32, which: u32): i32 {
  const rm = (insn >> 12) & 7;
  if (rm > 4 && rm != ROUND_DYNAMIC) return OP_ILLEGAL;
  store<u16>(record, <u16>rm, FUNCTION);
  return exact(record, which);
}

function exact(record: usize, which: u32): i32 {
  store<u16>(record, <u16>which, WHICH);
  return OP_FLOAT;
}

function setFloatRegister(record: usize, field: usize, index: u32): void {
  store<u16>(record + field, <u16>(F_OFFSET + ((index & 31) << 3)));
}

/** x0 as a destination is the sink. */
function setIntegerRegister(record: usize, field: usize, index: u32): void {
  const offset = field == RD && (index & 31) == 0 ? SINK_OFFSET : X_OFFSET + ((index & 31) << 3);
  store<u16>(record + field, <u16>offset);
}
