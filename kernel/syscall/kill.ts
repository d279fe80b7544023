// SPDX-License-Identifier: MIT
// Sending signals: kill, tkill, tgkill, rt_sigqueueinfo, rt_tgsigqueueinfo and pidfd_send_signal. Signal 0 only asks whether one
// may (kill(2)).

import { EBADF, EFAULT, EINVAL, EPERM, ESRCH } from "../abi/errno.ts";
import {
  PIDFD_SIGNAL_PROCESS_GROUP, PIDFD_SIGNAL_THREAD, PIDFD_SIGNAL_THREAD_GROUP, SI_TKILL, SI_USER,
} from "../abi/signal.ts";
import { Outcome } from "../lib/outcome.ts";
import { copyIn } from "../memory/user.ts";
import { asPidFile } from "../process/pidfd.ts";
import { findPid, findTask, nextProcess, Pid } from "../process/pid.ts";
import { Process } from "../process/process.ts";
import { NSIG } from "../process/signal-handlers.ts";
import { draftFrom, SIGINFO_KEPT, SignalInfo } from "../process/signal-info.ts";
import { maySignal, signalProcess, signalTask } from "../process/signal.ts";
import { Task } from "../process/task.ts";

const given = new SignalInfo();

/** kill(pid, sig) */
export function sysKill(self: Task): Outcome {
  const id = self.argInt(0);
  const signo = self.argInt(1);
  if (id > 0) {
    const task = findTask(id);
    return task == null ? <i64>-ESRCH : sendOne(self, task.process, draftFrom(self, signo));
  }
  if (id == -1) return sendAll(self, signo);
  if (id == i32.MIN_VALUE) return -ESRCH;
  return sendGroup(self, id == 0 ? self.process.group : findPid(-id), signo);
}

/** tkill(tid, sig) */
export function sysTkill(self: Task): Outcome {
  const tid = self.argInt(0);
  return tid <= 0 ? <i64>-EINVAL : sendThread(self, 0, tid, draftFrom(self, self.argInt(1), SI_TKILL));
}

/** tgkill(tgid, tid, sig) */
export function sysTgkill(self: Task): Outcome {
  const group = self.argInt(0);
  const tid = self.argInt(1);
  return group <= 0 || tid <= 0 ? <i64>-EINVAL : sendThread(self, group, tid, draftFrom(self, self.argInt(2), SI_TKILL));
}

/** rt_sigqueueinfo(tgid, sig, info) */
export function sysRtSigqueueinfo(self: Task): Outcome {
  const id = self.argInt(0);
  const outcome = readInfo(self, id, self.argInt(1), self.arg(2));
  if (outcome < 0) return outcome;
  const task = findTask(id);
  return task == null ? <i64>-ESRCH : sendOne(self, task.process, given);
}

/** rt_tgsigqueueinfo(tgid, tid, sig, info) */
export function sysRtTgsigqueueinfo(self: Task): Outcome {
  const group = self.argInt(0);
  const tid = self.argInt(1);
  if (group <= 0 || tid <= 0) return -EINVAL;
  const outcome = readInfo(self, tid, self.argInt(2), self.arg(3));
  return outcome < 0 ? outcome : sendThread(self, group, tid, given);
}

/** pidfd_send_signal(pidfd, sig, info, flags) */
export function sysPidfdSendSignal(self: Task): Outcome {
  const signo = self.argInt(1);
  const flags = self.arg(3);
  const known: u64 = PIDFD_SIGNAL_THREAD | PIDFD_SIGNAL_THREAD_GROUP | PIDFD_SIGNAL_PROCESS_GROUP;
  if ((flags & ~known) != 0 || popcnt(flags) > 1) return -EINVAL;
  const file = asPidFile(self.files.get(self.argInt(0)));
  if (file == null) return -EBADF;
  const process = file.process;
  let info = draftFrom(self, signo);
  if (self.arg(2) != 0) {
    const outcome = readInfo(self, process.pid, 0, self.arg(2));
    if (outcome < 0) return outcome;
    if (given.signo != signo) return -EINVAL;
    info = given;
  }
  if (process.isReaped) return -ESRCH;
  if (flags == PIDFD_SIGNAL_PROCESS_GROUP) return sendGroup(self, process.id, signo);
  if (flags == PIDFD_SIGNAL_THREAD) return sendThread(self, 0, process.pid, info);
  return sendOne(self, process, info);
}

/** Sends to a process after the checks of kill(2): EINVAL for the number, then EPERM. */
function sendOne(self: Task, process: Process, info: SignalInfo): Outcome {
  const signo = info.signo;
  if (signo < 0 || signo > NSIG) return -EINVAL;
  if (!maySignal(self, process, signo)) return -EPERM;
  return signo == 0 ? 0 : signalProcess(process, info);
}

/** `group`: the thread group it must belong to, or 0. */
function sendThread(self: Task, group: i32, tid: i32, info: SignalInfo): Outcome {
  const task = findTask(tid);
  if (task == null || (group != 0 && task.process.pid != group)) return -ESRCH;
  const signo = info.signo;
  if (signo < 0 || signo > NSIG) return -EINVAL;
  if (!maySignal(self, task.process, signo)) return -EPERM;
  return signo == 0 || task.isDead ? 0 : signalTask(task, info);
}

/** Succeeds when at least one member could be signalled. */
function sendGroup(self: Task, group: Pid | null, signo: i32): Outcome {
  let outcome: Outcome = -ESRCH;
  let hasSent = false;
  let member: Process | null = null;
  if (group != null) member = group.members;
  while (member != null) {
    const sent = sendOne(self, member, draftFrom(self, signo));
    if (sent == 0) hasSent = true;
    outcome = sent;
    member = member.nextInGroup;
  }
  return hasSent ? 0 : outcome;
}

/** Everybody but pid 1 and the sender. */
function sendAll(self: Task, signo: i32): Outcome {
  let outcome: Outcome = -ESRCH;
  let process = nextProcess(1);
  while (process != null) {
    if (process != self.process) {
      const sent = sendOne(self, process, draftFrom(self, signo));
      if (sent != -EPERM) outcome = sent;
      else if (outcome == -ESRCH) outcome = 0; // Linux does not report EPERM here
    }
    process = nextProcess(process.pid);
  }
  return outcome;
}

/** Reads a caller's siginfo into `given`. Only to oneself may one claim to be the kernel or kill (rt_sigqueueinfo(2)). */
function readInfo(self: Task, target: i32, signo: i32, address: u64): Outcome {
  if (copyIn(self.space, given.bytes, address, SIGINFO_KEPT) != SIGINFO_KEPT) return -EFAULT;
  if (signo != 0) given.signo = signo;
  const isForged = given.code >= SI_USER || given.code == SI_TKILL;
  return isForged && self.process.pid != target ? -EPERM : 0;
}
