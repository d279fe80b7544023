// SPDX-License-Identifier: MIT
// Sending signals, and what is pending (signal(7), kill(2)). A sender only queues and wakes; the receiver acts when it next
// runs (signal-delivery.ts). Senders in system calls check permission first; the kernel itself does not.

import { EAGAIN } from "../abi/errno.ts";
import { CAP_KILL } from "../abi/prctl.ts";
import { RLIMIT_SIGPENDING } from "../abi/resource.ts";
import {
  SI_USER, SIGABRT, SIGBUS, SIGCHLD, SIGCONT, SIGFPE, SIGILL, SIGKILL, SIGQUIT, SIGSEGV, SIGSTOP, SIGSYS, SIGTRAP, SIGTSTP, SIGTTIN, SIGTTOU,
  SIGURG, SIGWINCH, SIGXCPU, SIGXFSZ,
} from "../abi/signal.ts";
import { SYS_RT_SIGTIMEDWAIT } from "../abi/syscalls.ts";
import { KILLABLE } from "../file/wait-queue.ts";
import { Outcome } from "../lib/outcome.ts";
import { continueProcess } from "./job-control.ts";
import { FIRST_REALTIME, PendingSignals, signalBit } from "./pending-signals.ts";
import { Process } from "./process.ts";
import { makeRunnable } from "./scheduler.ts";
import { SIG_DFL, SIG_IGN } from "./signal-handlers.ts";
import { draftFault, SignalInfo } from "./signal-info.ts";
import { RUNNABLE, SLEEPING, STOPPED, Task } from "./task.ts";

// Default actions (signal(7), "Standard signals").
export const STOP_SIGNALS: u64 = (1 << (SIGSTOP - 1)) | (1 << (SIGTSTP - 1)) | (1 << (SIGTTIN - 1)) | (1 << (SIGTTOU - 1));
const IGNORED_SIGNALS: u64 = (1 << (SIGCONT - 1)) | (1 << (SIGCHLD - 1)) | (1 << (SIGWINCH - 1)) | (1 << (SIGURG - 1));
const CORE_SIGNALS: u64 = (1 << (SIGQUIT - 1)) | (1 << (SIGILL - 1)) | (1 << (SIGTRAP - 1)) | (1 << (SIGABRT - 1)) | (1 << (SIGFPE - 1)) |
  (1 << (SIGSEGV - 1)) | (1 << (SIGBUS - 1)) | (1 << (SIGSYS - 1)) | (1 << (SIGXCPU - 1)) | (1 << (SIGXFSZ - 1));
/** Faults are delivered before anything else that is pending. */
const FAULT_SIGNALS: u64 = (1 << (SIGSEGV - 1)) | (1 << (SIGBUS - 1)) | (1 << (SIGILL - 1)) | (1 << (SIGTRAP - 1)) | (1 << (SIGFPE - 1)) |
  (1 << (SIGSYS - 1));
/** What no mask can hold. */
export const UNBLOCKABLE: u64 = (1 << (SIGKILL - 1)) | (1 << (SIGSTOP - 1));

/** Sends to the process: any of its threads may take it. 0, or -EAGAIN when a queued signal finds no room. */
export function signalProcess(process: Process, info: SignalInfo): Outcome {
  return send(process, null, info);
}

/** Sends to one thread. 0, or -EAGAIN when a queued signal finds no room. */
export function signalTask(task: Task, info: SignalInfo): Outcome {
  return send(task.process, task, info);
}

/**
 * A fault of the running program (SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGFPE): delivered to this thread whatever it blocks or
 * ignores; then it kills.
 */
export function forceSignal(task: Task, signo: i32, code: i32, address: u64): void {
  forceInfo(task, draftFault(signo, code, address));
}

