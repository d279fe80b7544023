// SPDX-License-Identifier: MIT
// Process groups and sessions (setpgid(2), setsid(2)), and the ids that a process is asked for.

import { describe, expect, it } from "vitest";
import { EINVAL, EPERM, ESRCH } from "../../kernel/abi/errno.ts";
import * as calls from "../../kernel/abi/syscalls.ts";
import { boot } from "../support/boot.ts";

it("the first process is its own group and session, and has no parent", () => {
  const actor = boot().actor();
  const ids = [calls.SYS_GETPID, calls.SYS_GETTID, calls.SYS_GETPPID, calls.SYS_GETUID, calls.SYS_GETEUID, calls.SYS_GETGID, calls.SYS_GETEGID];
  expect(ids.map((call) => actor.call(call))).toEqual([1, 1, 0, 0, 0, 0, 0]);
  expect([actor.call(calls.SYS_GETPGID, 0), actor.call(calls.SYS_GETSID, 0)]).toEqual([1, 1]);
});

it("a child is in its parent's group and session", () => {
  const child = boot().actor().fork();
  const of = (pid: number) => [child.call(calls.SYS_GETPGID, pid), child.call(calls.SYS_GETSID, pid)];
  expect([child.call(calls.SYS_GETPPID), ...of(0), ...of(1)]).toEqual([1, 1, 1, 1, 1]);
  expect(of(99)).toEqual([-ESRCH, -ESRCH]);
});

describe("setpgid", () => {
  it("makes a group, joins one of the same session, and of a child", () => {
    const init = boot().actor();
    const [a, b] = [init.fork(), init.fork()];
    expect(init.call(calls.SYS_SETPGID, a.pid, 0)).toBe(0);
    expect(b.call(calls.SYS_SETPGID, 0, a.pid)).toBe(0);
    expect([a, b].map((actor) => actor.call(calls.SYS_GETPGID, 0))).toEqual([a.pid, a.pid]);
  });

  it.each([
    { name: "a negative group", args: () => [0, -1], want: -EINVAL },
    { name: "nobody", args: () => [99, 0], want: -ESRCH },
    { name: "one's parent", args: () => [1, 0], want: -ESRCH },
    { name: "a group that does not exist", args: () => [0, 99], want: -EPERM },
  ])("$name: $want", ({ args, want }) => {
    expect(boot().actor().fork().call(calls.SYS_SETPGID, ...args())).toBe(want);
  });

  it("a session leader stays, and so does a child in another session", () => {
    const init = boot().actor();
    const child = init.fork();
    child.must(calls.SYS_SETSID);
    expect(child.call(calls.SYS_SETPGID, 0, 0)).toBe(-EPERM);
    expect(init.call(calls.SYS_SETPGID, child.pid, 0)).toBe(-EPERM);
    const other = init.fork();
    expect(other.call(calls.SYS_SETPGID, 0, child.pid)).toBe(-EPERM); // a group of another session
  });
});

describe("setsid", () => {
  it("makes a session and a group with the caller's pid", () => {
    const child = boot().actor().fork();
    expect(child.call(calls.SYS_SETSID)).toBe(child.pid);
    expect([child.call(calls.SYS_GETSID, 0), child.call(calls.SYS_GETPGID, 0)]).toEqual([child.pid, child.pid]);
  });

  it("a group leader is EPERM, and so is who has left a group with its number behind", () => {
    const init = boot().actor();
    expect(init.call(calls.SYS_SETSID)).toBe(-EPERM);
    const [founder, member] = [init.fork(), init.fork()];
    founder.must(calls.SYS_SETPGID, 0, 0);
    expect(founder.call(calls.SYS_SETSID)).toBe(-EPERM);
    member.must(calls.SYS_SETPGID, 0, founder.pid);
    founder.must(calls.SYS_SETPGID, 0, 1);
    expect(founder.call(calls.SYS_SETSID)).toBe(-EPERM);
  });
});

it("a number is not given out again while a group has it", () => {
  const init = boot().actor();
  const [founder, member] = [init.fork(), init.fork()];
  founder.must(calls.SYS_SETPGID, 0, 0);
  member.must(calls.SYS_SETPGID, 0, founder.pid);
  founder.start(calls.SYS_EXIT_GROUP, 0);
  init.wait(founder.pid);
  expect(member.call(calls.SYS_GETPGID, 0)).toBe(founder.pid);
  expect(init.call(calls.SYS_KILL, -founder.pid, 0)).toBe(0);
  member.start(calls.SYS_EXIT_GROUP, 0);
  init.wait(member.pid);
  expect(init.call(calls.SYS_KILL, -founder.pid, 0)).toBe(-ESRCH);
});
