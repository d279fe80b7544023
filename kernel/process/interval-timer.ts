// SPDX-License-Identifier: MIT
// The three interval timers of a process (setitimer(2)): SIGALRM by virtual time, SIGVTALRM by the time in its program, SIGPROF by its
// whole CPU time.

import { SIGALRM, SIGPROF, SIGVTALRM } from "../abi/signal.ts";
import { ITIMER_PROF, ITIMER_REAL, ITIMER_VIRTUAL } from "../abi/time.ts";
import { realTimers, Timer, TimerQueue } from "../file/timer.ts";
import { now } from "../lib/clock.ts";
import { Process } from "./process.ts";
import { ProcessTimers } from "./process-timers.ts";
import { draftKernel } from "./signal-info.ts";
import { signalProcess } from "./signal.ts";
import { cpuTimeOf, userTimeOf } from "./usage.ts";

/** One microsecond: what an armed timer has left at least. */
const LEAST_REST_NS: i64 = 1000;

export class IntervalTimer extends Timer {
  /** `process` owns it; `which` is ITIMER_*. */
  constructor(
    private process: Process,
    private which: i32,
  ) {
    super();
  }

  /** Periods that passed meanwhile are one signal. */
  fire(nowNs: i64): void {
    if (this.forward(nowNs) > 0) this.arm(this.queueIn(this.process.timers!), this.dueNs);
    signalProcess(this.process, draftKernel(this.which == ITIMER_REAL ? SIGALRM : this.which == ITIMER_VIRTUAL ? SIGVTALRM : SIGPROF));
  }

  /** Starts it (restNs > 0) or stops it. A stopped ITIMER_REAL forgets its period, the others keep it, as in Linux. */
  set(restNs: i64, intervalNs: i64): void {
    this.disarm();
    this.intervalNs = restNs > 0 || this.which != ITIMER_REAL ? intervalNs : 0;
    if (restNs > 0) this.arm(this.queueIn(this.process.timers!), this.time() + restNs);
  }

  /** Time to go in ns; 0: it is stopped. */
  get restNs(): i64 {
    return this.isArmed ? max(this.dueNs - this.time(), LEAST_REST_NS) : 0;
  }

  destroy(): void {
    this.disarm();
  }

  private queueIn(timers: ProcessTimers): TimerQueue {
    return this.which == ITIMER_REAL ? realTimers : this.which == ITIMER_PROF ? timers.cpuQueue : timers.userQueue;
  }

  private time(): i64 {
    return this.which == ITIMER_REAL ? now() : this.which == ITIMER_PROF ? cpuTimeOf(this.process) : userTimeOf(this.process);
  }
}
