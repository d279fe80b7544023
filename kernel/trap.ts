// SPDX-License-Identifier: MIT
// Between the hart and the kernel: runs a task, takes its system calls and faults, puts it to sleep, and decides what happens
// before it returns to its program. Tracing is here and nowhere else. Control comes from the machine's tick (kernel.ts)
// and from the host's actors (actor.ts).

import {
  TRACE_BLOCKED, TRACE_ENTER, TRACE_EXIT, TRACE_RESUMED,
} from "./abi/boundary.ts";
import { EFAULT, ENOMEM, ENOSYS } from "./abi/errno.ts";
import { SIGKILL } from "./abi/signal.ts";
import { retired, setTimeOffset } from "./cpu/counters.ts";
import { retireEcall, run, STOP_ECALL, STOP_FAULT } from "./cpu/hart.ts";
import { readX, writeX } from "./cpu/registers.ts";
import { KILLABLE, NO_DEADLINE, RESTART } from "./file/wait-queue.ts";
import { advance, CALL_COST_NS, offsetNs, setRetired } from "./lib/clock.ts";
import { effort, spendCall } from "./lib/effort.ts";
import { isTracing } from "./lib/tracing.ts";
import { BLOCKED, NO_RESULT, Outcome } from "./lib/outcome.ts";
import { clearOutOfMemory, faultAddress, faultCode, faultSignal, isOutOfMemory } from "./memory/translate.ts";
import { killForMemory } from "./process/out-of-memory.ts";
import { addTimed, removeTimed, switchTo } from "./process/scheduler.ts";
import { forceSignal, hasFatalSignal, hasPendingSignal } from "./process/signal.ts";
import { deliverSignals, restoreSavedMask } from "./process/signal-delivery.ts";
import { NO_CALL, RUNNABLE, SLEEPING, Task } from "./process/task.ts";
import { handlerOf } from "./syscall/table.ts";
import { traceCall, traceEvent } from "./trace.ts";

const A0 = 10;
const A7 = 17;

let unknownCalls: u64 = 0;
/** The running task found no memory: another one was killed for it and must get the hart to die. */
let isStarved: bool = false;
/** Instructions up to here are somebody's CPU time. */
let charged: u64 = 0;

/** System calls that were answered with ENOSYS since boot. */
export function unknownCallCount(): u64 {
  return unknownCalls;
}

/** Lets a task run until it has used `slice` instructions (or their worth), sleeps, stops or dies. */
export function runTask(self: Task, slice: i64): void {
  switchTo(self);
  charged = retired;
  const end = retired + effort + <u64>slice;
  if (self.work == null || runWork(self)) {
    isStarved = false;
    while (returnToProgram(self) && !self.isActor && !isStarved && retired + effort < end) {
      runProgram(self, <i64>(end - retired - effort));
    }
  }
  chargeTime(self);
}

/** What the hart has retired since it was last asked is time of this task. */
function chargeTime(self: Task): void {
  self.userNs += <i64>(retired - charged);
  charged = retired;
}

/** Makes the call whose number and arguments are in the registers; for actors. */
export function makeCall(self: Task): void {
  if (!returnToProgram(self)) return;
  beginCall(self);
  returnToProgram(self);
}

function runProgram(self: Task, fuel: i64): void {
  setTimeOffset(offsetNs);
  const stop = run(fuel);
  setRetired(retired);
  if (stop == STOP_ECALL) beginCall(self);
  else if (stop == STOP_FAULT) fault(self);
}

function fault(self: Task): void {
  if (faultSignal != SIGKILL) {
    forceSignal(self, faultSignal, faultCode, faultAddress);
    return;
  }
  killForMemory(self);
  isStarved = true;
}

/** Signals, restarts and retries until the task can go on in its program; false when it sleeps, stopped or died. */
function returnToProgram(self: Task): bool {
  while (self.state == RUNNABLE) {
    const signalsFirst = self.wasStopped;
    self.wasStopped = false;
    if (self.hasCall && !(signalsFirst && hasPendingSignal(self))) {
      self.isRetry = true;
      if (isTracing) traceEvent(TRACE_RESUMED, self, self.call, 0);
      dispatch(self);
    } else if (hasPendingSignal(self)) {
      deliverSignals(self);
    } else {
      restoreSavedMask(self);
      return true;
    }
  }
  return false;
}

/** A template's child works in the kernel; true when it may run its program. */
function runWork(self: Task): bool {
  if (self.work!.run(self)) return true;
  if (self.state == RUNNABLE) {
    self.state = SLEEPING;
    addTimed(self);
  }
  return false;
}

function beginCall(self: Task): void {
  const number = readX(A7);
  self.call = number < <u64>i32.MAX_VALUE ? <i32>number : i32.MAX_VALUE;
  self.isRetry = false;
  chargeTime(self);
  self.progress = 0;
  self.deadline = NO_DEADLINE;
  self.onSignal = RESTART;
  if (isTracing) traceCall(self); // before its cost, which belongs to it
  self.systemNs += CALL_COST_NS;
  advance(CALL_COST_NS);
  dispatch(self);
}

function dispatch(self: Task): void {
  const handler = handlerOf(self.call);
  if (handler == null) {
    unknownCalls++;
    finishCall(self, -ENOSYS);
    return;
  }
  clearOutOfMemory();
  spendCall();
  const outcome = handler(self);
  // A copy to or from the program found no frame: somebody is killed for it, as if the program had touched the page itself.
  if (isOutOfMemory) killForMemory(self);
  if (outcome == BLOCKED) suspend(self);
  else finishCall(self, outcome == -EFAULT && isOutOfMemory ? -ENOMEM : outcome);
}

function finishCall(self: Task, outcome: Outcome): void {
  self.leaveQueues();
  self.endCall();
  removeTimed(self);
  const number = self.call;
  self.call = NO_CALL;
  if (self.isDead) return;
  if (outcome == NO_RESULT) {
    if (isTracing) traceEvent(TRACE_EXIT, self, number, 0);
    return;
  }
  writeX(A0, outcome);
  if (!self.isActor) retireEcall();
  restoreSavedMask(self); // the call found what it waited for: signals that only its mask lets through stay pending
  if (isTracing) traceEvent(TRACE_EXIT, self, number, outcome);
}

/** The handler wants to sleep; a signal that is there already decides otherwise (signal-delivery.ts). */
function suspend(self: Task): void {
  const number = self.call;
  const isInterrupted = self.onSignal == KILLABLE ? hasFatalSignal(self) : hasPendingSignal(self);
  if (isInterrupted) {
    self.leaveQueues();
    removeTimed(self);
    deliverSignals(self); // and traces what becomes of the call
    return;
  }
  self.state = SLEEPING;
  addTimed(self);
  if (isTracing) traceEvent(TRACE_BLOCKED, self, number, 0);
}
