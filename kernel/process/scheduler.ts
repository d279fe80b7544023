// SPDX-License-Identifier: MIT
// Who runs, in which order, and who wakes when: one run queue (first come, first served, a time slice each) and one list of
// sleepers with a deadline. It switches the hart between tasks; what a task does is trap.ts's business.

import { clearReservation, REGISTERS, REGISTERS_SIZE } from "../cpu/registers.ts";
import { NO_DEADLINE } from "../file/wait-queue.ts";
import { setCurrentSpace } from "../memory/translate.ts";
import { hasPendingSignal } from "./signal.ts";
import { RUNNABLE, SLEEPING, Task } from "./task.ts";

/** Instructions that a task may run before the next one gets the hart. */
export const TIME_SLICE: u64 = 200_000;

let first: Task | null = null;
let last: Task | null = null;
let timed: Task | null = null;
let current: Task | null = null;

/** The task whose registers are in the hart (borrowed), or null. */
export function currentTask(): Task | null {
  return current;
}

/** Puts a task at the end of the run queue, unless it is there or never runs by itself (an actor between calls, but for its signals). */
export function makeRunnable(task: Task): void {
  if (task.isQueued || (task.isActor && !task.hasCall && !hasPendingSignal(task))) return;
  task.isQueued = true;
  task.nextRunnable = null;
  if (last != null) last!.nextRunnable = task;
  else first = task;
  last = task;
  task.retain();
}

/** Takes the next task that can run off the queue, with the queue's reference, or null. */
export function takeRunnable(): Task | null {
  while (first != null) {
    const task = first!;
    first = task.nextRunnable;
    if (first == null) last = null;
    task.nextRunnable = null;
    task.isQueued = false;
    if (task.state == RUNNABLE) return task;
    task.release();
  }
  return null;
}

/** The head of the run queue and of the list of sleepers with a deadline (borrowed), for those who look and do not change. */
export function firstRunnable(): Task | null {
  return first;
}

export function firstTimed(): Task | null {
  return timed;
}

export function hasRunnable(): bool {
  return first != null;
}

/** Gives the hart to a task: saves the registers of the one that had it. */
export function switchTo(task: Task): void {
  if (current == task) return;
  leaveHart();
  memory.copy(REGISTERS, task.registers, REGISTERS_SIZE);
  clearReservation();
  setCurrentSpace(task.space);
  current = task;
}

/** Saves the registers of the task that has the hart; nobody has it then. */
export function leaveHart(): void {
  const task = current;
  if (task != null) memory.copy(task.registers, REGISTERS, REGISTERS_SIZE);
  current = null;
}

/** Enters a task that sleeps with a deadline into the timer list, sorted by deadline, then by who came first. */
export function addTimed(task: Task): void {
  if (task.isTimed) removeTimed(task);
  if (task.deadline == NO_DEADLINE) return;
  task.isTimed = true;
  let previous: Task | null = null;
  let next = timed;
  while (next != null && next.deadline <= task.deadline) {
    previous = next;
    next = next.nextTimed;
  }
  task.nextTimed = next;
  if (previous == null) timed = task;
  else previous.nextTimed = task;
}

export function removeTimed(task: Task): void {
  if (!task.isTimed) return;
  task.isTimed = false;
  let previous: Task | null = null;
  let at = timed;
  while (at != null && at != task) {
    previous = at;
    at = at.nextTimed;
  }
  if (previous == null) timed = task.nextTimed;
  else previous.nextTimed = task.nextTimed;
  task.nextTimed = null;
}

/** The earliest deadline of a sleeping task, or NO_DEADLINE. */
export function nextDeadline(): i64 {
  return timed == null ? NO_DEADLINE : timed!.deadline;
}

/** Wakes everybody whose deadline has come. */
export function wakeExpired(now: i64): void {
  while (timed != null && timed!.deadline <= now) {
    const task = timed!;
    removeTimed(task);
    if (task.state == SLEEPING) task.wake();
  }
}
