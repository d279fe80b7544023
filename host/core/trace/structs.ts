// SPDX-License-Identifier: MIT
// Structures of the Linux riscv64 ABI as strace(1) writes them. Each takes the address of one in guest memory and gives that
// address back where it cannot be read. Layouts: the man page of the call, fields little endian and naturally aligned.

import { PR_SET_NAME } from "../../../kernel/abi/prctl.ts";
import { CLONE_PIDFD } from "../../../kernel/abi/sched.ts";
import { AF_UNIX, SCM_RIGHTS, SOL_SOCKET } from "../../../kernel/abi/socket.ts";
import { S_IFBLK, S_IFCHR, S_IFMT, UTIME_NOW, UTIME_OMIT } from "../../../kernel/abi/stat.ts";
import { decodeStat, STAT_SIZE } from "../file-stat.ts";
import { flagsText, signalName } from "../names.ts";
import { hasFailed, hex, intAt, pointer, structAt, type CallView } from "./argument.ts";
import * as flags from "./flags.ts";
import { cString, data, quote } from "./strings.ts";

const MAX_ITEMS = 32;

type StructText = (address: bigint, call: CallView) => string;

/** A structure of a fixed size: its text from its fields. */
function struct(size: number, show: (view: DataView, call: CallView, address: bigint) => string): StructText {
  return (address, call) => {
    const view = structAt(call, address, size);
    return view ? show(view, call, address) : pointer(address);
  };
}

/** `[item, item]` for `count` structures in a row. */
export function vector(address: bigint, count: bigint, size: number, call: CallView, show: (view: DataView) => string): string {
  if (address === 0n) return "NULL";
  const shown = Number(count < BigInt(MAX_ITEMS) ? count : BigInt(MAX_ITEMS));
  const bytes = call.read(address, shown * size);
  if (bytes.length < shown * size) return pointer(address);
  const items = Array.from({ length: shown }, (_, index) => show(new DataView(bytes.buffer, bytes.byteOffset + index * size, size)));
  return `[${[...items, ...(count > BigInt(shown) ? ["..."] : [])].join(", ")}]`;
}

export const timespec = struct(16, (view) => timespecText(view, 0));
export const timeval = struct(16, (view) => `{tv_sec=${view.getBigInt64(0, true)}, tv_usec=${view.getBigInt64(8, true)}}`);
export const itimerspec = struct(32, (view) => `{it_interval=${timespecText(view, 0)}, it_value=${timespecText(view, 16)}}`);
export const itimerval = struct(32, (view) => {
  const part = (at: number) => `{tv_sec=${view.getBigInt64(at, true)}, tv_usec=${view.getBigInt64(at + 8, true)}}`;
  return `{it_interval=${part(0)}, it_value=${part(16)}}`;
});

/** The two times of utimensat(2). */
export const utimes = struct(32, (view) => `[${utimeText(view, 0)}, ${utimeText(view, 16)}]`);

/** The short form of struct stat. */
export const fileStat = struct(STAT_SIZE, (view) => {
  const stat = decodeStat(new Uint8Array(view.buffer, view.byteOffset, STAT_SIZE));
  const type = stat.mode & S_IFMT;
  const isDevice = type === S_IFCHR || type === S_IFBLK;
  const last = isDevice ? `st_rdev=makedev(${stat.rdev >> 8n}, ${stat.rdev & 0xffn})` : `st_size=${stat.size}`;
  return `{st_mode=${flags.fileModeText(stat.mode)}, ${last}, ...}`;
});

export const statx = struct(256, (view) => {
  const mode = view.getUint16(28, true);
  const mask = hex(BigInt(view.getUint32(0, true)));
  return `{stx_mask=${mask}, stx_mode=${flags.fileModeText(mode)}, stx_size=${view.getBigUint64(40, true)}, ...}`;
});

export const openHow = struct(24, (view) => openHowText(view, 0));

/** `{flags=O_RDONLY, mode=0644, resolve=RESOLVE_BENEATH}`, zero fields left out as strace does. */
export function openHowText(view: DataView, at: number): string {
  const [open, mode, resolve] = [0, 8, 16].map((offset) => view.getBigUint64(at + offset, true)) as [bigint, bigint, bigint];
  const parts = [`flags=${flags.openFlagsText(open)}`];
  if (mode !== 0n || flags.createsFile(open)) parts.push(`mode=0${mode.toString(8)}`);
  if (resolve !== 0n) parts.push(`resolve=${flags.resolveFlags(resolve)}`);
  return `{${parts.join(", ")}}`;
}

/** `[INT CHLD]`, or `~[...]` where most signals are in the set. */
export const sigset = struct(8, (view) => sigsetText(view.getBigUint64(0, true)));

