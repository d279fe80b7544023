// SPDX-License-Identifier: MIT
// Clocks and sleeping (clock_gettime(2), clock_nanosleep(2), nanosleep(2), gettimeofday(2)), and ITIMER_REAL (setitimer(2)). All
// clocks show virtual time.

import { EFAULT, EINVAL, ENOMEM, EOPNOTSUPP } from "../abi/errno.ts";
import {
  CLOCK_BOOTTIME, CLOCK_BOOTTIME_ALARM, CLOCK_MONOTONIC, CLOCK_MONOTONIC_COARSE, CLOCK_MONOTONIC_RAW, CLOCK_PROCESS_CPUTIME_ID,
  CLOCK_REALTIME, CLOCK_REALTIME_ALARM, CLOCK_REALTIME_COARSE, CLOCK_TAI, CLOCK_THREAD_CPUTIME_ID, ITIMER_REAL, TIMER_ABSTIME,
} from "../abi/time.ts";
import { NO_DEADLINE, RESTART_NO_HANDLER } from "../file/wait-queue.ts";
import { now, realtime } from "../lib/clock.ts";
import { BLOCKED, Outcome } from "../lib/outcome.ts";
import { admit } from "../memory/heap.ts";
import { copyOut } from "../memory/user.ts";
import { IntervalTimer } from "../process/interval-timer.ts";
import { hasPendingSignal } from "../process/signal.ts";
import { Task } from "../process/task.ts";
import { systemTimeOf, userTimeOf } from "../process/usage.ts";
import { readTimespec, readTimeval, timespecNs, writeTimespec, writeTimeval } from "./timespec.ts";

/** Resolution of the coarse clocks (CONFIG_HZ=250). */
const COARSE_NS: i64 = 4_000_000;
/** Not a clock. */
const NO_TIME: i64 = -1;

const ZONE = memory.data(8, 4);

/** clock_gettime(clockid, tp) */
export function sysClockGettime(self: Task): Outcome {
  const time = readClock(self, self.argInt(0));
  if (time == NO_TIME) return -EINVAL;
  return writeTimespec(self.space, self.arg(1), time) ? 0 : <i64>-EFAULT;
}

/** clock_getres(clockid, res) */
export function sysClockGetres(self: Task): Outcome {
  const clock = self.argInt(0);
  if (readClock(self, clock) == NO_TIME) return -EINVAL;
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
  const clock = self.argInt(0);
  const base = readClock(self, clock);
  if (base == NO_TIME || clock == CLOCK_THREAD_CPUTIME_ID) return -EINVAL;
  if (clock == CLOCK_PROCESS_CPUTIME_ID || clock == CLOCK_MONOTONIC_RAW || isCoarse(clock)) return -EOPNOTSUPP;
  const outcome = readTimespec(self.space, self.arg(2));
  if (outcome < 0) return outcome;
  if ((self.argInt(1) & TIMER_ABSTIME) == 0) return sleepFor(self, timespecNs, self.arg(3));
  return sleepFor(self, max<i64>(0, timespecNs - base), 0);
}

/** getitimer(which, curr_value). There are no timers of process time. */
export function sysGetitimer(self: Task): Outcome {
  if (self.argInt(0) != ITIMER_REAL) return -EINVAL;
  return writeTimer(self, self.arg(1)) ? 0 : <i64>-EFAULT;
}

/** setitimer(which, new_value, old_value) */
export function sysSetitimer(self: Task): Outcome {
  if (self.argInt(0) != ITIMER_REAL) return -EINVAL;
  let interval: i64 = 0;
  let value: i64 = 0;
  const address = self.arg(1);
  if (address != 0) {
    let outcome = readTimeval(self.space, address);
    if (outcome < 0) return outcome;
    interval = timespecNs;
    outcome = readTimeval(self.space, address + 16);
    if (outcome < 0) return outcome;
    value = timespecNs;
  }
  const process = self.process;
  if (process.realTimer == null) {
    if (!admit()) return -ENOMEM;
    process.realTimer = new IntervalTimer(process);
  }
  const isWritten = self.arg(2) == 0 || writeTimer(self, self.arg(2));
  if (value == 0) process.realTimer!.disarm();
  else process.realTimer!.arm(now() + value, interval);
  return isWritten ? 0 : <i64>-EFAULT;
}

/** Sleeps that long from the call on. A handler ends it with EINTR and the rest in `remain`; a stop does not (nanosleep(2)). */
function sleepFor(self: Task, timeoutNs: i64, remain: u64): Outcome {
  const time = now();
  if (self.timedOut(time, timeoutNs)) return 0;
  if (remain != 0 && hasPendingSignal(self) && !writeTimespec(self.space, remain, self.deadline - time)) return -EFAULT;
  self.onSignal = RESTART_NO_HANDLER;
  return BLOCKED;
}

function readClock(self: Task, clock: i32): i64 {
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
    case CLOCK_PROCESS_CPUTIME_ID:
      return userTimeOf(self.process) + systemTimeOf(self.process);
    case CLOCK_THREAD_CPUTIME_ID:
      return self.userNs + self.systemNs;
    default:
      return NO_TIME;
  }
}

function isCoarse(clock: i32): bool {
  return clock == CLOCK_REALTIME_COARSE || clock == CLOCK_MONOTONIC_COARSE;
}

/** Writes a struct itimerval: interval, then time to go. */
function writeTimer(self: Task, address: u64): bool {
  const timer = self.process.realTimer;
  const interval = timer == null ? 0 : timer.intervalNs;
  const rest = timer == null || timer.dueNs == NO_DEADLINE ? 0 : max<i64>(timer.dueNs - now(), 1000);
  return writeTimeval(self.space, address, interval) && writeTimeval(self.space, address + 16, rest);
}
