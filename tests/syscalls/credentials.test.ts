// SPDX-License-Identifier: MIT
// User and group ids, capabilities, and which calls replace the credential object (only a template's creator shows that).

import { describe, expect, it } from "vitest";
import { EACCES, EFAULT, EINVAL, EPERM, ESRCH } from "../../kernel/abi/errno.ts";
import { O_CREAT, O_WRONLY } from "../../kernel/abi/fcntl.ts";
import * as prctl from "../../kernel/abi/prctl.ts";
import { CLONE_FILES, CLONE_FS, CLONE_NEWNS, CLONE_NEWUSER } from "../../kernel/abi/sched.ts";
import { SYS_SPAWN_TEMPLATE_CREATE, SYS_SPAWN_TEMPLATE_SPAWN } from "../../kernel/abi/spawn-template.ts";
import * as calls from "../../kernel/abi/syscalls.ts";
import { file } from "../../host/core/image.ts";
import type { TestActor } from "../support/actor.ts";
import { boot } from "../support/boot.ts";
import { sample } from "../support/program.ts";
import { createArgs, pack, spawnArgs } from "../support/structs.ts";

const KEEP = 0xffffffff;

function users(actor: TestActor): number[] {
  const ids = actor.alloc(12);
  actor.must(calls.SYS_GETRESUID, ids.address, ids.address + 4, ids.address + 8);
  return [ids.u32(0), ids.u32(4), ids.u32(8), actor.call(calls.SYS_SETFSUID, KEEP)];
}

function groups(actor: TestActor): number[] {
  const ids = actor.alloc(12);
  actor.must(calls.SYS_GETRESGID, ids.address, ids.address + 4, ids.address + 8);
  return [ids.u32(0), ids.u32(4), ids.u32(8), actor.call(calls.SYS_SETFSGID, KEEP)];
}

/** [effective, permitted, inheritable] */
function capabilities(actor: TestActor): bigint[] {
  const data = actor.alloc(24);
  actor.must(calls.SYS_CAPGET, pack("u32", 0x20080522, "s32", 0), data);
  return [0, 4, 8].map((at) => BigInt(data.u32(at)) | (BigInt(data.u32(at + 12)) << 32n));
}

describe("as root", () => {
  it.each([
    { call: "setuid", number: calls.SYS_SETUID, args: [5], want: [5, 5, 5, 5] },
    { call: "setreuid", number: calls.SYS_SETREUID, args: [5, 6], want: [5, 6, 6, 6] },
    { call: "setreuid of the effective id alone", number: calls.SYS_SETREUID, args: [KEEP, 6], want: [0, 6, 6, 6] },
    { call: "setresuid", number: calls.SYS_SETRESUID, args: [5, 6, 7], want: [5, 6, 7, 6] },
    { call: "setresuid of the saved id alone", number: calls.SYS_SETRESUID, args: [KEEP, KEEP, 7], want: [0, 0, 7, 0] },
  ])("$call: $want", ({ number, args, want }) => {
    const actor = boot().actor();
    expect(actor.call(number, ...args)).toBe(0);
    expect(users(actor)).toEqual(want);
  });

  it.each([
    { call: "setgid", number: calls.SYS_SETGID, args: [5], want: [5, 5, 5, 5] },
    { call: "setregid", number: calls.SYS_SETREGID, args: [5, 6], want: [5, 6, 6, 6] },
    { call: "setresgid", number: calls.SYS_SETRESGID, args: [5, 6, 7], want: [5, 6, 7, 6] },
  ])("$call: $want", ({ number, args, want }) => {
    const actor = boot().actor();
    expect(actor.call(number, ...args)).toBe(0);
    expect(groups(actor)).toEqual(want);
  });
});

describe("as a user with ids 5, 6, 7", () => {
  it.each([
    { call: "setuid to the saved id", number: calls.SYS_SETUID, args: [7], want: 0, after: [5, 7, 7, 7] },
    { call: "setuid to the effective id", number: calls.SYS_SETUID, args: [6], want: -EPERM },
    { call: "setuid(-1)", number: calls.SYS_SETUID, args: [KEEP], want: -EINVAL },
    { call: "setreuid of the real id to the saved one", number: calls.SYS_SETREUID, args: [7, KEEP], want: -EPERM },
    { call: "setreuid that swaps", number: calls.SYS_SETREUID, args: [6, 5], want: 0, after: [6, 5, 5, 5] },
    { call: "setresuid to any of them", number: calls.SYS_SETRESUID, args: [7, 5, 6], want: 0, after: [7, 5, 6, 5] },
    { call: "setresuid to another", number: calls.SYS_SETRESUID, args: [KEEP, KEEP, 8], want: -EPERM },
    { call: "setgroups", number: calls.SYS_SETGROUPS, args: [0, null], want: -EPERM },
  ])("$call: $want", ({ number, args, want, after }) => {
    const actor = boot().actor();
    actor.must(calls.SYS_SETRESUID, 5, 6, 7);
    expect(actor.call(number, ...args)).toBe(want);
    if (after) expect(users(actor).slice(0, 2)).toEqual(after.slice(0, 2));
  });

  it("setfsuid takes what is one's own, and always says what it was", () => {
    const actor = boot().actor();
    actor.must(calls.SYS_SETRESUID, 5, 6, 7);
    expect([7, 9, KEEP].map((uid) => actor.call(calls.SYS_SETFSUID, uid))).toEqual([6, 7, 7]);
  });
});

