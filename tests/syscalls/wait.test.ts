// SPDX-License-Identifier: MIT
// wait4, waitid, exit and exit_group: statuses, who is waited for, what is told and when, orphans, automatic reaping, stops.

import { describe, expect, it } from "vitest";
import { EAGAIN, EBADF, ECHILD, EFAULT, EINVAL, ESRCH } from "../../kernel/abi/errno.ts";
import { O_NONBLOCK } from "../../kernel/abi/fcntl.ts";
import { PR_SET_CHILD_SUBREAPER, PR_SET_PDEATHSIG } from "../../kernel/abi/prctl.ts";
import * as sched from "../../kernel/abi/sched.ts";
import {
  CLD_CONTINUED, CLD_EXITED, CLD_KILLED, CLD_STOPPED, SA_NOCLDSTOP, SA_NOCLDWAIT, SIG_SETMASK, SIGCHLD, SIGCONT, SIGHUP, SIGKILL, SIGSTOP, SIGTERM,
  SIGTSTP, SIGUSR1,
} from "../../kernel/abi/signal.ts";
import * as calls from "../../kernel/abi/syscalls.ts";
import { __WALL, __WCLONE, __WNOTHREAD, P_ALL, P_PGID, P_PID, P_PIDFD, WCONTINUED, WEXITED, WNOHANG, WNOWAIT, WSTOPPED } from "../../kernel/abi/wait.ts";
import { file } from "../../host/core/image.ts";
import type { TestActor } from "../support/actor.ts";
import { boot } from "../support/boot.ts";
import { sample } from "../support/program.ts";
import { cloneArgs, HANDLER, SIG_IGN, sigaction, sigset, timespec } from "../support/structs.ts";

function exited(parent: TestActor, code: number): TestActor {
  const child = parent.fork();
  child.start(calls.SYS_EXIT_GROUP, code);
  return child;
}

function waitid(actor: TestActor, kind: number, id: number, options: number) {
  const info = actor.alloc(128);
  info.write(Buffer.alloc(128, 0xff));
  const result = actor.call(calls.SYS_WAITID, kind, id, info, options, null);
  return { result, signo: info.s32(0), code: info.s32(8), pid: info.s32(16), uid: info.s32(20), status: info.s32(24) };
}

describe("arguments", () => {
  it.each([
    { name: "unknown options", args: [-1, null, 0x1000, null], want: -EINVAL },
    { name: "WEXITED, which is waitid's", args: [-1, null, WEXITED, null], want: -EINVAL },
    { name: "no children", args: [-1, null, 0, null], want: -ECHILD },
    { name: "the least int", args: [-2147483648, null, 0, null], want: -ESRCH },
  ])("wait4, $name: $want", ({ args, want }) => {
    expect(boot().actor().call(calls.SYS_WAIT4, ...args)).toBe(want);
  });

  it.each([
    { name: "no kind of news", args: [P_ALL, 0, null, WNOHANG, null], want: -EINVAL },
    { name: "unknown options", args: [P_ALL, 0, null, WEXITED | 0x1000, null], want: -EINVAL },
    { name: "an unknown kind", args: [9, 0, null, WEXITED, null], want: -EINVAL },
    { name: "pid 0", args: [P_PID, 0, null, WEXITED, null], want: -EINVAL },
    { name: "a negative group", args: [P_PGID, -1, null, WEXITED, null], want: -EINVAL },
    { name: "a negative pidfd", args: [P_PIDFD, -1, null, WEXITED, null], want: -EINVAL },
    { name: "a closed pidfd", args: [P_PIDFD, 9, null, WEXITED, null], want: -EBADF },
    { name: "a file that is no pidfd", args: [P_PIDFD, 0, null, WEXITED, null], want: -EBADF },
    { name: "no children", args: [P_ALL, 0, null, WEXITED, null], want: -ECHILD },
    { name: "a siginfo that faults", args: [P_ALL, 0, 8, WEXITED, null], want: -EFAULT },
  ])("waitid, $name: $want", ({ args, want }) => {
    expect(boot().actor().call(calls.SYS_WAITID, ...args)).toBe(want);
  });

  it("a status that faults is EFAULT, and the child is reaped all the same", () => {
    const parent = boot().actor();
    const child = exited(parent, 0);
    expect(parent.call(calls.SYS_WAIT4, child.pid, 8, 0, null)).toBe(-EFAULT);
    expect(parent.call(calls.SYS_WAIT4, child.pid, null, 0, null)).toBe(-ECHILD);
  });
});

