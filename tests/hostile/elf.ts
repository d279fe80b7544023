// SPDX-License-Identifier: MIT
// A riscv64 program made of bytes: an ELF header, one program header, one segment that may be read, written and executed.
// Offsets: elf(5), Elf64_Ehdr and Elf64_Phdr.

import { ELFCLASS64, ELFDATA2LSB, EM_RISCV, ET_EXEC, PT_LOAD } from "../../kernel/abi/elf.ts";

/** Where the segment's first byte of code stands. */
export const CODE = 0x10000;
/** Where the data begins; behind it there are zeroed pages up to SEGMENT_END. */
export const DATA = 0x14000;
export const SEGMENT_END = 0x18000;

const PAGE = 4096;
const HEADER_SIZE = 64;
const PROGRAM_HEADER_SIZE = 56;
const READ_WRITE_EXECUTE = 7;

export const ELF_FIELDS: readonly { readonly at: number; readonly size: 1 | 2 | 4 | 8 }[] = [
  ...[4, 5, 6, 7].map((at) => ({ at, size: 1 }) as const), // class, data, version, ABI
  ...[16, 18].map((at) => ({ at, size: 2 }) as const), // type, machine
  ...[20, 48].map((at) => ({ at, size: 4 }) as const), // version, flags
  ...[24, 32, 40].map((at) => ({ at, size: 8 }) as const), // entry, phoff, shoff
  ...[52, 54, 56, 58, 60, 62].map((at) => ({ at, size: 2 }) as const), // sizes and counts
];
/** Of each program header, relative to it: type, flags, then offset, vaddr, paddr, filesz, memsz, align. */
export const PROGRAM_HEADER_FIELDS: readonly { readonly at: number; readonly size: 4 | 8 }[] = [
  ...[0, 4].map((at) => ({ at, size: 4 }) as const),
  ...[8, 16, 24, 32, 40, 48].map((at) => ({ at, size: 8 }) as const),
];

export function buildElf(code: Uint8Array, data: Uint8Array): Buffer {
  const elf = Buffer.alloc(PAGE + (DATA - CODE) + data.length);
  elf.write("\x7fELF", "latin1");
  elf.set([ELFCLASS64, ELFDATA2LSB, 1], 4);
  elf.writeUInt16LE(ET_EXEC, 16);
  elf.writeUInt16LE(EM_RISCV, 18);
  elf.writeUInt32LE(1, 20);
  elf.writeBigUInt64LE(BigInt(CODE), 24);
  elf.writeBigUInt64LE(BigInt(HEADER_SIZE), 32);
  elf.writeUInt16LE(HEADER_SIZE, 52);
  elf.writeUInt16LE(PROGRAM_HEADER_SIZE, 54);
  elf.writeUInt16LE(1, 56);
  elf.writeUInt32LE(PT_LOAD, HEADER_SIZE);
  elf.writeUInt32LE(READ_WRITE_EXECUTE, HEADER_SIZE + 4);
  const fields = [PAGE, CODE, CODE, elf.length - PAGE, SEGMENT_END - CODE, PAGE]; // offset, vaddr, paddr, filesz, memsz, align
  fields.forEach((value, index) => elf.writeBigUInt64LE(BigInt(value), HEADER_SIZE + 8 + index * 8));
  elf.set(code, PAGE);
  elf.set(data, PAGE + (DATA - CODE));
  return elf;
}
