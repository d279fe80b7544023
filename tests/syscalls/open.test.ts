// SPDX-License-Identifier: MIT
// openat(2), memfd_create(2): flags, what a file is after its name has gone, FIFOs, large files. Which error comes first is
// compared with Linux by tests/corpus (openat2, paths, random-paths).

import { expect, it } from "vitest";
import { EEXIST, EINVAL, ELOOP, EMFILE, ENOENT, ENOTDIR, ENXIO, EPERM } from "../../kernel/abi/errno.ts";
import {
  AT_EMPTY_PATH, AT_FDCWD, AT_SYMLINK_FOLLOW, F_GETFL, O_APPEND, O_CLOEXEC, O_CREAT, O_DIRECTORY, O_EXCL, O_LARGEFILE, O_NOATIME,
  O_NOFOLLOW, O_NONBLOCK, O_PATH, O_RDONLY, O_RDWR, O_TMPFILE, O_TRUNC, O_WRONLY, SEEK_DATA, SEEK_END, SEEK_HOLE, SEEK_SET,
} from "../../kernel/abi/fcntl.ts";
import { MFD_CLOEXEC } from "../../kernel/abi/mman.ts";
import { RLIMIT_NOFILE } from "../../kernel/abi/resource.ts";
import { S_IFIFO } from "../../kernel/abi/stat.ts";
import {
  SYS_FALLOCATE, SYS_FCNTL, SYS_FTRUNCATE, SYS_LINKAT, SYS_LSEEK, SYS_MEMFD_CREATE, SYS_MKNODAT, SYS_OPENAT, SYS_OPENAT2, SYS_PRLIMIT64,
  SYS_PWRITE64, SYS_UNLINKAT,
} from "../../kernel/abi/syscalls.ts";
import { file } from "../../host/core/image.ts";
import { boot } from "../support/boot.ts";
import { actAs, makeLink, probe, readLink, stat } from "../support/paths.ts";
import { openHow } from "../support/structs.ts";

it("a file lives on without its name, until it is closed", () => {
  const actor = boot().actor();
  const fd = actor.open("/victim", O_CREAT | O_RDWR, 0o644);
  actor.write(fd, "still here");
  actor.must(SYS_UNLINKAT, AT_FDCWD, "/victim", 0);

  expect(probe(actor, "/victim")).toBe(-ENOENT);
  expect(stat(actor, `/proc/self/fd/${fd}`).nlink).toBe(0);
  expect(readLink(actor, `/proc/self/fd/${fd}`)).toBe("/victim (deleted)");
  expect(actor.read(actor.open(`/proc/self/fd/${fd}`, O_RDONLY))).toBe("still here");
});

it("the contents of a file without name and descriptor are freed", () => {
  const machine = boot();
  const actor = machine.actor();
  const before = machine.usage().pageCache;
  const fd = actor.open("/big", O_CREAT | O_RDWR, 0o644);
  actor.write(fd, new Uint8Array(100_000));
  expect(machine.usage().pageCache).toBe(before + 25);
  actor.must(SYS_UNLINKAT, AT_FDCWD, "/big", 0);
  actor.close(fd);

  expect(machine.usage().pageCache).toBe(before);
});

it("O_APPEND writes at the end, wherever the position is", () => {
  const actor = boot().actor();
  const one = actor.open("/log", O_CREAT | O_WRONLY | O_APPEND, 0o644);
  const other = actor.open("/log", O_WRONLY | O_APPEND);
  actor.write(one, "a");
  actor.write(other, "b");
  actor.must(SYS_LSEEK, one, 0, SEEK_SET);
  actor.write(one, "c");

  expect(actor.read(actor.open("/log", O_RDONLY))).toBe("abc");
});

it("O_TRUNC empties what is there; O_EXCL insists on making it", () => {
  const actor = boot({ entries: [file("/f", "old text")] }).actor();

  expect(actor.call(SYS_OPENAT, AT_FDCWD, "/f", O_CREAT | O_EXCL | O_WRONLY, 0o644)).toBe(-EEXIST);
  expect(stat(actor, "/f").size).toBe(8);
  actor.open("/f", O_WRONLY | O_TRUNC);
  expect(stat(actor, "/f").size).toBe(0);
});

