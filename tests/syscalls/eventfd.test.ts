// SPDX-License-Identifier: MIT
// eventfd2(2).

import { expect, it } from "vitest";
import { EAGAIN, EFAULT, EINVAL, ESPIPE } from "../../kernel/abi/errno.ts";
import { F_GETFD, F_GETFL, FD_CLOEXEC, O_CLOEXEC, O_NONBLOCK, O_RDWR } from "../../kernel/abi/fcntl.ts";
import { POLLIN, POLLOUT } from "../../kernel/abi/poll.ts";
import { SYS_EVENTFD2, SYS_FCNTL, SYS_FSTAT, SYS_LSEEK, SYS_PPOLL, SYS_PREAD64, SYS_READ, SYS_WRITE } from "../../kernel/abi/syscalls.ts";
import type { TestActor } from "../support/actor.ts";
import { boot } from "../support/boot.ts";
import { pack, pollfds, timespec } from "../support/structs.ts";

const EFD_SEMAPHORE = 1;
const LARGEST = 0xfffffffffffffffen;

function take(actor: TestActor, fd: number): bigint | number {
  const value = actor.alloc(8);
  const count = actor.call(SYS_READ, fd, value, 8);
  return count === 8 ? value.u64(0) : count;
}

const add = (actor: TestActor, fd: number, value: bigint) => actor.call(SYS_WRITE, fd, pack("u64", value), 8);

it("a read takes the whole sum", () => {
  const actor = boot().actor();
  const fd = actor.must(SYS_EVENTFD2, 3, O_NONBLOCK);
  expect(add(actor, fd, 4n)).toBe(8);
  expect(take(actor, fd)).toBe(7n);
  expect(take(actor, fd)).toBe(-EAGAIN);
});

it("with EFD_SEMAPHORE each read takes one", () => {
  const actor = boot().actor();
  const fd = actor.must(SYS_EVENTFD2, 2, EFD_SEMAPHORE | O_NONBLOCK);
  expect([take(actor, fd), take(actor, fd), take(actor, fd)]).toEqual([1n, 1n, -EAGAIN]);
});

it("a read sleeps at zero, a write where the sum would not fit", () => {
  const actor = boot().actor();
  const fd = actor.must(SYS_EVENTFD2, 0, 0);
  const child = actor.fork();
  const read = child.start(SYS_READ, fd, child.alloc(8), 8);
  expect(read.isBlocked).toBe(true);
  add(actor, fd, LARGEST);
  expect(read.result()).toBe(8);
  add(actor, fd, LARGEST - 1n);
  const write = child.start(SYS_WRITE, fd, pack("u64", 2), 8);
  expect(write.isBlocked).toBe(true);
  expect(take(actor, fd)).toBe(LARGEST - 1n);
  expect(write.result()).toBe(8);
  expect(take(actor, fd)).toBe(2n);
});

it.each([
  { state: "zero", value: 0n, want: POLLOUT },
  { state: "one", value: 1n, want: POLLIN | POLLOUT },
  { state: "full", value: LARGEST, want: POLLIN },
])("polls as $want at $state", ({ value, want }) => {
  const actor = boot().actor();
  const fd = actor.must(SYS_EVENTFD2, 0, 0);
  add(actor, fd, value);
  const fds = actor.bytes(pollfds([fd, 0xffff]));
  actor.must(SYS_PPOLL, fds, 1, timespec(0), null, 8);
  expect(fds.u16(6)).toBe(want);
});

it.each([
  { call: "a read of less than 8 bytes", number: SYS_READ, args: [0x20000, 7], want: -EINVAL },
  { call: "a write of less than 8 bytes", number: SYS_WRITE, args: [0x20000, 7], want: -EINVAL },
  { call: "a write from unmapped memory", number: SYS_WRITE, args: [8, 8], want: -EFAULT },
  { call: "a read to unmapped memory", number: SYS_READ, args: [8, 8], want: -EFAULT },
  { call: "pread64", number: SYS_PREAD64, args: [0x20000, 8, 0], want: -ESPIPE },
  { call: "lseek, which goes nowhere", number: SYS_LSEEK, args: [5, 0], want: 0 },
])("$call", ({ number, args, want }) => {
  const actor = boot().actor();
  expect(actor.call(number, actor.must(SYS_EVENTFD2, 1, 0), ...args)).toBe(want);
});

it("the largest value cannot be added, flags are checked, the inode has no type", () => {
  const actor = boot().actor();
  const fd = actor.must(SYS_EVENTFD2, 0, O_CLOEXEC | O_NONBLOCK);
  expect(add(actor, fd, 0xffffffffffffffffn)).toBe(-EINVAL);
  expect(actor.call(SYS_FCNTL, fd, F_GETFD)).toBe(FD_CLOEXEC);
  expect(actor.call(SYS_FCNTL, fd, F_GETFL)).toBe(O_RDWR | O_NONBLOCK);
  expect(actor.call(SYS_EVENTFD2, 0, 2)).toBe(-EINVAL);
  const stat = actor.alloc(128);
  actor.must(SYS_FSTAT, fd, stat);
  expect(stat.u32(16)).toBe(0o600);
});
