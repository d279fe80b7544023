// SPDX-License-Identifier: MIT
// Sending signals and one's own signal state: who may send what to whom, queueing, masks, dispositions, alternate stacks, waiting.

import { describe, expect, it } from "vitest";
import { EAGAIN, EFAULT, EINTR, EINVAL, ENOMEM, EPERM, ESRCH } from "../../kernel/abi/errno.ts";
import { RLIMIT_SIGPENDING } from "../../kernel/abi/resource.ts";
import {
  SA_NOCLDSTOP, SA_RESETHAND, SI_QUEUE, SI_TKILL, SI_USER, SIG_BLOCK, SIG_SETMASK, SIG_UNBLOCK, SIGCHLD, SIGCONT, SIGKILL, SIGSEGV, SIGSTOP,
  SIGTERM, SIGTSTP, SIGUSR1, SIGUSR2, SIGWINCH, SS_DISABLE,
} from "../../kernel/abi/signal.ts";
import * as calls from "../../kernel/abi/syscalls.ts";
import { WNOHANG } from "../../kernel/abi/wait.ts";
import type { TestActor } from "../support/actor.ts";
import { boot } from "../support/boot.ts";
import { HANDLER, pack, SIG_DFL, SIG_IGN, sigaction, sigset, timespec } from "../support/structs.ts";

const SIGRT = 40;

function handle(actor: TestActor, signo: number, handler = HANDLER, flags = 0): void {
  actor.must(calls.SYS_RT_SIGACTION, signo, sigaction(handler, flags), null, 8);
}

function block(actor: TestActor, ...signals: number[]): void {
  actor.must(calls.SYS_RT_SIGPROCMASK, SIG_SETMASK, sigset(...signals), null, 8);
}

function pending(actor: TestActor): number[] {
  const set = actor.alloc(8);
  actor.must(calls.SYS_RT_SIGPENDING, set, 8);
  return Array.from({ length: 64 }, (_, index) => index + 1).filter((signo) => (set.u64(0) >> BigInt(signo - 1)) & 1n);
}

/** Takes one pending signal with its siginfo. */
function take(actor: TestActor, ...signals: number[]) {
  const info = actor.alloc(128);
  const signo = actor.call(calls.SYS_RT_SIGTIMEDWAIT, sigset(...signals), info, timespec(0), 8);
  return { signo, code: info.s32(8), pid: info.s32(16), uid: info.s32(20), value: info.u64(24) };
}

describe("kill", () => {
  it.each([
    { name: "nobody", pid: 999, signo: SIGTERM, want: -ESRCH },
    { name: "an empty group", pid: -999, signo: SIGTERM, want: -ESRCH },
    { name: "everybody else when there is nobody else", pid: -1, signo: SIGTERM, want: -ESRCH },
    { name: "the least int", pid: -2147483648, signo: SIGTERM, want: -ESRCH },
    { name: "a signal above 64", pid: 1, signo: 65, want: -EINVAL },
    { name: "a negative signal", pid: 1, signo: -1, want: -EINVAL },
    { name: "signal 0 to oneself", pid: 1, signo: 0, want: 0 },
    { name: "signal 0 to one's own group", pid: 0, signo: 0, want: 0 },
  ])("$name: $want", ({ pid, signo, want }) => {
    expect(boot().actor().call(calls.SYS_KILL, pid, signo)).toBe(want);
  });

  it("needs the same user, or for SIGCONT the same session", () => {
    const init = boot().actor();
    const user = init.fork();
    user.must(calls.SYS_SETRESUID, 1000, 1000, 1000);
    expect(user.call(calls.SYS_KILL, 1, SIGTERM)).toBe(-EPERM);
    expect(user.call(calls.SYS_KILL, 1, 0)).toBe(-EPERM);
    expect(user.call(calls.SYS_KILL, 1, SIGCONT)).toBe(0);
    const other = init.fork();
    other.must(calls.SYS_SETRESUID, 1000, 0, 0); // its real user is enough
    expect(user.call(calls.SYS_KILL, other.pid, 0)).toBe(0);
    user.must(calls.SYS_SETSID);
    expect(user.call(calls.SYS_KILL, 1, SIGCONT)).toBe(-EPERM);
  });

  it("reaches a whole group, and everybody but pid 1 and the sender", () => {
    const init = boot().actor();
    const [a, b, c] = [init.fork(), init.fork(), init.fork()];
    for (const actor of [init, a, b, c]) handle(actor, SIGUSR1);
    a.must(calls.SYS_SETPGID, 0, 0);
    b.must(calls.SYS_SETPGID, 0, a.pid);
    c.must(calls.SYS_KILL, -a.pid, SIGUSR1);
    init.machine.settle();
    expect([init, a, b, c].map((actor) => actor.takeSignals())).toEqual([[], [SIGUSR1], [SIGUSR1], []]);
    c.must(calls.SYS_KILL, -1, SIGUSR1);
    init.machine.settle();
    expect([init, a, b, c].map((actor) => actor.takeSignals())).toEqual([[], [SIGUSR1], [SIGUSR1], []]);
  });
});

