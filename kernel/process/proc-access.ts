// SPDX-License-Identifier: MIT
// Who may look into a process through /proc: the ptrace(2) access check, and the file that a process runs.

import { CAP_SYS_PTRACE } from "../abi/prctl.ts";
import { File } from "../file/file.ts";
import { Credentials } from "../fs/credentials.ts";
import { currentTask } from "./scheduler.ts";
import { DEAD, Task } from "./task.ts";

/** PTRACE_MODE_READ_FSCREDS: the caller itself, the same user in every respect, or CAP_SYS_PTRACE. */
export function mayInspect(who: Credentials, target: Task): bool {
  const other = target.credentials;
  const self = currentTask();
  if ((self != null && self.process == target.process) || who.has(CAP_SYS_PTRACE)) return true;
  const isSameUser = who.fsuid == other.euid && who.fsuid == other.suid && who.fsuid == other.uid;
  const isSameGroup = who.fsgid == other.egid && who.fsgid == other.sgid && who.fsgid == other.gid;
  return isSameUser && isSameGroup && target.process.isDumpable && (other.permitted & ~who.permitted) == 0;
}

/** The open file that the task's program was loaded from (borrowed), or null for a task without a program. */
export function executableOf(task: Task): File | null {
  if (task.state == DEAD) return null;
  const source = task.space.executable;
  return source == null ? null : (source as File);
}
