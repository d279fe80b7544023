// SPDX-License-Identifier: MIT
// ppoll(2) and pselect6(2): what pipes and other files report, timeouts, masks, waking. Event bits were checked on Linux 6.18.

import { describe, expect, it } from "vitest";
import { EBADF, EFAULT, EINTR, EINVAL } from "../../kernel/abi/errno.ts";
import { O_NONBLOCK, O_PATH, O_RDONLY } from "../../kernel/abi/fcntl.ts";
import { POLLERR, POLLHUP, POLLIN, POLLNVAL, POLLOUT, POLLRDNORM, POLLWRNORM } from "../../kernel/abi/poll.ts";
import { SIGUSR1 } from "../../kernel/abi/signal.ts";
import {
  SYS_KILL, SYS_PPOLL, SYS_PSELECT6, SYS_RT_SIGACTION, SYS_RT_SIGPROCMASK,
} from "../../kernel/abi/syscalls.ts";
import type { TestActor } from "../support/actor.ts";
import { boot } from "../support/boot.ts";
import { HANDLER, pollfds, sigaction, sigset, timespec } from "../support/structs.ts";

const EVERYTHING = 0xffff;
const SIG_BLOCK = 0;

/** revents of one descriptor, asked without waiting. */
function revents(actor: TestActor, fd: number, events = EVERYTHING): number {
  const fds = actor.bytes(pollfds([fd, events]));
  const count = actor.must(SYS_PPOLL, fds, 1, timespec(0), null, 8);
  expect(count).toBe(fds.u16(6) === 0 ? 0 : 1);
  return fds.u16(6);
}

describe("what a pipe reports", () => {
  const READ = POLLIN | POLLRDNORM;
  const WRITE = POLLOUT | POLLWRNORM;

  it.each([
    { state: "empty", prepare: () => {}, reader: 0, writer: WRITE },
    { state: "with bytes", prepare: (a: TestActor, _: number, w: number) => a.write(w, "x"), reader: READ, writer: WRITE },
    {
      state: "full",
      prepare: (a: TestActor, _: number, w: number) => a.write(w, new Uint8Array(65536)),
      reader: READ,
      writer: 0,
    },
    { state: "without a writer", prepare: (a: TestActor, _: number, w: number) => a.close(w), reader: POLLHUP, writer: POLLNVAL },
    {
      state: "without a writer, with bytes",
      prepare: (a: TestActor, _: number, w: number) => {
        a.write(w, "x");
        a.close(w);
      },
      reader: READ | POLLHUP,
      writer: POLLNVAL,
    },
    { state: "without a reader", prepare: (a: TestActor, r: number) => a.close(r), reader: POLLNVAL, writer: WRITE | POLLERR },
  ])("$state", ({ prepare, reader, writer }) => {
    const actor = boot().actor();
    const [r, w] = actor.pipe();
    prepare(actor, r, w);
    expect(revents(actor, r)).toBe(reader);
    expect(revents(actor, w)).toBe(writer);
  });

  it("POLLERR and POLLHUP are reported unasked, the rest only when asked for", () => {
    const actor = boot().actor();
    const [reader, writer] = actor.pipe();
    actor.write(writer, "x");
    expect(revents(actor, reader, POLLOUT)).toBe(0);
    actor.close(writer);
    expect(revents(actor, reader, 0)).toBe(POLLHUP);
  });
});

