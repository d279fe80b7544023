// SPDX-License-Identifier: MIT
// Actors: tasks whose user program is the host. The host makes their system calls one by one, through the same trap path as the
// hart's ecall; everything else about them (memory, descriptors, signals, children) is real. Tests and reproductions use them.

import { ACTOR_BLOCKED, ACTOR_GONE, ACTOR_MEMORY, ACTOR_MEMORY_SIZE } from "./abi/boundary.ts";
import { ESRCH } from "./abi/errno.ts";
import { MAP_ANONYMOUS, MAP_PRIVATE, PROT_READ, PROT_WRITE } from "./abi/mman.ts";
import { readX, writeX } from "./cpu/registers.ts";
import { mapPages, PLACE_FIXED } from "./memory/mappings.ts";
import { AddressSpace } from "./memory/address-space.ts";
import { findTask } from "./process/pid.ts";
import { currentTask, makeRunnable, switchTo } from "./process/scheduler.ts";
import { DEAD, RUNNABLE, Task } from "./process/task.ts";
import { makeCall } from "./trap.ts";

const A0 = 10;
const A7 = 17;

/** Gives a new task's address space the memory that the host writes arguments to. False when there is none left. */
export function prepareActorMemory(space: AddressSpace): bool {
  const flags = MAP_PRIVATE | MAP_ANONYMOUS;
  return mapPages(space, ACTOR_MEMORY, ACTOR_MEMORY_SIZE, PLACE_FIXED, PROT_READ | PROT_WRITE, flags, null, 0) >= 0;
}

/** Makes a system call for an actor: its result, -errno, ACTOR_BLOCKED while it sleeps, ACTOR_GONE when it died of it. */
export function actorCall(tid: i32, number: i32, a0: u64, a1: u64, a2: u64, a3: u64, a4: u64, a5: u64): i64 {
  const task = findTask(tid);
  if (task == null || task.state == DEAD) return ACTOR_GONE;
  if (!task.isActor) return -ESRCH;
  if (task.hasCall || task.state != RUNNABLE) return ACTOR_BLOCKED;
  task.retain();
  switchTo(task);
  writeX(A0, a0);
  writeX(A0 + 1, a1);
  writeX(A0 + 2, a2);
  writeX(A0 + 3, a3);
  writeX(A0 + 4, a4);
  writeX(A0 + 5, a5);
  writeX(A7, number);
  makeCall(task);
  if (!task.isActor && task.state == RUNNABLE) makeRunnable(task); // it runs a program of its own now
  const result = answer(task);
  task.release();
  return result;
}

/** The result of an actor's last call, or why there is none yet. */
export function actorResult(tid: i32): i64 {
  const task = findTask(tid);
  return task == null ? ACTOR_GONE : answer(task);
}

function answer(task: Task): i64 {
  if (task.state == DEAD || !task.isActor) return ACTOR_GONE;
  if (task.hasCall || task.state != RUNNABLE) return ACTOR_BLOCKED;
  return currentTask() == task ? <i64>readX(A0) : load<i64>(task.registers, A0 << 3);
}

/** Signals whose handlers would have run in this actor since the last question. */
export function actorSignals(tid: i32): u64 {
  const task = findTask(tid);
  if (task == null) return 0;
  const signals = task.actorSignals;
  task.actorSignals = 0;
  return signals;
}
