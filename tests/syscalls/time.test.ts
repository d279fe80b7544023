// SPDX-License-Identifier: MIT
// Clocks, sleeps and ITIMER_REAL. Virtual time passes by instructions and calls, and jumps when everybody sleeps.

import { describe, expect, it } from "vitest";
import { EFAULT, EINTR, EINVAL, EOPNOTSUPP } from "../../kernel/abi/errno.ts";
import { SIGALRM } from "../../kernel/abi/signal.ts";
import * as calls from "../../kernel/abi/syscalls.ts";
import {
  CLOCK_BOOTTIME, CLOCK_MONOTONIC, CLOCK_MONOTONIC_COARSE, CLOCK_MONOTONIC_RAW, CLOCK_PROCESS_CPUTIME_ID, CLOCK_REALTIME, CLOCK_REALTIME_COARSE,
  CLOCK_TAI, CLOCK_THREAD_CPUTIME_ID, TIMER_ABSTIME,
} from "../../kernel/abi/time.ts";
import type { TestActor } from "../support/actor.ts";
import { boot } from "../support/boot.ts";
import { HANDLER, pack, sigaction, timespec } from "../support/structs.ts";

const SECOND = 1_000_000_000n;
const EPOCH = 1_700_000_000n * SECOND;

function now(actor: TestActor, clock = CLOCK_MONOTONIC): bigint {
  const time = actor.alloc(16);
  actor.must(calls.SYS_CLOCK_GETTIME, clock, time);
  return time.s64(0) * SECOND + time.s64(8);
}

describe("clocks", () => {
  it("CLOCK_REALTIME starts at the epoch given at boot, the others at 0", () => {
    const actor = boot({ epochNs: EPOCH }).actor();
    for (const clock of [CLOCK_REALTIME, CLOCK_REALTIME_COARSE, CLOCK_TAI]) expect(now(actor, clock) / SECOND).toBe(EPOCH / SECOND);
    for (const clock of [CLOCK_MONOTONIC, CLOCK_MONOTONIC_RAW, CLOCK_BOOTTIME, CLOCK_MONOTONIC_COARSE]) expect(now(actor, clock) / SECOND).toBe(0n);
  });

  it("time passes, and a process's time is that of its calls", () => {
    const actor = boot().actor();
    expect(now(actor)).toBeLessThan(now(actor));
    const before = now(actor, CLOCK_PROCESS_CPUTIME_ID);
    actor.must(calls.SYS_NANOSLEEP, timespec(SECOND), null);
    expect(now(actor, CLOCK_PROCESS_CPUTIME_ID) - before).toBeLessThan(SECOND);
    expect(now(actor, CLOCK_THREAD_CPUTIME_ID)).toBeGreaterThan(0n);
  });

  it.each([
    { name: "clock_gettime of no clock", call: calls.SYS_CLOCK_GETTIME, args: [99, 0x10000], want: -EINVAL },
    { name: "clock_gettime that faults", call: calls.SYS_CLOCK_GETTIME, args: [0, 8], want: -EFAULT },
    { name: "clock_getres of no clock", call: calls.SYS_CLOCK_GETRES, args: [99, null], want: -EINVAL },
    { name: "clock_getres without a place", call: calls.SYS_CLOCK_GETRES, args: [0, null], want: 0 },
    { name: "gettimeofday without places", call: calls.SYS_GETTIMEOFDAY, args: [null, null], want: 0 },
    { name: "gettimeofday that faults", call: calls.SYS_GETTIMEOFDAY, args: [8, null], want: -EFAULT },
  ])("$name: $want", ({ call, args, want }) => {
    expect(boot().actor().call(call, ...args)).toBe(want);
  });
});

