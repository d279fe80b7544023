// SPDX-License-Identifier: MIT
// Numbers of threads, processes, process groups and sessions. One Pid stands for one number as long as anything uses it, so a
// number is not given out again while its group or session lives on without the process that founded it (setsid(2), NOTES).
//
//   Pid 7 --task----> the thread with tid 7           (borrowed; null once that thread is gone)
//         --process-> the process with pid 7          (borrowed; null once it is reaped)
//         --members-> first process of group 7        (linked through Process.nextMember)

import { spendSteps } from "../lib/effort.ts";
import { FIRST_REUSED_PID, PID_MAX } from "../lib/limits.ts";
import { RefCounted } from "../memory/ref-counted.ts";
import { Process } from "./process.ts";
import { Task } from "./task.ts";

/** The Pid of each number that is in use (borrowed). */
const pids = new StaticArray<Pid | null>(PID_MAX);
let lastPid: i32 = 0;
/** The highest number that was ever in use: nobody needs to look further. */
let highest: i32 = 0;

export class Pid extends RefCounted {
  task: Task | null = null;
  process: Process | null = null;
  members: Process | null = null;

  constructor(readonly number: i32) {
    super();
    pids[number] = this;
    highest = max(highest, number);
  }

  destroy(): void {
    pids[this.number] = null;
  }
}

/** The number's Pid (borrowed), or null when nothing uses it. */
export function findPid(number: i32): Pid | null {
  return number > 0 && number < PID_MAX ? pids[number] : null;
}

/** A Pid with the next free number and one reference, or null when all numbers are taken. */
export function allocatePid(): Pid | null {
  let number = lastPid;
  for (let tries = 0; tries < PID_MAX; tries++) {
    number = number + 1 < PID_MAX ? number + 1 : FIRST_REUSED_PID;
    if (findPid(number) == null) {
      lastPid = number;
      return new Pid(number);
    }
  }
  return null;
}

/** The thread with this id (borrowed), or null; a zombie leader counts. */
export function findTask(tid: i32): Task | null {
  const pid = findPid(tid);
  return pid == null ? null : pid.task;
}

/** The process with this id (borrowed), or null; a zombie counts. */
export function findProcess(id: i32): Process | null {
  const pid = findPid(id);
  return pid == null ? null : pid.process;
}

/** The process with the lowest id above `after` (borrowed), or null: how to visit all processes. */
export function nextProcess(after: i32): Process | null {
  let number = after + 1;
  while (number <= highest && findProcess(number) == null) number++;
  spendSteps(<usize>max(number - after, 1));
  return number <= highest ? findProcess(number) : null;
}

/** The id that was given out last (/proc/loadavg). */
export function newestPid(): i32 {
  return lastPid;
}
