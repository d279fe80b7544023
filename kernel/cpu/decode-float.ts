// SPDX-License-Identifier: MIT
// Decodes the arithmetic of the F and D extensions: which function (FLOAT_*), which register files, which rounding mode. Loads and
// stores are decode.ts's. A reserved rounding mode is illegal here; a reserved dynamic one is found by float.ts.

import { TO_NEAREST_EVEN, TOWARDS_ZERO } from "./float-round.ts";
import {
  FUNCTION, OP_FABS_D, OP_FADD_D, OP_FADD_S, OP_FCVT_D_L, OP_FCVT_D_S, OP_FCVT_D_W, OP_FCVT_L_D, OP_FCVT_S_D, OP_FCVT_W_D, OP_FDIV_D,
  OP_FDIV_S, OP_FEQ_D, OP_FLE_D, OP_FLOAT, OP_FLT_D, OP_FMADD_D, OP_FMSUB_D, OP_FMUL_D, OP_FMUL_S, OP_FNEG_D, OP_FNMADD_D, OP_FNMSUB_D,
  OP_FSQRT_D, OP_FSUB_D, OP_FSUB_S, OP_ILLEGAL, OP_MV, RD, RS1, RS2, RS3, WHICH,
} from "./operations.ts";
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
  const format = <i32>((insn >> 25) & 3);
  if (format > 1) return OP_ILLEGAL; // half and quad precision
  setFloatRegister(record, RD, insn >> 7);
  setFloatRegister(record, RS1, insn >> 15);
  setFloatRegister(record, RS2, insn >> 20);
  const major = (insn >> 2) & 31;
  if (major == 0x14) return arithmetic(record, insn, format);
  setFloatRegister(record, RS3, insn >> 27);
  return rounded(record, insn, FLOAT_MADD + <i32>((major & 3) << 1) + format);
}

function arithmetic(record: usize, insn: u32, format: i32): i32 {
  const rm = <i32>((insn >> 12) & 7);
  const rs2 = <i32>((insn >> 20) & 31);
  switch (insn >> 27) {
    case 0x00: return rounded(record, insn, FLOAT_ADD + format);
    case 0x01: return rounded(record, insn, FLOAT_SUB + format);
    case 0x02: return rounded(record, insn, FLOAT_MUL + format);
    case 0x03: return rounded(record, insn, FLOAT_DIV + format);
    case 0x04: return rm <= 2 ? signInjection(record, insn, FLOAT_SGNJ + (rm << 1) + format) : OP_ILLEGAL;
    case 0x05: return rm <= 1 ? exact(record, FLOAT_MIN + (rm << 1) + format) : OP_ILLEGAL;
    case 0x08: return rs2 == (format ^ 1) ? rounded(record, insn, FLOAT_CONVERT + format) : OP_ILLEGAL;
    case 0x0b: return rs2 == 0 ? rounded(record, insn, FLOAT_SQRT + format) : OP_ILLEGAL;
    case 0x14:
      setIntegerRegister(record, RD, insn >> 7);
      return rm <= 2 ? comparison(record, FLOAT_LE + (rm << 1) + format) : OP_ILLEGAL;
    case 0x18:
      setIntegerRegister(record, RD, insn >> 7);
      return rs2 <= 3 ? rounded(record, insn, FLOAT_TO_W + (rs2 << 1) + format) : OP_ILLEGAL;
    case 0x1a:
      setIntegerRegister(record, RS1, insn >> 15);
      return rs2 <= 3 ? rounded(record, insn, FLOAT_FROM_W + (rs2 << 1) + format) : OP_ILLEGAL;
    case 0x1c:
      if (rs2 != 0 || rm > 1) return OP_ILLEGAL;
      setIntegerRegister(record, RD, insn >> 7);
      if (rm == 0 && format == 1) return OP_MV; // fmv.x.d
      return exact(record, (rm == 0 ? FLOAT_MV_TO_X : FLOAT_CLASS) + format);
    case 0x1e:
      if (rs2 != 0 || rm != 0) return OP_ILLEGAL;
      setIntegerRegister(record, RS1, insn >> 15);
      return format == 1 ? OP_MV : exact(record, FLOAT_MV_FROM_X + format); // fmv.d.x
    default: return OP_ILLEGAL;
  }
}

function rounded(record: usize, insn: u32, which: i32): i32 {
  const rm = (insn >> 12) & 7;
  if (rm > 4 && rm != ROUND_DYNAMIC) return OP_ILLEGAL;
  store<u16>(record, <u16>rm, FUNCTION);
  exact(record, which);
  if (rm == TOWARDS_ZERO) return which == FLOAT_TO_W + 1 ? OP_FCVT_W_D : which == FLOAT_TO_L + 1 ? OP_FCVT_L_D : OP_FLOAT;
  return rm == ROUND_DYNAMIC || rm == TO_NEAREST_EVEN ? fastOperation(which) : OP_FLOAT;
}

/** For the modes in which the loop in hart.ts may compute: what frm says must be found to be "to nearest" there. */
function fastOperation(which: i32): i32 {
  switch (which) {
    case FLOAT_ADD + 0: return OP_FADD_S;
    case FLOAT_ADD + 1: return OP_FADD_D;
    case FLOAT_SUB + 0: return OP_FSUB_S;
    case FLOAT_SUB + 1: return OP_FSUB_D;
    case FLOAT_MUL + 0: return OP_FMUL_S;
    case FLOAT_MUL + 1: return OP_FMUL_D;
    case FLOAT_DIV + 0: return OP_FDIV_S;
    case FLOAT_DIV + 1: return OP_FDIV_D;
    case FLOAT_SQRT + 1: return OP_FSQRT_D;
    case FLOAT_MADD + 1: return OP_FMADD_D;
    case FLOAT_MSUB + 1: return OP_FMSUB_D;
    case FLOAT_NMSUB + 1: return OP_FNMSUB_D;
    case FLOAT_NMADD + 1: return OP_FNMADD_D;
    case FLOAT_FROM_W + 1: return OP_FCVT_D_W;
    case FLOAT_FROM_L + 1: return OP_FCVT_D_L;
    case FLOAT_CONVERT + 0: return OP_FCVT_S_D;
    case FLOAT_CONVERT + 1: return OP_FCVT_D_S;
    default: return OP_FLOAT;
  }
}

/** fmv.d, fneg.d and fabs.d are sign injections from the same register. */
function signInjection(record: usize, insn: u32, which: i32): i32 {
  exact(record, which);
  if (((insn >> 15) & 31) != ((insn >> 20) & 31)) return OP_FLOAT;
  switch (which) {
    case FLOAT_SGNJ + 1: return OP_MV;
    case FLOAT_SGNJN + 1: return OP_FNEG_D;
    case FLOAT_SGNJX + 1: return OP_FABS_D;
    default: return OP_FLOAT;
  }
}

function comparison(record: usize, which: i32): i32 {
  exact(record, which);
  switch (which) {
    case FLOAT_EQ + 1: return OP_FEQ_D;
    case FLOAT_LT + 1: return OP_FLT_D;
    case FLOAT_LE + 1: return OP_FLE_D;
    default: return OP_FLOAT;
  }
}

function exact(record: usize, which: i32): i32 {
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
