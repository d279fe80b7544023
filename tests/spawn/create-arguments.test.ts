// SPDX-License-Identifier: MIT
// spawn_template_create: what it refuses, in which order. One row per rule, in every profile. Which files it takes is in
// create-files.test.ts.

import { describe, expect, it } from "vitest";
import { file } from "../../host/core/image.ts";
import { E2BIG, EBADF, EFAULT, EINVAL, EMFILE, ENOENT } from "../../kernel/abi/errno.ts";
import { AT_FDCWD, F_GETFD, FD_CLOEXEC, O_PATH, O_RDONLY } from "../../kernel/abi/fcntl.ts";
import { RLIMIT_NOFILE } from "../../kernel/abi/resource.ts";
import { SPAWN_TEMPLATE_CREATE_CLOEXEC, SYS_SPAWN_TEMPLATE_CREATE } from "../../kernel/abi/spawn-template.ts";
import { SYS_FCNTL, SYS_OPENAT, SYS_PRLIMIT64 } from "../../kernel/abi/syscalls.ts";
import { expectResult, type Argument, type TestActor } from "../support/actor.ts";
import { boot } from "../support/boot.ts";
import { exits } from "../support/elf-builder.ts";
import { inProfile, PROFILES, seed, type PerProfile } from "../support/profiles.ts";
import { create, template } from "../support/spawn-calls.ts";
import { createArgs, pack, type CreateFields } from "../support/structs.ts";

const entries = [file("/bin/tool", exits(0), 0o755)];
const UNMAPPED = 0x4000_0000;

interface Row {
  readonly rule: string;
  readonly size?: number | bigint;
  readonly args: (actor: TestActor) => CreateFields | { at: Argument };
  readonly want: PerProfile<number>;
}

const good = (actor: TestActor): CreateFields => ({ filename: actor.str("/bin/tool") });
/** 72 good bytes and a tail. */
const withTail = (tail: Uint8Array) => (actor: TestActor) => ({ at: actor.bytes(Buffer.concat([createArgs(good(actor)), tail])) });

