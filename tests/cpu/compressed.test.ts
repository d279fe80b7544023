// SPDX-License-Identifier: MIT
// All 65536 16-bit words: which ones are instructions, and of which 32-bit instruction each is another spelling. The table below is the
// ISA manual's listing (vol. I, "C" chapter, for RV64C with D), fields written as there.

import { beforeAll, describe, expect, it } from "vitest";
import { BUILD_TIMEOUT, newHart, type Hart } from "./hart-alone.ts";

interface Fields {
  rd: number;
  rs1: number;
  rs2: number;
  imm: number;
}

interface Row {
  name: string;
  /** From bit 15 down: literal bits, registers (rd', rs1', rs2' are x8..x15), immediate bits as name[positions]. */
  layout: string;
  isSigned?: boolean;
  isLegal?: (fields: Fields) => boolean;
  expansion: (fields: Fields) => number;
}

const SP = 2;
const nonzero = ({ imm }: Fields) => imm !== 0;
const hasRd = ({ rd }: Fields) => rd !== 0;
const hasRs1 = ({ rs1 }: Fields) => rs1 !== 0;
const hasRs2 = ({ rs2 }: Fields) => rs2 !== 0;

const rows: Row[] = [
  { name: "c.addi4spn", layout: "000 imm[5:4|9:6|2|3] rd' 00", isLegal: nonzero, expansion: ({ rd, imm }) => i(0x13, 0, rd, SP, imm) },
  { name: "c.fld", layout: "001 imm[5:3] rs1' imm[7:6] rd' 00", expansion: ({ rd, rs1, imm }) => i(0x07, 3, rd, rs1, imm) },
  { name: "c.lw", layout: "010 imm[5:3] rs1' imm[2|6] rd' 00", expansion: ({ rd, rs1, imm }) => i(0x03, 2, rd, rs1, imm) },
  { name: "c.ld", layout: "011 imm[5:3] rs1' imm[7:6] rd' 00", expansion: ({ rd, rs1, imm }) => i(0x03, 3, rd, rs1, imm) },
  { name: "c.fsd", layout: "101 imm[5:3] rs1' imm[7:6] rs2' 00", expansion: ({ rs1, rs2, imm }) => s(0x27, 3, rs1, rs2, imm) },
  { name: "c.sw", layout: "110 imm[5:3] rs1' imm[2|6] rs2' 00", expansion: ({ rs1, rs2, imm }) => s(0x23, 2, rs1, rs2, imm) },
  { name: "c.sd", layout: "111 imm[5:3] rs1' imm[7:6] rs2' 00", expansion: ({ rs1, rs2, imm }) => s(0x23, 3, rs1, rs2, imm) },

  { name: "c.addi, c.nop", layout: "000 imm[5] rd imm[4:0] 01", isSigned: true, expansion: ({ rd, imm }) => i(0x13, 0, rd, rd, imm) },
  { name: "c.addiw", layout: "001 imm[5] rd imm[4:0] 01", isSigned: true, isLegal: hasRd, expansion: ({ rd, imm }) => i(0x1b, 0, rd, rd, imm) },
  { name: "c.li", layout: "010 imm[5] rd imm[4:0] 01", isSigned: true, expansion: ({ rd, imm }) => i(0x13, 0, rd, 0, imm) },
  { name: "c.addi16sp", layout: "011 imm[9] 00010 imm[4|6|8:7|5] 01", isSigned: true, isLegal: nonzero, expansion: ({ imm }) => i(0x13, 0, SP, SP, imm) },
  { name: "c.lui", layout: "011 imm[17] rd imm[16:12] 01", isSigned: true, isLegal: nonzero, expansion: ({ rd, imm }) => ((imm & 0xfffff000) | (rd << 7) | 0x37) >>> 0 },
  { name: "c.srli", layout: "100 imm[5] 00 rd' imm[4:0] 01", expansion: ({ rd, imm }) => i(0x13, 5, rd, rd, imm) },
  { name: "c.srai", layout: "100 imm[5] 01 rd' imm[4:0] 01", expansion: ({ rd, imm }) => i(0x13, 5, rd, rd, imm | 0x400) },
  { name: "c.andi", layout: "100 imm[5] 10 rd' imm[4:0] 01", isSigned: true, expansion: ({ rd, imm }) => i(0x13, 7, rd, rd, imm) },
  { name: "c.sub", layout: "100 0 11 rd' 00 rs2' 01", expansion: ({ rd, rs2 }) => r(0x33, 0, 0x20, rd, rd, rs2) },
  { name: "c.xor", layout: "100 0 11 rd' 01 rs2' 01", expansion: ({ rd, rs2 }) => r(0x33, 4, 0, rd, rd, rs2) },
  { name: "c.or", layout: "100 0 11 rd' 10 rs2' 01", expansion: ({ rd, rs2 }) => r(0x33, 6, 0, rd, rd, rs2) },
  { name: "c.and", layout: "100 0 11 rd' 11 rs2' 01", expansion: ({ rd, rs2 }) => r(0x33, 7, 0, rd, rd, rs2) },
  { name: "c.subw", layout: "100 1 11 rd' 00 rs2' 01", expansion: ({ rd, rs2 }) => r(0x3b, 0, 0x20, rd, rd, rs2) },
  { name: "c.addw", layout: "100 1 11 rd' 01 rs2' 01", expansion: ({ rd, rs2 }) => r(0x3b, 0, 0, rd, rd, rs2) },
  { name: "c.j", layout: "101 imm[11|4|9:8|10|6|7|3:1|5] 01", isSigned: true, expansion: ({ imm }) => j(0, imm) },
  { name: "c.beqz", layout: "110 imm[8|4:3] rs1' imm[7:6|2:1|5] 01", isSigned: true, expansion: ({ rs1, imm }) => b(0, rs1, 0, imm) },
  { name: "c.bnez", layout: "111 imm[8|4:3] rs1' imm[7:6|2:1|5] 01", isSigned: true, expansion: ({ rs1, imm }) => b(1, rs1, 0, imm) },

  { name: "c.slli", layout: "000 imm[5] rd imm[4:0] 10", expansion: ({ rd, imm }) => i(0x13, 1, rd, rd, imm) },
  { name: "c.fldsp", layout: "001 imm[5] rd imm[4:3|8:6] 10", expansion: ({ rd, imm }) => i(0x07, 3, rd, SP, imm) },
  { name: "c.lwsp", layout: "010 imm[5] rd imm[4:2|7:6] 10", isLegal: hasRd, expansion: ({ rd, imm }) => i(0x03, 2, rd, SP, imm) },
  { name: "c.ldsp", layout: "011 imm[5] rd imm[4:3|8:6] 10", isLegal: hasRd, expansion: ({ rd, imm }) => i(0x03, 3, rd, SP, imm) },
  { name: "c.jr", layout: "100 0 rs1 00000 10", isLegal: hasRs1, expansion: ({ rs1 }) => i(0x67, 0, 0, rs1, 0) },
  { name: "c.mv", layout: "100 0 rd rs2 10", isLegal: hasRs2, expansion: ({ rd, rs2 }) => r(0x33, 0, 0, rd, 0, rs2) },
  { name: "c.ebreak", layout: "100 1 00000 00000 10", expansion: () => 0x00100073 },
  { name: "c.jalr", layout: "100 1 rs1 00000 10", isLegal: hasRs1, expansion: ({ rs1 }) => i(0x67, 0, 1, rs1, 0) },
  { name: "c.add", layout: "100 1 rd rs2 10", isLegal: hasRs2, expansion: ({ rd, rs2 }) => r(0x33, 0, 0, rd, rd, rs2) },
  { name: "c.fsdsp", layout: "101 imm[5:3|8:6] rs2 10", expansion: ({ rs2, imm }) => s(0x27, 3, SP, rs2, imm) },
  { name: "c.swsp", layout: "110 imm[5:2|7:6] rs2 10", expansion: ({ rs2, imm }) => s(0x23, 2, SP, rs2, imm) },
  { name: "c.sdsp", layout: "111 imm[5:3|8:6] rs2 10", expansion: ({ rs2, imm }) => s(0x23, 3, SP, rs2, imm) },
];

