// SPDX-License-Identifier: MIT
// Scheduling as far as one processor and one policy know it: yielding, affinity, priorities, policies (sched(7),
// getpriority(2), sched_setaffinity(2)). Niceness is kept and shown, but every task gets the same share.

import { EACCES, EFAULT, EINVAL, EPERM, ESRCH } from "../abi/errno.ts";
import { CAP_SYS_NICE } from "../abi/prctl.ts";
import { RLIMIT_NICE } from "../abi/resource.ts";
import { PRIO_PGRP, PRIO_PROCESS, PRIO_USER, SCHED_BATCH, SCHED_FIFO, SCHED_IDLE, SCHED_OTHER, SCHED_RR } from "../abi/sched.ts";
import { KILLABLE } from "../file/wait-queue.ts";
import { now } from "../lib/clock.ts";
import { BLOCKED, Outcome } from "../lib/outcome.ts";
import { copyIn, writeUser } from "../memory/user.ts";
import { findPid, findTask, nextProcess } from "../process/pid.ts";
import { Process } from "../process/process.ts";
import { Task } from "../process/task.ts";

/** The one processor. */
const CPU_MASK: u64 = 1;
const WORD = memory.data(8, 8);

/** A sleep until now: everybody else who can run does so first. */
export function sysSchedYield(self: Task): Outcome {
  if (self.isRetry) return 0;
  self.deadline = now();
  self.onSignal = KILLABLE;
  return BLOCKED;
}

/** sched_getaffinity(pid, cpusetsize, mask): the bytes stored. */
export function sysSchedGetaffinity(self: Task): Outcome {
  const size = self.arg(1);
  if (size < 8 || (size & 7) != 0) return -EINVAL;
  if (taskOrSelf(self, self.argInt(0)) == null) return -ESRCH;
  return writeUser<u64>(self.space, self.arg(2), CPU_MASK) ? 8 : <i64>-EFAULT;
}

/** sched_setaffinity(pid, cpusetsize, mask): any mask with the one processor in it. */
export function sysSchedSetaffinity(self: Task): Outcome {
  const size = <usize>min<u64>(self.arg(1), 8);
  store<u64>(WORD, 0);
  if (copyIn(self.space, WORD, self.arg(2), size) != size) return -EFAULT;
  const task = taskOrSelf(self, self.argInt(0));
  if (task == null) return -ESRCH;
  if (!mayAdjust(self, task)) return -EPERM;
  return (load<u64>(WORD) & CPU_MASK) != 0 ? 0 : <i64>-EINVAL;
}

export function sysSchedGetscheduler(self: Task): Outcome {
  if (self.argInt(0) < 0) return -EINVAL;
  return taskOrSelf(self, self.argInt(0)) == null ? <i64>-ESRCH : SCHED_OTHER;
}

/** sched_setscheduler(pid, policy, param): only the policies without real-time priority exist. */
export function sysSchedSetscheduler(self: Task): Outcome {
  const policy = self.argInt(1);
  if (self.argInt(0) < 0 || policy < 0 || self.arg(2) == 0) return -EINVAL;
  if (copyIn(self.space, WORD, self.arg(2), 4) != 4) return -EFAULT;
  if (taskOrSelf(self, self.argInt(0)) == null) return -ESRCH;
  if (policy == SCHED_FIFO || policy == SCHED_RR) return -EPERM;
  const isKnown = policy == SCHED_OTHER || policy == SCHED_BATCH || policy == SCHED_IDLE;
  return isKnown && load<i32>(WORD) == 0 ? 0 : <i64>-EINVAL;
}

export function sysSchedGetparam(self: Task): Outcome {
  if (self.argInt(0) < 0 || self.arg(1) == 0) return -EINVAL;
  if (taskOrSelf(self, self.argInt(0)) == null) return -ESRCH;
  return writeUser<i32>(self.space, self.arg(1), 0) ? 0 : <i64>-EFAULT;
}

export function sysSchedGetPriorityMax(self: Task): Outcome {
  return priorityBound(self.argInt(0), 99);
}

export function sysSchedGetPriorityMin(self: Task): Outcome {
  return priorityBound(self.argInt(0), 1);
}

/** getpriority(which, who): the best one, as 20 - nice so that it is not negative. */
export function sysGetpriority(self: Task): Outcome {
  const which = self.argInt(0);
  if (which < PRIO_PROCESS || which > PRIO_USER) return -EINVAL;
  const best = overTasks(self, which, self.argInt(1), false, 0);
  return best == 0 ? <i64>-ESRCH : best;
}

/** setpriority(which, who, prio) */
export function sysSetpriority(self: Task): Outcome {
  const which = self.argInt(0);
  if (which < PRIO_PROCESS || which > PRIO_USER) return -EINVAL;
  return overTasks(self, which, self.argInt(1), true, max(-20, min(19, self.argInt(2))));
}

/** Gets (the highest 20 - nice, 0 without tasks) or sets (0, or -errno) the niceness of those that `which` and `who` name. */
function overTasks(self: Task, which: i32, who: i32, isSet: bool, nice: i32): Outcome {
  let result: Outcome = isSet ? -ESRCH : 0;
  if (which == PRIO_PROCESS) {
    const task = taskOrSelf(self, who);
    return task == null ? result : overTask(self, task, isSet, nice, result);
  }
  const group = which == PRIO_PGRP ? (who == 0 ? self.process.group : findPid(who)) : null;
  const uid = who == 0 ? self.credentials.uid : <u32>who;
  let process = nextProcess(0);
  while (process != null) {
    let thread = isNamed(process, which, group == null ? 0 : group.number, uid) ? process.firstThread : null;
    while (thread != null) {
      result = overTask(self, thread, isSet, nice, result);
      thread = thread.nextThread;
    }
    process = nextProcess(process.pid);
  }
  return result;
}

function isNamed(process: Process, which: i32, group: i32, uid: u32): bool {
  if (which == PRIO_PGRP) return process.group.number == group;
  const leader = process.leader;
  return leader != null && leader.credentials.uid == uid;
}

function overTask(self: Task, task: Task, isSet: bool, nice: i32, before: Outcome): Outcome {
  if (!isSet) return max<i64>(before, 20 - task.nice);
  const own = self.credentials;
  const other = task.credentials;
  if (own.euid != other.uid && own.euid != other.euid && !own.has(CAP_SYS_NICE)) return -EPERM;
  const allowed = 20 - <i64>min<u64>(self.process.limit(RLIMIT_NICE), 40);
  if (nice < task.nice && nice < allowed && !own.has(CAP_SYS_NICE)) return -EACCES;
  task.nice = nice;
  return before == -ESRCH ? 0 : before;
}

function priorityBound(policy: i32, realtime: i32): Outcome {
  if (policy == SCHED_FIFO || policy == SCHED_RR) return realtime;
  return policy == SCHED_OTHER || policy == SCHED_BATCH || policy == SCHED_IDLE ? 0 : <i64>-EINVAL;
}

function mayAdjust(self: Task, task: Task): bool {
  const own = self.credentials;
  return own.euid == task.credentials.euid || own.euid == task.credentials.uid || own.has(CAP_SYS_NICE);
}

function taskOrSelf(self: Task, tid: i32): Task | null {
  return tid == 0 ? self : findTask(tid);
}
