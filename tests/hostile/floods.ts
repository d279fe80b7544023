// SPDX-License-Identifier: MIT
// Small programs that do one greedy thing for ever.

import { MAP_ANONYMOUS, MAP_PRIVATE } from "../../kernel/abi/mman.ts";
import * as sched from "../../kernel/abi/sched.ts";
import { SIGCHLD, SIGUSR1 } from "../../kernel/abi/signal.ts";
import { AF_UNIX, SOCK_STREAM } from "../../kernel/abi/socket.ts";
import * as n from "../../kernel/abi/syscalls.ts";
import { ECALL, li, sd } from "../support/elf-builder.ts";
import { buildElf, DATA } from "./elf.ts";
import { iType, jType } from "./instructions.ts";

const A0 = 10;
const A7 = 17;
const SP = 2;
const OP_IMM = 0x13;
const CTRL = "/bin/flood\0";
const THREAD = sched.CLONE_VM | sched.CLONE_FS | sched.CLONE_FILES | sched.CLONE_SIGHAND | sched.CLONE_THREAD;

function call(number: number, ...args: number[]): number[] {
  return [...args.flatMap((value, index) => li(A0 + index, value)), ...li(A7, number), ECALL];
}

/** A program that does this again and again; its name stands at DATA, and zeros behind it. */
const forever = (...parts: (number | number[])[]) => (): Buffer => {
  const body = parts.flat();
  return buildElf(Buffer.from(Uint32Array.from([...body, jType(0, -4 * body.length)], (word) => word >>> 0).buffer), Buffer.from(CTRL));
};

export const FLOODS: Record<string, () => Buffer> = {
  "fork": forever(call(n.SYS_CLONE, SIGCHLD, 0, 0, 0, 0)),
  "fork and exit": forever(call(n.SYS_CLONE, SIGCHLD, 0, 0, 0, 0), call(n.SYS_CLONE, SIGCHLD, 0, 0, 0, 0), call(n.SYS_EXIT, 0)),
  "vfork": forever(call(n.SYS_CLONE, SIGCHLD | sched.CLONE_VM | sched.CLONE_VFORK, 0, 0, 0, 0)),
  "threads": forever(call(n.SYS_CLONE, THREAD, DATA + 0x1000, 0, 0, 0)),
  "fork and exec of itself": forever(call(n.SYS_CLONE, SIGCHLD, 0, 0, 0, 0), call(n.SYS_EXECVE, DATA, 0, 0)),
  "exec of itself": forever(call(n.SYS_EXECVE, DATA, 0, 0)),
  "mmap and touch": forever(call(n.SYS_MMAP, 0, 1 << 20, 3, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), sd(A0, A0, 0)),
  "a stack without end": forever(iType(OP_IMM, SP, 0, SP, -2048), sd(0, SP, 0)),
  "pipes": forever(call(n.SYS_PIPE2, DATA + 64, 0)),
  "sockets": forever(call(n.SYS_SOCKETPAIR, AF_UNIX, SOCK_STREAM, 0, DATA + 64)),
  "output": forever(call(n.SYS_WRITE, 1, DATA, 16_000)),
  "signals to everybody": forever(call(n.SYS_CLONE, SIGCHLD, 0, 0, 0, 0), call(n.SYS_KILL, 0, 0), call(n.SYS_TKILL, 5, SIGUSR1)),
  "stop and continue": forever(call(n.SYS_CLONE, SIGCHLD, 0, 0, 0, 0), call(n.SYS_KILL, 0, 18), call(n.SYS_KILL, 6, 19)),
  "short sleeps": forever(call(n.SYS_CLONE, SIGCHLD, 0, 0, 0, 0), call(n.SYS_NANOSLEEP, DATA + 512, 0)),
  "new sessions": forever(call(n.SYS_CLONE, SIGCHLD, 0, 0, 0, 0), call(n.SYS_SETSID)),
  "names": forever(call(n.SYS_MKDIRAT, -100, DATA, 0o755), call(n.SYS_MEMFD_CREATE, DATA, 0)),
};
