// SPDX-License-Identifier: MIT
// The template's descriptor as a file: what every other system call says about it.

import { describe, expect, it } from "vitest";
import { file } from "../../host/core/image.ts";
import { EACCES, EAGAIN, EBADF, EINVAL, ENODEV, ENOTDIR, ENOTTY, ENXIO, ESPIPE } from "../../kernel/abi/errno.ts";
import {
  AT_EMPTY_PATH, F_GET_SEALS, F_GETFD, F_GETFL, F_SETFL, F_SETLK, FD_CLOEXEC, LOCK_EX, LOCK_NB, LOCK_UN, O_DIRECT, O_NONBLOCK, O_PATH, O_RDONLY,
  O_RDWR, SEEK_DATA, SEEK_HOLE,
} from "../../kernel/abi/fcntl.ts";
import { FIOCLEX, FIONBIO, FIONCLEX, FIONREAD, TCGETS } from "../../kernel/abi/ioctl.ts";
import { MAP_PRIVATE, MAP_SHARED, PROT_READ, PROT_WRITE } from "../../kernel/abi/mman.ts";
import * as calls from "../../kernel/abi/syscalls.ts";
import { expectResult, type TestActor } from "../support/actor.ts";
import { boot } from "../support/boot.ts";
import { exits } from "../support/elf-builder.ts";
import { PROFILES } from "../support/profiles.ts";
import { exited, spawn, template, waitFor } from "../support/spawn-calls.ts";
import { pack, pollfds } from "../support/structs.ts";

const entries = [file("/bin/tool", exits(7), 0o755), file("/file", "text", 0o644)];

type Operation = (actor: TestActor, fd: number) => number;

