// SPDX-License-Identifier: MIT
// What decoded code consists of: 16-byte records, one per halfword of a code page, each an operation with its operands
// ready to use. decode.ts writes records; hart.ts and the files it calls execute them.
//
//   + 0  u16  operation (OP_*)
//   + 2  u16  rd   offset into REGISTERS; the sink for x0
//   + 4  u16  rs1  offset into REGISTERS
//   + 6  u16  rs2  offset into REGISTERS; of a linking jump: the page offset of the next instruction
//   + 8  i64  immediate; of a near branch: how far to move in records, in bytes
//
// Where there is no immediate, OP_FLOAT, OP_CSR and atomics have other operands in its place:
//
//   + 8  u16  which arithmetic function (FLOAT_*); the number of a CSR
//   +10  u16  rs3  offset into REGISTERS
//   +12  u16  rounding mode; funct3 of a CSR instruction, funct5 of an AMO
//   +14  u16  the rs1 field of a CSR instruction

export const RECORD_SHIFT = 4;
/** Records per page: one per halfword. */
export const RECORDS = 2048;

export const RD: usize = 2;
export const RS1: usize = 4;
export const RS2: usize = 6;
export const IMM: usize = 8;
export const WHICH: usize = 8;
export const RS3: usize = 10;
export const FUNCTION: usize = 12;
export const RS1_FIELD: usize = 14;

/** Must be 0: a zero-filled page is a page of which nothing is decoded yet. */
export const OP_UNDECODED = 0;
/** Behind the last record of a page. */
export const OP_PAGE_END = 1;

// Operations that have a compressed form are pairs: even for the 4-byte instruction, odd for the 2-byte one.
export const OP_LI = 2;
export const OP_C_LI = 3;
export const OP_MV = 4;
export const OP_C_MV = 5;
export const OP_ADDI = 6;
export const OP_C_ADDI = 7;
export const OP_ADDIW = 8;
export const OP_C_ADDIW = 9;
export const OP_SLLI = 10;
export const OP_C_SLLI = 11;
export const OP_SRLI = 12;
export const OP_C_SRLI = 13;
export const OP_SRAI = 14;
export const OP_C_SRAI = 15;
export const OP_ANDI = 16;
export const OP_C_ANDI = 17;
export const OP_ADD = 18;
export const OP_C_ADD = 19;
export const OP_SUB = 20;
export const OP_C_SUB = 21;
export const OP_XOR = 22;
export const OP_C_XOR = 23;
export const OP_OR = 24;
export const OP_C_OR = 25;
export const OP_AND = 26;
export const OP_C_AND = 27;
export const OP_ADDW = 28;
export const OP_C_ADDW = 29;
export const OP_SUBW = 30;
export const OP_C_SUBW = 31;
export const OP_LW = 32;
export const OP_C_LW = 33;
/** Also fld: registers are offsets. */
export const OP_LD = 34;
export const OP_C_LD = 35;
/** Also fsw. */
export const OP_SW = 36;
export const OP_C_SW = 37;
/** Also fsd. */
export const OP_SD = 38;
export const OP_C_SD = 39;
export const OP_BEQZ = 40;
export const OP_C_BEQZ = 41;
export const OP_BNEZ = 42;
export const OP_C_BNEZ = 43;
export const OP_BEQZ_FAR = 44;
export const OP_C_BEQZ_FAR = 45;
export const OP_BNEZ_FAR = 46;
export const OP_C_BNEZ_FAR = 47;
export const OP_NOP = 48;
export const OP_C_NOP = 49;
/** The first operation that is not one of a pair. */
export const OP_UNPAIRED = 50;

/** How many bytes the instruction of an executed record has. (Compressed jumps and c.ebreak never ask.) */
export function lengthOf(operation: i32): i32 {
  return operation < OP_UNPAIRED && (operation & 1) != 0 ? 2 : 4;
}