describe("default actions", () => {
  it.each([
    { signo: SIGTERM, status: SIGTERM },
    { signo: SIGSEGV, status: SIGSEGV }, // there are no core files: WCOREDUMP is not set
    { signo: SIGRT, status: SIGRT },
    { signo: 64, status: 64 },
  ])("signal $signo kills: status $status", ({ signo, status }) => {
    const init = boot().actor();
    const child = init.fork();
    init.must(calls.SYS_KILL, child.pid, signo);
    expect(init.wait(child.pid)).toBe(status);
  });

  it.each([SIGCHLD, SIGWINCH, SIGCONT])("signal %i does nothing", (signo) => {
    const init = boot().actor();
    const child = init.fork();
    init.must(calls.SYS_KILL, child.pid, signo);
    expect(init.call(calls.SYS_WAIT4, child.pid, null, WNOHANG, null)).toBe(0);
    expect(pending(child)).toEqual([]);
  });
});

describe("tgkill and tkill", () => {
  it.each([
    { name: "no thread group", args: [0, 1, 0], want: -EINVAL },
    { name: "no thread", args: [1, 0, 0], want: -EINVAL },
    { name: "a thread of another group", args: [2, 1, 0], want: -ESRCH },
    { name: "a bad signal", args: [1, 1, 65], want: -EINVAL },
    { name: "oneself", args: [1, 1, 0], want: 0 },
  ])("$name: $want", ({ args, want }) => {
    expect(boot().actor().call(calls.SYS_TGKILL, ...args)).toBe(want);
  });

  it("siginfo says SI_TKILL and who sent it", () => {
    const actor = boot().actor();
    block(actor, SIGUSR1);
    actor.must(calls.SYS_TKILL, 1, SIGUSR1);
    expect(take(actor, SIGUSR1)).toMatchObject({ signo: SIGUSR1, code: SI_TKILL, pid: 1, uid: 0 });
  });
});

describe("queueing", () => {
  const info = (code: number, value: number) => Buffer.concat([pack("s32", 0, "s32", 0, "s32", code, "s32", 0, "s32", 1, "s32", 0, "u64", value), Buffer.alloc(96)]);

  it("real-time signals queue in order, lower numbers first; standard ones are pending once", () => {
    const actor = boot().actor();
    block(actor, SIGUSR1, SIGRT, SIGRT + 1);
    for (const value of [1, 2]) actor.must(calls.SYS_RT_SIGQUEUEINFO, 1, SIGRT + 1, info(SI_QUEUE, value));
    for (const value of [3, 4]) actor.must(calls.SYS_RT_SIGQUEUEINFO, 1, SIGRT, info(SI_QUEUE, value));
    for (const value of [5, 6]) actor.must(calls.SYS_RT_SIGQUEUEINFO, 1, SIGUSR1, info(SI_QUEUE, value));
    const all = Array.from({ length: 6 }, () => take(actor, SIGUSR1, SIGRT, SIGRT + 1));
    expect(all.map(({ signo, value }) => [signo, Number(value)])).toEqual([
      [SIGUSR1, 5], [SIGRT, 3], [SIGRT, 4], [SIGRT + 1, 1], [SIGRT + 1, 2], [-EAGAIN, 0],
    ]);
  });

  it("a full queue is EAGAIN for sigqueue, but kill still gets through", () => {
    const actor = boot().actor();
    block(actor, SIGRT, SIGRT + 1);
    actor.must(calls.SYS_PRLIMIT64, 0, RLIMIT_SIGPENDING, pack("u64", 1, "u64", 1), null);
    expect(actor.call(calls.SYS_RT_SIGQUEUEINFO, 1, SIGRT, info(SI_QUEUE, 1))).toBe(0);
    expect(actor.call(calls.SYS_RT_SIGQUEUEINFO, 1, SIGRT, info(SI_QUEUE, 2))).toBe(-EAGAIN);
    expect(actor.call(calls.SYS_KILL, 1, SIGRT + 1)).toBe(0);
    expect(pending(actor)).toEqual([SIGRT, SIGRT + 1]);
  });

  it.each([
    { name: "as if kill had sent it", code: SI_USER, want: -EPERM },
    { name: "as if tkill had sent it", code: SI_TKILL, want: -EPERM },
    { name: "as the kernel", code: 128, want: -EPERM },
    { name: "as sigqueue", code: SI_QUEUE, want: 0 },
  ])("a siginfo for another process $name: $want", ({ code, want }) => {
    const init = boot().actor();
    const child = init.fork();
    block(child, SIGUSR1);
    expect(init.call(calls.SYS_RT_SIGQUEUEINFO, child.pid, SIGUSR1, info(code, 0))).toBe(want);
    expect(init.call(calls.SYS_RT_TGSIGQUEUEINFO, child.pid, child.pid, SIGUSR1, info(code, 0))).toBe(want);
  });

  it("a siginfo that faults is EFAULT", () => {
    expect(boot().actor().call(calls.SYS_RT_SIGQUEUEINFO, 1, SIGUSR1, 8)).toBe(-EFAULT);
  });
});

