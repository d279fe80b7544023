// SPDX-License-Identifier: MIT
// read(2), write(2), their vector and positioned forms, lseek(2): argument checks and their order, as on Linux 6.18. What the
// kinds of files do with the bytes is tested with them.

import { expect, it } from "vitest";
import { EBADF, EFAULT, EINVAL, EOPNOTSUPP, ESPIPE } from "../../kernel/abi/errno.ts";
import { O_CREAT, O_RDONLY, O_RDWR, O_WRONLY, SEEK_CUR, SEEK_END } from "../../kernel/abi/fcntl.ts";
import {
  SYS_LSEEK, SYS_PREAD64, SYS_PREADV, SYS_PREADV2, SYS_PWRITE64, SYS_PWRITEV, SYS_PWRITEV2, SYS_READ, SYS_READV, SYS_WRITE, SYS_WRITEV,
} from "../../kernel/abi/syscalls.ts";
import type { Argument, TestActor } from "../support/actor.ts";
import { boot } from "../support/boot.ts";
import { iovecs } from "../support/structs.ts";

/** Descriptors 3 and 4 are a pipe, 5 a file to read "abcdef", 6 the same to write. */
function prepared(): TestActor {
  const actor = boot().actor();
  actor.pipe();
  const file = actor.open("/file", O_CREAT | O_RDWR, 0o600);
  actor.write(file, "abcdef");
  actor.close(file);
  actor.open("/file", O_RDONLY);
  actor.open("/file", O_WRONLY);
  return actor;
}

const BUFFER = 0x20000;
const KERNEL_HALF = -1;

it.each([
  { call: "read of a closed descriptor, before the address", number: SYS_READ, args: [9, KERNEL_HALF, 1], want: -EBADF },
  { call: "read from a write end, before the address", number: SYS_READ, args: [4, KERNEL_HALF, 1], want: -EBADF },
  { call: "read to a kernel address", number: SYS_READ, args: [3, KERNEL_HALF, 1], want: -EFAULT },
  { call: "read of a negative count", number: SYS_READ, args: [5, BUFFER, -1], want: -EFAULT },
  { call: "read of nothing", number: SYS_READ, args: [5, 0, 0], want: 0 },
  { call: "write from unmapped memory", number: SYS_WRITE, args: [6, 8, 1], want: -EFAULT },
  { call: "write to a file opened for reading", number: SYS_WRITE, args: [5, BUFFER, 1], want: -EBADF },
  { call: "readv of 1025 segments", number: SYS_READV, args: [5, BUFFER, 1025], want: -EINVAL },
  { call: "readv of 1025 segments from a write end", number: SYS_READV, args: [4, BUFFER, 1025], want: -EBADF },
  { call: "readv of no segments", number: SYS_READV, args: [5, 0, 0], want: 0 },
  { call: "readv of an unreadable vector", number: SYS_READV, args: [5, 8, 1], want: -EFAULT },
  { call: "pread64 at a negative offset, before the descriptor", number: SYS_PREAD64, args: [9, BUFFER, 1, -1], want: -EINVAL },
  { call: "pread64 from a pipe's write end", number: SYS_PREAD64, args: [4, BUFFER, 1, 0], want: -ESPIPE },
  { call: "pread64 from a file opened for writing", number: SYS_PREAD64, args: [6, BUFFER, 1, 0], want: -EBADF },
  { call: "pwrite64 to a file opened for reading", number: SYS_PWRITE64, args: [5, BUFFER, 1, 0], want: -EBADF },
  { call: "preadv at a negative offset", number: SYS_PREADV, args: [9, BUFFER, 1, -1], want: -EINVAL },
  { call: "pwritev to a pipe", number: SYS_PWRITEV, args: [4, BUFFER, 1, 0], want: -ESPIPE },
  { call: "preadv2 with a flag", number: SYS_PREADV2, args: [5, 0, 0, 0, 0, 1], want: -EOPNOTSUPP },
  { call: "pwritev2 of nothing", number: SYS_PWRITEV2, args: [6, 0, 0, 0, 0, 0], want: 0 },
  { call: "lseek of a closed descriptor", number: SYS_LSEEK, args: [9, 0, 9], want: -EBADF },
  { call: "lseek with an unknown whence, on a pipe too", number: SYS_LSEEK, args: [3, 0, 5], want: -EINVAL },
  { call: "lseek on a pipe", number: SYS_LSEEK, args: [3, 0, SEEK_CUR], want: -ESPIPE },
  { call: "lseek to the end", number: SYS_LSEEK, args: [5, 0, SEEK_END], want: 6 },
])("$call", ({ number, args, want }) => expect(prepared().call(number, ...(args as Argument[]))).toBe(want));

it.each([
  { call: "a negative length", length: -1n, base: BUFFER, want: -EINVAL },
  { call: "a segment in the kernel half", length: 1n, base: KERNEL_HALF, want: -EFAULT },
])("writev with $call writes nothing", ({ length, base, want }) => {
  const actor = prepared();
  const vector = actor.u64s([actor.str("abc").address, 3, BigInt.asUintN(64, BigInt(base)), BigInt.asUintN(64, length)]);
  expect(actor.call(SYS_WRITEV, 4, vector, 2)).toBe(want);
  actor.write(4, "x");
  expect(actor.read(3)).toBe("x");
});

it("writev joins its segments, readv fills them one after the other", () => {
  const actor = prepared();
  const vector = iovecs(actor.bytes(Buffer.from("ab")), actor.alloc(0), actor.bytes(Buffer.from("cdefg")));
  expect(actor.call(SYS_WRITEV, 4, vector, 3)).toBe(7);
  const parts = [actor.alloc(3), actor.alloc(1), actor.alloc(10)];
  expect(actor.call(SYS_READV, 3, iovecs(...parts), 3)).toBe(7);
  expect([parts[0]!.text(0, 3), parts[1]!.text(0, 1), parts[2]!.text(0, 3)]).toEqual(["abc", "d", "efg"]);
});

it("pread64 and preadv leave the position alone", () => {
  const actor = prepared();
  const buffer = actor.alloc(4);
  expect(actor.call(SYS_PREAD64, 5, buffer, 4, 4)).toBe(2);
  expect(buffer.text(0, 2)).toBe("ef");
  expect(actor.call(SYS_PREADV, 5, iovecs(buffer), 1, 1)).toBe(4);
  expect(buffer.text(0, 4)).toBe("bcde");
  expect(actor.call(SYS_PREAD64, 5, buffer, 4, 6)).toBe(0);
  expect(actor.read(5)).toBe("abcdef");
});

it("preadv2 and pwritev2 at -1 use the position", () => {
  const actor = prepared();
  const buffer = actor.alloc(3);
  expect(actor.call(SYS_PREADV2, 5, iovecs(buffer), 1, -1, 0, 0)).toBe(3);
  expect(actor.call(SYS_PREADV2, 5, iovecs(buffer), 1, -1, 0, 0)).toBe(3);
  expect(buffer.text(0, 3)).toBe("def");
  expect(actor.call(SYS_PWRITEV2, 6, iovecs(actor.bytes(Buffer.from("X"))), 1, 2, 0, 0)).toBe(1);
  expect(actor.call(SYS_PWRITEV2, 6, iovecs(actor.bytes(Buffer.from("Y"))), 1, -1, 0, 0)).toBe(1);
  actor.call(SYS_LSEEK, 5, 0, 0);
  expect(actor.read(5)).toBe("YbXdef");
});
