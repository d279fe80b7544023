// SPDX-License-Identifier: MIT
// A process (thread group): what its threads have in common, its place in the tree of processes, in a process group and in a
// session, and what a parent can ask about it. Who refers to it: the table of pids until it is reaped (the first reference),
// and pidfds. What happens at its end is in exit.ts, what waits for that in wait.ts.

import { WaitQueue } from "../file/wait-queue.ts";
import { now } from "../lib/clock.ts";
import { admit } from "../memory/heap.ts";
import { RefCounted } from "../memory/ref-counted.ts";
import { Tty } from "../tty/tty.ts";
import { PendingSignals } from "./pending-signals.ts";
import { Pid } from "./pid.ts";
import { ProcessTimers } from "./process-timers.ts";
import { ResourceLimits } from "./resource-limits.ts";
import { Task } from "./task.ts";

export class Process extends RefCounted {
  pid: i32;
  /** Owned until it is reaped. */
  id: Pid;
  group: Pid;
  session: Pid;
  private nextMember: Process | null = null;
  private previousMember: Process | null = null;

  /** Who waits for it (borrowed: children move to a reaper before a parent goes), or null for pid 1. */
  parent: Process | null = null;
  /** Children, the oldest first. */
  firstChild: Process | null = null;
  private lastChild: Process | null = null;
  nextSibling: Process | null = null;
  private previousSibling: Process | null = null;
  /** The thread that created it, for __WNOTHREAD and the parent-death signal. */
  creatorTid: i32 = 0;
  /** What the parent gets when it ends: SIGCHLD, another signal, or 0. */
  exitSignal: i32 = 0;
  /** It has called execve(2); setpgid(2) by its parent is then too late. */
  hasExecuted: bool = false;
  /** PR_SET_CHILD_SUBREAPER. */
  isSubreaper: bool = false;
  isDumpable: bool = true;

  /** The thread whose tid is the pid; owned until the process is reaped. Null only while the process is being made. */
  leader: Task | null = null;
  /** Threads that live, the newest last (linked through Task.nextThread); the process owns a reference to each. */
  firstThread: Task | null = null;
  threadCount: i32 = 0;

  /** The process is to end with exitStatus; each thread dies before it returns to its program. */
  isDying: bool = false;
  /** All threads are gone; it waits to be reaped. */
  isZombie: bool = false;
  isReaped: bool = false;
  /** As wait4(2) stores it. */
  exitStatus: i32 = 0;

  /** Its session's controlling terminal (owned), or null (terminal-control.ts). */
  terminal: Tty | null = null;
  /** A session leader whose terminal has hung up: the group that was in the foreground (owned), told when the leader ends. */
  lostForeground: Pid | null = null;

  // Job control (job-control.ts)
  /** The signal that stops it, from the moment the first thread stops until SIGCONT; 0 otherwise. */
  stopSignal: i32 = 0;
  /** Every thread has stopped. */
  isStopped: bool = false;
  /** A stop or a continuation that the parent has not waited for yet. */
  hasStopReport: bool = false;
  hasContinueReport: bool = false;

  pending: PendingSignals = new PendingSignals();
  limits: ResourceLimits;
  /** Made when it first needs one; owned. */
  timers: ProcessTimers | null = null;
  /** Woken when something about a child can be waited for. */
  childEvents: WaitQueue = new WaitQueue();
  /** Woken when it has ended and when it is reaped: pidfds are polled here. */
  endEvents: WaitQueue = new WaitQueue();

  startedAtNs: i64 = now();
  /** Times of threads that are gone, and of children that were waited for, in ns. */
  userNs: i64 = 0;
  systemNs: i64 = 0;
  childrenUserNs: i64 = 0;
  childrenSystemNs: i64 = 0;

  /** Takes over one reference to each argument; joins the group. */
  constructor(id: Pid, group: Pid, session: Pid, limits: ResourceLimits) {
    super();
    this.pid = id.number;
    this.id = id;
    this.group = group;
    this.session = session;
    this.limits = limits;
    id.process = this;
    this.enterGroup();
  }

