// SPDX-License-Identifier: MIT
// Shared by kernel and host: compiled by asc and by tsc. elf(5).

export const PT_NULL = 0;
export const ELFCLASS32 = 1;
export const ELFDATA2LSB = 1;
export const ET_REL = 1;
export const PF_X = 1;
export const PT_LOAD = 1;
export const ELFCLASS64 = 2;
export const ET_EXEC = 2;
export const PF_W = 2;
export const PT_DYNAMIC = 2;
export const ET_DYN = 3;
export const PT_INTERP = 3;
export const ET_CORE = 4;
export const PF_R = 4;
export const PT_NOTE = 4;
export const PT_SHLIB = 5;
export const PT_PHDR = 6;
export const PT_TLS = 7;
export const EM_RISCV = 243;
export const PT_GNU_EH_FRAME = 1685382480;
export const PT_GNU_STACK = 1685382481;
export const PT_GNU_RELRO = 1685382482;
