// SPDX-License-Identifier: MIT
// What stat(2), statx(2), statfs(2) show, which calls move which times, set-user-ID bits, extended attributes.

import { describe, expect, it } from "vitest";
import { EACCES, EBADF, EINVAL, ENOENT, EOPNOTSUPP, EPERM } from "../../kernel/abi/errno.ts";
import { AT_EMPTY_PATH, AT_FDCWD, O_CREAT, O_PATH, O_RDONLY, O_RDWR, O_WRONLY } from "../../kernel/abi/fcntl.ts";
import { QUIRK_COARSE_CTIME } from "../../kernel/abi/quirks.ts";
import { STATX_ALL, STATX_BASIC_STATS, STATX_BTIME, STATX_MNT_ID } from "../../kernel/abi/stat.ts";
import {
  SYS_FACCESSAT, SYS_FACCESSAT2, SYS_FCHMOD, SYS_FCHMODAT, SYS_FCHOWNAT, SYS_FSTAT, SYS_FSTATFS, SYS_FTRUNCATE, SYS_GETXATTR,
  SYS_LINKAT, SYS_LISTXATTR, SYS_NEWFSTATAT, SYS_OPENAT, SYS_RENAMEAT2, SYS_SETRESUID, SYS_SETXATTR, SYS_STATX, SYS_UNLINKAT,
  SYS_UTIMENSAT,
} from "../../kernel/abi/syscalls.ts";
import { file } from "../../host/core/image.ts";
import type { TestActor } from "../support/actor.ts";
import { boot } from "../support/boot.ts";
import { actAs, makeDirectory, stat } from "../support/paths.ts";
import { timespec } from "../support/structs.ts";

const times = (atime: Buffer, mtime: Buffer) => Buffer.concat([atime, mtime]);
const SECOND = 1_000_000_000n;

describe("a change of", () => {
  it.each([
    { what: "contents", change: (a: TestActor) => void a.write(a.open("/d/f", O_WRONLY), "x"), moves: ["mtime", "ctime"] },
    { what: "size", change: (a: TestActor) => void a.must(SYS_FTRUNCATE, a.open("/d/f", O_WRONLY), 4), moves: ["mtime", "ctime"] },
    { what: "mode, even to the same", change: (a: TestActor) => void a.must(SYS_FCHMODAT, AT_FDCWD, "/d/f", 0o644), moves: ["ctime"] },
    { what: "owner, even to the same", change: (a: TestActor) => void a.must(SYS_FCHOWNAT, AT_FDCWD, "/d/f", -1, -1, 0), moves: ["ctime"] },
    { what: "links, one more", change: (a: TestActor) => void a.must(SYS_LINKAT, AT_FDCWD, "/d/f", AT_FDCWD, "/g", 0), moves: ["ctime"] },
    { what: "name", change: (a: TestActor) => void a.must(SYS_RENAMEAT2, AT_FDCWD, "/d/f", AT_FDCWD, "/d/f2", 0), moves: ["ctime"], path: "/d/f2" },
    { what: "both times to now", change: (a: TestActor) => void a.must(SYS_UTIMENSAT, AT_FDCWD, "/d/f", null, 0), moves: ["atime", "mtime", "ctime"] },
    { what: "a directory's entries", change: (a: TestActor) => void a.must(SYS_UNLINKAT, AT_FDCWD, "/d/f", 0), moves: ["mtime", "ctime"], path: "/d" },
    { what: "nothing, reading", change: (a: TestActor) => void a.read(a.open("/d/f", O_RDONLY)), moves: ["atime"] },
    { what: "nothing, a second time", change: (a: TestActor) => void [a.read(a.open("/d/f", O_RDONLY)), a.read(a.open("/d/f", O_RDONLY))], moves: ["atime"] },
  ])("$what moves $moves", ({ change, moves, path = "/d/f" }) => {
    const actor = boot({ entries: [file("/d/f", "text")] }).actor();
    const before = stat(actor, path === "/d/f2" ? "/d/f" : path);
    change(actor);
    const after = stat(actor, path);

    expect((["atime", "mtime", "ctime"] as const).filter((time) => after[time] > before[time])).toEqual(moves);
  });

  it("a file is seen each time, however fast changes follow; with coarse-ctime it is not", () => {
    const changed = (quirks: number) => {
      const actor = boot({ quirks, entries: [file("/f", "")] }).actor();
      const fd = actor.open("/f", O_RDONLY);
      return Array.from({ length: 5 }, () => {
        actor.must(SYS_FCHMOD, fd, 0o600);
        return stat(actor, "/f").ctime;
      });
    };

    expect(new Set(changed(0)).size).toBe(5);
    expect(new Set(changed(QUIRK_COARSE_CTIME)).size).toBe(1);
  });
});