it.each([
  { flags: O_NOFOLLOW, want: -ELOOP },
  { flags: O_NOFOLLOW | O_DIRECTORY, want: -ENOTDIR },
  { flags: O_DIRECTORY, want: -ENOTDIR },
  { flags: O_NOFOLLOW | O_PATH, want: 3 },
])("a link to a file, opened with flags $flags, gives $want", ({ flags, want }) => {
  const actor = boot({ entries: [file("/f", "")] }).actor();
  makeLink(actor, "/f", "/l");

  expect(actor.call(SYS_OPENAT, AT_FDCWD, "/l", flags)).toBe(want);
});

it("openat adds O_LARGEFILE, and F_GETFL shows neither O_CREAT nor O_CLOEXEC", () => {
  const actor = boot().actor();
  const fd = actor.open("/f", O_CREAT | O_TRUNC | O_CLOEXEC | O_RDWR | O_NONBLOCK, 0o644);

  expect(actor.call(SYS_FCNTL, fd, F_GETFL)).toBe(O_RDWR | O_NONBLOCK | O_LARGEFILE);
});

it("O_NOATIME is for the owner", () => {
  const actor = boot({ entries: [file("/f", "")] }).actor();
  actAs(actor, 1000);

  expect(actor.call(SYS_OPENAT, AT_FDCWD, "/f", O_RDONLY | O_NOATIME)).toBe(-EPERM);
});

it("without a free descriptor the file is made all the same", () => {
  const actor = boot().actor();
  actor.must(SYS_PRLIMIT64, 0, RLIMIT_NOFILE, actor.u64s([3, 3]), null);

  expect(actor.call(SYS_OPENAT, AT_FDCWD, "/f", O_CREAT | O_WRONLY, 0o644)).toBe(-EMFILE);
  expect(probe(actor, "/f")).toBe(0);
});

it.each([
  { what: "a short open_how", size: 23, want: -EINVAL },
  { what: "a longer one with zeros behind", size: 32, want: 3 },
])("openat2 with $what", ({ size, want }) => {
  const actor = boot({ entries: [file("/f", "")] }).actor();
  const how = Buffer.concat([openHow(O_RDONLY), Buffer.alloc(8)]);

  expect(actor.call(SYS_OPENAT2, AT_FDCWD, "/f", how, size)).toBe(want);
});

it("a FIFO's reader and writer wait for each other", () => {
  const machine = boot();
  const reader = machine.actor();
  reader.must(SYS_MKNODAT, AT_FDCWD, "/fifo", S_IFIFO | 0o666, 0);
  const writer = reader.fork();

  const reading = reader.start(SYS_OPENAT, AT_FDCWD, "/fifo", O_RDONLY);
  expect(reading.isBlocked).toBe(true);
  const out = writer.open("/fifo", O_WRONLY);
  const fd = reading.result();
  writer.write(out, "through");
  expect(reader.read(fd)).toBe("through");
});

it("a FIFO's reader gets in although its writer is gone again, and so is the name", () => {
  const machine = boot();
  const reader = machine.actor();
  reader.must(SYS_MKNODAT, AT_FDCWD, "/fifo", S_IFIFO | 0o666, 0);
  const writer = reader.fork();
  const reading = reader.start(SYS_OPENAT, AT_FDCWD, "/fifo", O_RDONLY);
  const fd = writer.open("/fifo", O_WRONLY);
  writer.must(SYS_UNLINKAT, AT_FDCWD, "/fifo", 0);
  writer.close(fd);

  expect(reader.read(reading.result())).toBe("");
});

it("a FIFO opened without waiting: a reader gets it, a lone writer ENXIO, both rights always", () => {
  const actor = boot().actor();
  actor.must(SYS_MKNODAT, AT_FDCWD, "/fifo", S_IFIFO | 0o666, 0);

  expect(actor.call(SYS_OPENAT, AT_FDCWD, "/fifo", O_WRONLY | O_NONBLOCK)).toBe(-ENXIO);
  expect(actor.call(SYS_OPENAT, AT_FDCWD, "/fifo", O_RDONLY | O_NONBLOCK)).toBe(3);
  expect(actor.call(SYS_OPENAT, AT_FDCWD, "/fifo", O_WRONLY | O_NONBLOCK)).toBe(4);
  expect(actor.call(SYS_OPENAT, AT_FDCWD, "/fifo", O_RDWR)).toBe(5);
});

