// SPDX-License-Identifier: MIT
// Signals against each kind of blocking call (signal(7), "Interruption of system calls and library functions by signal handlers"):
// a handler without and with SA_RESTART, an ignored signal, a stop and continuation, and a fatal signal. Checked on Linux 6.18.

import { describe, expect, it } from "vitest";
import { EINTR } from "../../kernel/abi/errno.ts";
import { FUTEX_WAIT } from "../../kernel/abi/sched.ts";
import { SA_RESTART, SIGCONT, SIGKILL, SIGSTOP, SIGUSR1, SIGUSR2 } from "../../kernel/abi/signal.ts";
import * as calls from "../../kernel/abi/syscalls.ts";
import { P_ALL, WEXITED } from "../../kernel/abi/wait.ts";
import type { PendingCall, TestActor } from "../support/actor.ts";
import { boot } from "../support/boot.ts";
import { HANDLER, pack, pollfds, SIG_IGN, sigaction, sigset, timespec } from "../support/structs.ts";

type Start = (actor: TestActor) => PendingCall;
/** What happens to the call: it goes on sleeping, or it ends with EINTR. */
type Fate = "sleeps" | "EINTR";

interface Case {
  call: string;
  start: Start;
  /** With a handler that has SA_RESTART. */
  restart: Fate;
  /** With a stop and a continuation. */
  stop: Fate;
}

const HOUR = timespec(3_600_000_000_000n);

function fullPipe(actor: TestActor): number {
  const [, write] = actor.pipe();
  actor.must(calls.SYS_WRITE, write, actor.alloc(65536), 65536);
  return write;
}

const cases: Case[] = [
  { call: "read of an empty pipe", start: (a) => a.start(calls.SYS_READ, a.pipe()[0], a.alloc(8), 8), restart: "sleeps", stop: "sleeps" },
  { call: "write to a full pipe", start: (a) => a.start(calls.SYS_WRITE, fullPipe(a), a.alloc(8), 8), restart: "sleeps", stop: "sleeps" },
  { call: "wait4", start: (a) => (a.fork(), a.start(calls.SYS_WAIT4, -1, null, 0, null)), restart: "sleeps", stop: "sleeps" },
  { call: "waitid", start: (a) => (a.fork(), a.start(calls.SYS_WAITID, P_ALL, 0, null, WEXITED, null)), restart: "sleeps", stop: "sleeps" },
  { call: "futex without a timeout", start: (a) => a.start(calls.SYS_FUTEX, a.alloc(4), FUTEX_WAIT, 0, null, null, 0), restart: "sleeps", stop: "sleeps" },
  { call: "ppoll", start: (a) => a.start(calls.SYS_PPOLL, pollfds([a.pipe()[0], 1]), 1, null, null, 8), restart: "EINTR", stop: "sleeps" },
  { call: "pselect6", start: (a) => a.start(calls.SYS_PSELECT6, 0, null, null, null, null, null), restart: "EINTR", stop: "sleeps" },
  { call: "rt_sigsuspend", start: (a) => a.start(calls.SYS_RT_SIGSUSPEND, sigset(), 8), restart: "EINTR", stop: "sleeps" },
  { call: "rt_sigtimedwait", start: (a) => a.start(calls.SYS_RT_SIGTIMEDWAIT, sigset(SIGUSR2), null, null, 8), restart: "EINTR", stop: "EINTR" },
];

/** Sleeps of virtual time: settling would end them, so these are not settled before the signal. */
const timed: Case[] = [
  { call: "nanosleep", start: (a) => a.start(calls.SYS_NANOSLEEP, HOUR, null), restart: "EINTR", stop: "sleeps" },
  { call: "clock_nanosleep", start: (a) => a.start(calls.SYS_CLOCK_NANOSLEEP, 1, 0, HOUR, null), restart: "EINTR", stop: "sleeps" },
  { call: "futex with a timeout", start: (a) => a.start(calls.SYS_FUTEX, a.alloc(4), FUTEX_WAIT, 0, HOUR, null, 0), restart: "EINTR", stop: "sleeps" },
];

function setUp(start: Start, handler: number, flags = 0) {
  const test = boot();
  const init = test.actor();
  const actor = init.fork();
  actor.must(calls.SYS_RT_SIGACTION, SIGUSR1, sigaction(handler, flags), null, 8);
  return { test, init, actor, call: start(actor) };
}

function fateOf(call: PendingCall): Fate {
  return call.isBlocked ? "sleeps" : call.result() === -EINTR ? "EINTR" : (`result ${call.result()}` as Fate);
}

describe.each(cases)("$call", ({ start, restart, stop }) => {
  it("a handler ends it with EINTR", () => {
    const { init, actor, call } = setUp(start, HANDLER);
    expect(call.isBlocked).toBe(true);
    init.must(calls.SYS_KILL, actor.pid, SIGUSR1);
    expect(call.result()).toBe(-EINTR);
    expect(actor.takeSignals()).toEqual([SIGUSR1]);
  });

  it(`a handler with SA_RESTART: ${restart}`, () => {
    const { init, actor, call } = setUp(start, HANDLER, SA_RESTART);
    expect(call.isBlocked).toBe(true);
    init.must(calls.SYS_KILL, actor.pid, SIGUSR1);
    expect(fateOf(call)).toBe(restart);
    expect(actor.takeSignals()).toEqual([SIGUSR1]);
  });

  it("an ignored signal does not touch it", () => {
    const { init, actor, call } = setUp(start, SIG_IGN);
    init.must(calls.SYS_KILL, actor.pid, SIGUSR1);
    expect(fateOf(call)).toBe("sleeps");
  });

  it(`a stop and a continuation: ${stop}`, () => {
    const { init, actor, call } = setUp(start, HANDLER);
    expect(call.isBlocked).toBe(true);
    init.must(calls.SYS_KILL, actor.pid, SIGSTOP);
    expect(call.isBlocked).toBe(true); // stopped
    init.must(calls.SYS_KILL, actor.pid, SIGCONT);
    expect(fateOf(call)).toBe(stop);
  });

  it("SIGKILL ends the process in its sleep", () => {
    const { init, actor } = setUp(start, HANDLER);
    init.must(calls.SYS_KILL, actor.pid, SIGKILL);
    expect(init.wait(actor.pid)).toBe(SIGKILL);
  });
});

