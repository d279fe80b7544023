// SPDX-License-Identifier: MIT
// What decoded code consists of: 16-byte records, one per halfword of a code page, each an operation with its operands
// ready to use. decode.ts writes records; hart.ts and the files it calls execute them.
//
//   + 0  u16  operation (OP_*)
//   + 2  u16  rd   offset into REGISTERS; the sink for x0
//   + 4  u16  rs1  offset into REGISTERS
//   + 6  u16  rs2  offset into REGISTERS; of a linking jump: the page offset of the next instruction
//   + 8  i32  immediate; of a near branch: how far to move in records, in bytes
//   +12  u8   length of the instruction, 2 or 4
//   +13  u8   rounding mode, or the function of an AMO or a CSR instruction
//   +14  u16  rs3  offset into REGISTERS; the number of a CSR

export const RECORD_SHIFT = 4;
/** Records per page: one per halfword. */
export const RECORDS = 2048;

export const RD: usize = 2;
export const RS1: usize = 4;
export const RS2: usize = 6;
export const IMM: usize = 8;
export const LENGTH: usize = 12;
export const FUNCTION: usize = 13;
export const RS3: usize = 14;

/** Must be 0: a zero-filled page is a page of which nothing is decoded yet. */
export const OP_UNDECODED: u16 = 0;
/** Behind the last record of a page. */
export const OP_PAGE_END: u16 = 1;

// Operations that have a compressed form are pairs: even for the 4-byte instruction, odd for the 2-byte one.
export const OP_LI: u16 = 2;
export const OP_C_LI: u16 = 3;
export const OP_MV: u16 = 4;
export const OP_C_MV: u16 = 5;
export const OP_ADDI: u16 = 6;
export const OP_C_ADDI: u16 = 7;
export const OP_ADDIW: u16 = 8;
export const OP_C_ADDIW: u16 = 9;
export const OP_SLLI: u16 = 10;
export const OP_C_SLLI: u16 = 11;
export const OP_SRLI: u16 = 12;
export const OP_C_SRLI: u16 = 13;
export const OP_SRAI: u16 = 14;
export const OP_C_SRAI: u16 = 15;
export const OP_ANDI: u16 = 16;
export const OP_C_ANDI: u16 = 17;
export const OP_ADD: u16 = 18;
export const OP_C_ADD: u16 = 19;
export const OP_SUB: u16 = 20;
export const OP_C_SUB: u16 = 21;
export const OP_XOR: u16 = 22;
export const OP_C_XOR: u16 = 23;
export const OP_OR: u16 = 24;
export const OP_C_OR: u16 = 25;
export const OP_AND: u16 = 26;
export const OP_C_AND: u16 = 27;
export const OP_ADDW: u16 = 28;
export const OP_C_ADDW: u16 = 29;
export const OP_SUBW: u16 = 30;
export const OP_C_SUBW: u16 = 31;
export const OP_LW: u16 = 32;
export const OP_C_LW: u16 = 33;
/** Also fld: registers are offsets. */
export const OP_LD: u16 = 34;
export const OP_C_LD: u16 = 35;
/** Also fsw. */
export const OP_SW: u16 = 36;
export const OP_C_SW: u16 = 37;
/** Also fsd. */
export const OP_SD: u16 = 38;
export const OP_C_SD: u16 = 39;
/** jal x0, within the page. */
export const OP_J: u16 = 40;
export const OP_C_J: u16 = 41;
export const OP_BEQZ: u16 = 42;
export const OP_C_BEQZ: u16 = 43;
export const OP_BNEZ: u16 = 44;
export const OP_C_BNEZ: u16 = 45;
export const OP_BEQZ_FAR: u16 = 46;
export const OP_C_BEQZ_FAR: u16 = 47;
export const OP_BNEZ_FAR: u16 = 48;
export const OP_C_BNEZ_FAR: u16 = 49;
export const OP_NOP: u16 = 50;
export const OP_C_NOP: u16 = 51;
/** The first operation that is not one of a pair. */
export const OP_UNPAIRED: u16 = 52;

// Jumps and branches: near ones stay in the page, of far ones the immediate is relative to the start of the page.
export const OP_J_FAR: u16 = 52;
export const OP_JAL: u16 = 53;
export const OP_JAL_FAR: u16 = 54;
export const OP_JR: u16 = 55;
export const OP_JALR: u16 = 56;
export const OP_BEQ: u16 = 57;
export const OP_BNE: u16 = 58;
export const OP_BLT: u16 = 59;
export const OP_BGE: u16 = 60;
export const OP_BLTU: u16 = 61;
export const OP_BGEU: u16 = 62;
export const OP_BEQ_FAR: u16 = 63;
export const OP_BNE_FAR: u16 = 64;
export const OP_BLT_FAR: u16 = 65;
export const OP_BGE_FAR: u16 = 66;
export const OP_BLTU_FAR: u16 = 67;
export const OP_BGEU_FAR: u16 = 68;

export const OP_AUIPC: u16 = 69;
export const OP_SLTI: u16 = 70;
export const OP_SLTIU: u16 = 71;
export const OP_XORI: u16 = 72;
export const OP_ORI: u16 = 73;
export const OP_SLLIW: u16 = 74;
export const OP_SRLIW: u16 = 75;
export const OP_SRAIW: u16 = 76;
export const OP_SLL: u16 = 77;
export const OP_SLT: u16 = 78;
export const OP_SLTU: u16 = 79;
export const OP_SRL: u16 = 80;
export const OP_SRA: u16 = 81;
export const OP_SLLW: u16 = 82;
export const OP_SRLW: u16 = 83;
export const OP_SRAW: u16 = 84;

export const OP_LB: u16 = 85;
export const OP_LH: u16 = 86;
export const OP_LBU: u16 = 87;
export const OP_LHU: u16 = 88;
export const OP_LWU: u16 = 89;
export const OP_SB: u16 = 90;
export const OP_SH: u16 = 91;
export const OP_FLW: u16 = 92;

export const OP_MUL: u16 = 93;
export const OP_MULH: u16 = 94;
export const OP_MULHSU: u16 = 95;
export const OP_MULHU: u16 = 96;
export const OP_DIV: u16 = 97;
export const OP_DIVU: u16 = 98;
export const OP_REM: u16 = 99;
export const OP_REMU: u16 = 100;
export const OP_MULW: u16 = 101;
export const OP_DIVW: u16 = 102;
export const OP_DIVUW: u16 = 103;
export const OP_REMW: u16 = 104;
export const OP_REMUW: u16 = 105;

/** F and D arithmetic; the immediate says which (FLOAT_*). */
export const OP_FLOAT: u16 = 106;

// Executed out of line (step.ts).
export const OP_ILLEGAL: u16 = 107;
/** The first half of a 4-byte instruction at the very end of a page. */
export const OP_CROSSING: u16 = 108;
export const OP_ECALL: u16 = 109;
export const OP_EBREAK: u16 = 110;
export const OP_CSR: u16 = 111;
export const OP_LR_W: u16 = 112;
export const OP_LR_D: u16 = 113;
export const OP_SC_W: u16 = 114;
export const OP_SC_D: u16 = 115;
export const OP_AMO_W: u16 = 116;
export const OP_AMO_D: u16 = 117;
