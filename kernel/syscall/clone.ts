// SPDX-License-Identifier: MIT
// clone, clone3 and unshare: which flags go together, and where their arguments are. Making the child is process/clone.ts's.

import { E2BIG, EFAULT, EINVAL, ENOMEM, EPERM } from "../abi/errno.ts";
import { CAP_CHECKPOINT_RESTORE, CAP_SYS_ADMIN } from "../abi/prctl.ts";
import {
  CLONE_ARGS_SIZE_VER0, CLONE_ARGS_SIZE_VER2, CLONE_CLEAR_SIGHAND, CLONE_DETACHED, CLONE_FILES, CLONE_FS, CLONE_NEWCGROUP, CLONE_NEWIPC,
  CLONE_NEWNET, CLONE_NEWNS, CLONE_NEWPID, CLONE_NEWTIME, CLONE_NEWUSER, CLONE_NEWUTS, CLONE_PARENT, CLONE_PARENT_SETTID, CLONE_PIDFD,
  CLONE_SIGHAND, CLONE_SYSVSEM, CLONE_THREAD, CLONE_VFORK, CLONE_VM,
} from "../abi/sched.ts";
import { PID_MAX } from "../lib/limits.ts";
import { Outcome } from "../lib/outcome.ts";
import { PAGE_SIZE } from "../memory/frames.ts";
import { admit } from "../memory/heap.ts";
import { copyIn, copyInStruct, isUserRange } from "../memory/user.ts";
import { awaitVforkChild, cloneTask } from "../process/clone.ts";
import { CloneArgs, newCloneArgs } from "../process/clone-args.ts";
import { NSIG } from "../process/signal-handlers.ts";
import { Task } from "../process/task.ts";

/** The exit signal in clone's flags. */
const CSIGNAL: u64 = 0xff;
const NAMESPACES: u64 = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET;
/** PID namespaces nest at most this deep, so that many tids could be chosen (MAX_PID_NS_LEVEL). */
const DEEPEST_PID_NAMESPACE: u64 = 32;

const CLONE3 = memory.data(88, 8);
const TID = memory.data(4, 4);

/** clone(2), in riscv64's order of arguments: flags, stack, parent_tid, tls, child_tid. */
export function sysClone(self: Task): Outcome {
  if (self.vforkPid != 0) return awaitVforkChild(self);
  const flags = self.arg(0) & 0xffffffff;
  const args = newCloneArgs();
  args.flags = flags & ~CSIGNAL;
  args.exitSignal = <i32>(flags & CSIGNAL);
  args.stack = self.arg(1);
  args.parentTid = self.arg(2);
  args.pidfd = self.arg(2); // the same pointer, so only one of them
  args.tls = self.arg(3);
  args.childTid = self.arg(4);
  return make(self, args);
}

/** clone3(2). */
export function sysClone3(self: Task): Outcome {
  if (self.vforkPid != 0) return awaitVforkChild(self);
  const size = self.arg(1);
  if (size > PAGE_SIZE) return -E2BIG;
  if (size < <u64>CLONE_ARGS_SIZE_VER0) return -EINVAL;
  const copied = copyInStruct(self.space, CLONE3, CLONE_ARGS_SIZE_VER2, self.arg(0), <usize>size);
  if (copied < 0) return copied;
  const args = newCloneArgs();
  const exitSignal = load<u64>(CLONE3, 32);
  if (exitSignal > <u64>NSIG) return -EINVAL;
  args.flags = load<u64>(CLONE3);
  args.pidfd = load<u64>(CLONE3, 8);
  args.childTid = load<u64>(CLONE3, 16);
  args.parentTid = load<u64>(CLONE3, 24);
  args.exitSignal = <i32>exitSignal;
  args.tls = load<u64>(CLONE3, 56);
  const chosen = chooseTid(self, args, load<u64>(CLONE3, 64), load<u64>(CLONE3, 72));
  if (chosen < 0) return chosen;
  const invalid = checkClone3(args, load<u64>(CLONE3, 40), load<u64>(CLONE3, 48));
  return invalid < 0 ? invalid : make(self, args);
}

