// SPDX-License-Identifier: MIT
// Guests that want everything: bombs that fork, spawn, signal, nest and fill until the kernel says no. It must say no with an error
// of the man page (or kill whom memory ran out for), and once the culprits are gone the machine must work as before.

import { BadInputError } from "../../host/core/errors.ts";
import { Machine } from "../../host/core/machine.ts";
import { callName, errnoName } from "../../host/core/names.ts";
import { directory, file } from "../../host/core/image.ts";
import * as e from "../../kernel/abi/errno.ts";
import { AT_FDCWD, F_SETLK, F_SETPIPE_SZ, F_WRLCK, O_CREAT, O_NONBLOCK, O_RDWR } from "../../kernel/abi/fcntl.ts";
import { MAP_ANONYMOUS, MAP_PRIVATE, MAP_SHARED, PROT_READ, PROT_WRITE } from "../../kernel/abi/mman.ts";
import { RLIMIT_NOFILE } from "../../kernel/abi/resource.ts";
import * as sched from "../../kernel/abi/sched.ts";
import { SIGCHLD, SIGKILL, SIGUSR1 } from "../../kernel/abi/signal.ts";
import { AF_UNIX, SCM_RIGHTS, SOCK_STREAM, SOL_SOCKET } from "../../kernel/abi/socket.ts";
import { SYS_SPAWN_TEMPLATE_CREATE, SYS_SPAWN_TEMPLATE_SPAWN } from "../../kernel/abi/spawn-template.ts";
import { MS_BIND } from "../../kernel/abi/stat.ts";
import * as n from "../../kernel/abi/syscalls.ts";
import { CLOCK_MONOTONIC, ITIMER_REAL } from "../../kernel/abi/time.ts";
import { exits } from "../support/elf-builder.ts";
import { createArgs, pack, sigaction, sigset, spawnArgs } from "../support/structs.ts";
import { FLOODS } from "./floods.ts";
import { Guest, OutOfMemory, resultText, type Call } from "./guest.ts";
import { checkEnd, checkInvariants, step, Violation, type Kind, type Log } from "./machine.ts";
import type { Random } from "./random.ts";
import { startProgram } from "./streams.ts";

const MIB = 1024 * 1024;
const CWD = AT_FDCWD;
const READ_WRITE = PROT_READ | PROT_WRITE;
const NO_MEMORY = [e.ENOMEM, e.ENOSPC] as const;
const NO_FILES = [e.EMFILE, e.ENFILE, e.ENOMEM] as const;
const NO_TASKS = [e.EAGAIN, e.ENOMEM] as const;
const STREAMS = 3;
/** Steps of a flood of programs, and how much each may do. */
const FLOOD_STEPS = 12;
const FLOOD_BUDGET = 300_000;

interface Attack {
  readonly machine: Machine;
  readonly guest: Guest;
  readonly random: Random;
  readonly log: Log;
}
type Bomb = (attack: Attack) => void;

/** Makes a call again and again until it fails, `most` times at most; how often it worked. */
function until({ log }: Attack, errors: readonly number[], most: number, make: (index: number) => Call, guest: Guest): number {
  for (let index = 0; index < most; index++) {
    const call = make(index);
    const result = guest.try(...call);
    if (result === "gone") return index; // memory ran out for it
    if (typeof result === "number" && result >= 0) continue;
    if (typeof result === "number" && errors.includes(-result)) {
      log?.(`${callName(call[0])} worked ${index} times, then ${resultText(result)}`);
      return index;
    }
    throw new Violation(`${callName(call[0])} number ${index}: expected one of ${errors.map((error) => errnoName(error)).join(", ")}, found ${resultText(result)}`);
  }
  log?.(`${most} times, and no end`);
  return most;
}

const raiseLimit = (guest: Guest) => guest.try(n.SYS_PRLIMIT64, 0, RLIMIT_NOFILE, pack("u64", 1 << 20, "u64", 1 << 20), 0);
const twoFds = (guest: Guest, at: number): [number, number] => [guest.read(at, 4).readInt32LE(0), guest.read(at + 4, 4).readInt32LE(0)];

