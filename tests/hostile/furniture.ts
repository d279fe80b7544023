// SPDX-License-Identifier: MIT
// What a hostile process finds at its start: open files of every kind, so that calls that work on one kind only get further than
// their first check.

import type { Actor } from "../../host/core/actor.ts";
import type { Machine } from "../../host/core/machine.ts";
import { AT_FDCWD, O_CREAT, O_NOCTTY, O_NONBLOCK, O_RDONLY, O_RDWR } from "../../kernel/abi/fcntl.ts";
import { TIOCGPTN, TIOCSPTLCK } from "../../kernel/abi/ioctl.ts";
import { AF_UNIX, SOCK_DGRAM, SOCK_SEQPACKET, SOCK_STREAM } from "../../kernel/abi/socket.ts";
import * as n from "../../kernel/abi/syscalls.ts";
import { CLOCK_MONOTONIC } from "../../kernel/abi/time.ts";
import { Guest, type Call } from "./guest.ts";
import type { Random } from "./random.ts";

export type FdKind = "socket" | "terminal" | "timer" | "file" | "directory" | "pipe";
/** Descriptors by what they were when they were opened. */
export type Furniture = Partial<Record<FdKind, readonly number[]>>;

/** Opens some of each kind in a new process, which may lack the memory for it. */
export function furnish(machine: Machine, actor: Actor, random: Random): Furniture {
  const guest = new Guest(machine, actor);
  const at = BigInt(actor.memory.address + actor.memory.size - 16); // where results are stored
  const one = (...call: Call): number[] => [guest.try(...call)].filter((fd): fd is number => typeof fd === "number" && fd >= 0);
  const pair = (...call: Call): number[] => (guest.try(...call) === 0 ? [0, 4].map((offset) => guest.read(Number(at) + offset, 4).readInt32LE(0)) : []);
  const type = random.pick([SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET]) | random.pick([0, O_NONBLOCK]);
  const makers: Record<FdKind, () => number[]> = {
    socket: () => pair(n.SYS_SOCKETPAIR, AF_UNIX, type, 0, at),
    terminal: () => terminal(guest, at, random),
    timer: () => one(n.SYS_TIMERFD_CREATE, CLOCK_MONOTONIC, 0),
    file: () => one(n.SYS_OPENAT, AT_FDCWD, random.pick(["/tmp/a", "/tmp/b"]), O_RDWR | O_CREAT, 0o666),
    directory: () => one(n.SYS_OPENAT, AT_FDCWD, random.pick(["/tmp", "/proc", "/proc/self", "/proc/self/fd", "/"]), O_RDONLY, 0),
    pipe: () => pair(n.SYS_PIPE2, at, random.pick([0, O_NONBLOCK])),
  };
  if (random.chance(0.5)) for (let left = 2; left > 0; left--) guest.try(n.SYS_TIMER_CREATE, CLOCK_MONOTONIC, 0, at);
  const kinds = Object.keys(makers) as FdKind[];
  return Object.fromEntries(kinds.filter(() => random.chance(0.75)).map((kind) => [kind, makers[kind]()]));
}

/** A pair of a new pseudo-terminal, which may become the controlling one. */
function terminal(guest: Guest, at: bigint, random: Random): number[] {
  if (random.chance(0.4)) guest.try(n.SYS_SETSID);
  const master = guest.try(n.SYS_OPENAT, AT_FDCWD, "/dev/ptmx", O_RDWR | random.pick([0, O_NONBLOCK]), 0);
  if (typeof master !== "number" || master < 0) return [];
  guest.try(n.SYS_IOCTL, master, TIOCSPTLCK, new Uint8Array(4));
  if (guest.try(n.SYS_IOCTL, master, TIOCGPTN, at) !== 0) return [master];
  const side = guest.try(n.SYS_OPENAT, AT_FDCWD, `/dev/pts/${guest.read(Number(at), 4).readInt32LE(0)}`, O_RDWR | random.pick([0, O_NOCTTY, O_NONBLOCK]), 0);
  return typeof side === "number" && side >= 0 ? [master, side] : [master];
}
