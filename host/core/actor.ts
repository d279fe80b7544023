// SPDX-License-Identifier: MIT
// An actor: a process of the machine whose user program is the host. It has one readable and writable area of 1 MiB, the
// console as its standard streams, / as its directory and root as its user, and makes system calls when it is told to.
// Arguments are plain numbers here; who wants strings and structures marshalled builds that above.

import { ACTOR_BLOCKED, ACTOR_GONE, ACTOR_MEMORY, ACTOR_MEMORY_SIZE } from "../../kernel/abi/boundary.ts";

/** What has become of a call: its result or -errno, still asleep, or the actor is dead or runs a program since execve. */
export type ActorResult = bigint | "blocked" | "gone";

/** What an actor needs of its machine. */
export interface ActorPort {
  call(number: number, args: readonly bigint[]): bigint;
  result(): bigint;
  signals(): bigint;
  read(address: bigint, len: number): Uint8Array;
  write(address: bigint, bytes: Uint8Array): number;
}

export class Actor {
  readonly pid: number;
  /** Where its memory area begins, and its size in bytes. */
  readonly memory = { address: ACTOR_MEMORY, size: ACTOR_MEMORY_SIZE } as const;
  readonly #port: ActorPort;

  constructor(pid: number, port: ActorPort) {
    this.pid = pid;
    this.#port = port;
  }

  /** Makes a system call with up to six arguments. If it sleeps, ask result() after machine.step(). */
  begin(number: number, args: readonly bigint[]): ActorResult {
    return resultOf(this.#port.call(number, args));
  }

  /** What has become of the call that slept. */
  result(): ActorResult {
    return resultOf(this.#port.result());
  }

  /** The signals whose handler would have run since this was asked last; bit 0 is signal 1. */
  takeSignals(): bigint {
    return this.#port.signals();
  }

  /** A copy of its memory; short where an unmapped page begins. */
  read(address: bigint, len: number): Uint8Array {
    return this.#port.read(address, len);
  }

  /** Writes its memory; how many bytes were written. */
  write(address: bigint, bytes: Uint8Array): number {
    return this.#port.write(address, bytes);
  }
}

function resultOf(value: bigint): ActorResult {
  if (value === BigInt(ACTOR_BLOCKED)) return "blocked";
  return value === BigInt(ACTOR_GONE) ? "gone" : value;
}