function socketPair(guest: Guest): [number, number] | undefined {
  const at = guest.place(new Uint8Array(8));
  const result = guest.try(n.SYS_SOCKETPAIR, AF_UNIX, SOCK_STREAM, 0, at);
  return typeof result === "number" && result >= 0 ? twoFds(guest, at) : undefined;
}

/** sendmsg(2) of one byte with descriptors. */
function sendFiles(guest: Guest, through: number, fds: readonly number[]): Call {
  const control = Buffer.concat([pack("u64", 16 + fds.length * 4, "u32", SOL_SOCKET, "u32", SCM_RIGHTS), Buffer.alloc(((fds.length * 4 + 7) >> 3) << 3)]);
  fds.forEach((fd, index) => control.writeInt32LE(fd, 16 + index * 4));
  const iov = guest.place(pack("u64", guest.place("x"), "u64", 1));
  return [n.SYS_SENDMSG, through, pack("u64", 0, "u64", 0, "u64", iov, "u64", 1, "u64", guest.place(control), "u64", control.length, "u64", 0), 0];
}

/** A process that had `before` files open, its streams and others, ends: nothing that only its sockets carry may stay. */
function expectNoFlights(machine: Machine, guest: Guest, before: number): void {
  guest.try(n.SYS_CLOSE_RANGE, 3, 0xffffffff, 0);
  guest.try(n.SYS_EXIT_GROUP, 0);
  const left = machine.usage().files - (before - STREAMS);
  if (left !== 0) throw new Violation(`${left} files in flight that nobody can receive`);
}

