// SPDX-License-Identifier: MIT
// An actor as tests use it: arguments may be numbers, strings, bytes or areas of its memory, results are numbers (a negative
// one is -errno). Strings and bytes are copied into the actor's memory for the call; nothing is ever freed there, because a
// test is short. Structures are built with tests/support/structs.ts.

import { expect } from "vitest";
import type { Actor, ActorResult } from "../../host/core/actor.ts";
import { callName, errnoName } from "../../host/core/names.ts";
import { ACTOR_GONE } from "../../kernel/abi/boundary.ts";
import { AT_FDCWD } from "../../kernel/abi/fcntl.ts";
import { SIGCHLD } from "../../kernel/abi/signal.ts";
import * as calls from "../../kernel/abi/syscalls.ts";
import { Area } from "./area.ts";
import type { TestMachine } from "./boot.ts";

/** null is the null pointer; a string is passed NUL-terminated; bytes and packed structures by address. */
export type Argument = number | bigint | string | Uint8Array | Area | null;

export class TestActor {
  readonly pid: number;
  readonly machine: TestMachine;
  readonly #actor: Actor;
  #next: number; // first free address of the memory area
  #pending: PendingCall | undefined;

  constructor(machine: TestMachine, actor: Actor, firstAddress: number = actor.memory.address) {
    this.machine = machine;
    this.pid = actor.pid;
    this.#actor = actor;
    this.#next = firstAddress;
  }

  get nextAddress(): number {
    return this.#next;
  }

  /** Makes a call and lets others run until it is finished; throws if it stays blocked (then use start()). */
  call(number: number, ...args: Argument[]): number {
    return this.start(number, ...args).result();
  }

  /** As call(), but a failure throws: for the preparations of a test. */
  must(number: number, ...args: Argument[]): number {
    const result = this.call(number, ...args);
    if (result < 0 && result !== GONE) throw new Error(`${callName(number)} failed in the preparations of this test: ${resultText(result)}`);
    return result;
  }

