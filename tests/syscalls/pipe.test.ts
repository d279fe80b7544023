// SPDX-License-Identifier: MIT
// pipe2(2) and pipe(7): capacity, merging, atomic writes, blocking, packets, ends that go. Numbers were checked on Linux 6.18.

import { describe, expect, it } from "vitest";
import { EAGAIN, EBADF, EBUSY, EFAULT, EINTR, EINVAL, EMFILE, ENOPKG, EPERM, EPIPE, ESPIPE } from "../../kernel/abi/errno.ts";
import {
  F_GETFD, F_GETFL, F_GETPIPE_SZ, F_SETFL, F_SETPIPE_SZ, FD_CLOEXEC, O_APPEND, O_CLOEXEC, O_DIRECT, O_EXCL, O_NONBLOCK, O_RDONLY, O_WRONLY,
} from "../../kernel/abi/fcntl.ts";
import { FIONREAD } from "../../kernel/abi/ioctl.ts";
import { CLONE_FILES } from "../../kernel/abi/sched.ts";
import { RLIMIT_NOFILE } from "../../kernel/abi/resource.ts";
import { SIGCHLD, SIGCONT, SIGPIPE, SIGSTOP, SIGUSR1 } from "../../kernel/abi/signal.ts";
import { S_IFIFO } from "../../kernel/abi/stat.ts";
import {
  SYS_CLONE, SYS_DUP3, SYS_FCNTL, SYS_FSTAT, SYS_IOCTL, SYS_KILL, SYS_LSEEK, SYS_PIPE2, SYS_PREAD64, SYS_PRLIMIT64, SYS_PWRITE64, SYS_READ, SYS_RT_SIGACTION, SYS_SETRESUID,
  SYS_WRITE,
} from "../../kernel/abi/syscalls.ts";
import type { TestActor } from "../support/actor.ts";
import { boot } from "../support/boot.ts";
import { HANDLER, sigaction } from "../support/structs.ts";

const PAGE = 4096;

function queued(actor: TestActor, fd: number): number {
  const count = actor.alloc(4);
  actor.must(SYS_IOCTL, fd, FIONREAD, count);
  return count.u32(0);
}

/** Writes until the pipe is full; the bytes that went in. */
function fill(actor: TestActor, fd: number, size: number): number {
  const bytes = actor.alloc(size);
  for (let total = 0; ; ) {
    const count = actor.call(SYS_WRITE, fd, bytes, size);
    if (count < 0) return total;
    total += count;
  }
}

