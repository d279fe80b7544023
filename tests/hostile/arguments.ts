// SPDX-License-Identifier: MIT
// What a hostile caller passes: each function makes one kind of argument. Most values are plausible, so that calls get past
// their first check; the rest are boundaries, wild pointers and values of another kind. Structures are packed from such
// arguments and placed in the caller's memory, now and then across its end.

import type { Actor } from "../../host/core/actor.ts";
import { namesOf, type AbiModule } from "../../host/core/names.ts";
import { AT_FDCWD } from "../../kernel/abi/fcntl.ts";
import type { FdKind, Furniture } from "./furniture.ts";
import type { Random } from "./random.ts";

/** Who makes the call, and what earlier calls left that may be worth naming again. */
export interface Caller {
  readonly random: Random;
  readonly actor: Actor;
  readonly pids: readonly number[];
  /** Descriptors that calls returned; closed by now, perhaps. */
  readonly fds: readonly number[];
  /** Others, by kind. */
  readonly furniture: Furniture;
  /** Those of them that are spawn templates. */
  readonly templates: readonly number[];
  /** Pages that mmap and its like returned. */
  readonly mapped: readonly bigint[];
}

export type Maker = (caller: Caller) => bigint;

const PATHS = [
  "/", ".", "..", "", "/bin", "/bin/true", "/bin/minimal", "/bin/script", "/bin/broken", "/bin/loop", "/tmp", "/tmp/a", "/tmp/b", "/tmp/d", "/tmp/d/e",
  "/tmp/d/../a", "a", "b", "d/e", "./a/", "/tmp/link", "/tmp/dangling", "/tmp/self", "/tmp/fifo", "/etc/passwd", "/etc/passwd/x", "/dev/null",
  "/dev/zero", "/dev/full", "/dev/tty", "/dev/urandom", "/dev/console", "/dev/ptmx", "/dev/ptmx", "/dev/pts", "/dev/pts/0", "/dev/pts/0", "/dev/pts/1", "/dev/fd/1", "/proc", "/proc/self/exe", "/proc/self/fd", "/proc/self/fd/0", "/proc/self/fd/3",
  "/proc/self/fdinfo/3", "/proc/self/maps", "/proc/self/stat", "/proc/self/status", "/proc/self/mountinfo", "/proc/self/environ",
  "/proc/self/cmdline", "/proc/self/cwd", "/proc/self/root/tmp", "/proc/self/task", "/proc/1/stat", "/proc/2/fd", "/proc/2/exe", "/proc/meminfo",
  "/proc/self/comm", "/proc/sys/kernel/pid_max", "/ro", "/ro/file", "/ro/new", "/noexec/true", "user.name", "security.x",
];
const PROGRAMS = ["/bin/true", "/bin/true", "/bin/minimal", "/bin/cat", "/bin/report", "/bin/script", "/bin/loop", "/bin/broken", "/tmp/program"];
// Where the next structure of an actor goes.
const ends = new WeakMap<Actor, number>();

/** An integer at a boundary. */
export const number: Maker = ({ random }) => random.boundary();

export const size: Maker = ({ random }) => {
  if (random.chance(0.5)) return BigInt(random.below(300));
  return random.chance(0.5) ? BigInt(random.pick([4095, 4096, 4097, 8192, 65536, 65537, 1 << 20])) : random.boundary();
};

export const offset: Maker = ({ random }) => (random.chance(0.6) ? BigInt(random.below(10000)) : random.boundary());

export const fd: Maker = ({ random, fds }) => {
  if (fds.length > 0 && random.chance(0.75)) return BigInt(random.pick(fds));
  if (random.chance(0.7)) return BigInt(random.below(16));
  return random.chance(0.5) ? BigInt.asUintN(64, BigInt(random.pick([-1, -2, AT_FDCWD, 63, 64, 255, 1023, 1024, 65535, 0x7fffffff]))) : random.boundary();
};

