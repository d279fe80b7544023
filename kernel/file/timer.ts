// SPDX-License-Identifier: MIT
// Timers that are armed on a clock, sorted by when they are due. Every clock that can end something has a queue: virtual time
// (below), the CPU time of a process, of a thread. Whoever lets a clock advance asks its queue to fire what is due.

import { spendSteps } from "../lib/effort.ts";
import { RefCounted } from "../memory/ref-counted.ts";
import { NO_DEADLINE } from "./wait-queue.ts";

/** One timer, armed or not. Its owner calls disarm() before it frees it. */
export abstract class Timer extends RefCounted {
  /** When it is or was due, in ns of its clock. */
  dueNs: i64 = 0;
  /** Its period in ns; 0: it fires once. */
  intervalNs: i64 = 0;
  next: Timer | null = null;
  private queue: TimerQueue | null = null;

  /** Its time has come; it is no longer armed. */
  abstract fire(nowNs: i64): void;

  get isArmed(): bool {
    return this.queue != null;
  }

  arm(queue: TimerQueue, dueNs: i64): void {
    this.disarm();
    this.dueNs = dueNs;
    this.queue = queue;
    queue.insert(this);
  }

  disarm(): void {
    const queue = this.queue;
    if (queue != null) queue.remove(this);
    this.queue = null;
  }

  /** Moves the due time of one with a period beyond `nowNs`; by how many periods. */
  forward(nowNs: i64): i64 {
    if (this.intervalNs == 0 || nowNs < this.dueNs) return 0;
    const periods = (nowNs - this.dueNs) / this.intervalNs + 1;
    const left = i64.MAX_VALUE - this.dueNs;
    this.dueNs = periods > left / this.intervalNs ? i64.MAX_VALUE - 1 : this.dueNs + periods * this.intervalNs;
    return periods;
  }
}

export class TimerQueue extends RefCounted {
  private first: Timer | null = null;

  /** When the next timer is due, or NO_DEADLINE. */
  get nextDue(): i64 {
    const first = this.first;
    return first == null ? NO_DEADLINE : first.dueNs;
  }

  /** Fires every timer that is due at `nowNs`. */
  fire(nowNs: i64): void {
    let timer = this.first;
    while (timer != null && timer.dueNs <= nowNs) {
      timer.disarm();
      timer.fire(nowNs);
      timer = this.first;
    }
  }

  /** For Timer.arm(): after those that are due at the same time. */
  insert(timer: Timer): void {
    let previous: Timer | null = null;
    let at = this.first;
    let steps: usize = 0;
    while (at != null && at.dueNs <= timer.dueNs) {
      previous = at;
      at = at.next;
      steps++;
    }
    spendSteps(steps);
    timer.next = at;
    if (previous == null) this.first = timer;
    else previous.next = timer;
  }

  /** For Timer.disarm(). */
  remove(timer: Timer): void {
    let at = this.first;
    if (at == timer) this.first = timer.next;
    while (at != null && at.next != timer) at = at.next;
    if (at != null) at.next = timer.next;
    timer.next = null;
  }

  /** Its clock is no more: nothing on it will ever be due. */
  destroy(): void {
    let timer = this.first;
    while (timer != null) {
      timer.disarm();
      timer = this.first;
    }
  }
}

/** What is armed on virtual time. */
export const realTimers = new TimerQueue();