describe("pipe2", () => {
  it("gives a read end and a write end", () => {
    const actor = boot().actor();
    const [reader, writer] = actor.pipe();
    expect([reader, writer]).toEqual([3, 4]);
    expect(actor.call(SYS_WRITE, reader, "x", 1)).toBe(-EBADF);
    expect(actor.call(SYS_READ, writer, actor.alloc(1), 1)).toBe(-EBADF);
    expect(actor.write(writer, "hello")).toBe(5);
    expect(actor.read(reader)).toBe("hello");
  });

  it.each([
    { flags: 0, fd: 0, read: 0, write: O_WRONLY },
    { flags: O_CLOEXEC, fd: FD_CLOEXEC, read: 0, write: O_WRONLY },
    { flags: O_NONBLOCK, fd: 0, read: O_NONBLOCK, write: O_WRONLY | O_NONBLOCK },
    { flags: O_DIRECT, fd: 0, read: 0, write: O_WRONLY | O_DIRECT },
  ])("flags $flags show on the ends", ({ flags, fd, read, write }) => {
    const actor = boot().actor();
    const [reader, writer] = actor.pipe(flags);
    for (const end of [reader, writer]) expect(actor.call(SYS_FCNTL, end, F_GETFD)).toBe(fd);
    expect(actor.call(SYS_FCNTL, reader, F_GETFL)).toBe(read);
    expect(actor.call(SYS_FCNTL, writer, F_GETFL)).toBe(write);
  });

  it.each([
    { call: "another flag", flags: O_APPEND, want: -EINVAL },
    { call: "O_NOTIFICATION_PIPE", flags: O_EXCL, want: -ENOPKG },
  ])("$call is refused", ({ flags, want }) => {
    const actor = boot().actor();
    expect(actor.call(SYS_PIPE2, actor.alloc(8), flags)).toBe(want);
  });

  it("leaves nothing open when the numbers cannot be stored, or only one descriptor is free", () => {
    const actor = boot().actor();
    expect(actor.call(SYS_PIPE2, 8, 0)).toBe(-EFAULT);
    actor.must(SYS_PRLIMIT64, 0, RLIMIT_NOFILE, actor.u64s([4, 1024]), null);
    expect(actor.call(SYS_PIPE2, actor.alloc(8), 0)).toBe(-EMFILE);
    expect(actor.call(SYS_FCNTL, 3, F_GETFD)).toBe(-EBADF);
  });

  it("stat shows a nameless FIFO", () => {
    const actor = boot().actor();
    const [reader, writer] = actor.pipe();
    const stats = [actor.alloc(128), actor.alloc(128)];
    actor.must(SYS_FSTAT, reader, stats[0]!);
    actor.must(SYS_FSTAT, writer, stats[1]!);
    expect(stats[0]!.bytes()).toEqual(stats[1]!.bytes());
    expect(stats[0]!.u32(16)).toBe(S_IFIFO | 0o600);
    expect(stats[0]!.u32(20)).toBe(1);
  });

  it.each([
    { call: "lseek", number: SYS_LSEEK, args: [0, 0] },
    { call: "pread64", number: SYS_PREAD64, args: [0x10000, 1, 0] },
    { call: "pwrite64", number: SYS_PWRITE64, args: [0x10000, 1, 0] },
  ])("$call is ESPIPE at both ends", ({ number, args }) => {
    const actor = boot().actor();
    for (const end of actor.pipe()) expect(actor.call(number, end, ...args)).toBe(-ESPIPE);
  });
});

it("an end that is opened again through /proc/self/fd waits for no partner", () => {
  const actor = boot().actor();
  const [reader, writer] = actor.pipe();
  actor.write(writer, "left");
  actor.close(writer);
  expect(actor.read(actor.open(`/proc/self/fd/${reader}`, O_RDONLY))).toBe("left");

  const other = actor.open(`/proc/self/fd/${reader}`, O_WRONLY);
  actor.write(other, "more");
  expect(actor.read(reader)).toBe("more");
});

