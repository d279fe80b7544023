// SPDX-License-Identifier: MIT
// futex(2): waiting and waking, bit sets, timeouts, requeueing; private and shared between processes.

import { describe, expect, it } from "vitest";
import { EAGAIN, EFAULT, EINVAL, ENOSYS, ETIMEDOUT } from "../../kernel/abi/errno.ts";
import { MAP_ANONYMOUS, MAP_SHARED, PROT_READ, PROT_WRITE } from "../../kernel/abi/mman.ts";
import * as sched from "../../kernel/abi/sched.ts";
import { SIGCHLD } from "../../kernel/abi/signal.ts";
import * as calls from "../../kernel/abi/syscalls.ts";
import type { TestActor } from "../support/actor.ts";
import { boot } from "../support/boot.ts";
import { timespec } from "../support/structs.ts";

const PRIVATE = sched.FUTEX_PRIVATE_FLAG;
const WAIT = sched.FUTEX_WAIT | PRIVATE;
const WAKE = sched.FUTEX_WAKE | PRIVATE;

/** Tasks with one memory. */
function sharers(count: number): TestActor[] {
  const test = boot();
  const first = test.actor();
  const rest = Array.from({ length: count - 1 }, () => test.adopt(first.must(calls.SYS_CLONE, sched.CLONE_VM | SIGCHLD, 0, 0, 0, 0), first));
  return [first, ...rest];
}

describe("what is refused", () => {
  it.each([
    { name: "a value that has changed", args: [0x10000, WAIT, 1, null, null, 0], want: -EAGAIN },
    { name: "an address that is not aligned", args: [0x10002, WAIT, 0, null, null, 0], want: -EINVAL },
    { name: "an address that faults", args: [8, WAIT, 0, null, null, 0], want: -EFAULT },
    { name: "no bits", args: [0x10000, sched.FUTEX_WAIT_BITSET, 0, null, null, 0], want: -EINVAL },
    { name: "a lock", args: [0x10000, sched.FUTEX_LOCK_PI, 0, null, null, 0], want: -ENOSYS },
    { name: "waking nobody", args: [0x10000, WAKE, 1, null, null, 0], want: 0 },
    { name: "a compare that fails", args: [0x10000, sched.FUTEX_CMP_REQUEUE, 1, 1, 0x10004, 5], want: -EAGAIN },
  ])("$name: $want", ({ args, want }) => {
    expect(boot().actor().call(calls.SYS_FUTEX, ...args)).toBe(want);
  });
});

it("wakes as many as asked, first come first", () => {
  const [waker, ...waiters] = sharers(4) as [TestActor, ...TestActor[]];
  const word = waker.alloc(4);
  const waits = waiters.map((waiter) => waiter.start(calls.SYS_FUTEX, word.address, WAIT, 0, null, null, 0));
  waker.machine.settle();
  expect(waker.call(calls.SYS_FUTEX, word, WAKE, 2, null, null, 0)).toBe(2);
  waker.machine.settle();
  expect(waits.map((wait) => wait.isDone)).toEqual([true, true, false]);
  expect(waker.call(calls.SYS_FUTEX, word, WAKE, 100, null, null, 0)).toBe(1);
  expect(waits.map((wait) => wait.result())).toEqual([0, 0, 0]);
});

it("a bit set wakes only who waits for one of its bits", () => {
  const [waker, a, b] = sharers(3) as [TestActor, TestActor, TestActor];
  const word = waker.alloc(4);
  const waits = [[a, 1], [b, 2]] as const;
  const pending = waits.map(([actor, bits]) => actor.start(calls.SYS_FUTEX, word.address, sched.FUTEX_WAIT_BITSET | PRIVATE, 0, null, null, bits));
  expect(waker.call(calls.SYS_FUTEX, word, sched.FUTEX_WAKE_BITSET | PRIVATE, 9, null, null, 2)).toBe(1);
  expect(pending.map((call) => call.isBlocked)).toEqual([true, false]);
});

it.each([
  { name: "a relative timeout", op: WAIT, timeout: 3_000_000_000n, bits: 0 },
  { name: "an absolute one of CLOCK_MONOTONIC", op: sched.FUTEX_WAIT_BITSET, timeout: 3_000_000_000n, bits: 1 },
  { name: "an absolute one of CLOCK_REALTIME", op: sched.FUTEX_WAIT_BITSET | sched.FUTEX_CLOCK_REALTIME, timeout: 1_700_000_003_000_000_000n, bits: 1 },
])("$name ends with ETIMEDOUT", ({ op, timeout, bits }) => {
  const actor = boot({ epochNs: 1_700_000_000_000_000_000n }).actor();
  expect(actor.call(calls.SYS_FUTEX, actor.alloc(4), op, 0, timespec(timeout), null, bits)).toBe(-ETIMEDOUT);
  const time = actor.alloc(16);
  actor.must(calls.SYS_CLOCK_GETTIME, 1, time);
  expect(time.s64(0)).toBe(3n);
});

it("requeueing moves waiters to another word", () => {
  const [waker, a, b] = sharers(3) as [TestActor, TestActor, TestActor];
  const words = waker.alloc(8);
  const waits = [a, b].map((actor) => actor.start(calls.SYS_FUTEX, words.address, WAIT, 0, null, null, 0));
  expect(waker.call(calls.SYS_FUTEX, words, sched.FUTEX_CMP_REQUEUE | PRIVATE, 1, 1, words.address + 4, 0)).toBe(2);
  expect(waits.map((wait) => wait.isBlocked)).toEqual([false, true]);
  expect(waker.call(calls.SYS_FUTEX, words, WAKE, 9, null, null, 0)).toBe(0);
  expect(waker.call(calls.SYS_FUTEX, words.address + 4, WAKE, 9, null, null, 0)).toBe(1);
});

it("processes meet at shared memory, not at a private copy", () => {
  const parent = boot().actor();
  const shared = parent.must(calls.SYS_MMAP, 0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  const own = parent.alloc(4);
  const [a, b] = [parent.fork(), parent.fork()];
  const atShared = a.start(calls.SYS_FUTEX, shared, sched.FUTEX_WAIT, 0, null, null, 0);
  const atOwn = b.start(calls.SYS_FUTEX, own.address, sched.FUTEX_WAIT, 0, null, null, 0);
  expect(parent.call(calls.SYS_FUTEX, shared, sched.FUTEX_WAKE, 1, null, null, 0)).toBe(1);
  expect(parent.call(calls.SYS_FUTEX, own, sched.FUTEX_WAKE, 1, null, null, 0)).toBe(0);
  expect([atShared.isBlocked, atOwn.isBlocked]).toEqual([false, true]);
});
