// SPDX-License-Identifier: MIT
// FIFOs (fifo(7)): who waits for whom in open(2), hang-up, what is lost when everybody has gone.

import { expect, it } from "vitest";
import { EAGAIN, EBADF, EINTR, ENXIO } from "../../kernel/abi/errno.ts";
import { AT_FDCWD, F_GETFD, O_NONBLOCK, O_PATH, O_RDONLY, O_RDWR, O_WRONLY } from "../../kernel/abi/fcntl.ts";
import { CLONE_FILES } from "../../kernel/abi/sched.ts";
import { SA_RESTART, SIGCHLD, SIGUSR1 } from "../../kernel/abi/signal.ts";
import { S_IFIFO } from "../../kernel/abi/stat.ts";
import {
  SYS_CLONE, SYS_FCNTL, SYS_FSTAT, SYS_KILL, SYS_MKNODAT, SYS_OPENAT, SYS_PPOLL, SYS_READ, SYS_RT_SIGACTION, SYS_WRITE,
} from "../../kernel/abi/syscalls.ts";
import { POLLHUP, POLLIN, POLLRDNORM } from "../../kernel/abi/poll.ts";
import type { TestActor } from "../support/actor.ts";
import { boot } from "../support/boot.ts";
import { HANDLER, pollfds, sigaction, timespec } from "../support/structs.ts";

function actorWithFifo(): TestActor {
  const actor = boot().actor();
  actor.must(SYS_MKNODAT, AT_FDCWD, "/fifo", S_IFIFO | 0o640, 0);
  return actor;
}

function revents(actor: TestActor, fd: number): number {
  const fds = actor.bytes(pollfds([fd, 0xffff]));
  actor.must(SYS_PPOLL, fds, 1, timespec(0), null, 8);
  return fds.u16(6);
}

const open = (actor: TestActor, flags: number) => actor.start(SYS_OPENAT, AT_FDCWD, "/fifo", flags, 0);

it.each([
  { first: "reader", flags: O_RDONLY, then: O_WRONLY },
  { first: "writer", flags: O_WRONLY, then: O_RDONLY },
  { first: "reader", flags: O_RDONLY, then: O_RDWR },
  { first: "writer", flags: O_WRONLY, then: O_RDWR },
])("a $first waits for a partner", ({ flags, then }) => {
  const actor = actorWithFifo();
  const child = actor.fork();
  const waiting = open(child, flags);
  expect(waiting.isBlocked).toBe(true);
  expect(open(actor, then).result()).toBe(3);
  expect(waiting.result()).toBe(3);
});

it("two readers do not suffice", () => {
  const actor = actorWithFifo();
  const waiting = [open(actor.fork(), O_RDONLY), open(actor.fork(), O_RDONLY)];
  expect(waiting.map((call) => call.isBlocked)).toEqual([true, true]);
  expect(open(actor, O_WRONLY).result()).toBe(3);
  expect(waiting.map((call) => call.result())).toEqual([3, 3]);
});

it.each([
  { how: "O_WRONLY | O_NONBLOCK without a reader", flags: O_WRONLY | O_NONBLOCK, want: -ENXIO },
  { how: "O_RDONLY | O_NONBLOCK", flags: O_RDONLY | O_NONBLOCK, want: 3 },
  { how: "O_RDWR", flags: O_RDWR, want: 3 },
  { how: "O_PATH", flags: O_PATH, want: 3 },
])("$how does not wait", ({ flags, want }) => expect(open(actorWithFifo(), flags).result()).toBe(want));

it("O_WRONLY | O_NONBLOCK succeeds while a reader waits in its open", () => {
  const actor = actorWithFifo();
  const child = actor.fork();
  const reader = open(child, O_RDONLY);
  expect(reader.isBlocked).toBe(true);
  const writer = open(actor, O_WRONLY | O_NONBLOCK).result();
  actor.write(writer, "hello");
  expect(child.read(reader.result())).toBe("hello");
});