describe("what is told", () => {
  it.each([
    { name: "exit_group(0)", end: (c: TestActor) => c.start(calls.SYS_EXIT_GROUP, 0), status: 0, code: CLD_EXITED, value: 0 },
    { name: "exit(511), of which eight bits count", end: (c: TestActor) => c.start(calls.SYS_EXIT, 511), status: 0xff00, code: CLD_EXITED, value: 255 },
    { name: "SIGKILL", end: (c: TestActor) => c.start(calls.SYS_KILL, c.pid, SIGKILL), status: SIGKILL, code: CLD_KILLED, value: SIGKILL },
  ])("$name", ({ end, status, code, value }) => {
    const parent = boot().actor();
    const child = parent.fork();
    end(child);
    expect(waitid(parent, P_PID, child.pid, WEXITED | WNOWAIT)).toEqual({ result: 0, signo: SIGCHLD, code, pid: child.pid, uid: 0, status: value });
    expect(parent.wait(child.pid)).toBe(status);
    expect(parent.call(calls.SYS_WAIT4, child.pid, null, 0, null)).toBe(-ECHILD);
  });

  it("without news WNOHANG gives 0, and waitid a siginfo of zeros", () => {
    const parent = boot().actor();
    parent.fork();
    expect(parent.call(calls.SYS_WAIT4, -1, null, WNOHANG, null)).toBe(0);
    expect(waitid(parent, P_ALL, 0, WEXITED | WNOHANG)).toEqual({ result: 0, signo: 0, code: 0, pid: 0, uid: 0, status: 0 });
  });

  it("a stop and a continuation, each once", () => {
    const parent = boot().actor();
    const child = parent.fork();
    child.must(calls.SYS_SETPGID, 0, 0); // pid 1's group is an orphaned one, which SIGTSTP does not stop
    parent.must(calls.SYS_KILL, child.pid, SIGSTOP);
    expect(waitid(parent, P_PID, child.pid, WSTOPPED)).toMatchObject({ result: 0, code: CLD_STOPPED, status: SIGSTOP });
    expect(parent.call(calls.SYS_WAIT4, child.pid, null, WSTOPPED | WNOHANG, null)).toBe(0);
    parent.must(calls.SYS_KILL, child.pid, SIGCONT);
    const status = parent.alloc(4);
    expect(parent.call(calls.SYS_WAIT4, child.pid, status, WCONTINUED, null)).toBe(child.pid);
    expect(status.u32(0)).toBe(0xffff);
    parent.must(calls.SYS_KILL, child.pid, SIGTSTP);
    expect(parent.call(calls.SYS_WAIT4, child.pid, status, WSTOPPED, null)).toBe(child.pid);
    expect(status.u32(0)).toBe((SIGTSTP << 8) | 0x7f);
    parent.must(calls.SYS_KILL, child.pid, SIGCONT);
    expect(waitid(parent, P_PID, child.pid, WCONTINUED)).toMatchObject({ code: CLD_CONTINUED, status: SIGCONT });
  });

  it("a stopped child takes SIGTERM only when it continues, SIGKILL at once", () => {
    const parent = boot().actor();
    const [term, kill] = [parent.fork(), parent.fork()];
    for (const child of [term, kill]) {
      parent.must(calls.SYS_KILL, child.pid, SIGSTOP);
      expect(parent.call(calls.SYS_WAIT4, child.pid, null, WSTOPPED, null)).toBe(child.pid);
    }
    parent.must(calls.SYS_KILL, term.pid, SIGTERM);
    parent.machine.settle();
    expect(parent.call(calls.SYS_WAIT4, term.pid, null, WNOHANG, null)).toBe(0);
    parent.must(calls.SYS_KILL, term.pid, SIGCONT);
    expect(parent.wait(term.pid)).toBe(SIGTERM);
    parent.must(calls.SYS_KILL, kill.pid, SIGKILL);
    expect(parent.wait(kill.pid)).toBe(SIGKILL);
  });
});

