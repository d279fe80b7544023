// SPDX-License-Identifier: MIT
// Sleeping and waking. Whoever must wait adds itself to the queues of what it waits for and returns BLOCKED; a wake makes
// it runnable and takes it off all its queues, and its system call runs again from the start (block-by-retry).

import { free } from "../memory/heap.ts";
import { RefCounted } from "../memory/ref-counted.ts";

/** sleeper.deadline when the call has no timeout, or has not set it yet. */
export const NO_DEADLINE: i64 = i64.MAX_VALUE;

// What a signal with a handler makes of a blocked call that has no progress to report (signal(7), "Interruption").
export const RESTART = 0; // again if SA_RESTART, else EINTR        (Linux's ERESTARTSYS)
export const RESTART_NO_HANDLER = 1; // EINTR if a handler runs, else again   (ERESTARTNOHAND)
export const INTERRUPT = 2; // EINTR after any handler or stop       (plain EINTR)
export const KILLABLE = 3; // only a fatal signal ends it           (TASK_KILLABLE)

/** Something that can sleep: a task. */
export abstract class Sleeper extends RefCounted {
  /** Queues this sleeper is on, newest first. */
  waits: WaitNode | null = null;
  /** Absolute virtual time at which it wakes by itself, in ns. */
  deadline: i64 = NO_DEADLINE;
  /** Bytes (or items) that the current call has done before it slept; zero when a call starts. */
  progress: i64 = 0;
  /** How a signal ends the current sleep: RESTART, RESTART_NO_HANDLER, INTERRUPT, KILLABLE. Reset to RESTART per call. */
  onSignal: i32 = RESTART;

  /** Makes it runnable, off all queues. Does nothing to one that does not sleep. */
  abstract wake(): void;

  /** Sets the deadline `timeoutNs` from `now`, the first time in this call only; true when it has passed. */
  timedOut(now: i64, timeoutNs: i64): bool {
    if (this.deadline == NO_DEADLINE) this.deadline = timeoutNs > i64.MAX_VALUE - 1 - now ? i64.MAX_VALUE - 1 : now + timeoutNs;
    return now >= this.deadline;
  }

  /** Takes the sleeper off every queue. */
  leaveQueues(): void {
    let node = this.waits;
    this.waits = null;
    while (node != null) {
      const next = node.nextOfSleeper;
      node.queue.remove(node);
      free(node);
      node = next;
    }
  }
}

class WaitNode {
  next: WaitNode | null = null;
  previous: WaitNode | null = null;
  constructor(
    public sleeper: Sleeper,
    public queue: WaitQueue,
    public nextOfSleeper: WaitNode | null,
  ) {}
}

/** First come, first woken. Owned by the object it belongs to, which calls close() before it frees it. */
export class WaitQueue {
  private first: WaitNode | null = null;
  private last: WaitNode | null = null;

  /** Puts a sleeper at the end; it stays until it is woken. */
  add(sleeper: Sleeper): void {
    const node = new WaitNode(sleeper, this, sleeper.waits);
    sleeper.waits = node;
    const last = this.last;
    node.previous = last;
    if (last != null) last.next = node;
    else this.first = node;
    this.last = node;
  }

  /** Wakes everybody, in the order they came. Those who still cannot go on will queue again. */
  wake(): void {
    let node = this.first;
    while (node != null) {
      node.sleeper.wake();
      node = this.first;
    }
  }

  get isEmpty(): bool {
    return this.first == null;
  }

  /** Wakes everybody and frees the queue. */
  close(): void {
    this.wake();
    free(this);
  }

  remove(node: WaitNode): void {
    const next = node.next;
    const previous = node.previous;
    if (previous != null) previous.next = next;
    else this.first = next;
    if (next != null) next.previous = previous;
    else this.last = previous;
  }
}