export function forceInfo(task: Task, info: SignalInfo): void {
  const signo = info.signo;
  const bit = signalBit(signo);
  if ((task.blocked & bit) != 0 || task.handlers.handler(signo) == SIG_IGN) {
    task.handlers.reset(signo);
    task.blocked &= ~bit;
  }
  send(task.process, task, info);
}

/** Whether `sender` may send this signal to the process (kill(2)). */
export function maySignal(sender: Task, target: Process, signo: i32): bool {
  const leader = target.leader;
  if (sender.process == target || leader == null) return true;
  const own = sender.credentials;
  const other = leader.credentials;
  if (own.euid == other.suid || own.euid == other.uid || own.uid == other.suid || own.uid == other.uid) return true;
  if (own.has(CAP_KILL)) return true;
  return signo == SIGCONT && sender.process.session == target.session;
}

/** Whether the thread must act before it goes on: deliverSignals() has something to do. */
export function hasPendingSignal(self: Task): bool {
  const process = self.process;
  return ((self.pending.set | process.pending.set) & ~self.blocked) != 0 || process.isDying || process.stopSignal != 0;
}

/** Whether the thread is about to die: even a KILLABLE sleep ends. */
export function hasFatalSignal(self: Task): bool {
  return self.process.isDying;
}

/** Takes the next signal that the thread does not block, its own before the process's; false when there is none. */
export function takeSignal(self: Task, mask: u64, to: SignalInfo): bool {
  return takeFrom(self.pending, mask, to) || takeFrom(self.process.pending, mask, to);
}

export function isStopSignal(signo: i32): bool {
  return signo < FIRST_REALTIME && (signalBit(signo) & STOP_SIGNALS) != 0;
}

/** Whether SIG_DFL ignores it. */
export function isIgnoredByDefault(signo: i32): bool {
  return signo < FIRST_REALTIME && (signalBit(signo) & IGNORED_SIGNALS) != 0;
}

/** The process ends with this wait status: every thread wakes and dies before it returns to its program. */
export function beginDying(process: Process, status: i32): void {
  if (process.isDying || process.isZombie) return;
  process.isDying = true;
  process.exitStatus = status;
  process.stopSignal = 0;
  process.isStopped = false;
  let thread = process.firstThread;
  while (thread != null) {
    wakeForSignal(thread, true);
    thread = thread.nextThread;
  }
}

/** Ends an interruptible sleep, so that the thread looks at its signals. */
export function wakeForSignal(task: Task, isFatal: bool): void {
  if (task.state == SLEEPING) {
    if (isFatal || task.onSignal != KILLABLE) task.wake();
  } else if (task.state == STOPPED) {
    if (isFatal) task.continueRunning();
  } else if (task.state == RUNNABLE) {
    makeRunnable(task); // an actor between two calls
  }
}

function send(process: Process, task: Task | null, info: SignalInfo): Outcome {
  const signo = info.signo;
  if (process.isDying || process.isZombie) return 0;
  if (isStopSignal(signo)) discardEverywhere(process, signalBit(SIGCONT));
  else if (signo == SIGCONT) discardEverywhere(process, STOP_SIGNALS);
  const outcome = enqueue(process, task, info);
  if (signo == SIGCONT) continueProcess(process); // even if it blocks, ignores or handles the signal
  return outcome;
}

function enqueue(process: Process, task: Task | null, info: SignalInfo): Outcome {
  const signo = info.signo;
  if (isIgnored(process, task, signo)) return 0;
  const pending = task == null ? process.pending : task.pending;
  if (info.timer != null) {
    pending.queueTimer(info);
  } else if (signo < FIRST_REALTIME && pending.has(signo)) {
    return 0;
  } else if (pending.count >= queueLimit(process, signo) || !pending.queue(info)) {
    // sigqueue(3) reports a full queue; kill(2) loses only the siginfo.
    if (signo >= FIRST_REALTIME && info.code != SI_USER) return -EAGAIN;
    pending.add(signo);
  }
  const thread = receiver(process, task, signo);
  if (thread == null) return 0;
  if (isFatal(thread, signo)) beginDying(process, signo);
  else wakeForSignal(thread, false);
  return 0;
}

