// SPDX-License-Identifier: MIT
// Timers of timer_create(2) and timerfd_create(2) where virtual time makes them exact: overruns, what is left, and that a timer that
// nobody listens to keeps no machine awake. What Linux does is compared in tests/corpus (posix-timers, timerfd, cpu-time).

import { describe, expect, it } from "vitest";
import { EAGAIN } from "../../kernel/abi/errno.ts";
import { RLIMIT_SIGPENDING } from "../../kernel/abi/resource.ts";
import { SIG_BLOCK, SIGALRM, SIGKILL } from "../../kernel/abi/signal.ts";
import * as calls from "../../kernel/abi/syscalls.ts";
import { CLOCK_MONOTONIC } from "../../kernel/abi/time.ts";
import type { TestActor } from "../support/actor.ts";
import { boot } from "../support/boot.ts";
import { pack, timespec } from "../support/structs.ts";

const MS = 1_000_000;
const SIGRTMIN = 34;
const CALLS_NS = 10_000; // more than a few calls cost

const setting = (valueMs: number, intervalMs = 0) => pack("s64", 0, "s64", intervalMs * MS, "s64", 0, "s64", valueMs * MS);
const sigevent = (signo: number, value: number) => Buffer.concat([pack("u64", value, "s32", signo, "s32", 0), Buffer.alloc(48)]);

function create(actor: TestActor, event: Buffer | null = null): number {
  const id = actor.alloc(4);
  actor.must(calls.SYS_TIMER_CREATE, CLOCK_MONOTONIC, event, id);
  return id.s32(0);
}

function block(actor: TestActor, signo: number): Buffer {
  const set = pack("u64", 1n << BigInt(signo - 1));
  actor.must(calls.SYS_RT_SIGPROCMASK, SIG_BLOCK, set, null, 8);
  return set;
}

function pass(actor: TestActor, ms: number): void {
  actor.must(calls.SYS_NANOSLEEP, timespec(ms * MS), null);
}

describe("timer_create", () => {
  it("a signal that is taken late counts the periods that passed, and the next one comes when it would have come", () => {
    const actor = boot().actor();
    const set = block(actor, SIGRTMIN);
    const id = create(actor, sigevent(SIGRTMIN, 5));
    actor.must(calls.SYS_TIMER_SETTIME, id, 0, setting(10, 10), null);
    pass(actor, 55);
    const info = actor.alloc(128);
    expect(actor.call(calls.SYS_RT_SIGTIMEDWAIT, set, info, null, 8)).toBe(SIGRTMIN);
    expect([info.s32(8), info.s32(16), info.s32(20), info.s32(24)]).toEqual([-2, id, 4, 5]);
    expect(actor.call(calls.SYS_TIMER_GETOVERRUN, id)).toBe(4);
    const left = actor.alloc(32);
    actor.must(calls.SYS_TIMER_GETTIME, id, left);
    expect(Math.abs(Number(left.s64(24)) - 5 * MS)).toBeLessThan(CALLS_NS);
    expect(actor.call(calls.SYS_RT_SIGTIMEDWAIT, set, info, null, 8)).toBe(SIGRTMIN);
    expect(info.s32(20)).toBe(0);
  });

  it("a period that nobody takes signals of keeps no machine awake", () => {
    const { machine } = boot().actor();
    const actor = machine.actor();
    block(actor, SIGALRM);
    actor.must(calls.SYS_TIMER_SETTIME, create(actor), 0, setting(1, 1), null);
    machine.settle();
    expect(machine.machine.nextTimer).toBeUndefined();
  });

  it("RLIMIT_SIGPENDING counts timers and queued signals, and a deleted timer makes room", () => {
    const actor = boot().actor();
    actor.must(calls.SYS_PRLIMIT64, 0, RLIMIT_SIGPENDING, pack("u64", 2, "u64", 2), null);
    const [first] = [create(actor), create(actor)];
    const place = actor.alloc(4);
    expect(actor.call(calls.SYS_TIMER_CREATE, CLOCK_MONOTONIC, null, place)).toBe(-EAGAIN);
    actor.must(calls.SYS_TIMER_DELETE, first);
    expect(actor.call(calls.SYS_TIMER_CREATE, CLOCK_MONOTONIC, null, place)).toBe(0);
  });

  it.each([
    { what: "the process ends", end: (actor: TestActor) => actor.exit() },
    { what: "the process is killed", end: (actor: TestActor) => actor.call(calls.SYS_KILL, actor.pid, SIGKILL) },
  ])("armed, waiting and idle timers go when $what", ({ end }) => {
    const actor = boot().actor().fork();
    block(actor, SIGALRM);
    const [armed, waiting] = [create(actor), create(actor), create(actor)] as [number, number, number];
    actor.must(calls.SYS_TIMER_SETTIME, armed, 0, setting(500), null);
    actor.must(calls.SYS_TIMER_SETTIME, waiting, 0, setting(1, 1), null);
    pass(actor, 5);
    end(actor);
    actor.machine.settle();
    expect(actor.machine.machine.nextTimer).toBeUndefined();
  });
});

describe("timerfd", () => {
  const read = (actor: TestActor, fd: number) => Buffer.from(actor.read(fd, 8), "latin1").readBigUInt64LE(0);

  it("counts the periods that passed since it was read", () => {
    const actor = boot().actor();
    const fd = actor.must(calls.SYS_TIMERFD_CREATE, CLOCK_MONOTONIC, 0);
    actor.must(calls.SYS_TIMERFD_SETTIME, fd, 0, setting(10, 20), null);
    pass(actor, 75);
    expect(read(actor, fd)).toBe(4n);
    expect(read(actor, fd)).toBe(1n);
    const left = actor.alloc(32);
    actor.must(calls.SYS_TIMERFD_GETTIME, fd, left);
    expect(Math.abs(Number(left.s64(24)) - 20 * MS)).toBeLessThan(CALLS_NS);
  });

  it("that nobody reads keeps no machine awake, and goes with its last descriptor", () => {
    const { machine } = boot().actor();
    const actor = machine.actor();
    const fd = actor.must(calls.SYS_TIMERFD_CREATE, CLOCK_MONOTONIC, 0);
    actor.must(calls.SYS_TIMERFD_SETTIME, fd, 0, setting(1, 1), null);
    machine.settle();
    expect(machine.machine.nextTimer).toBeUndefined();
    actor.must(calls.SYS_TIMERFD_SETTIME, fd, 0, setting(500), null);
    expect(machine.machine.nextTimer).toBeDefined();
    actor.close(fd);
    expect(machine.machine.nextTimer).toBeUndefined();
  });
});
