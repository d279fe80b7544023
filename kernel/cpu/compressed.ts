// SPDX-License-Identifier: MIT
// The C extension (RV64C with D): each 16-bit instruction is another spelling of a 32-bit one. Expands it; 0, which is no
// instruction, for reserved encodings. HINTs expand to 32-bit HINTs. Source: ISA vol. I, "C" chapter, RVC listings.

const SP: u32 = 2;
const RA: u32 = 1;

export const ILLEGAL: u32 = 0;

export function expand(c: u32): u32 {
  const funct3 = (c >> 13) & 7;
  switch (c & 3) {
    case 0: return quadrant0(c, funct3);
    case 1: return quadrant1(c, funct3);
    case 2: return quadrant2(c, funct3);
    default: return ILLEGAL;
  }
}

function quadrant0(c: u32, funct3: u32): u32 {
  const rs1 = 8 + bits(c, 9, 7);
  const reg = 8 + bits(c, 4, 2);
  const offset4 = (bits(c, 12, 10) << 3) | (bits(c, 6, 6) << 2) | (bits(c, 5, 5) << 6);
  const offset8 = (bits(c, 12, 10) << 3) | (bits(c, 6, 5) << 6);
  switch (funct3) {
    case 0: { // c.addi4spn
      const imm = (bits(c, 12, 11) << 4) | (bits(c, 10, 7) << 6) | (bits(c, 6, 6) << 2) | (bits(c, 5, 5) << 3);
      return imm == 0 ? ILLEGAL : iType(0x13, reg, 0, SP, imm);
    }
    case 1: return iType(0x07, reg, 3, rs1, offset8); // c.fld
    case 2: return iType(0x03, reg, 2, rs1, offset4); // c.lw
    case 3: return iType(0x03, reg, 3, rs1, offset8); // c.ld
    case 5: return sType(0x27, 3, rs1, reg, offset8); // c.fsd
    case 6: return sType(0x23, 2, rs1, reg, offset4); // c.sw
    case 7: return sType(0x23, 3, rs1, reg, offset8); // c.sd
    default: return ILLEGAL;
  }
}

function quadrant1(c: u32, funct3: u32): u32 {
  const rd = bits(c, 11, 7);
  const imm6 = signed((bits(c, 12, 12) << 5) | bits(c, 6, 2), 6);
  switch (funct3) {
    case 0: return iType(0x13, rd, 0, rd, imm6); // c.addi, c.nop
    case 1: return rd == 0 ? ILLEGAL : iType(0x1b, rd, 0, rd, imm6); // c.addiw
    case 2: return iType(0x13, rd, 0, 0, imm6); // c.li
    case 3: {
      if (imm6 == 0) return ILLEGAL;
      if (rd != SP) return ((imm6 << 12) & 0xfffff000) | (rd << 7) | 0x37; // c.lui
      const imm = (bits(c, 12, 12) << 9) | (bits(c, 6, 6) << 4) | (bits(c, 5, 5) << 6) | (bits(c, 4, 3) << 7) | (bits(c, 2, 2) << 5);
      return iType(0x13, SP, 0, SP, signed(imm, 10)); // c.addi16sp
    }
    case 4: return arithmetic(c, imm6);
    case 5: return jType(0, jumpOffset(c)); // c.j
    case 6: return bType(0, 8 + bits(c, 9, 7), branchOffset(c)); // c.beqz
    default: return bType(1, 8 + bits(c, 9, 7), branchOffset(c)); // c.bnez
  }
}

function arithmetic(c: u32, imm6: u32): u32 {
  const rd = 8 + bits(c, 9, 7);
  const rs2 = 8 + bits(c, 4, 2);
  switch (bits(c, 11, 10)) {
    case 0: return iType(0x13, rd, 5, rd, imm6 & 63); // c.srli
    case 1: return iType(0x13, rd, 5, rd, 0x400 | (imm6 & 63)); // c.srai
    case 2: return iType(0x13, rd, 7, rd, imm6); // c.andi
    default: break;
  }
  switch ((bits(c, 12, 12) << 2) | bits(c, 6, 5)) {
    case 0: return rType(0x33, rd, 0, rd, rs2, 0x20); // c.sub
    case 1: return rType(0x33, rd, 4, rd, rs2, 0); // c.xor
    case 2: return rType(0x33, rd, 6, rd, rs2, 0); // c.or
    case 3: return rType(0x33, rd, 7, rd, rs2, 0); // c.and
    case 4: return rType(0x3b, rd, 0, rd, rs2, 0x20); // c.subw
    case 5: return rType(0x3b, rd, 0, rd, rs2, 0); // c.addw
    default: return ILLEGAL;
  }
}

