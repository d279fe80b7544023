// SPDX-License-Identifier: MIT
// Clocks and sleeping (clock_gettime(2), clock_nanosleep(2), nanosleep(2), gettimeofday(2)). All clocks show virtual time.

import { EFAULT, EINVAL, ENOMEM, EOPNOTSUPP } from "../abi/errno.ts";
import { CLOCK_MONOTONIC_COARSE, CLOCK_REALTIME_COARSE, CLOCK_THREAD_CPUTIME_ID, TIMER_ABSTIME } from "../abi/time.ts";
import { RESTART_NO_HANDLER } from "../file/wait-queue.ts";
import { now, realtime } from "../lib/clock.ts";
import { BLOCKED, Outcome } from "../lib/outcome.ts";
import { copyOut } from "../memory/user.ts";
import { clockTime, COARSE_NS, isCpuClock, NO_CLOCK, NO_TIME, processOfClock, resolveClock } from "../process/clock-id.ts";
import { timersOf } from "../process/process-timers.ts";
import { hasPendingSignal } from "../process/signal.ts";
import { Task } from "../process/task.ts";
import { canTime, dueAt } from "./timer.ts";
import { readTimespec, timespecNs, writeTimespec, writeTimeval } from "./timespec.ts";

const ZONE = memory.data(8, 4);

/** clock_gettime(clockid, tp) */
export function sysClockGettime(self: Task): Outcome {
  const time = clockTime(resolveClock(self, self.argInt(0)));
  if (time == NO_TIME) return -EINVAL;
  return writeTimespec(self.space, self.arg(1), time) ? 0 : <i64>-EFAULT;
}

/** clock_getres(clockid, res) */
export function sysClockGetres(self: Task): Outcome {
  const clock = self.argInt(0);
  if (clockTime(resolveClock(self, clock)) == NO_TIME) return -EINVAL;
  const resolution = isCoarse(clock) ? COARSE_NS : 1;
  return self.arg(1) == 0 || writeTimespec(self.space, self.arg(1), resolution) ? 0 : <i64>-EFAULT;
}

/** gettimeofday(tv, tz) */
export function sysGettimeofday(self: Task): Outcome {
  if (self.arg(0) != 0 && !writeTimeval(self.space, self.arg(0), realtime())) return -EFAULT;
  return self.arg(1) == 0 || copyOut(self.space, self.arg(1), ZONE, 8) == 8 ? 0 : <i64>-EFAULT; // UTC
}

/** nanosleep(req, rem) */
export function sysNanosleep(self: Task): Outcome {
  const outcome = readTimespec(self.space, self.arg(0));
  return outcome < 0 ? outcome : sleepFor(self, timespecNs, self.arg(1));
}

/** clock_nanosleep(clockid, flags, request, remain) */
export function sysClockNanosleep(self: Task): Outcome {
  const clock = resolveClock(self, self.argInt(0));
  if (clock == NO_CLOCK || clockTime(clock) == NO_TIME) return -EINVAL;
  if (!canTime(clock) || self.argInt(0) == CLOCK_THREAD_CPUTIME_ID) return -EOPNOTSUPP;
  const outcome = readTimespec(self.space, self.arg(2));
  if (outcome < 0) return outcome;
  const isAbsolute = (self.argInt(1) & TIMER_ABSTIME) != 0;
  const remain = isAbsolute ? 0 : self.arg(3);
  if (clock == resolveClock(self, CLOCK_THREAD_CPUTIME_ID)) return -EINVAL; // it would never end
  if (isCpuClock(clock)) return sleepOnCpu(self, clock, timespecNs, isAbsolute, remain);
  return sleepFor(self, isAbsolute ? max<i64>(0, dueAt(clock, timespecNs) - now()) : timespecNs, remain);
}

/** Sleeps that long from the call on. A handler ends it with EINTR and the rest in `remain`; a stop does not (nanosleep(2)). */
function sleepFor(self: Task, timeoutNs: i64, remain: u64): Outcome {
  const time = now();
  if (self.timedOut(time, timeoutNs)) return 0;
  if (remain != 0 && hasPendingSignal(self) && !writeTimespec(self.space, remain, self.deadline - time)) return -EFAULT;
  self.onSignal = RESTART_NO_HANDLER;
  return BLOCKED;
}

/** Sleeps until others have used that much CPU time. Of somebody who is gone it never becomes more. */
function sleepOnCpu(self: Task, clock: i32, ns: i64, isAbsolute: bool, remain: u64): Outcome {
  const process = processOfClock(clock);
  const time = clockTime(clock);
  if (!self.isRetry) self.cpuDeadlineNs = isAbsolute ? ns : time + min(ns, i64.MAX_VALUE - time);
  if (time >= self.cpuDeadlineNs) return 0;
  if (remain != 0 && hasPendingSignal(self) && !writeTimespec(self.space, remain, self.cpuDeadlineNs - time)) return -EFAULT;
  if (process != null && !process.isZombie) {
    const timers = timersOf(process);
    if (timers == null) return -ENOMEM;
    timers.cpuSleepers.add(self);
  }
  self.onSignal = RESTART_NO_HANDLER;
  return BLOCKED;
}

function isCoarse(clock: i32): bool {
  return clock == CLOCK_REALTIME_COARSE || clock == CLOCK_MONOTONIC_COARSE;
}
