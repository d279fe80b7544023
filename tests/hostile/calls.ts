// SPDX-License-Identifier: MIT
// Random system calls: a few processes whose program is this file make calls with plausible, boundary and wild arguments.
// Their forked children join in, programs they start run in between, and calls that block are left behind until something
// wakes them.

import type { Actor, ActorResult } from "../../host/core/actor.ts";
import { BadInputError } from "../../host/core/errors.ts";
import type { Machine } from "../../host/core/machine.ts";
import { callName, errnoName } from "../../host/core/names.ts";
import { ACTOR_MEMORY, ACTOR_MEMORY_SIZE, ALLOCATION_FRAMES, ALLOCATION_OBJECTS } from "../../kernel/abi/boundary.ts";
import * as n from "../../kernel/abi/syscalls.ts";
import { SYS_SPAWN_TEMPLATE_CREATE, SYS_SPAWN_TEMPLATE_SPAWN } from "../../kernel/abi/spawn-template.ts";
import { address, fd, number, oneOf, path, pid, room, size, type Caller, type Maker } from "./arguments.ts";
import { SHAPES } from "./call-shapes.ts";
import { furnish, type Furniture } from "./furniture.ts";
import { OutOfMemory } from "./guest.ts";
import { bootMachine, checkEnd, checkInvariants, checkRunning, step, type Kind, type Log } from "./machine.ts";
import type { Random } from "./random.ts";

const CALLS_PER_MACHINE = 250;
const LEAST_ACTORS = 3;
const MOST_ACTORS = 6;
const ANYTHING: Maker = oneOf(number, address, fd, size, path, pid, room(64));

const shaped = Object.keys(SHAPES).map(Number);
const named = Object.values(n);
/** What most bugs hide behind, tried more often than the rest. */
const FREQUENT = [
  n.SYS_CLONE, n.SYS_CLONE3, n.SYS_OPENAT, n.SYS_MMAP, n.SYS_MUNMAP, n.SYS_MREMAP, n.SYS_MPROTECT, n.SYS_PIPE2, n.SYS_SOCKETPAIR, n.SYS_DUP3,
  n.SYS_READ, n.SYS_WRITE, n.SYS_EXECVE, n.SYS_WAIT4, n.SYS_WAITID, n.SYS_SENDMSG, n.SYS_RECVMSG, n.SYS_RENAMEAT2, n.SYS_FCNTL, n.SYS_LSEEK, n.SYS_GETDENTS64,
  SYS_SPAWN_TEMPLATE_CREATE, SYS_SPAWN_TEMPLATE_SPAWN,
];
/** They end what the others need, so they are tried less often. */
const ENDINGS = new Set<number>([n.SYS_EXIT, n.SYS_EXIT_GROUP, n.SYS_KILL, n.SYS_CLOSE_RANGE, n.SYS_RT_SIGSUSPEND]);
const FORKS = new Set<number>([n.SYS_CLONE, n.SYS_CLONE3]);
const OPENS = new Set<number>([
  n.SYS_OPENAT, n.SYS_OPENAT2, n.SYS_DUP, n.SYS_DUP3, n.SYS_MEMFD_CREATE, n.SYS_EVENTFD2, n.SYS_PIDFD_OPEN, n.SYS_PIDFD_GETFD,
]);
const MAPS = new Set<number>([n.SYS_MMAP, n.SYS_MREMAP, n.SYS_BRK]);

export const calls: Kind = {
  name: "calls",
  unit: "system calls",
  size: CALLS_PER_MACHINE,
  run(materials, random, log) {
    const machine = bootMachine(materials, random, log);
    const session = new Session(machine, random, log);
    let made = 0;
    while (made < CALLS_PER_MACHINE && session.makeCall()) made++;
    checkEnd(machine);
    return made;
  },
};

