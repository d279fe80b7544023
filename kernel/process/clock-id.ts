// SPDX-License-Identifier: MIT
// Which clock a clockid_t names. Negative ones are CPU time clocks of a process or thread (clock_getcpuclockid(3)): the complement of its
// number, then one bit for a thread and two bits for what is counted (Linux's posix-timers.h).

import {
  CLOCK_BOOTTIME, CLOCK_BOOTTIME_ALARM, CLOCK_MONOTONIC, CLOCK_MONOTONIC_COARSE, CLOCK_MONOTONIC_RAW, CLOCK_PROCESS_CPUTIME_ID,
  CLOCK_REALTIME, CLOCK_REALTIME_ALARM, CLOCK_REALTIME_COARSE, CLOCK_TAI, CLOCK_THREAD_CPUTIME_ID,
} from "../abi/time.ts";
import { realTimers, TimerQueue } from "../file/timer.ts";
import { now, realtime } from "../lib/clock.ts";
import { admit } from "../memory/heap.ts";
import { findProcess, findTask } from "./pid.ts";
import { Process } from "./process.ts";
import { timersOf } from "./process-timers.ts";
import { Task } from "./task.ts";
import { cpuTimeOf, userTimeOf } from "./usage.ts";

/** Resolution of the coarse clocks (CONFIG_HZ=250). */
export const COARSE_NS: i64 = 4_000_000;
/** What is no clock, or the clock of somebody who is gone, shows. */
export const NO_TIME: i64 = -1;
/** What resolveClock() makes of an id that names no clock. */
export const NO_CLOCK: i32 = i32.MAX_VALUE;

// A CPU time clock: what it counts, and whose.
const WHAT = 3;
const USER_TIME = 1;
const ALL_TIME = 2;
const NOT_CPU_TIME = 3;
const OF_THREAD = 4;

/** The clock of a CPU time clock's short names by its number, others as they are; NO_CLOCK for what `self` has no clock for. */
export function resolveClock(self: Task, clock: i32): i32 {
  if (clock == CLOCK_PROCESS_CPUTIME_ID) return cpuClock(self.process.pid, ALL_TIME);
  if (clock == CLOCK_THREAD_CPUTIME_ID) return cpuClock(self.tid, ALL_TIME | OF_THREAD);
  if (clock >= 0) return clock;
  if ((clock & WHAT) == NOT_CPU_TIME) return NO_CLOCK;
  const isThread = (clock & OF_THREAD) != 0;
  const number = ~(clock >> 3);
  if (number == 0) return cpuClock(isThread ? self.tid : self.process.pid, clock & (WHAT | OF_THREAD));
  const task = findTask(number);
  if (!isThread) return findProcess(number) == null ? NO_CLOCK : clock;
  return task == null || task.process != self.process ? NO_CLOCK : clock;
}

/** What a clock that resolveClock() gave shows, in ns, or NO_TIME. */
export function clockTime(clock: i32): i64 {
  switch (clock) {
    case CLOCK_REALTIME:
    case CLOCK_REALTIME_ALARM:
    case CLOCK_TAI:
      return realtime();
    case CLOCK_REALTIME_COARSE:
      return realtime() / COARSE_NS * COARSE_NS;
    case CLOCK_MONOTONIC:
    case CLOCK_MONOTONIC_RAW:
    case CLOCK_BOOTTIME:
    case CLOCK_BOOTTIME_ALARM:
      return now();
    case CLOCK_MONOTONIC_COARSE:
      return now() / COARSE_NS * COARSE_NS;
    default:
      return isCpuClock(clock) ? cpuTime(clock) : NO_TIME;
  }
}

export function isCpuClock(clock: i32): bool {
  return clock < 0;
}

/** The process whose CPU time a CPU time clock counts, or null when it is gone. */
export function processOfClock(clock: i32): Process | null {
  const number = ~(clock >> 3);
  if ((clock & OF_THREAD) == 0) return findProcess(number);
  const task = findTask(number);
  return task == null ? null : task.process;
}

/** Where timers on this clock are armed; null when whom it counts for is gone (ESRCH), or without memory. */
export function queueOfClock(clock: i32): TimerQueue | null {
  if (!isCpuClock(clock)) return realTimers;
  const process = processOfClock(clock);
  if (process == null || process.isZombie) return null;
  if ((clock & OF_THREAD) != 0) return queueOfThread(findTask(~(clock >> 3))!);
  const timers = timersOf(process);
  if (timers == null) return null;
  return (clock & WHAT) == USER_TIME ? timers.userQueue : timers.cpuQueue;
}

/** The time that the timers of a clock's queue are due by: virtual time, or CPU time; NO_TIME when whom it counts for is gone. */
export function queueTime(clock: i32): i64 {
  return isCpuClock(clock) ? cpuTime(clock) : now();
}

function queueOfThread(task: Task): TimerQueue | null {
  if (task.cpuTimers == null && !task.isDead && admit()) task.cpuTimers = new TimerQueue();
  return task.cpuTimers;
}

function cpuClock(number: i32, what: i32): i32 {
  return (~number << 3) | what;
}

function cpuTime(clock: i32): i64 {
  const number = ~(clock >> 3);
  const isUser = (clock & WHAT) == USER_TIME;
  if ((clock & OF_THREAD) == 0) {
    const process = findProcess(number);
    if (process == null) return NO_TIME;
    return isUser ? userTimeOf(process) : cpuTimeOf(process);
  }
  const task = findTask(number);
  if (task == null || task.isDead) return NO_TIME;
  return isUser ? task.userNs : task.userNs + task.systemNs;
}