/** unshare(2). There is one mount namespace and one user namespace: new ones are accepted for what else they do. */
export function sysUnshare(self: Task): Outcome {
  let flags = self.arg(0);
  const supported: u64 = CLONE_THREAD | CLONE_FS | CLONE_NEWNS | CLONE_SIGHAND | CLONE_VM | CLONE_FILES | CLONE_SYSVSEM | CLONE_NEWUSER;
  if ((flags & NAMESPACES & ~supported) != 0) return self.credentials.has(CAP_SYS_ADMIN) ? <i64>-EINVAL : <i64>-EPERM;
  if ((flags & ~supported) != 0) return -EINVAL;
  if ((flags & CLONE_NEWUSER) != 0) flags |= CLONE_THREAD | CLONE_FS;
  if ((flags & CLONE_VM) != 0) flags |= CLONE_SIGHAND;
  if ((flags & CLONE_SIGHAND) != 0) flags |= CLONE_THREAD;
  if ((flags & CLONE_NEWNS) != 0) flags |= CLONE_FS;
  if ((flags & CLONE_THREAD) != 0 && self.process.threadCount > 1) return -EINVAL;
  if ((flags & CLONE_SIGHAND) != 0 && self.handlers.refs > 1) return -EINVAL;
  if ((flags & CLONE_VM) != 0 && self.space.refs > 1) return -EINVAL;
  if ((flags & CLONE_NEWNS) != 0 && (flags & CLONE_NEWUSER) == 0 && !self.credentials.has(CAP_SYS_ADMIN)) return -EPERM;
  if (!admit()) return -ENOMEM;
  if ((flags & CLONE_FILES) != 0 && !unshareFiles(self)) return -ENOMEM;
  if ((flags & CLONE_FS) != 0) unshareFs(self);
  if ((flags & CLONE_NEWUSER) != 0) self.commitCredentials(self.credentials.copy());
  return 0;
}

/** Gives the task a descriptor table of its own; false when memory is exhausted. */
export function unshareFiles(self: Task): bool {
  const old = self.files;
  if (old.refs == 1) return true;
  const files = old.clone();
  if (files == null) return false;
  self.files = files;
  old.release();
  return true;
}

function unshareFs(self: Task): void {
  const old = self.fs;
  if (old.refs == 1) return;
  self.fs = old.copy();
  old.release();
}

/** Flag combinations that both calls refuse (clone(2), ERRORS), then the child. */
function make(self: Task, args: CloneArgs): Outcome {
  const flags = args.flags;
  if (args.has(CLONE_SIGHAND) && !args.has(CLONE_VM)) return -EINVAL;
  if (args.has(CLONE_THREAD) && !args.has(CLONE_SIGHAND)) return -EINVAL;
  if (args.has(CLONE_FS) && (flags & (CLONE_NEWNS | CLONE_NEWUSER)) != 0) return -EINVAL;
  if (args.has(CLONE_PARENT) && self.process.parent == null) return -EINVAL; // pid 1 has no siblings
  if (args.has(CLONE_PIDFD)) {
    if (args.has(CLONE_DETACHED) || args.has(CLONE_THREAD)) return -EINVAL;
    if (args.has(CLONE_PARENT_SETTID) && args.pidfd == args.parentTid) return -EINVAL;
  }
  // There are no namespaces to create (README, "Limits").
  if ((flags & NAMESPACES) != 0) return self.credentials.has(CAP_SYS_ADMIN) || (flags & CLONE_NEWUSER) != 0 ? <i64>-EINVAL : <i64>-EPERM;
  const tid = cloneTask(self, args);
  return tid > 0 && args.has(CLONE_VFORK) ? awaitVforkChild(self) : tid;
}

/** set_tid and set_tid_size of clone3. */
function chooseTid(self: Task, args: CloneArgs, pointer: u64, count: u64): Outcome {
  if (count > DEEPEST_PID_NAMESPACE || (pointer == 0) != (count == 0)) return -EINVAL;
  if (count == 0) return 0;
  if (count > 1) return -EINVAL; // one namespace
  if (copyIn(self.space, TID, pointer, 4) != 4) return -EFAULT;
  const tid = load<i32>(TID);
  if (tid < 1 || tid >= PID_MAX) return -EINVAL;
  if (!self.credentials.has(CAP_SYS_ADMIN) && !self.credentials.has(CAP_CHECKPOINT_RESTORE)) return -EPERM;
  args.tid = tid;
  return 0;
}

/** What only clone3 refuses; sets the stack pointer, which clone3 takes as base and size. */
function checkClone3(args: CloneArgs, stack: u64, stackSize: u64): Outcome {
  const known: u64 = 0xffffffff | CLONE_CLEAR_SIGHAND;
  const flags = args.flags;
  if ((flags & ~known) != 0 || (flags & (CLONE_DETACHED | (CSIGNAL & ~(<u64>CLONE_NEWTIME)))) != 0) return -EINVAL;
  if (args.has(CLONE_NEWTIME)) return -EINVAL;
  if (args.has(CLONE_SIGHAND) && args.has(CLONE_CLEAR_SIGHAND)) return -EINVAL;
  if ((flags & (CLONE_THREAD | CLONE_PARENT)) != 0 && args.exitSignal != 0) return -EINVAL;
  if ((stack == 0) != (stackSize == 0)) return -EINVAL;
  if (stack != 0 && !isUserRange(stack, stackSize)) return -EINVAL;
  args.stack = stack == 0 ? 0 : stack + stackSize;
  return 0;
}