/** A descriptor of this kind, mostly. */
export function fdOf(...kinds: readonly FdKind[]): Maker {
  return (caller) => {
    const known = caller.furniture[caller.random.pick(kinds)] ?? [];
    return known.length > 0 && caller.random.chance(0.8) ? BigInt(caller.random.pick(known)) : fd(caller);
  };
}

/** A path that can be made, removed and written to. */
export const newPath: Maker = (caller) =>
  caller.random.chance(0.6) ? place(caller, Buffer.from(`${caller.random.pick(["/tmp/a", "/tmp/b", "/tmp/d", "/tmp/d/e", "/tmp/c", "a", "b"])}\0`)) : path(caller);

export const templateFd: Maker = (caller) =>
  caller.templates.length > 0 && caller.random.chance(0.8) ? BigInt(caller.random.pick(caller.templates)) : fd(caller);

export const dirfd: Maker = (caller) => (caller.random.chance(0.6) ? BigInt.asUintN(64, BigInt(AT_FDCWD)) : fd(caller));

export const pid: Maker = ({ random, pids }) => {
  if (random.chance(0.7)) return BigInt.asUintN(64, BigInt(random.pick(pids) * random.pick([1, 1, 1, -1])));
  return random.chance(0.7) ? BigInt.asUintN(64, BigInt(random.pick([0, -1, 1, -2]))) : random.boundary();
};

export const signal: Maker = ({ random }) => (random.chance(0.9) ? BigInt(random.below(66)) : random.boundary());

export const id: Maker = ({ random }) =>
  random.chance(0.8) ? BigInt.asUintN(64, BigInt(random.pick([0, 0, 1, 1000, -1, 65534]))) : random.boundary();

export const mode: Maker = ({ random }) => (random.chance(0.8) ? BigInt(random.below(0o10000)) : random.boundary());

/** Any address: of the actor's memory, of other mapped pages, of nothing, of the kernel's half. */
export const address: Maker = ({ random, actor, mapped }) => {
  if (random.chance(0.6)) return BigInt(actor.memory.address + random.below(actor.memory.size));
  if (mapped.length > 0 && random.chance(0.6)) return random.pick(mapped) + BigInt(random.below(4) * random.pick([0, 1, 4096]));
  if (random.chance(0.4)) return BigInt(random.pick([0, 1, 0xfff, actor.memory.address - 1, actor.memory.address + actor.memory.size - 3]));
  if (random.chance(0.5)) return 0x4000000000n + BigInt(random.between(-4097, 4097)); // around the end of the user half
  return random.boundary();
};

export const page: Maker = (caller) => {
  const { random, mapped } = caller;
  if (mapped.length > 0 && random.chance(0.5)) return random.pick(mapped) + BigInt(random.pick([0, 0, 0, 4096, 8192]));
  return random.chance(0.8) ? address(caller) & ~0xfffn : address(caller);
};

/** `count` bytes of memory to be read or written, or somewhere wild. */
export function room(count: number): Maker {
  return (caller) => (caller.random.chance(0.85) ? place(caller, new Uint8Array(count)) : address(caller));
}

/** None, one or several of a module's constants with a prefix, as bits. */
export function bits(module: AbiModule, prefix: string | RegExp): Maker {
  const values = [...namesOf(module, prefix).keys()].map((value) => BigInt(value));
  return ({ random }) => {
    if (random.chance(0.03)) return random.boundary();
    let set = 0n;
    for (let left = random.pick([0, 0, 1, 1, 2, 4]); left > 0; left--) set |= random.pick(values);
    return BigInt.asUintN(64, set);
  };
}

/** One of a module's constants with a prefix. */
export function choice(module: AbiModule, prefix: string | RegExp): Maker {
  const values = [...namesOf(module, prefix).keys()];
  return ({ random }) => (random.chance(0.92) ? BigInt.asUintN(64, BigInt(random.pick(values))) : random.boundary());
}

export function oneOf(...makers: readonly Maker[]): Maker {
  return (caller) => caller.random.pick(makers)(caller);
}

