// SPDX-License-Identifier: MIT
// Every instruction of RV64I, M and A that computes, on corner cases and random numbers, against arithmetic written
// here with BigInt.

import { beforeAll, describe, expect, it } from "vitest";
import { ALL, BUILD_TIMEOUT, newHart, STOP_FUEL, type Hart } from "./hart-alone.ts";
import { Random } from "./float-vectors.ts";

const CODE = 0x10000;
const DATA = 0x20000;
const RD = 12;
const RS1 = 10;
const RS2 = 11;

type Operation = (a: bigint, b: bigint) => bigint;

const s64 = (value: bigint) => BigInt.asIntN(64, value);
const u64 = (value: bigint) => BigInt.asUintN(64, value);
const s32 = (value: bigint) => BigInt.asIntN(32, value);
const u32 = (value: bigint) => BigInt.asUintN(32, value);


const divide = (a: bigint, b: bigint): bigint => (b === 0n ? -1n : a / b);
const remainder = (a: bigint, b: bigint): bigint => (b === 0n ? a : a % b);

const registerForms: [name: string, opcode: number, funct3: number, funct7: number, model: Operation][] = [
  ["add", 0x33, 0, 0x00, (a, b) => a + b],
  ["sub", 0x33, 0, 0x20, (a, b) => a - b],
  ["sll", 0x33, 1, 0x00, (a, b) => a << (b & 63n)],
  ["slt", 0x33, 2, 0x00, (a, b) => (s64(a) < s64(b) ? 1n : 0n)],
  ["sltu", 0x33, 3, 0x00, (a, b) => (a < b ? 1n : 0n)],
  ["xor", 0x33, 4, 0x00, (a, b) => a ^ b],
  ["srl", 0x33, 5, 0x00, (a, b) => a >> (b & 63n)],
  ["sra", 0x33, 5, 0x20, (a, b) => s64(a) >> (b & 63n)],
  ["or", 0x33, 6, 0x00, (a, b) => a | b],
  ["and", 0x33, 7, 0x00, (a, b) => a & b],
  ["addw", 0x3b, 0, 0x00, (a, b) => s32(a + b)],
  ["subw", 0x3b, 0, 0x20, (a, b) => s32(a - b)],
  ["sllw", 0x3b, 1, 0x00, (a, b) => s32(a << (b & 31n))],
  ["srlw", 0x3b, 5, 0x00, (a, b) => s32(u32(a) >> (b & 31n))],
  ["sraw", 0x3b, 5, 0x20, (a, b) => s32(a) >> (b & 31n)],
  ["mul", 0x33, 0, 0x01, (a, b) => a * b],
  ["mulh", 0x33, 1, 0x01, (a, b) => (s64(a) * s64(b)) >> 64n],
  ["mulhsu", 0x33, 2, 0x01, (a, b) => (s64(a) * b) >> 64n],
  ["mulhu", 0x33, 3, 0x01, (a, b) => (a * b) >> 64n],
  ["div", 0x33, 4, 0x01, (a, b) => divide(s64(a), s64(b))],
  ["divu", 0x33, 5, 0x01, (a, b) => divide(a, b)],
  ["rem", 0x33, 6, 0x01, (a, b) => remainder(s64(a), s64(b))],
  ["remu", 0x33, 7, 0x01, (a, b) => remainder(a, b)],
  ["mulw", 0x3b, 0, 0x01, (a, b) => s32(a * b)],
  ["divw", 0x3b, 4, 0x01, (a, b) => s32(divide(s32(a), s32(b)))],
  ["divuw", 0x3b, 5, 0x01, (a, b) => s32(divide(u32(a), u32(b)))],
  ["remw", 0x3b, 6, 0x01, (a, b) => s32(remainder(s32(a), s32(b)))],
  ["remuw", 0x3b, 7, 0x01, (a, b) => s32(remainder(u32(a), u32(b)))],
];

const immediateForms: [name: string, opcode: number, funct3: number, model: Operation][] = [
  ["addi", 0x13, 0, (a, b) => a + b],
  ["slti", 0x13, 2, (a, b) => (s64(a) < b ? 1n : 0n)],
  ["sltiu", 0x13, 3, (a, b) => (a < u64(b) ? 1n : 0n)],
  ["xori", 0x13, 4, (a, b) => a ^ u64(b)],
  ["ori", 0x13, 6, (a, b) => a | u64(b)],
  ["andi", 0x13, 7, (a, b) => a & u64(b)],
  ["addiw", 0x1b, 0, (a, b) => s32(a + b)],
];

const shiftForms: [name: string, opcode: number, funct3: number, upper: number, bits: number, model: Operation][] = [
  ["slli", 0x13, 1, 0, 64, (a, b) => a << b],
  ["srli", 0x13, 5, 0, 64, (a, b) => a >> b],
  ["srai", 0x13, 5, 0x400, 64, (a, b) => s64(a) >> b],
  ["slliw", 0x1b, 1, 0, 32, (a, b) => s32(a << b)],
  ["srliw", 0x1b, 5, 0, 32, (a, b) => s32(u32(a) >> b)],
  ["sraiw", 0x1b, 5, 0x400, 32, (a, b) => s32(a) >> b],
];

