// SPDX-License-Identifier: MIT
// Advisory locks: fcntl(2) record locks of processes and of open files, and flock(2).

import { describe, expect, it } from "vitest";
import { EAGAIN, EBADF, EDEADLK, EFAULT, EINTR, EINVAL, EOVERFLOW } from "../../kernel/abi/errno.ts";
import {
  F_GETLK, F_OFD_GETLK, F_OFD_SETLK, F_OFD_SETLKW, F_RDLCK, F_SETLK, F_SETLKW, F_UNLCK, F_WRLCK, LOCK_EX, LOCK_NB, LOCK_SH, LOCK_UN, O_CREAT,
  O_RDONLY, O_RDWR, O_WRONLY, SEEK_CUR, SEEK_END, SEEK_SET,
} from "../../kernel/abi/fcntl.ts";
import { SIGUSR1 } from "../../kernel/abi/signal.ts";
import { SYS_DUP, SYS_FCNTL, SYS_FLOCK, SYS_KILL, SYS_LSEEK, SYS_RT_SIGACTION } from "../../kernel/abi/syscalls.ts";
import type { TestActor } from "../support/actor.ts";
import { boot } from "../support/boot.ts";
import { HANDLER, pack, sigaction } from "../support/structs.ts";

interface Range {
  start?: number | bigint;
  length?: number | bigint;
  whence?: number;
  pid?: number;
}

function struct(type: number, { start = 0, length = 0, whence = SEEK_SET, pid = 0 }: Range = {}): Buffer {
  return pack("u16", type, "u16", whence, "u32", 0, "s64", start, "s64", length, "s32", pid, "u32", 0);
}

const lock = (actor: TestActor, fd: number, type: number, range?: Range, command = F_SETLK) =>
  actor.call(SYS_FCNTL, fd, command, struct(type, range));

/** What F_GETLK says: [type, start, length, pid], or undefined when nothing is in the way. */
function conflict(actor: TestActor, fd: number, type: number, range?: Range, command = F_GETLK): number[] | undefined {
  const area = actor.bytes(struct(type, range));
  actor.must(SYS_FCNTL, fd, command, area);
  if (area.u16(0) === F_UNLCK) return undefined;
  return [area.u16(0), Number(area.s64(8)), Number(area.s64(16)), area.s32(24)];
}

/** A parent and a child that each opened the file: descriptor 3 in both. */
function two(): [TestActor, TestActor] {
  const actor = boot().actor();
  actor.open("/file", O_CREAT | O_RDWR, 0o600);
  const child = actor.fork();
  child.close(3);
  child.open("/file", O_RDWR);
  return [actor, child];
}

