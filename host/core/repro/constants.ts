// SPDX-License-Identifier: MIT
// The constants that a reproduction may use by name: all of kernel/abi that is Linux's or the two calls', and the calls themselves.

import * as errno from "../../../kernel/abi/errno.ts";
import * as fcntl from "../../../kernel/abi/fcntl.ts";
import * as ioctl from "../../../kernel/abi/ioctl.ts";
import * as mman from "../../../kernel/abi/mman.ts";
import * as poll from "../../../kernel/abi/poll.ts";
import * as prctl from "../../../kernel/abi/prctl.ts";
import * as resource from "../../../kernel/abi/resource.ts";
import * as sched from "../../../kernel/abi/sched.ts";
import * as signal from "../../../kernel/abi/signal.ts";
import * as socket from "../../../kernel/abi/socket.ts";
import * as spawn from "../../../kernel/abi/spawn-template.ts";
import * as stat from "../../../kernel/abi/stat.ts";
import * as calls from "../../../kernel/abi/syscalls.ts";
import * as time from "../../../kernel/abi/time.ts";
import * as wait from "../../../kernel/abi/wait.ts";

const MODULES = [errno, fcntl, ioctl, mman, poll, prctl, resource, sched, signal, socket, spawn, stat, time, wait];

/** Names as C has them. */
export const CONSTANTS: ReadonlyMap<string, bigint> = new Map(
  MODULES.flatMap((module) => Object.entries(module)).map(([name, value]): [string, bigint] => [name, BigInt(value)]),
);

/** Number of each system call by its name in lower case. */
export const CALL_NUMBERS: ReadonlyMap<string, number> = new Map(
  [calls, spawn]
    .flatMap((module) => Object.entries(module))
    .filter(([name]) => name.startsWith("SYS_"))
    .map(([name, number]): [string, number] => [name.slice("SYS_".length).toLowerCase(), number]),
);
