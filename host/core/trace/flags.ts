// SPDX-License-Identifier: MIT
// Symbolic names for arguments that are flags or choices. Every name comes from kernel/abi; here stands only which of them
// belong together.

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
import * as time from "../../../kernel/abi/time.ts";
import * as wait from "../../../kernel/abi/wait.ts";
import { bitsOf, flagsText, namesOf, signalName, type AbiModule } from "../names.ts";
import { hex, int, octal, toInt } from "./argument.ts";

/** The name of a value; it serves as an argument's Show as it is. */
type Named = (value: bigint) => string;

/** Bits of an int argument by name. */
function bits(module: AbiModule, prefix: string | RegExp, zero = "0"): Named {
  const known = bitsOf(module, prefix);
  return (value) => flagsText(BigInt.asUintN(32, value), known, zero);
}

/** An int argument that is one of several constants. */
function choice(module: AbiModule, prefix: string | RegExp): Named {
  const names = namesOf(module, prefix);
  return (value) => names.get(toInt(value)) ?? names.get(Number(BigInt.asUintN(32, value))) ?? int(value);
}

const openBits = bitsOf(fcntl, /^O_(?!ACCMODE$|RDONLY$|WRONLY$|RDWR$)/);
const ACCESS_MODES = ["O_RDONLY", "O_WRONLY", "O_RDWR", "O_ACCMODE"];

export const openFlags: Named = (value) => openFlagsText(BigInt.asUintN(32, value));

/** The access mode by name, then the other flags. */
export function openFlagsText(flags: bigint): string {
  const mode = ACCESS_MODES[Number(flags & 3n)] as string;
  const rest = flags & ~3n;
  return rest === 0n ? mode : `${mode}|${flagsText(rest, openBits)}`;
}

/** Whether a mode argument counts. */
export function createsFile(flags: bigint): boolean {
  return (flags & BigInt(fcntl.O_CREAT)) !== 0n || (flags & BigInt(fcntl.O_TMPFILE)) === BigInt(fcntl.O_TMPFILE);
}

export const dirfd: Named = (value) => (toInt(value) === fcntl.AT_FDCWD ? "AT_FDCWD" : int(value));
export const accessMode = bits(fcntl, /^[XWR]_OK$/, "F_OK");
export const whence = choice(fcntl, "SEEK_");
export const fcntlCommand = choice(fcntl, /^F_(DUPFD|GET|SET|OFD|ADD|NOTIFY)/);
export const lockType = choice(fcntl, /^F_(RD|WR|UN)LCK$/);
export const fdFlags = bits(fcntl, "FD_");
export const flockOperation = bits(fcntl, "LOCK_");
export const renameFlags = bits(fcntl, "RENAME_");
export const closeRangeFlags = bits(fcntl, "CLOSE_RANGE_");
export const pipeFlags = bits(fcntl, /^O_(CLOEXEC|NONBLOCK|DIRECT)$/);
export const resolveFlags = bits(fcntl, "RESOLVE_");

// One bit of AT_ means different things to different calls.
export const statAtFlags = bits(fcntl, /^AT_(SYMLINK_NOFOLLOW|NO_AUTOMOUNT|EMPTY_PATH)$/);
export const accessAtFlags = bits(fcntl, /^AT_(SYMLINK_NOFOLLOW|EACCESS|EMPTY_PATH)$/);
export const unlinkAtFlags = bits(fcntl, /^AT_REMOVEDIR$/);
export const linkAtFlags = bits(fcntl, /^AT_(SYMLINK_FOLLOW|EMPTY_PATH)$/);
export const ownerAtFlags = bits(fcntl, /^AT_(SYMLINK_NOFOLLOW|EMPTY_PATH)$/);
export const statxMask = bits(stat, /^STATX_(?!ATTR_|_)/);
export const mountFlags = bits(stat, "MS_");

export const protection = bits(mman, "PROT_", "PROT_NONE");
export const mapFlags = bits(mman, "MAP_");
export const remapFlags = bits(mman, "MREMAP_");
export const syncFlags = bits(mman, "MS_");
export const advice = choice(mman, "MADV_");
export const memfdFlags = bits(mman, "MFD_");

export const pollEvents = bits(poll, "POLL");
export const epollOperation = choice(poll, "EPOLL_CTL_");
export const epollEvents = bits(poll, /^EPOLL(?!_)/);

