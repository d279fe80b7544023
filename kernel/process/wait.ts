// SPDX-License-Identifier: MIT
// What wait4(2) and waitid(2) have in common: which children are meant, which of them has something to tell, and taking it.

import { __WALL, __WCLONE, __WNOTHREAD, P_PGID, P_PID, P_PIDFD, WCONTINUED, WEXITED, WNOWAIT, WSTOPPED } from "../abi/wait.ts";
import { CLD_CONTINUED, CLD_STOPPED, SIGCHLD, SIGCONT } from "../abi/signal.ts";
import { ECHILD } from "../abi/errno.ts";
import { Outcome } from "../lib/outcome.ts";
import { childCode, childStatus, reap } from "./exit.ts";
import { findProcess } from "./pid.ts";
import { Process } from "./process.ts";
import { Task } from "./task.ts";

// What the last collectChild() that returned a pid found.
export let waitStatus: i32 = 0;
export let waitCode: i32 = 0;
export let waitChildStatus: i32 = 0;
export let waitUid: u32 = 0;
export let waitUserNs: i64 = 0;
export let waitSystemNs: i64 = 0;

/**
 * Looks at the children that `kind` (P_ALL, P_PID, P_PGID, P_PIDFD) and `id` name, oldest first: the pid of one with news (taken
 * unless WNOWAIT), 0 when there are such children but no news, -ECHILD when there are none. `target`: the process of P_PIDFD.
 */
export function collectChild(self: Task, kind: i32, id: i32, target: Process | null, options: u32): Outcome {
  if (kind == P_PID || kind == P_PIDFD) {
    const named = kind == P_PIDFD ? target : findProcess(id);
    if (named == null || named.parent != self.process || !isMeant(self, named, kind, id, options)) return -ECHILD;
    const pid = named.pid;
    return takeNews(self, named, options) ? pid : 0;
  }
  let hasChild = false;
  let child = self.process.firstChild;
  while (child != null) {
    const next = child.nextSibling;
    if (isMeant(self, child, kind, id, options)) {
      const pid = child.pid;
      if (takeNews(self, child, options)) return pid;
      hasChild = true;
    }
    child = next;
  }
  return hasChild ? 0 : -ECHILD;
}

function isMeant(self: Task, child: Process, kind: i32, id: i32, options: u32): bool {
  if (kind == P_PGID && child.group.number != id) return false;
  if ((options & __WNOTHREAD) != 0 && child.creatorTid != self.tid) return false;
  if ((options & __WALL) != 0) return true;
  const isClone = child.exitSignal != SIGCHLD;
  return isClone == ((options & __WCLONE) != 0);
}

/** Whether the child has something to tell that the caller asked for; it then stands in the wait* variables. */
function takeNews(self: Task, child: Process, options: u32): bool {
  const isKept = (options & WNOWAIT) != 0;
  if (child.isZombie) {
    if ((options & WEXITED) == 0) return false;
    const status = child.exitStatus;
    tell(child, status, childCode(status), childStatus(status));
    if (!isKept) collectZombie(self.process, child);
    return true;
  }
  if ((options & WSTOPPED) != 0 && child.isStopped && child.hasStopReport) {
    if (!isKept) child.hasStopReport = false;
    tell(child, (child.stopSignal << 8) | 0x7f, CLD_STOPPED, child.stopSignal);
    return true;
  }
  if ((options & WCONTINUED) != 0 && child.hasContinueReport) {
    if (!isKept) child.hasContinueReport = false;
    tell(child, 0xffff, CLD_CONTINUED, SIGCONT);
    return true;
  }
  return false;
}

function tell(child: Process, status: i32, code: i32, childStatus: i32): void {
  const leader = child.leader;
  waitStatus = status;
  waitCode = code;
  waitChildStatus = childStatus;
  waitUid = leader == null ? 0 : leader.credentials.uid;
  waitUserNs = child.userNs + child.childrenUserNs;
  waitSystemNs = child.systemNs + child.childrenSystemNs;
}

function collectZombie(parent: Process, child: Process): void {
  parent.childrenUserNs += waitUserNs;
  parent.childrenSystemNs += waitSystemNs;
  reap(child);
}
