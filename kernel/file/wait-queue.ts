// SPDX-License-Identifier: MIT
// Sleeping and waking. Whoever must wait adds itself to the queues of what it waits for and returns BLOCKED; a wake makes
// it runnable and takes it off all its queues, and its system call runs again from the start (block-by-retry).

import { free } from "../memory/heap.ts";
import { RefCounted } from "../memory/ref-counted.ts";
import { File } from "./file.ts";

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
  /**
   * The file its blocked call works on (owned): the call goes on with that file even when the descriptor is closed or replaced
   * meanwhile. Set by sleepIn(), dropped by endCall().
   */
  sleepsIn: File | null = null;
  /** The call wrote to a pipe or stream that nobody reads any more: who made the call raises SIGPIPE. */
  brokenPipe: bool = false;
  /** While it waits for a record lock: for whom it wants it, and who has it (lock-table.ts). */
  lockOwner: usize = 0;
  lockHolder: usize = 0;
  /** The node for the queue of an ordinary blocking call, so that sleeping needs no memory. */
  private ownNode: WaitNode | null = new WaitNode();

  /** Makes it runnable, off all queues. Does nothing to one that does not sleep. */
  abstract wake(): void;

  /** Who it is to the other end of a socket: struct ucred (pid, uid, gid: 12 bytes) at `out`. */
  identify(out: usize): void {
    memory.fill(out, 0, 12);
  }

  /** Sets the deadline `timeoutNs` from `now`, the first time in this call only; true when it has passed. */
  timedOut(now: i64, timeoutNs: i64): bool {
    if (this.deadline == NO_DEADLINE) this.deadline = timeoutNs > i64.MAX_VALUE - 1 - now ? i64.MAX_VALUE - 1 : now + timeoutNs;
    return now >= this.deadline;
  }

  /** The call that returns BLOCKED works on `file`; keeps it until the call has ended. */
  sleepIn(file: File): void {
    if (this.sleepsIn == file) return;
    file.retain();
    this.endCall();
    this.sleepsIn = file;
  }

  /** The call has returned, was interrupted, or the task died in it. */
  endCall(): void {
    const file = this.sleepsIn;
    this.sleepsIn = null;
    if (file != null) file.release();
  }

  /** Takes the sleeper off every queue. */
  leaveQueues(): void {
    let node = this.waits;
    this.waits = null;
    while (node != null) {
      const next = node.nextOfSleeper;
      node.queue!.remove(node);
      node.clear();
      if (this.ownNode == null) this.ownNode = node;
      else free(node);
      node = next;
    }
  }

  /** A node to queue with; beyond the first one of a call it takes memory that the caller has asked for with admit(). */
  takeNode(): WaitNode {
    const own = this.ownNode;
    this.ownNode = null;
    return own != null ? own : new WaitNode();
  }

  /** Subclasses that override it call super.destroy(). */
  destroy(): void {
    this.leaveQueues();
    this.endCall();
    const own = this.ownNode;
    if (own != null) free(own);
  }
}

/** One sleeper on one queue. */
export class WaitNode {
  sleeper: Sleeper | null = null;
  queue: WaitQueue | null = null;
  next: WaitNode | null = null;
  previous: WaitNode | null = null;
  nextOfSleeper: WaitNode | null = null;

  /** It is on no queue, and refers to nothing. */
  clear(): void {
    this.sleeper = null;
    this.queue = null;
    this.next = null;
    this.previous = null;
    this.nextOfSleeper = null;
  }
}

/** First come, first woken. Owned by the object it belongs to, which calls close() before it frees it. */
export class WaitQueue {
  /** Who waits, for those who look and do not change. */
  first: WaitNode | null = null;
  private last: WaitNode | null = null;

  /** Puts a sleeper at the end; it stays until it is woken. A call that queues more than once asks admit() first. */
  add(sleeper: Sleeper): void {
    const node = sleeper.takeNode();
    node.sleeper = sleeper;
    node.queue = this;
    node.next = null;
    node.nextOfSleeper = sleeper.waits;
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
      const sleeper = node.sleeper!;
      sleeper.leaveQueues(); // one that was stopped in its sleep does not wake now, but looks again when it goes on
      sleeper.wake();
      node = this.first;
    }
  }

  /** The first node, for an owner that wakes some and not others (futex(2)). */
  get head(): WaitNode | null {
    return this.first;
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
