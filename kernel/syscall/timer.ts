// SPDX-License-Identifier: MIT
// Timers: setitimer(2), timer_create(2) and timerfd_create(2) with what belongs to them. All three take and give a pair of times:
// the period, then the time to go.

import { EAGAIN, EBADF, EFAULT, EINVAL, ENFILE, ENOMEM, EOPNOTSUPP, EPERM, ESRCH } from "../abi/errno.ts";
import { O_CLOEXEC, O_NONBLOCK, O_RDWR } from "../abi/fcntl.ts";
import { CAP_WAKE_ALARM } from "../abi/prctl.ts";
import { RLIMIT_NOFILE, RLIMIT_SIGPENDING } from "../abi/resource.ts";
import { SIGALRM } from "../abi/signal.ts";
import {
  CLOCK_BOOTTIME, CLOCK_BOOTTIME_ALARM, CLOCK_MONOTONIC, CLOCK_REALTIME, CLOCK_REALTIME_ALARM, CLOCK_TAI, SIGEV_NONE, SIGEV_SIGNAL,
  SIGEV_THREAD, SIGEV_THREAD_ID, TFD_TIMER_ABSTIME, TFD_TIMER_CANCEL_ON_SET, TIMER_ABSTIME,
} from "../abi/time.ts";
import { TimerFile } from "../file/timerfd.ts";
import { mayOpenMore } from "../fs/open.ts";
import { now } from "../lib/clock.ts";
import { MAX_TIMERS } from "../lib/limits.ts";
import { Outcome } from "../lib/outcome.ts";
import { admit } from "../memory/heap.ts";
import { copyIn, writeUser } from "../memory/user.ts";
import { clockTime, isCpuClock, NO_CLOCK, NO_TIME, processOfClock, queueOfClock, queueTime, resolveClock } from "../process/clock-id.ts";
import { findTask } from "../process/pid.ts";
import { PosixTimer } from "../process/posix-timer.ts";
import { timersOf } from "../process/process-timers.ts";
import { NSIG } from "../process/signal-handlers.ts";
import { Task } from "../process/task.ts";
import { readTimespec, readTimeval, timespecNs, writeTimespec, writeTimeval } from "./timespec.ts";

/** struct sigevent: value, signo, notify, thread id. */
const EVENT_SIZE: usize = 64;
const EVENT = memory.data(64, 8);

// What readSetting() read.
let periodNs: i64 = 0;
let restNs: i64 = 0;

/** getitimer(which, curr_value) */
export function sysGetitimer(self: Task): Outcome {
  const timers = timersOf(self.process);
  if (timers == null) return -ENOMEM;
  const timer = timers.interval(self.argInt(0));
  if (timer == null) return -EINVAL;
  return writeValue(self, self.arg(1), timer.intervalNs, timer.restNs);
}

/** setitimer(which, new_value, old_value): without a new value the timer is stopped. */
export function sysSetitimer(self: Task): Outcome {
  periodNs = 0;
  restNs = 0;
  const address = self.arg(1);
  if (address != 0) {
    let outcome = readTimeval(self.space, address);
    if (outcome < 0) return outcome;
    periodNs = timespecNs;
    outcome = readTimeval(self.space, address + 16);
    if (outcome < 0) return outcome;
    restNs = timespecNs;
  }
  const timers = timersOf(self.process);
  if (timers == null) return -ENOMEM;
  const timer = timers.interval(self.argInt(0));
  if (timer == null) return -EINVAL;
  const oldPeriod = timer.intervalNs;
  const oldRest = timer.restNs;
  timer.set(restNs, periodNs);
  return self.arg(2) == 0 ? 0 : writeValue(self, self.arg(2), oldPeriod, oldRest);
}