describe("rt_sigaction", () => {
  it.each([
    { name: "signal 0", args: [0, null, null, 8], want: -EINVAL },
    { name: "signal 65", args: [65, null, null, 8], want: -EINVAL },
    { name: "a set of another size", args: [SIGUSR1, null, null, 4], want: -EINVAL },
    { name: "an action that faults", args: [SIGUSR1, 8, null, 8], want: -EFAULT },
    { name: "an old action that faults", args: [SIGUSR1, null, 8, 8], want: -EFAULT },
    { name: "a new action for SIGKILL", args: [SIGKILL, sigaction(SIG_IGN), null, 8], want: -EINVAL },
    { name: "a new action for SIGSTOP", args: [SIGSTOP, sigaction(SIG_DFL), null, 8], want: -EINVAL },
    { name: "asking about SIGKILL", args: [SIGKILL, null, null, 8], want: 0 },
  ])("$name: $want", ({ args, want }) => {
    expect(boot().actor().call(calls.SYS_RT_SIGACTION, ...args)).toBe(want);
  });

  it("gives back what was set, without what no mask can hold", () => {
    const actor = boot().actor();
    actor.must(calls.SYS_RT_SIGACTION, SIGUSR1, sigaction(HANDLER, SA_NOCLDSTOP, 0xffffffffffffffffn), null, 8);
    const old = actor.alloc(24);
    actor.must(calls.SYS_RT_SIGACTION, SIGUSR1, sigaction(SIG_DFL), old, 8);
    const unblockable = (1n << 8n) | (1n << 18n);
    expect([old.u64(0), old.u64(8), old.u64(16)]).toEqual([BigInt(HANDLER), 1n, 0xffffffffffffffffn & ~unblockable]);
  });

  it("ignoring a signal discards what is pending of it", () => {
    const actor = boot().actor();
    block(actor, SIGUSR1, SIGWINCH);
    for (const signo of [SIGUSR1, SIGWINCH]) {
      handle(actor, signo);
      actor.must(calls.SYS_KILL, 1, signo);
    }
    expect(pending(actor)).toEqual([SIGUSR1, SIGWINCH]);
    handle(actor, SIGUSR1, SIG_IGN);
    handle(actor, SIGWINCH, SIG_DFL);
    expect(pending(actor)).toEqual([]);
  });

  it("SA_RESETHAND is back to the default after one delivery", () => {
    const init = boot().actor();
    const child = init.fork();
    handle(child, SIGUSR1, HANDLER, SA_RESETHAND);
    init.must(calls.SYS_KILL, child.pid, SIGUSR1);
    init.machine.settle();
    expect(child.takeSignals()).toEqual([SIGUSR1]);
    init.must(calls.SYS_KILL, child.pid, SIGUSR1);
    expect(init.wait(child.pid)).toBe(SIGUSR1);
  });
});

describe("rt_sigprocmask", () => {
  it.each([
    { how: "SIG_BLOCK", number: SIG_BLOCK, want: [SIGUSR1, SIGUSR2] },
    { how: "SIG_UNBLOCK", number: SIG_UNBLOCK, want: [SIGUSR1] },
    { how: "SIG_SETMASK", number: SIG_SETMASK, want: [SIGUSR2] },
  ])("$how", ({ number, want }) => {
    const actor = boot().actor();
    block(actor, SIGUSR1);
    const old = actor.alloc(8);
    expect(actor.call(calls.SYS_RT_SIGPROCMASK, number, sigset(SIGUSR2, SIGKILL, SIGSTOP), old, 8)).toBe(0);
    expect(old.bytes()).toEqual(sigset(SIGUSR1));
    actor.must(calls.SYS_RT_SIGPROCMASK, 77, null, old, 8); // without a set, how is not looked at
    expect(old.bytes()).toEqual(sigset(...want));
  });

  it.each([
    { name: "a size that is not 8", args: [SIG_BLOCK, sigset(), null, 16], want: -EINVAL },
    { name: "an unknown how", args: [3, sigset(), null, 8], want: -EINVAL },
    { name: "a set that faults", args: [SIG_BLOCK, 8, null, 8], want: -EFAULT },
    { name: "an old set that faults", args: [SIG_BLOCK, null, 8, 8], want: -EFAULT },
  ])("$name: $want", ({ args, want }) => {
    expect(boot().actor().call(calls.SYS_RT_SIGPROCMASK, ...args)).toBe(want);
  });

  it("a signal that was blocked is delivered when it no longer is", () => {
    const actor = boot().actor();
    handle(actor, SIGUSR1);
    block(actor, SIGUSR1);
    actor.must(calls.SYS_KILL, 1, SIGUSR1);
    expect(actor.takeSignals()).toEqual([]);
    block(actor);
    expect(actor.takeSignals()).toEqual([SIGUSR1]);
  });
});

