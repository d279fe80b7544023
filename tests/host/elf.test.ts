// SPDX-License-Identifier: MIT
import { expect, it } from "vitest";
import { elfProblem, interpreterOf, scriptInterpreterOf } from "../../host/core/elf.ts";
import { explainStart, type ImageView } from "../../host/core/explain-start.ts";
import { CannotExecuteError, ProgramNotFoundError, BadInputError } from "../../host/core/errors.ts";
import type { FileStat } from "../../host/core/file-stat.ts";
import * as e from "../../kernel/abi/errno.ts";
import { S_IFDIR, S_IFREG } from "../../kernel/abi/stat.ts";

/** A sound riscv64 program of one segment, with an interpreter if one is named. */
function elf(change: (bytes: Buffer) => void = () => {}, interpreter?: string): Buffer {
  const bytes = Buffer.alloc(64 + 2 * 56 + 100);
  bytes.write("\x7fELF", "latin1");
  bytes.set([2, 1, 1], 4);
  bytes.writeUInt16LE(2, 16);
  bytes.writeUInt16LE(243, 18);
  bytes.writeBigUInt64LE(64n, 32);
  bytes.writeUInt16LE(56, 54);
  bytes.writeUInt16LE(interpreter === undefined ? 1 : 2, 56);
  segment(bytes, 64, 1, 0, bytes.length);
  if (interpreter !== undefined) {
    segment(bytes, 120, 3, 176, interpreter.length + 1);
    bytes.write(`${interpreter}\0`, 176);
  }
  change(bytes);
  return bytes;
}

function segment(bytes: Buffer, at: number, type: number, offset: number, size: number): void {
  bytes.writeUInt32LE(type, at);
  bytes.writeBigUInt64LE(BigInt(offset), at + 8);
  bytes.writeBigUInt64LE(BigInt(size), at + 32);
}

it("finds nothing wrong with a sound program", () => {
  expect(elfProblem(elf())).toBeUndefined();
  expect(interpreterOf(elf(undefined, "/lib/ld.so.1"))).toBe("/lib/ld.so.1");
  expect(interpreterOf(elf())).toBeUndefined();
});

it.each([
  { what: "an empty file", bytes: Buffer.alloc(0), text: /empty file/ },
  { what: "text", bytes: Buffer.from("hello world\n"), text: /found text that starts with "hello wo"/ },
  { what: "other bytes", bytes: Buffer.from([0xca, 0xfe, 0xba, 0xbe]), text: /found bytes ca fe ba be/ },
  { what: "a cut header", bytes: elf().subarray(0, 20), text: /truncated: an ELF header has 64 bytes, the file 20/ },
  { what: "32 bits", bytes: elf((b) => (b[4] = 1)), text: /found a 32-bit one/ },
  { what: "big endian", bytes: elf((b) => (b[5] = 2)), text: /found a big-endian one/ },
  { what: "x86-64", bytes: elf((b) => b.writeUInt16LE(62, 18)), text: /expected an ELF for riscv64, found one for x86-64/ },
  { what: "another machine", bytes: elf((b) => b.writeUInt16LE(9999, 18)), text: /found one for machine 9999/ },
  { what: "an object file", bytes: elf((b) => b.writeUInt16LE(1, 16)), text: /found a relocatable object/ },
  { what: "no program headers", bytes: elf((b) => b.writeUInt16LE(0, 56)), text: /found none/ },
  { what: "cut program headers", bytes: elf((b) => b.writeBigUInt64LE(1000n, 32)), text: /truncated: the program headers end at byte 1056, the file at 276/ },
  { what: "a cut segment", bytes: elf().subarray(0, 200), text: /truncated: a segment ends at byte 276, the file at 200/ },
])("says what is wrong with $what", ({ bytes, text }) => expect(elfProblem(bytes)).toMatch(text));

it("reads the interpreter of a script", () => {
  expect(scriptInterpreterOf(Buffer.from("#! /bin/sh -e\nx"))).toBe("/bin/sh");
  expect(scriptInterpreterOf(Buffer.from("#!/bin/cat\n"))).toBe("/bin/cat");
  expect(scriptInterpreterOf(elf())).toBeUndefined();
});

/** An image of plain files and directories. */
function imageOf(files: Record<string, { mode: number; data?: Uint8Array }>): ImageView {
  return {
    stat: (path) => (files[path] ? ({ mode: files[path].mode } as FileStat) : undefined),
    readFile: (path) => files[path]?.data ?? new Uint8Array(),
  };
}

const root = { "/": { mode: S_IFDIR | 0o755 } };
const at = (data: Uint8Array, mode = S_IFREG | 0o755) => imageOf({ ...root, "/x": { mode, data } });

it.each([
  { why: "it is missing", image: imageOf(root), errno: e.ENOENT, kind: ProgramNotFoundError, text: '"/x": no such file in the image' },
  { why: "a directory of its path is a file", image: imageOf(root), errno: e.ENOTDIR, kind: CannotExecuteError, text: '"/x": ENOTDIR' },
  { why: "it is a directory", image: imageOf({ ...root, "/x": { mode: S_IFDIR | 0o755 } }), errno: e.EACCES, kind: CannotExecuteError, text: '"/x": expected a regular file, found a directory' },
  { why: "it has no x", image: at(elf(), S_IFREG | 0o644), errno: e.EACCES, kind: CannotExecuteError, text: '"/x": expected an executable file, found mode 0644' },
  { why: "it is for another machine", image: at(elf((b) => b.writeUInt16LE(183, 18))), errno: e.ENOEXEC, kind: CannotExecuteError, text: '"/x": expected an ELF for riscv64, found one for aarch64' },
  { why: "its interpreter is missing", image: at(elf(undefined, "/lib/ld.so.1")), errno: e.ENOENT, kind: CannotExecuteError, text: '"/x": its interpreter "/lib/ld.so.1" is not in the image' },
  { why: "its script interpreter is missing", image: at(Buffer.from("#!/bin/zsh\n")), errno: e.ENOENT, kind: CannotExecuteError, text: '"/x": its interpreter "/bin/zsh" is not in the image' },
  { why: "it does not fit", image: at(elf()), errno: e.ENOMEM, kind: CannotExecuteError, text: '"/x": does not fit into the machine\'s memory' },
])("explains a start that failed because $why", ({ image, errno, kind, text }) => {
  const error = explainStart(image, "/x", "/", errno);
  expect(error).toBeInstanceOf(kind);
  expect(error.message).toBe(text);
});

it("explains a working directory that is none", () => {
  expect(explainStart(at(elf()), "/x", "/none", e.ENOENT)).toBeInstanceOf(BadInputError);
  expect(explainStart(at(elf()), "/x", "/none", e.ENOENT).message).toBe('working directory "/none": expected a directory in the image, found nothing');
});