describe("record locks of processes", () => {
  it("exclude other processes where they overlap", () => {
    const [actor, child] = two();
    expect(lock(actor, 3, F_WRLCK, { start: 10, length: 10 })).toBe(0);
    expect(lock(child, 3, F_WRLCK, { start: 0, length: 10 })).toBe(0);
    expect(lock(child, 3, F_WRLCK, { start: 19, length: 1 })).toBe(-EAGAIN);
    expect(lock(child, 3, F_RDLCK, { start: 0 })).toBe(-EAGAIN);
    expect(conflict(child, 3, F_RDLCK)).toEqual([F_WRLCK, 10, 10, actor.pid]);
    expect(conflict(actor, 3, F_RDLCK, { start: 10, length: 10 })).toBeUndefined();
  });

  it("read locks go together", () => {
    const [actor, child] = two();
    expect(lock(actor, 3, F_RDLCK)).toBe(0);
    expect(lock(child, 3, F_RDLCK)).toBe(0);
    expect(lock(child, 3, F_WRLCK)).toBe(-EAGAIN);
    expect(conflict(child, 3, F_WRLCK)).toEqual([F_RDLCK, 0, 0, actor.pid]);
  });

  it("the owner may split, join and convert them", () => {
    const [actor, child] = two();
    lock(actor, 3, F_WRLCK, { start: 0, length: 100 });
    lock(actor, 3, F_UNLCK, { start: 40, length: 20 });
    expect(conflict(child, 3, F_WRLCK, { start: 50 })).toEqual([F_WRLCK, 60, 40, actor.pid]);
    expect(conflict(child, 3, F_WRLCK, { length: 60 })).toEqual([F_WRLCK, 0, 40, actor.pid]);
    expect(conflict(child, 3, F_WRLCK, { start: 40, length: 20 })).toBeUndefined();
    lock(actor, 3, F_WRLCK, { start: 40, length: 20 });
    expect(conflict(child, 3, F_WRLCK)).toEqual([F_WRLCK, 0, 100, actor.pid]);
    lock(actor, 3, F_RDLCK, { start: 10, length: 10 });
    expect(conflict(child, 3, F_RDLCK, { start: 10, length: 10 })).toBeUndefined();
    expect(conflict(child, 3, F_RDLCK, { start: 5, length: 10 })).toEqual([F_WRLCK, 0, 10, actor.pid]);
  });

  it("all go when the process closes any descriptor of the file, or ends", () => {
    const [actor, child] = two();
    lock(actor, 3, F_WRLCK);
    actor.close(actor.open("/file", O_RDONLY));
    expect(lock(child, 3, F_WRLCK)).toBe(0);
    actor.must(SYS_KILL, child.pid, 9);
    actor.wait(child.pid);
    expect(lock(actor, 3, F_WRLCK)).toBe(0);
  });

  it("are not inherited by fork", () => {
    const [actor] = two();
    lock(actor, 3, F_WRLCK);
    const child = actor.fork();
    expect(lock(child, 3, F_WRLCK)).toBe(-EAGAIN);
  });

  it("F_SETLKW sleeps until the lock is free", () => {
    const [actor, child] = two();
    lock(actor, 3, F_WRLCK);
    const waiting = child.start(SYS_FCNTL, 3, F_SETLKW, struct(F_WRLCK));
    expect(waiting.isBlocked).toBe(true);
    lock(actor, 3, F_UNLCK, { start: 5 });
    expect(waiting.isBlocked).toBe(true);
    lock(actor, 3, F_UNLCK);
    expect(waiting.result()).toBe(0);
    expect(lock(actor, 3, F_RDLCK)).toBe(-EAGAIN);
  });

  it("processes that would wait for each other are told: EDEADLK", () => {
    const [actor, child] = two();
    const third = actor.fork();
    third.open("/file", O_RDWR);
    [actor, child, third].forEach((owner, byte) => lock(owner, 3, F_WRLCK, { start: byte, length: 1 }));
    const waiting = [
      child.start(SYS_FCNTL, 3, F_SETLKW, struct(F_WRLCK, { start: 0, length: 1 })),
      third.start(SYS_FCNTL, 3, F_SETLKW, struct(F_WRLCK, { start: 1, length: 1 })),
    ];
    expect(waiting.map((call) => call.isBlocked)).toEqual([true, true]);
    expect(lock(actor, 3, F_WRLCK, { start: 2, length: 1 }, F_SETLKW)).toBe(-EDEADLK);
    lock(actor, 3, F_UNLCK);
    expect(waiting[0]!.result()).toBe(0);
    lock(child, 3, F_UNLCK);
    expect(waiting[1]!.result()).toBe(0);
  });

  it("a handler ends the wait", () => {
    const [actor, child] = two();
    lock(actor, 3, F_WRLCK);
    child.must(SYS_RT_SIGACTION, SIGUSR1, sigaction(HANDLER), null, 8);
    const waiting = child.start(SYS_FCNTL, 3, F_SETLKW, struct(F_WRLCK));
    expect(waiting.isBlocked).toBe(true);
    actor.must(SYS_KILL, child.pid, SIGUSR1);
    expect(waiting.result()).toBe(-EINTR);
  });

  it("ranges count from the start, the position or the end, and backwards", () => {
    const [actor, child] = two();
    actor.write(3, "0123456789");
    actor.must(SYS_LSEEK, 3, 4, SEEK_SET);
    lock(actor, 3, F_WRLCK, { whence: SEEK_CUR, start: 1, length: 1 });
    lock(actor, 3, F_WRLCK, { whence: SEEK_END, start: -2, length: 1 });
    lock(actor, 3, F_WRLCK, { start: 3, length: -3 });
    const found = [0, 5, 8].map((start) => conflict(child, 3, F_WRLCK, { start, length: 1 }));
    expect(found).toEqual([[F_WRLCK, 0, 3, actor.pid], [F_WRLCK, 5, 1, actor.pid], [F_WRLCK, 8, 1, actor.pid]]);
  });

  it.each([
    { call: "an unknown type", type: 9, range: {}, want: -EINVAL },
    { call: "an unknown whence", type: F_WRLCK, range: { whence: 9 }, want: -EINVAL },
    { call: "a negative start", type: F_WRLCK, range: { start: -1 }, want: -EINVAL },
    { call: "a negative length to before the start", type: F_WRLCK, range: { start: 10, length: -11 }, want: -EINVAL },
    { call: "a negative length to the start", type: F_WRLCK, range: { start: 10, length: -10 }, want: 0 },
    { call: "an end beyond the largest offset", type: F_WRLCK, range: { start: 0x7fffffffffffffffn, length: 2 }, want: -EOVERFLOW },
  ])("$call", ({ type, range, want }) => expect(lock(two()[0], 3, type, range)).toBe(want));

  it("a write lock needs a file open for writing, a read lock one open for reading", () => {
    const actor = boot().actor();
    actor.close(actor.open("/file", O_CREAT | O_RDWR, 0o600));
    expect(lock(actor, actor.open("/file", O_RDONLY), F_WRLCK)).toBe(-EBADF);
    expect(lock(actor, actor.open("/file", O_WRONLY), F_RDLCK)).toBe(-EBADF);
    expect(actor.call(SYS_FCNTL, 3, F_SETLK, 8)).toBe(-EFAULT);
    expect(actor.call(SYS_FCNTL, 3, F_GETLK, struct(F_UNLCK))).toBe(-EINVAL);
  });

  it("a pipe can be locked, too", () => {
    const actor = boot().actor();
    const [, writer] = actor.pipe();
    expect(lock(actor, writer, F_WRLCK)).toBe(0);
    expect(lock(actor.fork(), writer, F_WRLCK)).toBe(-EAGAIN);
  });
});