describe("supplementary groups", () => {
  it("are kept sorted, and counted", () => {
    const actor = boot().actor();
    expect(actor.call(calls.SYS_SETGROUPS, 3, actor.u32s([30, 10, 20]))).toBe(0);
    expect(actor.call(calls.SYS_GETGROUPS, 0, null)).toBe(3);
    const list = actor.alloc(12);
    expect(actor.call(calls.SYS_GETGROUPS, 3, list)).toBe(3);
    expect([0, 4, 8].map((at) => list.u32(at))).toEqual([10, 20, 30]);
    expect(actor.call(calls.SYS_GETGROUPS, 2, list)).toBe(-EINVAL);
    expect(actor.call(calls.SYS_GETGROUPS, -1, list)).toBe(-EINVAL);
    expect(actor.call(calls.SYS_GETGROUPS, 3, 8)).toBe(-EFAULT);
    expect(actor.call(calls.SYS_SETGROUPS, 2, 8)).toBe(-EFAULT);
    expect(actor.call(calls.SYS_SETGROUPS, 1 << 20, list)).toBe(-EINVAL);
  });
});

describe("capabilities", () => {
  const FULL = (1n << 41n) - 1n;

  it.each([
    { name: "leaving root for good drops them", act: (a: TestActor) => a.must(calls.SYS_SETUID, 5), want: [0n, 0n, 0n] },
    { name: "an effective id that is not root's drops the effective ones", act: (a: TestActor) => a.must(calls.SYS_SETRESUID, KEEP, 5, KEEP), want: [0n, FULL, 0n] },
    {
      name: "PR_SET_KEEPCAPS keeps the permitted ones",
      act: (a: TestActor) => (a.must(calls.SYS_PRCTL, prctl.PR_SET_KEEPCAPS, 1), a.must(calls.SYS_SETUID, 5)),
      want: [0n, FULL, 0n],
    },
    {
      name: "SECBIT_NO_SETUID_FIXUP keeps all",
      act: (a: TestActor) => (a.must(calls.SYS_PRCTL, prctl.PR_SET_SECUREBITS, prctl.SECBIT_NO_SETUID_FIXUP), a.must(calls.SYS_SETUID, 5)),
      want: [FULL, FULL, 0n],
    },
  ])("$name", ({ act, want }) => {
    const actor = boot().actor();
    act(actor);
    expect(capabilities(actor)).toEqual(want);
  });

  const set = (effective: number, permitted: number, inheritable: number) =>
    pack("u32", effective, "u32", permitted, "u32", inheritable, "u32", 0, "u32", 0, "u32", 0);
  const HEADER = pack("u32", 0x20080522, "s32", 0);

  it.each([
    { name: "an unknown version", args: [pack("u32", 1, "s32", 0), set(0, 0, 0)], want: -EINVAL },
    { name: "another process", args: [pack("u32", 0x20080522, "s32", 77), set(0, 0, 0)], want: -EPERM },
    { name: "effective beyond permitted", args: [HEADER, set(3, 1, 0)], want: -EPERM },
    { name: "fewer", args: [HEADER, set(1, 3, 2)], want: 0 },
    { name: "data that fault", args: [HEADER, 8], want: -EFAULT },
  ])("capset, $name: $want", ({ args, want }) => {
    const actor = boot().actor();
    expect(actor.call(calls.SYS_CAPSET, ...args)).toBe(want);
    if (want === 0) expect(capabilities(actor)).toEqual([1n, 3n, 2n]);
  });

  it("what is given up does not come back", () => {
    const actor = boot().actor();
    actor.must(calls.SYS_CAPSET, HEADER, set(1, 1, 0));
    expect(actor.call(calls.SYS_CAPSET, HEADER, set(3, 3, 0))).toBe(-EPERM);
  });

  it("capget of an unknown version says which one it knows", () => {
    const actor = boot().actor();
    const header = actor.bytes(pack("u32", 1, "s32", 0));
    expect(actor.call(calls.SYS_CAPGET, header, actor.alloc(24))).toBe(-EINVAL);
    expect(header.u32(0)).toBe(0x20080522);
    header.setU32(0, 1);
    expect(actor.call(calls.SYS_CAPGET, header, null)).toBe(0);
    expect(actor.call(calls.SYS_CAPGET, pack("u32", 0x20080522, "s32", 99), actor.alloc(24))).toBe(-ESRCH);
  });
});