it("utimensat sets the times it is given, to the nanosecond, and leaves those it is not", () => {
  const actor = boot({ entries: [file("/f", "")] }).actor();
  const omit = Buffer.alloc(16);
  omit.writeBigInt64LE(0x3ffffffen, 8);
  actor.must(SYS_UTIMENSAT, AT_FDCWD, "/f", times(timespec(5n * SECOND + 7n), timespec(-3n * SECOND)), 0);
  expect(stat(actor, "/f")).toMatchObject({ atime: 5n * SECOND + 7n, mtime: -3n * SECOND });

  actor.must(SYS_UTIMENSAT, AT_FDCWD, "/f", times(omit, timespec(9n * SECOND)), 0);
  expect(stat(actor, "/f")).toMatchObject({ atime: 5n * SECOND + 7n, mtime: 9n * SECOND });
  const before = stat(actor, "/f");
  expect(actor.call(SYS_UTIMENSAT, AT_FDCWD, "/nowhere", times(omit, omit), 0)).toBe(0);
  expect(stat(actor, "/f")).toEqual(before);
});

it("statx tells what stat does, and birth, mount and device numbers apart", () => {
  const actor = boot({ entries: [file("/f", "text", 0o640)] }).actor();
  const out = actor.alloc(256);
  actor.must(SYS_STATX, AT_FDCWD, "/f", 0, STATX_ALL, out);
  const plain = stat(actor, "/f");

  expect(out.u32(0)).toBe(STATX_BASIC_STATS | STATX_BTIME | STATX_MNT_ID);
  expect(out.u16(28)).toBe(0o100640);
  expect([out.u64(32), out.u64(40), out.u64(48)]).toEqual([plain.ino, 4n, 8n]);
  expect(out.s64(112) * SECOND + BigInt(out.u32(120))).toBe(plain.mtime);
  actor.must(SYS_STATX, AT_FDCWD, "/dev/null", 0, STATX_ALL, out);
  expect([out.u32(128), out.u32(132)]).toEqual([1, 3]);
  expect(actor.call(SYS_STATX, AT_FDCWD, "/f", 0x6000, STATX_ALL, out)).toBe(-EINVAL);
  expect(actor.call(SYS_STATX, AT_FDCWD, "/f", 0, 0x80000000, out)).toBe(-EINVAL);
});

it.each([
  { what: "an O_PATH descriptor", call: SYS_FSTAT, flags: O_PATH, want: 0 },
  { what: "chmod through an O_PATH descriptor", call: SYS_FCHMOD, flags: O_PATH, want: -EBADF },
  { what: "statfs of an O_PATH descriptor", call: SYS_FSTATFS, flags: O_PATH, want: 0 },
])("fstat and its kin on $what: $want", ({ call, flags, want }) => {
  const actor = boot({ entries: [file("/f", "")] }).actor();
  const fd = actor.open("/f", flags);

  expect(actor.call(call, fd, actor.alloc(128))).toBe(want);
});

