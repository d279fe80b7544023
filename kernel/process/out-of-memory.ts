// SPDX-License-Identifier: MIT
// The out-of-memory kill: the process with the most resident memory goes (Linux's badness without adjustments), so that the
// one that asked can go on, unless it is the one.

import { TRACE_OUT_OF_MEMORY } from "../abi/boundary.ts";
import { SIGKILL } from "../abi/signal.ts";
import { trace } from "../host.ts";
import { isTracing } from "../lib/tracing.ts";
import { nextProcess } from "./pid.ts";
import { Process } from "./process.ts";
import { signalProcess } from "./signal.ts";
import { draftKernel } from "./signal-info.ts";
import { Task } from "./task.ts";

/** Kills on behalf of a task that found no frame. */
export function killForMemory(self: Task): void {
  let victim = self.process;
  let most: u64 = 0;
  let candidate = nextProcess(0);
  while (candidate != null) {
    const resident = residentPages(candidate);
    // One that is dying already will free its memory soon.
    if (resident > most && !candidate.isDying) {
      victim = candidate;
      most = resident;
    }
    candidate = nextProcess(candidate.pid);
  }
  if (isTracing) trace(TRACE_OUT_OF_MEMORY, victim.pid, 0, most);
  signalProcess(victim, draftKernel(SIGKILL));
}

function residentPages(process: Process): u64 {
  const thread = process.firstThread;
  return thread == null || thread.isDead ? 0 : thread.space.residentPages;
}