describe("capacity", () => {
  it.each([
    { size: 1, bytes: 65536 },
    { size: 100, bytes: 64000 }, // 40 of them in a page
    { size: 3000, bytes: 48000 }, // a second one would not fit whole
    { size: 4096, bytes: 65536 },
    { size: 5000, bytes: 54096 }, // the odd 904 bytes join a buffer only where all of them fit
    { size: 65536, bytes: 65536 },
  ])("writes of $size fill it with $bytes bytes", ({ size, bytes }) => {
    const actor = boot().actor();
    const [reader, writer] = actor.pipe(O_NONBLOCK);
    expect(fill(actor, writer, size)).toBe(bytes);
    expect(queued(actor, reader)).toBe(bytes);
  });

  it("a full pipe takes a write again when a whole buffer was read", () => {
    const actor = boot().actor();
    const [reader, writer] = actor.pipe(O_NONBLOCK);
    fill(actor, writer, PAGE);
    actor.read(reader, PAGE - 1);
    expect(actor.call(SYS_WRITE, writer, "x", 1)).toBe(-EAGAIN);
    actor.read(reader, 1);
    expect(actor.write(writer, "x")).toBe(1);
  });

  it("a nonblocking write over PIPE_BUF writes what fits, one up to PIPE_BUF all or nothing", () => {
    const actor = boot().actor();
    const [reader, writer] = actor.pipe(O_NONBLOCK);
    fill(actor, writer, PAGE);
    actor.read(reader, 2 * PAGE);
    expect(actor.call(SYS_WRITE, writer, actor.alloc(3 * PAGE), 3 * PAGE)).toBe(2 * PAGE);
    expect(actor.call(SYS_WRITE, writer, actor.alloc(PAGE), PAGE)).toBe(-EAGAIN);
    expect(queued(actor, reader)).toBe(16 * PAGE);
  });

  it.each([
    { call: "0 is a page", size: 0, want: PAGE },
    { call: "rounds up to a power of two", size: 5000, want: 8192 },
    { call: "up to pipe-max-size", size: 1 << 20, want: 1 << 20 },
    { call: "beyond what 31 bits hold", size: 0xffffffff, want: -EINVAL },
  ])("F_SETPIPE_SZ: $call", ({ size, want }) => {
    const actor = boot().actor();
    const [reader, writer] = actor.pipe();
    expect(actor.call(SYS_FCNTL, reader, F_SETPIPE_SZ, size)).toBe(want);
    expect(actor.call(SYS_FCNTL, writer, F_GETPIPE_SZ)).toBe(want < 0 ? 65536 : want);
  });

  it("beyond pipe-max-size takes CAP_SYS_RESOURCE", () => {
    const actor = boot().actor();
    const [reader] = actor.pipe();
    expect(actor.call(SYS_FCNTL, reader, F_SETPIPE_SZ, 1 << 21)).toBe(1 << 21);
    actor.must(SYS_SETRESUID, 1000, 1000, 1000);
    expect(actor.call(SYS_FCNTL, reader, F_SETPIPE_SZ, 1 << 22)).toBe(-EPERM);
    expect(actor.call(SYS_FCNTL, reader, F_SETPIPE_SZ, PAGE)).toBe(PAGE);
  });

  it("cannot shrink below what is inside", () => {
    const actor = boot().actor();
    const [reader, writer] = actor.pipe(O_NONBLOCK);
    actor.write(writer, new Uint8Array(3 * PAGE));
    expect(actor.call(SYS_FCNTL, reader, F_SETPIPE_SZ, 2 * PAGE)).toBe(-EBUSY);
    expect(actor.call(SYS_FCNTL, reader, F_SETPIPE_SZ, 3 * PAGE)).toBe(4 * PAGE);
  });

  it("other files have no pipe size", () => {
    const actor = boot().actor();
    const fd = actor.open("/", 0);
    expect(actor.call(SYS_FCNTL, fd, F_GETPIPE_SZ)).toBe(-EBADF);
    expect(actor.call(SYS_FCNTL, fd, F_SETPIPE_SZ, PAGE)).toBe(-EBADF);
  });
});

