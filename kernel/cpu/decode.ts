// SPDX-License-Identifier: MIT
// Turns one instruction into a record (operations.ts). Everything that does not depend on register values is settled here: x0, immediates,
// branch targets inside the page, and whether the encoding is legal. Called by step.ts at an instruction's first execution.
// Source: ISA vol. I, "RV32/64G Instruction Set Listings".

import { decodeFloat } from "./decode-float.ts";
import {
  FUNCTION, IMM, OP_ADD, OP_ADDI, OP_ADDIW, OP_ADDW, OP_AMO_D, OP_AMO_W, OP_AND, OP_ANDI, OP_AUIPC, OP_BEQ, OP_BEQ_FAR,
  OP_BEQZ, OP_BEQZ_FAR, OP_BGE, OP_BGEU, OP_BLT, OP_BLTU, OP_BNE, OP_BNEZ, OP_BNEZ_FAR, OP_CSR, OP_DIVUW, OP_DIVW, OP_EBREAK,
  OP_ECALL, OP_FLW, OP_ILLEGAL, OP_J, OP_J_FAR, OP_JAL, OP_JAL_FAR, OP_JALR, OP_JR, OP_LB, OP_LBU, OP_LD, OP_LH, OP_LHU, OP_LI,
  OP_LR_D, OP_LR_W, OP_LW, OP_LWU, OP_MUL, OP_MULW, OP_MV, OP_NOP, OP_OR, OP_ORI, OP_REMUW, OP_REMW, OP_SB, OP_SC_D, OP_SC_W,
  OP_SD, OP_SH, OP_SLL, OP_SLLI, OP_SLLIW, OP_SLLW, OP_SLT, OP_SLTI, OP_SLTIU, OP_SLTU, OP_SRA, OP_SRAI, OP_SRAIW, OP_SRAW, OP_SRL,
  OP_SRLI, OP_SRLIW, OP_SRLW, OP_SUB, OP_SUBW, OP_SW, OP_UNPAIRED, OP_XOR, OP_XORI, RD, RS1, RS1_FIELD, RS2, WHICH,
} from "./operations.ts";
import { F_OFFSET, SINK_OFFSET, X_OFFSET } from "./registers.ts";

const PAGE_SIZE: i32 = 4096;

/**
 * Writes the record of an instruction that starts `offset` bytes into its page. `mayBeNear` is false where record addresses are
 * not those of the page (an instruction across two pages).
 */
export function decode(record: usize, insn: u32, length: u32, offset: i32, mayBeNear: bool): void {
  store<u64>(record, 0);
  store<u64>(record, 0, 8);
  const operation = decodeOperation(record, insn, length, offset, mayBeNear);
  store<u16>(record, length == 2 && operation < OP_UNPAIRED ? operation | 1 : operation);
}

function decodeOperation(record: usize, insn: u32, length: u32, offset: i32, mayBeNear: bool): i32 {
  if ((insn & 3) != 3) return OP_ILLEGAL;
  const funct3 = (insn >> 12) & 7;
  setRegisters(record, insn);
  switch ((insn >> 2) & 31) {
    case 0x00: return load_(record, insn, funct3);
    case 0x01: return floatLoad(record, insn, funct3);
    case 0x03: return funct3 <= 1 ? OP_NOP : OP_ILLEGAL; // fence, fence.i: one hart, and decoded code is always coherent
    case 0x04: return immediate(record, insn, funct3);
    case 0x05: return auipc(record, insn, offset);
    case 0x06: return immediateWord(record, insn, funct3);
    case 0x08: return store_(record, insn, funct3);
    case 0x09: return floatStore(record, insn, funct3);
    case 0x0b: return atomic(record, insn, funct3);
    case 0x0c: return register(record, insn, funct3);
    case 0x0d: return loadImmediate(record, <i32>(insn & 0xfffff000));
    case 0x0e: return registerWord(record, insn, funct3);
    case 0x10: case 0x11: case 0x12: case 0x13: case 0x14: return decodeFloat(record, insn);
    case 0x18: return branch(record, insn, funct3, offset, mayBeNear);
    case 0x19: return jumpRegister(record, insn, funct3, offset + length);
    case 0x1b: return jump(record, insn, offset, offset + length, mayBeNear);
    case 0x1c: return system(record, insn, funct3);
    default: return OP_ILLEGAL;
  }
}

function setRegisters(record: usize, insn: u32): void {
  store<u16>(record, destination(insn), RD);
  store<u16>(record, <u16>(X_OFFSET + (rs1(insn) << 3)), RS1);
  store<u16>(record, <u16>(X_OFFSET + (rs2(insn) << 3)), RS2);
}

/** x0 as a destination is the sink. */
function destination(insn: u32): i32 {
  return <u16>(rd(insn) == 0 ? SINK_OFFSET : X_OFFSET + (rd(insn) << 3));
}

