// SPDX-License-Identifier: MIT
// prctl(2): names, death signals, privileges that can only be given up, the capability sets.

import { describe, expect, it } from "vitest";
import { EFAULT, EINVAL, EPERM } from "../../kernel/abi/errno.ts";
import * as pr from "../../kernel/abi/prctl.ts";
import * as calls from "../../kernel/abi/syscalls.ts";
import type { TestActor } from "../support/actor.ts";
import { boot } from "../support/boot.ts";
import { pack } from "../support/structs.ts";

function prctl(actor: TestActor, option: number, ...args: (number | null)[]): number {
  return actor.call(calls.SYS_PRCTL, option, ...args, ...[0, 0, 0, 0].slice(args.length));
}

describe("what is refused", () => {
  it.each([
    { name: "an unknown option", args: [9999], want: -EINVAL },
    { name: "a death signal above 64", args: [pr.PR_SET_PDEATHSIG, 65], want: -EINVAL },
    { name: "dumpable 2", args: [pr.PR_SET_DUMPABLE, 2], want: -EINVAL },
    { name: "no_new_privs 0", args: [pr.PR_SET_NO_NEW_PRIVS, 0], want: -EINVAL },
    { name: "no_new_privs with a third argument", args: [pr.PR_SET_NO_NEW_PRIVS, 1, 1], want: -EINVAL },
    { name: "keepcaps 2", args: [pr.PR_SET_KEEPCAPS, 2], want: -EINVAL },
    { name: "a capability that does not exist", args: [pr.PR_CAPBSET_READ, 41], want: -EINVAL },
    { name: "securebits that do not exist", args: [pr.PR_SET_SECUREBITS, 0x100], want: -EPERM },
    { name: "an ambient capability that is not inheritable", args: [pr.PR_CAP_AMBIENT, pr.PR_CAP_AMBIENT_RAISE, 0], want: -EPERM },
    { name: "a name that faults", args: [pr.PR_SET_NAME, 8], want: -EFAULT },
  ])("$name: $want", ({ args, want }) => {
    expect(prctl(boot().actor(), ...(args as [number]))).toBe(want);
  });
});

it("a name is cut to 15 bytes, per thread", () => {
  const actor = boot().actor();
  actor.must(calls.SYS_PRCTL, pr.PR_SET_NAME, "a name that is too long");
  const name = actor.alloc(16);
  actor.must(calls.SYS_PRCTL, pr.PR_GET_NAME, name);
  expect(name.text()).toBe("a name that is ");
  const child = actor.fork();
  child.must(calls.SYS_PRCTL, pr.PR_SET_NAME, child.str("x"));
  actor.must(calls.SYS_PRCTL, pr.PR_GET_NAME, name);
  expect(name.text()).toBe("a name that is ");
});

it("the death signal is not inherited, no_new_privs is", () => {
  const actor = boot().actor();
  prctl(actor, pr.PR_SET_PDEATHSIG, 15);
  prctl(actor, pr.PR_SET_NO_NEW_PRIVS, 1);
  const child = actor.fork();
  const deathSignal = (of: TestActor) => {
    const value = of.alloc(4);
    of.must(calls.SYS_PRCTL, pr.PR_GET_PDEATHSIG, value);
    return value.u32(0);
  };
  expect([deathSignal(actor), deathSignal(child)]).toEqual([15, 0]);
  expect(prctl(child, pr.PR_GET_NO_NEW_PRIVS)).toBe(1);
});

it("dumpable is one's own choice until the effective ids change", () => {
  const actor = boot().actor();
  expect(prctl(actor, pr.PR_GET_DUMPABLE)).toBe(1);
  actor.must(calls.SYS_SETRESUID, 5, 5, 5);
  expect(prctl(actor, pr.PR_GET_DUMPABLE)).toBe(0);
  prctl(actor, pr.PR_SET_DUMPABLE, 1);
  expect(prctl(actor, pr.PR_GET_DUMPABLE)).toBe(1);
});

it("timer slack: 50 us, what was set, and back with 0", () => {
  const actor = boot().actor();
  const slack = () => prctl(actor, pr.PR_GET_TIMERSLACK);
  const values = [slack()];
  for (const ns of [1000, 0]) {
    prctl(actor, pr.PR_SET_TIMERSLACK, ns);
    values.push(slack());
  }
  expect(values).toEqual([50_000, 1000, 50_000]);
});

describe("capability sets", () => {
  it("the bounding set only shrinks", () => {
    const actor = boot().actor();
    expect(prctl(actor, pr.PR_CAPBSET_READ, pr.CAP_KILL)).toBe(1);
    expect(prctl(actor, pr.PR_CAPBSET_DROP, pr.CAP_KILL)).toBe(0);
    expect(prctl(actor, pr.PR_CAPBSET_READ, pr.CAP_KILL)).toBe(0);
    actor.must(calls.SYS_SETRESUID, 5, 5, 5);
    expect(prctl(actor, pr.PR_CAPBSET_DROP, pr.CAP_CHOWN)).toBe(-EPERM);
  });

  it("an inheritable capability can be made ambient, and given up with it", () => {
    const actor = boot().actor();
    const header = pack("u32", 0x20080522, "s32", 0);
    actor.must(calls.SYS_CAPSET, header, pack("u32", ~0, "u32", ~0, "u32", 1, "u32", 511, "u32", 511, "u32", 0));
    const isSet = () => prctl(actor, pr.PR_CAP_AMBIENT, pr.PR_CAP_AMBIENT_IS_SET, 0);
    expect(prctl(actor, pr.PR_CAP_AMBIENT, pr.PR_CAP_AMBIENT_RAISE, 0)).toBe(0);
    expect(isSet()).toBe(1);
    actor.must(calls.SYS_CAPSET, header, pack("u32", ~0, "u32", ~0, "u32", 0, "u32", 511, "u32", 511, "u32", 0));
    expect(isSet()).toBe(0);
  });

  it("a locked secure bit stays", () => {
    const actor = boot().actor();
    const locked = pr.SECBIT_KEEP_CAPS | pr.SECBIT_KEEP_CAPS_LOCKED;
    expect(prctl(actor, pr.PR_SET_SECUREBITS, locked)).toBe(0);
    expect(prctl(actor, pr.PR_SET_KEEPCAPS, 0)).toBe(-EPERM);
    expect(prctl(actor, pr.PR_SET_SECUREBITS, 0)).toBe(-EPERM);
    expect(prctl(actor, pr.PR_GET_SECUREBITS)).toBe(locked);
  });
});
