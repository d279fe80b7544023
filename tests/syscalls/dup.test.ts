// SPDX-License-Identifier: MIT
// dup(2), dup3, F_DUPFD, close(2): which descriptor, which flags, which errors.

import { expect, it } from "vitest";
import { EBADF, EINVAL, EMFILE } from "../../kernel/abi/errno.ts";
import { F_DUPFD, F_DUPFD_CLOEXEC, F_GETFD, F_SETFD, FD_CLOEXEC, O_CLOEXEC, O_NONBLOCK, O_PATH, O_RDONLY } from "../../kernel/abi/fcntl.ts";
import { RLIMIT_NOFILE } from "../../kernel/abi/resource.ts";
import { SYS_CLOSE, SYS_DUP, SYS_DUP3, SYS_FCNTL, SYS_LSEEK, SYS_PRLIMIT64 } from "../../kernel/abi/syscalls.ts";
import { boot } from "../support/boot.ts";
import type { TestActor } from "../support/actor.ts";

function limitDescriptors(actor: TestActor, soft: number, hard = soft): void {
  actor.must(SYS_PRLIMIT64, 0, RLIMIT_NOFILE, actor.u64s([soft, hard]), null);
}

it("dup takes the lowest free descriptor, without close-on-exec", () => {
  const actor = boot().actor();
  actor.must(SYS_FCNTL, 1, F_SETFD, FD_CLOEXEC);

  expect(actor.call(SYS_DUP, 1)).toBe(3);
  expect(actor.call(SYS_DUP, 1)).toBe(4);
  actor.close(3);
  expect(actor.call(SYS_DUP, 4)).toBe(3);
  expect(actor.call(SYS_FCNTL, 3, F_GETFD)).toBe(0);
});

it("a duplicate shares the open file, and outlives the original", () => {
  const actor = boot().actor();
  const [reader, writer] = actor.pipe();
  const copy = actor.must(SYS_DUP, writer);
  actor.close(writer);
  actor.write(copy, "still there");

  expect(actor.read(reader)).toBe("still there");
});

it.each([
  { call: "dup of a closed descriptor", number: SYS_DUP, args: [9], want: -EBADF },
  { call: "dup of -1", number: SYS_DUP, args: [-1], want: -EBADF },
  { call: "dup of a number beyond any table", number: SYS_DUP, args: [0x7fffffff], want: -EBADF },
  { call: "close of a closed descriptor", number: SYS_CLOSE, args: [9], want: -EBADF },
  { call: "close of -1", number: SYS_CLOSE, args: [-1], want: -EBADF },
  { call: "dup3 onto itself", number: SYS_DUP3, args: [1, 1, 0], want: -EINVAL },
  { call: "dup3 of a closed descriptor onto itself", number: SYS_DUP3, args: [9, 9, 0], want: -EINVAL },
  { call: "dup3 with another flag than O_CLOEXEC", number: SYS_DUP3, args: [1, 5, O_NONBLOCK], want: -EINVAL },
  { call: "dup3 of a closed descriptor", number: SYS_DUP3, args: [9, 5, 0], want: -EBADF },
  { call: "dup3 to the limit", number: SYS_DUP3, args: [1, 1024, 0], want: -EBADF },
  { call: "dup3 below the limit", number: SYS_DUP3, args: [1, 1023, 0], want: 1023 },
  { call: "dup3 to -1", number: SYS_DUP3, args: [1, -1, 0], want: -EBADF },
  { call: "F_DUPFD to the limit", number: SYS_FCNTL, args: [1, F_DUPFD, 1024], want: -EINVAL },
  { call: "F_DUPFD to -1", number: SYS_FCNTL, args: [1, F_DUPFD, -1], want: -EINVAL },
  { call: "F_DUPFD of a closed descriptor", number: SYS_FCNTL, args: [9, F_DUPFD, 0], want: -EBADF },
  { call: "F_DUPFD from 10", number: SYS_FCNTL, args: [1, F_DUPFD, 10], want: 10 },
])("$call", ({ number, args, want }) => expect(boot().actor().call(number, ...args)).toBe(want));