describe("rt_sigtimedwait", () => {
  it.each([
    { name: "a size that is not 8", args: [sigset(SIGUSR1), null, null, 4], want: -EINVAL },
    { name: "a set that faults", args: [8, null, null, 8], want: -EFAULT },
    { name: "a timeout that faults", args: [sigset(SIGUSR1), null, 8, 8], want: -EFAULT },
    { name: "a timeout with too many ns", args: [sigset(SIGUSR1), null, pack("s64", 0, "s64", 1_000_000_000), 8], want: -EINVAL },
    { name: "a negative timeout", args: [sigset(SIGUSR1), null, pack("s64", -1, "s64", 0), 8], want: -EINVAL },
    { name: "a timeout that ends", args: [sigset(SIGUSR1), null, timespec(1_000_000), 8], want: -EAGAIN },
  ])("$name: $want", ({ args, want }) => {
    expect(boot().actor().call(calls.SYS_RT_SIGTIMEDWAIT, ...args)).toBe(want);
  });

  it("sleeps until the signal comes, with its siginfo", () => {
    const init = boot().actor();
    const child = init.fork();
    block(child, SIGUSR1);
    const info = child.alloc(128);
    const wait = child.start(calls.SYS_RT_SIGTIMEDWAIT, sigset(SIGUSR1), info, null, 8);
    expect(wait.isBlocked).toBe(true);
    init.must(calls.SYS_KILL, child.pid, SIGUSR1);
    expect(wait.result()).toBe(SIGUSR1);
    expect([info.s32(0), info.s32(8), info.s32(16)]).toEqual([SIGUSR1, SI_USER, 1]);
  });

  it("is interrupted by the handler of a signal it does not wait for", () => {
    const init = boot().actor();
    const child = init.fork();
    handle(child, SIGUSR2);
    const wait = child.start(calls.SYS_RT_SIGTIMEDWAIT, sigset(SIGUSR1), null, null, 8);
    init.must(calls.SYS_KILL, child.pid, SIGUSR2);
    expect(wait.result()).toBe(-EINTR);
  });
});

describe("sigaltstack", () => {
  it.each([
    { name: "less than MINSIGSTKSZ", stack: pack("u64", 0x20000, "s32", 0, "u32", 0, "u64", 2047), want: -ENOMEM },
    { name: "just enough", stack: pack("u64", 0x20000, "s32", 0, "u32", 0, "u64", 2048), want: 0 },
    { name: "unknown flags", stack: pack("u64", 0x20000, "s32", 4, "u32", 0, "u64", 8192), want: -EINVAL },
    { name: "disabling, whatever the size", stack: pack("u64", 0x20000, "s32", SS_DISABLE, "u32", 0, "u64", 1), want: 0 },
  ])("$name: $want", ({ stack, want }) => {
    expect(boot().actor().call(calls.SYS_SIGALTSTACK, stack, null)).toBe(want);
  });

  it("gives back what was set", () => {
    const actor = boot().actor();
    const old = actor.alloc(24);
    actor.must(calls.SYS_SIGALTSTACK, pack("u64", 0x20000, "s32", 0, "u32", 0, "u64", 8192), old);
    expect(old.s32(8)).toBe(SS_DISABLE);
    actor.must(calls.SYS_SIGALTSTACK, null, old);
    expect([old.u64(0), old.s32(8), old.u64(16)]).toEqual([0x20000n, 0, 8192n]);
  });
});

describe("stop and continue cancel each other", () => {
  it("SIGCONT discards a pending stop, and a stop a pending SIGCONT, blocked or not", () => {
    const actor = boot().actor();
    handle(actor, SIGCONT);
    handle(actor, SIGTSTP);
    block(actor, SIGCONT, SIGTSTP);
    actor.must(calls.SYS_KILL, 1, SIGTSTP);
    actor.must(calls.SYS_KILL, 1, SIGCONT);
    expect(pending(actor)).toEqual([SIGCONT]);
    actor.must(calls.SYS_KILL, 1, SIGTSTP);
    expect(pending(actor)).toEqual([SIGTSTP]);
  });
});