function quadrant2(c: u32, funct3: u32): u32 {
  const rd = bits(c, 11, 7);
  const rs2 = bits(c, 6, 2);
  const load4 = (bits(c, 12, 12) << 5) | (bits(c, 6, 4) << 2) | (bits(c, 3, 2) << 6);
  const load8 = (bits(c, 12, 12) << 5) | (bits(c, 6, 5) << 3) | (bits(c, 4, 2) << 6);
  const store4 = (bits(c, 12, 9) << 2) | (bits(c, 8, 7) << 6);
  const store8 = (bits(c, 12, 10) << 3) | (bits(c, 9, 7) << 6);
  switch (funct3) {
    case 0: return iType(0x13, rd, 1, rd, (bits(c, 12, 12) << 5) | rs2); // c.slli
    case 1: return iType(0x07, rd, 3, SP, load8); // c.fldsp
    case 2: return rd == 0 ? ILLEGAL : iType(0x03, rd, 2, SP, load4); // c.lwsp
    case 3: return rd == 0 ? ILLEGAL : iType(0x03, rd, 3, SP, load8); // c.ldsp
    case 4: return jumpOrMove(c, rd, rs2);
    case 5: return sType(0x27, 3, SP, rs2, store8); // c.fsdsp
    case 6: return sType(0x23, 2, SP, rs2, store4); // c.swsp
    default: return sType(0x23, 3, SP, rs2, store8); // c.sdsp
  }
}

function jumpOrMove(c: u32, rd: u32, rs2: u32): u32 {
  if (bits(c, 12, 12) == 0) {
    if (rs2 != 0) return rType(0x33, rd, 0, 0, rs2, 0); // c.mv
    return rd == 0 ? ILLEGAL : iType(0x67, 0, 0, rd, 0); // c.jr
  }
  if (rs2 != 0) return rType(0x33, rd, 0, rd, rs2, 0); // c.add
  return rd == 0 ? 0x00100073 : iType(0x67, RA, 0, rd, 0); // c.ebreak, c.jalr
}

function jumpOffset(c: u32): u32 {
  const offset = (bits(c, 12, 12) << 11) | (bits(c, 11, 11) << 4) | (bits(c, 10, 9) << 8) | (bits(c, 8, 8) << 10)
    | (bits(c, 7, 7) << 6) | (bits(c, 6, 6) << 7) | (bits(c, 5, 3) << 1) | (bits(c, 2, 2) << 5);
  return signed(offset, 12);
}

function branchOffset(c: u32): u32 {
  const offset = (bits(c, 12, 12) << 8) | (bits(c, 11, 10) << 3) | (bits(c, 6, 5) << 6) | (bits(c, 4, 3) << 1) | (bits(c, 2, 2) << 5);
  return signed(offset, 9);
}

function iType(opcode: u32, rd: u32, funct3: u32, rs1: u32, imm: u32): u32 {
  return (imm << 20) | (rs1 << 15) | (funct3 << 12) | (rd << 7) | opcode;
}

function sType(opcode: u32, funct3: u32, rs1: u32, rs2: u32, imm: u32): u32 {
  return (bits(imm, 11, 5) << 25) | (rs2 << 20) | (rs1 << 15) | (funct3 << 12) | (bits(imm, 4, 0) << 7) | opcode;
}

function rType(opcode: u32, rd: u32, funct3: u32, rs1: u32, rs2: u32, funct7: u32): u32 {
  return (funct7 << 25) | (rs2 << 20) | (rs1 << 15) | (funct3 << 12) | (rd << 7) | opcode;
}

function bType(funct3: u32, rs1: u32, imm: u32): u32 {
  return (bits(imm, 12, 12) << 31) | (bits(imm, 10, 5) << 25) | (rs1 << 15) | (funct3 << 12)
    | (bits(imm, 4, 1) << 8) | (bits(imm, 11, 11) << 7) | 0x63;
}

function jType(rd: u32, imm: u32): u32 {
  return (bits(imm, 20, 20) << 31) | (bits(imm, 10, 1) << 21) | (bits(imm, 11, 11) << 20) | (bits(imm, 19, 12) << 12) | (rd << 7) | 0x6f;
}

/** The bits high..low of a word, both included. */
// @ts-ignore: decorator
@inline
function bits(word: u32, high: u32, low: u32): u32 {
  return (word >> low) & ((1 << (high - low + 1)) - 1);
}

/** Sign-extends a field of `width` bits. */
// @ts-ignore: decorator
@inline
function signed(field: u32, width: u32): u32 {
  return <u32>(<i32>(field << (32 - width)) >> (32 - width));
}
