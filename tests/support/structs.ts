// SPDX-License-Identifier: MIT
// The structures that tests pass to the kernel, packed from values. Pointers are areas or addresses; what is left out is 0.
// Layouts: spec of the two calls (README, "Spawn templates"), clone(2), openat2(2), sigaction(2), timespec(3), poll(2), iovec(3).

import { SIGCHLD } from "../../kernel/abi/signal.ts";
import * as spawn from "../../kernel/abi/spawn-template.ts";
import { Area } from "./area.ts";

export type Value = number | bigint | Area | null | undefined;

/** `pack("u64", 1, "s32", -1, "u32", 0)`: the fields one after the other, without padding. */
export function pack(...fields: (FieldType | Value)[]): Buffer {
  const parts: Buffer[] = [];
  for (let index = 0; index < fields.length; index += 2) {
    const type = fields[index] as FieldType;
    const size = SIZES[type];
    if (size === undefined) throw new Error(`pack: field ${index / 2} has no type (${String(fields[index])})`);
    const part = Buffer.alloc(8);
    part.writeBigUInt64LE(BigInt.asUintN(64, toBigInt(fields[index + 1] as Value)));
    parts.push(part.subarray(0, size));
  }
  return Buffer.concat(parts);
}

const SIZES = { u8: 1, u16: 2, u32: 4, s32: 4, u64: 8, s64: 8 } as const;
export type FieldType = keyof typeof SIZES;

// The two calls. `action.*` make entries of an action list; join them with actions().

export interface CreateFields {
  flags?: Value;
  /** -1 where a filename is given and nothing else is said, as callers do. */
  execfd?: number;
  execFlags?: number;
  filename?: Value;
  actions?: Value;
  actionsLen?: Value;
  reserved?: readonly (number | bigint)[];
}

export function createArgs(f: CreateFields): Buffer {
  const { execfd = f.filename === undefined ? 0 : -1, reserved: r = [] } = f;
  return pack(
    ...["u64", f.flags, "s32", execfd, "u32", f.execFlags, "u64", f.filename, "u64", f.actions, "u64", f.actionsLen] as const,
    ...["u64", r[0], "u64", r[1], "u64", r[2], "u64", r[3]] as const,
  );
}

export interface SpawnFields {
  flags?: Value;
  pidfd?: Value;
  argv?: Value;
  envp?: Value;
  actions?: Value;
  actionsLen?: Value;
  reserved?: readonly (number | bigint)[];
}

export function spawnArgs(f: SpawnFields): Buffer {
  const { reserved: r = [] } = f;
  return pack(
    ...["u64", f.flags, "u64", f.pidfd, "u64", f.argv, "u64", f.envp, "u64", f.actions, "u64", f.actionsLen] as const,
    ...["u64", r[0], "u64", r[1], "u64", r[2], "u64", r[3]] as const,
  );
}

export interface ActionFields {
  type: number;
  flags?: number;
  fd?: number;
  newfd?: number;
  arg?: Value;
}

export function actionOf({ type, flags, fd, newfd, arg }: ActionFields): Buffer {
  return pack("u32", type, "u32", flags, "s32", fd, "s32", newfd, "u64", arg);
}

export const action = {
  close: (fd: number) => actionOf({ type: spawn.SPAWN_TEMPLATE_ACTION_CLOSE, fd }),
  dup2: (fd: number, newfd: number, flags = 0) => actionOf({ type: spawn.SPAWN_TEMPLATE_ACTION_DUP2, fd, newfd, flags }),
  fchdir: (fd: number) => actionOf({ type: spawn.SPAWN_TEMPLATE_ACTION_FCHDIR, fd }),
  /** `open` points at a spawn_template_open: openStruct(). */
  open: (dirfd: number, newfd: number, open: Value) =>
    actionOf({ type: spawn.SPAWN_TEMPLATE_ACTION_OPEN, fd: dirfd, newfd, arg: open }),
  closeRange: (fd: number, newfd: number, flags = 0) =>
    actionOf({ type: spawn.SPAWN_TEMPLATE_ACTION_CLOSE_RANGE, fd, newfd, flags }),
  /** `sigset` points at a spawn_template_sigset: sigsetStruct(). */
  sigmask: (sigset: Value) => actionOf({ type: spawn.SPAWN_TEMPLATE_ACTION_SIGMASK, arg: sigset }),
  sigdefault: (sigset: Value) => actionOf({ type: spawn.SPAWN_TEMPLATE_ACTION_SIGDEFAULT, arg: sigset }),
};

/** An action list; its length for actions_len is the count, `actions(...).length / 24`. */
export function actions(...list: readonly Uint8Array[]): Buffer {
  return Buffer.concat(list);
}

/** spawn_template_open: a path and an open_how. */
export function openStruct(path: Value, flags: Value = 0, mode: Value = 0, resolve: Value = 0): Buffer {
  return pack("u64", path, "u64", flags, "u64", mode, "u64", resolve);
}

/** spawn_template_sigset: a pointer to a signal set and its size. */
export function sigsetStruct(sigset: Value, size: Value = 8): Buffer {
  return pack("u64", sigset, "u64", size);
}

/** A signal set of 8 bytes: bit 0 is signal 1. */
export function sigset(...signals: readonly number[]): Buffer {
  return pack("u64", signals.reduce((set, signal) => set | (1n << BigInt(signal - 1)), 0n));
}

// Linux's own structures.

export interface CloneFields {
  flags?: Value;
  pidfd?: Value;
  childTid?: Value;
  parentTid?: Value;
  exitSignal?: number;
  stack?: Value;
  stackSize?: Value;
  tls?: Value;
  setTid?: Value;
  setTidSize?: Value;
  cgroup?: Value;
}

/** clone_args of clone3(2), 88 bytes. */
export function cloneArgs(f: CloneFields): Buffer {
  return pack(
    ...["u64", f.flags, "u64", f.pidfd, "u64", f.childTid, "u64", f.parentTid, "u64", f.exitSignal ?? SIGCHLD] as const,
    ...["u64", f.stack, "u64", f.stackSize, "u64", f.tls, "u64", f.setTid, "u64", f.setTidSize, "u64", f.cgroup] as const,
  );
}

export function openHow(flags: Value, mode: Value = 0, resolve: Value = 0): Buffer {
  return pack("u64", flags, "u64", mode, "u64", resolve);
}

export const SIG_DFL = 0;
export const SIG_IGN = 1;
/** Stands for a handler: an actor's handlers never run, but takeSignals() tells which would have. */
export const HANDLER = 0x20000;

/** The kernel's sigaction of riscv64: handler, flags, mask; there is no restorer. */
export function sigaction(handler: Value, flags: Value = 0, mask: bigint = 0n): Buffer {
  return pack("u64", handler, "u64", flags, "u64", mask);
}

export function timespec(ns: number | bigint): Buffer {
  return pack("s64", BigInt(ns) / 1_000_000_000n, "s64", BigInt(ns) % 1_000_000_000n);
}

export function pollfds(...fds: readonly [fd: number, events: number][]): Buffer {
  return Buffer.concat(fds.map(([fd, events]) => pack("s32", fd, "u16", events, "u16", 0)));
}

export function iovecs(...parts: readonly Area[]): Buffer {
  return Buffer.concat(parts.map((part) => pack("u64", part, "u64", part.size)));
}

function toBigInt(value: Value): bigint {
  if (value === null || value === undefined) return 0n;
  return BigInt(value instanceof Area ? value.address : value);
}
