// SPDX-License-Identifier: MIT
// Looks at a file that the kernel refused to execute and says in words what is wrong with it. It decides nothing: the kernel
// has already answered with an errno. Offsets: elf(5), Elf64_Ehdr and Elf64_Phdr.

import { ELFCLASS64, ELFDATA2LSB, EM_RISCV, ET_DYN, ET_EXEC, PT_INTERP, PT_LOAD } from "../../kernel/abi/elf.ts";

const HEADER_SIZE = 64;
const PROGRAM_HEADER_SIZE = 56;

// e_machine of the machines people try by mistake
const MACHINES: Record<number, string> = {
  3: "i386",
  8: "mips",
  20: "powerpc",
  21: "powerpc64",
  22: "s390",
  40: "arm",
  62: "x86-64",
  183: "aarch64",
  [EM_RISCV]: "riscv",
  258: "loongarch",
};

const TYPES: Record<number, string> = { 0: "no type", 1: "a relocatable object (.o)", 4: "a core dump" };

/**
 * What is wrong with a file as a riscv64 program; undefined when its headers and segments are sound.
 * `bytes` may be the beginning of the file, with the program headers in it, if `size` says how long the whole is.
 */
export function elfProblem(bytes: Uint8Array, size = bytes.length): string | undefined {
  if (bytes.length === 0) return "expected a riscv64 ELF program, found an empty file";
  if (!startsWith(bytes, "\x7fELF")) return `expected a riscv64 ELF program, found ${firstBytes(bytes)}`;
  if (bytes.length < HEADER_SIZE) return `truncated: an ELF header has ${HEADER_SIZE} bytes, the file ${bytes.length}`;

  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const machine = view.getUint16(18, true);
  const type = view.getUint16(16, true);
  if (bytes[4] !== ELFCLASS64) return "expected a 64-bit ELF program, found a 32-bit one";
  if (bytes[5] !== ELFDATA2LSB) return "expected a little-endian ELF program, found a big-endian one";
  if (machine !== EM_RISCV) return `expected an ELF for riscv64, found one for ${MACHINES[machine] ?? `machine ${machine}`}`;
  if (type !== ET_EXEC && type !== ET_DYN) return `expected a program (ET_EXEC or ET_DYN), found ${TYPES[type] ?? `type ${type}`}`;

  return segmentProblem(view, size);
}

/** The path of the dynamic linker that a program names (PT_INTERP). */
export function interpreterOf(bytes: Uint8Array): string | undefined {
  if (elfProblem(bytes) !== undefined) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (const header of programHeaders(view)) {
    if (header.type !== PT_INTERP) continue;
    const path = bytes.subarray(header.offset, header.offset + header.fileSize);
    return new TextDecoder().decode(path).replace(/\0.*$/s, "");
  }
  return undefined;
}

/** The interpreter of a `#!` script. */
export function scriptInterpreterOf(bytes: Uint8Array): string | undefined {
  if (!startsWith(bytes, "#!")) return undefined;
  const line = new TextDecoder().decode(bytes.subarray(2, 256)).split("\n", 1)[0] ?? "";
  return line.trim().split(/[ \t]/, 1)[0];
}

function segmentProblem(view: DataView, size: number): string | undefined {
  const entrySize = view.getUint16(54, true);
  const count = view.getUint16(56, true);
  const tableOffset = Number(view.getBigUint64(32, true));
  if (entrySize !== PROGRAM_HEADER_SIZE) return `expected program headers of ${PROGRAM_HEADER_SIZE} bytes, found ${entrySize}`;
  if (count === 0) return "expected program headers, found none";

  const tableEnd = tableOffset + count * entrySize;
  if (tableEnd > size) return `truncated: the program headers end at byte ${tableEnd}, the file at ${size}`;
  if (tableEnd > view.byteLength) return undefined; // unusual, but nothing is wrong with it
  for (const { type, offset, fileSize } of programHeaders(view)) {
    if (type !== PT_LOAD || offset + fileSize <= size) continue;
    return `truncated: a segment ends at byte ${offset + fileSize}, the file at ${size}`;
  }
  return undefined;
}

function programHeaders(view: DataView): { type: number; offset: number; fileSize: number }[] {
  const tableOffset = Number(view.getBigUint64(32, true));
  return Array.from({ length: view.getUint16(56, true) }, (_, index) => {
    const at = tableOffset + index * PROGRAM_HEADER_SIZE;
    return {
      type: view.getUint32(at, true),
      offset: Number(view.getBigUint64(at + 8, true)),
      fileSize: Number(view.getBigUint64(at + 32, true)),
    };
  });
}

function startsWith(bytes: Uint8Array, magic: string): boolean {
  return [...magic].every((char, index) => bytes[index] === char.charCodeAt(0));
}

function firstBytes(bytes: Uint8Array): string {
  const start = [...bytes.subarray(0, 8)];
  if (start.every((byte) => (byte >= 0x20 && byte < 0x7f) || byte === 0x0a)) {
    return `text that starts with ${JSON.stringify(String.fromCharCode(...start))}`;
  }
  return `bytes ${start.map((byte) => byte.toString(16).padStart(2, "0")).join(" ")}`;
}
