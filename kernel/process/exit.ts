// SPDX-License-Identifier: MIT
// The end of threads and processes (exit(2), exit_group(2), wait(2) NOTES). A thread gives up its parts when it dies; the last
// one makes the process a zombie, tells the parent and moves the children to a reaper. A sleeping thread holds nothing but
// what its Task names (block-by-retry), so others can end it where it sleeps. The end of pid 1 ends the machine.

import { TRACE_EXITED } from "../abi/boundary.ts";
import { CLD_EXITED, CLD_KILLED, SA_NOCLDWAIT, SIGCHLD, SIGKILL } from "../abi/signal.ts";
import { trace } from "../host.ts";
import { isTracing } from "../lib/tracing.ts";
import { writeUser } from "../memory/user.ts";
import { wakeFutex } from "./futex.ts";
import { completeStop, draftChild, releaseOrphans } from "./job-control.ts";
import { NSIG, SIG_IGN } from "./signal-handlers.ts";
import { draftFrom } from "./signal-info.ts";
import { signalProcess } from "./signal.ts";
import { findProcess, nextProcess } from "./pid.ts";
import { Process } from "./process.ts";
import { currentTask, leaveHart, removeTimed } from "./scheduler.ts";
import { DEAD, Task } from "./task.ts";
import { leaveTerminal } from "./terminal-control.ts";

/** Pid 1 is gone, and everything else with it. */
export let isPoweredOff: bool = false;
/** Wait status of pid 1, once it is gone. */
export let finalStatus: i32 = 0;

/** Ends the whole process with this wait status (or with the one it is already dying with). */
export function exitProcess(process: Process, status: i32): void {
  if (process.isZombie) return;
  if (!process.isDying) process.exitStatus = status;
  process.isDying = true;
  process.retain();
  let thread = process.firstThread;
  while (thread != null) {
    endThread(thread);
    thread = process.firstThread;
  }
  becomeZombie(process);
  process.release();
}

/** exit(2): ends one thread. The last one's process ends with the status of its leader. */
export function exitThread(self: Task, status: i32): void {
  const process = self.process;
  if (self.isLeader) process.exitStatus = status;
  if (process.threadCount == 1) {
    exitProcess(process, process.exitStatus);
    return;
  }
  endThread(self);
  completeStop(process);
}

/** execve(2) in a process with several threads: the others die, and this one becomes the leader. */
export function killOtherThreads(self: Task): void {
  const process = self.process;
  let thread = process.firstThread;
  while (thread != null) {
    const next = thread.nextThread;
    if (thread != self) endThread(thread);
    thread = next;
  }
  const leader = process.leader;
  if (leader == null || leader == self) return;
  process.leader = self;
  leader.id.task = null;
  leader.release();
  self.id.task = null;
  self.id.release();
  process.id.retain();
  process.id.task = self;
  self.id = process.id;
  self.tid = process.pid;
}

/** The task has let go of its parent's memory: a parent that waits for that in vfork(2) goes on. */
export function releaseVforkParent(task: Task): void {
  const parent = task.vforkParent;
  if (parent == null) return;
  task.vforkParent = null;
  parent.vforkChild = null;
  parent.wake();
}

/** The task is about to leave its memory: clears the word that set_tid_address(2) named, and wakes who waits for that. */
export function clearTid(task: Task): void {
  const address = task.clearTidAddress;
  task.clearTidAddress = 0;
  if (address == 0 || task.space.refs < 2) return; // nobody is left who could look at it
  if (writeUser<u32>(task.space, address, 0)) wakeFutex(task.space, address, true, 1, u32.MAX_VALUE);
}

/** Takes a zombie out of all tables; its parent knows its status, or nobody wants to. */
export function reap(process: Process): void {
  const leader = process.leader;
  process.leader = null;
  if (leader != null) leader.release();
  process.unlist();
}

/** Ends everything, pid 1 included: what is left is the file system. */
export function endEverything(): void {
  const first = findProcess(1);
  if (first != null) exitProcess(first, SIGKILL);
}

/** The si_code that describes a wait status. */
export function childCode(status: i32): i32 {
  return (status & 0x7f) == 0 ? CLD_EXITED : CLD_KILLED;
}

/** The si_status that describes a wait status. */
export function childStatus(status: i32): i32 {
  return (status & 0x7f) == 0 ? (status >> 8) & 0xff : status & 0x7f;
}

