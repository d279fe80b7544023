// SPDX-License-Identifier: MIT
// ITIMER_REAL of a process (setitimer(2), alarm(2)): SIGALRM when virtual time reaches it, again and again if it has an
// interval. The armed ones form a list sorted by time; the scheduler asks for the next one and fires those that are due.

import { SIGALRM } from "../abi/signal.ts";
import { NO_DEADLINE } from "../file/wait-queue.ts";
import { free } from "../memory/heap.ts";
import { Process } from "./process.ts";
import { draftKernel } from "./signal-info.ts";
import { signalProcess } from "./signal.ts";

let first: IntervalTimer | null = null;

export class IntervalTimer {
  /** Absolute virtual time in ns. */
  dueNs: i64 = NO_DEADLINE;
  intervalNs: i64 = 0;
  private next: IntervalTimer | null = null;

  /** `process` owns the timer. */
  constructor(private process: Process) {}

  get isArmed(): bool {
    return this.dueNs != NO_DEADLINE;
  }

  arm(dueNs: i64, intervalNs: i64): void {
    this.disarm();
    this.dueNs = dueNs;
    this.intervalNs = intervalNs;
    let previous: IntervalTimer | null = null;
    let at = first;
    while (at != null && at.dueNs <= dueNs) {
      previous = at;
      at = at.next;
    }
    this.next = at;
    if (previous == null) first = this;
    else previous.next = this;
  }

  disarm(): void {
    if (!this.isArmed) return;
    this.dueNs = NO_DEADLINE;
    if (first == this) {
      first = this.next;
      return;
    }
    let at = first;
    while (at != null && at.next != this) at = at.next;
    if (at != null) at.next = this.next;
  }

  /** Sends the signal and arms the next period; periods that passed meanwhile are one signal. */
  fire(nowNs: i64): void {
    const due = this.dueNs;
    const interval = this.intervalNs;
    this.disarm();
    if (interval > 0) this.arm(due + ((nowNs - due) / interval + 1) * interval, interval);
    signalProcess(this.process, draftKernel(SIGALRM));
  }

  close(): void {
    this.disarm();
    free(this);
  }
}

/** When the next timer is due, or NO_DEADLINE. */
export function nextTimerDue(): i64 {
  return first == null ? NO_DEADLINE : first!.dueNs;
}

/** Fires every timer that is due. */
export function fireTimers(nowNs: i64): void {
  while (first != null && first!.dueNs <= nowNs) first!.fire(nowNs);
}