export const cloneBits = bitsOf(sched, /^CLONE_(?!ARGS_)/);
/** clone(2) carries the child's exit signal in the lowest byte. */
export const cloneFlags: Named = (value) => {
  const exitSignal = Number(value & 0xffn);
  const names = flagsText(value & ~0xffn, cloneBits, "");
  return [names, exitSignal === 0 ? "" : signalName(exitSignal)].filter(Boolean).join("|") || "0";
};
export const unshareFlags = bits(sched, /^CLONE_(?!ARGS_)/);
const futexCommands = namesOf(sched, /^FUTEX_(?!CMD_MASK|PRIVATE|CLOCK|TID|OWNER|WAITERS|BITSET)/);
const futexModifiers = bitsOf(sched, /^FUTEX_(PRIVATE_FLAG|CLOCK_REALTIME)$/);

export const futexOperation: Named = (value) => {
  const command = Number(value & 0x7fn);
  const modifiers = BigInt.asUintN(32, value) & ~0x7fn;
  const name = futexCommands.get(command) ?? String(command);
  return modifiers === 0n ? name : `${name}|${flagsText(modifiers, futexModifiers)}`;
};

export const signalNumber: Named = (value) => signalName(toInt(value));
export const maskHow = choice(signal, /^SIG_(BLOCK|UNBLOCK|SETMASK)$/);
export const actionFlags = bits(signal, "SA_");
export const altStackFlags = bits(signal, "SS_");

export const idType = choice(wait, "P_");
export const waitOptions = bits(wait, /^(WNOHANG|WUNTRACED|WCONTINUED|__W.*)$/);
export const waitidOptions = bits(wait, /^(W(NOHANG|STOPPED|EXITED|CONTINUED|NOWAIT)|__W.*)$/);

export const clock = choice(time, "CLOCK_");
export const timerFlags = bits(time, /^TIMER_ABSTIME$/);
export const intervalTimer = choice(time, "ITIMER_");
export const limit = choice(resource, "RLIMIT_(?!OFILE|NLIMITS)");
export const usageOf = choice(resource, "RUSAGE_");

const ioctlNames = namesOf(ioctl, /./);
export const ioctlRequest: Named = (value) => {
  const request = BigInt.asUintN(32, value); // the upper bits hold a direction and a size: hexadecimal tells them apart
  return ioctlNames.get(Number(request)) ?? hex(request);
};
export const prctlOption = choice(prctl, /^PR_(SET|GET|CAPBSET_(READ|DROP)$|CAP_AMBIENT$)(?!_MM_|_PTRACER_ANY|_VMA_)/);

export const addressFamily = choice(socket, "AF_");
const socketTypes = namesOf(socket, /^SOCK_(STREAM|DGRAM|SEQPACKET)$/);
const socketBits = bitsOf(socket, /^SOCK_(NONBLOCK|CLOEXEC)$/);
export const socketType: Named = (value) => {
  const flags = BigInt.asUintN(32, value) & ~0xfn;
  const name = socketTypes.get(Number(value & 0xfn)) ?? String(value & 0xfn);
  return flags === 0n ? name : `${name}|${flagsText(flags, socketBits)}`;
};
export const messageFlags = bits(socket, "MSG_");
export const socketOption = choice(socket, "SO_");
export const socketLevel = choice(socket, "SOL_");
export const shutdownHow = choice(socket, "SHUT_");

export const createFlags = bits(spawn, "SPAWN_TEMPLATE_CREATE_CLOEXEC$");
export const spawnFlags = bits(spawn, "SPAWN_TEMPLATE_SPAWN_INHERIT_FDS$");

const FILE_TYPES: [number, string][] = [...namesOf(stat, /^S_IF(?!MT$)/)];
const MODE_BITS = bitsOf(stat, /^S_IS(UID|GID|VTX)$/);

export const fileMode: Named = (value) => fileModeText(Number(BigInt.asUintN(32, value)));

/** `S_IFREG|0644`. */
export function fileModeText(mode: number): string {
  const type = FILE_TYPES.find(([value]) => value === (mode & stat.S_IFMT))?.[1];
  const special = flagsText(BigInt(mode & 0o7000), MODE_BITS, "");
  return [type, special, octal(BigInt(mode & 0o777))].filter(Boolean).join("|");
}
