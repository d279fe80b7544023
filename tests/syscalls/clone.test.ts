// SPDX-License-Identifier: MIT
// clone(2) and clone3(2) by behaviour: what is refused, what parent and child share, vfork's wait and its end, limits.

import { describe, expect, it } from "vitest";
import { E2BIG, EAGAIN, EBADF, EEXIST, EFAULT, EINVAL, EMFILE, ENOENT, EPERM, ESRCH } from "../../kernel/abi/errno.ts";
import { F_GETFD, FD_CLOEXEC } from "../../kernel/abi/fcntl.ts";
import { RLIMIT_NOFILE, RLIMIT_NPROC } from "../../kernel/abi/resource.ts";
import * as sched from "../../kernel/abi/sched.ts";
import { SIG_SETMASK, SIGCHLD, SIGKILL, SIGQUIT, SIGSTOP, SIGTERM, SIGUSR1, SIGUSR2 } from "../../kernel/abi/signal.ts";
import * as calls from "../../kernel/abi/syscalls.ts";
import { WNOHANG } from "../../kernel/abi/wait.ts";
import { QUIRK_STALE_PIDFD_VALUE } from "../../kernel/abi/quirks.ts";
import { file } from "../../host/core/image.ts";
import type { TestActor } from "../support/actor.ts";
import { boot } from "../support/boot.ts";
import { sample } from "../support/program.ts";
import { cloneArgs, HANDLER, pack, SIG_DFL, SIG_IGN, sigaction, sigset, type CloneFields } from "../support/structs.ts";

const VFORK = sched.CLONE_VM | sched.CLONE_VFORK | SIGCHLD;
const THREAD = sched.CLONE_VM | sched.CLONE_FS | sched.CLONE_FILES | sched.CLONE_SIGHAND | sched.CLONE_THREAD;

function clone3(actor: TestActor, fields: CloneFields, size = 88): number {
  return actor.call(calls.SYS_CLONE3, cloneArgs(fields), size);
}

describe("clone refuses flags that do not go together", () => {
  it.each([
    { name: "SIGHAND without VM", flags: sched.CLONE_SIGHAND },
    { name: "THREAD without SIGHAND", flags: sched.CLONE_THREAD | sched.CLONE_VM },
    { name: "PARENT of pid 1", flags: sched.CLONE_PARENT },
    { name: "PIDFD with DETACHED", flags: sched.CLONE_PIDFD | sched.CLONE_DETACHED },
    { name: "PIDFD with PARENT_SETTID, which use the same pointer", flags: sched.CLONE_PIDFD | sched.CLONE_PARENT_SETTID },
    { name: "FS with NEWNS", flags: sched.CLONE_FS | sched.CLONE_NEWNS },
    { name: "FS with NEWUSER", flags: sched.CLONE_FS | sched.CLONE_NEWUSER },
  ])("$name", ({ flags }) => {
    expect(boot().actor().call(calls.SYS_CLONE, flags | SIGCHLD, 0, 0, 0, 0)).toBe(-EINVAL);
  });

  it.each([
    { name: "a size below the first version", size: 56, want: -EINVAL },
    { name: "a size above a page", size: 4097, want: -E2BIG },
    { name: "an unknown flag", fields: { flags: 1n << 40n }, want: -EINVAL },
    { name: "an exit signal in the flags", fields: { flags: SIGCHLD }, want: -EINVAL },
    { name: "DETACHED", fields: { flags: sched.CLONE_DETACHED }, want: -EINVAL },
    { name: "an exit signal above 64", fields: { exitSignal: 65 }, want: -EINVAL },
    { name: "SIGHAND with CLEAR_SIGHAND", fields: { flags: 0x100000000 + sched.CLONE_SIGHAND + sched.CLONE_VM }, want: -EINVAL },
    { name: "THREAD with an exit signal", fields: { flags: THREAD, exitSignal: SIGCHLD }, want: -EINVAL },
    { name: "a stack without a size", fields: { stack: 0x20000 }, want: -EINVAL },
    { name: "a stack size without a stack", fields: { stackSize: 4096 }, want: -EINVAL },
    { name: "a stack beyond user memory", fields: { stack: 0x7fffffffffffn, stackSize: 4096 }, want: -EINVAL },
    { name: "set_tid without a size", fields: { setTid: 0x10000 }, want: -EINVAL },
    { name: "set_tid_size without a pointer", fields: { setTidSize: 1 }, want: -EINVAL },
    { name: "more tids than namespaces", fields: { setTid: 0x10000, setTidSize: 2 }, want: -EINVAL },
    { name: "a set_tid pointer that faults", fields: { setTid: 8, setTidSize: 1 }, want: -EFAULT },
    { name: "a pidfd pointer that faults", fields: { flags: sched.CLONE_PIDFD, pidfd: 8 }, want: -EFAULT },
  ] as { name: string; fields?: CloneFields; size?: number; want: number }[])("clone3: $name", ({ fields = {}, size, want }) => {
    const actor = boot().actor();
    expect(clone3(actor, fields, size)).toBe(want);
    expect(actor.call(calls.SYS_WAIT4, -1, null, WNOHANG, null)).toBe(-10); // no child was left
  });

  it("clone3: bytes that the kernel does not know must be zero", () => {
    const actor = boot().actor();
    const args = actor.alloc(96);
    args.write(cloneArgs({}));
    args.setU64(88, 1);
    expect(actor.call(calls.SYS_CLONE3, args, 96)).toBe(-E2BIG);
    args.setU64(88, 0);
    expect(actor.call(calls.SYS_CLONE3, args, 96)).toBe(2);
  });

  it("clone3: struct that faults is EFAULT", () => {
    expect(boot().actor().call(calls.SYS_CLONE3, 8, 88)).toBe(-EFAULT);
  });
});