it("a file can have holes, and lseek finds them", () => {
  const actor = boot().actor();
  const fd = actor.open("/sparse", O_CREAT | O_RDWR, 0o644);
  const at = 5 * 4096;
  actor.must(SYS_PWRITE64, fd, "x", 1, at);

  expect(stat(actor, "/sparse")).toMatchObject({ size: at + 1, blocks: 8 });
  expect(actor.call(SYS_LSEEK, fd, 0, SEEK_DATA)).toBe(at);
  expect(actor.call(SYS_LSEEK, fd, at, SEEK_HOLE)).toBe(at + 1);
  expect(actor.call(SYS_LSEEK, fd, 100, SEEK_HOLE)).toBe(100);
  expect(actor.call(SYS_LSEEK, fd, at + 1, SEEK_DATA)).toBe(-ENXIO);
  expect(actor.call(SYS_FALLOCATE, fd, 0, 0, at)).toBe(0);
  expect(actor.call(SYS_LSEEK, fd, 0, SEEK_HOLE)).toBe(at + 1);
});

it("looking for data in an immense hole is quick", () => {
  const actor = boot().actor();
  const fd = actor.open("/vast", O_CREAT | O_RDWR, 0o644);
  actor.must(SYS_FTRUNCATE, fd, 1n << 60n);

  expect(actor.call(SYS_LSEEK, fd, 0, SEEK_DATA)).toBe(-ENXIO);
  expect(stat(actor, "/vast").blocks).toBe(0);
});

it("what a file had beyond a cut is zero when it grows again", () => {
  const actor = boot().actor();
  const fd = actor.open("/f", O_CREAT | O_RDWR, 0o644);
  actor.write(fd, "abcdef");
  actor.must(SYS_FTRUNCATE, fd, 2);
  actor.must(SYS_FTRUNCATE, fd, 5);
  actor.must(SYS_LSEEK, fd, 0, SEEK_SET);

  expect(actor.read(fd)).toBe("ab\0\0\0");
  expect(actor.call(SYS_LSEEK, fd, 0, SEEK_END)).toBe(5);
});

it("memfd_create makes an executable file without a place", () => {
  const actor = boot().actor();
  const fd = actor.must(SYS_MEMFD_CREATE, "scratch", MFD_CLOEXEC);
  actor.write(fd, "bytes");

  expect(readLink(actor, `/proc/self/fd/${fd}`)).toBe("/memfd:scratch (deleted)");
  expect(stat(actor, `/proc/self/fd/${fd}`)).toMatchObject({ mode: 0o100777, nlink: 0, size: 5 });
  expect(actor.call(SYS_MEMFD_CREATE, "x".repeat(250), 0)).toBe(-EINVAL);
  expect(actor.call(SYS_MEMFD_CREATE, "x", 0x1000)).toBe(-EINVAL);
});

it("O_TMPFILE makes a file without a name, which linkat can give it", () => {
  const actor = boot().actor();
  const fd = actor.open("/", O_TMPFILE | O_RDWR, 0o640);
  actor.write(fd, "to be named");

  expect(stat(actor, `/proc/self/fd/${fd}`)).toMatchObject({ mode: 0o100640, nlink: 0 });
  expect(readLink(actor, `/proc/self/fd/${fd}`)).toMatch(/^\/#\d+ \(deleted\)$/);
  actor.must(SYS_LINKAT, AT_FDCWD, `/proc/self/fd/${fd}`, AT_FDCWD, "/named", AT_SYMLINK_FOLLOW);
  expect(actor.read(actor.open("/named", O_RDONLY))).toBe("to be named");

  const secret = actor.open("/", O_TMPFILE | O_EXCL | O_RDWR, 0o600);
  expect(actor.call(SYS_LINKAT, secret, "", AT_FDCWD, "/other", AT_EMPTY_PATH)).toBe(-ENOENT);
});
