// SPDX-License-Identifier: MIT
// ELF files byte by byte (elf(5)), good ones and bad ones: every field of the header and of the program headers can be given, so
// that a test of the loader says exactly what is wrong with a file and needs no compiler.

import { ELFCLASS64, EM_RISCV, ET_EXEC, PF_R, PF_X, PT_LOAD } from "../../kernel/abi/elf.ts";

export interface Segment {
  readonly type?: number;
  readonly flags?: number;
  /** Where the data lies in the file; by default behind everything before it, congruent to the address. */
  readonly offset?: number | bigint;
  readonly address?: number | bigint;
  readonly data?: Uint8Array;
  /** By default the length of the data. */
  readonly fileSize?: number | bigint;
  readonly memorySize?: number | bigint;
  readonly align?: number | bigint;
}

export interface ElfFields {
  readonly type?: number;
  readonly machine?: number;
  readonly class?: number;
  readonly magic?: string;
  readonly entry?: number | bigint;
  readonly phoff?: number | bigint;
  readonly phentsize?: number;
  readonly phnum?: number;
  readonly segments?: readonly Segment[];
  /** Cut the file to this length. */
  readonly length?: number;
}

export const CODE_ADDRESS = 0x40000;
const HEADER_SIZE = 64;
const PROGRAM_HEADER_SIZE = 56;
const PAGE = 4096;

/** An ELF file. Without segments: one PT_LOAD with nothing but `exit_group(0)`. */
export function elf(fields: ElfFields = {}): Buffer {
  const segments = fields.segments ?? [codeSegment(exitCode(0))];
  const { entry = segments[0]?.address ?? CODE_ADDRESS, phnum = segments.length } = fields;
  const header = Buffer.alloc(HEADER_SIZE);
  header.write(fields.magic ?? "\x7fELF", "latin1");
  header.set([fields.class ?? ELFCLASS64, 1, 1], 4); // little endian, version 1
  header.writeUInt16LE(fields.type ?? ET_EXEC, 16);
  header.writeUInt16LE(fields.machine ?? EM_RISCV, 18);
  header.writeUInt32LE(1, 20);
  header.writeBigUInt64LE(BigInt(entry), 24);
  header.writeBigUInt64LE(BigInt(fields.phoff ?? HEADER_SIZE), 32);
  header.writeUInt16LE(HEADER_SIZE, 52);
  header.writeUInt16LE(fields.phentsize ?? PROGRAM_HEADER_SIZE, 54);
  header.writeUInt16LE(phnum, 56);

  const table = Buffer.alloc(segments.length * PROGRAM_HEADER_SIZE);
  const parts = [header, table];
  let end = HEADER_SIZE + table.length;
  segments.forEach((segment, index) => {
    const data = segment.data ?? new Uint8Array();
    const offset = segment.offset ?? offsetFor(end, data, Number(BigInt(segment.address ?? 0) & 0xfffn));
    writeProgramHeader(table.subarray(index * PROGRAM_HEADER_SIZE), segment, BigInt(offset));
    if (data.length === 0 || BigInt(offset) < end) return;
    parts.push(Buffer.alloc(Number(offset) - end), Buffer.from(data));
    end = Number(offset) + data.length;
  });
  return Buffer.concat(parts).subarray(0, fields.length);
}

/** An executable segment with these instructions. */
export function codeSegment(instructions: readonly number[], address: number | bigint = CODE_ADDRESS): Segment {
  return { type: PT_LOAD, flags: PF_R | PF_X, address, data: words(instructions) };
}

export function words(instructions: readonly number[]): Buffer {
  return Buffer.from(Uint32Array.from(instructions).buffer);
}

/** `exit_group(code)`, 0 to 255. */
export function exitCode(code: number): number[] {
  return [addi(10, 0, code), addi(17, 0, 94), ECALL];
}

/** A static program that exits with `code`. */
export function exits(code: number): Buffer {
  return elf({ segments: [codeSegment(exitCode(code))] });
}

// Instructions (RISC-V ISA vol. I, RV64I).

export const ECALL = 0x00000073;
/** `jal x0, 0`: jumps to itself. */
export const LOOP = 0x0000006f;

export function addi(rd: number, rs1: number, immediate: number): number {
  return (((immediate & 0xfff) << 20) | (rs1 << 15) | (rd << 7) | 0x13) >>> 0;
}

export function ld(rd: number, rs1: number, offset: number): number {
  return (((offset & 0xfff) << 20) | (rs1 << 15) | (3 << 12) | (rd << 7) | 0x03) >>> 0;
}

export function sd(rs2: number, rs1: number, offset: number): number {
  return ((((offset >> 5) & 0x7f) << 25) | (rs2 << 20) | (rs1 << 15) | (3 << 12) | ((offset & 0x1f) << 7) | 0x23) >>> 0;
}

/** `auipc rd, 0`: the address of this instruction. */
export function auipc(rd: number): number {
  return ((rd << 7) | 0x17) >>> 0;
}

function slli(rd: number, shift: number): number {
  return ((shift << 20) | (rd << 15) | (1 << 12) | (rd << 7) | 0x13) >>> 0;
}

/** Loads any constant: the top bits, then eleven at a time. */
export function li(rd: number, value: number | bigint): number[] {
  const wanted = BigInt.asIntN(64, BigInt(value));
  if (wanted >= -2048n && wanted < 2048n) return [addi(rd, 0, Number(wanted))];
  return [...li(rd, wanted >> 11n), slli(rd, 11), addi(rd, rd, Number(wanted & 0x7ffn))];
}

/** The first place at or behind `end` that agrees with the address modulo the page size. */
function offsetFor(end: number, data: Uint8Array, within: number): number {
  if (data.length === 0) return within;
  const base = end - (end % PAGE) + within;
  return base < end ? base + PAGE : base;
}

function writeProgramHeader(to: Buffer, segment: Segment, offset: bigint): void {
  const { type = PT_LOAD, flags = PF_R, address = 0, data, align = PAGE } = segment;
  const fileSize = BigInt(segment.fileSize ?? data?.length ?? 0);
  to.writeUInt32LE(type, 0);
  to.writeUInt32LE(flags, 4);
  to.writeBigUInt64LE(BigInt.asUintN(64, offset), 8);
  to.writeBigUInt64LE(BigInt(address), 16);
  to.writeBigUInt64LE(BigInt(address), 24);
  to.writeBigUInt64LE(fileSize, 32);
  to.writeBigUInt64LE(BigInt(segment.memorySize ?? fileSize), 40);
  to.writeBigUInt64LE(BigInt(align), 48);
}