const branchForms: [name: string, funct3: number, taken: (a: bigint, b: bigint) => boolean][] = [
  ["beq", 0, (a, b) => a === b],
  ["bne", 1, (a, b) => a !== b],
  ["blt", 4, (a, b) => s64(a) < s64(b)],
  ["bge", 5, (a, b) => s64(a) >= s64(b)],
  ["bltu", 6, (a, b) => a < b],
  ["bgeu", 7, (a, b) => a >= b],
];

const atomicForms: [name: string, funct5: number, model: Operation][] = [
  ["amoadd", 0, (a, b) => a + b],
  ["amoswap", 1, (_a, b) => b],
  ["amoxor", 4, (a, b) => a ^ b],
  ["amoor", 8, (a, b) => a | b],
  ["amoand", 12, (a, b) => a & b],
  ["amomin", 16, (a, b) => (a < b ? a : b)],
  ["amomax", 20, (a, b) => (a > b ? a : b)],
  ["amominu", 24, (a, b) => (u64(a) < u64(b) ? a : b)],
  ["amomaxu", 28, (a, b) => (u64(a) > u64(b) ? a : b)],
];

const corners = [0n, 1n, 2n, -1n, -2n, 31n, 32n, 63n, 64n, 0x7fn, 0x80n, 0x7fffffffn, 0x80000000n, 0xffffffffn, 0x100000000n, -0x80000000n,
  0x7fffffffffffffffn, -0x8000000000000000n, 0x5555555555555555n, 0x123456789abcdef0n].map(u64);
const immediates = [0, 1, -1, 2, 31, 1023, 2047, -2048, -2047, 0x555];

let hart: Hart;

beforeAll(async () => {
  hart = await newHart();
  hart.map(CODE, ALL);
  hart.map(DATA, ALL);
}, BUILD_TIMEOUT);

describe("instructions on two registers", () => {
  it.each(registerForms)("%s", (_name, opcode, funct3, funct7, model) => {
    const word = rType(opcode, funct3, funct7, RD, RS1, RS2);
    for (const [a, b] of pairs(opcode + funct3)) expectResult(word, a, b, model(a, b));
  });

  it.each(registerForms)("%s leaves x0 zero, and may overwrite its operands", (_name, opcode, funct3, funct7, model) => {
    const [a, b] = [u64(-987654321987n), 0x4321n];
    expectResult(rType(opcode, funct3, funct7, 0, RS1, RS2), a, b, undefined);
    expect(hart.x(0)).toBe(0n);
    put(rType(opcode, funct3, funct7, RS1, RS1, RS2), a, b);
    expect(hart.x(RS1)).toBe(u64(model(a, b)));
    put(rType(opcode, funct3, funct7, RS2, RS1, RS2), a, b);
    expect(hart.x(RS2)).toBe(u64(model(a, b)));
    put(rType(opcode, funct3, funct7, RD, 0, RS2), a, b);
    expect(hart.x(RD)).toBe(u64(model(0n, b)));
    put(rType(opcode, funct3, funct7, RD, RS1, 0), a, b);
    expect(hart.x(RD)).toBe(u64(model(a, 0n)));
  });
});

describe("instructions with an immediate", () => {
  it.each(immediateForms)("%s", (_name, opcode, funct3, model) => {
    for (const imm of immediates) {
      for (const a of corners) {
        expectResult(iType(opcode, funct3, RD, RS1, imm), a, 0n, model(a, BigInt(imm)));
        expectResult(iType(opcode, funct3, RD, 0, imm), a, 0n, model(0n, BigInt(imm)));
        expectResult(iType(opcode, funct3, 0, RS1, imm), a, 0n, undefined);
      }
    }
  });

  it.each(shiftForms)("%s by every amount", (_name, opcode, funct3, upper, bits, model) => {
    for (let by = 0; by < bits; by++) {
      for (const a of corners) expectResult(iType(opcode, funct3, RD, RS1, upper | by), a, 0n, model(a, BigInt(by)));
    }
  });

  it.each([0, 1, 0x7ffff, 0x80000, 0xfffff, 0x12345])("lui and auipc with 0x%s", (imm) => {
    const value = s32(BigInt(imm) << 12n);
    expectResult(((imm << 12) | (RD << 7) | 0x37) >>> 0, 0n, 0n, value);
    expectResult(((imm << 12) | (RD << 7) | 0x17) >>> 0, 0n, 0n, value + BigInt(CODE));
  });
});