let hart: Hart;

beforeAll(async () => {
  hart = await newHart();
}, BUILD_TIMEOUT);

describe("16-bit instructions", () => {
  it("expand as the ISA's listing says, or are illegal", () => {
    const wrong: string[] = [];
    for (let word = 0; word < 0x10000; word++) {
      if ((word & 3) === 3) continue;
      const { name, expansion } = lookUp(word);
      const actual = hart.kernel.expand(word) >>> 0;
      if (actual !== expansion) wrong.push(`0x${word.toString(16)} ${name}: 0x${actual.toString(16)}, expected 0x${expansion.toString(16)}`);
    }
    expect(wrong).toEqual([]);
  });

  it("use every row of the listing", () => {
    const used = new Set<string>();
    for (let word = 0; word < 0x10000; word++) if ((word & 3) !== 3) used.add(lookUp(word).name);
    expect([...used].sort()).toEqual([...rows.map(({ name }) => name), "illegal"].sort());
  });
});

/** The first row that fits; 0 is the expansion of what fits none. */
function lookUp(word: number): { name: string; expansion: number } {
  for (const row of rows) {
    const fields = match(row, word);
    if (fields !== undefined && (row.isLegal?.(fields) ?? true)) return { name: row.name, expansion: row.expansion(fields) >>> 0 };
    // c.addi16sp with no immediate is not c.lui
    if (fields !== undefined && row.name === "c.addi16sp") break;
  }
  return { name: "illegal", expansion: 0 };
}