const BOMBS: Record<string, Bomb> = {
  "children nobody waits for": (attack) => {
    const { guest } = attack;
    until(attack, NO_TASKS, 40_000, () => [n.SYS_CLONE, SIGCHLD, 0, 0, 0, 0], guest);
  },

  "a chain of vforks": (attack) => {
    const { machine, guest, random } = attack;
    const actor = (pid: number) => machine.actor(pid);
    let inner = actor(guest.pid);
    for (let depth = 0; depth < random.between(2, 300); depth++) {
      const result = inner.begin(n.SYS_CLONE, [BigInt(SIGCHLD | sched.CLONE_VM | sched.CLONE_VFORK), 0n, 0n, 0n, 0n]);
      if (result !== "blocked") break;
      inner = actor(inner.pid + 1);
    }
    checkInvariants(machine);
    if (random.chance(0.5)) inner.begin(n.SYS_EXIT_GROUP, [0n]);
    else machine.createActor().begin(n.SYS_KILL, [BigInt(random.between(guest.pid, inner.pid)), BigInt(SIGKILL)]);
  },

  "spawns nobody waits for": (attack) => {
    const { guest } = attack;
    const fd = guest.must(SYS_SPAWN_TEMPLATE_CREATE, createArgs({ filename: guest.place("/bin/exits") }), 72);
    const pidfd = guest.place(new Uint8Array(4));
    const argv = guest.strings(["exits"]);
    until(attack, [...NO_TASKS, ...NO_FILES, e.ESTALE], attack.random.between(10, 3000), () => [SYS_SPAWN_TEMPLATE_SPAWN, fd, spawnArgs({ pidfd, argv, envp: argv }), 80], guest);
  },

  "templates until none is left": (attack) => {
    raiseLimit(attack.guest);
    const args = createArgs({ filename: attack.guest.place("/bin/exits") });
    until(attack, NO_FILES, 5000, () => [SYS_SPAWN_TEMPLATE_CREATE, args, 72], attack.guest);
  },

  "real-time signals queued": (attack) => {
    const { guest, random } = attack;
    guest.must(n.SYS_RT_SIGPROCMASK, 0, sigset(34, 40, 64, SIGUSR1), 0, 8);
    until(attack, [e.EAGAIN], 100_000, () => {
      const signal = random.pick([34, 40, 64]);
      return [n.SYS_RT_SIGQUEUEINFO, guest.pid, signal, Buffer.concat([pack("u32", signal, "u32", 0, "s32", -1), Buffer.alloc(116)])];
    }, guest);
    if (random.chance(0.5)) guest.try(n.SYS_RT_SIGACTION, random.pick([34, 40, 64]), sigaction(random.pick([1, 0x20000])), 0, 8);
    if (random.chance(0.5)) guest.try(n.SYS_RT_SIGPROCMASK, 2, sigset(), 0, 8);
  },

  "children that all end at once": (attack) => {
    const { guest, random } = attack;
    guest.must(n.SYS_RT_SIGACTION, SIGCHLD, sigaction(random.pick([0, 1, 0x20000]), random.pick([0, 1, 2])), 0, 8);
    const children: Guest[] = [];
    until(attack, NO_TASKS, random.between(10, 800), () => [n.SYS_GETPID], guest);
    for (let left = random.between(10, 500); left > 0; left--) {
      const pid = guest.try(n.SYS_CLONE, SIGCHLD, 0, 0, 0, 0);
      if (typeof pid !== "number" || pid < 0) break;
      children.push(new Guest(attack.machine, attack.machine.actor(pid)));
    }
    for (const child of children) child.try(n.SYS_EXIT_GROUP, 0);
    for (let waits = random.below(children.length + 1); waits > 0; waits--) guest.try(n.SYS_WAIT4, -1, 0, 1, 0);
  },

  "a deep tree": (attack) => {
    const { guest, random } = attack;
    const made = until(attack, NO_MEMORY, random.between(100, 20_000), (index) => (index % 2 === 0 ? [n.SYS_MKDIRAT, CWD, "deeper", 0o755] : [n.SYS_CHDIR, "deeper"]), guest);
    guest.try(n.SYS_GETCWD, guest.place(new Uint8Array(4096)), 4096);
    guest.try(n.SYS_OPENAT, CWD, "../".repeat(1300) + "x", O_CREAT | O_RDWR, 0o600);
    if (random.chance(0.5)) guest.try(n.SYS_CHDIR, "/");
    if (random.chance(0.5)) for (let left = made / 2; left > 0; left--) guest.try(n.SYS_UNLINKAT, CWD, "deeper", 0x200);
    guest.try(n.SYS_RENAMEAT2, CWD, "/deeper", CWD, "/deeper/deeper/inside", 0);
  },

  "a wide directory": (attack) => {
    const { guest, random } = attack;
    const made = until(attack, NO_MEMORY, random.between(100, 30_000), (index) => [n.SYS_MKNODAT, CWD, `/tmp/${index}`, 0o100644, 0], guest);
    for (let index = 0; index < made; index += random.between(1, 3)) guest.try(n.SYS_UNLINKAT, CWD, `/tmp/${index}`, 0);
  },

  "links to links": (attack) => {
    const { guest, random } = attack;
    const length = random.between(2, 300);
    for (let index = 0; index < length; index++) guest.try(n.SYS_SYMLINKAT, `l${(index + 1) % length}`, CWD, `/tmp/l${index}`);
    const result = guest.try(n.SYS_OPENAT, CWD, "/tmp/l0", 0);
    if (result !== -e.ELOOP && result !== "gone") throw new Violation(`a circle of ${length} links: ${resultText(result)}`);
    until(attack, [...NO_MEMORY, e.EMLINK], random.between(10, 5000), (index) => [n.SYS_LINKAT, CWD, "/bin/exits", CWD, `/tmp/h${index}`, 0], guest);
  },

  "descriptors until none is left": (attack) => {
    const { guest, random } = attack;
    if (random.chance(0.7)) raiseLimit(guest);
    const at = guest.place(new Uint8Array(8));
    const makers: readonly ((index: number) => Call)[] = [
      () => [n.SYS_DUP, 1], () => [n.SYS_PIPE2, at, 0], () => [n.SYS_SOCKETPAIR, AF_UNIX, SOCK_STREAM, 0, at], () => [n.SYS_EVENTFD2, 1, 0],
      () => [n.SYS_OPENAT, CWD, "/bin/exits", 0], () => [n.SYS_PIDFD_OPEN, 1, 0], () => [n.SYS_MEMFD_CREATE, "m", 0], () => [n.SYS_TIMERFD_CREATE, CLOCK_MONOTONIC, 0],
    ];
    const one = random.pick(makers);
    until(attack, NO_FILES, 80_000, random.chance(0.5) ? one : (index) => (makers[index % makers.length] as typeof one)(index), guest);
  },

  "sockets in flight in circles": (attack) => {
    const { machine, guest, random } = attack;
    const before = machine.usage().files;
    raiseLimit(guest);
    const pairs: [number, number][] = [];
    for (let left = random.between(1, 200); left > 0; left--) {
      const pair = socketPair(guest);
      if (pair === undefined) break;
      pairs.push(pair);
    }
    if (pairs.length === 0) return;
    for (let left = random.between(1, 400); left > 0; left--) {
      const fds = Array.from({ length: random.between(1, 20) }, () => random.pick(random.pick(pairs)));
      const result = guest.try(...sendFiles(guest, random.pick(random.pick(pairs)), fds));
      if (result === "blocked" || result === "gone") break;
    }
    expectNoFlights(machine, guest, before);
  },

  "a chain of sockets, each in the queue of the next": (attack) => {
    const { machine, guest, random } = attack;
    const before = machine.usage().files;
    let carried = socketPair(guest);
    if (carried === undefined) return;
    for (let depth = random.between(10, 3000); depth > 0; depth--) {
      const next = socketPair(guest);
      if (next === undefined) break;
      const result = guest.try(...sendFiles(guest, next[0], carried));
      guest.try(n.SYS_CLOSE, carried[0]);
      guest.try(n.SYS_CLOSE, carried[1]);
      carried = next;
      if (result !== 1) break;
    }
    expectNoFlights(machine, guest, before);
  },

  "memory by mappings": (attack) => {
    const { guest, random } = attack;
    const flags = MAP_ANONYMOUS | random.pick([MAP_PRIVATE, MAP_SHARED]);
    const size = random.pick([4096, 65536, MIB, 64 * MIB]);
    for (let left = 3000; left > 0; left--) {
      const at = guest.try(n.SYS_MMAP, 0, size, READ_WRITE, flags, -1, 0);
      if (typeof at !== "number" || at < 0) break;
      const result = guest.try(n.SYS_GETRANDOM, at, Math.min(size, MIB), 0); // touches it
      if (typeof result !== "number" || result < 0) break;
    }
  },

  "memory by a heap": (attack) => {
    const { guest } = attack;
    let end = guest.must(n.SYS_BRK, 0);
    for (let left = 2000; left > 0; left--) {
      const grown = guest.try(n.SYS_BRK, end + MIB / 4);
      if (typeof grown !== "number" || grown < end + MIB / 4) break;
      const result = guest.try(n.SYS_GETRANDOM, end, MIB / 4, 0);
      if (typeof result !== "number" || result < 0) break;
      end = grown;
    }
  },

  "memory by copies of children": (attack) => {
    const { guest, random } = attack;
    const size = random.pick([65536, 500_000, 900_000]);
    guest.try(n.SYS_GETRANDOM, 0x10000, size, 0);
    for (let left = 400; left > 0; left--) {
      const pid = guest.try(n.SYS_CLONE, SIGCHLD, 0, 0, 0, 0);
      if (typeof pid !== "number" || pid < 0) break;
      if (attack.machine.actor(pid).begin(n.SYS_GETRANDOM, [0x10000n, BigInt(size), 0n]) === "gone") break;
    }
  },

  "memory by files": (attack) => {
    const { guest, random } = attack;
    const size = random.pick([4096, 65536, 1_000_000]);
    const fd = guest.must(n.SYS_OPENAT, CWD, "/tmp/big", O_CREAT | O_RDWR, 0o600);
    const stride = random.pick([size, size, 4096 * 1025, 2 ** 40]);
    until(attack, [...NO_MEMORY, e.EFBIG], 20_000, (index) => [n.SYS_PWRITE64, fd, 0x10000, size, index * stride], guest);
    guest.try(n.SYS_FTRUNCATE, fd, random.below(10_000));
  },

  "memory by pipes": (attack) => {
    const { guest } = attack;
    raiseLimit(guest);
    const at = guest.place(new Uint8Array(8));
    for (let left = 3000; left > 0; left--) {
      if (guest.try(n.SYS_PIPE2, at, O_NONBLOCK) !== 0) break;
      const [, end] = twoFds(guest, at);
      guest.try(n.SYS_FCNTL, end, F_SETPIPE_SZ, attack.random.pick([4096, 65536, MIB]));
      const result = guest.try(n.SYS_WRITE, end, 0x10000, 900_000);
      if (typeof result !== "number" || result < 0) break;
    }
  },

  "timers": (attack) => {
    const { machine, guest, random } = attack;
    guest.must(n.SYS_RT_SIGACTION, 40, sigaction(random.pick([1, 0x20000])), 0, 8);
    const id = guest.place(new Uint8Array(4));
    const event = pack("u64", 1, "u32", 40, "u32", random.pick([0, 0, 1]));
    const count = until(attack, [e.EAGAIN, e.ENOMEM], random.between(1, 2000), () => [n.SYS_TIMER_CREATE, CLOCK_MONOTONIC, Buffer.concat([event, Buffer.alloc(48)]), id], guest);
    const ns = random.pick([1, 1000, 1_000_000]);
    for (let index = 0; index < Math.min(count, 300); index++) guest.try(n.SYS_TIMER_SETTIME, index, 0, pack("u64", 0, "u64", ns, "u64", 0, "u64", ns), 0);
    guest.try(n.SYS_SETITIMER, ITIMER_REAL, pack("u64", 0, "u64", 1, "u64", 0, "u64", 1), 0);
    for (let left = 5; left > 0; left--) step(machine, 20_000);
  },

  "locks": (attack) => {
    const { guest, random } = attack;
    const fd = guest.must(n.SYS_OPENAT, CWD, "/tmp/lock", O_CREAT | O_RDWR, 0o600);
    until(attack, [e.ENOLCK], random.between(100, 4000), () => {
      const type = random.pick([0, F_WRLCK, 2]);
      return [n.SYS_FCNTL, fd, F_SETLK, pack("u16", type, "u16", 0, "u32", 0, "u64", random.below(10_000), "u64", random.below(50), "u64", 0)];
    }, guest);
  },

  "mounts": (attack) => {
    const { guest, random } = attack;
    until(attack, [...NO_MEMORY, e.ENAMETOOLONG], random.between(5, 400), (index) => [n.SYS_MOUNT, random.pick(["/", "/bin", "/tmp"]), index % 3 === 0 ? "/tmp" : "/bin", 0, MS_BIND, 0], guest);
    for (let left = random.below(20); left > 0; left--) guest.try(n.SYS_UMOUNT2, random.pick(["/tmp", "/bin"]), random.pick([0, 2]));
  },

  "waiters": (attack) => {
    const { machine, guest, random } = attack;
    const at = guest.place(new Uint8Array(8));
    guest.must(n.SYS_PIPE2, at, 0);
    const [end] = twoFds(guest, at);
    const word = guest.place(new Uint8Array(8));
    for (let left = random.between(5, 300); left > 0; left--) {
      const pid = guest.try(n.SYS_CLONE, SIGCHLD, 0, 0, 0, 0);
      if (typeof pid !== "number" || pid < 0) break;
      const call = random.pick([[n.SYS_READ, end, word, 8], [n.SYS_FUTEX, word, 0, 0, 0, 0, 0], [n.SYS_WAIT4, -1, 0, 0, 0], [n.SYS_PPOLL, 0, 0, 0, 0, 8], [n.SYS_NANOSLEEP, at, 0]]);
      machine.actor(pid).begin(call[0] as number, call.slice(1).map((value) => BigInt.asUintN(64, BigInt(value))));
    }
    guest.try(n.SYS_WRITE, twoFds(guest, at)[1], word, 8);
    step(machine, 50_000);
  },
};

