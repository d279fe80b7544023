// SPDX-License-Identifier: MIT
// Resource limits and usage: getrlimit, setrlimit, prlimit64, getrusage, times (getrlimit(2), getrusage(2), times(2)).

import { EFAULT, EINVAL, ENOMEM, EPERM, ESRCH } from "../abi/errno.ts";
import { CAP_SYS_RESOURCE } from "../abi/prctl.ts";
import { RLIMIT_NLIMITS, RLIMIT_NOFILE, RLIMIT_STACK, RUSAGE_CHILDREN, RUSAGE_SELF, RUSAGE_THREAD } from "../abi/resource.ts";
import { now } from "../lib/clock.ts";
import { MAX_DESCRIPTORS } from "../lib/limits.ts";
import { Outcome } from "../lib/outcome.ts";
import { copyIn, copyOut } from "../memory/user.ts";
import { NS_PER_TICK } from "../process/job-control.ts";
import { findTask } from "../process/pid.ts";
import { Process } from "../process/process.ts";
import { Task } from "../process/task.ts";
import { systemTimeOf, userTimeOf, writeUsage } from "../process/usage.ts";


const NEW_LIMIT = memory.data(16, 8);
const OLD_LIMIT = memory.data(16, 8);
const TIMES = memory.data(32, 8);

/** getrlimit(resource, rlim) */
export function sysGetrlimit(self: Task): Outcome {
  return exchange(self, self.process, <u32>self.arg(0), 0, self.arg(1));
}

/** setrlimit(resource, rlim) */
export function sysSetrlimit(self: Task): Outcome {
  const address = self.arg(1);
  return address == 0 ? <i64>-EFAULT : exchange(self, self.process, <u32>self.arg(0), address, 0);
}

/** prlimit64(pid, resource, new_limit, old_limit) */
export function sysPrlimit64(self: Task): Outcome {
  const id = self.argInt(0);
  const task = id == 0 ? self : findTask(id);
  if (task == null) return -ESRCH;
  if (task.process != self.process && !isSameOwner(self, task)) return -EPERM;
  return exchange(self, task.process, <u32>self.arg(1), self.arg(2), self.arg(3));
}

/** getrusage(who, usage) */
export function sysGetrusage(self: Task): Outcome {
  const process = self.process;
  const who = self.argInt(0);
  let isWritten = false;
  if (who == RUSAGE_SELF) isWritten = writeUsage(self.space, self.arg(1), userTimeOf(process), systemTimeOf(process));
  else if (who == RUSAGE_CHILDREN) isWritten = writeUsage(self.space, self.arg(1), process.childrenUserNs, process.childrenSystemNs);
  else if (who == RUSAGE_THREAD) isWritten = writeUsage(self.space, self.arg(1), self.userNs, self.systemNs);
  else return -EINVAL;
  return isWritten ? 0 : <i64>-EFAULT;
}

/** times(buf): clock ticks since boot. */
export function sysTimes(self: Task): Outcome {
  const process = self.process;
  store<i64>(TIMES, userTimeOf(process) / NS_PER_TICK);
  store<i64>(TIMES, systemTimeOf(process) / NS_PER_TICK, 8);
  store<i64>(TIMES, process.childrenUserNs / NS_PER_TICK, 16);
  store<i64>(TIMES, process.childrenSystemNs / NS_PER_TICK, 24);
  if (self.arg(0) != 0 && copyOut(self.space, self.arg(0), TIMES, 32) != 32) return -EFAULT;
  return now() / NS_PER_TICK;
}

/** Sets and reports one limit; 0 stands for "not asked for". */
function exchange(self: Task, process: Process, resource: u32, newAt: u64, oldAt: u64): Outcome {
  if (newAt != 0 && copyIn(self.space, NEW_LIMIT, newAt, 16) != 16) return -EFAULT;
  if (resource >= <u32>RLIMIT_NLIMITS) return -EINVAL;
  store<u64>(OLD_LIMIT, process.limits.soft(resource));
  store<u64>(OLD_LIMIT, process.limits.hard(resource), 8);
  if (newAt != 0) {
    const outcome = setLimit(self, process, resource, load<u64>(NEW_LIMIT), load<u64>(NEW_LIMIT, 8));
    if (outcome < 0) return outcome;
  }
  return oldAt == 0 || copyOut(self.space, oldAt, OLD_LIMIT, 16) == 16 ? 0 : <i64>-EFAULT;
}

function setLimit(self: Task, process: Process, resource: i32, soft: u64, hard: u64): Outcome {
  if (soft > hard) return -EINVAL;
  if (resource == RLIMIT_NOFILE && hard > MAX_DESCRIPTORS) return -EPERM;
  if (hard > process.limits.hard(resource) && !self.credentials.has(CAP_SYS_RESOURCE)) return -EPERM;
  if (!process.ownLimits()) return -ENOMEM;
  process.limits.set(resource, soft, hard);
  const thread = process.firstThread;
  if (resource == RLIMIT_STACK && thread != null) thread.space.stackLimit = soft; // how far it grows from now on
  return 0;
}

function isSameOwner(self: Task, task: Task): bool {
  const own = self.credentials;
  const other = task.credentials;
  const isSameUser = own.uid == other.euid && own.uid == other.suid && own.uid == other.uid;
  const isSameGroup = own.gid == other.egid && own.gid == other.sgid && own.gid == other.gid;
  return (isSameUser && isSameGroup) || own.has(CAP_SYS_RESOURCE);
}
