// SPDX-License-Identifier: MIT
// The host's view of a task's memory, for traces and actors. A page that is not there ends the copy; it never faults anybody.

import { peekMemory } from "../memory/peek.ts";
import { copyOut } from "../memory/user.ts";
import { findTask } from "./pid.ts";

/** Copies from the task's memory to `to`; how many bytes. */
export function peekTask(tid: i32, address: u64, to: usize, length: usize): i32 {
  const task = findTask(tid);
  if (task == null || task.isDead) return 0;
  return <i32>peekMemory(task.space, to, address, min<usize>(length, 65536));
}

/** Copies into the task's memory; how many bytes. */
export function pokeTask(tid: i32, address: u64, from: usize, length: usize): i32 {
  const task = findTask(tid);
  if (task == null || task.isDead) return 0;
  return <i32>copyOut(task.space, address, from, min<usize>(length, 65536));
}
