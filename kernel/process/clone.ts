// SPDX-License-Identifier: MIT
// Making tasks (clone(2)): one way for fork, vfork, clone, clone3 and template spawns. The child is complete, visible and
// runnable when cloneTask() returns; on failure nothing is left. Callers have checked which flags go together, and wait for a
// vfork child with awaitVforkChild().

import { TRACE_BORN } from "../abi/boundary.ts";
import { EAGAIN, EEXIST, EFAULT, ENFILE, ENOMEM } from "../abi/errno.ts";
import { O_RDWR } from "../abi/fcntl.ts";
import { CAP_SYS_ADMIN, CAP_SYS_RESOURCE } from "../abi/prctl.ts";
import { QUIRK_STALE_PIDFD_VALUE } from "../abi/quirks.ts";
import { RLIMIT_NOFILE, RLIMIT_NPROC } from "../abi/resource.ts";
import {
  CLONE_CHILD_CLEARTID, CLONE_CHILD_SETTID, CLONE_CLEAR_SIGHAND, CLONE_FILES, CLONE_FS, CLONE_PARENT, CLONE_PARENT_SETTID, CLONE_PIDFD,
  CLONE_SETTLS, CLONE_SIGHAND, CLONE_THREAD, CLONE_VFORK, CLONE_VM,
} from "../abi/sched.ts";
import { SIGCHLD } from "../abi/signal.ts";
import { REGISTERS, REGISTERS_SIZE } from "../cpu/registers.ts";
import { KILLABLE } from "../file/wait-queue.ts";
import { FdTable } from "../file/fd-table.ts";
import { Credentials } from "../fs/credentials.ts";
import { FsContext } from "../fs/fs-context.ts";
import { mayOpenMore } from "../fs/open.ts";
import { trace } from "../host.ts";
import { BLOCKED, Outcome } from "../lib/outcome.ts";
import { hasQuirk } from "../lib/quirks.ts";
import { isTracing } from "../lib/tracing.ts";
import { AddressSpace } from "../memory/address-space.ts";
import { maxTasks } from "../memory/frames.ts";
import { admit } from "../memory/heap.ts";
import { writeUser } from "../memory/user.ts";
import { CloneArgs } from "./clone-args.ts";
import { PidFile } from "./pidfd.ts";
import { allocatePid, findPid, findProcess, nextProcess, Pid } from "./pid.ts";
import { Process } from "./process.ts";
import { ResourceLimits } from "./resource-limits.ts";
import { makeRunnable } from "./scheduler.ts";
import { disableAltStack } from "./signal-frame.ts";
import { SignalHandlers } from "./signal-handlers.ts";
import { NAME_SIZE, Task, taskCount } from "./task.ts";

const REGISTER_SP: usize = 2 << 3;
const REGISTER_TP: usize = 4 << 3;
const REGISTER_A0: usize = 10 << 3;
const REGISTER_PC: usize = 512;
const ECALL_SIZE: u64 = 4;

// What a child is made of, until it exists.
let space: AddressSpace | null = null;
let files: FdTable | null = null;
let fs: FsContext | null = null;
let handlers: SignalHandlers | null = null;

/**
 * Makes a child of `parent`, which has the hart. Its tid, or -errno: EAGAIN (limits), ENOMEM, EMFILE, EFAULT (pidfd), EEXIST.
 */
export function cloneTask(parent: Task, args: CloneArgs): Outcome {
  if (isOverProcessLimit(parent)) return -EAGAIN;
  // The series' code comes to the task limit of the control group only after the pidfd was stored.
  const checksLate = hasQuirk(QUIRK_STALE_PIDFD_VALUE);
  const isFull = taskCount() >= maxTasks();
  if (isFull && !checksLate) return -EAGAIN;
  if (!copyParts(parent, args)) return -ENOMEM;
  if (!admit()) return dropParts(-ENOMEM);
  const pid = takePid(args.tid);
  if (pid == null) return dropParts(args.tid == 0 ? -EAGAIN : -EEXIST);

  const child = args.has(CLONE_THREAD) ? makeThread(parent, pid) : makeProcess(parent, pid, args);
  const pidfd = args.has(CLONE_PIDFD) ? giveParentPidfd(parent, child.process, args.pidfd) : 0;
  if (pidfd < 0 || isFull) {
    if (pidfd >= 0 && args.has(CLONE_PIDFD)) parent.files.close(<i32>pidfd);
    discard(child);
    return pidfd < 0 ? pidfd : -EAGAIN;
  }
  start(parent, child, args);
  return child.tid;
}