const ALL: readonly (readonly [string, Bomb])[] = [
  ...Object.entries(BOMBS),
  ...Object.entries(FLOODS).map(([name, code]) => [`programs: ${name}`, flood(code)] as const),
];

export const bombs: Kind = {
  name: "bombs",
  unit: "bombs and exhaustions",
  size: 1,
  run({ kernel }, random, log, index) {
    const [name, bomb] = ALL[index % ALL.length] as readonly [string, Bomb];
    const memoryBytes = random.pick([1.5, 2, 4, 8, 16]) * MIB;
    log?.(`${name}, ${memoryBytes / MIB} MiB`);
    const machine = Machine.boot(kernel, { memoryBytes, isHeapChecked: random.chance(0.3), seed: random.u32() });
    machine.addEntries([directory("tmp"), directory("proc"), file("bin/exits", exits(7), 0o755)]);
    const first = new Guest(machine);
    try {
      bomb({ machine, guest: new Guest(machine), random, log });
    } catch (error) {
      if (!(error instanceof OutOfMemory || error instanceof BadInputError)) throw error;
      log?.(error.message); // it has used up what it needs itself
    }
    checkInvariants(machine);
    afterwards(machine, first);
    checkEnd(machine);
    return 1;
  },
};

/** Several copies of a program that never ends. */
function flood(code: () => Buffer): Bomb {
  return ({ machine, random, log }) => {
    machine.writeFile("/bin/flood", code(), 0o755);
    for (let copies = random.between(1, 4); copies > 0; copies--) log?.(`execve: ${startProgram(machine, "/bin/flood", random.chance(0.5))}`);
    for (let left = FLOOD_STEPS; left > 0; left--) {
      const stop = step(machine, FLOOD_BUDGET);
      checkInvariants(machine);
      log?.(`${stop}: ${JSON.stringify(machine.usage())}`);
      if (stop === "off") return;
    }
  };
}