describe("what parent and child share", () => {
  it("fork copies memory, descriptors, working directory and dispositions", () => {
    const parent = boot().actor();
    const word = parent.alloc(8);
    const child = parent.fork();
    word.setU64(0, 7);
    child.close(0);
    child.must(calls.SYS_CHDIR, "/dev");
    child.must(calls.SYS_RT_SIGACTION, SIGUSR1, sigaction(SIG_IGN), null, 8);

    expect(Buffer.from(child.peek(word.address, 8)).readBigUInt64LE()).toBe(0n);
    expect(parent.call(calls.SYS_FCNTL, 0, F_GETFD)).toBe(0);
    const cwd = parent.alloc(16);
    expect(parent.call(calls.SYS_GETCWD, cwd, 16)).toBe(2);
    const old = parent.alloc(24);
    parent.must(calls.SYS_RT_SIGACTION, SIGUSR1, null, old, 8);
    expect(old.u64(0)).toBe(BigInt(SIG_DFL));
  });

  it.each([
    { name: "VM shares memory", flags: sched.CLONE_VM, shared: "memory" },
    { name: "FILES shares descriptors", flags: sched.CLONE_FILES, shared: "files" },
    { name: "FS shares the working directory", flags: sched.CLONE_FS, shared: "cwd" },
    { name: "SIGHAND shares dispositions", flags: sched.CLONE_VM | sched.CLONE_SIGHAND, shared: "handlers" },
  ])("$name", ({ flags, shared }) => {
    const test = boot();
    const parent = test.actor();
    const word = parent.alloc(8);
    const child = test.adopt(parent.must(calls.SYS_CLONE, flags | SIGCHLD, 0, 0, 0, 0), parent);
    child.poke(word.address, Buffer.from([9, 0, 0, 0, 0, 0, 0, 0]));
    child.close(0);
    child.must(calls.SYS_CHDIR, "/dev");
    child.must(calls.SYS_RT_SIGACTION, SIGUSR1, sigaction(SIG_IGN), null, 8);

    const cwd = parent.alloc(16);
    const old = parent.alloc(24);
    parent.must(calls.SYS_RT_SIGACTION, SIGUSR1, null, old, 8);
    expect({
      memory: word.u64(0) === 9n,
      files: parent.call(calls.SYS_FCNTL, 0, F_GETFD) === -EBADF,
      cwd: parent.must(calls.SYS_GETCWD, cwd, 16) > 2,
      handlers: old.u64(0) === BigInt(SIG_IGN),
    }).toEqual({
      memory: shared === "memory" || shared === "handlers",
      files: shared === "files",
      cwd: shared === "cwd",
      handlers: shared === "handlers",
    });
  });

  it("the child has the parent's mask and no pending signals", () => {
    const parent = boot().actor();
    parent.must(calls.SYS_RT_SIGPROCMASK, SIG_SETMASK, sigset(SIGUSR1, SIGUSR2), null, 8);
    parent.must(calls.SYS_KILL, parent.pid, SIGUSR1);
    const child = parent.fork();
    const set = child.alloc(8);
    child.must(calls.SYS_RT_SIGPENDING, set, 8);
    expect(set.u64(0)).toBe(0n);
    child.must(calls.SYS_RT_SIGPROCMASK, SIG_SETMASK, null, set, 8);
    expect(set.bytes()).toEqual(sigset(SIGUSR1, SIGUSR2));
  });

  it("CLEAR_SIGHAND resets handlers and keeps what is ignored", () => {
    const test = boot();
    const parent = test.actor();
    parent.must(calls.SYS_RT_SIGACTION, SIGUSR1, sigaction(HANDLER), null, 8);
    parent.must(calls.SYS_RT_SIGACTION, SIGUSR2, sigaction(SIG_IGN), null, 8);
    const child = test.adopt(clone3(parent, { flags: 1n << 32n }), parent);
    const old = child.alloc(24);
    child.must(calls.SYS_RT_SIGACTION, SIGUSR1, null, old, 8);
    expect(old.u64(0)).toBe(BigInt(SIG_DFL));
    child.must(calls.SYS_RT_SIGACTION, SIGUSR2, null, old, 8);
    expect(old.u64(0)).toBe(BigInt(SIG_IGN));
  });

  it("PARENT_SETTID and CHILD_SETTID store the tid, CHILD_CLEARTID clears it at the end", () => {
    const test = boot();
    const parent = test.actor();
    const tids = parent.u32s([1000, 1000, 1000]);
    const flags = THREAD | sched.CLONE_PARENT_SETTID | sched.CLONE_CHILD_SETTID | sched.CLONE_CHILD_CLEARTID;
    const tid = clone3(parent, { flags, parentTid: tids.address, childTid: tids.address + 4, exitSignal: 0 });
    expect([tids.u32(0), tids.u32(4), tids.u32(8)]).toEqual([tid, tid, 1000]);
    const thread = test.adopt(tid, parent);
    const waiting = parent.start(calls.SYS_FUTEX, tids.address + 4, sched.FUTEX_WAIT, tid, null, null, 0);
    expect(waiting.isBlocked).toBe(true);
    thread.start(calls.SYS_EXIT, 0);
    expect(waiting.result()).toBe(0);
    expect(tids.u32(4)).toBe(0);
  });

  it("a thread has the process's pid and a tid of its own, and is nobody's child", () => {
    const test = boot();
    const parent = test.actor();
    const thread = test.adopt(clone3(parent, { flags: THREAD, exitSignal: 0 }), parent);
    expect(thread.call(calls.SYS_GETPID)).toBe(parent.pid);
    expect(thread.call(calls.SYS_GETTID)).toBe(2);
    expect(parent.call(calls.SYS_WAIT4, -1, null, WNOHANG, null)).toBe(-10);
  });

  it("PARENT makes a sibling with the caller's exit signal", () => {
    const test = boot();
    const parent = test.actor();
    const middle = parent.fork();
    const sibling = test.adopt(middle.must(calls.SYS_CLONE, sched.CLONE_PARENT, 0, 0, 0, 0), middle);
    expect(sibling.call(calls.SYS_GETPPID)).toBe(parent.pid);
    sibling.start(calls.SYS_EXIT_GROUP, 3);
    expect(parent.wait(sibling.pid)).toBe(3 << 8);
  });
});

