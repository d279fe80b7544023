// SPDX-License-Identifier: MIT
// fcntl(2) on flags and owners, ioctl(2) that every file knows, and what O_PATH descriptors refuse. Errors as on Linux 6.18.

import { describe, expect, it } from "vitest";
import { EBADF, EINVAL, ENOTTY, ESRCH } from "../../kernel/abi/errno.ts";
import {
  F_GETFD, F_GETFL, F_GETLEASE, F_GETOWN, F_GETSIG, F_SETFD, F_SETFL, F_SETOWN, F_SETSIG, F_UNLCK, FD_CLOEXEC, O_APPEND, O_ASYNC, O_DIRECT,
  O_NONBLOCK, O_PATH, O_RDWR, O_WRONLY,
} from "../../kernel/abi/fcntl.ts";
import { FIOCLEX, FIONBIO, FIONCLEX, FIONREAD } from "../../kernel/abi/ioctl.ts";
import {
  SYS_CLOSE, SYS_EVENTFD2, SYS_FCNTL, SYS_FLOCK, SYS_IOCTL, SYS_LSEEK, SYS_PREAD64, SYS_READ, SYS_READV, SYS_WRITE,
} from "../../kernel/abi/syscalls.ts";
import { boot } from "../support/boot.ts";

describe("status flags", () => {
  it("F_SETFL changes what can change and ignores the rest", () => {
    const actor = boot().actor();
    const [, writer] = actor.pipe();
    expect(actor.call(SYS_FCNTL, writer, F_SETFL, O_RDWR | O_DIRECT | O_NONBLOCK | O_APPEND | O_ASYNC)).toBe(0);
    expect(actor.call(SYS_FCNTL, writer, F_GETFL)).toBe(O_WRONLY | O_DIRECT | O_NONBLOCK | O_APPEND | O_ASYNC);
    expect(actor.call(SYS_FCNTL, writer, F_SETFL, 0)).toBe(0);
    expect(actor.call(SYS_FCNTL, writer, F_GETFL)).toBe(O_WRONLY);
  });

  it("belong to the open file, close-on-exec to the descriptor", () => {
    const actor = boot().actor();
    const [, writer] = actor.pipe();
    const copy = actor.must(SYS_FCNTL, writer, 0, 0);
    actor.must(SYS_FCNTL, copy, F_SETFL, O_NONBLOCK);
    actor.must(SYS_FCNTL, copy, F_SETFD, FD_CLOEXEC);
    expect(actor.call(SYS_FCNTL, writer, F_GETFL)).toBe(O_WRONLY | O_NONBLOCK);
    expect(actor.call(SYS_FCNTL, writer, F_GETFD)).toBe(0);
  });

  it("F_SETFD looks at bit 0 only", () => {
    const actor = boot().actor();
    expect(actor.call(SYS_FCNTL, 1, F_SETFD, 0xfffe)).toBe(0);
    expect(actor.call(SYS_FCNTL, 1, F_GETFD)).toBe(0);
    expect(actor.call(SYS_FCNTL, 1, F_SETFD, 0xffff)).toBe(0);
    expect(actor.call(SYS_FCNTL, 1, F_GETFD)).toBe(FD_CLOEXEC);
  });

  it("an eventfd takes no O_DIRECT", () => {
    const actor = boot().actor();
    const fd = actor.must(SYS_EVENTFD2, 0, 0);
    expect(actor.call(SYS_FCNTL, fd, F_SETFL, O_DIRECT)).toBe(-EINVAL);
  });
});