  /** Makes a call and comes back at once, finished or blocked. */
  start(number: number, ...args: Argument[]): PendingCall {
    if (this.#pending && !this.#pending.isDone) throw new Error(`pid ${this.pid} still sleeps in its last call: use another actor`);
    const first = this.#actor.begin(number, args.map((value) => this.#marshal(value)));
    this.#pending = new PendingCall(this, number, first, () => this.#actor.result());
    return this.#pending;
  }

  /** Zeroed memory. */
  alloc(size: number): Area {
    const aligned = (this.#next + 15) & ~15;
    const { address, size: total } = this.#actor.memory;
    if (aligned + size > address + total) throw new Error("the actor's memory area is used up");
    this.#next = aligned + size;
    return new Area(this, aligned, size);
  }

  /** `size` bytes that end where the mapped area ends: what lies behind them faults. */
  allocAtEnd(size: number): Area {
    const { address, size: total } = this.#actor.memory;
    return new Area(this, address + total - size, size);
  }

  /** A NUL-terminated string in the actor's memory. */
  str(text: string): Area {
    return this.bytes(Buffer.from(`${text}\0`));
  }

  bytes(bytes: Uint8Array): Area {
    const area = this.alloc(bytes.length);
    area.write(bytes);
    return area;
  }

  /** A vector of pointers that ends in a null pointer, as argv and envp. */
  strings(texts: readonly string[]): Area {
    return this.u64s([...texts.map((text) => this.str(text).address), 0]);
  }

  u64s(values: readonly (number | bigint)[]): Area {
    return this.bytes(new Uint8Array(BigUint64Array.from(values, (value) => BigInt(value)).buffer));
  }

  u32s(values: readonly number[]): Area {
    return this.bytes(new Uint8Array(Uint32Array.from(values).buffer));
  }

  peek(address: number | bigint, len: number): Uint8Array {
    return this.#actor.read(BigInt(address), len);
  }

  poke(address: number | bigint, bytes: Uint8Array): void {
    const written = this.#actor.write(BigInt(address), bytes);
    if (written !== bytes.length) throw new Error(`no memory at 0x${(Number(address) + written).toString(16)} to write to`);
  }

  /** The signals whose handler would have run since this was last asked, in ascending order. */
  takeSignals(): number[] {
    const mask = this.#actor.takeSignals();
    return Array.from({ length: 64 }, (_, index) => index + 1).filter((signal) => (mask >> BigInt(signal - 1)) & 1n);
  }

  // What nearly every test prepares. All of these throw when they fail.

  /** fork(2); the child is an actor too. */
  fork(): TestActor {
    return this.machine.adopt(this.must(calls.SYS_CLONE, SIGCHLD, 0, 0, 0, 0), this);
  }

  /** exit_group(2) */
  exit(code = 0): void {
    this.must(calls.SYS_EXIT_GROUP, code);
  }

  /** wait4(2) for a child that has ended or will: its raw wait status. */
  wait(pid: number): number {
    const status = this.alloc(4);
    this.must(calls.SYS_WAIT4, pid, status, 0, null);
    return status.s32(0);
  }

  open(path: string, flags: number, mode = 0): number {
    return this.must(calls.SYS_OPENAT, AT_FDCWD, path, flags, mode);
  }

  close(fd: number): void {
    this.must(calls.SYS_CLOSE, fd);
  }

  /** [read end, write end] */
  pipe(flags = 0): [number, number] {
    const fds = this.alloc(8);
    this.must(calls.SYS_PIPE2, fds, flags);
    return [fds.s32(0), fds.s32(4)];
  }

  read(fd: number, len = 4096): string {
    const buffer = this.alloc(len);
    const count = this.must(calls.SYS_READ, fd, buffer, len);
    return Buffer.from(this.peek(buffer.address, count)).toString("latin1");
  }

  write(fd: number, text: string | Uint8Array): number {
    const bytes = typeof text === "string" ? Buffer.from(text, "latin1") : text;
    return this.must(calls.SYS_WRITE, fd, bytes, bytes.length);
  }

  #marshal(value: Argument): bigint {
    if (value === null) return 0n;
    if (typeof value === "number" || typeof value === "bigint") return BigInt.asUintN(64, BigInt(value));
    if (value instanceof Area) return BigInt(value.address);
    return BigInt((typeof value === "string" ? this.str(value) : this.bytes(value)).address);
  }
}

/** A call that may be asleep. */
export class PendingCall {
  readonly #actor: TestActor;
  readonly #number: number;
  readonly #ask: () => ActorResult;
  #result: ActorResult;

  constructor(actor: TestActor, number: number, result: ActorResult, ask: () => ActorResult) {
    this.#actor = actor;
    this.#number = number;
    this.#result = result;
    this.#ask = ask;
  }

  /** Whether it has finished by now. Nothing runs because of this question. */
  get isDone(): boolean {
    if (this.#result === "blocked") this.#result = this.#ask();
    return this.#result !== "blocked";
  }

  /** Whether it sleeps even when everything else has run as far as it can. */
  get isBlocked(): boolean {
    if (!this.isDone) this.#actor.machine.settle();
    return !this.isDone;
  }

  /** Its result once everything has run as far as it can (GONE if the actor is); throws if it sleeps for good. */
  result(): number {
    const result = Number(this.big());
    if (!Number.isSafeInteger(result)) throw new Error(`${callName(this.#number)} returned ${this.big()}: ask big() for it`);
    return result;
  }

  big(): bigint {
    if (this.isBlocked) throw new Error(`${callName(this.#number) ?? this.#number} of pid ${this.#actor.pid} is blocked for good`);
    return this.#result === "gone" ? BigInt(GONE) : (this.#result as bigint);
  }
}

/** The result of a call after which the actor is no more: exit, a successful execve, a fatal signal. */
export const GONE = ACTOR_GONE;

/** Like expect(actual).toBe(want), but a failure prints names: expected "-EINVAL" to be "-EBADF". */
export function expectResult(actual: number, want: number): void {
  expect(resultText(actual)).toBe(resultText(want));
}

/** A result as a person reads it: `3`, `-EBADF`. */
export function resultText(result: number): string {
  if (result === GONE) return "gone";
  return result < 0 && result > -4096 ? `-${errnoName(-result)}` : String(result);
}