class Session {
  readonly #machine: Machine;
  readonly #random: Random;
  readonly #log: Log;
  readonly #actors: Actor[] = [];
  readonly #pids: number[] = [1];
  readonly #fds = new Map<number, number[]>(); // by pid
  readonly #furniture = new Map<number, Furniture>(); // by pid
  readonly #templates: number[] = [];
  readonly #mapped: bigint[] = [];

  constructor(machine: Machine, random: Random, log: Log) {
    this.#machine = machine;
    this.#random = random;
    this.#log = log;
  }

  /** One call by one actor, and what happens around it. False when the machine is off. */
  makeCall(): boolean {
    const actor = this.#awakeActor();
    if (actor === undefined) return false;

    const random = this.#random;
    const call = this.#chooseCall();
    const caller: Caller = { random, actor, pids: this.#pids, fds: this.#fdsOf(actor), furniture: this.#furniture.get(actor.pid) ?? {}, templates: this.#templates, mapped: this.#mapped };
    const makers = SHAPES[call] ?? [];
    const args = Array.from({ length: 6 }, (_, index) => (random.chance(0.03) ? ANYTHING : (makers[index] ?? ANYTHING))(caller));
    const failAt = random.chance(0.1) ? random.below(6) : -1;
    this.#machine.failAllocation(failAt, random.between(ALLOCATION_OBJECTS, ALLOCATION_OBJECTS | ALLOCATION_FRAMES));
    const text = `pid ${actor.pid}: ${callName(call) ?? call}(${args.map((value) => `0x${value.toString(16)}`).join(", ")})`;
    this.#log?.(failAt < 0 ? text : `${text} with allocation ${failAt} failing`);
    const result = actor.begin(call, args);
    this.#log?.(`  = ${resultText(result)}`);
    this.#machine.failAllocation(-1);
    this.#remember(call, args, result, actor);
    if (random.chance(0.2)) this.#disturb();
    else checkRunning(this.#machine);
    if (this.#log !== undefined || random.chance(0.1)) checkInvariants(this.#machine);
    return true;
  }

  /** An actor that can make a call: children and strangers rather than pid 1, whose end is everyone's. */
  #awakeActor(): Actor | undefined {
    for (let attempt = 0; attempt < 20; attempt++) {
      const isFew = this.#actors.length < LEAST_ACTORS;
      if ((isFew || (this.#actors.length < MOST_ACTORS && this.#random.chance(0.02))) && this.#newActor() === undefined && this.#actors.length === 0) {
        return undefined;
      }
      const first = this.#actors[0]?.pid === 1 && this.#actors.length > 1 && this.#random.chance(0.9) ? 1 : 0;
      const index = this.#random.between(first, this.#actors.length - 1);
      const actor = this.#actors[index];
      const state = actor?.result();
      if (state === "gone") this.#actors.splice(index, 1);
      else if (state === "blocked") this.#run();
      else if (actor) return actor;
    }
    return this.#newActor();
  }

  #newActor(): Actor | undefined {
    try {
      const actor = this.#machine.createActor();
      this.#log?.(`actor: pid ${actor.pid}`);
      this.#furniture.set(actor.pid, furnish(this.#machine, actor, this.#random));
      this.#adopt(actor);
      return actor;
    } catch (error) {
      if (!(error instanceof BadInputError || error instanceof OutOfMemory)) throw error;
      this.#log?.(`no actor: ${error.message}`);
      return undefined; // no memory for it, or the machine is off
    }
  }

  #adopt(actor: Actor, parent?: Actor): void {
    this.#pids.push(actor.pid);
    if (parent) this.#fds.set(actor.pid, [...this.#fdsOf(parent)]);
    if (parent) this.#furniture.set(actor.pid, this.#furniture.get(parent.pid) ?? {});
    if (this.#actors.length >= MOST_ACTORS) this.#actors.splice(1 + this.#random.below(MOST_ACTORS - 1), 1);
    this.#actors.push(actor);
  }

  #chooseCall(): number {
    const random = this.#random;
    if (this.#templates.length > 0 && random.chance(0.1)) return SYS_SPAWN_TEMPLATE_SPAWN;
    if (random.chance(0.5)) return random.pick(FREQUENT);
    const call = random.pick(shaped);
    if (ENDINGS.has(call) && random.chance(0.8)) return n.SYS_GETPID;
    if (random.chance(0.95)) return call;
    return random.chance(0.8) ? random.pick(named) : Number(BigInt.asIntN(32, random.boundary()));
  }

  #remember(call: number, args: readonly bigint[], result: ActorResult, actor: Actor): void {
    if (FORKS.has(call) && result === "blocked") this.#adoptVforkChild(actor);
    if (typeof result !== "bigint" || result < 0n) return;
    if (FORKS.has(call)) this.#adopt(this.#machine.actor(Number(result)), actor);
    else if (call === SYS_SPAWN_TEMPLATE_SPAWN) this.#pids.push(Number(result));
    else if (MAPS.has(call)) this.#mapped.push(result);
    else if (call === SYS_SPAWN_TEMPLATE_CREATE) this.#templates.push(Number(result));
    else if (OPENS.has(call)) this.#fdsOf(actor).push(Number(result));
    else if (call === n.SYS_PIPE2) this.#rememberPair(actor, args[0]);
    else if (call === n.SYS_SOCKETPAIR) this.#rememberPair(actor, args[3]);
  }

  #fdsOf(actor: Actor): number[] {
    let fds = this.#fds.get(actor.pid);
    if (fds === undefined) this.#fds.set(actor.pid, (fds = [0, 1, 2]));
    return fds;
  }

  #rememberPair(actor: Actor, address = 0n): void {
    this.#fdsOf(actor).push(...new Int32Array(Uint8Array.from(actor.read(address, 8)).buffer));
  }

