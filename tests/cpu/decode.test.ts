// SPDX-License-Identifier: MIT
// Which 32-bit words are instructions: the ISA's listings as match/mask pairs (vol. I, "RV32/64G Instruction Set Listings") against what
// the hart executes. A word is illegal exactly when it raises SIGILL; some of the others fault for other reasons.

import { beforeAll, describe, expect, it } from "vitest";
import { ILL_ILLOPC, SIGILL } from "../../kernel/abi/signal.ts";
import { ALL, BUILD_TIMEOUT, newHart, STOP_FAULT, type Hart } from "./hart-alone.ts";
import { Random } from "./float-vectors.ts";

const CODE = 0x10000;
const RANDOM_WORDS = 60_000;

/** From bit 31 down: literal bits, "." for operands, R for a rounding mode. */
const listing = [
  // RV64I
  "................... ..... 0110111", "................... ..... 0010111", "................... ..... 1101111",
  "............ ..... 000 ..... 1100111",
  ...["000", "001", "100", "101", "110", "111"].map((funct3) => `....... ..... ..... ${funct3} ..... 1100011`),
  ...["000", "001", "010", "011", "100", "101", "110"].map((funct3) => `............ ..... ${funct3} ..... 0000011`),
  ...["000", "001", "010", "011"].map((funct3) => `....... ..... ..... ${funct3} ..... 0100011`),
  ...["000", "010", "011", "100", "110", "111"].map((funct3) => `............ ..... ${funct3} ..... 0010011`),
  "000000 ...... ..... 001 ..... 0010011", "000000 ...... ..... 101 ..... 0010011", "010000 ...... ..... 101 ..... 0010011",
  "............ ..... 000 ..... 0011011",
  "0000000 ..... ..... 001 ..... 0011011", "0000000 ..... ..... 101 ..... 0011011", "0100000 ..... ..... 101 ..... 0011011",
  ...["000", "001", "010", "011", "100", "101", "110", "111"].map((funct3) => `0000000 ..... ..... ${funct3} ..... 0110011`),
  "0100000 ..... ..... 000 ..... 0110011", "0100000 ..... ..... 101 ..... 0110011",
  "0000000 ..... ..... 000 ..... 0111011", "0000000 ..... ..... 001 ..... 0111011", "0000000 ..... ..... 101 ..... 0111011",
  "0100000 ..... ..... 000 ..... 0111011", "0100000 ..... ..... 101 ..... 0111011",
  "............ ..... 000 ..... 0001111", "............ ..... 001 ..... 0001111", // fence, fence.i: reserved fields are ignored
  "000000000000 00000 000 00000 1110011", "000000000001 00000 000 00000 1110011",
  // M
  ...["000", "001", "010", "011", "100", "101", "110", "111"].map((funct3) => `0000001 ..... ..... ${funct3} ..... 0110011`),
  ...["000", "100", "101", "110", "111"].map((funct3) => `0000001 ..... ..... ${funct3} ..... 0111011`),
  // A
  ...["010", "011"].flatMap((width) => [
    `00010 .. 00000 ..... ${width} ..... 0101111`,
    ...["00011", "00000", "00001", "00100", "01000", "01100", "10000", "10100", "11000", "11100"].map((f) => `${f} .. ..... ..... ${width} ..... 0101111`),
  ]),
  // F and D
  "............ ..... 010 ..... 0000111", "............ ..... 011 ..... 0000111",
  "....... ..... ..... 010 ..... 0100111", "....... ..... ..... 011 ..... 0100111",
  ...["00", "01"].flatMap((format) => [
    ...["1000011", "1000111", "1001011", "1001111"].map((opcode) => `..... ${format} ..... ..... RRR ..... ${opcode}`),
    ...["00000", "00001", "00010", "00011"].map((funct5) => `${funct5} ${format} ..... ..... RRR ..... 1010011`),
    `01011 ${format} 00000 ..... RRR ..... 1010011`,
    ...["000", "001", "010"].map((funct3) => `00100 ${format} ..... ..... ${funct3} ..... 1010011`),
    ...["000", "001"].map((funct3) => `00101 ${format} ..... ..... ${funct3} ..... 1010011`),
    ...["000", "001", "010"].map((funct3) => `10100 ${format} ..... ..... ${funct3} ..... 1010011`),
    ...["11000", "11010"].map((funct5) => `${funct5} ${format} 000.. ..... RRR ..... 1010011`),
    `11100 ${format} 00000 ..... 000 ..... 1010011`, `11100 ${format} 00000 ..... 001 ..... 1010011`,
    `11110 ${format} 00000 ..... 000 ..... 1010011`,
  ]),
  "01000 00 00001 ..... RRR ..... 1010011", "01000 01 00000 ..... RRR ..... 1010011",
].map(parse);