const rows: [string, Operation, number][] = [
  ["read", (a, fd) => a.call(calls.SYS_READ, fd, a.alloc(8), 8), -EINVAL],
  ["read of nothing", (a, fd) => a.call(calls.SYS_READ, fd, a.alloc(8), 0), -EINVAL],
  ["readv", (a, fd) => a.call(calls.SYS_READV, fd, a.bytes(pack("u64", a.alloc(8), "u64", 8)), 1), -EINVAL],
  ["sendfile from it", (a, fd) => a.call(calls.SYS_SENDFILE, a.pipe()[1], fd, null, 8), -EINVAL],
  ["write", (a, fd) => a.call(calls.SYS_WRITE, fd, a.alloc(8), 8), -EBADF],
  ["writev", (a, fd) => a.call(calls.SYS_WRITEV, fd, a.bytes(pack("u64", a.alloc(8), "u64", 8)), 1), -EBADF],
  ["fallocate", (a, fd) => a.call(calls.SYS_FALLOCATE, fd, 0, 0, 8), -EBADF],
  ["pread", (a, fd) => a.call(calls.SYS_PREAD64, fd, a.alloc(8), 8, 0), -ESPIPE],
  ["pwrite", (a, fd) => a.call(calls.SYS_PWRITE64, fd, a.alloc(8), 8, 0), -ESPIPE],
  ["lseek to 5", (a, fd) => a.call(calls.SYS_LSEEK, fd, 5, 0), 0],
  ["lseek by 5", (a, fd) => a.call(calls.SYS_LSEEK, fd, 5, 1), 0],
  ["lseek to the end", (a, fd) => a.call(calls.SYS_LSEEK, fd, 5, 2), 0],
  ["lseek to data", (a, fd) => a.call(calls.SYS_LSEEK, fd, 5, SEEK_DATA), 0],
  ["lseek to a hole", (a, fd) => a.call(calls.SYS_LSEEK, fd, 5, SEEK_HOLE), 0],
  ["lseek to a negative offset", (a, fd) => a.call(calls.SYS_LSEEK, fd, -5, 0), 0],
  ["lseek with whence 5", (a, fd) => a.call(calls.SYS_LSEEK, fd, 0, 5), -EINVAL],
  ["ioctl TCGETS", (a, fd) => a.call(calls.SYS_IOCTL, fd, TCGETS, a.alloc(64)), -ENOTTY],
  ["ioctl FIONREAD", (a, fd) => a.call(calls.SYS_IOCTL, fd, FIONREAD, a.alloc(8)), -ENOTTY],
  ["ioctl FIOCLEX", (a, fd) => (a.must(calls.SYS_IOCTL, fd, FIOCLEX, 0), a.call(calls.SYS_FCNTL, fd, F_GETFD)), FD_CLOEXEC],
  ["ioctl FIONCLEX", (a, fd) => (a.must(calls.SYS_IOCTL, fd, FIOCLEX, 0), a.must(calls.SYS_IOCTL, fd, FIONCLEX, 0), a.call(calls.SYS_FCNTL, fd, F_GETFD)), 0],
  ["ioctl FIONBIO", (a, fd) => (a.must(calls.SYS_IOCTL, fd, FIONBIO, a.u32s([1])), a.call(calls.SYS_FCNTL, fd, F_GETFL)), O_RDWR | O_NONBLOCK],
  ["mmap private", (a, fd) => a.call(calls.SYS_MMAP, 0, 4096, PROT_READ, MAP_PRIVATE, fd, 0), -ENODEV],
  ["mmap shared for reading", (a, fd) => a.call(calls.SYS_MMAP, 0, 4096, PROT_READ, MAP_SHARED, fd, 0), -ENODEV],
  ["mmap shared and writable", (a, fd) => a.call(calls.SYS_MMAP, 0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0), -EACCES],
  ["mmap of length 0", (a, fd) => a.call(calls.SYS_MMAP, 0, 0, PROT_READ, MAP_PRIVATE, fd, 0), -EINVAL],
  ["ftruncate", (a, fd) => a.call(calls.SYS_FTRUNCATE, fd, 0), -EINVAL],
  ["fsync", (a, fd) => a.call(calls.SYS_FSYNC, fd), -EINVAL],
  ["fdatasync", (a, fd) => a.call(calls.SYS_FDATASYNC, fd), -EINVAL],
  ["fchdir", (a, fd) => a.call(calls.SYS_FCHDIR, fd), -ENOTDIR],
  ["openat below it", (a, fd) => a.call(calls.SYS_OPENAT, fd, "x", O_RDONLY), -ENOTDIR],
  ["getdents64", (a, fd) => a.call(calls.SYS_GETDENTS64, fd, a.alloc(64), 64), -ENOTDIR],
  ["execveat", (a, fd) => a.call(calls.SYS_EXECVEAT, fd, "", 0, 0, AT_EMPTY_PATH), -EACCES],
  ["F_GETFL", (a, fd) => a.call(calls.SYS_FCNTL, fd, F_GETFL), O_RDWR],
  ["F_SETFL O_DIRECT", (a, fd) => a.call(calls.SYS_FCNTL, fd, F_SETFL, O_DIRECT), -EINVAL],
  ["F_SETFL O_NONBLOCK", (a, fd) => (a.must(calls.SYS_FCNTL, fd, F_SETFL, O_NONBLOCK), a.call(calls.SYS_FCNTL, fd, F_GETFL)), O_RDWR | O_NONBLOCK],
  ["F_SETLK of a read lock", (a, fd) => a.call(calls.SYS_FCNTL, fd, F_SETLK, a.bytes(pack("u16", 0, "u16", 0, "u32", 0, "s64", 0, "s64", 10, "s32", 0, "s32", 0))), 0],
  ["F_SETLK of a write lock", (a, fd) => a.call(calls.SYS_FCNTL, fd, F_SETLK, a.bytes(pack("u16", 1, "u16", 0, "u32", 0, "s64", 0, "s64", 10, "s32", 0, "s32", 0))), -EBADF], // it cannot be written
  ["timerfd_gettime", (a, fd) => a.call(calls.SYS_TIMERFD_GETTIME, fd, a.alloc(32)), -EINVAL],
  ["F_GET_SEALS", (a, fd) => a.call(calls.SYS_FCNTL, fd, F_GET_SEALS), -EINVAL],
  ["flock", (a, fd) => a.call(calls.SYS_FLOCK, fd, LOCK_EX), 0],
  ["flock and unlock", (a, fd) => (a.must(calls.SYS_FLOCK, fd, LOCK_EX), a.call(calls.SYS_FLOCK, fd, LOCK_UN)), 0],
];