describe("the credential object", () => {
  /** Whether a template made before `act` can still be spawned from. */
  function keepsAuthority(act: (actor: TestActor) => void): boolean {
    const actor = boot({ entries: [file("/bin/true", sample("true"), 0o755)] }).actor();
    const template = actor.must(SYS_SPAWN_TEMPLATE_CREATE, createArgs({ filename: actor.str("/bin/true") }), 72);
    act(actor);
    const result = actor.call(SYS_SPAWN_TEMPLATE_SPAWN, template, spawnArgs({ pidfd: actor.alloc(4) }), 80);
    if (result < 0 && result !== -EACCES) throw new Error(`unexpected ${result}`);
    return result > 0;
  }

  it.each([
    { name: "setuid to the same id", act: (a: TestActor) => a.must(calls.SYS_SETUID, 0), keeps: false },
    { name: "setgid to the same id", act: (a: TestActor) => a.must(calls.SYS_SETGID, 0), keeps: false },
    { name: "setreuid to the same ids", act: (a: TestActor) => a.must(calls.SYS_SETREUID, 0, 0), keeps: false },
    { name: "setregid(-1, -1)", act: (a: TestActor) => a.must(calls.SYS_SETREGID, KEEP, KEEP), keeps: false },
    { name: "setgroups", act: (a: TestActor) => a.must(calls.SYS_SETGROUPS, 0, null), keeps: false },
    { name: "capset", act: (a: TestActor) => a.must(calls.SYS_CAPSET, pack("u32", 0x20080522, "s32", 0), pack("u32", ~0, "u32", ~0, "u32", 0, "u32", 511, "u32", 511, "u32", 0)), keeps: false },
    { name: "PR_SET_KEEPCAPS", act: (a: TestActor) => a.must(calls.SYS_PRCTL, prctl.PR_SET_KEEPCAPS, 0), keeps: false },
    { name: "PR_SET_SECUREBITS", act: (a: TestActor) => a.must(calls.SYS_PRCTL, prctl.PR_SET_SECUREBITS, 0), keeps: false },
    { name: "PR_CAPBSET_DROP", act: (a: TestActor) => a.must(calls.SYS_PRCTL, prctl.PR_CAPBSET_DROP, 40), keeps: false },
    { name: "PR_CAP_AMBIENT", act: (a: TestActor) => a.must(calls.SYS_PRCTL, prctl.PR_CAP_AMBIENT, prctl.PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0), keeps: false },
    { name: "unshare(CLONE_NEWUSER)", act: (a: TestActor) => a.must(calls.SYS_UNSHARE, CLONE_NEWUSER), keeps: false },
    { name: "setresuid that changes nothing", act: (a: TestActor) => a.must(calls.SYS_SETRESUID, 0, KEEP, 0), keeps: true },
    { name: "setresgid that changes nothing", act: (a: TestActor) => a.must(calls.SYS_SETRESGID, KEEP, 0, KEEP), keeps: true },
    { name: "setfsuid that changes nothing", act: (a: TestActor) => a.must(calls.SYS_SETFSUID, 0), keeps: true },
    { name: "setfsgid that changes nothing", act: (a: TestActor) => a.must(calls.SYS_SETFSGID, 0), keeps: true },
    { name: "no_new_privs", act: (a: TestActor) => a.must(calls.SYS_PRCTL, prctl.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), keeps: true },
    { name: "unshare of fs, files and mounts", act: (a: TestActor) => a.must(calls.SYS_UNSHARE, CLONE_FS | CLONE_FILES | CLONE_NEWNS), keeps: true },
  ])("$name keeps it: $keeps", ({ act, keeps }) => {
    expect(keepsAuthority(act)).toBe(keeps);
  });

  it("a user's file belongs to the file system ids", () => {
    const actor = boot().actor();
    actor.must(calls.SYS_SETFSUID, 5);
    expect(actor.call(calls.SYS_OPENAT, -100, "/owned", O_CREAT | O_WRONLY, 0o600)).toBe(-EACCES); // root's directory
  });
});
