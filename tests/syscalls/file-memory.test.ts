// SPDX-License-Identifier: MIT
// Calls on files when the kernel's memory is used up: each fails with its errno wherever the memory ends, leaves nothing
// behind (boot() checks that after each test), and works when there is memory again.

import { describe, expect, it } from "vitest";
import { EAGAIN, ENFILE, ENOBUFS, ENOLCK, ENOMEM } from "../../kernel/abi/errno.ts";
import { CLOSE_RANGE_UNSHARE, F_DUPFD, F_SETLK, F_WRLCK, O_CREAT, O_NONBLOCK, O_RDWR } from "../../kernel/abi/fcntl.ts";
import { POLLIN } from "../../kernel/abi/poll.ts";
import { RLIMIT_NOFILE } from "../../kernel/abi/resource.ts";
import { CLONE_FILES } from "../../kernel/abi/sched.ts";
import { SIGCHLD } from "../../kernel/abi/signal.ts";
import { AF_UNIX, SOCK_STREAM } from "../../kernel/abi/socket.ts";
import {
  SYS_CLONE, SYS_CLOSE_RANGE, SYS_EVENTFD2, SYS_FCNTL, SYS_PIPE2, SYS_PPOLL, SYS_PRLIMIT64, SYS_SETRESUID, SYS_SOCKET, SYS_SOCKETPAIR, SYS_WRITE,
} from "../../kernel/abi/syscalls.ts";
import { limitOf } from "../support/limits.ts";
import type { Argument, TestActor } from "../support/actor.ts";
import { boot } from "../support/boot.ts";
import { pack, pollfds } from "../support/structs.ts";

interface Case {
  call: string;
  number: number;
  args: (actor: TestActor) => Argument[];
  errno: number;
}

const CASES: Case[] = [
  { call: "pipe2", number: SYS_PIPE2, args: (a) => [a.alloc(8), 0], errno: ENOMEM },
  { call: "eventfd2", number: SYS_EVENTFD2, args: () => [0, 0], errno: ENOMEM },
  { call: "socket", number: SYS_SOCKET, args: () => [AF_UNIX, SOCK_STREAM, 0], errno: ENOMEM },
  { call: "socketpair", number: SYS_SOCKETPAIR, args: (a) => [AF_UNIX, SOCK_STREAM, 0, a.alloc(8)], errno: ENOMEM },
  { call: "write to a pipe", number: SYS_WRITE, args: (a) => [a.pipe()[1], a.alloc(9000), 9000], errno: ENOMEM },
  {
    call: "write to a socket",
    number: SYS_WRITE,
    args: (a) => {
      const fds = a.alloc(8);
      a.must(SYS_SOCKETPAIR, AF_UNIX, SOCK_STREAM, 0, fds);
      return [fds.s32(0), a.alloc(9000), 9000];
    },
    errno: ENOBUFS,
  },
  { call: "F_DUPFD beyond the first leaf", number: SYS_FCNTL, args: () => [1, F_DUPFD, 500], errno: ENOMEM },
  {
    call: "F_SETLK",
    number: SYS_FCNTL,
    args: (a) => [a.open("/file", O_CREAT | O_RDWR, 0o600), F_SETLK, a.bytes(pack("u16", F_WRLCK, "u16", 0, "u32", 0, "u64", 0, "u64", 0, "u64", 0))],
    errno: ENOLCK,
  },
  {
    call: "ppoll that has to wait",
    number: SYS_PPOLL,
    args: (a) => [a.bytes(pollfds([a.pipe()[0], POLLIN])), 1, a.u64s([0, 1000]), null, 8],
    errno: ENOMEM,
  },
  {
    call: "close_range with UNSHARE",
    number: SYS_CLOSE_RANGE,
    args: (a) => {
      a.must(SYS_CLONE, CLONE_FILES | SIGCHLD, 0, 0, 0, 0);
      a.must(SYS_FCNTL, 1, F_DUPFD, 700);
      return [3, 5, CLOSE_RANGE_UNSHARE];
    },
    errno: ENOMEM,
  },
];

it.each(CASES)("$call", ({ number, args, errno }) => {
  const machine = boot();
  const actor = machine.actor();
  const values = args(actor);
  let failures = 0;
  for (let allowed = 0; allowed < 50; allowed++) {
    machine.machine.failAllocation(allowed);
    const outcome = actor.call(number, ...values);
    machine.machine.failAllocation(-1);
    if (outcome >= 0 && outcome !== 4096 && outcome !== 8192) break; // a short count is what a write says half-way
    if (outcome < 0) expect(outcome).toBe(-errno);
    failures++;
  }
  expect(failures).toBeGreaterThan(0);
  expect(failures).toBeLessThan(50);
});

it("file-max bounds the open files of the unprivileged: ENFILE", () => {
  const actor = boot().actor();
  actor.must(SYS_PRLIMIT64, 0, RLIMIT_NOFILE, actor.u64s([100_000, 100_000]), null);
  const [fds, sockets] = [actor.alloc(8), [AF_UNIX, SOCK_STREAM, 0] as const];
  for (let open = 3; open < limitOf("MAX_OPEN_FILES"); open++) actor.must(SYS_EVENTFD2, 0, 0);
  actor.must(SYS_EVENTFD2, 0, 0); // root is not bound
  actor.must(SYS_SETRESUID, 1000, 1000, 1000);
  expect(actor.call(SYS_PIPE2, fds, 0)).toBe(-ENFILE);
  expect(actor.call(SYS_EVENTFD2, 0, 0)).toBe(-ENFILE);
  expect(actor.call(SYS_SOCKET, ...sockets)).toBe(-ENFILE);
  expect(actor.call(SYS_SOCKETPAIR, ...sockets, fds)).toBe(-ENFILE);
  expect(actor.call(SYS_FCNTL, 1, F_DUPFD, 0)).toBeGreaterThan(0); // no new open file
  actor.must(SYS_CLOSE_RANGE, 3, 100, 0);
  expect(actor.call(SYS_PIPE2, fds, 0)).toBe(0);
});

describe("with the machine's memory really used up", () => {
  it("pipes and sockets fill what there is, fail, and give it back", () => {
    const machine = boot({ memoryBytes: 24 << 20 });
    const actor = machine.actor();
    actor.must(SYS_PRLIMIT64, 0, RLIMIT_NOFILE, actor.u64s([4096, 4096]), null);
    const [bytes, fds] = [actor.alloc(65536), actor.alloc(8)];
    bytes.write(new Uint8Array(65536));
    let outcome = 0;
    for (let i = 0; i < 2000 && outcome !== -ENOMEM; i++) {
      outcome = actor.call(SYS_PIPE2, fds, O_NONBLOCK);
      if (outcome < 0) break;
      while ((outcome = actor.call(SYS_WRITE, fds.s32(4), bytes, 65536)) > 0);
      expect([-EAGAIN, -ENOMEM]).toContain(outcome);
    }
    expect(outcome).toBe(-ENOMEM);
    expect(actor.call(SYS_CLOSE_RANGE, 3, 4095, 0)).toBe(0);
    expect(actor.call(SYS_PIPE2, fds, 0)).toBe(0);
    expect(actor.call(SYS_WRITE, fds.s32(4), bytes, 65536)).toBe(65536);
  });
});