describe("ppoll", () => {
  it.each([
    { file: "a directory", open: (a: TestActor) => a.open("/", O_RDONLY), want: 0x145 },
    { file: "an O_PATH descriptor", open: (a: TestActor) => a.open("/", O_PATH), want: POLLNVAL },
    { file: "a closed descriptor", open: () => 99, want: POLLNVAL },
    { file: "a negative descriptor", open: () => -5, want: 0 },
  ])("$file", ({ open, want }) => {
    const actor = boot().actor();
    expect(revents(actor, open(actor))).toBe(want);
  });

  it("counts the entries that have something, and writes all revents", () => {
    const actor = boot().actor();
    const [reader, writer] = actor.pipe();
    const fds = actor.bytes(pollfds([reader, POLLIN], [writer, POLLOUT], [-1, POLLIN], [99, POLLIN]));
    for (let i = 0; i < 4; i++) fds.write(Uint8Array.of(0xff, 0xff), 8 * i + 6);
    expect(actor.call(SYS_PPOLL, fds, 4, null, null, 8)).toBe(2);
    expect([0, 1, 2, 3].map((i) => fds.u16(8 * i + 6))).toEqual([0, POLLOUT, 0, POLLNVAL]);
  });

  it("sleeps until one becomes ready", () => {
    const actor = boot().actor();
    const [reader, writer] = actor.pipe();
    const [other] = actor.pipe();
    const child = actor.fork();
    const fds = child.bytes(pollfds([other, POLLIN], [reader, POLLIN]));
    const poll = child.start(SYS_PPOLL, fds, 2, null, null, 8);
    expect(poll.isBlocked).toBe(true);
    actor.write(writer, "x");
    expect(poll.result()).toBe(1);
    expect([fds.u16(6), fds.u16(14)]).toEqual([0, POLLIN]);
  });

  it("a timeout ends it with 0, after its time and no earlier", () => {
    const machine = boot();
    const actor = machine.actor();
    const [reader] = actor.pipe();
    const before = machine.machine.now;
    const timeout = actor.bytes(timespec(2_500_000_000));
    expect(actor.call(SYS_PPOLL, pollfds([reader, POLLIN]), 1, timeout, null, 8)).toBe(0);
    expect(Number(machine.machine.now - before)).toBeGreaterThanOrEqual(2_500_000_000);
    expect(Number(machine.machine.now - before)).toBeLessThan(2_501_000_000);
    expect([timeout.u64(0), timeout.u64(8)]).toEqual([0n, 0n]);
  });

  it("writes back the time that is left: all of it where it did not sleep", () => {
    const actor = boot().actor();
    const [reader, writer] = actor.pipe();
    actor.write(writer, "x");
    const timeout = actor.bytes(timespec(5_000_000_000));
    expect(actor.call(SYS_PPOLL, pollfds([reader, POLLIN]), 1, timeout, null, 8)).toBe(1);
    expect([timeout.u64(0), timeout.u64(8)]).toEqual([5n, 0n]);
  });

  it.each([
    { call: "a timeout of a whole second in ns", args: [0, 0, [0, 1_000_000_000], 0, 8], want: -EINVAL },
    { call: "a negative timeout", args: [0, 0, [-1, 0], 0, 8], want: -EINVAL },
    { call: "an unreadable timeout", args: [0, 0, 8, 0, 8], want: -EFAULT },
    { call: "an unreadable array", args: [8, 1, [0, 0], 0, 8], want: -EFAULT },
    { call: "more entries than RLIMIT_NOFILE", args: [0x10000, 1025, [0, 0], 0, 8], want: -EINVAL },
    { call: "a mask of another size", args: [0, 0, [0, 0], 0x10000, 4], want: -EINVAL },
    { call: "an unreadable mask", args: [0, 0, [0, 0], 8, 8], want: -EFAULT },
    { call: "no entries", args: [0, 0, [0, 0], 0, 8], want: 0 },
  ])("$call", ({ args, want }) => {
    const actor = boot().actor();
    const values = args.map((value) => (Array.isArray(value) ? actor.u64s(value) : value));
    expect(actor.call(SYS_PPOLL, ...values)).toBe(want);
  });

  it("a handler ends it with EINTR, with SA_RESTART too, and the rest of the time is stored", () => {
    const SA_RESTART = 0x10000000;
    const actor = boot({ isRealTime: true }).actor();
    const [reader] = actor.pipe();
    const child = actor.fork();
    child.must(SYS_RT_SIGACTION, SIGUSR1, sigaction(HANDLER, SA_RESTART), null, 8);
    const timeout = child.bytes(timespec(10_000_000_000));
    const poll = child.start(SYS_PPOLL, child.bytes(pollfds([reader, POLLIN])), 1, timeout, null, 8);
    expect(poll.isBlocked).toBe(true);
    actor.must(SYS_KILL, child.pid, SIGUSR1);
    expect(poll.result()).toBe(-EINTR);
    expect(child.takeSignals()).toEqual([SIGUSR1]);
    expect(timeout.u64(0)).toBe(9n);
  });

  it("its mask holds for the call alone: a signal it lets in ends it", () => {
    const actor = boot().actor();
    const [reader] = actor.pipe();
    const child = actor.fork();
    child.must(SYS_RT_SIGACTION, SIGUSR1, sigaction(HANDLER), null, 8);
    child.must(SYS_RT_SIGPROCMASK, SIG_BLOCK, sigset(SIGUSR1), null, 8);
    actor.must(SYS_KILL, child.pid, SIGUSR1);
    expect(child.takeSignals()).toEqual([]);
    expect(child.call(SYS_PPOLL, pollfds([reader, POLLIN]), 1, null, sigset(), 8)).toBe(-EINTR);
    expect(child.takeSignals()).toEqual([SIGUSR1]);
    const old = child.alloc(8);
    child.must(SYS_RT_SIGPROCMASK, SIG_BLOCK, null, old, 8);
    expect(old.bytes()).toEqual(sigset(SIGUSR1));
  });
});

