// SPDX-License-Identifier: MIT
// How the lines of several processes fit together: calls that sleep, signals, ends, actions of a template's child.

import { beforeEach, expect, it } from "vitest";
import * as b from "../../kernel/abi/boundary.ts";
import { ENOSYS } from "../../kernel/abi/errno.ts";
import * as s from "../../kernel/abi/signal.ts";
import { SYS_BPF, SYS_EXIT_GROUP, SYS_GETPID, SYS_READ, SYS_WAIT4 } from "../../kernel/abi/syscalls.ts";
import { action, pack } from "../support/structs.ts";
import { FakeGuest } from "../support/fake-guest.ts";

let guest: FakeGuest;
beforeEach(() => void (guest = new FakeGuest()));

it("shows a call that sleeps as unfinished and later as resumed", () => {
  guest.enter(1, SYS_READ, 3, "ok", 2);
  guest.event(b.TRACE_BLOCKED, 1, SYS_READ);
  guest.event(b.TRACE_RESUMED, 1, SYS_READ);
  guest.event(b.TRACE_BLOCKED, 1, SYS_READ);
  guest.enter(2, SYS_GETPID);
  guest.exit(2, SYS_GETPID, 2);
  guest.event(b.TRACE_RESUMED, 1, SYS_READ);
  guest.exit(1, SYS_READ, 2);
  expect(guest.lines).toEqual([
    "[pid 1] read(3,  <unfinished ...>",
    "[pid 2] getpid() = 2",
    '[pid 1] <... read resumed>"ok", 2) = 2',
  ]);
});

it("shows a call that another process interrupts as unfinished", () => {
  guest.enter(1, SYS_WAIT4, -1, pack("s32", 0), 0, 0);
  guest.enter(2, SYS_EXIT_GROUP, 0);
  guest.event(b.TRACE_EXITED, 2, 1, 0);
  guest.exit(1, SYS_WAIT4, 2);
  expect(guest.lines).toEqual([
    "[pid 1] wait4(-1,  <unfinished ...>",
    "[pid 2] exit_group(0) = ?",
    "[pid 2] +++ exited with 0 +++",
    "[pid 1] <... wait4 resumed>[{WIFEXITED(s) && WEXITSTATUS(s) == 0}], 0, NULL) = 2",
  ]);
});

it("shows signals with their siginfo, and a call that will be restarted", () => {
  const siginfo = pack("s32", s.SIGCHLD, "s32", 0, "s32", s.CLD_KILLED, "s32", 0, "s32", 5, "u32", 0, "s32", s.SIGKILL);
  guest.enter(1, SYS_READ, 0, "", 1);
  guest.event(b.TRACE_BLOCKED, 1, SYS_READ);
  guest.event(b.TRACE_RESTARTED, 1, SYS_READ);
  guest.event(b.TRACE_SIGNAL, 1, s.SIGCHLD, s.CLD_KILLED, siginfo);
  expect(guest.lines).toEqual([
    "[pid 1] read(0,  <unfinished ...>",
    "[pid 1] <... read resumed>) = ? ERESTARTSYS (To be restarted if SA_RESTART is set)",
    "[pid 1] --- SIGCHLD {si_signo=SIGCHLD, si_code=CLD_KILLED, si_pid=5, si_uid=0, si_status=SIGKILL} ---",
  ]);
});

it.each([
  { name: "a fault has an address", info: pack("s32", 11, "s32", 0, "s32", 2, "s32", 0, "u64", 0x1234), text: "{si_signo=SIGSEGV, si_code=SEGV_ACCERR, si_addr=0x1234}" },
  { name: "kill has a sender", info: pack("s32", 15, "s32", 0, "s32", 0, "s32", 0, "s32", 1, "u32", 9), text: "{si_signo=SIGTERM, si_code=SI_USER, si_pid=1, si_uid=9}" },
  { name: "a queued signal has a value", info: pack("s32", 35, "s32", 0, "s32", -1, "s32", 0, "s32", 1, "u32", 0, "u64", 7), text: "{si_signo=SIGRT_3, si_code=SI_QUEUE, si_pid=1, si_uid=0, si_value=0x7}" },
  { name: "the kernel says no more", info: pack("s32", 13, "s32", 0, "s32", 128), text: "{si_signo=SIGPIPE, si_code=SI_KERNEL}" },
])("siginfo: $name", ({ info, text }) => {
  guest.event(b.TRACE_SIGNAL, 4, info.readInt32LE(0), 0, info);
  expect(guest.lines[0]).toContain(text);
});

it("shows stops, continuations and ends", () => {
  guest.event(b.TRACE_STOPPED, 3, s.SIGTSTP);
  guest.event(b.TRACE_CONTINUED, 3, 0);
  guest.event(b.TRACE_EXITED, 3, 1, s.SIGSEGV | 0x80);
  expect(guest.lines).toEqual([
    "[pid 3] --- stopped by SIGTSTP ---",
    "[pid 3] --- continued ---",
    "[pid 3] +++ killed by SIGSEGV (core dumped) +++",
  ]);
});

it("shows what a template's child does before its image starts", () => {
  guest.event(b.TRACE_ACTION, 7, 0, 1, action.dup2(4, 1));
  guest.event(b.TRACE_ACTION, 7, 1, -9, action.close(88));
  guest.event(b.TRACE_EXEC, 7, 0, 0);
  expect(guest.lines).toEqual([
    "[pid 7] => {DUP2 4 -> 1} = 1",
    "[pid 7] => {CLOSE 88} = -1 EBADF (Bad file descriptor)",
    "[pid 7] => exec = 0",
  ]);
});

it("counts the calls that the kernel does not have", () => {
  guest.call(SYS_BPF, [], -ENOSYS);
  guest.call(SYS_BPF, [], -ENOSYS);
  guest.call(600, [], -ENOSYS);
  guest.tracer.end();
  expect(guest.lines.slice(3)).toEqual([
    "bpf (280) is not provided: ENOSYS, 2 times",
    "syscall_0x258 (600) is not provided: ENOSYS, 1 time",
  ]);
});
