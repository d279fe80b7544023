// SPDX-License-Identifier: MIT
// Limits, usage, priorities, affinity, and what the machine says about itself.

import { describe, expect, it } from "vitest";
import { EACCES, EFAULT, EINVAL, EPERM, ESRCH } from "../../kernel/abi/errno.ts";
import { RLIMIT_CORE, RLIMIT_NOFILE, RLIMIT_STACK, RUSAGE_CHILDREN, RUSAGE_SELF } from "../../kernel/abi/resource.ts";
import { PRIO_PGRP, PRIO_PROCESS, PRIO_USER, SCHED_FIFO } from "../../kernel/abi/sched.ts";
import * as calls from "../../kernel/abi/syscalls.ts";
import type { TestActor } from "../support/actor.ts";
import { boot } from "../support/boot.ts";
import { pack } from "../support/structs.ts";

function limitOf(actor: TestActor, resource: number, pid = 0): bigint[] {
  const limit = actor.alloc(16);
  actor.must(calls.SYS_PRLIMIT64, pid, resource, null, limit);
  return [limit.u64(0), limit.u64(8)];
}

describe("limits", () => {
  it("start as Linux's do", () => {
    const actor = boot().actor();
    const infinity = (1n << 64n) - 1n;
    expect(limitOf(actor, RLIMIT_STACK)).toEqual([8n << 20n, infinity]);
    expect(limitOf(actor, RLIMIT_CORE)).toEqual([0n, infinity]);
    expect(limitOf(actor, RLIMIT_NOFILE)).toEqual([1024n, 4096n]);
  });

  it("belong to one process: a child's change does not reach its parent", () => {
    const parent = boot().actor();
    const child = parent.fork();
    child.must(calls.SYS_SETRLIMIT, RLIMIT_NOFILE, pack("u64", 10, "u64", 20));
    expect(limitOf(parent, RLIMIT_NOFILE)).toEqual([1024n, 4096n]);
    expect(limitOf(parent, RLIMIT_NOFILE, child.pid)).toEqual([10n, 20n]);
  });

  it.each([
    { name: "no such resource", args: [0, 16, null, null], want: -EINVAL },
    { name: "nobody", args: [99, 0, null, null], want: -ESRCH },
    { name: "a new limit that faults", args: [0, 0, 8, null], want: -EFAULT },
    { name: "soft above hard", args: [0, RLIMIT_NOFILE, pack("u64", 2, "u64", 1), null], want: -EINVAL },
    { name: "more descriptors than anybody may have", args: [0, RLIMIT_NOFILE, pack("u64", 1, "u64", 1 << 21), null], want: -EPERM },
  ])("$name: $want", ({ args, want }) => {
    expect(boot().actor().call(calls.SYS_PRLIMIT64, ...args)).toBe(want);
  });

  it("a user can lower the hard limit and not raise it, nor look at others", () => {
    const init = boot().actor();
    const user = init.fork();
    user.must(calls.SYS_SETRESUID, 5, 5, 5);
    expect(user.call(calls.SYS_SETRLIMIT, RLIMIT_NOFILE, pack("u64", 50, "u64", 100))).toBe(0);
    expect(user.call(calls.SYS_SETRLIMIT, RLIMIT_NOFILE, pack("u64", 50, "u64", 101))).toBe(-EPERM);
    expect(user.call(calls.SYS_PRLIMIT64, 1, RLIMIT_NOFILE, null, null)).toBe(-EPERM);
  });
});

describe("usage", () => {
  it("children count once they were waited for", () => {
    const parent = boot().actor();
    const usage = parent.alloc(144);
    const micros = (who: number) => {
      parent.must(calls.SYS_GETRUSAGE, who, usage);
      return usage.s64(0) * 1_000_000n + usage.s64(8) + usage.s64(16) * 1_000_000n + usage.s64(24);
    };
    const child = parent.fork();
    for (let i = 0; i < 1000; i++) child.call(calls.SYS_GETPID);
    child.start(calls.SYS_EXIT_GROUP, 0);
    expect(micros(RUSAGE_CHILDREN)).toBe(0n);
    parent.wait(child.pid);
    expect(micros(RUSAGE_CHILDREN)).toBeGreaterThanOrEqual(100n); // 1000 calls of 100 ns
    expect(micros(RUSAGE_SELF)).toBeLessThan(100n);
    expect(parent.call(calls.SYS_GETRUSAGE, 5, usage)).toBe(-EINVAL);
    expect(parent.call(calls.SYS_GETRUSAGE, RUSAGE_SELF, 8)).toBe(-EFAULT);
  });
});

