// SPDX-License-Identifier: MIT
// One line for each call whose arguments are more than numbers, paths and argv. A call without a line takes up to six such arguments;
// structures that are not described can be given with bytes(...).

import * as own from "../../../kernel/abi/spawn-template.ts";
import * as n from "../../../kernel/abi/syscalls.ts";
import type { Kind } from "./encode.ts";
import { buffer, defaultsTo, field, numbers, numbersView, plain, result, sigset, sizeOf, struct, structs, timespec } from "./kinds.ts";
import { message, receivedMessage } from "./message-kinds.ts";
import { createArgs, spawnArgs } from "./spawn-kinds.ts";
import { directoryNames, siginfoView, sigsetView, statusView, statView, text, timespecView, terminatedText } from "./views.ts";

export type CallSignature = readonly Kind[];

const _ = plain;
const int = result(numbersView("s32"));
const ids = result(numbersView("u32"));
const pair = result(numbersView("s32", 2));
const eight = defaultsTo(8); // the size of a signal set

const openHow = struct(field("flags", "u64"), field("mode", "u64"), field("resolve", "u64"));
const pollFds = structs(field("fd", "s32"), field("events", "u32"));
const sigaction = struct(field("handler", "u64"), field("flags", "u64"), field("mask", "u64"));
const rlimit = struct(field("cur", "u64"), field("max", "u64"));
const iovecs = structs(field("base", "u64"), field("len", "u64"));
const cloneArgs = struct(
  field("flags", "u64"),
  field("pidfd", "u64", int),
  field("child_tid", "u64"),
  field("parent_tid", "u64"),
  ...["exit_signal", "stack", "stack_size", "tls", "set_tid", "set_tid_size", "cgroup"].map((name) => field(name, "u64")),
);

const SIGNATURES: Record<number, CallSignature> = {
  [own.SYS_SPAWN_TEMPLATE_CREATE]: [createArgs, sizeOf(0)],
  [own.SYS_SPAWN_TEMPLATE_SPAWN]: [_, spawnArgs, sizeOf(1)],

  [n.SYS_OPENAT2]: [_, _, openHow, sizeOf(2)],
  [n.SYS_PIPE2]: [pair, _],
  [n.SYS_SOCKETPAIR]: [_, _, _, pair],
  [n.SYS_READ]: [_, buffer(2, text), sizeOf(1)],
  [n.SYS_PREAD64]: [_, buffer(2, text), sizeOf(1), _],
  [n.SYS_READLINKAT]: [_, _, buffer(3, text), sizeOf(2)],
  [n.SYS_GETCWD]: [buffer(1, terminatedText), sizeOf(0)],
  [n.SYS_GETDENTS64]: [_, buffer(2, directoryNames), sizeOf(1)],
  [n.SYS_RECVFROM]: [_, buffer(2, text), sizeOf(1), _, _, _],
  [n.SYS_WRITE]: [_, _, sizeOf(1)],
  [n.SYS_PWRITE64]: [_, _, sizeOf(1), _],
  [n.SYS_SENDTO]: [_, _, sizeOf(1), _, _, _],
  [n.SYS_READV]: [_, iovecs, _],
  [n.SYS_WRITEV]: [_, iovecs, _],
  [n.SYS_SENDMSG]: [_, message, _],
  [n.SYS_RECVMSG]: [_, receivedMessage, _],
  [n.SYS_FSTAT]: [_, result(statView)],
  [n.SYS_NEWFSTATAT]: [_, _, result(statView), _],
  [n.SYS_PPOLL]: [pollFds, _, timespec, sigset, eight],
  [n.SYS_GETGROUPS]: [_, ids],
  [n.SYS_SETGROUPS]: [_, numbers("u32")],
  [n.SYS_GETRESUID]: [ids, ids, ids],
  [n.SYS_GETRESGID]: [ids, ids, ids],
  [n.SYS_UTIMENSAT]: [_, _, structs(field("sec", "s64"), field("nsec", "s64")), _],
  [n.SYS_PRLIMIT64]: [_, _, rlimit, result(numbersView("u64", 2))],

  [n.SYS_CLONE3]: [cloneArgs, sizeOf(0)],
  [n.SYS_WAIT4]: [_, result(statusView), _, _],
  [n.SYS_WAITID]: [_, _, result(siginfoView), _, _],
  [n.SYS_RT_SIGACTION]: [_, sigaction, result(numbersView("u64", 3)), eight],
  [n.SYS_RT_SIGPROCMASK]: [_, sigset, result(sigsetView), eight],
  [n.SYS_RT_SIGPENDING]: [result(sigsetView), eight],
  [n.SYS_RT_SIGSUSPEND]: [sigset, eight],
  [n.SYS_RT_SIGTIMEDWAIT]: [sigset, result(siginfoView), timespec, eight],
  [n.SYS_NANOSLEEP]: [timespec, result(timespecView)],
  [n.SYS_CLOCK_NANOSLEEP]: [_, _, timespec, result(timespecView)],
  [n.SYS_CLOCK_GETTIME]: [_, result(timespecView)],
};

const UNDESCRIBED: CallSignature = [_, _, _, _, _, _];

/** Calls that are written shorter than the system call they make: its name, and what stands before the arguments. */
export const SHORT_CALLS: Record<string, { number: number; args: readonly string[] }> = {
  fork: { number: n.SYS_CLONE, args: ["SIGCHLD"] },
};

export function signatureOf(number: number): CallSignature {
  return SIGNATURES[number] ?? UNDESCRIBED;
}
