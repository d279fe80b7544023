// SPDX-License-Identifier: MIT
// exit, exit_group, and what threads register for their end: set_tid_address, set_robust_list.

import { EFAULT, EINVAL, ESRCH } from "../abi/errno.ts";
import { NO_RESULT, Outcome } from "../lib/outcome.ts";
import { writeUser } from "../memory/user.ts";
import { exitProcess, exitThread } from "../process/exit.ts";
import { findTask } from "../process/pid.ts";
import { Task } from "../process/task.ts";

/** sizeof(struct robust_list_head) */
const ROBUST_HEAD_SIZE: u64 = 24;

export function sysExit(self: Task): Outcome {
  exitThread(self, (self.argInt(0) & 0xff) << 8);
  return NO_RESULT;
}

export function sysExitGroup(self: Task): Outcome {
  exitProcess(self.process, (self.argInt(0) & 0xff) << 8);
  return NO_RESULT;
}

export function sysSetTidAddress(self: Task): Outcome {
  self.clearTidAddress = self.arg(0);
  return self.tid;
}

/** Kept and given back, but not walked: there are no robust futexes yet. */
export function sysSetRobustList(self: Task): Outcome {
  if (self.arg(1) != ROBUST_HEAD_SIZE) return -EINVAL;
  self.robustList = self.arg(0);
  return 0;
}

export function sysGetRobustList(self: Task): Outcome {
  const tid = self.argInt(0);
  const task = tid == 0 ? self : findTask(tid);
  if (task == null) return -ESRCH;
  if (!writeUser<u64>(self.space, self.arg(2), ROBUST_HEAD_SIZE)) return -EFAULT;
  return writeUser<u64>(self.space, self.arg(1), task.robustList) ? 0 : <i64>-EFAULT;
}