describe("vfork", () => {
  it("the parent sleeps until the child has gone, and only then gets its pid", () => {
    const test = boot();
    const parent = test.actor();
    const word = parent.alloc(8);
    const vfork = parent.start(calls.SYS_CLONE, VFORK, 0, 0, 0, 0);
    expect(vfork.isBlocked).toBe(true);
    const child = test.adopt(2, parent);
    child.poke(word.address, Buffer.from("shared!\0"));
    expect(vfork.isBlocked).toBe(true);
    child.start(calls.SYS_EXIT_GROUP, 0);
    expect(vfork.result()).toBe(2);
    expect(word.text()).toBe("shared!");
    expect(parent.wait(2)).toBe(0);
  });

  it.each([
    { name: "SIGKILL", signo: SIGKILL, status: SIGKILL },
    { name: "SIGTERM with its default action", signo: SIGTERM, status: SIGTERM },
  ])("$name ends the sleep while the child lives on", ({ signo, status }) => {
    const test = boot();
    const init = test.actor();
    const parent = init.fork();
    const vfork = parent.start(calls.SYS_CLONE, VFORK, 0, 0, 0, 0);
    const child = test.adopt(3, parent);
    expect(vfork.isBlocked).toBe(true);
    init.must(calls.SYS_KILL, parent.pid, signo);
    expect(init.wait(parent.pid)).toBe(status);
    expect(child.call(calls.SYS_GETPPID)).toBe(1); // the child goes on, with the memory
    child.poke(child.nextAddress, Buffer.from("x"));
    child.start(calls.SYS_EXIT_GROUP, 5);
    expect(init.wait(child.pid)).toBe(5 << 8);
  });

  it.each([
    { name: "a handled signal", signo: SIGUSR1, handler: HANDLER },
    { name: "an ignored signal", signo: SIGUSR1, handler: SIG_IGN },
    { name: "a signal that dumps core", signo: SIGQUIT, handler: SIG_DFL },
    { name: "a stop", signo: SIGSTOP, handler: undefined },
  ])("$name does not end it", ({ signo, handler }) => {
    const test = boot();
    const init = test.actor();
    const parent = init.fork();
    if (handler !== undefined) parent.must(calls.SYS_RT_SIGACTION, signo, sigaction(handler), null, 8);
    const vfork = parent.start(calls.SYS_CLONE, VFORK, 0, 0, 0, 0);
    init.must(calls.SYS_KILL, parent.pid, signo);
    expect(vfork.isBlocked).toBe(true);
    expect(parent.takeSignals()).toEqual([]);
    expect(init.call(calls.SYS_WAIT4, parent.pid, null, 2 | WNOHANG, null)).toBe(0); // neither dead nor stopped
    test.adopt(3, parent).start(calls.SYS_EXIT_GROUP, 0);
    test.settle();
    // Now the signal has its effect.
    if (handler === HANDLER) expect(parent.takeSignals()).toEqual([signo]);
    const news = init.alloc(4);
    const reported = init.call(calls.SYS_WAIT4, parent.pid, news, 2 | WNOHANG, null);
    if (signo === SIGSTOP) expect([reported, news.u32(0)]).toEqual([parent.pid, (SIGSTOP << 8) | 0x7f]);
    else if (signo === SIGQUIT) expect([reported, news.u32(0)]).toEqual([parent.pid, SIGQUIT]);
    else expect([reported, vfork.result()]).toEqual([0, 3]);
  });

  it("the parent goes on when the child has executed a program", () => {
    const test = boot({ entries: [file("/bin/sleep", sample("sleep"), 0o755)] });
    const parent = test.actor();
    const vfork = parent.start(calls.SYS_CLONE, VFORK, 0, 0, 0, 0);
    const child = test.adopt(2, parent);
    expect(child.call(calls.SYS_EXECVE, "/bin/missing", null, null)).toBe(-ENOENT);
    expect(vfork.isBlocked).toBe(true);
    child.start(calls.SYS_EXECVE, "/bin/sleep", child.strings(["sleep", "1"]), null);
    expect(vfork.result()).toBe(2);
    expect(parent.wait(2)).toBe(0);
  });

  it("only the calling thread sleeps", () => {
    const test = boot();
    const parent = test.actor();
    const thread = test.adopt(clone3(parent, { flags: THREAD, exitSignal: 0 }), parent);
    const vfork = parent.start(calls.SYS_CLONE, VFORK, 0, 0, 0, 0);
    expect(vfork.isBlocked).toBe(true);
    expect(thread.call(calls.SYS_GETPID)).toBe(1);
    thread.must(calls.SYS_KILL, 3, SIGKILL);
    expect(vfork.result()).toBe(3);
  });

  it("a sibling's exit_group ends the sleep", () => {
    const test = boot();
    const init = test.actor();
    const parent = init.fork();
    const thread = test.adopt(clone3(parent, { flags: THREAD, exitSignal: 0 }), parent);
    parent.start(calls.SYS_CLONE, VFORK, 0, 0, 0, 0);
    thread.start(calls.SYS_EXIT_GROUP, 8);
    expect(init.wait(parent.pid)).toBe(8 << 8);
  });
});

