// SPDX-License-Identifier: MIT
// mount(2), umount2(2), and what a mount's flags forbid, for mounts of the image too.

import { expect, it } from "vitest";
import { EACCES, EBUSY, EINVAL, ENODEV, ENOENT, EPERM, EROFS, EXDEV } from "../../kernel/abi/errno.ts";
import { AT_FDCWD, O_CREAT, O_RDONLY, O_RDWR, O_TRUNC, O_WRONLY, RESOLVE_NO_XDEV, W_OK, X_OK } from "../../kernel/abi/fcntl.ts";
import { MS_BIND, MS_NODEV, MS_NOEXEC, MS_NOSUID, MS_RDONLY, MS_REMOUNT, S_IFCHR } from "../../kernel/abi/stat.ts";
import {
  SYS_CHDIR, SYS_EXECVE, SYS_FACCESSAT, SYS_FCHMODAT, SYS_FCHOWNAT, SYS_LINKAT, SYS_MKDIRAT, SYS_MKNODAT, SYS_MOUNT, SYS_OPENAT,
  SYS_OPENAT2, SYS_RENAMEAT2, SYS_STATFS, SYS_SYMLINKAT, SYS_TRUNCATE, SYS_UMOUNT2, SYS_UNLINKAT, SYS_UTIMENSAT,
} from "../../kernel/abi/syscalls.ts";
import { directory, file } from "../../host/core/image.ts";
import type { TestActor } from "../support/actor.ts";
import { boot } from "../support/boot.ts";
import { actAs, makeDirectory, probe, stat } from "../support/paths.ts";
import { openHow } from "../support/structs.ts";

const MNT_DETACH = 2;

function bind(actor: TestActor, source: string, target: string, flags = 0): void {
  actor.must(SYS_MOUNT, source, target, null, MS_BIND, null);
  if (flags !== 0) actor.must(SYS_MOUNT, null, target, null, MS_BIND | MS_REMOUNT | flags, null);
}

it.each([
  { call: "open for writing", number: SYS_OPENAT, args: [AT_FDCWD, "/ro/f", O_WRONLY], want: -EROFS },
  { call: "open for reading", number: SYS_OPENAT, args: [AT_FDCWD, "/ro/f", O_RDONLY], want: 3 },
  { call: "open with O_CREAT of what is there", number: SYS_OPENAT, args: [AT_FDCWD, "/ro/f", O_CREAT | O_RDONLY, 0o644], want: 3 },
  { call: "open with O_CREAT of what is not", number: SYS_OPENAT, args: [AT_FDCWD, "/ro/new", O_CREAT | O_RDONLY, 0o644], want: -EROFS },
  { call: "open with O_TRUNC", number: SYS_OPENAT, args: [AT_FDCWD, "/ro/f", O_TRUNC | O_RDWR], want: -EROFS },
  { call: "mkdir", number: SYS_MKDIRAT, args: [AT_FDCWD, "/ro/d", 0o755], want: -EROFS },
  { call: "symlink", number: SYS_SYMLINKAT, args: ["x", AT_FDCWD, "/ro/l"], want: -EROFS },
  { call: "mknod", number: SYS_MKNODAT, args: [AT_FDCWD, "/ro/p", 0o10644, 0], want: -EROFS },
  { call: "link", number: SYS_LINKAT, args: [AT_FDCWD, "/ro/f", AT_FDCWD, "/ro/g", 0], want: -EROFS },
  { call: "rename", number: SYS_RENAMEAT2, args: [AT_FDCWD, "/ro/f", AT_FDCWD, "/ro/g", 0], want: -EROFS },
  { call: "unlink, even of what is not there", number: SYS_UNLINKAT, args: [AT_FDCWD, "/ro/none", 0], want: -EROFS },
  { call: "truncate", number: SYS_TRUNCATE, args: ["/ro/f", 0], want: -EROFS },
  { call: "chmod", number: SYS_FCHMODAT, args: [AT_FDCWD, "/ro/f", 0o600], want: -EROFS },
  { call: "chown", number: SYS_FCHOWNAT, args: [AT_FDCWD, "/ro/f", 1, 1, 0], want: -EROFS },
  { call: "utimensat", number: SYS_UTIMENSAT, args: [AT_FDCWD, "/ro/f", null, 0], want: -EROFS },
  { call: "access for writing", number: SYS_FACCESSAT, args: [AT_FDCWD, "/ro/f", W_OK], want: -EROFS },
  { call: "a hard link into another mount", number: SYS_LINKAT, args: [AT_FDCWD, "/rw", AT_FDCWD, "/ro/g", 0], want: -EROFS },
  { call: "a rename out of the mount", number: SYS_RENAMEAT2, args: [AT_FDCWD, "/ro/f", AT_FDCWD, "/g", 0], want: -EXDEV },
])("on a read-only mount of the image: $call", ({ number, args, want }) => {
  const machine = boot({ entries: [file("/ro/f", "text"), file("/rw", "")] });
  machine.machine.mount({ path: "/ro", flags: MS_RDONLY });

  expect(machine.actor().call(number, ...args)).toBe(want);
});