describe("who is waited for", () => {
  it("one child, a group, one's own group, or any, the oldest first", () => {
    const parent = boot().actor();
    const [a, b, c, d] = [parent.fork(), parent.fork(), parent.fork(), parent.fork()];
    b.must(calls.SYS_SETPGID, 0, 0);
    for (const child of [a, b, c, d]) child.start(calls.SYS_EXIT_GROUP, 0);
    expect(parent.call(calls.SYS_WAIT4, c.pid, null, 0, null)).toBe(c.pid);
    expect(parent.call(calls.SYS_WAIT4, -b.pid, null, 0, null)).toBe(b.pid);
    expect(parent.call(calls.SYS_WAIT4, 0, null, 0, null)).toBe(a.pid);
    expect(parent.call(calls.SYS_WAIT4, -1, null, 0, null)).toBe(d.pid);
  });

  it("children with another exit signal need __WCLONE or __WALL", () => {
    const test = boot();
    const parent = test.actor();
    const [a, b] = [0, SIGUSR1].map((signal) => test.adopt(parent.must(calls.SYS_CLONE, signal, 0, 0, 0, 0), parent));
    parent.must(calls.SYS_RT_SIGACTION, SIGUSR1, sigaction(HANDLER), null, 8);
    for (const child of [a!, b!]) child.start(calls.SYS_EXIT_GROUP, 0);
    expect(parent.call(calls.SYS_WAIT4, -1, null, WNOHANG, null)).toBe(-ECHILD);
    expect(parent.call(calls.SYS_WAIT4, -1, null, __WALL, null)).toBe(a!.pid);
    expect(parent.call(calls.SYS_WAIT4, -1, null, __WCLONE, null)).toBe(b!.pid);
    expect(parent.takeSignals()).toEqual([SIGUSR1]);
  });

  it("__WNOTHREAD leaves out what another thread has made", () => {
    const test = boot();
    const parent = test.actor();
    const flags = sched.CLONE_VM | sched.CLONE_FS | sched.CLONE_FILES | sched.CLONE_SIGHAND | sched.CLONE_THREAD;
    const thread = test.adopt(parent.must(calls.SYS_CLONE3, cloneArgs({ flags, exitSignal: 0 }), 88), parent);
    exited(thread, 0);
    expect(parent.call(calls.SYS_WAIT4, -1, null, __WNOTHREAD | WNOHANG, null)).toBe(-ECHILD);
    expect(parent.call(calls.SYS_WAIT4, -1, null, 0, null)).toBe(3);
  });

  it("P_PIDFD waits for that process, and with O_NONBLOCK says EAGAIN", () => {
    const parent = boot().actor();
    const child = parent.fork();
    const blocking = parent.must(calls.SYS_PIDFD_OPEN, child.pid, 0);
    const nonBlocking = parent.must(calls.SYS_PIDFD_OPEN, child.pid, O_NONBLOCK);
    expect(waitid(parent, P_PIDFD, nonBlocking, WEXITED).result).toBe(-EAGAIN);
    expect(waitid(parent, P_PIDFD, nonBlocking, WEXITED | WNOHANG).result).toBe(0);
    const wait = parent.start(calls.SYS_WAITID, P_PIDFD, blocking, null, WEXITED, null);
    expect(wait.isBlocked).toBe(true);
    child.start(calls.SYS_EXIT_GROUP, 0);
    expect(wait.result()).toBe(0);
    expect(waitid(parent, P_PIDFD, blocking, WEXITED).result).toBe(-ECHILD);
  });
});

