// SPDX-License-Identifier: MIT
// Arguments whose text depends on the rest of their call: a length beside a buffer, a command before its operand, a result.

import * as fcntl from "../../../kernel/abi/fcntl.ts";
import { TIOCGWINSZ, TIOCSWINSZ } from "../../../kernel/abi/ioctl.ts";
import { signalName } from "../names.ts";
import {
  hasFailed, hex, input, int, intAt, octal, output, pointer, structAt, toInt, type Argument, type CallView, type Show,
} from "./argument.ts";
import * as f from "./flags.ts";
import { siginfoText, waitStatusText } from "./process-events.ts";
import { spawnArgs as spawnArgsText, storedPidfd } from "./spawn.ts";
import { data } from "./strings.ts";
import * as s from "./structs.ts";

const argumentOf = (call: CallView, index: number): bigint => call.args[index] ?? 0n;
const resultOf = (call: CallView): bigint => call.result ?? 0n;

/** A user or group; -1 says "leave it as it is". */
export const id: Show = (value) => {
  const number = BigInt.asUintN(32, value);
  return number === 0xffff_ffffn ? "-1" : number.toString();
};

/** The end of close_range(2): ~0 is the highest there is. */
export const lastFd: Show = (value) => (BigInt.asUintN(32, value) === 0xffff_ffffn ? "~0U" : int(value));

// Data: what the caller passes has its length in the third argument, what the kernel stored has it in the result.

export const bytesIn: Argument = input((value, call) => data(value, argumentOf(call, 2), call));
export const bytesOut: Argument = output((value, call) => data(value, resultOf(call), call));
export const iovecsIn: Show = (value, call) => s.iovecs(value, argumentOf(call, 2), call);
export const iovecsOut: Argument = output((value, call) => s.iovecs(value, argumentOf(call, 2), call, resultOf(call)));
export const messageOut: Argument = output((value, call) => s.message(value, call, resultOf(call)));
export const intOut: Argument = output((value, call) => intAt(call, value));
/** pipe2(2), socketpair(2): `[3, 4]`. */
export const fdPair: Argument = output((value, call) => {
  const view = structAt(call, value, 8);
  return view ? `[${view.getInt32(0, true)}, ${view.getInt32(4, true)}]` : pointer(value);
});

/** The entries of getdents64(2) are counted: each begins with ino u64, off s64, reclen u16. */
export const directoryEntries: Argument = output((value, call) => {
  const bytes = call.read(value, Number(resultOf(call)));
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let count = 0;
  for (let at = 0; at + 18 <= bytes.length; count++) at += Math.max(view.getUint16(at + 16, true), 18);
  return `${pointer(value)} /* ${count} entr${count === 1 ? "y" : "ies"} */`;
});

// Files

/** A mode counts only where openat's flags create a file. */
export const openMode: Show = (value, call) => (f.createsFile(argumentOf(call, 2)) ? octal(value) : undefined);

const WITHOUT_OPERAND = [fcntl.F_GETFD, fcntl.F_GETFL, fcntl.F_GETOWN, fcntl.F_GETSIG, fcntl.F_GETPIPE_SZ, fcntl.F_GET_SEALS];
const LOCK_COMMANDS = [fcntl.F_SETLK, fcntl.F_SETLKW, fcntl.F_OFD_SETLK, fcntl.F_OFD_SETLKW];
const LOCK_QUESTIONS = [fcntl.F_GETLK, fcntl.F_OFD_GETLK];

export const fcntlArgument: Argument = {
  enter: (value, call) => {
    const command = toInt(argumentOf(call, 1));
    if (WITHOUT_OPERAND.includes(command) || LOCK_QUESTIONS.includes(command)) return undefined;
    if (command === fcntl.F_SETFD) return f.fdFlags(value);
    if (command === fcntl.F_SETFL) return f.openFlags(value);
    return LOCK_COMMANDS.includes(command) ? s.flock(value, call) : int(value);
  },
  exit: (value, call) => (LOCK_QUESTIONS.includes(toInt(argumentOf(call, 1))) ? s.flock(value, call) : undefined),
};

export const fcntlResult: Show = (value, call) => {
  const command = toInt(argumentOf(call, 1));
  if (command === fcntl.F_GETFL) return `${hex(value)} (flags ${f.openFlags(value)})`;
  return command === fcntl.F_GETFD && value !== 0n ? `${hex(value)} (flags ${f.fdFlags(value)})` : value.toString();
};

export const ioctlArgument: Argument = {
  enter: (value, call) => {
    const request = toInt(argumentOf(call, 1));
    if (request === TIOCGWINSZ) return undefined;
    return request === TIOCSWINSZ ? s.winsize(value, call) : pointer(value);
  },
  exit: (value, call) => {
    if (toInt(argumentOf(call, 1)) !== TIOCGWINSZ) return undefined;
    return hasFailed(call) ? pointer(value) : s.winsize(value, call);
  },
};

export const pollFds: Show = (value, call) => s.pollFds(value, argumentOf(call, 1), call);
export const pollResult: Show = (value, call) =>
  value === 0n ? "0 (Timeout)" : `${value} (${s.readyFds(argumentOf(call, 0), argumentOf(call, 1), call)})`;
export const fdSet: Show = (value, call) => s.fdSet(value, argumentOf(call, 0), call);
export const selectResult: Show = (value) => (value === 0n ? "0 (Timeout)" : value.toString());
export const socketAddress: Show = (value, call) => s.socketAddress(value, argumentOf(call, 2), call);

// Processes

export const cloneArgs: Argument = {
  enter: (value, call) => s.cloneArgs(value, argumentOf(call, 1), call),
  exit: (value, call) => s.clonedPidfd(value, call),
};
export const spawnArgs: Argument = {
  enter: spawnArgsText,
  exit: (value, call) => (hasFailed(call) ? undefined : storedPidfd(value, call)),
};

/** wait4(2) stores a status only for a child: result 0 is WNOHANG without one. */
export const waitStatus: Argument = output((value, call) => {
  const view = structAt(call, value, 4);
  return view && resultOf(call) > 0n ? `[${waitStatusText(view.getInt32(0, true))}]` : pointer(value);
});
export const waitUsage: Argument = output((value, call) => (resultOf(call) > 0n ? s.rusage(value, call) : pointer(value)));

/** waitid(2) clears the pid where there was no child. */
export const siginfo: Argument = output((value, call) => {
  const view = structAt(call, value, 128);
  return view && view.getInt32(0, true) !== 0 ? siginfoText(view) : pointer(value);
});
export const queuedSiginfo: Show = (value, call) => {
  const view = structAt(call, value, 128);
  return view ? siginfoText(view) : pointer(value);
};
export const signalResult: Show = (value) => `${value} (${signalName(Number(value))})`;

export const prctlArgument: Show = (value, call) => s.prctlArgument(argumentOf(call, 0), value, call);
export const groupsIn: Show = (value, call) => groups(value, argumentOf(call, 0), call);
export const groupsOut: Argument = output((value, call) => groups(value, resultOf(call), call));

/** A sleep's remaining time is stored only when a signal ended it. */
export const remaining: Argument = {
  exit: (value, call) => (hasFailed(call) && value !== 0n ? s.timespec(value, call) : pointer(value)),
};

function groups(address: bigint, count: bigint, call: CallView): string {
  return s.vector(address, BigInt.asUintN(32, count), 4, call, (view) => String(view.getUint32(0, true)));
}