describe("branches and jumps", () => {
  it.each(branchForms)("%s, near and into other pages", (_name, funct3, taken) => {
    for (const distance of [8, -0x20, 0x7f0, 0xffe, -0x1000, 2]) {
      const word = bType(funct3, RS1, RS2, distance);
      const zero = bType(funct3, RS1, 0, distance);
      for (const [a, b] of pairs(funct3, 20)) {
        put(word, a, b, CODE + 0x100);
        expect(hart.pc, `0x${a.toString(16)}, 0x${b.toString(16)} by ${distance}`).toBe(CODE + 0x100 + (taken(a, b) ? distance : 4));
      }
      for (const a of corners) {
        put(zero, a, 1n, CODE + 0x100);
        expect(hart.pc).toBe(CODE + 0x100 + (taken(a, 0n) ? distance : 4));
      }
    }
  });

  it.each([4, 0x100, -0x100, 0xffffe, -0x100000, 0x2000])("jal by %i links the next instruction", (distance) => {
    for (const rd of [0, 1, RD]) {
      put(jType(rd, distance), 0n, 0n, CODE + 0x200);
      expect(hart.pc).toBe(CODE + 0x200 + distance);
      expect(hart.x(rd)).toBe(rd === 0 ? 0n : BigInt(CODE + 0x204));
    }
  });

  it("jalr clears bit 0 of its target and reads its base before it links", () => {
    put(iType(0x67, 0, RS1, RS1, 7), BigInt(CODE), 0n);
    expect(hart.pc).toBe(CODE + 6);
    expect(hart.x(RS1)).toBe(BigInt(CODE + 4));
    put(iType(0x67, 0, 0, RS1, -1), BigInt(CODE + 0x1000), 0n);
    expect(hart.pc).toBe(CODE + 0xffe);
  });
});

describe("atomic memory operations", () => {
  it.each(atomicForms)("%s.w and %s.d return the old value and store the new one", (_name, funct5, model) => {
    for (const [a, b] of pairs(funct5, 50)) {
      hart.writeU64(DATA, a);
      put(rType(0x2f, 3, funct5 << 2, RD, RS1, RS2), BigInt(DATA), b);
      expect(hart.x(RD)).toBe(a);
      expect(hart.readU64(DATA)).toBe(u64(model(s64(a), s64(b))));

      hart.writeU64(DATA, a);
      put(rType(0x2f, 2, (funct5 << 2) | 3, RD, RS1, RS2), BigInt(DATA), b); // with aq and rl
      expect(hart.x(RD)).toBe(u64(s32(a)));
      expect(hart.readU64(DATA)).toBe((a & 0xffffffff00000000n) | u32(model(s32(a), s32(b))));
    }
  });

  it("amoswap may have one register for everything", () => {
    hart.writeU64(DATA, 5n);
    put(rType(0x2f, 3, 1 << 2, RS1, RS1, RS1), BigInt(DATA), 0n);
    expect(hart.x(RS1)).toBe(5n);
    expect(hart.readU64(DATA)).toBe(BigInt(DATA));
  });
});

/** Executes one instruction with its operands set; the destination held something else before. */
function put(word: number, a: bigint, b: bigint, at = CODE): void {
  hart.assemble(at, [word]);
  hart.setX(RD, 0xdeadbeefdeadbeefn);
  hart.setX(RS1, a);
  hart.setX(RS2, b);
  hart.pc = at;
  expect(hart.run(1)).toBe(STOP_FUEL);
}

function expectResult(word: number, a: bigint, b: bigint, value: bigint | undefined): void {
  put(word, a, b);
  const expected = value === undefined ? 0xdeadbeefdeadbeefn : u64(value);
  if (hart.x(RD) !== expected) expect(hart.x(RD), `0x${word.toString(16)} on 0x${a.toString(16)}, 0x${b.toString(16)}`).toBe(expected);
}

function pairs(seed: number, randomPairs = 200): [bigint, bigint][] {
  const random = new Random(seed);
  const list = corners.flatMap((a) => corners.map((b): [bigint, bigint] => [a, b]));
  for (let i = 0; i < randomPairs; i++) list.push([random.u64() >> BigInt(random.below(64)), random.u64() >> BigInt(random.below(64))]);
  return list;
}

function rType(opcode: number, funct3: number, funct7: number, rd: number, rs1: number, rs2: number): number {
  return ((funct7 << 25) | (rs2 << 20) | (rs1 << 15) | (funct3 << 12) | (rd << 7) | opcode) >>> 0;
}

function iType(opcode: number, funct3: number, rd: number, rs1: number, imm: number): number {
  return ((imm << 20) | (rs1 << 15) | (funct3 << 12) | (rd << 7) | opcode) >>> 0;
}

function bType(funct3: number, rs1: number, rs2: number, imm: number): number {
  return (((imm >> 12) & 1) << 31 | ((imm >> 5) & 63) << 25 | rs2 << 20 | rs1 << 15 | funct3 << 12 | ((imm >> 1) & 15) << 8 | ((imm >> 11) & 1) << 7 | 0x63) >>> 0;
}

function jType(rd: number, imm: number): number {
  return (((imm >> 20) & 1) << 31 | ((imm >> 1) & 0x3ff) << 21 | ((imm >> 11) & 1) << 20 | ((imm >> 12) & 255) << 12 | rd << 7 | 0x6f) >>> 0;
}
