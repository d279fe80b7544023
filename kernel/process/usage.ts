// SPDX-License-Identifier: MIT
// struct rusage (getrusage(2)) and the times of processes. Of the counters Linux keeps, only the times exist here; the others
// are zero, as getrusage(2) lets them be.

import { AddressSpace } from "../memory/address-space.ts";
import { copyOut } from "../memory/user.ts";
import { Process } from "./process.ts";

const RUSAGE_SIZE: usize = 144;
const rusage = memory.data(144, 8);

/** Writes a struct rusage with these times; false at a fault. */
export function writeUsage(space: AddressSpace, address: u64, userNs: i64, systemNs: i64): bool {
  memory.fill(rusage, 0, RUSAGE_SIZE);
  store<i64>(rusage, userNs / 1_000_000_000);
  store<i64>(rusage, (userNs / 1_000) % 1_000_000, 8);
  store<i64>(rusage, systemNs / 1_000_000_000, 16);
  store<i64>(rusage, (systemNs / 1_000) % 1_000_000, 24);
  return copyOut(space, address, rusage, RUSAGE_SIZE) == RUSAGE_SIZE;
}

/** Time that the process spent in its program so far, dead threads included. */
export function userTimeOf(process: Process): i64 {
  let ns = process.userNs;
  let thread = process.firstThread;
  while (thread != null) {
    ns += thread.userNs;
    thread = thread.nextThread;
  }
  return ns;
}

/** All CPU time of the process so far. */
export function cpuTimeOf(process: Process): i64 {
  return userTimeOf(process) + systemTimeOf(process);
}

/** Time that the process spent in system calls so far, dead threads included. */
export function systemTimeOf(process: Process): i64 {
  let ns = process.systemNs;
  let thread = process.firstThread;
  while (thread != null) {
    ns += thread.systemNs;
    thread = thread.nextThread;
  }
  return ns;
}