function load_(record: usize, insn: u32, funct3: u32): i32 {
  setImmediate(record, iImmediate(insn));
  switch (funct3) {
    case 0: return OP_LB;
    case 1: return OP_LH;
    case 2: return OP_LW;
    case 3: return OP_LD;
    case 4: return OP_LBU;
    case 5: return OP_LHU;
    case 6: return OP_LWU;
    default: return OP_ILLEGAL;
  }
}

function store_(record: usize, insn: u32, funct3: u32): i32 {
  setImmediate(record, sImmediate(insn));
  switch (funct3) {
    case 0: return OP_SB;
    case 1: return OP_SH;
    case 2: return OP_SW;
    case 3: return OP_SD;
    default: return OP_ILLEGAL;
  }
}

function floatLoad(record: usize, insn: u32, funct3: u32): i32 {
  setImmediate(record, iImmediate(insn));
  store<u16>(record, <u16>(F_OFFSET + (rd(insn) << 3)), RD);
  return funct3 == 2 ? OP_FLW : funct3 == 3 ? OP_LD : OP_ILLEGAL;
}

function floatStore(record: usize, insn: u32, funct3: u32): i32 {
  setImmediate(record, sImmediate(insn));
  store<u16>(record, <u16>(F_OFFSET + (rs2(insn) << 3)), RS2);
  return funct3 == 2 ? OP_SW : funct3 == 3 ? OP_SD : OP_ILLEGAL;
}

function immediate(record: usize, insn: u32, funct3: u32): i32 {
  const imm = iImmediate(insn);
  setImmediate(record, imm);
  if (rd(insn) == 0) return isShift(funct3) && !isShiftImmediate(insn, funct3, 6) ? OP_ILLEGAL : OP_NOP; // HINTs
  switch (funct3) {
    case 0: return rs1(insn) == 0 ? OP_LI : imm == 0 ? OP_MV : OP_ADDI;
    case 2: return OP_SLTI;
    case 3: return OP_SLTIU;
    case 4: return OP_XORI;
    case 6: return OP_ORI;
    case 7: return OP_ANDI;
    default: break;
  }
  if (!isShiftImmediate(insn, funct3, 6)) return OP_ILLEGAL;
  setImmediate(record, imm & 63);
  return funct3 == 1 ? OP_SLLI : (insn >> 30) == 0 ? OP_SRLI : OP_SRAI;
}

function immediateWord(record: usize, insn: u32, funct3: u32): i32 {
  const imm = iImmediate(insn);
  setImmediate(record, imm);
  if (funct3 == 0) return rd(insn) == 0 ? OP_NOP : OP_ADDIW;
  if (!isShift(funct3) || !isShiftImmediate(insn, funct3, 5)) return OP_ILLEGAL;
  setImmediate(record, imm & 31);
  return funct3 == 1 ? OP_SLLIW : (insn >> 30) == 0 ? OP_SRLIW : OP_SRAIW;
}

function isShift(funct3: u32): bool {
  return funct3 == 1 || funct3 == 5;
}

/** Whether the bits above a shift amount of `width` bits are those of slli, srli or srai. */
function isShiftImmediate(insn: u32, funct3: u32, width: u32): bool {
  const above = insn >> (20 + width);
  return above == 0 || (funct3 == 5 && above == <u32>0x400 >> width);
}

function loadImmediate(record: usize, imm: i32): i32 {
  setImmediate(record, imm);
  return OP_LI;
}

function auipc(record: usize, insn: u32, offset: i32): i32 {
  setImmediate(record, <i32>(insn & 0xfffff000) + offset);
  return OP_AUIPC;
}

function register(record: usize, insn: u32, funct3: u32): i32 {
  const funct7 = insn >> 25;
  if (funct7 == 1) return OP_MUL + <i32>funct3;
  if (funct7 == 0x20) return funct3 == 0 ? OP_SUB : funct3 == 5 ? OP_SRA : OP_ILLEGAL;
  if (funct7 != 0) return OP_ILLEGAL;
  switch (funct3) {
    case 0: return add(record, insn);
    case 1: return OP_SLL;
    case 2: return OP_SLT;
    case 3: return OP_SLTU;
    case 4: return OP_XOR;
    case 5: return OP_SRL;
    case 6: return OP_OR;
    default: return OP_AND;
  }
}

function add(record: usize, insn: u32): i32 {
  if (rd(insn) == 0) return OP_NOP;
  if (rs1(insn) != 0) return OP_ADD;
  store<u16>(record, <u16>(X_OFFSET + (rs2(insn) << 3)), RS1);
  return OP_MV;
}

