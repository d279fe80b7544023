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
let earliest: Task | null = null;
let latest: Task | null = null;
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
  return earliest;
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

/** Enters a task that sleeps with a deadline into the timer list, sorted by deadline, then by who came first: mostly at its end. */
export function addTimed(task: Task): void {
  if (task.isTimed) removeTimed(task);
  if (task.deadline == NO_DEADLINE) return;
  task.isTimed = true;
  let next: Task | null = null;
  let previous = latest;
  while (previous != null && previous.deadline > task.deadline) {
    next = previous;
    previous = previous.previousTimed;
  }
  linkTimed(previous, task);
  linkTimed(task, next);
}

export function removeTimed(task: Task): void {
  if (!task.isTimed) return;
  task.isTimed = false;
  linkTimed(task.previousTimed, task.nextTimed);
  task.previousTimed = null;
  task.nextTimed = null;
}

/** Makes two tasks neighbours in the timer list; null stands for its ends. */
function linkTimed(previous: Task | null, next: Task | null): void {
  if (previous != null) previous.nextTimed = next;
  else earliest = next;
  if (next != null) next.previousTimed = previous;
  else latest = previous;
}

/** The earliest deadline of a sleeping task, or NO_DEADLINE. */
export function nextDeadline(): i64 {
  return earliest == null ? NO_DEADLINE : earliest!.deadline;
}

/** Wakes everybody whose deadline has come. */
export function wakeExpired(now: i64): void {
  while (earliest != null && earliest!.deadline <= now) {
    const task = earliest!;
    removeTimed(task);
    if (task.state == SLEEPING) task.wake();
  }
}