/** Pid 1 kills everybody and starts anew, unless it was the one that memory ran out for. */
function afterwards(machine: Machine, first: Guest): void {
  const killed = first.try(n.SYS_KILL, -1, SIGKILL);
  if (killed === "gone") return;
  if (killed !== 0 && killed !== -e.ESRCH) throw new Violation(`kill(-1): ${resultText(killed)}`);
  step(machine, FLOOD_BUDGET);
  for (let reaped = first.try(n.SYS_WAIT4, -1, 0, 0, 0); reaped !== -e.ECHILD; reaped = first.try(n.SYS_WAIT4, -1, 0, 0, 0)) {
    if (typeof reaped !== "number" || reaped < 0) throw new Violation(`wait4 for the killed: ${resultText(reaped)}`);
  }
  first.try(n.SYS_UNLINKAT, CWD, "/tmp/big", 0);
  const { tasks, frames, frameLimit } = machine.usage();
  if (tasks !== 1) throw new Violation(`${tasks - 1} tasks survived`);
  const again = first.try(n.SYS_CLONE, SIGCHLD, 0, 0, 0, 0);
  const isFull = frames > frameLimit - 100; // what is in files stays
  if (!(typeof again === "number" && again > 0) && !isFull) throw new Violation(`fork afterwards: ${resultText(again)}, ${frames} of ${frameLimit} frames in use`);
}
