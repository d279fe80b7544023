// SPDX-License-Identifier: MIT
// Whether one process may look into another (ptrace(2), "Ptrace access mode checking", with real ids): pidfd_getfd, prlimit,
// get_robust_list and what /proc guards.

import { CAP_SYS_PTRACE } from "../abi/prctl.ts";
import { Process } from "./process.ts";
import { Task } from "./task.ts";

/** PTRACE_MODE_REALCREDS: same ids throughout, dumpable, and no capability that the looker lacks; or CAP_SYS_PTRACE. */
export function mayAccess(self: Task, target: Process): bool {
  const leader = target.leader;
  if (self.process == target || leader == null) return true;
  const own = self.credentials;
  if (own.has(CAP_SYS_PTRACE)) return true;
  const other = leader.credentials;
  const isSameUser = own.uid == other.uid && own.uid == other.euid && own.uid == other.suid;
  const isSameGroup = own.gid == other.gid && own.gid == other.egid && own.gid == other.sgid;
  return isSameUser && isSameGroup && target.isDumpable && (other.permitted & ~own.permitted) == 0;
}
