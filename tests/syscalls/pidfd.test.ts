// SPDX-License-Identifier: MIT
// pidfd_open, pidfd_send_signal, pidfd_getfd, and a pidfd as a file: polling it, its fdinfo.

import { describe, expect, it } from "vitest";
import { EBADF, EINVAL, EMFILE, EPERM, ESRCH } from "../../kernel/abi/errno.ts";
import { AT_FDCWD, F_GETFD, F_GETFL, FD_CLOEXEC, O_NONBLOCK, O_RDONLY, O_RDWR } from "../../kernel/abi/fcntl.ts";
import { POLLHUP, POLLIN } from "../../kernel/abi/poll.ts";
import { RLIMIT_NOFILE } from "../../kernel/abi/resource.ts";
import { SI_QUEUE, SI_USER, SIG_SETMASK, SIGKILL, SIGTERM, SIGUSR1 } from "../../kernel/abi/signal.ts";
import * as calls from "../../kernel/abi/syscalls.ts";
import type { TestActor } from "../support/actor.ts";
import { boot } from "../support/boot.ts";
import { pack, pollfds, sigset, timespec } from "../support/structs.ts";

/** A parent with a child and a pidfd of it. */
function setUp() {
  const parent = boot().actor();
  const child = parent.fork();
  return { parent, child, fd: parent.must(calls.SYS_PIDFD_OPEN, child.pid, 0) };
}

function poll(actor: TestActor, fd: number): number {
  const fds = actor.bytes(pollfds([fd, 0x7fff]));
  actor.must(calls.SYS_PPOLL, fds, 1, timespec(0), null, 8);
  return fds.u16(6);
}

describe("pidfd_open", () => {
  it.each([
    { name: "pid 0", pid: 0, flags: 0, want: -EINVAL },
    { name: "a negative pid", pid: -1, flags: 0, want: -EINVAL },
    { name: "an unknown flag", pid: 1, flags: 1, want: -EINVAL },
    { name: "nobody", pid: 99, flags: 0, want: -ESRCH },
    { name: "oneself", pid: 1, flags: 0, want: 3 },
    { name: "PIDFD_NONBLOCK", pid: 1, flags: O_NONBLOCK, want: 3 },
  ])("$name: $want", ({ pid, flags, want }) => {
    const actor = boot().actor();
    expect(actor.call(calls.SYS_PIDFD_OPEN, pid, flags)).toBe(want);
    if (want < 0) return;
    expect(actor.call(calls.SYS_FCNTL, want, F_GETFD)).toBe(FD_CLOEXEC);
    expect(actor.call(calls.SYS_FCNTL, want, F_GETFL)).toBe(O_RDWR | flags);
  });

  it("a zombie has one, a reaped process does not", () => {
    const { parent, child } = setUp();
    child.start(calls.SYS_EXIT_GROUP, 0);
    expect(parent.call(calls.SYS_PIDFD_OPEN, child.pid, 0)).toBe(4);
    parent.wait(child.pid);
    expect(parent.call(calls.SYS_PIDFD_OPEN, child.pid, 0)).toBe(-ESRCH);
  });

  it("no free descriptor is EMFILE", () => {
    const actor = boot().actor();
    actor.must(calls.SYS_PRLIMIT64, 0, RLIMIT_NOFILE, pack("u64", 3, "u64", 3), null);
    expect(actor.call(calls.SYS_PIDFD_OPEN, 1, 0)).toBe(-EMFILE);
  });
});

describe("polling a pidfd", () => {
  it("is readable once the process has ended, and hung up once it is reaped", () => {
    const { parent, child, fd } = setUp();
    expect(poll(parent, fd)).toBe(0);
    child.start(calls.SYS_EXIT_GROUP, 0);
    expect(poll(parent, fd) & (POLLIN | POLLHUP)).toBe(POLLIN);
    parent.wait(child.pid);
    expect(poll(parent, fd) & (POLLIN | POLLHUP)).toBe(POLLIN | POLLHUP);
  });

  it("wakes who sleeps in it", () => {
    const { parent, child, fd } = setUp();
    const call = parent.start(calls.SYS_PPOLL, pollfds([fd, POLLIN]), 1, null, null, 8);
    expect(call.isBlocked).toBe(true);
    child.start(calls.SYS_EXIT_GROUP, 0);
    expect(call.result()).toBe(1);
  });
});

