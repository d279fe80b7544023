// SPDX-License-Identifier: MIT
// Names for numbers, reflected from the modules of kernel/abi: a name is written once, where its number is. Nothing here
// knows what a number means; traces, errors and tests ask for the name of a value or of a set of bits.

import * as errno from "../../kernel/abi/errno.ts";
import * as signals from "../../kernel/abi/signal.ts";
import * as spawnCalls from "../../kernel/abi/spawn-template.ts";
import * as calls from "../../kernel/abi/syscalls.ts";

/** A module of kernel/abi: names to integers. */
export type AbiModule = Record<string, number>;

/** Value to name for the constants that start with a prefix; the first constant of a value in the file's own order wins. */
export function namesOf(module: AbiModule, prefix: string | RegExp): Map<number, string> {
  const wanted = typeof prefix === "string" ? new RegExp(`^${prefix}`) : prefix;
  const names = new Map<number, string>();
  // A module's namespace lists its names in alphabetical order, so of two names for one value the first of those is taken.
  for (const [name, value] of Object.entries(module)) {
    if (wanted.test(name) && !names.has(value)) names.set(value, name);
  }
  return names;
}

/** The constants of a module as bits, composite masks first, so that `O_SYNC` is found before `O_DSYNC`. */
export function bitsOf(module: AbiModule, prefix: string | RegExp): [bigint, string][] {
  return [...namesOf(module, prefix)]
    .filter(([value]) => value !== 0)
    .map(([value, name]): [bigint, string] => [BigInt(value), name])
    .sort((a, b) => countBits(b[0]) - countBits(a[0]) || Number(a[0] - b[0]));
}

/** `A|B|0x40`: the names of the bits in a value, what is left over in hexadecimal; `zero` for none at all. */
export function flagsText(value: bigint, bits: readonly [bigint, string][], zero = "0"): string {
  const found: [bigint, string][] = [];
  let rest = value;
  for (const [mask, name] of bits) {
    if ((rest & mask) !== mask) continue;
    found.push([mask, name]);
    rest &= ~mask;
  }
  const names = found.sort((a, b) => (a[0] < b[0] ? -1 : 1)).map(([, name]) => name);
  if (rest !== 0n) names.push(`0x${rest.toString(16)}`);
  return names.join("|") || zero;
}

// Each table is made when the first name is asked for: a start should not wait for hundreds of names that nobody needs.

// EAGAIN and EWOULDBLOCK are one number and so are three other pairs: Linux's own texts use the first of each.
const errnoNames = once(() =>
  namesOf(errno, /^E(?!WOULDBLOCK$|DEADLOCK$|OPNOTSUPP$)/).set(errno.EOPNOTSUPP, "EOPNOTSUPP"),
);

/** `ENOENT` for 2; an unknown number as itself. */
export function errnoName(number: number): string {
  return errnoNames().get(number) ?? String(number);
}

const signalNames = once(() => namesOf(signals, /^SIG(?!_)/));

/** `SIGINT` for 2, `SIGRT_3` for 35 (as strace counts real-time signals from 32), a number outside 1..64 as itself. */
export function signalName(number: number): string {
  if (number >= 32 && number <= 64) return `SIGRT_${number - 32}`;

  return signalNames().get(number) ?? String(number);
}

const callNames = once(() => {
  const names = [...namesOf(calls, "SYS_"), ...namesOf(spawnCalls, "SYS_")];
  return new Map(names.map(([number, name]) => [number, name.slice("SYS_".length).toLowerCase()]));
});

/** `openat` for 56; undefined for a number that the table does not name. */
export function callName(number: number): string | undefined {
  return callNames().get(number);
}

function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}

function countBits(value: bigint): number {
  return value.toString(2).replaceAll("0", "").length;
}
