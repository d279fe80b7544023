// SPDX-License-Identifier: MIT
// sendfile(2) and copy_file_range(2).

import { describe, expect, it } from "vitest";
import { EAGAIN, EBADF, EFAULT, EINTR, EINVAL, EISDIR, EPIPE, ESPIPE } from "../../kernel/abi/errno.ts";
import { O_APPEND, O_CREAT, O_NONBLOCK, O_RDONLY, O_RDWR, SEEK_CUR } from "../../kernel/abi/fcntl.ts";
import { SIGPIPE, SIGUSR1 } from "../../kernel/abi/signal.ts";
import { SYS_COPY_FILE_RANGE, SYS_KILL, SYS_LSEEK, SYS_RT_SIGACTION, SYS_SENDFILE } from "../../kernel/abi/syscalls.ts";
import type { TestActor } from "../support/actor.ts";
import { boot } from "../support/boot.ts";
import { HANDLER, sigaction } from "../support/structs.ts";

function fileWith(actor: TestActor, path: string, text: string, flags = O_RDWR): number {
  const fd = actor.open(path, O_CREAT | O_RDWR, 0o600);
  actor.write(fd, text);
  actor.close(fd);
  return actor.open(path, flags);
}

const position = (actor: TestActor, fd: number) => actor.must(SYS_LSEEK, fd, 0, SEEK_CUR);

describe("sendfile", () => {
  it("from the position, which moves", () => {
    const actor = boot().actor();
    const file = fileWith(actor, "/file", "hello, world");
    const [reader, writer] = actor.pipe();
    expect(actor.call(SYS_SENDFILE, writer, file, null, 5)).toBe(5);
    expect(actor.call(SYS_SENDFILE, writer, file, null, 100)).toBe(7);
    expect(actor.call(SYS_SENDFILE, writer, file, null, 100)).toBe(0);
    expect(actor.read(reader)).toBe("hello, world");
  });

  it("from an offset in memory, which moves instead of the position", () => {
    const actor = boot().actor();
    const file = fileWith(actor, "/file", "hello, world");
    const [reader, writer] = actor.pipe();
    const offset = actor.u64s([7]);
    expect(actor.call(SYS_SENDFILE, writer, file, offset, 3)).toBe(3);
    expect(offset.u64(0)).toBe(10n);
    expect(position(actor, file)).toBe(0);
    expect(actor.read(reader)).toBe("wor");
  });

  it("sleeps in a full pipe and goes on where it was", () => {
    const actor = boot().actor();
    const text = "0123456789abcdef".repeat(5000);
    const file = fileWith(actor, "/file", text);
    const [reader, writer] = actor.pipe();
    const child = actor.fork();
    const send = child.start(SYS_SENDFILE, writer, file, null, 1 << 20);
    expect(send.isBlocked).toBe(true);
    const first = actor.read(reader, 60_000);
    expect(send.result()).toBe(80_000);
    expect(position(actor, file)).toBe(80_000);
    expect(first + actor.read(reader, 60_000)).toBe(text);
  });

  it("ended by a signal it reports what went, and the position agrees", () => {
    const actor = boot().actor();
    const file = fileWith(actor, "/file", "x".repeat(80_000));
    const [, writer] = actor.pipe();
    const child = actor.fork();
    child.must(SYS_RT_SIGACTION, SIGUSR1, sigaction(HANDLER), null, 8);
    const send = child.start(SYS_SENDFILE, writer, file, null, 80_000);
    expect(send.isBlocked).toBe(true);
    actor.must(SYS_KILL, child.pid, SIGUSR1);
    expect(send.result()).toBe(65_536);
    expect(position(actor, file)).toBe(65_536);
    const nothing = child.start(SYS_SENDFILE, writer, file, null, 10);
    expect(nothing.isBlocked).toBe(true);
    actor.must(SYS_KILL, child.pid, SIGUSR1);
    expect(nothing.result()).toBe(-EINTR);
  });

  it("into a nonblocking pipe: a short count, then EAGAIN", () => {
    const actor = boot().actor();
    const file = fileWith(actor, "/file", "x".repeat(80_000));
    const [, writer] = actor.pipe(O_NONBLOCK);
    expect(actor.call(SYS_SENDFILE, writer, file, null, 80_000)).toBe(65_536);
    expect(actor.call(SYS_SENDFILE, writer, file, null, 80_000)).toBe(-EAGAIN);
  });

  it("to a pipe that nobody reads raises SIGPIPE once", () => {
    const actor = boot().actor();
    const file = fileWith(actor, "/file", "hello");
    const [reader, writer] = actor.pipe();
    actor.must(SYS_RT_SIGACTION, SIGPIPE, sigaction(HANDLER), null, 8);
    actor.close(reader);
    expect(actor.call(SYS_SENDFILE, writer, file, null, 5)).toBe(-EPIPE);
    expect(actor.takeSignals()).toEqual([SIGPIPE]);
    expect(position(actor, file)).toBe(0);
    expect(actor.takeSignals()).toEqual([]);
  });

  it.each([
    { call: "from a pipe", args: (a: TestActor, f: number, [r, w]: number[]) => [w!, r!, null, 1], want: -EINVAL },
    { call: "from a pipe at an offset", args: (a: TestActor, f: number, [r, w]: number[]) => [w!, r!, a.u64s([0]), 1], want: -ESPIPE },
    { call: "from a directory", args: (a: TestActor, f: number, [, w]: number[]) => [w!, a.open("/", O_RDONLY), null, 1], want: -EINVAL },
    { call: "to a read end", args: (a: TestActor, f: number, [r]: number[]) => [r!, f, null, 1], want: -EBADF },
    { call: "from a closed descriptor", args: (a: TestActor, f: number, [, w]: number[]) => [w!, 99, null, 1], want: -EBADF },
    { call: "at a negative offset", args: (a: TestActor, f: number, [, w]: number[]) => [w!, f, a.u64s([-1n & 0xffffffffffffffffn]), 1], want: -EINVAL },
    { call: "at an unreadable offset", args: (a: TestActor, f: number, [, w]: number[]) => [w!, f, 8, 1], want: -EFAULT },
    { call: "of a negative count", args: (a: TestActor, f: number, [, w]: number[]) => [w!, f, null, -1], want: -EINVAL },
    { call: "to a file opened with O_APPEND", args: (a: TestActor, f: number) => [a.open("/other", O_CREAT | O_RDWR | O_APPEND, 0o600), f, null, 1], want: -EINVAL },
  ])("$call", ({ args, want }) => {
    const actor = boot().actor();
    const file = fileWith(actor, "/file", "hello");
    expect(actor.call(SYS_SENDFILE, ...args(actor, file, actor.pipe()))).toBe(want);
  });
});