describe("pselect6", () => {
  /** A set of descriptors below 128. */
  function set(actor: TestActor, ...fds: number[]) {
    const bytes = Buffer.alloc(16);
    for (const fd of fds) bytes[fd >> 3]! |= 1 << (fd & 7);
    return actor.bytes(bytes);
  }

  it("replaces the sets by what is ready and counts bits", () => {
    const actor = boot().actor();
    const [reader, writer] = actor.pipe();
    actor.write(writer, "x");
    const [readable, writable] = [set(actor, reader, writer), set(actor, reader, writer)];
    expect(actor.call(SYS_PSELECT6, writer + 1, readable, writable, null, null, null)).toBe(2);
    expect(readable.bytes()).toEqual(set(actor, reader).bytes());
    expect(writable.bytes()).toEqual(set(actor, writer).bytes());
  });

  it("sleeps, leaves the sets alone meanwhile, and wakes", () => {
    const actor = boot().actor();
    const [reader, writer] = actor.pipe();
    const child = actor.fork();
    const readable = set(child, reader);
    const select = child.start(SYS_PSELECT6, reader + 1, readable, null, null, null, null);
    expect(select.isBlocked).toBe(true);
    expect(readable.bytes()).toEqual(set(child, reader).bytes());
    actor.write(writer, "x");
    expect(select.result()).toBe(1);
  });

  it("a timeout clears the sets", () => {
    const actor = boot().actor();
    const [reader] = actor.pipe();
    const readable = set(actor, reader);
    expect(actor.call(SYS_PSELECT6, reader + 1, readable, null, null, timespec(1000), null)).toBe(0);
    expect(readable.bytes()).toEqual(set(actor).bytes());
  });

  it.each([
    { call: "a closed descriptor in a set", count: 60, fds: [50], want: -EBADF },
    { call: "a bit beyond the count is not looked at", count: 50, fds: [50], want: 0 },
    { call: "a bit beyond the table is not looked at", count: 128, fds: [100], want: 0 },
    { call: "a negative count", count: -1, fds: [], want: -EINVAL },
  ])("$call", ({ count, fds, want }) => {
    const actor = boot().actor();
    expect(actor.call(SYS_PSELECT6, count, set(actor, ...fds), null, null, timespec(0), null)).toBe(want);
  });

  it("end of file is readable, a broken pipe writable", () => {
    const actor = boot().actor();
    const [reader, writer] = actor.pipe(O_NONBLOCK);
    const [otherReader, otherWriter] = actor.pipe(O_NONBLOCK);
    actor.close(writer);
    actor.close(otherReader);
    const [readable, writable] = [set(actor, reader), set(actor, otherWriter)];
    expect(actor.call(SYS_PSELECT6, 20, readable, writable, null, null, null)).toBe(2);
  });

  it("takes its mask from a structure", () => {
    const actor = boot().actor();
    const mask = actor.bytes(sigset());
    expect(actor.call(SYS_PSELECT6, 0, null, null, null, timespec(0), actor.u64s([mask.address, 8]))).toBe(0);
    expect(actor.call(SYS_PSELECT6, 0, null, null, null, timespec(0), actor.u64s([mask.address, 4]))).toBe(-EINVAL);
    expect(actor.call(SYS_PSELECT6, 0, null, null, null, timespec(0), actor.u64s([8, 8]))).toBe(-EFAULT);
    expect(actor.call(SYS_PSELECT6, 0, null, null, null, timespec(0), actor.u64s([0, 0]))).toBe(0);
  });
});