/**
 * How a call with CLONE_VFORK ends, at its first run and at every retry: sleeps until the child has executed a program or is
 * gone, then returns its pid. Only a fatal signal ends the sleep before that (task.vforkPid != 0: the call is a retry).
 */
export function awaitVforkChild(self: Task): Outcome {
  if (self.vforkChild != null) {
    self.onSignal = KILLABLE;
    return BLOCKED;
  }
  const pid = self.vforkPid;
  self.vforkPid = 0;
  return pid;
}

/**
 * A process from nothing: pid 1, or a child of pid 1 in its group. Takes over one reference to each part; null (and the
 * parts are released) when there is no room. It is not runnable yet: its registers are zero.
 */
export function createProcess(
  withSpace: AddressSpace, withFiles: FdTable, withFs: FsContext, withHandlers: SignalHandlers, credentials: Credentials,
): Task | null {
  const pid = taskCount() < maxTasks() && admit() ? allocatePid() : null;
  if (pid == null) {
    withSpace.release();
    withFiles.release();
    withFs.release();
    withHandlers.release();
    credentials.release();
    return null;
  }
  const first = findProcess(1);
  const process = newProcess(pid, first);
  process.exitSignal = SIGCHLD;
  if (first != null) {
    first.addChild(process);
    process.creatorTid = 1;
  }
  const task = new Task(pid, process, withSpace, withFiles, withFs, withHandlers, credentials);
  pid.retain();
  process.leader = task;
  return task;
}

/** RLIMIT_NPROC counts the tasks of the real user; root and its like are exempt (getrlimit(2)). */
function isOverProcessLimit(parent: Task): bool {
  const limit = parent.process.limit(RLIMIT_NPROC);
  const own = parent.credentials;
  if (limit >= <u64>maxTasks() || own.uid == 0 || own.has(CAP_SYS_RESOURCE) || own.has(CAP_SYS_ADMIN)) return false;
  let count: u64 = 0;
  let process = nextProcess(0);
  while (process != null) {
    const leader = process.leader;
    if (leader != null && leader.isDead && leader.credentials.uid == own.uid) count++;
    let thread = process.firstThread;
    while (thread != null) {
      if (thread.credentials.uid == own.uid) count++;
      thread = thread.nextThread;
    }
    process = nextProcess(process.pid);
  }
  return count >= limit;
}

function takePid(wanted: i32): Pid | null {
  if (wanted == 0) return allocatePid();
  return findPid(wanted) == null ? new Pid(wanted) : null;
}

/** Shares or copies what the flags say; false, with nothing left, when memory is exhausted. */
function copyParts(parent: Task, args: CloneArgs): bool {
  if (!admit()) return false;
  if (args.has(CLONE_FILES)) files = retained<FdTable>(parent.files);
  else files = args.descriptors == 0 ? parent.files.clone() : parent.files.cloneBelow(args.descriptors);
  fs = args.has(CLONE_FS) ? retained<FsContext>(parent.fs) : parent.fs.copy();
  handlers = args.has(CLONE_SIGHAND) ? retained<SignalHandlers>(parent.handlers) : parent.handlers.copy();
  if (args.has(CLONE_CLEAR_SIGHAND)) handlers!.resetHandled();
  space = args.has(CLONE_VM) ? retained<AddressSpace>(parent.space) : parent.space.fork();
  if (files != null && space != null) return true;
  dropParts(0);
  return false;
}

function retained<T>(part: T): T {
  part.retain();
  return part;
}

function dropParts(outcome: Outcome): Outcome {
  if (space != null) space!.release();
  if (files != null) files!.release();
  if (fs != null) fs!.release();
  if (handlers != null) handlers!.release();
  return outcome;
}

function makeThread(parent: Task, pid: Pid): Task {
  const credentials = parent.credentials;
  credentials.retain();
  return new Task(pid, parent.process, space!, files!, fs!, handlers!, credentials);
}