function endThread(task: Task): void {
  const process = task.process;
  const isLeader = task.isLeader;
  if (currentTask() == task) leaveHart();
  task.state = DEAD;
  task.leaveQueues();
  task.endCall();
  removeTimed(task);
  const work = task.work;
  task.work = null;
  if (work != null) work.abandon(task);
  const vforkChild = task.vforkChild;
  if (vforkChild != null) {
    vforkChild.vforkParent = null;
    task.vforkChild = null;
  }
  clearTid(task);
  sendDeathSignals(task);
  const cpuTimers = task.cpuTimers;
  task.cpuTimers = null;
  if (cpuTimers != null) cpuTimers.release();
  task.pending.discard(u64.MAX_VALUE);
  process.userNs += task.userNs;
  process.systemNs += task.systemNs;
  process.removeThread(task);
  task.releaseParts();
  releaseVforkParent(task);
  if (isTracing) trace(TRACE_EXITED, task.tid, process.threadCount == 0 ? 1 : 0, process.exitStatus);
  if (isLeader) return; // it stands for the process until that is reaped
  task.id.task = null;
  task.release();
}

/** PR_SET_PDEATHSIG of the children that this thread created. */
function sendDeathSignals(task: Task): void {
  let child = task.process.firstChild;
  while (child != null) {
    let thread = child.creatorTid == task.tid ? child.firstThread : null;
    while (thread != null) {
      if (thread.parentDeathSignal != 0) signalProcess(child, draftFrom(task, thread.parentDeathSignal));
      thread = thread.nextThread;
    }
    child = child.nextSibling;
  }
}

function becomeZombie(process: Process): void {
  const timers = process.timers;
  process.isZombie = true; // nothing is armed on its time from here on
  process.timers = null;
  if (timers != null) timers.close();
  process.pending.discard(u64.MAX_VALUE);
  leaveTerminal(process, true);
  process.stopSignal = 0;
  process.isStopped = false;
  if (process.pid == 1) {
    powerOff(process);
    return;
  }
  moveChildren(process);
  const parent = process.parent;
  const isOutsideGroup = parent != null && parent.group != process.group;
  const group = process.group;
  process.endEvents.wake();
  if (tellParent(process)) reap(process);
  if (isOutsideGroup) releaseOrphans(group);
}

/** Sends the exit signal. True when the parent does not want to wait for it (wait(2), NOTES on SIG_IGN and SA_NOCLDWAIT). */
function tellParent(process: Process): bool {
  const parent = process.parent;
  if (parent == null) return true;
  parent.childEvents.wake();
  const signo = process.exitSignal;
  const thread = parent.firstThread;
  if (thread == null || signo <= 0 || signo > NSIG) return false;
  const isUnwanted = signo == SIGCHLD &&
    (thread.handlers.handler(SIGCHLD) == SIG_IGN || (thread.handlers.flags(SIGCHLD) & SA_NOCLDWAIT) != 0);
  if (!isUnwanted || thread.handlers.handler(SIGCHLD) != SIG_IGN) {
    const status = process.exitStatus;
    signalProcess(parent, draftChild(process, signo, childCode(status), childStatus(status)));
  }
  return isUnwanted;
}

/** Children go to the nearest living subreaper above, or to pid 1 (prctl(2), PR_SET_CHILD_SUBREAPER). */
function moveChildren(process: Process): void {
  const reaper = reaperOf(process);
  let child = process.firstChild;
  while (child != null) {
    process.removeChild(child);
    child.creatorTid = reaper.pid;
    child.exitSignal = SIGCHLD;
    reaper.addChild(child);
    const group = child.group;
    group.retain();
    const wasTied = group != process.group && child.session == process.session;
    if (child.isZombie && tellParent(child)) reap(child);
    if (wasTied) releaseOrphans(group);
    group.release();
    child = process.firstChild;
  }
}

function reaperOf(process: Process): Process {
  let at = process.parent;
  while (at != null) {
    if (at.isSubreaper && !at.isDying) return at;
    at = at.parent;
  }
  return findProcess(1)!;
}

/** Pid 1 has ended: every other process is killed, and nobody is left to wait for anything. */
function powerOff(first: Process): void {
  isPoweredOff = true;
  finalStatus = first.exitStatus;
  let orphan = nextProcess(1);
  while (orphan != null) {
    const parent = orphan.parent;
    if (parent != null) parent.removeChild(orphan);
    orphan = nextProcess(orphan.pid);
  }
  let process = nextProcess(1);
  while (process != null) {
    const pid = process.pid;
    if (process.isZombie) reap(process);
    else exitProcess(process, SIGKILL);
    process = nextProcess(pid - 1); // itself, where it is a zombie now
  }
  reap(first);
}