export function sigsetText(set: bigint): string {
  const signals = Array.from({ length: 64 }, (_, index) => index + 1);
  const isIn = (signal: number) => ((set >> BigInt(signal - 1)) & 1n) === 1n;
  const isComplement = signals.filter(isIn).length > 32;
  const named = signals.filter((signal) => isIn(signal) !== isComplement).map((signal) => signalName(signal).slice("SIG".length));
  return `${isComplement ? "~" : ""}[${named.join(" ")}]`;
}

export const sigaction = struct(24, (view) => {
  const handler = view.getBigUint64(0, true);
  const name = handler === 0n ? "SIG_DFL" : handler === 1n ? "SIG_IGN" : pointer(handler);
  const mask = sigsetText(view.getBigUint64(16, true));
  return `{sa_handler=${name}, sa_mask=${mask}, sa_flags=${flags.actionFlags(view.getBigUint64(8, true))}}`;
});

export const altStack = struct(24, (view) => {
  const stack = pointer(view.getBigUint64(0, true));
  return `{ss_sp=${stack}, ss_flags=${flags.altStackFlags(BigInt(view.getInt32(8, true)))}, ss_size=${view.getBigUint64(16, true)}}`;
});

export const rlimit = struct(16, (view) => {
  const text = (value: bigint) => (value === 0xffff_ffff_ffff_ffffn ? "RLIM64_INFINITY" : value.toString());
  return `{rlim_cur=${text(view.getBigUint64(0, true))}, rlim_max=${text(view.getBigUint64(8, true))}}`;
});

export const rusage = struct(144, (view) => {
  const part = (at: number) => `{tv_sec=${view.getBigInt64(at, true)}, tv_usec=${view.getBigInt64(at + 8, true)}}`;
  return `{ru_utime=${part(0)}, ru_stime=${part(16)}, ...}`;
});

export const winsize = struct(8, (view) => `{ws_row=${view.getUint16(0, true)}, ws_col=${view.getUint16(2, true)}}`);

export const flock = struct(32, (view) => {
  const type = flags.lockType(BigInt(view.getInt16(0, true)));
  const whence = flags.whence(BigInt(view.getInt16(2, true)));
  return `{l_type=${type}, l_whence=${whence}, l_start=${view.getBigInt64(8, true)}, l_len=${view.getBigInt64(16, true)}}`;
});

/** uname(2): six fields of 65 bytes. */
export const utsname = struct(390, (view) => {
  const field = (index: number) => {
    const bytes = new Uint8Array(view.buffer, view.byteOffset + index * 65, 65);
    return quote(bytes.subarray(0, bytes.indexOf(0)), 65);
  };
  return `{sysname=${field(0)}, nodename=${field(1)}, release=${field(2)}, ...}`;
});

/** The fds of poll(2), with what was asked for. */
export function pollFds(address: bigint, count: bigint, call: CallView): string {
  return vector(address, count, 8, call, (view) => {
    return `{fd=${view.getInt32(0, true)}, events=${flags.pollEvents(BigInt(view.getUint16(4, true)))}}`;
  });
}

/** The fds of poll(2) that are ready. */
export function readyFds(address: bigint, count: bigint, call: CallView): string {
  const ready: string[] = [];
  vector(address, count, 8, call, (view) => {
    const revents = BigInt(view.getUint16(6, true));
    if (revents !== 0n) ready.push(`{fd=${view.getInt32(0, true)}, revents=${flags.pollEvents(revents)}}`);
    return "";
  });
  return `[${ready.join(", ")}]`;
}

/** An fd_set of select(2). */
export function fdSet(address: bigint, count: bigint, call: CallView): string {
  if (address === 0n) return "NULL";
  const bytes = call.read(address, Math.ceil(Number(count) / 8));
  const fds = Array.from({ length: bytes.length * 8 }, (_, fd) => fd).filter((fd) => ((bytes[fd >> 3] as number) >> (fd & 7)) & 1);
  return `[${fds.join(" ")}]`;
}

/** iovecs: `available` bytes of them hold data (all of it for a write). */
export function iovecs(address: bigint, count: bigint, call: CallView, available?: bigint): string {
  let left = available;
  return vector(address, count, 16, call, (view) => {
    const [base, len] = [view.getBigUint64(0, true), view.getBigUint64(8, true)];
    const filled = left === undefined || left > len ? len : left;
    if (left !== undefined) left -= filled;
    return `{iov_base=${data(base, filled, call)}, iov_len=${len}}`;
  });
}