describe.each(PROFILES)("a template's descriptor, profile %s", (profile) => {
  function start() {
    const test = boot({ profile, entries });
    const actor = test.actor();
    return { test, actor, fd: template(actor, "/bin/tool") };
  }

  it.each(rows)("%s", (_, operation, want) => {
    const { actor, fd } = start();
    expectResult(operation(actor, fd), want);
  });

  it.each([
    [0xffff, 0x145],
    [0x1, 0x1],
    [0x4, 0x4],
    [0x2, 0],
  ])("polls for %i as %i at once", (asked, ready) => {
    const { actor, fd } = start();
    const polled = actor.bytes(pollfds([fd, asked]));
    expect(actor.call(calls.SYS_PPOLL, polled, 1, actor.alloc(16), null, 8)).toBe(ready === 0 ? 0 : 1);
    expect(polled.u16(6)).toBe(ready);
  });

  it("has a stat of mode 0600 without a type, one link and size 0", () => {
    const { actor, fd } = start();
    const stat = fstat(actor, fd);
    expect({ mode: stat.u32(16), links: stat.u32(20), size: stat.u64(48) }).toEqual({ mode: 0o600, links: 1, size: 0n });
  });

  it("shares its inode with every other anonymous file, and chmod of one shows on all", () => {
    const { actor, fd } = start();
    const event = actor.must(calls.SYS_EVENTFD2, 0, 0);
    expect(fstat(actor, event).u64(8)).toBe(fstat(actor, fd).u64(8));
    actor.must(calls.SYS_FCHMOD, fd, 0o644);
    expect(fstat(actor, event).u32(16)).toBe(0o644);
  });

  it("locks the inode that all anonymous files share: another template's lock conflicts (flock(2))", () => {
    const { actor, fd } = start();
    const other = template(actor, "/bin/tool");
    actor.must(calls.SYS_FLOCK, fd, LOCK_EX);
    expectResult(actor.call(calls.SYS_FLOCK, other, LOCK_EX | LOCK_NB), -EAGAIN);
    actor.close(fd);
    expectResult(actor.call(calls.SYS_FLOCK, other, LOCK_EX | LOCK_NB), 0);
  });

  it("is anon_inode:spawn_template in /proc, cannot be opened there, and O_PATH can but not spawn", () => {
    const { actor, fd } = start();
    const buffer = actor.alloc(64);
    const length = actor.must(calls.SYS_READLINKAT, -100, `/proc/self/fd/${fd}`, buffer, 64);
    expect(buffer.text(0, length)).toBe("anon_inode:spawn_template");
    expectResult(actor.call(calls.SYS_OPENAT, -100, `/proc/self/fd/${fd}`, O_RDONLY), -ENXIO);
    const path = actor.call(calls.SYS_OPENAT, -100, `/proc/self/fd/${fd}`, O_PATH);
    expect(path).toBe(4);
    expectResult(spawn(actor, path), -EBADF);
  });

  it("has only the generic lines in fdinfo", () => {
    const { actor, fd } = start();
    const text = actor.read(actor.open(`/proc/self/fdinfo/${fd}`, O_RDONLY));
    expect(text.split("\n").map((line) => line.split(":")[0])).toEqual(["pos", "flags", "mnt_id", "ino", ""]);
    expect(text).toContain("pos:\t0\n");
    expect(text).toContain("flags:\t02\n");
  });

  it("can be closed and copied like any other", () => {
    const { actor, fd } = start();
    const copy = actor.must(calls.SYS_DUP, fd);
    actor.close(fd);
    expect(waitFor(actor, spawn(actor, copy))).toBe(exited(7));
    actor.close(copy);
    expectResult(spawn(actor, copy), -EBADF);
  });
});

function fstat(actor: TestActor, fd: number) {
  const stat = actor.alloc(128);
  actor.must(calls.SYS_FSTAT, fd, stat);
  return stat;
}

