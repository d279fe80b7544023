// SPDX-License-Identifier: MIT
// Trace events for the host (abi/boundary.ts, TRACE_*). The host decodes arguments; here they are only put into the buffer.

import { BUFFER_SIZE, TRACE_ENTER } from "./abi/boundary.ts";
import { readX } from "./cpu/registers.ts";
import { trace } from "./host.ts";
import { Task } from "./process/task.ts";

/** The transfer buffer of the boundary. */
export const BUFFER: usize = memory.data(65536, 16);

/** Whether the host asked for events at boot. */
export let isTracing: bool = false;

export function setTracing(on: bool): void {
  isTracing = on;
}

/** A system call begins: its number, with its arguments at the start of the buffer. */
export function traceCall(self: Task): void {
  for (let i = 0; i < 6; i++) store<u64>(BUFFER + (<usize>i << 3), readX(10 + i));
  trace(TRACE_ENTER, self.tid, self.call, 0);
}

export function traceEvent(event: i32, self: Task, number: i32, value: i64): void {
  trace(event, self.tid, number, value);
}

/** An event with `length` bytes of detail, copied to the start of the buffer. */
export function traceDetail(event: i32, self: Task, number: i32, value: i64, detail: usize, length: usize): void {
  memory.copy(BUFFER, detail, min<usize>(length, BUFFER_SIZE));
  trace(event, self.tid, number, value);
}