/** struct msghdr, 56 bytes; `available` as for iovecs(). */
export function message(address: bigint, call: CallView, available?: bigint): string {
  const view = structAt(call, address, 56);
  if (view === undefined) return pointer(address);
  const count = view.getBigUint64(24, true);
  const vectorText = iovecs(view.getBigUint64(16, true), count, call, available);
  const control = controlText(view.getBigUint64(32, true), Number(view.getBigUint64(40, true)), call);
  const name = pointer(view.getBigUint64(0, true));
  const messageFlags = flags.messageFlags(BigInt(view.getUint32(48, true)));
  return `{msg_name=${name}, msg_iov=${vectorText}, msg_iovlen=${count}${control}, msg_flags=${messageFlags}}`;
}

/** struct sockaddr of any family. */
export function socketAddress(address: bigint, len: bigint, call: CallView): string {
  if (address === 0n) return "NULL";
  const bytes = call.read(address, Math.min(Number(len), 110));
  if (bytes.length < 2) return pointer(address);
  const family = (bytes[0] as number) | ((bytes[1] as number) << 8);
  const name = flags.addressFamily(BigInt(family));
  if (family !== AF_UNIX) return `{sa_family=${name}, ...}`;
  const path = bytes.subarray(2);
  const end = path[0] === 0 ? path.length : path.indexOf(0);
  const isAbstract = path[0] === 0; // unix(7): a name that is no path, shown with an @
  const text = quote(path.subarray(isAbstract ? 1 : 0, end < 0 ? path.length : end), 108);
  return `{sa_family=${name}, sun_path=${isAbstract ? "@" : ""}${text}}`;
}

/** clone_args of clone3(2). */
export function cloneArgs(address: bigint, size: bigint, call: CallView): string {
  const view = structAt(call, address, 64);
  if (view === undefined || size < 64n) return pointer(address);
  const field = (index: number) => view.getBigUint64(index * 8, true);
  const parts = [`flags=${flagsText(field(0), flags.cloneBits)}`];
  if (field(1) !== 0n) parts.push(`pidfd=${pointer(field(1))}`);
  if (field(2) !== 0n) parts.push(`child_tid=${pointer(field(2))}`);
  if (field(3) !== 0n) parts.push(`parent_tid=${pointer(field(3))}`);
  parts.push(`exit_signal=${field(4) === 0n ? "0" : signalName(Number(field(4)))}`);
  parts.push(`stack=${pointer(field(5))}`, `stack_size=${hex(field(6))}`);
  if (field(7) !== 0n) parts.push(`tls=${pointer(field(7))}`);
  return `{${parts.join(", ")}}`;
}

/** The pidfd that clone3 stored, when it was asked for one and succeeded. */
export function clonedPidfd(address: bigint, call: CallView): string | undefined {
  const view = structAt(call, address, 16);
  if (hasFailed(call) || view === undefined || (view.getBigUint64(0, true) & BigInt(CLONE_PIDFD)) === 0n) return undefined;
  return ` => {pidfd=${intAt(call, view.getBigUint64(8, true))}}`;
}

/** The third argument of prctl(2), by its option. */
export function prctlArgument(option: bigint, value: bigint, call: CallView): string {
  return Number(option) === PR_SET_NAME ? cString(value, call, 16) : hex(value);
}

function timespecText(view: DataView, at: number): string {
  return `{tv_sec=${view.getBigInt64(at, true)}, tv_nsec=${view.getBigInt64(at + 8, true)}}`;
}

function utimeText(view: DataView, at: number): string {
  const ns = Number(view.getBigInt64(at + 8, true));
  return ns === UTIME_NOW ? "UTIME_NOW" : ns === UTIME_OMIT ? "UTIME_OMIT" : timespecText(view, at);
}

/** Control messages of sendmsg(2): each a header of 16 bytes and data, aligned to 8. */
function controlText(address: bigint, len: number, call: CallView): string {
  if (address === 0n || len < 16) return "";
  const bytes = call.read(address, Math.min(len, 4096));
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const items: string[] = [];
  for (let at = 0; at + 16 <= bytes.length; ) {
    const size = Number(view.getBigUint64(at, true));
    if (size < 16 || at + size > bytes.length) break;
    const [level, type] = [view.getInt32(at + 8, true), view.getInt32(at + 12, true)];
    const fds = Array.from({ length: Math.floor((size - 16) / 4) }, (_, index) => view.getInt32(at + 16 + index * 4, true));
    const isRights = level === SOL_SOCKET && type === SCM_RIGHTS;
    items.push(isRights ? `{cmsg_type=SCM_RIGHTS, cmsg_data=[${fds.join(", ")}]}` : `{cmsg_level=${level}, cmsg_type=${type}}`);
    at += (size + 7) & ~7;
  }
  return `, msg_control=[${items.join(", ")}]`;
}

