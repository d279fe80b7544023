// SPDX-License-Identifier: MIT
// Random riscv64 machine code: mostly valid encodings with random registers and operands, some damaged ones, some noise.
// Encodings: The RISC-V Instruction Set Manual, vol. I, ch. "RV32/64G Instruction Set Listings".

import * as n from "../../kernel/abi/syscalls.ts";
import { SYS_SPAWN_TEMPLATE_CREATE, SYS_SPAWN_TEMPLATE_SPAWN } from "../../kernel/abi/spawn-template.ts";
import { DATA } from "./elf.ts";
import type { Random } from "./random.ts";

const A0 = 10;
const A7 = 17;
const T6 = 31;
const LOAD = 0x03;
const LOAD_FP = 0x07;
const FENCE = 0x0f;
const OP_IMM = 0x13;
const AUIPC = 0x17;
const OP_IMM_32 = 0x1b;
const STORE = 0x23;
const STORE_FP = 0x27;
const AMO = 0x2f;
const OP = 0x33;
const LUI = 0x37;
const OP_32 = 0x3b;
const FMADD = 0x43;
const OP_FP = 0x53;
const BRANCH = 0x63;
const JALR = 0x67;
const JAL = 0x6f;
const SYSTEM = 0x73;
const EBREAK = 0x00100073;
export const ECALL = 0x00000073;

const CALLS = [...new Set(Object.values(n)), SYS_SPAWN_TEMPLATE_CREATE, SYS_SPAWN_TEMPLATE_SPAWN];
const CSRS = [0x001, 0x002, 0x003, 0xc00, 0xc01, 0xc02, 0x300, 0x100, 0xc03];
const AMO_OPERATIONS = [0b00000, 0b00001, 0b00010, 0b00011, 0b00100, 0b01000, 0b01100, 0b10000, 0b10100, 0b11000, 0b11100];
const FP_OPERATIONS = [
  0x00, 0x01, 0x04, 0x05, 0x08, 0x09, 0x0c, 0x0d, 0x2c, 0x2d, 0x10, 0x11, 0x14, 0x15, 0x50, 0x51, 0x60, 0x61, 0x68, 0x69, 0x70, 0x71, 0x78, 0x79, 0x20, 0x21,
];

/** Code that begins by loading x1..x30 from the table of 8-byte values at DATA. */
export function randomCode(random: Random, count: number): Uint8Array {
  const words: number[] = [lui(T6, DATA)];
  for (let register = 1; register < T6; register++) {
    if (register !== 2) words.push(iType(LOAD, register, 3, T6, register * 8)); // sp stays what execve made it
  }
  while (words.length < count) words.push(...randomInstructions(random));
  const code = new Uint8Array(Uint32Array.from(words, (word) => word >>> 0).buffer);
  if (random.chance(0.3)) code[random.below(code.length)] = random.u32();
  return code;
}

/** One thing that a program may do: an instruction, a system call with its arguments, two compressed ones. */
export function randomInstructions(random: Random): number[] {
  const [rd, rs1, rs2] = [random.below(32), random.below(32), random.below(32)];
  const immediate = random.chance(0.7) ? random.between(-64, 64) : random.between(-2048, 2047);
  const funct3 = random.below(8);
  switch (random.below(18)) {
    case 0:
    case 1:
      return [rType(random.pick([OP, OP_32]), rd, funct3, rs1, rs2, random.pick([0, 0x20, 1, 1, random.below(128)]))];
    case 2:
      return [iType(random.pick([OP_IMM, OP_IMM_32]), rd, funct3, rs1, immediate)];
    case 3:
      return [random.chance(0.5) ? lui(rd, random.u32()) : ((random.u32() & ~0xfff) | (rd << 7) | AUIPC)];
    case 4:
    case 5:
      return [iType(random.pick([LOAD, LOAD, LOAD_FP]), rd, funct3, rs1, immediate)];
    case 6:
    case 7:
      return [sType(random.pick([STORE, STORE, STORE_FP]), funct3, rs1, rs2, immediate)];
    case 8:
      return [bType(funct3, rs1, rs2, random.between(-40, 40) * 2)];
    case 9:
      return [random.chance(0.7) ? jType(rd, random.between(-60, 60) * 2) : iType(JALR, rd, 0, rs1, immediate)];
    case 10:
      return [rType(AMO, rd, random.pick([2, 3, 3, funct3]), rs1, rs2, (random.pick(AMO_OPERATIONS) << 2) | random.below(4))];
    case 11:
    case 12:
      return [rType(OP_FP, rd, random.pick([0, 1, 2, 7, funct3]), rs1, random.pick([rs2, 0, 1, 2, 3]), random.pick([...FP_OPERATIONS, random.below(128)]))];
    case 13:
      return [rType(FMADD | (random.below(4) << 2), rd, random.pick([0, 7, funct3]), rs1, rs2, (random.below(32) << 2) | random.pick([0, 1, 1, 2]))];
    case 14:
      return [random.chance(0.5) ? iType(SYSTEM, rd, funct3, rs1, random.pick(CSRS)) : iType(FENCE, rd, random.below(2), rs1, immediate)];
    case 15:
      return systemCall(random);
    case 16:
      return [random.u32() & ~3 | random.below(3) | ((random.u32() & ~0x30000) | (random.below(3) << 16)) & 0xffff0000]; // two compressed ones
    default:
      return [random.chance(0.1) ? EBREAK : random.u32()];
  }
}

/** a7 and now and then another argument, then ecall. */
function systemCall(random: Random): number[] {
  const words = [iType(OP_IMM, A7, 0, 0, random.chance(0.95) ? random.pick(CALLS) : random.between(-2048, 2047))];
  for (let argument = A0; argument < A0 + 6; argument++) {
    const kind = random.below(5);
    if (kind === 0) words.push(iType(OP_IMM, argument, 0, 0, random.between(-3, 20)));
    if (kind === 1) words.push(lui(argument, DATA), iType(OP_IMM, argument, 0, argument, random.below(0x400)));
  }
  return [...words, ECALL];
}

function rType(opcode: number, rd: number, funct3: number, rs1: number, rs2: number, funct7: number): number {
  return (funct7 << 25) | (rs2 << 20) | (rs1 << 15) | (funct3 << 12) | (rd << 7) | opcode;
}

export function iType(opcode: number, rd: number, funct3: number, rs1: number, immediate: number): number {
  return (immediate << 20) | (rs1 << 15) | (funct3 << 12) | (rd << 7) | opcode;
}

function sType(opcode: number, funct3: number, rs1: number, rs2: number, immediate: number): number {
  return ((immediate >> 5) << 25) | (rs2 << 20) | (rs1 << 15) | (funct3 << 12) | ((immediate & 0x1f) << 7) | opcode;
}

function bType(funct3: number, rs1: number, rs2: number, offset: number): number {
  const bits = ((offset >> 12) & 1) * 2 ** 31 + (((offset >> 5) & 0x3f) << 25) + (((offset >> 1) & 0xf) << 8) + (((offset >> 11) & 1) << 7);
  return bits | (rs2 << 20) | (rs1 << 15) | (funct3 << 12) | BRANCH;
}

export function jType(rd: number, offset: number): number {
  const bits = ((offset >> 20) & 1) * 2 ** 31 + (((offset >> 1) & 0x3ff) << 21) + (((offset >> 11) & 1) << 20) + (((offset >> 12) & 0xff) << 12);
  return bits | (rd << 7) | JAL;
}

function lui(rd: number, value: number): number {
  return (value & ~0xfff) | (rd << 7) | LUI;
}