describe("SIGCHLD", () => {
  it("carries how the child ended", () => {
    const parent = boot().actor();
    parent.must(calls.SYS_RT_SIGPROCMASK, SIG_SETMASK, sigset(SIGCHLD), null, 8);
    const child = exited(parent, 6);
    const info = parent.alloc(128);
    expect(parent.call(calls.SYS_RT_SIGTIMEDWAIT, sigset(SIGCHLD), info, timespec(0), 8)).toBe(SIGCHLD);
    expect([info.s32(8), info.s32(16), info.s32(20), info.s32(24)]).toEqual([CLD_EXITED, child.pid, 0, 6]);
    parent.wait(child.pid);
  });

  it.each([
    { name: "SIG_IGN", handler: SIG_IGN, flags: 0, signals: [] as number[] },
    { name: "SA_NOCLDWAIT", handler: HANDLER, flags: SA_NOCLDWAIT, signals: [SIGCHLD] },
  ])("$name: no zombies, and wait sleeps until the last child is gone", ({ handler, flags, signals }) => {
    const parent = boot().actor();
    parent.must(calls.SYS_RT_SIGACTION, SIGCHLD, sigaction(handler, flags), null, 8);
    const child = parent.fork();
    const wait = handler === SIG_IGN ? parent.start(calls.SYS_WAIT4, -1, null, 0, null) : undefined;
    child.start(calls.SYS_EXIT_GROUP, 0);
    if (wait) expect(wait.result()).toBe(-ECHILD);
    expect(parent.call(calls.SYS_KILL, child.pid, 0)).toBe(-ESRCH);
    expect(parent.takeSignals()).toEqual(signals);
  });

  it.each([
    { flags: 0, want: [SIGCHLD] },
    { flags: SA_NOCLDSTOP, want: [] },
  ])("a stop is told with flags $flags: $want", ({ flags, want }) => {
    const parent = boot().actor();
    parent.must(calls.SYS_RT_SIGACTION, SIGCHLD, sigaction(HANDLER, flags), null, 8);
    const child = parent.fork();
    parent.must(calls.SYS_KILL, child.pid, SIGSTOP);
    parent.machine.settle();
    expect(parent.takeSignals()).toEqual(want);
  });
});

describe("orphans", () => {
  it("go to pid 1", () => {
    const init = boot().actor();
    const middle = init.fork();
    const orphan = middle.fork();
    middle.start(calls.SYS_EXIT_GROUP, 0);
    init.wait(middle.pid);
    expect(orphan.call(calls.SYS_GETPPID)).toBe(1);
    orphan.start(calls.SYS_EXIT_GROUP, 4);
    expect(init.wait(orphan.pid)).toBe(4 << 8);
  });

  it("go to the nearest subreaper, zombies included", () => {
    const init = boot().actor();
    const reaper = init.fork();
    reaper.must(calls.SYS_PRCTL, PR_SET_CHILD_SUBREAPER, 1);
    const middle = reaper.fork();
    const alive = middle.fork();
    const dead = exited(middle, 7);
    middle.start(calls.SYS_EXIT_GROUP, 0);
    expect(alive.call(calls.SYS_GETPPID)).toBe(reaper.pid);
    expect(reaper.wait(dead.pid)).toBe(7 << 8);
  });

  it("get the signal they asked for", () => {
    const init = boot().actor();
    const middle = init.fork();
    const orphan = middle.fork();
    orphan.must(calls.SYS_PRCTL, PR_SET_PDEATHSIG, SIGUSR1);
    middle.start(calls.SYS_EXIT_GROUP, 0);
    expect(init.wait(orphan.pid)).toBe(SIGUSR1);
  });

  it("a stopped group that becomes orphaned gets SIGHUP and SIGCONT", () => {
    const init = boot().actor();
    const shell = init.fork();
    shell.must(calls.SYS_SETSID);
    const job = shell.fork();
    job.must(calls.SYS_SETPGID, 0, 0);
    shell.must(calls.SYS_KILL, job.pid, SIGTSTP);
    expect(shell.call(calls.SYS_WAIT4, job.pid, null, WSTOPPED, null)).toBe(job.pid);
    shell.start(calls.SYS_EXIT_GROUP, 0);
    expect(init.wait(job.pid)).toBe(SIGHUP);
  });

  it("terminal stops do nothing in an orphaned group", () => {
    const init = boot().actor();
    const child = init.fork();
    child.must(calls.SYS_SETSID);
    init.must(calls.SYS_KILL, child.pid, SIGTSTP);
    expect(init.call(calls.SYS_WAIT4, child.pid, null, WSTOPPED | WNOHANG, null)).toBe(0);
    expect(child.call(calls.SYS_GETPID)).toBe(child.pid);
  });
});

