// SPDX-License-Identifier: MIT
// Stopping and continuing whole processes (signal(7), setpgid(2)), and telling the parent. A stop takes effect thread by
// thread, when each next looks at its signals: a vfork parent that sleeps stops only when its child has let go.

import {
  CLD_CONTINUED, CLD_STOPPED, SA_NOCLDSTOP, SIGCHLD, SIGCONT, SIGHUP, SIGSTOP,
} from "../abi/signal.ts";
import { TRACE_CONTINUED, TRACE_STOPPED } from "../abi/boundary.ts";
import { isTracing } from "../lib/tracing.ts";
import { trace } from "../host.ts";
import { Pid } from "./pid.ts";
import { Process } from "./process.ts";
import { removeTimed } from "./scheduler.ts";
import { SIG_IGN } from "./signal-handlers.ts";
import { draftKernel, draftSignal, SignalInfo } from "./signal-info.ts";
import { signalProcess, wakeForSignal } from "./signal.ts";
import { STOPPED, Task } from "./task.ts";

/** The default action of a stop signal that `self` took. Terminal stops do nothing in an orphaned group, which nobody could continue. */
export function stopProcess(self: Task, signo: i32): void {
  const process = self.process;
  if (signo != SIGSTOP && isOrphaned(process.group)) return;
  if (process.stopSignal != 0) return;
  process.stopSignal = signo;
  let thread = process.firstThread;
  while (thread != null) {
    if (thread != self) wakeForSignal(thread, false);
    thread = thread.nextThread;
  }
}

/** The thread takes part in its process's stop. The last one to do so tells the parent. */
export function stopThread(self: Task): void {
  self.leaveQueues();
  removeTimed(self);
  self.state = STOPPED;
  self.wasStopped = self.hasCall;
  completeStop(self.process);
}

/** Called when a thread has stopped or died: the process is stopped once all that live have. */
export function completeStop(process: Process): void {
  if (process.stopSignal == 0 || process.isStopped || process.threadCount == 0) return;
  let thread = process.firstThread;
  while (thread != null) {
    if (thread.state != STOPPED) return;
    thread = thread.nextThread;
  }
  process.isStopped = true;
  process.hasStopReport = true;
  process.hasContinueReport = false;
  if (isTracing) trace(TRACE_STOPPED, process.pid, process.stopSignal, 0);
  tellParent(process, CLD_STOPPED, process.stopSignal);
}

/** SIGCONT was sent. */
export function continueProcess(process: Process): void {
  if (process.stopSignal == 0) return;
  process.stopSignal = 0;
  process.isStopped = false;
  process.hasStopReport = false;
  process.hasContinueReport = true;
  let thread = process.firstThread;
  while (thread != null) {
    thread.continueRunning();
    thread = thread.nextThread;
  }
  if (isTracing) trace(TRACE_CONTINUED, process.pid, 0, 0);
  tellParent(process, CLD_CONTINUED, SIGCONT);
}

/** Whether no member has a parent in another group of the same session: nobody could continue the group (setpgid(2)). */
export function isOrphaned(group: Pid): bool {
  let member = group.members;
  while (member != null) {
    const parent = member.parent;
    const isTied = parent != null && parent.session == member.session && parent.group != group;
    if (isTied && !member.isZombie) return false;
    member = member.nextInGroup;
  }
  return true;
}

/** A group that has just become orphaned and has stopped members gets SIGHUP and SIGCONT (exit(3), "Consequences"). */
export function releaseOrphans(group: Pid): void {
  if (!hasStoppedMember(group) || !isOrphaned(group)) return;
  let member = group.members;
  while (member != null) {
    signalProcess(member, draftKernel(SIGHUP));
    signalProcess(member, draftKernel(SIGCONT));
    member = member.nextInGroup;
  }
}

function hasStoppedMember(group: Pid): bool {
  let member = group.members;
  while (member != null) {
    if (member.isStopped) return true;
    member = member.nextInGroup;
  }
  return false;
}

function tellParent(process: Process, code: i32, status: i32): void {
  const parent = process.parent;
  if (parent == null) return;
  parent.childEvents.wake();
  const thread = parent.firstThread;
  if (thread == null || thread.handlers.handler(SIGCHLD) == SIG_IGN || (thread.handlers.flags(SIGCHLD) & SA_NOCLDSTOP) != 0) return;
  signalProcess(parent, draftChild(process, SIGCHLD, code, status));
}

/** The siginfo that tells a parent about its child. */
export function draftChild(child: Process, signo: i32, code: i32, status: i32): SignalInfo {
  const info = draftSignal(signo, code);
  const leader = child.leader;
  info.pid = child.pid;
  if (leader != null) info.uid = leader.credentials.uid;
  info.value = <u64><u32>status;
  info.userTime = child.userNs / NS_PER_TICK;
  info.systemTime = child.systemNs / NS_PER_TICK;
  return info;
}

/** A clock tick as times(2) counts: 1/100 s. */
export const NS_PER_TICK: i64 = 10_000_000;