/** timer_create(clockid, sevp, timerid) */
export function sysTimerCreate(self: Task): Outcome {
  const hasEvent = self.arg(1) != 0;
  if (hasEvent && copyIn(self.space, EVENT, self.arg(1), EVENT_SIZE) != EVENT_SIZE) return -EFAULT;
  const clock = resolveClock(self, self.argInt(0));
  const isMissing = clock == NO_CLOCK; // of somebody who is not there: noticed last, as in Linux
  if (!isMissing && clockTime(clock) == NO_TIME) return -EINVAL;
  if (!isMissing && !canTime(clock)) return -EOPNOTSUPP; // the alarm clocks, too: there is no clock that could wake the machine
  const timers = timersOf(self.process);
  if (timers == null || !admit()) return -ENOMEM;
  const limit = min(self.process.limit(RLIMIT_SIGPENDING), <u64>MAX_TIMERS);
  if (<u64>(timers.timerCount + self.process.pending.count) >= limit) return -EAGAIN;

  const id = timers.takeId();
  let signo = SIGALRM;
  let value: u64 = id;
  let notify = SIGEV_SIGNAL;
  let target = 0;
  if (hasEvent) {
    value = load<u64>(EVENT);
    signo = load<i32>(EVENT, 8);
    notify = load<i32>(EVENT, 12);
    if (notify == SIGEV_THREAD_ID) target = load<i32>(EVENT, 16);
    if (!isValidEvent(self, signo, notify, target)) return -EINVAL;
  }
  if (!writeUser<i32>(self.space, self.arg(2), id)) return -EFAULT;
  if (isMissing) return -EINVAL;
  const timer = new PosixTimer(self.process, id, clock, target);
  if (notify != SIGEV_NONE) timer.sends(signo, value);
  timers.add(timer);
  return 0;
}

/** timer_settime(timerid, flags, new_value, old_value) */
export function sysTimerSettime(self: Task): Outcome {
  if (self.arg(2) == 0) return -EINVAL;
  const outcome = readSetting(self, self.arg(2));
  if (outcome < 0) return outcome;
  const timer = timerOf(self);
  if (timer == null) return -EINVAL;
  const clock = timer.clock;
  const time = queueTime(clock);
  if (time == NO_TIME) return -ESRCH;
  const queue = queueOfClock(clock);
  if (queue == null) return processOfClock(clock) == null ? -ESRCH : -ENOMEM;
  const oldPeriod = timer.intervalNs;
  const oldRest = timer.restAt(time);
  if (restNs == 0) timer.stop();
  else timer.start(queue, (self.argInt(1) & TIMER_ABSTIME) != 0 ? dueAt(clock, restNs) : later(time, restNs), periodNs);
  return self.arg(3) == 0 ? 0 : writeSetting(self, self.arg(3), oldPeriod, oldRest);
}

/** timer_gettime(timerid, curr_value) */
export function sysTimerGettime(self: Task): Outcome {
  const timer = timerOf(self);
  if (timer == null) return -EINVAL;
  const time = queueTime(timer.clock);
  const rest = time == NO_TIME ? 0 : timer.restAt(time);
  return writeSetting(self, self.arg(1), timer.intervalNs, rest);
}

/** timer_getoverrun(timerid) */
export function sysTimerGetoverrun(self: Task): Outcome {
  const timer = timerOf(self);
  return timer == null ? -EINVAL : timer.lastOverrun;
}

/** timer_delete(timerid): a signal that was not taken yet goes with it. */
export function sysTimerDelete(self: Task): Outcome {
  const timer = timerOf(self);
  if (timer == null) return -EINVAL;
  self.process.timers!.delete(timer);
  return 0;
}

/** timerfd_create(clockid, flags) */
export function sysTimerfdCreate(self: Task): Outcome {
  const clock = self.argInt(0);
  const flags = self.argInt(1);
  const isAlarm = clock == CLOCK_REALTIME_ALARM || clock == CLOCK_BOOTTIME_ALARM;
  const isClock = isAlarm || clock == CLOCK_REALTIME || clock == CLOCK_MONOTONIC || clock == CLOCK_BOOTTIME;
  if ((flags & ~(O_CLOEXEC | O_NONBLOCK)) != 0 || !isClock) return -EINVAL;
  if (isAlarm && !self.credentials.has(CAP_WAKE_ALARM)) return -EPERM;
  if (!mayOpenMore(self.credentials)) return -ENFILE;
  if (!admit()) return -ENOMEM;
  const file = new TimerFile(O_RDWR | (flags & O_NONBLOCK), clock);
  const fd = self.files.install(file, 0, self.process.limit(RLIMIT_NOFILE), (flags & O_CLOEXEC) != 0);
  file.release();
  return fd;
}