describe("blocking", () => {
  it("a read sleeps until there are bytes, and takes what is there", () => {
    const actor = boot().actor();
    const [reader, writer] = actor.pipe();
    const child = actor.fork();
    const buffer = child.alloc(10);
    const read = child.start(SYS_READ, reader, buffer, 10);
    expect(read.isBlocked).toBe(true);
    actor.write(writer, "abc");
    expect(read.result()).toBe(3);
    expect(buffer.text(0, 3)).toBe("abc");
  });

  it("a read sleeps until the last writer closes, then says end of file", () => {
    const actor = boot().actor();
    const [reader, writer] = actor.pipe();
    const child = actor.fork();
    const read = child.start(SYS_READ, reader, child.alloc(10), 10);
    actor.close(writer);
    expect(read.isBlocked).toBe(true); // the child's own write end is open
    const other = boot().actor();
    const [otherReader, otherWriter] = other.pipe();
    const otherChild = other.fork();
    otherChild.close(otherWriter);
    const otherRead = otherChild.start(SYS_READ, otherReader, otherChild.alloc(10), 10);
    expect(otherRead.isBlocked).toBe(true);
    other.close(otherWriter);
    expect(otherRead.result()).toBe(0);
  });

  it("a write sleeps until all of it is in", () => {
    const actor = boot().actor();
    const [reader, writer] = actor.pipe();
    const child = actor.fork();
    const length = 20 * PAGE;
    const bytes = child.bytes(Buffer.alloc(length, "0123456789abcdef"));
    const write = child.start(SYS_WRITE, writer, bytes, length);
    expect(write.isBlocked).toBe(true);
    expect(queued(actor, reader)).toBe(16 * PAGE);
    let text = actor.read(reader, 3 * PAGE);
    expect(write.isBlocked).toBe(true);
    text += actor.read(reader, 16 * PAGE);
    expect(write.result()).toBe(length);
    text += actor.read(reader, 16 * PAGE);
    expect(text).toBe("0123456789abcdef".repeat(length / 16));
  });

  it("a sleeping write of up to PIPE_BUF goes in whole, behind what was there", () => {
    const actor = boot().actor();
    const [reader, writer] = actor.pipe();
    const child = actor.fork();
    actor.write(writer, new Uint8Array(16 * PAGE));
    const write = child.start(SYS_WRITE, writer, Buffer.alloc(PAGE, "x"), PAGE);
    expect(write.isBlocked).toBe(true);
    actor.read(reader, PAGE);
    expect(write.result()).toBe(PAGE);
    actor.read(reader, 15 * PAGE);
    expect(actor.read(reader, 2 * PAGE)).toBe("x".repeat(PAGE));
  });

  it("bytes that come while the sleeper is stopped wait for it", () => {
    const actor = boot().actor();
    const [reader, writer] = actor.pipe();
    const child = actor.fork();
    const read = child.start(SYS_READ, reader, child.alloc(10), 10);
    expect(read.isBlocked).toBe(true);
    actor.must(SYS_KILL, child.pid, SIGSTOP);
    expect(read.isBlocked).toBe(true);
    actor.write(writer, "abc");
    expect(read.isBlocked).toBe(true);
    actor.must(SYS_KILL, child.pid, SIGCONT);
    expect(read.result()).toBe(3);
  });

  it("a signal ends a sleep: EINTR before the first byte, a short count behind it", () => {
    const actor = boot().actor();
    const [reader, writer] = actor.pipe();
    const child = actor.fork();
    child.must(SYS_RT_SIGACTION, SIGUSR1, sigaction(HANDLER), null, 8);
    const read = child.start(SYS_READ, reader, child.alloc(10), 10);
    expect(read.isBlocked).toBe(true);
    actor.must(SYS_KILL, child.pid, SIGUSR1);
    expect(read.result()).toBe(-EINTR);
    const write = child.start(SYS_WRITE, writer, child.alloc(70_000), 70_000);
    expect(write.isBlocked).toBe(true);
    actor.must(SYS_KILL, child.pid, SIGUSR1);
    expect(write.result()).toBe(65_536);
  });

  it("the file stays although the descriptor is closed while a thread sleeps in it", () => {
    const actor = boot().actor();
    const [reader, writer] = actor.pipe();
    const child = actor.machine.adopt(actor.must(SYS_CLONE, CLONE_FILES | SIGCHLD, 0, 0, 0, 0), actor);
    const read = child.start(SYS_READ, reader, child.alloc(10), 10);
    actor.close(reader);
    actor.must(SYS_DUP3, 1, reader, 0); // something else has the number now
    actor.write(writer, "to the old file");
    expect(read.result()).toBe(10);
  });

  it.each([
    { call: "an empty pipe", prepare: "" },
    { call: "a pipe whose reader has read everything", prepare: "x" },
  ])("O_NONBLOCK on $call is EAGAIN", ({ prepare }) => {
    const actor = boot().actor();
    const [reader, writer] = actor.pipe();
    actor.must(SYS_FCNTL, reader, F_SETFL, O_NONBLOCK);
    if (prepare !== "") {
      actor.write(writer, prepare);
      actor.read(reader);
    }
    expect(actor.call(SYS_READ, reader, actor.alloc(1), 1)).toBe(-EAGAIN);
  });

  it("nothing to move is 0 at once, in an empty, full or broken pipe", () => {
    const actor = boot().actor();
    const [reader, writer] = actor.pipe();
    expect(actor.call(SYS_READ, reader, 0, 0)).toBe(0);
    actor.write(writer, new Uint8Array(16 * PAGE));
    expect(actor.call(SYS_WRITE, writer, 0, 0)).toBe(0);
    actor.close(reader);
    expect(actor.call(SYS_WRITE, writer, 0, 0)).toBe(0);
  });
});