/** RLIMIT_SIGPENDING, counted per queue and not per user; signals that queue once always find room. */
function queueLimit(process: Process, signo: i32): i32 {
  if (signo < FIRST_REALTIME) return i32.MAX_VALUE;
  return <i32>min(process.limit(RLIMIT_SIGPENDING), <u64>i32.MAX_VALUE);
}

/** Whether nobody would notice: not blocked (then its disposition may still change), and ignored. */
function isIgnored(process: Process, task: Task | null, signo: i32): bool {
  const thread = task == null ? mainThread(process) : task;
  if (thread == null || thread.isDead) return true;
  if ((thread.blocked & signalBit(signo)) != 0) return false;
  const handler = thread.handlers.handler(signo);
  return handler == SIG_IGN || (handler == SIG_DFL && isIgnoredByDefault(signo));
}

function mainThread(process: Process): Task | null {
  const leader = process.leader;
  return leader != null && !leader.isDead ? leader : process.firstThread;
}

/** The thread that is to take the signal now: the addressed or main one if it can, else any that can. */
function receiver(process: Process, task: Task | null, signo: i32): Task | null {
  if (task != null) return canTake(task, signo) ? task : null;
  const main = mainThread(process);
  if (main != null && canTake(main, signo)) return main;
  let thread = process.firstThread;
  while (thread != null) {
    if (canTake(thread, signo)) return thread;
    thread = thread.nextThread;
  }
  return null;
}

function canTake(thread: Task, signo: i32): bool {
  if (signo == SIGKILL) return true;
  if (thread.state == STOPPED || thread.isDead) return false;
  return (thread.blocked & signalBit(signo)) == 0 || isAwaited(thread, signo);
}

function isAwaited(thread: Task, signo: i32): bool {
  return thread.state == SLEEPING && thread.call == SYS_RT_SIGTIMEDWAIT && (thread.awaited & signalBit(signo)) != 0;
}

/** Whether the whole process is to die at once. Signals that dump core wait until their thread runs, as in Linux. */
function isFatal(thread: Task, signo: i32): bool {
  if (signo == SIGKILL) return true;
  const bit = signalBit(signo);
  if ((thread.blocked & bit) != 0 || thread.handlers.handler(signo) != SIG_DFL) return false;
  return signo >= FIRST_REALTIME || ((STOP_SIGNALS | IGNORED_SIGNALS | CORE_SIGNALS) & bit) == 0;
}

/** Forgets pending signals of the process and all its threads: a stop cancels SIGCONT and the reverse. */
export function discardEverywhere(process: Process, signals: u64): void {
  process.pending.discard(signals);
  let thread = process.firstThread;
  while (thread != null) {
    thread.pending.discard(signals);
    thread = thread.nextThread;
  }
}

function takeFrom(pending: PendingSignals, mask: u64, to: SignalInfo): bool {
  let ready = pending.set & ~mask;
  if (ready == 0) return false;
  if ((ready & FAULT_SIGNALS) != 0) ready &= FAULT_SIGNALS;
  pending.take(<i32>ctz(ready) + 1, to);
  return true;
}

/**
 * Whether a pending signal that the thread does not block would kill it: one that became unblocked after it was sent is fatal
 * only where the thread next looks (a template's child, between its actions).
 */
export function hasKillingSignal(self: Task): bool {
  if (self.process.isDying) return true;
  let rest = (self.pending.set | self.process.pending.set) & ~self.blocked;
  for (; rest != 0; rest &= rest - 1) {
    const signo = <i32>ctz(rest) + 1;
    if (self.handlers.handler(signo) == SIG_DFL && !isStopSignal(signo) && !isIgnoredByDefault(signo)) return true;
  }
  return false;
}
