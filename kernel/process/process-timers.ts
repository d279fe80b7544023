// SPDX-License-Identifier: MIT
// What a process has of timers, made when it first needs one: its own timers, and what is armed on its CPU time, by whomever. The
// end of each slice (kernel.ts) is when CPU time is looked at, RLIMIT_CPU included (getrlimit(2)).

import { RLIMIT_CPU } from "../abi/resource.ts";
import { ITIMER_PROF, ITIMER_REAL, ITIMER_VIRTUAL } from "../abi/time.ts";
import { SIGKILL, SIGXCPU } from "../abi/signal.ts";
import { TimerQueue } from "../file/timer.ts";
import { WaitQueue } from "../file/wait-queue.ts";
import { admit, free } from "../memory/heap.ts";
import { IntervalTimer } from "./interval-timer.ts";
import { PosixTimer } from "./posix-timer.ts";
import { Process } from "./process.ts";
import { RLIM_INFINITY } from "./resource-limits.ts";
import { draftKernel } from "./signal-info.ts";
import { signalProcess } from "./signal.ts";
import { Task } from "./task.ts";
import { cpuTimeOf, userTimeOf } from "./usage.ts";

const NS_PER_SECOND: u64 = 1_000_000_000;

export class ProcessTimers {
  real: IntervalTimer;
  virtual: IntervalTimer;
  profiling: IntervalTimer;
  /** Armed on its CPU time, and on the part of it that it spent in its program. */
  cpuQueue: TimerQueue = new TimerQueue();
  userQueue: TimerQueue = new TimerQueue();
  /** Woken whenever its CPU time has advanced (clock_nanosleep(2)). */
  cpuSleepers: WaitQueue = new WaitQueue();
  /** timer_create(2): owned, in the order of their creation. */
  firstTimer: PosixTimer | null = null;
  timerCount: i32 = 0;
  /** Ids are not given out again. */
  private nextId: i32 = 0;

  constructor(process: Process) {
    this.real = new IntervalTimer(process, ITIMER_REAL);
    this.virtual = new IntervalTimer(process, ITIMER_VIRTUAL);
    this.profiling = new IntervalTimer(process, ITIMER_PROF);
  }

  /** The interval timer ITIMER_*, or null. */
  interval(which: i32): IntervalTimer | null {
    if (which == ITIMER_REAL) return this.real;
    if (which == ITIMER_VIRTUAL) return this.virtual;
    return which == ITIMER_PROF ? this.profiling : null;
  }

  find(id: i32): PosixTimer | null {
    let timer = this.firstTimer;
    while (timer != null && timer.id != id) timer = timer.nextTimer;
    return timer;
  }

  takeId(): i32 {
    const id = this.nextId;
    this.nextId = (id + 1) & i32.MAX_VALUE;
    return id;
  }

  add(timer: PosixTimer): void {
    timer.nextTimer = this.firstTimer;
    this.firstTimer = timer;
    this.timerCount++;
  }

  delete(timer: PosixTimer): void {
    let at = this.firstTimer;
    if (at == timer) this.firstTimer = timer.nextTimer;
    while (at != null && at.nextTimer != timer) at = at.nextTimer;
    if (at != null) at.nextTimer = timer.nextTimer;
    this.timerCount--;
    timer.release();
  }

  /** execve(2): interval timers go on, the others do not. */
  deleteTimers(): void {
    let timer = this.firstTimer;
    while (timer != null) {
      this.delete(timer);
      timer = this.firstTimer;
    }
  }

  close(): void {
    this.deleteTimers();
    this.real.release();
    this.virtual.release();
    this.profiling.release();
    this.cpuQueue.release();
    this.userQueue.release();
    this.cpuSleepers.close();
    free(this);
  }
}

/** The process's timers; null when there is no memory to make them. */
export function timersOf(process: Process): ProcessTimers | null {
  if (process.timers == null && admit()) process.timers = new ProcessTimers(process);
  return process.timers;
}

/** The task has run: what its CPU time makes due. */
export function fireCpuTimers(task: Task): void {
  const process = task.process;
  if (process.isZombie) return;
  enforceCpuLimit(process);
  const ownQueue = task.cpuTimers;
  if (ownQueue != null) ownQueue.fire(task.userNs + task.systemNs);
  const timers = process.timers;
  if (timers == null) return;
  timers.cpuQueue.fire(cpuTimeOf(process));
  timers.userQueue.fire(userTimeOf(process));
  timers.cpuSleepers.wake();
}

/** At the soft limit SIGXCPU, and again each second; at the hard limit SIGKILL. */
function enforceCpuLimit(process: Process): void {
  const soft = process.limit(RLIMIT_CPU);
  if (soft == RLIM_INFINITY) return;
  const seconds = <u64>cpuTimeOf(process) / NS_PER_SECOND;
  const hard = process.limits.hard(RLIMIT_CPU);
  if (seconds >= hard) {
    signalProcess(process, draftKernel(SIGKILL));
  } else if (seconds >= soft && process.ownLimits()) {
    process.limits.set(RLIMIT_CPU, soft + 1, hard);
    signalProcess(process, draftKernel(SIGXCPU));
  }
}
