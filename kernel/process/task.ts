// SPDX-License-Identifier: MIT
// A task: one thread of a process, with everything that clone(2) can share or copy. The run queue, sleeping and waking are
// here too (kernel/process/scheduler.ts picks who runs). A task is referenced by its thread group until it is reaped.

import { readX } from "../cpu/registers.ts";
import { REGISTERS_SIZE } from "../cpu/registers.ts";
import { FdTable } from "../file/fd-table.ts";
import { Sleeper } from "../file/wait-queue.ts";
import { Credentials } from "../fs/credentials.ts";
import { FsContext } from "../fs/fs-context.ts";
import { AddressSpace } from "../memory/address-space.ts";
import { allocBytes, freeBytes } from "../memory/heap.ts";
import { Process } from "./process.ts";
import { SignalHandlers } from "./signal-handlers.ts";
import { PendingSignals } from "./pending-signals.ts";
import { makeRunnable } from "./scheduler.ts";

// Task.state
export const RUNNABLE = 0;
export const SLEEPING = 1; // in a system call that returned BLOCKED
export const STOPPED = 2; // job control stop
export const DEAD = 3; // exited; waits to be reaped or released

/** TASK_COMM_LEN: bytes of a task name with its NUL. */
export const NAME_SIZE: usize = 16;
const NO_CALL = -1;

/** Work that a task does in the kernel before its user program goes on (a template's child: actions, then exec). */
export abstract class KernelWork {
  /** Runs until done (true) or asleep (false: the task is on wait queues, or dead). Runs again when woken. */
  abstract run(self: Task): bool;
  /** The task dies before the work is done. */
  abstract abandon(self: Task): void;
}

export class Task extends Sleeper {
  tid: i32 = 0;
  process: Process;
  space: AddressSpace;
  files: FdTable;
  fs: FsContext;
  handlers: SignalHandlers;
  credentials: Credentials;

  state: i32 = RUNNABLE;
  /** Saved registers while another task has the hart (REGISTERS_SIZE bytes). */
  registers: usize = allocBytes(REGISTERS_SIZE);
  /** The system call it is in (it sleeps in it, or it is to be restarted), or -1. */
  call: i32 = NO_CALL;
  /** The call runs again after a sleep: it must not repeat what it did. */
  isRetry: bool = false;
  work: KernelWork | null = null;
  /** An actor: the host makes its system calls, the hart never runs it. */
  isActor: bool = false;

  // Signals (process/signal*.ts)
  blocked: u64 = 0;
  /** The mask to put back when the call ends (rt_sigsuspend, ppoll, pselect6), if hasSavedMask. */
  savedMask: u64 = 0;
  hasSavedMask: bool = false;
  pending: PendingSignals = new PendingSignals();
  altStack: u64 = 0;
  altStackSize: u64 = 0;
  altStackFlags: i32 = 2; // SS_DISABLE

  /** Address that CLONE_CHILD_CLEARTID / set_tid_address clears and wakes at exit, or 0. */
  clearTidAddress: u64 = 0;
  robustList: u64 = 0;
  /** comm: NAME_SIZE bytes. */
  name: usize = allocBytes(NAME_SIZE);

  nextThread: Task | null = null;
  /** Run queue links, owned by the scheduler. */
  nextRunnable: Task | null = null;
  isQueued: bool = false;
  /** Timer list links (deadline), owned by the scheduler. */
  nextTimed: Task | null = null;
  isTimed: bool = false;

  /** Takes over one reference to each of its parts. */
  constructor(process: Process, space: AddressSpace, files: FdTable, fs: FsContext, handlers: SignalHandlers, credentials: Credentials) {
    super();
    this.process = process;
    this.space = space;
    this.files = files;
    this.fs = fs;
    this.handlers = handlers;
    this.credentials = credentials;
  }

  /** Argument `index` (0..5) of the system call it makes; the task has the hart. */
  arg(index: i32): u64 {
    return readX(10 + index);
  }

  /** Argument as a C int. */
  argInt(index: i32): i32 {
    return <i32>readX(10 + index);
  }

  wake(): void {
    if (this.state != SLEEPING) return;
    this.leaveQueues();
    this.state = RUNNABLE;
    makeRunnable(this);
  }

  destroy(): void {
    this.leaveQueues();
    freeBytes(this.registers);
    freeBytes(this.name);
  }
}
