// SPDX-License-Identifier: MIT
// How what a call stored reads in an expectation: in symbols, and only what is the same in every run.

import * as stat from "../../../kernel/abi/stat.ts";
import { decodeStat, STAT_SIZE } from "../file-stat.ts";
import { namesOf, signalName } from "../names.ts";
import { siginfoText } from "../trace/process-events.ts";
import type { View } from "./encode.ts";
import { quote } from "./tokens.ts";

const CONTINUED = 0xffff;
const TYPES = namesOf(stat, /^S_IF(?!MT$)/);
/** struct linux_dirent64: ino u64, off s64, reclen u16, type u8, name. */
const RECLEN = 16;
const NAME = 19;

/** Bytes, as many as the call's result says. */
export function text(bytes: DataView, result: bigint): string {
  return quote(slice(bytes, 0, Number(result)));
}

/** As text(), without the NUL that the result counts. */
export function terminatedText(bytes: DataView, result: bigint): string {
  return text(bytes, result - 1n);
}

/** The names that getdents64(2) gave. */
export function directoryNames(bytes: DataView, result: bigint): string {
  const names: string[] = [];
  for (let at = 0; at < Number(result); at += bytes.getUint16(at + RECLEN, true)) {
    const name = slice(bytes, at + NAME, bytes.getUint16(at + RECLEN, true) - NAME);
    names.push(quote(name.subarray(0, name.indexOf(0))));
  }
  return `[${names.join(", ")}]`;
}

/** The wait status of a pid: `exited 127`, `killed SIGTERM`, `stopped SIGTSTP`, `continued`. */
export const statusView: View = {
  size: 4,
  values: (bytes) => [BigInt(bytes.getInt32(0, true))],
  show(bytes, pid) {
    if (pid === 0n) return "nothing"; // WNOHANG
    const status = bytes.getInt32(0, true);
    const [signal, high] = [status & 0x7f, (status >> 8) & 0xff];
    if (status === CONTINUED) return "continued";
    if ((status & 0xff) === 0x7f) return `stopped ${signalName(high)}`;
    return signal === 0 ? `exited ${high}` : `killed ${signalName(signal)}${status & 0x80 ? ", dumped" : ""}`;
  },
};

/** A siginfo; its name stands for the pid in it. */
export const siginfoView: View = {
  size: 128,
  values: (bytes) => [BigInt(bytes.getInt32(16, true))],
  show: (bytes) => (bytes.getInt32(0, true) === 0 ? "nothing" : siginfoText(bytes)),
};

export const sigsetView: View = {
  size: 8,
  values: (bytes) => [bytes.getBigUint64(0, true)],
  show(bytes) {
    const set = bytes.getBigUint64(0, true);
    const members = Array.from({ length: 64 }, (_, index) => index + 1).filter((signal) => (set >> BigInt(signal - 1)) & 1n);
    return `[${members.map(signalName).join(", ")}]`;
  },
};

/** `1.500000000s`; its name stands for nanoseconds. */
export const timespecView: View = {
  size: 16,
  values: (bytes) => [bytes.getBigInt64(0, true) * 1_000_000_000n + bytes.getBigInt64(8, true)],
  show: (bytes) => `${bytes.getBigInt64(0, true)}.${String(bytes.getBigInt64(8, true)).padStart(9, "0")}s`,
};

/** A struct stat without its numbers and times. */
export const statView: View = {
  size: STAT_SIZE,
  values: () => [],
  show(bytes) {
    const { mode, nlink, uid, gid, size } = decodeStat(new Uint8Array(bytes.buffer, bytes.byteOffset, STAT_SIZE));
    return `${TYPES.get(mode & stat.S_IFMT) ?? "0"}|0${(mode & 0o7777).toString(8)} nlink=${nlink} uid=${uid} gid=${gid} size=${size}`;
  },
};

function slice(bytes: DataView, at: number, length: number): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset + at, Math.max(0, Math.min(length, bytes.byteLength - at)));
}