function registerWord(record: usize, insn: u32, funct3: u32): i32 {
  const funct7 = insn >> 25;
  if (funct7 == 1) {
    return funct3 == 0 ? OP_MULW : funct3 >= 4 ? OP_DIVW + <i32>(funct3 - 4) : OP_ILLEGAL;
  }
  if (funct7 == 0x20) return funct3 == 0 ? OP_SUBW : funct3 == 5 ? OP_SRAW : OP_ILLEGAL;
  if (funct7 != 0) return OP_ILLEGAL;
  return funct3 == 0 ? OP_ADDW : funct3 == 1 ? OP_SLLW : funct3 == 5 ? OP_SRLW : OP_ILLEGAL;
}

function branch(record: usize, insn: u32, funct3: u32, offset: i32, mayBeNear: bool): i32 {
  if (funct3 == 2 || funct3 == 3) return OP_ILLEGAL;
  const isNear = setTarget(record, offset, bImmediate(insn), mayBeNear);
  if (rs2(insn) == 0 && funct3 <= 1) {
    if (funct3 == 0) return isNear ? OP_BEQZ : OP_BEQZ_FAR;
    return isNear ? OP_BNEZ : OP_BNEZ_FAR;
  }
  const condition = funct3 <= 1 ? <i32>funct3 : <i32>(funct3 - 2);
  return (isNear ? OP_BEQ : OP_BEQ_FAR) + condition;
}

function jump(record: usize, insn: u32, offset: i32, next: i32, mayBeNear: bool): i32 {
  const isNear = setTarget(record, offset, jImmediate(insn), mayBeNear);
  if (rd(insn) == 0) return isNear ? OP_J : OP_J_FAR;
  store<u16>(record, <u16>next, RS2);
  return isNear ? OP_JAL : OP_JAL_FAR;
}

function jumpRegister(record: usize, insn: u32, funct3: u32, next: i32): i32 {
  if (funct3 != 0) return OP_ILLEGAL;
  setImmediate(record, iImmediate(insn));
  store<u16>(record, <u16>next, RS2);
  return rd(insn) == 0 ? OP_JR : OP_JALR;
}

/** Sets the immediate of a jump; true when it is a distance in records. */
function setTarget(record: usize, offset: i32, distance: i32, mayBeNear: bool): bool {
  const target = offset + distance;
  const isNear = mayBeNear && target >= 0 && target < PAGE_SIZE;
  setImmediate(record, isNear ? distance << 3 : target);
  return isNear;
}

function atomic(record: usize, insn: u32, funct3: u32): i32 {
  if (funct3 != 2 && funct3 != 3) return OP_ILLEGAL;
  const isWord = funct3 == 2;
  const funct5 = insn >> 27; // aq and rl do not matter to a single hart
  store<u16>(record, <u16>funct5, FUNCTION);
  switch (funct5) {
    case 2: return rs2(insn) != 0 ? OP_ILLEGAL : isWord ? OP_LR_W : OP_LR_D;
    case 3: return isWord ? OP_SC_W : OP_SC_D;
    case 0: case 1: case 4: case 8: case 12: case 16: case 20: case 24: case 28: return isWord ? OP_AMO_W : OP_AMO_D;
    default: return OP_ILLEGAL;
  }
}

function system(record: usize, insn: u32, funct3: u32): i32 {
  if (insn == 0x00000073) return OP_ECALL;
  if (insn == 0x00100073) return OP_EBREAK;
  if ((funct3 & 3) == 0) return OP_ILLEGAL;
  store<u16>(record, <u16>(insn >> 20), WHICH);
  store<u16>(record, <u16>funct3, FUNCTION);
  store<u16>(record, <u16>rs1(insn), RS1_FIELD); // the operand of the immediate forms; and whether csrrs/csrrc write at all
  return OP_CSR;
}

// @ts-ignore: decorator
@inline
function setImmediate(record: usize, imm: i32): void {
  store<i64>(record, imm, IMM);
}

// @ts-ignore: decorator
@inline
function rd(insn: u32): u32 {
  return (insn >> 7) & 31;
}

// @ts-ignore: decorator
@inline
function rs1(insn: u32): u32 {
  return (insn >> 15) & 31;
}

// @ts-ignore: decorator
@inline
function rs2(insn: u32): u32 {
  return (insn >> 20) & 31;
}

function iImmediate(insn: u32): i32 {
  return <i32>insn >> 20;
}

function sImmediate(insn: u32): i32 {
  return ((<i32>insn >> 25) << 5) | <i32>rd(insn);
}

function bImmediate(insn: u32): i32 {
  return ((<i32>insn >> 31) << 12) | <i32>((((insn >> 7) & 1) << 11) | (((insn >> 25) & 63) << 5) | (((insn >> 8) & 15) << 1));
}

function jImmediate(insn: u32): i32 {
  return ((<i32>insn >> 31) << 20) | <i32>((((insn >> 12) & 255) << 12) | (((insn >> 20) & 1) << 11) | (((insn >> 21) & 0x3ff) << 1));
}