describe("pidfd_send_signal", () => {
  const info = (signo: number, code: number) => Buffer.concat([pack("s32", signo, "s32", 0, "s32", code, "s32", 0, "s32", 5, "s32", 6, "u64", 7), Buffer.alloc(96)]);

  it.each([
    { name: "unknown flags", args: (fd: number) => [fd, SIGTERM, null, 8], want: -EINVAL },
    { name: "two flags", args: (fd: number) => [fd, SIGTERM, null, 3], want: -EINVAL },
    { name: "a file that is no pidfd", args: () => [0, SIGTERM, null, 0], want: -EBADF },
    { name: "a closed descriptor", args: () => [9, SIGTERM, null, 0], want: -EBADF },
    { name: "a bad signal", args: (fd: number) => [fd, 65, null, 0], want: -EINVAL },
    { name: "a siginfo for another signal", args: (fd: number) => [fd, SIGTERM, info(SIGKILL, SI_QUEUE), 0], want: -EINVAL },
    { name: "a siginfo as if from kill", args: (fd: number) => [fd, SIGTERM, info(SIGTERM, SI_USER), 0], want: -EPERM },
    { name: "signal 0", args: (fd: number) => [fd, 0, null, 0], want: 0 },
  ])("$name: $want", ({ args, want }) => {
    const { parent, fd } = setUp();
    expect(parent.call(calls.SYS_PIDFD_SEND_SIGNAL, ...args(fd))).toBe(want);
  });

  it("sends, with kill's siginfo or the caller's own", () => {
    const { parent, child, fd } = setUp();
    child.must(calls.SYS_RT_SIGPROCMASK, SIG_SETMASK, sigset(SIGUSR1, 50), null, 8);
    expect(parent.call(calls.SYS_PIDFD_SEND_SIGNAL, fd, SIGUSR1, null, 0)).toBe(0);
    expect(parent.call(calls.SYS_PIDFD_SEND_SIGNAL, fd, 50, info(50, SI_QUEUE), 0)).toBe(0);
    const got = child.alloc(128);
    child.must(calls.SYS_RT_SIGTIMEDWAIT, sigset(SIGUSR1), got, timespec(0), 8);
    expect([got.s32(8), got.s32(16)]).toEqual([SI_USER, 1]);
    child.must(calls.SYS_RT_SIGTIMEDWAIT, sigset(50), got, timespec(0), 8);
    expect([got.s32(8), got.s32(16), got.s32(20), got.u64(24)]).toEqual([SI_QUEUE, 5, 6, 7n]);
  });

  it("a zombie can be signalled, a reaped process is ESRCH even when its number is used again", () => {
    const { parent, child, fd } = setUp();
    child.start(calls.SYS_EXIT_GROUP, 0);
    expect(parent.call(calls.SYS_PIDFD_SEND_SIGNAL, fd, SIGTERM, null, 0)).toBe(0);
    parent.wait(child.pid);
    expect(parent.call(calls.SYS_PIDFD_SEND_SIGNAL, fd, SIGTERM, null, 0)).toBe(-ESRCH);
  });

  it("needs permission as kill does", () => {
    const { parent, child } = setUp();
    const init = child.must(calls.SYS_PIDFD_OPEN, parent.pid, 0);
    child.must(calls.SYS_SETRESUID, 1000, 1000, 1000);
    expect(child.call(calls.SYS_PIDFD_SEND_SIGNAL, init, SIGTERM, null, 0)).toBe(-EPERM);
  });
});

describe("pidfd_getfd", () => {
  it("gives a close-on-exec descriptor for the same open file", () => {
    const { parent, child, fd } = setUp();
    const [read, write] = child.pipe();
    const copy = parent.must(calls.SYS_PIDFD_GETFD, fd, write, 0);
    expect(parent.call(calls.SYS_FCNTL, copy, F_GETFD)).toBe(FD_CLOEXEC);
    parent.write(copy, "hello");
    expect(child.read(read)).toBe("hello");
  });

  it.each([
    { name: "flags", args: (fd: number) => [fd, 0, 1], want: -EINVAL },
    { name: "a file that is no pidfd", args: () => [0, 0, 0], want: -EBADF },
    { name: "a descriptor that is closed there", args: (fd: number) => [fd, 77, 0], want: -EBADF },
  ])("$name: $want", ({ args, want }) => {
    const { parent, fd } = setUp();
    expect(parent.call(calls.SYS_PIDFD_GETFD, ...args(fd))).toBe(want);
  });

  it("needs the right to trace, and a process that lives", () => {
    const { parent, child, fd } = setUp();
    const init = child.must(calls.SYS_PIDFD_OPEN, parent.pid, 0);
    child.must(calls.SYS_SETRESUID, 1000, 1000, 1000);
    expect(child.call(calls.SYS_PIDFD_GETFD, init, 0, 0)).toBe(-EPERM);
    child.start(calls.SYS_EXIT_GROUP, 0);
    expect(parent.call(calls.SYS_PIDFD_GETFD, fd, 0, 0)).toBe(-ESRCH);
  });
});

it("fdinfo names the process, and -1 once it is reaped", () => {
  const { parent, child, fd } = setUp();
  const lines = () => parent.read(parent.open(`/proc/self/fdinfo/${fd}`, O_RDONLY)).split("\n").filter((line) => line.includes("id"));
  expect(lines()).toContain(`Pid:\t${child.pid}`);
  expect(lines()).toContain(`NSpid:\t${child.pid}`);
  child.start(calls.SYS_EXIT_GROUP, 0);
  parent.wait(child.pid);
  expect(lines()).toContain("Pid:\t-1");
  const name = parent.alloc(64);
  expect(parent.call(calls.SYS_READLINKAT, AT_FDCWD, `/proc/self/fd/${fd}`, name, 64)).toBe(18);
  expect(name.text()).toBe("anon_inode:[pidfd]");
});
