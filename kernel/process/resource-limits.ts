// SPDX-License-Identifier: MIT
// The resource limits of a process (getrlimit(2)): a table shared by parent and child until one of them changes it.

import {
  RLIMIT_CORE, RLIMIT_MEMLOCK, RLIMIT_MSGQUEUE, RLIMIT_NICE, RLIMIT_NLIMITS, RLIMIT_NOFILE, RLIMIT_NPROC, RLIMIT_RTPRIO, RLIMIT_SIGPENDING,
  RLIMIT_STACK,
} from "../abi/resource.ts";
import { MAX_QUEUED_SIGNALS } from "../lib/limits.ts";
import { maxTasks } from "../memory/frames.ts";
import { allocBytes, freeBytes } from "../memory/heap.ts";
import { RefCounted } from "../memory/ref-counted.ts";

export const RLIM_INFINITY: u64 = u64.MAX_VALUE;
const TABLE_SIZE: usize = 16 * <usize>RLIMIT_NLIMITS;

export class ResourceLimits extends RefCounted {
  /** Per resource: soft u64, hard u64. */
  private table: usize = allocBytes(TABLE_SIZE);

  /** What the first process starts with: Linux's defaults. */
  static initial(): ResourceLimits {
    const limits = new ResourceLimits();
    for (let resource = 0; resource < RLIMIT_NLIMITS; resource++) limits.set(resource, RLIM_INFINITY, RLIM_INFINITY);
    limits.set(RLIMIT_STACK, 8 << 20, RLIM_INFINITY);
    limits.set(RLIMIT_CORE, 0, RLIM_INFINITY);
    limits.set(RLIMIT_NPROC, maxTasks(), maxTasks());
    limits.set(RLIMIT_NOFILE, 1024, 4096);
    limits.set(RLIMIT_MEMLOCK, 8 << 20, 8 << 20);
    limits.set(RLIMIT_SIGPENDING, MAX_QUEUED_SIGNALS, MAX_QUEUED_SIGNALS);
    limits.set(RLIMIT_MSGQUEUE, 819200, 819200);
    limits.set(RLIMIT_NICE, 0, 0);
    limits.set(RLIMIT_RTPRIO, 0, 0);
    return limits;
  }

  copy(): ResourceLimits {
    const to = new ResourceLimits();
    memory.copy(to.table, this.table, TABLE_SIZE);
    return to;
  }

  soft(resource: i32): u64 {
    return load<u64>(this.table + (<usize>resource << 4));
  }

  hard(resource: i32): u64 {
    return load<u64>(this.table + (<usize>resource << 4), 8);
  }

  set(resource: i32, soft: u64, hard: u64): void {
    store<u64>(this.table + (<usize>resource << 4), soft);
    store<u64>(this.table + (<usize>resource << 4), hard, 8);
  }

  destroy(): void {
    freeBytes(this.table);
  }
}