describe("record locks of open files", () => {
  it("belong to the open file, not to the process, and go with it", () => {
    const [actor] = two();
    const other = actor.open("/file", O_RDWR);
    expect(lock(actor, 3, F_WRLCK, {}, F_OFD_SETLK)).toBe(0);
    expect(lock(actor, other, F_WRLCK, {}, F_OFD_SETLK)).toBe(-EAGAIN);
    expect(lock(actor, other, F_WRLCK)).toBe(-EAGAIN); // one's own process included
    expect(conflict(actor, other, F_RDLCK, {}, F_OFD_GETLK)).toEqual([F_WRLCK, 0, 0, -1]);
    const copy = actor.must(SYS_DUP, 3);
    actor.close(3);
    expect(lock(actor, other, F_WRLCK, {}, F_OFD_SETLK)).toBe(-EAGAIN);
    actor.close(copy);
    expect(lock(actor, other, F_WRLCK, {}, F_OFD_SETLK)).toBe(0);
  });

  it("F_OFD_SETLKW sleeps; l_pid must be 0", () => {
    const [actor, child] = two();
    lock(actor, 3, F_WRLCK, {}, F_OFD_SETLK);
    const waiting = child.start(SYS_FCNTL, 3, F_OFD_SETLKW, struct(F_WRLCK));
    expect(waiting.isBlocked).toBe(true);
    actor.close(3);
    expect(waiting.result()).toBe(0);
    expect(lock(child, 3, F_WRLCK, { pid: 1 }, F_OFD_SETLK)).toBe(-EINVAL);
  });
});

describe("flock", () => {
  const flock = (actor: TestActor, fd: number, operation: number) => actor.call(SYS_FLOCK, fd, operation);

  it("excludes other open files, not copies of this one", () => {
    const [actor, child] = two();
    expect(flock(actor, 3, LOCK_EX)).toBe(0);
    expect(flock(child, 3, LOCK_SH | LOCK_NB)).toBe(-EAGAIN);
    expect(flock(actor, actor.must(SYS_DUP, 3), LOCK_EX)).toBe(0);
    expect(flock(actor.fork(), 3, LOCK_UN)).toBe(0); // the parent's, since it is the same open file
    expect(flock(child, 3, LOCK_EX | LOCK_NB)).toBe(0);
  });

  it("sleeps until the lock is free, and record locks do not matter", () => {
    const [actor, child] = two();
    lock(actor, 3, F_WRLCK);
    expect(flock(child, 3, LOCK_SH)).toBe(0);
    const waiting = actor.start(SYS_FLOCK, 3, LOCK_EX);
    expect(waiting.isBlocked).toBe(true);
    child.close(3);
    expect(waiting.result()).toBe(0);
  });

  it("a conversion that fails loses the old lock", () => {
    const [actor, child] = two();
    flock(actor, 3, LOCK_SH);
    flock(child, 3, LOCK_SH);
    expect(flock(actor, 3, LOCK_EX | LOCK_NB)).toBe(-EAGAIN);
    expect(flock(child, 3, LOCK_EX | LOCK_NB)).toBe(0);
  });

  it.each([
    { call: "an unknown operation, before the descriptor", fd: 99, operation: 3, want: -EINVAL },
    { call: "a closed descriptor", fd: 99, operation: LOCK_SH, want: -EBADF },
    { call: "unlocking what is not locked", fd: 3, operation: LOCK_UN, want: 0 },
  ])("$call", ({ fd, operation, want }) => expect(flock(two()[0], fd, operation)).toBe(want));
});
