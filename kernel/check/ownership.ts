// SPDX-License-Identifier: MIT
// Who owns whom. A field that refers to a shared object owns a reference to it; here are the exceptions: fields that borrow, and
// references that are kept as numbers, as a place in a list, or outside of all objects. A class with such a field is entered here.

import { FdTable } from "../file/fd-table.ts";
import { Lock } from "../file/lock-table.ts";
import { Rights } from "../file/rights.ts";
import { Timer, TimerQueue } from "../file/timer.ts";
import { UnixSocket } from "../file/unix-socket.ts";
import { WaitNode } from "../file/wait-queue.ts";
import { Dentry } from "../fs/dentry.ts";
import { DirectoryReader } from "../fs/directory-reader.ts";
import { DirectoryInode } from "../fs/directory.ts";
import { fileUnderWay } from "../fs/boot-image.ts";
import { firstMount } from "../fs/mount.ts";
import { ProcTextFile } from "../fs/proc-node.ts";
import { RegularFile } from "../fs/regular-file.ts";
import { forEachRoot } from "../fs/root.ts";
import { Walk } from "../fs/walk.ts";
import { runningTask } from "../kernel.ts";
import { AddressSpace } from "../memory/address-space.ts";
import { isPermanent } from "../memory/heap.ts";
import { RefCounted } from "../memory/ref-counted.ts";
import { UserBuffer } from "../memory/user-buffer.ts";
import { CloneArgs } from "../process/clone-args.ts";
import { IntervalTimer } from "../process/interval-timer.ts";
import { Pid } from "../process/pid.ts";
import { PosixTimer } from "../process/posix-timer.ts";
import { Process } from "../process/process.ts";
import { SignalInfo } from "../process/signal-info.ts";
import { Task } from "../process/task.ts";
import { forConsole } from "../tty/console.ts";
import { Pty } from "../tty/pty.ts";

let change: (target: usize, by: i32) => void = ignore;

/** Whether the object is the scratch of calls: between two of them its references mean nothing. */
export function isScratch(object: Object): bool {
  if (!isPermanent(changetype<usize>(object))) return false;
  return object instanceof Walk || object instanceof UserBuffer || object instanceof DirectoryReader || object instanceof CloneArgs ||
    object instanceof Lock;
}

/** Calls `visit(target, -1)` for each field that borrows, and `visit(target, 1)` for each reference that is no field. */
export function correctOwnership(object: Object, visit: (target: usize, by: i32) => void): void {
  change = visit;
  const at = changetype<usize>(object);
  if (object instanceof WaitNode) {
    borrows(at + offsetof<WaitNode>("sleeper"));
  } else if (object instanceof Dentry) {
    borrows(at + offsetof<Dentry>("previous"));
    borrows(at + offsetof<Dentry>("nextInBucket"));
  } else if (object instanceof DirectoryInode) {
    borrows(at + offsetof<DirectoryInode>("last"));
  } else if (object instanceof RegularFile) {
    borrows(at + offsetof<RegularFile>("contents"));
  } else if (object instanceof ProcTextFile) {
    borrows(at + offsetof<ProcTextFile>("source"));
  } else if (object instanceof AddressSpace) {
    borrows(at + offsetof<AddressSpace>("newer"));
    borrows(at + offsetof<AddressSpace>("older"));
  } else if (object instanceof FdTable) {
    descriptors(object as FdTable);
  } else if (object instanceof Rights) {
    borrows(at + offsetof<Rights>("nextReleased"));
    for (let i = 0; i < (object as Rights).count; i++) change(changetype<usize>((object as Rights).get(i)), 1);
  } else if (object instanceof UnixSocket) {
    borrows(at + offsetof<UnixSocket>("peer"));
    borrows(at + offsetof<UnixSocket>("nextInFlight"));
    borrows(at + offsetof<UnixSocket>("previousInFlight"));
    borrows(at + offsetof<UnixSocket>("nextReachable"));
  } else if (object instanceof Lock) {
    borrows(at + offsetof<Lock>("target"));
  } else if (object instanceof Timer) {
    borrows(at + offsetof<Timer>("next"));
    borrows(at + offsetof<Timer>("queue"));
    if (object instanceof IntervalTimer) borrows(at + offsetof<IntervalTimer>("process"));
    if (object instanceof PosixTimer) borrows(at + offsetof<PosixTimer>("process"));
  } else if (object instanceof TimerQueue) {
    borrows(at + offsetof<TimerQueue>("first"));
  } else if (object instanceof SignalInfo) {
    borrows(at + offsetof<SignalInfo>("timer"));
  } else if (object instanceof Task) {
    task(object as Task);
  } else if (object instanceof Process) {
    process(object as Process);
  } else if (object instanceof Pty) {
    borrows(at + offsetof<Pty>("next"));
  } else if (object instanceof Pid) {
    borrows(at + offsetof<Pid>("task"));
    borrows(at + offsetof<Pid>("members"));
  }
}

/** Calls `visit(target, 1)` for each reference that the kernel itself owns. */
export function forEachRootReference(visit: (target: usize, by: i32) => void): void {
  change = visit;
  const mount = firstMount();
  if (mount != null) change(changetype<usize>(mount), 1); // the list; each of its mounts owns the next
  forEachRoot(rootReference);
  forConsole(rootReference);
  const entered = fileUnderWay();
  if (entered != null) change(changetype<usize>(entered), 1);
  const running = runningTask();
  if (running != null) change(changetype<usize>(running), 1);
}

function rootReference(root: RefCounted): void {
  change(changetype<usize>(root), 1);
}

function borrows(field: usize): void {
  const target = load<usize>(field);
  if (target != 0) change(target, -1);
}

function descriptors(table: FdTable): void {
  for (let fd = table.next(0); fd >= 0; fd = table.next(fd + 1)) change(changetype<usize>(table.get(fd)), 1);
}

/** The run queue owns those who are on it. */
function task(task: Task): void {
  const at = changetype<usize>(task);
  borrows(at + offsetof<Task>("vforkChild"));
  borrows(at + offsetof<Task>("vforkParent"));
  borrows(at + offsetof<Task>("nextThread"));
  borrows(at + offsetof<Task>("nextRunnable"));
  borrows(at + offsetof<Task>("nextTimed"));
  borrows(at + offsetof<Task>("previousTimed"));
  if (task.isQueued) change(at, 1);
}

/** The process owns its threads: the leader by that field, the others by being on the list. */
function process(process: Process): void {
  const at = changetype<usize>(process);
  borrows(at + offsetof<Process>("nextMember"));
  borrows(at + offsetof<Process>("previousMember"));
  borrows(at + offsetof<Process>("parent"));
  borrows(at + offsetof<Process>("firstChild"));
  borrows(at + offsetof<Process>("lastChild"));
  borrows(at + offsetof<Process>("nextSibling"));
  borrows(at + offsetof<Process>("previousSibling"));
  borrows(at + offsetof<Process>("firstThread"));
  let thread = process.firstThread;
  while (thread != null) {
    if (thread != process.leader) change(changetype<usize>(thread), 1);
    thread = thread.nextThread;
  }
}

function ignore(target: usize, by: i32): void {}