// Jumps and branches: near ones stay in the page, of far ones the immediate is relative to the start of the page.
export const OP_J_FAR = 50;
export const OP_JAL = 51;
export const OP_JAL_FAR = 52;
export const OP_JR = 53;
export const OP_JALR = 54;
export const OP_BEQ = 55;
export const OP_BNE = 56;
export const OP_BLT = 57;
export const OP_BGE = 58;
export const OP_BLTU = 59;
export const OP_BGEU = 60;
export const OP_BEQ_FAR = 61;
export const OP_BNE_FAR = 62;
export const OP_BLT_FAR = 63;
export const OP_BGE_FAR = 64;
export const OP_BLTU_FAR = 65;
export const OP_BGEU_FAR = 66;

export const OP_AUIPC = 67;
export const OP_SLTI = 68;
export const OP_SLTIU = 69;
export const OP_XORI = 70;
export const OP_ORI = 71;
export const OP_SLLIW = 72;
export const OP_SRLIW = 73;
export const OP_SRAIW = 74;
export const OP_SLL = 75;
export const OP_SLT = 76;
export const OP_SLTU = 77;
export const OP_SRL = 78;
export const OP_SRA = 79;
export const OP_SLLW = 80;
export const OP_SRLW = 81;
export const OP_SRAW = 82;

export const OP_LB = 83;
export const OP_LH = 84;
export const OP_LBU = 85;
export const OP_LHU = 86;
export const OP_LWU = 87;
export const OP_SB = 88;
export const OP_SH = 89;
export const OP_FLW = 90;

export const OP_MUL = 91;
export const OP_MULH = 92;
export const OP_MULHSU = 93;
export const OP_MULHU = 94;
export const OP_DIV = 95;
export const OP_DIVU = 96;
export const OP_REM = 97;
export const OP_REMU = 98;
export const OP_MULW = 99;
export const OP_DIVW = 100;
export const OP_DIVUW = 101;
export const OP_REMW = 102;
export const OP_REMUW = 103;

// F and D where the machine's own arithmetic usually serves: rounding to nearest, and numbers neither huge nor tiny. Otherwise
// they are done as OP_FLOAT; their records have the same operands.
export const OP_FADD_D = 104;
export const OP_FSUB_D = 105;
export const OP_FMUL_D = 106;
export const OP_FDIV_D = 107;
export const OP_FADD_S = 108;
export const OP_FSUB_S = 109;
export const OP_FMUL_S = 110;
export const OP_FDIV_S = 111;
export const OP_FSQRT_D = 112;
export const OP_FMADD_D = 113;
export const OP_FMSUB_D = 114;
export const OP_FNMSUB_D = 115;
export const OP_FNMADD_D = 116;
export const OP_FEQ_D = 117;
export const OP_FLT_D = 118;
export const OP_FLE_D = 119;
export const OP_FCVT_D_W = 120;
export const OP_FCVT_D_L = 121;
export const OP_FCVT_W_D = 122;
export const OP_FCVT_L_D = 123;
export const OP_FCVT_S_D = 124;
export const OP_FCVT_D_S = 125;
export const OP_FNEG_D = 126;
export const OP_FABS_D = 127;
/**
 * jal x0 and c.j, within the page. The last operation of the loop in hart.ts, because its code is tiny: V8 puts the code of the last
 * case in front of the dispatch, which begins at a 64-byte boundary; only if both fit into one line are branches predicted well
 * (AMD Zen 3: 440 against 270 million instructions per second).
 */
export const OP_J = 128;
/** Any F or D arithmetic; the record says which (FLOAT_*). */
export const OP_FLOAT = 129;

// Executed out of line (step.ts).
export const OP_ILLEGAL = 130;
/** The first half of a 4-byte instruction at the very end of a page. */
export const OP_CROSSING = 131;
export const OP_ECALL = 132;
export const OP_EBREAK = 133;
export const OP_CSR = 134;
export const OP_LR_W = 135;
export const OP_LR_D = 136;
export const OP_SC_W = 137;
export const OP_SC_D = 138;
export const OP_AMO_W = 139;
export const OP_AMO_D = 140;
