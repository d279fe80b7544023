// SPDX-License-Identifier: MIT
// A timer of timer_create(2). When it fires it puts its own queue entry into the target's pending signals, and rests; what passes
// until the signal is taken is its overrun (timer_getoverrun(2)). So a timer whose signal nobody takes costs nothing.

import { SI_TIMER } from "../abi/signal.ts";
import { Timer, TimerQueue } from "../file/timer.ts";
import { free } from "../memory/heap.ts";
import { queueOfClock, queueTime } from "./clock-id.ts";
import { PendingSignals } from "./pending-signals.ts";
import { findTask } from "./pid.ts";
import { Process } from "./process.ts";
import { SignalInfo } from "./signal-info.ts";
import { signalProcess, signalTask } from "./signal.ts";

export class PosixTimer extends Timer {
  nextTimer: PosixTimer | null = null;
  /** Overruns of the last signal that was taken. */
  lastOverrun: i32 = 0;
  /** Expirations since the last signal that was taken, but for the one that it stands for. */
  private overrun: i64 = -1;
  /** What it sends; null: SIGEV_NONE. Owned; linked into `pendingIn` while it waits to be taken. */
  private info: SignalInfo | null = null;
  private pendingIn: PendingSignals | null = null;

  /** `process` owns it. `clock` names its process or thread by number; `targetTid`: SIGEV_THREAD_ID, or 0 for the process. */
  constructor(
    private process: Process,
    readonly id: i32,
    readonly clock: i32,
    private targetTid: i32,
  ) {
    super();
  }

  /** What it sends: this signal with this value. */
  sends(signo: i32, value: u64): void {
    const info = new SignalInfo();
    info.signo = signo;
    info.code = SI_TIMER;
    info.pid = this.id; // si_timerid
    info.value = value;
    info.timer = this;
    this.info = info;
  }

  /** Starts it anew, due at `dueNs` of its clock; a signal that was not taken yet is taken back. `queue`: its clock's, see queueOfClock(). */
  start(queue: TimerQueue, dueNs: i64, intervalNs: i64): void {
    this.stop();
    this.intervalNs = intervalNs;
    if (this.info != null) this.arm(queue, dueNs);
    else this.dueNs = dueNs;
  }

  stop(): void {
    this.disarm();
    this.withdraw();
    this.dueNs = 0;
    this.intervalNs = 0;
    this.overrun = -1;
    this.lastOverrun = 0;
  }

  /** Time to go in ns; 0: it is stopped. */
  restAt(nowNs: i64): i64 {
    const isQuiet = this.info == null;
    if (this.intervalNs == 0 && !this.isArmed && !isQuiet) return 0;
    if (!this.isArmed) this.overrun += this.forward(nowNs);
    const rest = this.dueNs - nowNs;
    return rest > 0 ? rest : isQuiet ? 0 : 1;
  }

  fire(nowNs: i64): void {
    const info = this.info!;
    if (this.targetTid == 0) {
      signalProcess(this.process, info);
    } else {
      const target = findTask(this.targetTid);
      if (target != null && target.process == this.process) signalTask(target, info);
    }
    if (this.pendingIn == null) this.goOn(); // ignored, or nobody is there
  }

  /** Its entry was put into a queue. */
  wasQueued(pending: PendingSignals): void {
    this.pendingIn = pending;
  }

  /** Its entry left the queue, to be delivered as `delivered`, or because the signal is ignored now (null). */
  wasTaken(delivered: SignalInfo | null): void {
    this.pendingIn = null;
    this.goOn();
    if (delivered == null) return;
    this.lastOverrun = <i32>min<i64>(max<i64>(this.overrun, 0), i32.MAX_VALUE);
    this.overrun = -1;
    delivered.uid = <u32>this.lastOverrun; // si_overrun
  }

  destroy(): void {
    this.disarm();
    this.withdraw();
    const info = this.info;
    if (info != null) free(info);
  }

  /** The next period. */
  private goOn(): void {
    const queue = this.intervalNs > 0 ? queueOfClock(this.clock) : null;
    if (queue == null) return;
    this.overrun += this.forward(queueTime(this.clock));
    this.arm(queue, this.dueNs);
  }

  private withdraw(): void {
    const pending = this.pendingIn;
    this.pendingIn = null;
    if (pending != null) pending.withdraw(this.info!);
  }
}