describe("priorities", () => {
  it("of a process, a group and a user: the best one counts", () => {
    const init = boot().actor();
    const child = init.fork();
    expect(child.call(calls.SYS_SETPRIORITY, PRIO_PROCESS, 0, 5)).toBe(0);
    expect(child.call(calls.SYS_GETPRIORITY, PRIO_PROCESS, 0)).toBe(15);
    expect(init.call(calls.SYS_GETPRIORITY, PRIO_PGRP, 0)).toBe(20);
    expect(init.call(calls.SYS_SETPRIORITY, PRIO_USER, 0, 50)).toBe(0);
    expect(init.call(calls.SYS_GETPRIORITY, PRIO_USER, 0)).toBe(1);
    expect(init.call(calls.SYS_GETPRIORITY, 9, 0)).toBe(-EINVAL);
    expect(init.call(calls.SYS_GETPRIORITY, PRIO_PROCESS, 99)).toBe(-ESRCH);
  });

  it("a user may only be nicer, and only to itself", () => {
    const init = boot().actor();
    const user = init.fork();
    user.must(calls.SYS_SETRESUID, 5, 5, 5);
    expect(user.call(calls.SYS_SETPRIORITY, PRIO_PROCESS, 0, 3)).toBe(0);
    expect(user.call(calls.SYS_SETPRIORITY, PRIO_PROCESS, 0, 2)).toBe(-EACCES);
    expect(user.call(calls.SYS_SETPRIORITY, PRIO_PROCESS, 1, 3)).toBe(-EPERM);
  });
});

describe("scheduling", () => {
  it("one processor", () => {
    const actor = boot().actor();
    const mask = actor.alloc(128);
    expect(actor.call(calls.SYS_SCHED_GETAFFINITY, 0, 128, mask)).toBe(8);
    expect(mask.u64(0)).toBe(1n);
    expect(actor.call(calls.SYS_SCHED_GETAFFINITY, 0, 7, mask)).toBe(-EINVAL);
    expect(actor.call(calls.SYS_SCHED_SETAFFINITY, 0, 8, pack("u64", 3))).toBe(0);
    expect(actor.call(calls.SYS_SCHED_SETAFFINITY, 0, 8, pack("u64", 2))).toBe(-EINVAL);
  });

  it("one policy", () => {
    const actor = boot().actor();
    expect(actor.call(calls.SYS_SCHED_GETSCHEDULER, 0)).toBe(0);
    expect(actor.call(calls.SYS_SCHED_SETSCHEDULER, 0, SCHED_FIFO, pack("s32", 1))).toBe(-EPERM);
    expect(actor.call(calls.SYS_SCHED_SETSCHEDULER, 0, 0, pack("s32", 0))).toBe(0);
    expect(actor.call(calls.SYS_SCHED_YIELD)).toBe(0);
  });
});

describe("the machine", () => {
  it("uname is Linux on riscv64", () => {
    const actor = boot().actor();
    const name = actor.alloc(390);
    actor.must(calls.SYS_UNAME, name);
    expect(name.text(0)).toBe("Linux");
    expect(name.text(130)).toMatch(/^6\.12.*spawnlab/);
    expect(name.text(260)).toBe("riscv64");
    expect(actor.call(calls.SYS_UNAME, 8)).toBe(-EFAULT);
  });

  it("sysinfo knows memory and processes", () => {
    const actor = boot({ memoryBytes: 64 << 20 }).actor();
    actor.fork();
    const info = actor.alloc(112);
    actor.must(calls.SYS_SYSINFO, info);
    expect([Number(info.u64(32)) * info.u32(104), info.u16(80)]).toEqual([64 << 20, 2]);
    expect(info.u64(40)).toBeLessThan(info.u64(32));
  });

  it("getrandom fills, and repeats with the seed", () => {
    const bytes = (seed: number) => {
      const actor = boot({ seed }).actor();
      const buffer = actor.alloc(1000);
      expect(actor.call(calls.SYS_GETRANDOM, buffer, 1000, 0)).toBe(1000);
      return buffer.bytes().toString("hex");
    };
    expect(bytes(1)).toBe(bytes(1));
    expect(bytes(1)).not.toBe(bytes(2));
  });

  it.each([
    { name: "unknown flags", args: [0x10000, 8, 8], want: -EINVAL },
    { name: "GRND_RANDOM with GRND_INSECURE", args: [0x10000, 8, 6], want: -EINVAL },
    { name: "a buffer that faults", args: [8, 8, 0], want: -EFAULT },
    { name: "nothing", args: [8, 0, 0], want: 0 },
  ])("getrandom, $name: $want", ({ args, want }) => {
    expect(boot().actor().call(calls.SYS_GETRANDOM, ...args)).toBe(want);
  });

  it("getrandom stops at the end of a mapping", () => {
    const actor = boot().actor();
    expect(actor.call(calls.SYS_GETRANDOM, actor.allocAtEnd(100), 5000, 0)).toBe(100);
  });

  it("riscv_hwprobe answers the keys it knows, and -1 for others", () => {
    const actor = boot().actor();
    const pairs = actor.bytes(pack("s64", 3, "u64", 0, "s64", 4, "u64", 0, "s64", 1000, "u64", 7));
    expect(actor.call(calls.SYS_RISCV_HWPROBE, pairs, 3, 0, null, 0)).toBe(0);
    expect([pairs.u64(8), pairs.u64(24), pairs.s64(32), pairs.u64(40)]).toEqual([1n, 3n, -1n, 0n]);
    expect(actor.call(calls.SYS_RISCV_HWPROBE, pairs, 3, 0, null, 8)).toBe(-EINVAL);
  });
});