it("reading on a read-only mount leaves the access time alone", () => {
  const machine = boot({ entries: [file("/ro/f", "text")] });
  machine.machine.mount({ path: "/ro", flags: MS_RDONLY });
  const actor = machine.actor();
  const before = stat(actor, "/ro/f").atime;
  actor.read(actor.open("/ro/f", O_RDONLY));

  expect(stat(actor, "/ro/f").atime).toBe(before);
});

it("a noexec mount refuses to execute and says so in access", () => {
  const machine = boot({ entries: [file("/bin/f", "#!/bin/f", 0o755)] });
  machine.machine.mount({ path: "/bin", flags: MS_NOEXEC });
  const actor = machine.actor();

  expect(actor.call(SYS_FACCESSAT, AT_FDCWD, "/bin/f", X_OK)).toBe(-EACCES);
  expect(actor.call(SYS_EXECVE, "/bin/f", null, null)).toBe(-EACCES);
});

it("a nodev mount has no devices", () => {
  const actor = boot().actor();
  makeDirectory(actor, "/d");
  actor.must(SYS_MKNODAT, AT_FDCWD, "/d/null", S_IFCHR | 0o666, 0x103);
  expect(actor.call(SYS_OPENAT, AT_FDCWD, "/d/null", O_RDONLY)).toBe(3);

  bind(actor, "/d", "/d", MS_NODEV);
  expect(actor.call(SYS_OPENAT, AT_FDCWD, "/d/null", O_RDONLY)).toBe(-EACCES);
});

it("a bind mount shows the same files under another name", () => {
  const actor = boot({ entries: [file("/a/f", "text"), directory("/b")] }).actor();
  bind(actor, "/a", "/b", MS_NOSUID);

  expect(stat(actor, "/b/f").ino).toBe(stat(actor, "/a/f").ino);
  expect(stat(actor, "/b/..").ino).toBe(stat(actor, "/").ino);
  expect(actor.read(actor.open("/proc/self/mountinfo", O_RDONLY))).toContain(" 0:1 /a /b rw,nosuid,relatime - ramfs ramfs rw\n");
  expect(actor.call(SYS_LINKAT, AT_FDCWD, "/a/f", AT_FDCWD, "/b/g", 0)).toBe(-EXDEV);
  expect(actor.call(SYS_OPENAT2, AT_FDCWD, "b/f", openHow(O_RDONLY, 0, RESOLVE_NO_XDEV), 24)).toBe(-EXDEV);
  const out = actor.alloc(120);
  actor.must(SYS_STATFS, "/b", out);
  expect(out.u64(80)).toBe(0x1022n); // ST_VALID, ST_NOSUID, ST_RELATIME
});

it("umount2 gives back what was there before; not while somebody is inside, unless lazily", () => {
  const actor = boot({ entries: [file("/a/new", ""), file("/b/old", "")] }).actor();
  bind(actor, "/a", "/b");
  actor.must(SYS_CHDIR, "/b");
  expect(probe(actor, "/b/old")).toBe(-ENOENT);
  expect(actor.call(SYS_UMOUNT2, "/b", 0)).toBe(-EBUSY);

  expect(actor.call(SYS_UMOUNT2, "/b", MNT_DETACH)).toBe(0);
  expect(probe(actor, "/b/old")).toBe(0);
  expect(probe(actor, "new")).toBe(0);
  expect(actor.call(SYS_UMOUNT2, "/b", 0)).toBe(-EINVAL);
  expect(actor.call(SYS_UMOUNT2, "/", 0)).toBe(-EINVAL);
});

it("mounting is for the privileged, and there are no file systems to mount", () => {
  const actor = boot().actor();
  makeDirectory(actor, "/d");
  expect(actor.call(SYS_MOUNT, "none", "/d", "ext4", 0, null)).toBe(-ENODEV);
  actAs(actor, 1000);
  actor.must(146, 1000); // setuid

  expect(actor.call(SYS_MOUNT, "/d", "/d", null, MS_BIND, null)).toBe(-EPERM);
});