function makeProcess(parent: Task, pid: Pid, args: CloneArgs): Task {
  const from = parent.process;
  const process = newProcess(pid, from);
  process.isDumpable = from.isDumpable;
  const isSibling = args.has(CLONE_PARENT) && from.parent != null;
  process.exitSignal = args.has(CLONE_PARENT) ? from.exitSignal : args.exitSignal;
  process.creatorTid = isSibling ? from.creatorTid : parent.tid;
  (isSibling ? from.parent! : from).addChild(process);
  const task = new Task(pid, process, space!, files!, fs!, handlers!, parent.credentials.copy());
  pid.retain();
  process.leader = task;
  return task;
}

/** In the group and session of `model`, with its limits and terminal; without one the founder of both. */
function newProcess(pid: Pid, model: Process | null): Process {
  const group = model == null ? pid : model.group;
  const session = model == null ? pid : model.session;
  group.retain();
  session.retain();
  if (model == null) return new Process(pid, group, session, ResourceLimits.initial());
  model.limits.retain();
  const process = new Process(pid, group, session, model.limits);
  process.setTerminal(model.terminal);
  return process;
}

/** The parent's descriptor for the child: made after the table was copied, so that the child does not have it. */
function giveParentPidfd(parent: Task, child: Process, address: u64): Outcome {
  const limit = parent.process.limit(RLIMIT_NOFILE);
  const free = parent.files.probe(0, limit);
  if (free < 0) return free;
  if (!mayOpenMore(parent.credentials)) return -ENFILE;
  const file = new PidFile(child, O_RDWR);
  const fd = parent.files.install(file, 0, limit, true);
  file.release();
  if (fd < 0 || writeUser<i32>(parent.space, address, fd)) return fd;
  parent.files.close(fd);
  return -EFAULT;
}

/** Undoes a child that nobody has seen. */
function discard(child: Task): void {
  const process = child.process;
  const isProcess = process.leader == child;
  process.retain();
  process.removeThread(child);
  child.id.task = null;
  child.releaseParts();
  process.leader = isProcess ? null : process.leader;
  child.release();
  if (isProcess) process.unlist();
  process.release();
}

function start(parent: Task, child: Task, args: CloneArgs): void {
  inherit(parent, child, args);
  memory.copy(child.registers, REGISTERS, REGISTERS_SIZE);
  store<u64>(child.registers, 0, REGISTER_A0);
  store<u64>(child.registers, load<u64>(child.registers, REGISTER_PC) + ECALL_SIZE, REGISTER_PC);
  if (args.stack != 0) store<u64>(child.registers, args.stack, REGISTER_SP);
  if (args.has(CLONE_SETTLS)) store<u64>(child.registers, args.tls, REGISTER_TP);
  // Linux looks at neither result (clone(2) names no EFAULT for them).
  if (args.has(CLONE_PARENT_SETTID)) writeUser<i32>(parent.space, args.parentTid, child.tid);
  if (args.has(CLONE_CHILD_SETTID)) writeUser<i32>(child.space, args.childTid, child.tid);
  if (args.has(CLONE_CHILD_CLEARTID)) child.clearTidAddress = args.childTid;
  if (args.has(CLONE_VFORK)) {
    child.vforkParent = parent;
    parent.vforkChild = child;
    parent.vforkPid = child.tid;
  }
  child.work = args.work;
  child.isActor = parent.isActor && args.work == null;
  if (isTracing) trace(TRACE_BORN, child.tid, child.process.pid, parent.tid);
  makeRunnable(child);
}

function inherit(parent: Task, child: Task, args: CloneArgs): void {
  child.blocked = parent.hasSavedMask ? parent.savedMask : parent.blocked;
  child.altStack = parent.altStack;
  child.altStackSize = parent.altStackSize;
  child.altStackFlags = parent.altStackFlags;
  // Two programs on one alternate stack would destroy each other; after vfork only one runs.
  if ((args.flags & (CLONE_VM | CLONE_VFORK)) == CLONE_VM) disableAltStack(child);
  memory.copy(child.name, parent.name, NAME_SIZE);
  child.nice = parent.nice;
  child.noNewPrivileges = parent.noNewPrivileges;
  child.timerSlackNs = parent.timerSlackNs;
  child.personality = parent.personality;
}