export function constant(...values: readonly number[]): Maker {
  return ({ random }) => BigInt.asUintN(64, BigInt(random.pick(values)));
}

/** A size that the kernel insists on, nearly always. */
export function exact(value: number): Maker {
  return (caller) => (caller.random.chance(0.95) ? BigInt(value) : size(caller));
}

export function mostlyZero(maker: Maker): Maker {
  return (caller) => (caller.random.chance(0.85) ? 0n : maker(caller));
}

export const path: Maker = (caller) => {
  const { random } = caller;
  if (random.chance(0.04)) return address(caller);
  let text = random.pick(PATHS);
  if (random.chance(0.1)) text += `/${random.pick(PATHS)}`;
  if (random.chance(0.02)) text += "x".repeat(random.pick([254, 255, 256, 4000, 4095, 4096]));
  if (random.chance(0.01)) text += "/y".repeat(random.between(1, 3000));
  return place(caller, Buffer.from(`${text}\0`));
};

/** A path that execve likes, mostly. */
export const programPath: Maker = (caller) =>
  caller.random.chance(0.8) ? place(caller, Buffer.from(`${caller.random.pick(PROGRAMS)}\0`)) : path(caller);

/** A pointer to packed fields: ["u32", maker, "u64", maker, ...]; sometimes null, sometimes wild. */
export function struct(...fields: Fields): Maker {
  return (caller) => {
    if (caller.random.chance(0.05)) return 0n;
    if (caller.random.chance(0.05)) return address(caller);
    return place(caller, pack(caller, fields));
  };
}

/** A pointer to `count` structures, one after the other, each of one of the shapes. */
export function repeated(count: number, shapes: readonly Fields[]): Maker {
  return (caller) => place(caller, Buffer.concat(Array.from({ length: count }, () => pack(caller, caller.random.pick(shapes)))));
}

/** A pointer to up to `most` structures. */
export function array(most: number, shape: Fields): Maker {
  return (caller) => repeated(caller.random.below(most + 1), [shape])(caller);
}

/** argv or envp. */
export const strings: Maker = (caller) => {
  const { random } = caller;
  if (random.chance(0.1)) return random.chance(0.5) ? 0n : address(caller);
  const pointers = Array.from({ length: random.below(5) }, () => path(caller));
  if (random.chance(0.02)) for (let i = random.below(2000); i > 0; i--) pointers.push(pointers[0] ?? 0n);
  return place(caller, new Uint8Array(BigUint64Array.from([...pointers, 0n]).buffer));
};

const SIZES = { u8: 1, u16: 2, u32: 4, u64: 8 } as const;
type FieldType = keyof typeof SIZES;

/** Types and makers in turn: ["u32", fd, "u64", address]. */
export type Fields = readonly (FieldType | Maker)[];

function pack(caller: Caller, fields: Fields): Buffer {
  const parts: Buffer[] = [];
  for (let i = 0; i < fields.length; i += 2) {
    const part = Buffer.alloc(8);
    part.writeBigUInt64LE(BigInt.asUintN(64, (fields[i + 1] as Maker)(caller)));
    parts.push(part.subarray(0, SIZES[fields[i] as FieldType]));
  }
  return Buffer.concat(parts);
}

/** Puts bytes somewhere into the caller's memory; one time in fifty so that they reach over its end. */
function place({ random, actor }: Caller, bytes: Uint8Array): bigint {
  const { address: start, size: total } = actor.memory;
  if (random.chance(0.02)) {
    const at = start + total - Math.min(bytes.length, random.below(bytes.length + 1));
    actor.write(BigInt(at), bytes);
    return BigInt(at);
  }
  let at = ends.get(actor) ?? start;
  if (at + bytes.length + 16 > start + total) at = start;
  ends.set(actor, (at + bytes.length + 15) & ~(random.chance(0.9) ? 7 : 0));
  actor.write(BigInt(at), bytes);
  return BigInt(at);
}