  /** A vfork parent sleeps, so nobody says the child's pid: it is the newest one. */
  #adoptVforkChild(parent: Actor): void {
    const newest = Math.max(parent.pid, ...this.#pids);
    for (let candidate = newest + 1; candidate < newest + 3; candidate++) this.#adopt(this.#machine.actor(candidate), parent);
  }

  /** Something from outside, between two calls. */
  #disturb(): void {
    const random = this.#random;
    const machine = this.#machine;
    switch (random.below(9)) {
      case 0:
        machine.input(random.chance(0.5) ? keys(random) : random.bytes(random.pick([0, 1, 100, 70000])));
        break;
      case 1:
        if (random.chance(0.1)) machine.endInput();
        break;
      case 2:
        if (random.chance(0.03)) machine.hangUp();
        break;
      case 3:
        machine.resize(random.below(70000), random.below(70000));
        break;
      case 4:
        machine.peek(random.pick(this.#pids), random.boundary(), random.below(5000));
        break;
      case 5:
        machine.advanceTo(machine.now + BigInt(random.below(2_000_000_000)));
        break;
      case 6: // brings pages in until memory is short
        machine.poke(random.pick(this.#pids), BigInt(ACTOR_MEMORY + random.below(ACTOR_MEMORY_SIZE)), new Uint8Array(random.below(200_000)));
        break;
      default:
        this.#run();
    }
    checkRunning(machine);
  }

  #run(): void {
    const budget = this.#random.pick([0, 1, 100, 5000, 50000]);
    const stop = step(this.#machine, budget);
    this.#log?.(`run(${budget}): ${stop}`);
  }
}

function resultText(result: ActorResult): string {
  if (typeof result !== "bigint") return result;
  return result < 0n && result > -4096n ? `-${errnoName(Number(-result))}` : `0x${BigInt.asUintN(64, result).toString(16)}`;
}

/** What somebody types who knows the keys of a terminal: letters, lines, and characters that mean something (termios(3)). */
function keys(random: Random): Uint8Array {
  return Uint8Array.from({ length: random.between(1, 60) }, () => {
    const kind = random.below(4);
    return kind === 0 ? random.below(32) : kind === 1 ? random.pick([0x0a, 0x0d, 0x7f, 0x1c, 0xff]) : random.between(0x20, 0x7e);
  });
}