const rows: Row[] = [
  { rule: "an absolute path gives the lowest free descriptor", args: good, want: 3 },
  // 1. size
  { rule: "a size of 0 is EINVAL", size: 0, args: good, want: -EINVAL },
  { rule: "a size of 71 is EINVAL", size: 71, args: good, want: -EINVAL },
  { rule: "a size below 72 is EINVAL before the pointer is looked at", size: 71, args: () => ({ at: UNMAPPED }), want: -EINVAL },
  { rule: "a size of 4097 is E2BIG", size: 4097, args: good, want: -E2BIG },
  { rule: "a size of 2^64 - 1 is E2BIG", size: -1n, args: good, want: -E2BIG },
  { rule: "a size above a page is E2BIG before the pointer is looked at", size: 4097, args: () => ({ at: UNMAPPED }), want: -E2BIG },
  // 2. the copy
  { rule: "an unmapped struct is EFAULT", args: () => ({ at: UNMAPPED }), want: -EFAULT },
  { rule: "a null struct is EFAULT", args: () => ({ at: null }), want: -EFAULT },
  { rule: "a struct of which the last byte is unmapped is EFAULT", args: (a) => ({ at: a.allocAtEnd(71) }), want: -EFAULT },
  { rule: "a longer struct with a zero tail is accepted", size: 104, args: withTail(new Uint8Array(32)), want: 3 },
  { rule: "a struct of exactly one page is accepted", size: 4096, args: withTail(new Uint8Array(4096 - 72)), want: 3 },
  { rule: "a non-zero byte just behind the struct is E2BIG", size: 80, args: withTail(Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0)), want: -E2BIG },
  { rule: "a non-zero last byte of the tail is E2BIG", size: 80, args: withTail(Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 1)), want: -E2BIG },
  {
    rule: "a non-zero tail is E2BIG before bad flags are EINVAL",
    size: 80,
    args: (a) => ({ at: a.bytes(Buffer.concat([createArgs({ ...good(a), flags: 2 }), Buffer.alloc(8, 1)])) }),
    want: -E2BIG,
  },
  // 3. flags
  { rule: "flag bit 1 is EINVAL", args: (a) => ({ ...good(a), flags: 2 }), want: -EINVAL },
  { rule: "flag bit 63 is EINVAL", args: (a) => ({ ...good(a), flags: 1n << 63n }), want: -EINVAL },
  { rule: "O_CLOEXEC is no flag of this call: EINVAL", args: (a) => ({ ...good(a), flags: 0o2000000 }), want: -EINVAL },
  { rule: "CLOEXEC is accepted", args: (a) => ({ ...good(a), flags: SPAWN_TEMPLATE_CREATE_CLOEXEC }), want: 3 },
  // 4. exec_flags and reserved words
  { rule: "exec_flags other than 0 are EINVAL", args: (a) => ({ ...good(a), execFlags: 0x1000 }), want: -EINVAL },
  ...[0, 1, 2, 3].map((index) => ({
    rule: `reserved word ${index} other than 0 is EINVAL`,
    args: (a: TestActor) => ({ ...good(a), reserved: [0, 0, 0, 0].with(index, 1) }),
    want: -EINVAL,
  })),
  // 5. create-time actions
  { rule: "actions other than 0 are EINVAL", args: (a) => ({ ...good(a), actions: 1 }), want: -EINVAL },
  { rule: "actions_len other than 0 is EINVAL", args: (a) => ({ ...good(a), actionsLen: 1 }), want: -EINVAL },
  // 6. exactly one source
  { rule: "a zeroed struct plus a filename is EINVAL: execfd is 0", args: (a) => ({ ...good(a), execfd: 0 }), want: -EINVAL },
  { rule: "both a filename and an execfd are EINVAL", args: (a) => ({ ...good(a), execfd: 5 }), want: -EINVAL },
  { rule: "neither a filename nor an execfd is EINVAL", args: () => ({ execfd: -1 }), want: -EINVAL },
  { rule: "any negative execfd means none", args: (a) => ({ ...good(a), execfd: -100 }), want: 3 },
  { rule: "a bad source is EINVAL before a bad filename is EFAULT", args: () => ({ filename: UNMAPPED, execfd: 7 }), want: -EINVAL },
  // 8. the path itself
  { rule: "an unmapped filename is EFAULT", args: () => ({ filename: UNMAPPED }), want: -EFAULT },
  { rule: "a filename that runs into unmapped memory is EFAULT", args: (a) => ({ filename: endless(a, 3) }), want: -EFAULT },
  { rule: "a filename of 4096 bytes without NUL is EINVAL, not ENAMETOOLONG", args: (a) => ({ filename: a.str(`/${"x".repeat(4096)}`) }), want: -EINVAL },
  { rule: "a filename of 4095 bytes and its NUL is looked up", args: (a) => ({ filename: a.str(`/${"./".repeat(2047)}`) }), want: -13 },
  { rule: "a relative filename is EINVAL", args: (a) => ({ filename: a.str("bin/tool") }), want: seed(-EINVAL, 3) },
  { rule: "a relative filename that does not exist is EINVAL", args: (a) => ({ filename: a.str("no/tool") }), want: seed(-EINVAL, -ENOENT) },
  { rule: "the empty filename is EINVAL", args: (a) => ({ filename: a.str("") }), want: seed(-EINVAL, -13) },
  { rule: "a filename that starts with a dot is EINVAL", args: (a) => ({ filename: a.str("./bin/tool") }), want: seed(-EINVAL, 3) },
  // 8. the descriptor itself
  { rule: "a closed execfd is EBADF", args: () => ({ execfd: 77 }), want: -EBADF },
  { rule: "an execfd of 2^31 - 1 is EBADF", args: () => ({ execfd: 0x7fffffff }), want: -EBADF },
  { rule: "an O_PATH execfd is EBADF", args: (a) => ({ execfd: a.open("/bin/tool", O_PATH) }), want: -EBADF },
  { rule: "an execfd opened for reading is accepted", args: (a) => ({ execfd: a.open("/bin/tool", O_RDONLY) }), want: 4 },
];

describe.each(PROFILES)("spawn_template_create's arguments, profile %s", (profile) => {
  for (const { rule, size = 72, args, want } of rows) it(rule, () => {
    const leaks = profile === "rfc-v1"; // relative-path-leak: profiles.test.ts looks at it
    const actor = boot({ profile, entries, isLeakExpected: leaks }).actor();
    const fields = args(actor);
    const at = "at" in fields ? fields.at : createArgs(fields);
    expectResult(actor.call(SYS_SPAWN_TEMPLATE_CREATE, at, size), inProfile(want, profile));
  });

  it("makes the descriptor close-on-exec only with the flag", () => {
    const actor = boot({ profile, entries }).actor();
    expect(actor.call(SYS_FCNTL, template(actor, "/bin/tool"), F_GETFD)).toBe(0);
    const marked = template(actor, { ...good(actor), flags: SPAWN_TEMPLATE_CREATE_CLOEXEC });
    expect(actor.call(SYS_FCNTL, marked, F_GETFD)).toBe(FD_CLOEXEC);
  });

  it("is EMFILE without a free descriptor, after everything else was good, and leaves the file writable", () => {
    const actor = boot({ profile, entries }).actor();
    actor.must(SYS_PRLIMIT64, 0, RLIMIT_NOFILE, pack("u64", 3, "u64", 1024), 0);
    expectResult(create(actor, "/bin/tool"), -EMFILE);
    expectResult(create(actor, "/bin/missing"), -ENOENT);
    actor.must(SYS_PRLIMIT64, 0, RLIMIT_NOFILE, pack("u64", 10, "u64", 1024), 0);
    expect(actor.call(SYS_OPENAT, AT_FDCWD, "/bin/tool", 1)).toBe(3);
  });
});

/** `length` bytes without NUL at the end of the actor's memory. */
function endless(actor: TestActor, length: number): number {
  const area = actor.allocAtEnd(length);
  area.write(Buffer.alloc(length, "/"));
  return area.address;
}
