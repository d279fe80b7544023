// SPDX-License-Identifier: MIT
// Who a task is: process and thread ids, process groups and sessions (credentials(7)).

import { EACCES, EINVAL, EPERM, ESRCH } from "../abi/errno.ts";
import { Outcome } from "../lib/outcome.ts";
import { findPid, findTask, Pid } from "../process/pid.ts";
import { Process } from "../process/process.ts";
import { Task } from "../process/task.ts";

export function sysGetpid(self: Task): Outcome {
  return self.process.pid;
}

export function sysGettid(self: Task): Outcome {
  return self.tid;
}

export function sysGetppid(self: Task): Outcome {
  return self.process.parentPid;
}

export function sysGetuid(self: Task): Outcome {
  return self.credentials.uid;
}

export function sysGeteuid(self: Task): Outcome {
  return self.credentials.euid;
}

export function sysGetgid(self: Task): Outcome {
  return self.credentials.gid;
}

export function sysGetegid(self: Task): Outcome {
  return self.credentials.egid;
}

/** setpgid(pid, pgid): moves oneself, or a child that has not executed a program yet, to a group of the same session. */
export function sysSetpgid(self: Task): Outcome {
  const id = self.argInt(0) == 0 ? self.process.pid : self.argInt(0);
  const groupId = self.argInt(1) == 0 ? id : self.argInt(1);
  if (groupId < 0) return -EINVAL;
  const task = findTask(id);
  if (task == null) return -ESRCH;
  const process = task.process;
  if (task.tid != process.pid) return -EINVAL; // a thread has no group of its own
  const refusal = checkMovable(self.process, process);
  if (refusal < 0) return refusal;
  if (process.isSessionLeader) return -EPERM;
  let group: Pid | null = process.id;
  if (groupId != process.pid) {
    group = findPid(groupId);
    let member: Process | null = null;
    if (group != null) member = group.members;
    if (member == null || member.session != self.process.session) return -EPERM;
  }
  process.joinGroup(group!);
  return 0;
}

/** getpgid(pid) */
export function sysGetpgid(self: Task): Outcome {
  const process = processOrSelf(self, self.argInt(0));
  return process == null ? <i64>-ESRCH : process.group.number;
}

/** getsid(pid) */
export function sysGetsid(self: Task): Outcome {
  const process = processOrSelf(self, self.argInt(0));
  return process == null ? <i64>-ESRCH : process.session.number;
}

/** setsid(): a new session and group, unless a group of that number exists already. */
export function sysSetsid(self: Task): Outcome {
  const process = self.process;
  if (process.id.members != null) return -EPERM;
  process.foundSession();
  return process.pid;
}

function checkMovable(own: Process, process: Process): Outcome {
  if (process == own) return 0;
  if (process.parent != own) return -ESRCH;
  if (process.session != own.session) return -EPERM;
  return process.hasExecuted ? <i64>-EACCES : 0;
}

/** The process of a thread id, one's own for 0. */
function processOrSelf(self: Task, id: i32): Process | null {
  if (id == 0) return self.process;
  const task = findTask(id);
  return task == null ? null : task.process;
}