describe("pidfd", () => {
  it("is close-on-exec, and the child does not have it", () => {
    const test = boot();
    const parent = test.actor();
    const pidfd = parent.alloc(4);
    const child = test.adopt(clone3(parent, { flags: sched.CLONE_PIDFD, pidfd }), parent);
    expect(pidfd.u32(0)).toBe(3);
    expect(parent.call(calls.SYS_FCNTL, 3, F_GETFD)).toBe(FD_CLOEXEC);
    expect(child.call(calls.SYS_FCNTL, 3, F_GETFD)).toBe(-EBADF);
  });

  it("no free descriptor is EMFILE, and no child is left", () => {
    const parent = boot().actor();
    parent.must(calls.SYS_PRLIMIT64, 0, RLIMIT_NOFILE, pack("u64", 3, "u64", 4096), null);
    expect(clone3(parent, { flags: sched.CLONE_PIDFD, pidfd: parent.alloc(4) })).toBe(-EMFILE);
    expect(parent.call(calls.SYS_WAIT4, -1, null, WNOHANG, null)).toBe(-10);
  });
});

describe("limits", () => {
  it("RLIMIT_NPROC counts the tasks of the user, and root is exempt", () => {
    const parent = boot().actor();
    parent.must(calls.SYS_PRLIMIT64, 0, RLIMIT_NPROC, pack("u64", 2, "u64", 2), null);
    const user = parent.fork();
    user.must(calls.SYS_SETRESUID, 1000, 1000, 1000);
    expect(user.call(calls.SYS_CLONE, SIGCHLD, 0, 0, 0, 0)).toBe(3);
    expect(user.call(calls.SYS_CLONE, SIGCHLD, 0, 0, 0, 0)).toBe(-EAGAIN);
    parent.fork();
    parent.fork();
  });

  it.each([
    { name: "leaves the pidfd's int alone", quirks: 0, want: 77 },
    { name: "has overwritten it with the quirk stale-pidfd-value", quirks: QUIRK_STALE_PIDFD_VALUE, want: 3 },
  ])("the task limit is EAGAIN and $name", ({ quirks, want }) => {
    const parent = boot({ quirks }).actor();
    const int = parent.u32s([77]);
    let tasks = 1;
    while (parent.call(calls.SYS_CLONE, SIGCHLD, 0, 0, 0, 0) > 0) tasks++;
    expect(tasks).toBe(4096);
    expect(clone3(parent, { flags: sched.CLONE_PIDFD, pidfd: int })).toBe(-EAGAIN);
    expect(int.u32(0)).toBe(want);
    expect(parent.call(calls.SYS_FCNTL, 3, F_GETFD)).toBe(-EBADF);
  });

  it("with less memory there can be fewer tasks, which is what RLIMIT_NPROC starts with", () => {
    const parent = boot({ memoryBytes: 16 << 20 }).actor();
    const limit = parent.alloc(16);
    parent.must(calls.SYS_PRLIMIT64, 0, RLIMIT_NPROC, null, limit);
    expect(limit.u64(0)).toBe(256n);
    let tasks = 1;
    while (parent.call(calls.SYS_CLONE, SIGCHLD, 0, 0, 0, 0) > 0) tasks++;
    expect(tasks).toBe(256);
    expect(parent.call(calls.SYS_CLONE, SIGCHLD, 0, 0, 0, 0)).toBe(-EAGAIN);
  });

  it("set_tid chooses a free pid, and needs the right to", () => {
    const parent = boot().actor();
    const wanted = parent.u32s([500]);
    expect(clone3(parent, { setTid: wanted, setTidSize: 1 })).toBe(500);
    expect(clone3(parent, { setTid: wanted, setTidSize: 1 })).toBe(-EEXIST);
    wanted.setU32(0, 0);
    expect(clone3(parent, { setTid: wanted, setTidSize: 1 })).toBe(-EINVAL);
    wanted.setU32(0, 501);
    parent.must(calls.SYS_SETRESUID, 1000, 1000, 1000);
    expect(clone3(parent, { setTid: wanted, setTidSize: 1 })).toBe(-EPERM);
  });
});