it("an empty path names the descriptor itself, a pipe's too, but only with AT_EMPTY_PATH", () => {
  const actor = boot().actor();
  const [reader] = actor.pipe();
  const out = actor.alloc(128);

  expect(actor.call(SYS_NEWFSTATAT, reader, "", out, AT_EMPTY_PATH)).toBe(0);
  expect(out.u32(16)).toBe(0o10600);
  expect(actor.call(SYS_NEWFSTATAT, reader, null, out, AT_EMPTY_PATH)).toBe(0);
  expect(actor.call(SYS_NEWFSTATAT, reader, "", out, 0)).toBe(-ENOENT);
  expect(actor.call(SYS_NEWFSTATAT, 77, "", out, AT_EMPTY_PATH)).toBe(-EBADF);
});

describe("set-user-ID and set-group-ID bits", () => {
  const withBits = (mode: number) => {
    const actor = boot({ entries: [file("/f", "text", 0o777)] }).actor();
    actor.must(SYS_FCHMODAT, AT_FDCWD, "/f", mode);
    return actor;
  };

  it("go when somebody without CAP_FSETID writes", () => {
    const actor = withBits(0o6777);
    actAs(actor, 1000);
    actor.write(actor.open("/f", O_WRONLY), "x");
    expect(stat(actor, "/f").mode).toBe(0o100777);
  });

  it("stay when root writes, and go when root changes the owner", () => {
    const actor = withBits(0o6777);
    actor.write(actor.open("/f", O_WRONLY), "x");
    expect(stat(actor, "/f").mode).toBe(0o106777);
    actor.must(SYS_FCHOWNAT, AT_FDCWD, "/f", 5, 5, 0);
    expect(stat(actor, "/f").mode).toBe(0o100777);
  });

  it("of a directory: what is made in it gets its group", () => {
    const actor = boot().actor();
    makeDirectory(actor, "/d", 0o2777);
    actor.must(SYS_FCHOWNAT, AT_FDCWD, "/d", -1, 50, 0);
    makeDirectory(actor, "/d/sub");
    actor.open("/d/f", O_CREAT | O_RDWR, 0o644);

    expect(stat(actor, "/d/f").gid).toBe(50);
    expect(stat(actor, "/d/sub")).toMatchObject({ gid: 50 });
  });
});

it("access asks for the real user, AT_EACCESS for the effective one", () => {
  const actor = boot({ entries: [file("/f", "", 0o600)] }).actor();
  actor.must(SYS_SETRESUID, 1000, 0, 0);

  expect(actor.call(SYS_FACCESSAT, AT_FDCWD, "/f", 4)).toBe(-EACCES);
  expect(actor.call(SYS_FACCESSAT2, AT_FDCWD, "/f", 4, 0x200)).toBe(0);
  expect(actor.call(SYS_OPENAT, AT_FDCWD, "/f", O_RDONLY)).toBe(3);
});

it("a sticky directory protects what others own", () => {
  const actor = boot().actor();
  makeDirectory(actor, "/tmp", 0o1777);
  actAs(actor, 1000);
  actor.open("/tmp/f", O_CREAT | O_RDWR, 0o666);
  actAs(actor, 1001);

  expect(actor.call(SYS_UNLINKAT, AT_FDCWD, "/tmp/f", 0)).toBe(-EPERM);
  expect(actor.call(SYS_RENAMEAT2, AT_FDCWD, "/tmp/f", AT_FDCWD, "/tmp/g", 0)).toBe(-EPERM);
  actAs(actor, 1000);
  expect(actor.call(SYS_UNLINKAT, AT_FDCWD, "/tmp/f", 0)).toBe(0);
});

it("there are no extended attributes", () => {
  const actor = boot({ entries: [file("/f", "")] }).actor();

  expect(actor.call(SYS_GETXATTR, "/f", "user.x", actor.alloc(8), 8)).toBe(-EOPNOTSUPP);
  expect(actor.call(SYS_SETXATTR, "/f", "user.x", actor.alloc(8), 8, 0)).toBe(-EOPNOTSUPP);
  expect(actor.call(SYS_LISTXATTR, "/f", actor.alloc(8), 8)).toBe(0);
  expect(actor.call(SYS_GETXATTR, "/none", "user.x", actor.alloc(8), 8)).toBe(-ENOENT);
});
