// SPDX-License-Identifier: MIT
// Trace events of system calls (abi/boundary.ts, TRACE_*). The host decodes arguments; here they are only put into the buffer.

import { TRACE_ENTER } from "./abi/boundary.ts";
import { readX } from "./cpu/registers.ts";
import { trace } from "./host.ts";
import { BUFFER } from "./lib/tracing.ts";
import { Task } from "./process/task.ts";

const A0 = 10;
const ARGUMENTS = 6;

/** A system call begins: its number, with its arguments at the start of the buffer. */
export function traceCall(self: Task): void {
  for (let i = 0; i < ARGUMENTS; i++) store<u64>(BUFFER + (<usize>i << 3), readX(A0 + i));
  trace(TRACE_ENTER, self.tid, self.call, 0);
}

export function traceEvent(event: i32, self: Task, number: i32, value: i64): void {
  trace(event, self.tid, number, value);
}