describe("threads", () => {
  const THREAD = sched.CLONE_VM | sched.CLONE_FS | sched.CLONE_FILES | sched.CLONE_SIGHAND | sched.CLONE_THREAD;

  function withThread() {
    const test = boot({ entries: [file("/bin/true", sample("true"), 0o755)] });
    const init = test.actor();
    const leader = init.fork();
    const thread = test.adopt(leader.must(calls.SYS_CLONE3, cloneArgs({ flags: THREAD, exitSignal: 0 }), 88), leader);
    return { init, leader, thread };
  }

  it("the process ends with its last thread, and with the leader's status", () => {
    const { init, leader, thread } = withThread();
    leader.start(calls.SYS_EXIT, 3);
    expect(init.call(calls.SYS_WAIT4, leader.pid, null, WNOHANG, null)).toBe(0);
    expect(init.call(calls.SYS_KILL, leader.pid, 0)).toBe(0);
    thread.start(calls.SYS_EXIT, 5);
    expect(init.wait(leader.pid)).toBe(3 << 8);
  });

  it("exit_group in one ends all", () => {
    const { init, leader, thread } = withThread();
    leader.start(calls.SYS_READ, leader.pipe()[0], leader.alloc(1), 1);
    thread.start(calls.SYS_EXIT_GROUP, 5);
    expect(init.wait(leader.pid)).toBe(5 << 8);
  });

  it("execve in one ends the others, and the process keeps its pid", () => {
    const { init, leader, thread } = withThread();
    leader.start(calls.SYS_READ, leader.pipe()[0], leader.alloc(1), 1);
    thread.start(calls.SYS_EXECVE, "/bin/true", thread.strings(["true"]), null);
    expect(init.wait(leader.pid)).toBe(0);
  });

  it("a stop stops all, a fatal signal kills all", () => {
    const { init, leader, thread } = withThread();
    init.must(calls.SYS_KILL, leader.pid, SIGSTOP);
    expect(init.call(calls.SYS_WAIT4, leader.pid, null, WSTOPPED, null)).toBe(leader.pid);
    const call = thread.start(calls.SYS_GETPID);
    expect(call.isBlocked).toBe(true);
    init.must(calls.SYS_KILL, leader.pid, SIGCONT);
    init.must(calls.SYS_TGKILL, leader.pid, thread.pid, SIGTERM);
    expect(init.wait(leader.pid)).toBe(SIGTERM);
  });

  it("a signal for the process goes to a thread that does not block it", () => {
    const { init, leader, thread } = withThread();
    leader.must(calls.SYS_RT_SIGACTION, SIGUSR1, sigaction(HANDLER), null, 8);
    leader.must(calls.SYS_RT_SIGPROCMASK, SIG_SETMASK, sigset(SIGUSR1), null, 8);
    init.must(calls.SYS_KILL, leader.pid, SIGUSR1);
    init.machine.settle();
    expect([leader.takeSignals(), thread.takeSignals()]).toEqual([[], [SIGUSR1]]);
  });
});
