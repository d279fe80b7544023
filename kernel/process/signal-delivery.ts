// SPDX-License-Identifier: MIT
// What a thread does about its signals before it goes on: default actions, stops, handlers, and the fate of the system call that
// they interrupt (signal(7), "Interruption of system calls and library functions by signal handlers"). trap.ts calls it with the
// registers in the hart: before the thread returns to its program (self.call == NO_CALL), or when a handler has just returned
// BLOCKED and something is pending. Then the call has afterwards
//   ended       self.call == NO_CALL, a0 and pc are set (EINTR or a short count)
//   restarted   self.call == NO_CALL, pc is still at the ecall; a handler runs first
//   not changed self.call stays: it runs again, now or when the thread is continued, and usually sleeps
// and the thread may be STOPPED or DEAD. An actor's handlers do not run, they are only noted.

import { EINTR } from "../abi/errno.ts";
import { TRACE_EXIT, TRACE_RESTARTED, TRACE_SIGNAL } from "../abi/boundary.ts";
import { SA_NODEFER, SA_ONSTACK, SA_RESETHAND, SA_RESTART, SI_KERNEL, SIGSEGV } from "../abi/signal.ts";
import { retireEcall } from "../cpu/hart.ts";
import { writeX } from "../cpu/registers.ts";
import { INTERRUPT, KILLABLE, NO_DEADLINE, RESTART } from "../file/wait-queue.ts";
import { trace } from "../host.ts";
import { BUFFER, isTracing } from "../lib/tracing.ts";
import { exitProcess } from "./exit.ts";
import { stopProcess, stopThread } from "./job-control.ts";
import { signalBit } from "./pending-signals.ts";
import { removeTimed } from "./scheduler.ts";
import { pushSignalFrame } from "./signal-frame.ts";
import { SIG_DFL, SIG_IGN } from "./signal-handlers.ts";
import { draftFault, SIGINFO_KEPT, SIGINFO_SIZE, SignalInfo } from "./signal-info.ts";
import { forceInfo, isIgnoredByDefault, isStopSignal, takeSignal, UNBLOCKABLE } from "./signal.ts";
import { NO_CALL, Task } from "./task.ts";

const A0 = 10;
const taken = new SignalInfo();

export function deliverSignals(self: Task): void {
  const process = self.process;
  while (true) {
    if (process.isDying) {
      exitProcess(process, process.exitStatus);
      return;
    }
    if (self.hasCall && self.onSignal == KILLABLE) return;
    if (process.stopSignal != 0) {
      if (self.hasCall) interruptByStop(self);
      stopThread(self);
      return;
    }
    if (!takeSignal(self, self.blocked, taken)) return;
    const signo = taken.signo;
    const handler = self.handlers.handler(signo);
    if (handler == SIG_IGN) continue;
    if (handler != SIG_DFL) {
      const flags = self.handlers.flags(signo);
      if (self.hasCall) interruptByHandler(self, flags);
      traceSignal(self);
      runHandler(self, handler, flags);
    } else if (isStopSignal(signo)) {
      traceSignal(self);
      stopProcess(self, signo);
    } else if (!isIgnoredByDefault(signo)) {
      traceSignal(self);
      exitProcess(process, signo); // whatever RLIMIT_CORE says: there are no core files, so WCOREDUMP is never set
      return;
    }
  }
}

/** Puts back the mask that rt_sigsuspend, ppoll or pselect6 replaced. */
export function restoreSavedMask(self: Task): void {
  if (!self.hasSavedMask) return;
  self.hasSavedMask = false;
  self.blocked = self.savedMask;
}

/** For a call with a temporary mask: installs it, the first time the call runs. */
export function useTemporaryMask(self: Task, mask: u64): void {
  if (self.hasSavedMask) return;
  self.savedMask = self.blocked;
  self.hasSavedMask = true;
  self.blocked = mask & ~UNBLOCKABLE;
}

/** A handler is about to run: does the call return, or is it made again afterwards? */
function interruptByHandler(self: Task, flags: u32): void {
  if (self.progress > 0) endCall(self, self.progress);
  else if (self.onSignal != RESTART || (flags & SA_RESTART) == 0) endCall(self, -EINTR);
  else restartCall(self);
}

/** The call will be made again, with its whole timeout, when the handler returns. */
function restartCall(self: Task): void {
  if (isTracing) trace(TRACE_RESTARTED, self.tid, self.call, 0);
  if (!self.isActor) leaveCall(self);
  else self.deadline = NO_DEADLINE; // an actor has no ecall to go back to: its call stays and runs again
}

/** A stop interrupts, too; calls that restart go on where they were when it is over, with their deadline. */
function interruptByStop(self: Task): void {
  if (self.progress > 0) endCall(self, self.progress);
  else if (self.onSignal == INTERRUPT) endCall(self, -EINTR);
}

function endCall(self: Task, result: i64): void {
  if (isTracing) trace(TRACE_EXIT, self.tid, self.call, result);
  writeX(A0, <u64>result);
  if (!self.isActor) retireEcall();
  leaveCall(self);
}

function leaveCall(self: Task): void {
  self.leaveQueues();
  self.endCall();
  removeTimed(self);
  self.call = NO_CALL;
}

function runHandler(self: Task, handler: u64, flags: u32): void {
  const signo = taken.signo;
  const oldMask = self.hasSavedMask ? self.savedMask : self.blocked;
  if (self.isActor) {
    self.actorSignals |= signalBit(signo);
    if ((flags & SA_RESETHAND) != 0) self.handlers.reset(signo);
    if (!self.hasCall) restoreSavedMask(self);
    return;
  }
  const actionMask = self.handlers.mask(signo);
  if (!pushSignalFrame(self, taken, handler, (flags & SA_ONSTACK) != 0, oldMask)) {
    if (signo == SIGSEGV) self.handlers.reset(SIGSEGV);
    forceInfo(self, draftFault(SIGSEGV, SI_KERNEL, 0));
    return;
  }
  self.hasSavedMask = false;
  if ((flags & SA_RESETHAND) != 0) self.handlers.reset(signo);
  self.blocked |= actionMask & ~UNBLOCKABLE;
  if ((flags & SA_NODEFER) == 0) self.blocked |= signalBit(signo);
}

function traceSignal(self: Task): void {
  if (!isTracing) return;
  memory.fill(BUFFER, 0, SIGINFO_SIZE);
  memory.copy(BUFFER, taken.bytes, SIGINFO_KEPT);
  trace(TRACE_SIGNAL, self.tid, taken.signo, taken.code);
}