describe("copy_file_range", () => {
  it("copies between files, at positions or offsets", () => {
    const actor = boot().actor();
    const from = fileWith(actor, "/from", "0123456789");
    const to = fileWith(actor, "/to", "abcdefghij");
    const offset = actor.u64s([4]);
    expect(actor.call(SYS_COPY_FILE_RANGE, from, null, to, offset, 3, 0)).toBe(3);
    expect([position(actor, from), position(actor, to), Number(offset.u64(0))]).toEqual([3, 0, 7]);
    expect(actor.read(to)).toBe("abcd012hij");
  });

  it.each([
    { call: "a flag", args: (f: number, t: number) => [f, null, t, null, 1, 1], want: -EINVAL },
    { call: "overlapping ranges of one file", args: (f: number) => [f, null, f, null, 5, 0], want: -EINVAL },
    { call: "a closed descriptor", args: (f: number) => [f, null, 99, null, 5, 0], want: -EBADF },
    { call: "nothing", args: (f: number, t: number) => [f, null, t, null, 0, 0], want: 0 },
  ])("$call", ({ args, want }) => {
    const actor = boot().actor();
    const [from, to] = [fileWith(actor, "/from", "0123456789"), fileWith(actor, "/to", "")];
    expect(actor.call(SYS_COPY_FILE_RANGE, ...args(from, to))).toBe(want);
  });

  it("a pipe is EINVAL, a directory EISDIR", () => {
    const actor = boot().actor();
    const file = fileWith(actor, "/file", "x");
    const [reader] = actor.pipe();
    expect(actor.call(SYS_COPY_FILE_RANGE, reader, null, file, null, 1, 0)).toBe(-EINVAL);
    expect(actor.call(SYS_COPY_FILE_RANGE, actor.open("/", O_RDONLY), null, file, null, 1, 0)).toBe(-EISDIR);
  });
});