/** Zicsr on the CSRs of a user-mode program: all three floating-point ones; counters only without writing. */
const WRITABLE_CSRS = [0x001, 0x002, 0x003];
const READABLE_CSRS = [...WRITABLE_CSRS, 0xc00, 0xc01, 0xc02];

let hart: Hart;

beforeAll(async () => {
  hart = await newHart();
  hart.map(CODE, ALL);
}, BUILD_TIMEOUT);

describe("32-bit instructions", () => {
  it("are legal exactly as listed: every combination of opcode, funct3 and funct7", () => {
    const words: number[] = [];
    for (let opcode = 3; opcode < 128; opcode += 4) {
      for (let funct3 = 0; funct3 < 8; funct3++) {
        for (let funct7 = 0; funct7 < 128; funct7++) {
          for (const rs2 of [0, 1, 2, 3, 4, 31]) words.push(((funct7 << 25) | (rs2 << 20) | (funct3 << 12) | opcode) >>> 0);
        }
      }
    }
    expect(words.filter(isMisjudged).map(hex)).toEqual([]);
  });

  it("are legal exactly as listed: random words (seed 64)", () => {
    const random = new Random(64);
    const words = Array.from({ length: RANDOM_WORDS }, () => (random.u32() | 3) >>> 0);
    expect(words.filter(isMisjudged).map(hex)).toEqual([]);
  });

  it("are legal exactly as listed: every CSR, read and written", () => {
    const words: number[] = [];
    for (let csr = 0; csr < 0x1000; csr++) {
      for (const funct3 of [1, 2, 3, 5, 6, 7]) {
        for (const rs1 of [0, 1]) words.push(((csr << 20) | (rs1 << 15) | (funct3 << 12) | 0x73) >>> 0);
      }
    }
    expect(words.filter(isMisjudged).map(hex)).toEqual([]);
  });

  it("of more than 32 bits are illegal", () => {
    for (const word of [0xffffffff, 0x0000001f, 0x0000003f, 0x0000007f]) expect(raisesIllegal(word), hex(word)).toBe(true);
  });
});

function isMisjudged(word: number): boolean {
  return raisesIllegal(word) === isListed(word);
}

function raisesIllegal(word: number): boolean {
  hart.assemble(CODE, [word]);
  hart.fcsr = 0;
  hart.pc = CODE;
  for (let x = 1; x < 32; x++) hart.setX(x, 0n);
  if (hart.run(1) !== STOP_FAULT) return false;
  const { signal, code, address } = hart.fault;
  return signal === SIGILL && code === ILL_ILLOPC && address === BigInt(CODE) && hart.pc === CODE;
}

function isListed(word: number): boolean {
  if ((word & 0x7f) === 0x73 && ((word >>> 12) & 3) !== 0) {
    const csr = word >>> 20;
    const writes = ((word >>> 12) & 3) === 1 || ((word >>> 15) & 31) !== 0;
    return (writes ? WRITABLE_CSRS : READABLE_CSRS).includes(csr);
  }
  return listing.some(({ mask, bits, isRounded }) => ((word & mask) >>> 0) === bits && !(isRounded && [5, 6].includes((word >>> 12) & 7)));
}

function parse(line: string): { mask: number; bits: number; isRounded: boolean } {
  const text = line.replaceAll(" ", "").padStart(32, ".");
  return {
    mask: parseInt(text.replace(/[01]/g, "1").replace(/[^1]/g, "0"), 2),
    bits: parseInt(text.replace(/[^01]/g, "0"), 2),
    isRounded: text.includes("R"),
  };
}

function hex(word: number): string {
  return `0x${word.toString(16).padStart(8, "0")}`;
}
