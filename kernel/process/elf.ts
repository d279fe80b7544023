// SPDX-License-Identifier: MIT
// Reading and checking ELF64 headers (elf(5)). It accepts what Linux's loader accepts: magic, class, machine, type, and a table
// of program headers that fits one page; EI_DATA, e_version and OSABI are not looked at. Mapping is process/elf-loader.ts.

import { ELFCLASS64, EM_RISCV, ET_DYN, ET_EXEC } from "../abi/elf.ts";
import { ENOEXEC, ENOMEM } from "../abi/errno.ts";
import { File } from "../file/file.ts";
import { inodeOf, readInode } from "../fs/file-access.ts";
import { allocKernelFrame, PAGE_SIZE, releaseFrame } from "../memory/frames.ts";
import { RefCounted } from "../memory/ref-counted.ts";

export const ELF_HEADER_SIZE: usize = 64;
export const PROGRAM_HEADER_SIZE: usize = 56;
const MAGIC: u32 = 0x464c457f; // "\x7fELF"

// Offsets in an Elf64_Phdr.
const P_FLAGS: usize = 4;
const P_OFFSET: usize = 8;
const P_VADDR: usize = 16;
const P_FILESZ: usize = 32;
const P_MEMSZ: usize = 40;
const P_ALIGN: usize = 48;

/** An ELF header and its program headers, checked. Shared by a template, as its cache, and the exec that uses it. */
export class ElfHeaders extends RefCounted {
  type: u32 = 0;
  entry: u64 = 0;
  tableOffset: u64 = 0;
  count: i32 = 0;
  /** A frame with `count` program headers. */
  private table: usize = 0;

  /** Reads the headers of `file`; null with `elfError` set to -ENOEXEC or -ENOMEM. */
  static read(file: File): ElfHeaders | null {
    elfError = -ENOEXEC;
    const inode = inodeOf(file);
    if (inode == null) return null;
    const got = readInode(inode, 0, HEADER, ELF_HEADER_SIZE);
    if (got != <i32>ELF_HEADER_SIZE || !isElf(HEADER)) return null;
    return ElfHeaders.fromHeader(file);
  }

  private static fromHeader(file: File): ElfHeaders | null {
    const type = load<u16>(HEADER, 16);
    const count = <i32>load<u16>(HEADER, 56);
    const size = <usize>count * PROGRAM_HEADER_SIZE;
    if (type != ET_EXEC && type != ET_DYN) return null;
    if (load<u16>(HEADER, 18) != EM_RISCV || load<u8>(HEADER, 4) != ELFCLASS64) return null;
    if (load<u16>(HEADER, 54) != PROGRAM_HEADER_SIZE || count == 0 || size > PAGE_SIZE) return null;
    const table = allocKernelFrame();
    if (table == 0) {
      elfError = -ENOMEM;
      return null;
    }
    const offset = load<u64>(HEADER, 32);
    if (readInode(inodeOf(file)!, <i64>offset, table, size) != <i32>size) {
      releaseFrame(table);
      return null;
    }
    const headers = new ElfHeaders();
    headers.type = type;
    headers.entry = load<u64>(HEADER, 24);
    headers.tableOffset = offset;
    headers.count = count;
    headers.table = table;
    return headers;
  }

  get isPositionIndependent(): bool {
    return this.type == ET_DYN;
  }

  typeOf(index: i32): u32 {
    return load<u32>(this.at(index));
  }

  flagsOf(index: i32): u32 {
    return load<u32>(this.at(index), P_FLAGS);
  }

  offsetOf(index: i32): u64 {
    return load<u64>(this.at(index), P_OFFSET);
  }

  addressOf(index: i32): u64 {
    return load<u64>(this.at(index), P_VADDR);
  }

  fileSizeOf(index: i32): u64 {
    return load<u64>(this.at(index), P_FILESZ);
  }

  memorySizeOf(index: i32): u64 {
    return load<u64>(this.at(index), P_MEMSZ);
  }

  alignmentOf(index: i32): u64 {
    return load<u64>(this.at(index), P_ALIGN);
  }

  /** The first program header of a type, or -1. */
  find(type: u32): i32 {
    for (let i = 0; i < this.count; i++) if (this.typeOf(i) == type) return i;
    return -1;
  }

  destroy(): void {
    releaseFrame(this.table);
  }

  private at(index: i32): usize {
    return this.table + <usize>index * PROGRAM_HEADER_SIZE;
  }
}

/** Why the last ElfHeaders.read gave null. */
export let elfError: i64 = 0;

/** Whether kernel memory starts with ELF's magic number. */
export function isElf(bytes: usize): bool {
  return load<u32>(bytes) == MAGIC;
}

const HEADER = memory.data(64, 8);