describe("owner and the rest", () => {
  it("F_SETOWN keeps a process or a group that exists", () => {
    const actor = boot().actor();
    const [reader] = actor.pipe();
    expect(actor.call(SYS_FCNTL, reader, F_GETOWN)).toBe(0);
    expect(actor.call(SYS_FCNTL, reader, F_SETOWN, actor.pid)).toBe(0);
    expect(actor.call(SYS_FCNTL, reader, F_GETOWN)).toBe(actor.pid);
    expect(actor.call(SYS_FCNTL, reader, F_SETOWN, 9999)).toBe(-ESRCH);
    expect(actor.call(SYS_FCNTL, reader, F_SETOWN, -0x80000000)).toBe(-EINVAL);
  });

  it.each([
    { call: "an unknown command", args: [12345], want: -EINVAL },
    { call: "F_SETSIG out of range", args: [F_SETSIG, 65], want: -EINVAL },
    { call: "F_SETSIG", args: [F_SETSIG, 10], want: 0 },
    { call: "F_GETSIG before anything was set", args: [F_GETSIG], want: 0 },
    { call: "F_GETLEASE without a lease", args: [F_GETLEASE], want: F_UNLCK },
  ])("$call", ({ args, want }) => expect(boot().actor().call(SYS_FCNTL, 1, ...args)).toBe(want));
});

describe("ioctl", () => {
  it("FIOCLEX and FIONCLEX set and clear close-on-exec", () => {
    const actor = boot().actor();
    expect(actor.call(SYS_IOCTL, 1, FIOCLEX)).toBe(0);
    expect(actor.call(SYS_FCNTL, 1, F_GETFD)).toBe(FD_CLOEXEC);
    expect(actor.call(SYS_IOCTL, 1, FIONCLEX)).toBe(0);
    expect(actor.call(SYS_FCNTL, 1, F_GETFD)).toBe(0);
  });

  it("FIONBIO sets and clears O_NONBLOCK", () => {
    const actor = boot().actor();
    const [reader] = actor.pipe();
    expect(actor.call(SYS_IOCTL, reader, FIONBIO, actor.u32s([7]))).toBe(0);
    expect(actor.call(SYS_FCNTL, reader, F_GETFL)).toBe(O_NONBLOCK);
    expect(actor.call(SYS_IOCTL, reader, FIONBIO, actor.u32s([0]))).toBe(0);
    expect(actor.call(SYS_FCNTL, reader, F_GETFL)).toBe(0);
  });

  it.each([
    { call: "what a pipe does not know", request: 0x12345, want: -ENOTTY },
    { call: "TCGETS", request: 0x5401, want: -ENOTTY },
    { call: "FIONREAD", request: FIONREAD, want: 0 },
  ])("$call at both ends of a pipe", ({ request, want }) => {
    const actor = boot().actor();
    for (const end of actor.pipe()) expect(actor.call(SYS_IOCTL, end, request, actor.alloc(64))).toBe(want);
  });
});

describe("O_PATH descriptors", () => {
  it.each([
    { call: "F_GETFD", number: SYS_FCNTL, args: [F_GETFD], want: 0 },
    { call: "F_SETFD", number: SYS_FCNTL, args: [F_SETFD, 1], want: 0 },
    { call: "F_GETFL", number: SYS_FCNTL, args: [F_GETFL], want: O_PATH },
    { call: "F_SETFL", number: SYS_FCNTL, args: [F_SETFL, 0], want: -EBADF },
    { call: "F_GETOWN", number: SYS_FCNTL, args: [F_GETOWN], want: -EBADF },
    { call: "an unknown command", number: SYS_FCNTL, args: [12345], want: -EBADF },
    { call: "FIOCLEX", number: SYS_IOCTL, args: [FIOCLEX], want: -EBADF },
    { call: "read", number: SYS_READ, args: [0x10000, 1], want: -EBADF },
    { call: "write", number: SYS_WRITE, args: [0x10000, 1], want: -EBADF },
    { call: "readv", number: SYS_READV, args: [0x10000, 0], want: -EBADF },
    { call: "pread64", number: SYS_PREAD64, args: [0x10000, 1, 0], want: -EBADF },
    { call: "lseek", number: SYS_LSEEK, args: [0, 0], want: -EBADF },
    { call: "flock", number: SYS_FLOCK, args: [1], want: -EBADF },
    { call: "close", number: SYS_CLOSE, args: [], want: 0 },
  ])("$call", ({ number, args, want }) => {
    const actor = boot().actor();
    expect(actor.call(number, actor.open("/", O_PATH), ...args)).toBe(want);
  });
});