describe.each(timed)("$call, before its time is over", ({ start, restart, stop }) => {
  it("a handler ends it with EINTR, SA_RESTART or not", () => {
    for (const flags of [0, SA_RESTART]) {
      const { init, actor, call } = setUp(start, HANDLER, flags);
      expect(call.isDone).toBe(false);
      init.must(calls.SYS_KILL, actor.pid, SIGUSR1);
      expect(call.result()).toBe(-EINTR);
      expect(restart).toBe("EINTR");
    }
  });

  it(`a stop and a continuation leave it the rest of its time: ${stop}`, () => {
    const { test, init, actor, call } = setUp(start, HANDLER);
    init.must(calls.SYS_KILL, actor.pid, SIGSTOP);
    test.machine.step(1000n);
    init.must(calls.SYS_KILL, actor.pid, SIGCONT);
    const before = init.alloc(16);
    init.must(calls.SYS_CLOCK_GETTIME, 1, before);
    expect(call.result()).not.toBe(-EINTR);
    const after = init.alloc(16);
    init.must(calls.SYS_CLOCK_GETTIME, 1, after);
    expect(after.s64(0) - before.s64(0)).toBeLessThanOrEqual(3600n);
    expect(after.s64(0)).toBeGreaterThanOrEqual(3600n);
  });
});

it("nanosleep stores the time that was left", () => {
  const test = boot();
  const init = test.actor();
  const actor = init.fork();
  actor.must(calls.SYS_RT_SIGACTION, SIGUSR1, sigaction(HANDLER), null, 8);
  const rest = actor.alloc(16);
  const sleep = actor.start(calls.SYS_NANOSLEEP, HOUR, rest);
  init.must(calls.SYS_KILL, actor.pid, SIGUSR1);
  expect(sleep.result()).toBe(-EINTR);
  expect(Number(rest.s64(0))).toBe(3599);
});

it("a write that has already moved bytes returns their count", () => {
  const test = boot();
  const init = test.actor();
  const actor = init.fork();
  actor.must(calls.SYS_RT_SIGACTION, SIGUSR1, sigaction(HANDLER, SA_RESTART), null, 8);
  const [, write] = actor.pipe();
  const call = actor.start(calls.SYS_WRITE, write, actor.alloc(100_000), 100_000);
  expect(call.isBlocked).toBe(true);
  init.must(calls.SYS_KILL, actor.pid, SIGUSR1);
  expect(call.result()).toBe(65536);
});

it("rt_sigsuspend puts the old mask back after the handler, and takes only what its mask lets through", () => {
  const test = boot();
  const init = test.actor();
  const actor = init.fork();
  for (const signo of [SIGUSR1, SIGUSR2]) actor.must(calls.SYS_RT_SIGACTION, signo, sigaction(HANDLER), null, 8);
  actor.must(calls.SYS_RT_SIGPROCMASK, 2, sigset(SIGUSR1, SIGUSR2), null, 8);
  const suspend = actor.start(calls.SYS_RT_SIGSUSPEND, sigset(SIGUSR1), 8);
  init.must(calls.SYS_KILL, actor.pid, SIGUSR1);
  expect(suspend.isBlocked).toBe(true);
  init.must(calls.SYS_KILL, actor.pid, SIGUSR2);
  expect(suspend.result()).toBe(-EINTR);
  expect(actor.takeSignals()).toEqual([SIGUSR2]);
  const mask = actor.alloc(8);
  actor.must(calls.SYS_RT_SIGPROCMASK, 0, null, mask, 8);
  expect(mask.bytes()).toEqual(sigset(SIGUSR1, SIGUSR2));
});

it("ppoll that finds something leaves what only its mask lets through pending", () => {
  const test = boot();
  const init = test.actor();
  const actor = init.fork();
  actor.must(calls.SYS_RT_SIGACTION, SIGUSR1, sigaction(HANDLER), null, 8);
  actor.must(calls.SYS_RT_SIGPROCMASK, 2, sigset(SIGUSR1), null, 8);
  const [read, write] = actor.pipe();
  actor.write(write, "x");
  init.must(calls.SYS_KILL, actor.pid, SIGUSR1);
  expect(actor.call(calls.SYS_PPOLL, pollfds([read, 1]), 1, null, sigset(), 8)).toBe(1);
  expect(actor.takeSignals()).toEqual([]);
  expect(actor.call(calls.SYS_PPOLL, pollfds([write + 5, 0]), 0, null, pack("u64", 0), 8)).toBe(-EINTR);
  expect(actor.takeSignals()).toEqual([SIGUSR1]);
});