function match(row: Row, word: number): Fields | undefined {
  const fields: Fields = { rd: 0, rs1: 0, rs2: 0, imm: 0 };
  let at = 16;
  let width = 0;
  const take = (count: number) => (word >> (at -= count)) & ((1 << count) - 1);
  for (const token of row.layout.split(" ")) {
    const register = /^(rd|rs1|rs2)('?)$/.exec(token);
    const immediate = /^imm\[(.*)\]$/.exec(token);
    if (register !== null) {
      fields[register[1] as "rd" | "rs1" | "rs2"] = register[2] === "'" ? 8 + take(3) : take(5);
    } else if (immediate !== null) {
      for (const range of immediate[1]!.split("|")) {
        const [high, low = high] = range.split(":").map(Number) as [number, number?];
        fields.imm |= take(high - low + 1) << low;
        width = Math.max(width, high + 1);
      }
    } else if (take(token.length) !== parseInt(token, 2)) {
      return undefined;
    }
  }
  if (row.isSigned === true && (fields.imm & (1 << (width - 1))) !== 0) fields.imm -= 1 << width;
  return fields;
}

function i(opcode: number, funct3: number, rd: number, rs1: number, imm: number): number {
  return (imm << 20) | (rs1 << 15) | (funct3 << 12) | (rd << 7) | opcode;
}

function s(opcode: number, funct3: number, rs1: number, rs2: number, imm: number): number {
  return ((imm >> 5) << 25) | (rs2 << 20) | (rs1 << 15) | (funct3 << 12) | ((imm & 31) << 7) | opcode;
}

function r(opcode: number, funct3: number, funct7: number, rd: number, rs1: number, rs2: number): number {
  return (funct7 << 25) | (rs2 << 20) | (rs1 << 15) | (funct3 << 12) | (rd << 7) | opcode;
}

function b(funct3: number, rs1: number, rs2: number, imm: number): number {
  return (((imm >> 12) & 1) << 31) | (((imm >> 5) & 63) << 25) | (rs2 << 20) | (rs1 << 15) | (funct3 << 12) | (((imm >> 1) & 15) << 8) | (((imm >> 11) & 1) << 7) | 0x63;
}

function j(rd: number, imm: number): number {
  return (((imm >> 20) & 1) << 31) | (((imm >> 1) & 0x3ff) << 21) | (((imm >> 11) & 1) << 20) | (((imm >> 12) & 255) << 12) | (rd << 7) | 0x6f;
}
