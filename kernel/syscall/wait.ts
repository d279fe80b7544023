// SPDX-License-Identifier: MIT
// wait4 and waitid (wait(2)). Both sleep on the process's queue of child events and look again when woken.

import { EAGAIN, EBADF, EFAULT, EINVAL, ESRCH } from "../abi/errno.ts";
import { SIGCHLD } from "../abi/signal.ts";
import {
  __WALL, __WCLONE, __WNOTHREAD, P_ALL, P_PGID, P_PID, P_PIDFD, WCONTINUED, WEXITED, WNOHANG, WNOWAIT, WSTOPPED, WUNTRACED,
} from "../abi/wait.ts";
import { BLOCKED, Outcome } from "../lib/outcome.ts";
import { copyOut, writeUser } from "../memory/user.ts";
import { asPidFile } from "../process/pidfd.ts";
import { Process } from "../process/process.ts";
import { Task } from "../process/task.ts";
import { writeUsage } from "../process/usage.ts";
import { collectChild, waitChildStatus, waitCode, waitStatus, waitSystemNs, waitUid, waitUserNs } from "../process/wait.ts";

/** The part of siginfo_t that waitid fills in. */
const WAIT_INFO_SIZE: usize = 28;
const info = memory.data(28, 8);

export function sysWait4(self: Task): Outcome {
  const id = self.argInt(0);
  const options = <u32>self.arg(2);
  const known: u32 = WNOHANG | WUNTRACED | WCONTINUED | __WNOTHREAD | __WCLONE | <u32>__WALL;
  if ((options & ~known) != 0) return -EINVAL;
  if (id == i32.MIN_VALUE) return -ESRCH;
  let kind = P_PID;
  let number = id;
  if (id == -1) {
    kind = P_ALL;
  } else if (id <= 0) {
    kind = P_PGID;
    number = id == 0 ? self.process.group.number : -id;
  }
  const pid = collect(self, kind, number, null, options | WEXITED);
  if (pid <= 0) return pid;
  if (self.arg(3) != 0 && !writeUsage(self.space, self.arg(3), waitUserNs, waitSystemNs)) return -EFAULT;
  if (self.arg(1) != 0 && !writeUser<i32>(self.space, self.arg(1), waitStatus)) return -EFAULT;
  return pid;
}

export function sysWaitid(self: Task): Outcome {
  const outcome = waitFor(self);
  if (outcome == BLOCKED) return BLOCKED;
  if (outcome > 0 && self.arg(4) != 0 && !writeUsage(self.space, self.arg(4), waitUserNs, waitSystemNs)) return -EFAULT;
  // Linux stores the siginfo on failure as well: zeros.
  if (self.arg(2) != 0 && !writeInfo(self, self.arg(2), outcome)) return -EFAULT;
  return outcome > 0 ? 0 : outcome;
}

function waitFor(self: Task): Outcome {
  const kind = self.argInt(0);
  let id = self.argInt(1);
  let options = <u32>self.arg(3);
  const news: u32 = WEXITED | WSTOPPED | WCONTINUED;
  if ((options & ~(WNOHANG | WNOWAIT | news | __WNOTHREAD | <u32>__WCLONE | __WALL)) != 0) return -EINVAL;
  if ((options & news) == 0) return -EINVAL;
  let target: Process | null = null;
  let isNonBlocking = false;
  if (kind == P_PID) {
    if (id <= 0) return -EINVAL;
  } else if (kind == P_PGID) {
    if (id < 0) return -EINVAL;
    if (id == 0) id = self.process.group.number;
  } else if (kind == P_PIDFD) {
    if (id < 0) return -EINVAL;
    const file = asPidFile(self.files.get(id));
    if (file == null) return -EBADF;
    target = file.process;
    isNonBlocking = file.isNonBlocking && (options & WNOHANG) == 0;
    if (isNonBlocking) options |= WNOHANG;
  } else if (kind != P_ALL) {
    return -EINVAL;
  }
  const pid = collect(self, kind, id, target, options);
  return pid == 0 && isNonBlocking ? -EAGAIN : pid;
}

function collect(self: Task, kind: i32, id: i32, target: Process | null, options: u32): Outcome {
  const pid = collectChild(self, kind, id, target, options);
  if (pid != 0 || (options & WNOHANG) != 0) return pid;
  self.process.childEvents.add(self);
  return BLOCKED;
}

function writeInfo(self: Task, address: u64, outcome: Outcome): bool {
  memory.fill(info, 0, WAIT_INFO_SIZE);
  if (outcome > 0) {
    store<i32>(info, SIGCHLD);
    store<i32>(info, waitCode, 8);
    store<i32>(info, <i32>outcome, 16);
    store<u32>(info, waitUid, 20);
    store<i32>(info, waitChildStatus, 24);
  }
  // si_signo, si_errno, si_code, then pid, uid, status: the padding between stays as it was.
  return copyOut(self.space, address, info, 12) == 12 && copyOut(self.space, address + 16, info + 16, 12) == 12;
}