  /** The soft limit of a resource. */
  limit(resource: i32): u64 {
    return this.limits.soft(resource);
  }

  /** Makes the limits its own, before one is changed; false without memory. */
  ownLimits(): bool {
    const shared = this.limits;
    if (shared.refs == 1) return true;
    if (!admit()) return false;
    this.limits = shared.copy();
    shared.release();
    return true;
  }

  get parentPid(): i32 {
    const parent = this.parent;
    return parent == null ? 0 : parent.pid;
  }

  get isSessionLeader(): bool {
    return this.session == this.id;
  }

  get nextInGroup(): Process | null {
    return this.nextMember;
  }

  addThread(task: Task): void {
    let last = this.firstThread;
    while (last != null && last.nextThread != null) last = last.nextThread;
    if (last == null) this.firstThread = task;
    else last.nextThread = task;
    this.threadCount++;
  }

  removeThread(task: Task): void {
    let at = this.firstThread;
    if (at == task) {
      this.firstThread = task.nextThread;
    } else {
      while (at != null && at.nextThread != task) at = at.nextThread;
      if (at == null) return;
      at.nextThread = task.nextThread;
    }
    task.nextThread = null;
    this.threadCount--;
  }

  addChild(child: Process): void {
    const last = this.lastChild;
    child.parent = this;
    child.previousSibling = last;
    child.nextSibling = null;
    if (last != null) last.nextSibling = child;
    else this.firstChild = child;
    this.lastChild = child;
  }

  removeChild(child: Process): void {
    const next = child.nextSibling;
    const previous = child.previousSibling;
    if (next != null) next.previousSibling = previous;
    else this.lastChild = previous;
    if (previous != null) previous.nextSibling = next;
    else this.firstChild = next;
    child.nextSibling = null;
    child.previousSibling = null;
    child.parent = null;
  }

  /** Moves it to another process group (borrowed) of its session. */
  joinGroup(group: Pid): void {
    group.retain();
    this.leaveGroup();
    this.group.release();
    this.group = group;
    this.enterGroup();
  }

  /** Makes it the leader of a new session and group (setsid(2)). */
  foundSession(): void {
    this.joinGroup(this.id);
    this.id.retain();
    this.session.release();
    this.session = this.id;
    this.setTerminal(null);
  }

  /** Takes its own reference. */
  setTerminal(tty: Tty | null): void {
    const before = this.terminal;
    if (tty != null) tty.retain();
    this.terminal = tty;
    if (before != null) before.release();
  }

  /** Takes its own reference. */
  setLostForeground(group: Pid | null): void {
    const before = this.lostForeground;
    if (group != null) group.retain();
    this.lostForeground = group;
    if (before != null) before.release();
  }

  /** Its parent took its status, or nobody will: it leaves the tables. Gives up the reference of the table of pids. */
  unlist(): void {
    this.isReaped = true;
    const parent = this.parent;
    if (parent != null) parent.removeChild(this);
    this.leaveGroup();
    this.id.process = null;
    this.endEvents.wake();
    this.release();
  }

  destroy(): void {
    this.id.release();
    this.group.release();
    this.session.release();
    this.limits.release();
    this.setTerminal(null);
    this.setLostForeground(null);
    this.pending.close();
    this.childEvents.close();
    this.endEvents.close();
  }

  private enterGroup(): void {
    const first = this.group.members;
    this.nextMember = first;
    this.previousMember = null;
    if (first != null) first.previousMember = this;
    this.group.members = this;
  }

  private leaveGroup(): void {
    const next = this.nextMember;
    const previous = this.previousMember;
    if (next != null) next.previousMember = previous;
    if (previous != null) previous.nextMember = next;
    else if (this.group.members == this) this.group.members = next;
    this.nextMember = null;
    this.previousMember = null;
  }
}
