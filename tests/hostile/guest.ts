// SPDX-License-Identifier: MIT
// A process that makes exactly the calls it is told to, with strings and structures put into its memory: for cases that are a
// story, not a throw of dice.

import type { Actor, ActorResult } from "../../host/core/actor.ts";
import type { Machine } from "../../host/core/machine.ts";
import { callName, errnoName } from "../../host/core/names.ts";
import { SIGCHLD } from "../../kernel/abi/signal.ts";
import { SYS_CLONE } from "../../kernel/abi/syscalls.ts";
import { step } from "./machine.ts";

/** A string is passed NUL-terminated and bytes by address. */
export type Value = number | bigint | string | Uint8Array;
export type Call = readonly [number: number, ...args: Value[]];
/** The result or -errno; "blocked" when nothing that happens by itself ends the call, "gone" when the caller died or executed a program. */
export type Result = number | "blocked" | "gone";

/** There is no page for what it wants to place. */
export class OutOfMemory extends Error {}

const TICKS = 40;
const TICK_BUDGET = 100_000;

export class Guest {
  readonly #machine: Machine;
  readonly #actor: Actor;
  #next: number;

  constructor(machine: Machine, actor: Actor = machine.createActor()) {
    this.#machine = machine;
    this.#actor = actor;
    this.#next = actor.memory.address;
  }

  get pid(): number {
    return this.#actor.pid;
  }

  /** Puts bytes into its memory, which is used as a ring; their address. */
  place(value: string | Uint8Array): number {
    const bytes = typeof value === "string" ? Buffer.from(`${value}\0`) : value;
    const { address, size } = this.#actor.memory;
    if (this.#next + bytes.length > address + size) this.#next = address;
    const at = this.#next;
    this.#next = (at + bytes.length + 15) & ~15;
    this.write(at, bytes);
    return at;
  }

  /** argv, envp. */
  strings(texts: readonly string[]): number {
    return this.place(new Uint8Array(BigUint64Array.from([...texts.map((text) => BigInt(this.place(text))), 0n]).buffer));
  }

  write(address: number, bytes: Uint8Array): void {
    if (this.#actor.write(BigInt(address), bytes) !== bytes.length) throw new OutOfMemory(`pid ${this.pid} has no memory at ${address}`);
  }

  read(address: number, length: number): Buffer {
    return Buffer.from(this.#actor.read(BigInt(address), length));
  }

  /** Makes a call whose arguments are in its registers already, and lets the machine run while it sleeps. */
  make(number: number, args: readonly bigint[]): Result {
    let result: ActorResult = this.#actor.begin(number, args);
    for (let tick = 0; tick < TICKS && result === "blocked"; tick++) {
      const stop = step(this.#machine, TICK_BUDGET);
      result = this.#actor.result();
      if (stop !== "budget") break;
    }
    return typeof result === "bigint" ? Number(result) : result;
  }

  /** The arguments as they stand in registers; strings and bytes are placed. */
  marshal(args: readonly Value[]): bigint[] {
    return args.map((value) => BigInt.asUintN(64, BigInt(typeof value === "object" || typeof value === "string" ? this.place(value) : value)));
  }

  try(...[number, ...args]: Call): Result {
    return this.make(number, this.marshal(args));
  }

  /** For preparations: a failure is a mistake of the case. */
  must(...call: Call): number {
    const result = this.try(...call);
    if (typeof result === "number" && result >= 0) return result;
    throw new Error(`preparation failed: ${callName(call[0]) ?? call[0]} = ${resultText(result)}`);
  }

  fork(): Guest {
    return new Guest(this.#machine, this.#machine.actor(this.must(SYS_CLONE, SIGCHLD, 0, 0, 0, 0)));
  }
}

export function resultText(result: Result): string {
  return typeof result === "number" && result < 0 ? `-${errnoName(-result) ?? -result}` : String(result);
}
