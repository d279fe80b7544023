// SPDX-License-Identifier: MIT
// A task: one thread of a process, with everything that clone(2) can share or copy. Who runs is the scheduler's business, how
// one dies exit.ts's. Its process owns the first reference: until it dies, or as the group's leader until the process is reaped.

import { SS_DISABLE } from "../abi/signal.ts";
import { readX, REGISTERS_SIZE } from "../cpu/registers.ts";
import { FdTable } from "../file/fd-table.ts";
import { TimerQueue } from "../file/timer.ts";
import { Sleeper } from "../file/wait-queue.ts";
import { Credentials } from "../fs/credentials.ts";
import { FsContext } from "../fs/fs-context.ts";
import { now } from "../lib/clock.ts";
import { AddressSpace } from "../memory/address-space.ts";
import { allocBytes, freeBytes } from "../memory/heap.ts";
import { Pid } from "./pid.ts";
import { Process } from "./process.ts";
import { SignalHandlers } from "./signal-handlers.ts";
import { PendingSignals } from "./pending-signals.ts";
import { makeRunnable } from "./scheduler.ts";

// Task.state
export const RUNNABLE = 0;
export const SLEEPING = 1; // in a system call that returned BLOCKED
export const STOPPED = 2; // job control stop
export const DEAD = 3; // its parts are gone (space, files, fs, handlers are null); waits to be reaped or released

/** TASK_COMM_LEN: bytes of a task name with its NUL. */
export const NAME_SIZE: usize = 16;
/** Task.call of a task that is not in a system call. */
export const NO_CALL = -1;
/** PR_GET_TIMERSLACK's usual answer. */
export const DEFAULT_SLACK_NS: u64 = 50_000;

let tasks: i32 = 0;

/** Tasks that exist now, dead ones that wait to be reaped included. */
export function taskCount(): i32 {
  return tasks;
}

/** Work that a task does in the kernel before its user program goes on (a template's child: actions, then exec). */
export abstract class KernelWork {
  /** Runs until done (true) or asleep (false: the task is on wait queues, or dead). Runs again when woken. */
  abstract run(self: Task): bool;
  /** The task dies before the work is done. */
  abstract abandon(self: Task): void;
}

export class Task extends Sleeper {
  tid: i32;
  /** Owned. */
  id: Pid;
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
  /** Has been stopped inside a call: what is pending when it is continued comes before the call is made again. */
  wasStopped: bool = false;
  /** Owned: the task frees it when done, or abandons it. */
  work: KernelWork | null = null;
  /** An actor: the host makes its system calls, the hart never runs it. */
  isActor: bool = false;
  /** Handlers that would have run in an actor, bit signo - 1, until the host asks. */
  actorSignals: u64 = 0;

  // Signals (process/signal*.ts)
  blocked: u64 = 0;
  /** The mask to put back when the call ends (rt_sigsuspend, ppoll, pselect6), if hasSavedMask. */
  savedMask: u64 = 0;
  hasSavedMask: bool = false;
  pending: PendingSignals = new PendingSignals();
  /** Signals that rt_sigtimedwait(2) waits for: they wake it although they are blocked. */
  awaited: u64 = 0;
  altStack: u64 = 0;
  altStackSize: u64 = 0;
  altStackFlags: u32 = SS_DISABLE;

  /** A vfork child that uses this task's memory, and how to find back; both borrowed, cut by whoever ends first. */
  vforkChild: Task | null = null;
  vforkParent: Task | null = null;
  /** The result of the clone or spawn call that sleeps until its vfork child lets go; 0: none does. */
  vforkPid: i32 = 0;

  /** Address that CLONE_CHILD_CLEARTID / set_tid_address clears and wakes at exit, or 0. */
  clearTidAddress: u64 = 0;
  robustList: u64 = 0;
  /** The futex it waits for (futex.ts). */
  futexSpace: usize = 0;
  futexAddress: u64 = 0;
  futexBits: u32 = 0;
  wasFutexWoken: bool = false;

  /** comm: NAME_SIZE bytes. */
  name: usize = allocBytes(NAME_SIZE);
  /** -20 (favoured) to 19. */
  nice: i32 = 0;
  noNewPrivileges: bool = false;
  /** PR_SET_PDEATHSIG. */
  parentDeathSignal: i32 = 0;
  timerSlackNs: u64 = DEFAULT_SLACK_NS;
  personality: u32 = 0;
  startedAtNs: i64 = now();
  /** Timers on its own CPU time; owned, made when first needed. */
  cpuTimers: TimerQueue | null = null;
  /** When its sleep on a CPU time clock ends, in ns of that clock (clock_nanosleep(2)). */
  cpuDeadlineNs: i64 = 0;
  /** Time in its program and in system calls, in ns. */
  userNs: i64 = 0;
  systemNs: i64 = 0;

  nextThread: Task | null = null;
  /** Run queue links, owned by the scheduler. */
  nextRunnable: Task | null = null;
  isQueued: bool = false;
  /** Timer list links (deadline), owned by the scheduler. */
  nextTimed: Task | null = null;
  previousTimed: Task | null = null;
  isTimed: bool = false;

  /** Takes over one reference to each of its parts; retains the process. */
  constructor(
    id: Pid, process: Process, space: AddressSpace, files: FdTable, fs: FsContext, handlers: SignalHandlers, credentials: Credentials,
  ) {
    super();
    this.id = id;
    this.tid = id.number;
    this.process = process;
    this.space = space;
    this.files = files;
    this.fs = fs;
    this.handlers = handlers;
    this.credentials = credentials;
    process.retain();
    id.task = this;
    process.addThread(this);
    tasks++;
  }

  /** Whether it sleeps in a system call (an actor: whether the host waits for one). */
  get hasCall(): bool {
    return this.call != NO_CALL;
  }

  get isDead(): bool {
    return this.state == DEAD;
  }

  get isLeader(): bool {
    return this.process.leader == this;
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

  identify(out: usize): void {
    store<i32>(out, this.process.pid);
    store<u32>(out, this.credentials.uid, 4);
    store<u32>(out, this.credentials.gid, 8);
  }

  /** Its program may go on, or its call run again, after a stop. */
  continueRunning(): void {
    if (this.state != STOPPED) return;
    this.state = RUNNABLE;
    makeRunnable(this);
  }

  /** Replaces the credentials; takes over one reference. */
  commitCredentials(credentials: Credentials): void {
    const old = this.credentials;
    this.credentials = credentials;
    old.release();
  }

  /** Gives up what the program needs, when it dies; credentials, name and times stay until it is reaped. */
  releaseParts(): void {
    this.endCall();
    const files = this.files;
    this.files = changetype<FdTable>(0);
    files.release();
    const fs = this.fs;
    this.fs = changetype<FsContext>(0);
    fs.release();
    const space = this.space;
    this.space = changetype<AddressSpace>(0);
    space.release();
    const handlers = this.handlers;
    this.handlers = changetype<SignalHandlers>(0);
    handlers.release();
  }

  destroy(): void {
    super.destroy();
    freeBytes(this.registers);
    freeBytes(this.name);
    this.pending.close();
    this.credentials.release();
    if (this.id.task == this) this.id.task = null;
    this.id.release();
    this.process.release();
    tasks--;
  }
}

/** Makes the NUL-terminated kernel string the task's name (comm), cut to fit. */
export function setName(task: Task, name: usize): void {
  memory.fill(task.name, 0, NAME_SIZE);
  for (let i: usize = 0; i < NAME_SIZE - 1 && load<u8>(name + i) != 0; i++) store<u8>(task.name + i, load<u8>(name + i));
}