describe("unshare", () => {
  it("FILES and FS end the sharing", () => {
    const test = boot();
    const parent = test.actor();
    const child = test.adopt(parent.must(calls.SYS_CLONE, sched.CLONE_FILES | sched.CLONE_FS | SIGCHLD, 0, 0, 0, 0), parent);
    child.must(calls.SYS_UNSHARE, sched.CLONE_FILES | sched.CLONE_FS);
    child.close(0);
    child.must(calls.SYS_CHDIR, "/dev");
    expect(parent.call(calls.SYS_FCNTL, 0, F_GETFD)).toBe(0);
    expect(parent.must(calls.SYS_GETCWD, parent.alloc(16), 16)).toBe(2);
  });

  it.each([
    { name: "an unknown flag", flags: 1, want: -EINVAL },
    { name: "THREAD without threads", flags: sched.CLONE_THREAD, want: 0 },
    { name: "a mount namespace", flags: sched.CLONE_NEWNS, want: 0 },
    { name: "a network namespace, which does not exist", flags: sched.CLONE_NEWNET, want: -EINVAL },
  ])("$name: $want", ({ flags, want }) => {
    expect(boot().actor().call(calls.SYS_UNSHARE, flags)).toBe(want);
  });

  it("a mount namespace needs a privilege", () => {
    const actor = boot().actor();
    actor.must(calls.SYS_SETRESUID, 1000, 1000, 1000);
    expect(actor.call(calls.SYS_UNSHARE, sched.CLONE_NEWNS)).toBe(-EPERM);
  });
});

it("kill of a pid that never was is ESRCH, before and after it is reaped", () => {
  const parent = boot().actor();
  expect(parent.call(calls.SYS_KILL, 2, 0)).toBe(-ESRCH);
  const child = parent.fork();
  expect(parent.call(calls.SYS_KILL, 2, 0)).toBe(0);
  child.start(calls.SYS_EXIT_GROUP, 0);
  expect(parent.call(calls.SYS_KILL, 2, 0)).toBe(0); // a zombie
  parent.wait(2);
  expect(parent.call(calls.SYS_KILL, 2, 0)).toBe(-ESRCH);
});
