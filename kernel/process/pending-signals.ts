// SPDX-License-Identifier: MIT
// Signals that wait for delivery to a thread or to a process: a set, and a queue of what was sent with them. Real-time signals
// queue in order, each time they are sent; others are pending once (signal(7), "Queueing and delivery semantics").

import { admit, free } from "../memory/heap.ts";
import { SignalInfo } from "./signal-info.ts";

/** SIGRTMIN as the kernel counts it. */
export const FIRST_REALTIME = 32;

// @ts-ignore: decorator
@inline
export function signalBit(signo: i32): u64 {
  return <u64>1 << <u64>(signo - 1);
}

export class PendingSignals {
  set: u64 = 0;
  /** Entries of the queue. */
  count: i32 = 0;
  private first: SignalInfo | null = null;
  private last: SignalInfo | null = null;

  /** The head of the queue (borrowed). */
  get oldest(): SignalInfo | null {
    return this.first;
  }

  has(signo: i32): bool {
    return (this.set & signalBit(signo)) != 0;
  }

  /** Adds a copy of the siginfo; false when there is no memory (nothing was added). */
  queue(info: SignalInfo): bool {
    if (!admit()) return false;
    const entry = new SignalInfo();
    entry.copyFrom(info);
    this.append(entry);
    return true;
  }

  /** Adds a timer's own entry, which the queue borrows until it is taken: it always finds room. */
  queueTimer(entry: SignalInfo): void {
    this.append(entry);
    entry.timer!.wasQueued(this);
  }

  /** The timer takes its entry back. */
  withdraw(entry: SignalInfo): void {
    let previous: SignalInfo | null = null;
    let at = this.first;
    let others = 0;
    while (at != null) {
      if (at != entry && at.signo == entry.signo) others++;
      if (at.next == entry) previous = at;
      at = at.next;
    }
    this.unlink(entry, previous);
    if (others == 0) this.set &= ~signalBit(entry.signo);
  }

  private append(entry: SignalInfo): void {
    const last = this.last;
    if (last != null) last.next = entry;
    else this.first = entry;
    this.last = entry;
    this.count++;
    this.set |= signalBit(entry.signo);
  }

  /** Makes it pending without a siginfo, where queueing is impossible but losing the signal is not allowed. */
  add(signo: i32): void {
    this.set |= signalBit(signo);
  }

  /** Takes the oldest entry of a pending signal into `to`; what was pending without siginfo says SI_USER from nobody. */
  take(signo: i32, to: SignalInfo): void {
    to.clear();
    to.signo = signo;
    let isTaken = false;
    let isMore = false;
    let previous: SignalInfo | null = null;
    let entry = this.first;
    while (entry != null) {
      const next = entry.next;
      if (entry.signo != signo) {
        previous = entry;
      } else if (!isTaken) {
        to.copyFrom(entry);
        this.remove(entry, previous, to);
        isTaken = true;
      } else {
        isMore = true;
        break;
      }
      entry = next;
    }
    if (!isMore) this.set &= ~signalBit(signo);
  }

  /** Forgets every pending signal of the set. */
  discard(signals: u64): void {
    if ((this.set & signals) == 0) return;
    this.set &= ~signals;
    let previous: SignalInfo | null = null;
    let entry = this.first;
    while (entry != null) {
      const next = entry.next;
      if ((signalBit(entry.signo) & signals) != 0) this.remove(entry, previous, null);
      else previous = entry;
      entry = next;
    }
  }

  /** The owner dies. */
  close(): void {
    this.discard(u64.MAX_VALUE);
    free(this);
  }

  /** `to`: what is delivered; null: nothing is. */
  private remove(entry: SignalInfo, previous: SignalInfo | null, to: SignalInfo | null): void {
    this.unlink(entry, previous);
    const timer = entry.timer;
    if (timer != null) timer.wasTaken(to);
    else free(entry);
  }

  private unlink(entry: SignalInfo, previous: SignalInfo | null): void {
    if (previous != null) previous.next = entry.next;
    else this.first = entry.next;
    if (this.last == entry) this.last = previous;
    entry.next = null;
    this.count--;
  }
}