it.each([
  { call: "dup3 with O_CLOEXEC", number: SYS_DUP3, args: [1, 5, O_CLOEXEC], flag: FD_CLOEXEC },
  { call: "dup3 without O_CLOEXEC", number: SYS_DUP3, args: [1, 5, 0], flag: 0 },
  { call: "F_DUPFD_CLOEXEC", number: SYS_FCNTL, args: [1, F_DUPFD_CLOEXEC, 5], flag: FD_CLOEXEC },
  { call: "F_DUPFD", number: SYS_FCNTL, args: [1, F_DUPFD, 5], flag: 0 },
])("$call decides close-on-exec", ({ number, args, flag }) => {
  const actor = boot().actor();
  expect(actor.call(number, ...args)).toBe(5);
  expect(actor.call(SYS_FCNTL, 5, F_GETFD)).toBe(flag);
});

it("dup3 closes what was open there", () => {
  const actor = boot().actor();
  const [reader, writer] = actor.pipe();
  expect(actor.call(SYS_DUP3, 1, writer, 0)).toBe(writer);
  expect(actor.read(reader)).toBe(""); // end of file: the only write end is gone
});

it("the soft limit bounds new descriptors; those above it stay open", () => {
  const actor = boot().actor();
  actor.must(SYS_DUP3, 1, 20, 0);
  limitDescriptors(actor, 5, 1024);

  expect(actor.call(SYS_DUP, 1)).toBe(3);
  expect(actor.call(SYS_DUP, 1)).toBe(4);
  expect(actor.call(SYS_DUP, 1)).toBe(-EMFILE);
  expect(actor.call(SYS_FCNTL, 20, F_GETFD)).toBe(0);
  expect(actor.call(SYS_DUP, 20)).toBe(-EMFILE);
});

it("ten thousand descriptors: lowest first, holes are found again, a child has them all", () => {
  const machine = boot();
  const actor = machine.actor();
  limitDescriptors(actor, 20_000);
  for (let fd = 3; fd < 10_000; fd++) if (actor.call(SYS_DUP, 1) !== fd) throw new Error(`expected descriptor ${fd}`);
  for (const hole of [63, 64, 8191, 8192, 9999]) actor.close(hole);
  for (const hole of [63, 64, 8191, 8192, 9999, 10_000]) expect(actor.call(SYS_DUP, 1)).toBe(hole);
  actor.close(5000);
  expect(actor.call(SYS_FCNTL, 1, F_DUPFD, 4999)).toBe(5000);

  const child = actor.fork();
  expect(child.call(SYS_DUP, 1)).toBe(10_001);
  expect(child.call(SYS_CLOSE, 9000)).toBe(0);
  expect(actor.call(SYS_FCNTL, 9000, F_GETFD)).toBe(0);
});

it("the largest descriptor that can be is 1048575", () => {
  const actor = boot().actor();
  limitDescriptors(actor, 1 << 20);
  expect(actor.call(SYS_DUP3, 1, (1 << 20) - 1, 0)).toBe((1 << 20) - 1);
  expect(actor.call(SYS_DUP3, 1, 1 << 20, 0)).toBe(-EBADF);
  expect(actor.call(SYS_FCNTL, 1, F_DUPFD, (1 << 20) - 1)).toBe(-EMFILE);
});

it("an O_PATH descriptor can be duplicated, not used", () => {
  const actor = boot().actor();
  const fd = actor.open("/", O_PATH);
  const copy = actor.call(SYS_DUP, fd);
  expect(copy).toBe(fd + 1);
  expect(actor.call(SYS_LSEEK, copy, 0, 0)).toBe(-EBADF);
  expect(actor.call(SYS_LSEEK, actor.open("/", O_RDONLY), 0, 0)).toBe(0);
});