/** timerfd_settime(fd, flags, new_value, old_value) */
export function sysTimerfdSettime(self: Task): Outcome {
  const outcome = readSetting(self, self.arg(2));
  if (outcome < 0) return outcome;
  const flags = self.argInt(1);
  if ((flags & ~(TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET)) != 0) return -EINVAL;
  const file = self.files.get(self.argInt(0));
  if (file == null || file.isPathOnly) return -EBADF;
  if (!(file instanceof TimerFile)) return -EINVAL;
  const timer = changetype<TimerFile>(file);
  const oldRest = timer.restNs;
  const oldPeriod = timer.intervalNs;
  const due = (flags & TFD_TIMER_ABSTIME) != 0 ? dueAt(timer.clock, restNs) : later(now(), restNs);
  timer.set(due, restNs != 0, periodNs, flags);
  return self.arg(3) == 0 ? 0 : writeSetting(self, self.arg(3), oldPeriod, oldRest);
}

/** timerfd_gettime(fd, curr_value) */
export function sysTimerfdGettime(self: Task): Outcome {
  const file = self.files.get(self.argInt(0));
  if (file == null || file.isPathOnly) return -EBADF;
  if (!(file instanceof TimerFile)) return -EINVAL;
  const timer = changetype<TimerFile>(file);
  return writeSetting(self, self.arg(1), timer.intervalNs, timer.restNs);
}

/** The clocks that timer_create(2) and clock_nanosleep(2) serve. */
export function canTime(clock: i32): bool {
  return isCpuClock(clock) || clock == CLOCK_REALTIME || clock == CLOCK_MONOTONIC || clock == CLOCK_BOOTTIME || clock == CLOCK_TAI;
}

/** When `ns` on this clock is, in the time of its queue. */
export function dueAt(clock: i32, ns: i64): i64 {
  return max<i64>(0, ns - (clockTime(clock) - queueTime(clock)));
}

function later(time: i64, ns: i64): i64 {
  return ns > i64.MAX_VALUE - 1 - time ? i64.MAX_VALUE - 1 : time + ns;
}

function timerOf(self: Task): PosixTimer | null {
  const timers = self.process.timers;
  return timers == null ? null : timers.find(self.argInt(0));
}

function isValidEvent(self: Task, signo: i32, notify: i32, target: i32): bool {
  if (notify == SIGEV_NONE) return true;
  if (notify != SIGEV_SIGNAL && notify != SIGEV_THREAD && notify != SIGEV_THREAD_ID) return false;
  const thread = notify == SIGEV_THREAD_ID ? findTask(target) : self;
  return thread != null && thread.process == self.process && signo > 0 && signo <= NSIG;
}

/** Reads a struct itimerspec into periodNs and restNs: 0 or -errno. */
function readSetting(self: Task, address: u64): Outcome {
  let outcome = readTimespec(self.space, address);
  periodNs = timespecNs;
  if (outcome == -EFAULT) return outcome;
  const second = readTimespec(self.space, address + 16);
  restNs = timespecNs;
  return second == -EFAULT || outcome == 0 ? second : outcome;
}

function writeSetting(self: Task, address: u64, period: i64, rest: i64): Outcome {
  return writeTimespec(self.space, address, period) && writeTimespec(self.space, address + 16, rest) ? 0 : <i64>-EFAULT;
}

/** Writes a struct itimerval. */
function writeValue(self: Task, address: u64, period: i64, rest: i64): Outcome {
  return writeTimeval(self.space, address, period) && writeTimeval(self.space, address + 16, rest) ? 0 : <i64>-EFAULT;
}
