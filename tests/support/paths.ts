// SPDX-License-Identifier: MIT
// What tests of calls on paths ask an actor for again and again.

import { AT_FDCWD, AT_SYMLINK_NOFOLLOW, O_DIRECTORY, O_RDONLY } from "../../kernel/abi/fcntl.ts";
import {
  SYS_FCHMODAT, SYS_GETDENTS64, SYS_MKDIRAT, SYS_NEWFSTATAT, SYS_READLINKAT, SYS_SETFSGID, SYS_SETFSUID, SYS_SYMLINKAT,
} from "../../kernel/abi/syscalls.ts";
import type { TestActor } from "./actor.ts";

export interface Attributes {
  readonly dev: bigint;
  readonly ino: bigint;
  readonly mode: number;
  readonly nlink: number;
  readonly uid: number;
  readonly gid: number;
  readonly rdev: bigint;
  readonly size: number;
  readonly blocks: number;
  /** Times in ns since 1970. */
  readonly atime: bigint;
  readonly mtime: bigint;
  readonly ctime: bigint;
}

/** stat(2) or, without following a link at the end, lstat(2). Throws when there is nothing. */
export function stat(actor: TestActor, path: string, follows = true): Attributes {
  const out = actor.alloc(128);
  actor.must(SYS_NEWFSTATAT, AT_FDCWD, path, out, follows ? 0 : AT_SYMLINK_NOFOLLOW);
  const time = (offset: number) => out.s64(offset) * 1_000_000_000n + out.s64(offset + 8);
  return {
    dev: out.u64(0), ino: out.u64(8), mode: out.u32(16), nlink: out.u32(20), uid: out.u32(24), gid: out.u32(28), rdev: out.u64(32),
    size: Number(out.s64(48)), blocks: Number(out.s64(64)), atime: time(72), mtime: time(88), ctime: time(104),
  };
}

/** Whether something is there, or the errno that says why not. */
export function probe(actor: TestActor, path: string): number {
  return actor.call(SYS_NEWFSTATAT, AT_FDCWD, path, actor.alloc(128), AT_SYMLINK_NOFOLLOW);
}

export function readLink(actor: TestActor, path: string): string {
  const out = actor.alloc(256);
  return out.text(0, actor.must(SYS_READLINKAT, AT_FDCWD, path, out, 256));
}

export interface Entry {
  readonly name: string;
  readonly ino: bigint;
  readonly type: number;
}

/** The records that one getdents64(2) puts into `size` bytes; empty at the end. */
export function nextEntries(actor: TestActor, fd: number, size = 32768, buffer = actor.alloc(size)): Entry[] {
  const length = actor.must(SYS_GETDENTS64, fd, buffer, size);
  const bytes = buffer.bytes(0, length);
  const entries: Entry[] = [];
  for (let at = 0; at < length; at += bytes.readUInt16LE(at + 16)) {
    const name = bytes.toString("latin1", at + 19, bytes.indexOf(0, at + 19));
    entries.push({ name, ino: bytes.readBigUInt64LE(at), type: bytes.readUInt8(at + 18) });
  }
  return entries;
}

/** Everything in a directory but "." and "..". */
export function list(actor: TestActor, path: string): Entry[] {
  const fd = actor.open(path, O_RDONLY | O_DIRECTORY);
  const buffer = actor.alloc(32768);
  const all: Entry[] = [];
  for (let some = nextEntries(actor, fd, 32768, buffer); some.length > 0; some = nextEntries(actor, fd, 32768, buffer)) all.push(...some);
  actor.close(fd);
  return all.filter(({ name }) => name !== "." && name !== "..");
}

export function makeDirectory(actor: TestActor, path: string, mode = 0o755): void {
  actor.must(SYS_MKDIRAT, AT_FDCWD, path, mode);
  actor.must(SYS_FCHMODAT, AT_FDCWD, path, mode);
}

export function makeLink(actor: TestActor, target: string, path: string): void {
  actor.must(SYS_SYMLINKAT, target, AT_FDCWD, path);
}

/** From now on paths are looked up with this user's and group's rights, and without capabilities unless it is root (setfsuid(2)). */
export function actAs(actor: TestActor, uid: number, gid = uid): void {
  actor.call(SYS_SETFSUID, 0);
  actor.call(SYS_SETFSGID, gid);
  actor.call(SYS_SETFSUID, uid);
}