it("a reader's open succeeds although the writer has closed again before it ran", () => {
  const actor = actorWithFifo();
  const child = actor.fork();
  const reader = open(child, O_RDONLY);
  expect(reader.isBlocked).toBe(true);
  const writer = actor.open("/fifo", O_WRONLY | O_NONBLOCK);
  actor.write(writer, "left");
  actor.close(writer);
  const fd = reader.result();
  expect(child.read(fd)).toBe("left");
  expect(child.read(fd)).toBe("");
});

it("a handler ends a waiting open with EINTR; it no longer counts as a reader", () => {
  const actor = actorWithFifo();
  const child = actor.fork();
  child.must(SYS_RT_SIGACTION, SIGUSR1, sigaction(HANDLER), null, 8);
  const reader = open(child, O_RDONLY);
  expect(reader.isBlocked).toBe(true);
  actor.must(SYS_KILL, child.pid, SIGUSR1);
  expect(reader.result()).toBe(-EINTR);
  expect(open(actor, O_WRONLY | O_NONBLOCK).result()).toBe(-ENXIO);
});

it("with SA_RESTART the open goes on waiting", () => {
  const actor = actorWithFifo();
  const child = actor.fork();
  child.must(SYS_RT_SIGACTION, SIGUSR1, sigaction(HANDLER, SA_RESTART), null, 8);
  const reader = open(child, O_RDONLY);
  expect(reader.isBlocked).toBe(true);
  actor.must(SYS_KILL, child.pid, SIGUSR1);
  expect(reader.isBlocked).toBe(true);
  expect(child.takeSignals()).toEqual([SIGUSR1]);
  actor.open("/fifo", O_WRONLY);
  expect(reader.result()).toBe(3);
});

it("no descriptor is taken by a waiting open of a task that is killed", () => {
  const actor = actorWithFifo();
  const child = actor.machine.adopt(actor.must(SYS_CLONE, CLONE_FILES | SIGCHLD, 0, 0, 0, 0), actor);
  expect(open(child, O_RDONLY).isBlocked).toBe(true);
  actor.must(SYS_KILL, child.pid, 9);
  expect(actor.wait(child.pid)).toBe(9);
  expect(actor.call(SYS_FCNTL, 3, F_GETFD)).toBe(-EBADF);
});

it("a nonblocking reader sees no hang-up before a writer has been there", () => {
  const actor = actorWithFifo();
  const reader = actor.open("/fifo", O_RDONLY | O_NONBLOCK);
  expect(revents(actor, reader)).toBe(0);
  expect(actor.read(reader)).toBe("");
  const writer = actor.open("/fifo", O_WRONLY);
  expect(actor.call(SYS_READ, reader, actor.alloc(1), 1)).toBe(-EAGAIN);
  actor.write(writer, "x");
  actor.close(writer);
  expect(revents(actor, reader)).toBe(POLLIN | POLLRDNORM | POLLHUP);
});

it("keeps its bytes while anybody has it open, and loses them with the last", () => {
  const actor = actorWithFifo();
  const both = actor.open("/fifo", O_RDWR | O_NONBLOCK);
  actor.write(both, "kept");
  const reader = actor.open("/fifo", O_RDONLY | O_NONBLOCK);
  actor.close(both);
  expect(actor.read(reader)).toBe("kept");

  const writer = actor.open("/fifo", O_WRONLY);
  actor.write(writer, "lost");
  actor.close(writer);
  actor.close(reader);
  expect(actor.read(actor.open("/fifo", O_RDONLY | O_NONBLOCK))).toBe("");
});

it("stat shows the node, on the open file too", () => {
  const actor = actorWithFifo();
  const stat = actor.alloc(128);
  actor.must(SYS_FSTAT, actor.open("/fifo", O_RDWR), stat);
  expect(stat.u32(16)).toBe(S_IFIFO | 0o640);
});

it("a write of a full FIFO sleeps like one of a pipe", () => {
  const actor = actorWithFifo();
  const both = actor.open("/fifo", O_RDWR);
  actor.write(both, new Uint8Array(65536));
  const child = actor.fork();
  const write = child.start(SYS_WRITE, both, "x", 1);
  expect(write.isBlocked).toBe(true);
  actor.read(both, 4096);
  expect(write.result()).toBe(1);
});