describe("without readers", () => {
  it("a write is EPIPE and raises SIGPIPE", () => {
    const actor = boot().actor();
    const [reader, writer] = actor.pipe();
    actor.must(SYS_RT_SIGACTION, SIGPIPE, sigaction(HANDLER), null, 8);
    actor.close(reader);
    expect(actor.call(SYS_WRITE, writer, "x", 1)).toBe(-EPIPE);
    expect(actor.takeSignals()).toEqual([SIGPIPE]);
  });

  it("SIGPIPE kills who does not handle it", () => {
    const actor = boot().actor();
    const [reader, writer] = actor.pipe();
    const child = actor.fork();
    actor.close(reader);
    child.close(reader);
    child.start(SYS_WRITE, writer, "x", 1);
    expect(actor.wait(child.pid)).toBe(SIGPIPE);
  });

  it("a write that had begun reports what went in, and raises SIGPIPE too", () => {
    const actor = boot().actor();
    const [reader, writer] = actor.pipe();
    const child = actor.fork();
    child.must(SYS_RT_SIGACTION, SIGPIPE, sigaction(HANDLER), null, 8);
    child.close(reader);
    const write = child.start(SYS_WRITE, writer, child.alloc(17 * PAGE), 17 * PAGE);
    expect(write.isBlocked).toBe(true);
    actor.close(reader);
    expect(write.result()).toBe(16 * PAGE);
    expect(child.takeSignals()).toEqual([SIGPIPE]);
  });

  it("reading what is left still works when the writers are gone", () => {
    const actor = boot().actor();
    const [reader, writer] = actor.pipe();
    actor.write(writer, "left");
    actor.close(writer);
    expect(actor.read(reader)).toBe("left");
    expect(actor.read(reader)).toBe("");
  });
});

describe("packets (O_DIRECT)", () => {
  it("a read gives one packet, and loses what does not fit", () => {
    const actor = boot().actor();
    const [reader, writer] = actor.pipe(O_DIRECT);
    actor.write(writer, "first");
    actor.write(writer, "second");
    expect(actor.read(reader, 100)).toBe("first");
    expect(actor.read(reader, 3)).toBe("sec");
    actor.write(writer, "third");
    expect(actor.read(reader, 100)).toBe("third");
  });

  it("a write over PIPE_BUF becomes several packets", () => {
    const actor = boot().actor();
    const [reader, writer] = actor.pipe(O_DIRECT);
    expect(actor.write(writer, new Uint8Array(PAGE + 10))).toBe(PAGE + 10);
    expect(actor.read(reader, 2 * PAGE)).toHaveLength(PAGE);
    expect(actor.read(reader, 2 * PAGE)).toHaveLength(10);
  });

  it("can be switched by F_SETFL, for what is written from then on", () => {
    const actor = boot().actor();
    const [reader, writer] = actor.pipe();
    actor.must(SYS_FCNTL, writer, F_SETFL, O_DIRECT);
    actor.write(writer, "a");
    actor.write(writer, "b");
    expect(actor.read(reader)).toBe("a");
    expect(actor.read(reader)).toBe("b");
  });
});

describe("bad memory", () => {
  it.each([
    { call: "read from a pipe with bytes", end: 0, number: SYS_READ },
    { call: "write", end: 1, number: SYS_WRITE },
  ])("$call is EFAULT and changes nothing", ({ end, number }) => {
    const actor = boot().actor();
    const ends = actor.pipe();
    actor.write(ends[1], "abc");
    expect(actor.call(number, ends[end]!, 8, 3)).toBe(-EFAULT);
    expect(actor.read(ends[0])).toBe("abc");
  });

  it("a buffer that ends halfway: whole pages count", () => {
    const actor = boot().actor();
    const [reader, writer] = actor.pipe();
    expect(actor.call(SYS_WRITE, writer, actor.allocAtEnd(PAGE + 10), 3 * PAGE)).toBe(PAGE);
    expect(queued(actor, reader)).toBe(PAGE);
    actor.write(writer, new Uint8Array(PAGE));
    expect(actor.call(SYS_READ, reader, actor.allocAtEnd(PAGE + 10), 3 * PAGE)).toBe(PAGE);
  });
});