describe("sleeping", () => {
  it("nanosleep lasts as long as asked, and not much longer", () => {
    const actor = boot().actor();
    const before = now(actor);
    actor.must(calls.SYS_NANOSLEEP, timespec(5n * SECOND), null);
    const slept = now(actor) - before;
    expect(slept).toBeGreaterThanOrEqual(5n * SECOND);
    expect(slept).toBeLessThan(5n * SECOND + 10_000n);
  });

  it("sleepers wake in the order of their deadlines", () => {
    const init = boot().actor();
    const sleepers = [3n, 1n, 2n].map((seconds) => {
      const actor = init.fork();
      return { actor, call: actor.start(calls.SYS_NANOSLEEP, timespec(seconds * SECOND), null) };
    });
    init.machine.settle();
    expect(sleepers.map(({ call }) => call.result())).toEqual([0, 0, 0]);
    expect(now(init) / SECOND).toBe(3n);
  });

  it("an absolute sleep ends at that time of that clock, at once if it has passed", () => {
    const actor = boot({ epochNs: EPOCH }).actor();
    actor.must(calls.SYS_CLOCK_NANOSLEEP, CLOCK_REALTIME, TIMER_ABSTIME, timespec(EPOCH + 7n * SECOND), null);
    expect(now(actor, CLOCK_REALTIME) - EPOCH).toBeGreaterThanOrEqual(7n * SECOND);
    const before = now(actor);
    actor.must(calls.SYS_CLOCK_NANOSLEEP, CLOCK_MONOTONIC, TIMER_ABSTIME, timespec(SECOND), null);
    expect(now(actor) - before).toBeLessThan(SECOND);
  });

  it.each([
    { name: "too many ns", args: [CLOCK_MONOTONIC, 0, pack("s64", 0, "s64", 1_000_000_000), null], want: -EINVAL },
    { name: "a negative time", args: [CLOCK_MONOTONIC, 0, pack("s64", -1, "s64", 0), null], want: -EINVAL },
    { name: "a time that faults", args: [CLOCK_MONOTONIC, 0, 8, null], want: -EFAULT },
    { name: "the thread's own time", args: [CLOCK_THREAD_CPUTIME_ID, 0, timespec(1), null], want: -EOPNOTSUPP },
    { name: "a coarse clock", args: [CLOCK_REALTIME_COARSE, 0, timespec(1), null], want: -EOPNOTSUPP },
    { name: "no clock", args: [99, 0, timespec(1), null], want: -EINVAL },
    { name: "no time at all", args: [CLOCK_MONOTONIC, 0, timespec(0), null], want: 0 },
  ])("clock_nanosleep, $name: $want", ({ args, want }) => {
    expect(boot().actor().call(calls.SYS_CLOCK_NANOSLEEP, ...args)).toBe(want);
  });
});

describe("setitimer", () => {
  const timer = (seconds: number, interval = 0) => pack("s64", interval, "s64", 0, "s64", seconds, "s64", 0);

  it("sends SIGALRM when its time has come", () => {
    const actor = boot().actor();
    actor.must(calls.SYS_RT_SIGACTION, SIGALRM, sigaction(HANDLER), null, 8);
    actor.must(calls.SYS_SETITIMER, 0, timer(2), null);
    actor.machine.settle();
    expect(actor.takeSignals()).toEqual([SIGALRM]);
    expect(now(actor) / SECOND).toBe(2n);
  });

  it("with an interval, again and again", () => {
    const { machine } = boot({ isRealTime: true }).actor();
    const actor = machine.actor();
    actor.must(calls.SYS_RT_SIGACTION, SIGALRM, sigaction(HANDLER), null, 8);
    actor.must(calls.SYS_SETITIMER, 0, timer(1, 1), null);
    for (let i = 1n; i <= 3n; i++) {
      const sleep = actor.start(calls.SYS_NANOSLEEP, timespec(100n * SECOND), null);
      machine.machine.advanceTo(i * SECOND + SECOND / 2n);
      machine.machine.step();
      expect([sleep.isDone && sleep.result(), actor.takeSignals()]).toEqual([-EINTR, [SIGALRM]]);
    }
    actor.must(calls.SYS_SETITIMER, 0, timer(0), null);
    machine.machine.advanceTo(10n * SECOND);
    machine.machine.step();
    expect(actor.takeSignals()).toEqual([]);
  });

  it("tells what is left, and what was set before", () => {
    const actor = boot().actor();
    const old = actor.alloc(32);
    actor.must(calls.SYS_SETITIMER, 0, timer(100, 7), old);
    expect(old.bytes()).toEqual(Buffer.alloc(32));
    actor.must(calls.SYS_GETITIMER, 0, old);
    expect([old.s64(0), old.s64(16)]).toEqual([7n, 99n]);
    actor.must(calls.SYS_SETITIMER, 0, timer(0), old);
    expect([old.s64(0), old.s64(16)]).toEqual([7n, 99n]);
    actor.must(calls.SYS_GETITIMER, 0, old);
    expect(old.s64(16)).toBe(0n);
  });

  it.each([
    { name: "no timer", args: [3, null, null], want: -EINVAL },
    { name: "too many us", args: [0, pack("s64", 0, "s64", 0, "s64", 0, "s64", 1_000_000), null], want: -EINVAL },
    { name: "a value that faults", args: [0, 8, null], want: -EFAULT },
  ])("$name: $want", ({ args, want }) => {
    expect(boot().actor().call(calls.SYS_SETITIMER, ...args)).toBe(want);
  });
});
