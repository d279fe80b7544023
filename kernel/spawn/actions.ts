// SPDX-License-Identifier: MIT
// The action list of a template spawn: checked in the parent, entry by entry; applied in the child, in order, before exec. The
// list itself is a snapshot; what an action points to is read from the shared memory when the action runs.

import { E2BIG, EBADF, EFAULT, EINVAL, ENOMEM } from "../abi/errno.ts";
import { AT_FDCWD, CLOSE_RANGE_CLOEXEC, CLOSE_RANGE_UNSHARE, O_CLOEXEC, O_LARGEFILE } from "../abi/fcntl.ts";
import {
  QUIRK_NEWFD_MINUS_ONE_REJECTED, QUIRK_OPEN_WITHOUT_LARGEFILE, QUIRK_SIGDEFAULT_SKIPS_64,
} from "../abi/quirks.ts";
import { RLIMIT_NOFILE } from "../abi/resource.ts";
import {
  SPAWN_TEMPLATE_ACTION_CLOSE, SPAWN_TEMPLATE_ACTION_CLOSE_RANGE, SPAWN_TEMPLATE_ACTION_DUP2, SPAWN_TEMPLATE_ACTION_FCHDIR,
  SPAWN_TEMPLATE_ACTION_OPEN, SPAWN_TEMPLATE_ACTION_SIGDEFAULT, SPAWN_TEMPLATE_ACTION_SIGMASK, SPAWN_TEMPLATE_ACTION_SIZE,
  SPAWN_TEMPLATE_MAX_ACTIONS, SPAWN_TEMPLATE_OPEN_SIZE, SPAWN_TEMPLATE_SIGSET_SIZE,
} from "../abi/spawn-template.ts";
import { changeDirectory } from "../fs/change-directory.ts";
import { OpenHow } from "../fs/open-how.ts";
import { failure } from "../lib/failure.ts";
import { BLOCKED, Outcome } from "../lib/outcome.ts";
import { hasQuirk } from "../lib/quirks.ts";
import { allocKernelFrame, PAGE_SIZE, releaseFrame } from "../memory/frames.ts";
import { free } from "../memory/heap.ts";
import { copyIn } from "../memory/user.ts";
import { signalBit } from "../process/pending-signals.ts";
import { NSIG } from "../process/signal-handlers.ts";
import { discardEverywhere, hasPendingSignal, isIgnoredByDefault, UNBLOCKABLE } from "../process/signal.ts";
import { Task } from "../process/task.ts";
import { openUserPath } from "../process/user-path.ts";

const ACTIONS_PER_FRAME: i32 = <i32>(4096 / SPAWN_TEMPLATE_ACTION_SIZE);

/** A checked copy of a user's action list: 24 bytes an entry, in one or two frames. */
export class ActionList {
  count: i32 = 0;
  /** Whether the OPEN that sleeps asked for O_CLOEXEC: its struct is not read again when it wakes. */
  private closesOnExec: bool = false;
  private first: usize = 0;
  private second: usize = 0;

  /** Copies and checks `count` entries; the list, or null with `listError` set. The order of the checks is the interface's. */
  static read(self: Task, address: u64, count: u64): ActionList | null {
    listError = 0;
    if (count > <u64>SPAWN_TEMPLATE_MAX_ACTIONS) listError = -E2BIG;
    else if (count > 0 && address == 0) listError = -EINVAL;
    if (listError < 0) return null;
    if (count == 0) return EMPTY;
    const list = new ActionList();
    list.count = <i32>count;
    listError = list.copy(self, address);
    for (let i = 0; i < list.count && listError == 0; i++) listError = checkAction(list.at(i));
    if (listError == 0) return list;
    list.dispose();
    return null;
  }

  /** Address of an entry. */
  at(index: i32): usize {
    const frame = index < ACTIONS_PER_FRAME ? this.first : this.second;
    return frame + <usize>(index % ACTIONS_PER_FRAME) * SPAWN_TEMPLATE_ACTION_SIZE;
  }

  dispose(): void {
    if (this.count == 0) return;
    if (this.first != 0) releaseFrame(this.first);
    if (this.second != 0) releaseFrame(this.second);
    free(this);
  }

  /** What a freed and poisoned list looks like (quirk vfork-kill-frees-context). */
  poison(): void {
    if (this.first != 0) memory.fill(this.first, 0xf5, PAGE_SIZE);
    if (this.second != 0) memory.fill(this.second, 0xf5, PAGE_SIZE);
  }

  /** Applies an entry to the child; 0, BLOCKED (an OPEN that sleeps; it is applied again when woken) or -errno. */
  apply(self: Task, index: i32): Outcome {
    const action = this.at(index);
    switch (load<u32>(action)) {
      case SPAWN_TEMPLATE_ACTION_CLOSE:
        return self.files.close(fdOf(action));
      case SPAWN_TEMPLATE_ACTION_DUP2:
        return duplicate(self, fdOf(action), newfdOf(action), flagsOf(action));
      case SPAWN_TEMPLATE_ACTION_FCHDIR:
        return changeDirectory(self.fs, self.credentials, self.files.get(fdOf(action)));
      case SPAWN_TEMPLATE_ACTION_OPEN:
        return this.open(self, action);
      case SPAWN_TEMPLATE_ACTION_CLOSE_RANGE:
        self.files.closeRange(<u32>fdOf(action), <u32>newfdOf(action), <i32>flagsOf(action) & CLOSE_RANGE_CLOEXEC);
        return 0;
      case SPAWN_TEMPLATE_ACTION_SIGMASK:
        return setMask(self, argumentOf(action));
      default:
        return setDefaults(self, argumentOf(action));
    }
  }

  /** OPEN: opens first, then puts the file in newfd's place; so it needs no free slot, and the open's side effects stay. */
  private open(self: Task, action: usize): Outcome {
    let file = self.sleepsIn;
    if (file != null) {
      const outcome = file.completeOpen(self);
      if (outcome != BLOCKED) {
        file.retain();
      } else {
        if (!hasPendingSignal(self)) return BLOCKED;
        // A signal that no handler in the child will take restarts the open, from its arguments on.
        self.leaveQueues();
        self.endCall();
        file = null;
      }
    }
    if (file == null) {
      const outcome = readOpen(self, argumentOf(action));
      if (outcome < 0) return outcome;
      this.closesOnExec = how.closesOnExec;
      file = openUserPath(self, fdOf(action), load<u64>(OPEN), how);
      if (file == null) return failure;
    }
    const newfd = newfdOf(action);
    const outcome = <u64>newfd < self.process.limit(RLIMIT_NOFILE) ? self.files.replace(newfd, file, this.closesOnExec) : -EBADF;
    self.endCall();
    file.release();
    return outcome;
  }

  private copy(self: Task, address: u64): Outcome {
    this.first = allocKernelFrame();
    if (this.count > ACTIONS_PER_FRAME) this.second = allocKernelFrame();
    if (this.first == 0 || (this.count > ACTIONS_PER_FRAME && this.second == 0)) return -ENOMEM;
    for (let i = 0; i < this.count; i += ACTIONS_PER_FRAME) {
      const size = <usize>min(this.count - i, ACTIONS_PER_FRAME) * SPAWN_TEMPLATE_ACTION_SIZE;
      if (copyIn(self.space, this.at(i), address + <u64>i * SPAWN_TEMPLATE_ACTION_SIZE, size) != size) return -EFAULT;
    }
    return 0;
  }
}

/** The list of every spawn without actions. */
const EMPTY = new ActionList();

/** Why ActionList.read gave null. */
export let listError: Outcome = 0;

/** What the caller may be told of an entry before there is a child: 0 or -EINVAL. */
function checkAction(action: usize): Outcome {
  const flags = flagsOf(action);
  const fd = fdOf(action);
  const newfd = newfdOf(action);
  const argument = argumentOf(action);
  let isGood = false;
  switch (load<u32>(action)) {
    case SPAWN_TEMPLATE_ACTION_CLOSE:
    case SPAWN_TEMPLATE_ACTION_FCHDIR:
      isGood = fd >= 0 && newfd == 0 && flags == 0 && argument == 0;
      break;
    case SPAWN_TEMPLATE_ACTION_DUP2:
      isGood = fd >= 0 && newfd >= 0 && (flags & ~O_CLOEXEC) == 0 && argument == 0;
      break;
    case SPAWN_TEMPLATE_ACTION_OPEN:
      isGood = fd >= AT_FDCWD && newfd >= 0 && flags == 0 && argument != 0;
      break;
    case SPAWN_TEMPLATE_ACTION_CLOSE_RANGE:
      isGood = fd >= 0 && isRangeEnd(fd, newfd) && (flags & ~(CLOSE_RANGE_UNSHARE | CLOSE_RANGE_CLOEXEC)) == 0 && argument == 0;
      break;
    case SPAWN_TEMPLATE_ACTION_SIGMASK:
    case SPAWN_TEMPLATE_ACTION_SIGDEFAULT:
      isGood = fd == 0 && newfd == 0 && flags == 0 && argument != 0;
      break;
  }
  return isGood ? 0 : -EINVAL;
}

/** -1 means the highest descriptor. */
function isRangeEnd(fd: i32, newfd: i32): bool {
  return newfd == -1 ? !hasQuirk(QUIRK_NEWFD_MINUS_ONE_REJECTED) : newfd >= fd;
}

function duplicate(self: Task, fd: i32, newfd: i32, flags: u32): Outcome {
  const file = self.files.get(fd);
  if (fd == newfd) {
    if (flags != 0) return -EINVAL;
    return file == null || file.isPathOnly ? -EBADF : 0;
  }
  if (file == null || <u64>newfd >= self.process.limit(RLIMIT_NOFILE)) return -EBADF;
  return self.files.replace(newfd, file, (flags & O_CLOEXEC) != 0);
}

/** Reads a struct spawn_template_open into OPEN and `how`, checked as openat2(2) does. */
function readOpen(self: Task, address: u64): Outcome {
  if (copyIn(self.space, OPEN, address, SPAWN_TEMPLATE_OPEN_SIZE) != SPAWN_TEMPLATE_OPEN_SIZE) return -EFAULT;
  const outcome = how.setFrom(OPEN + 8);
  if (outcome == 0 && !hasQuirk(QUIRK_OPEN_WITHOUT_LARGEFILE) && !how.isPathOnly) how.flags |= O_LARGEFILE;
  return outcome;
}

function setMask(self: Task, argument: u64): Outcome {
  const outcome = readSignalSet(self, argument);
  if (outcome < 0) return outcome;
  self.blocked = load<u64>(SET) & ~UNBLOCKABLE;
  return 0;
}

function setDefaults(self: Task, argument: u64): Outcome {
  const outcome = readSignalSet(self, argument);
  if (outcome < 0) return outcome;
  const last = hasQuirk(QUIRK_SIGDEFAULT_SKIPS_64) ? NSIG - 1 : NSIG;
  const signals = load<u64>(SET) & ~UNBLOCKABLE;
  for (let signo = 1; signo <= last; signo++) {
    if ((signals & signalBit(signo)) == 0) continue;
    self.handlers.reset(signo);
    if (isIgnoredByDefault(signo)) discardEverywhere(self.process, signalBit(signo));
  }
  return 0;
}

/** The set that a struct spawn_template_sigset points to, into SET. */
function readSignalSet(self: Task, argument: u64): Outcome {
  if (copyIn(self.space, SIGSET, argument, SPAWN_TEMPLATE_SIGSET_SIZE) != SPAWN_TEMPLATE_SIGSET_SIZE) return -EFAULT;
  if (load<u64>(SIGSET, 8) != 8) return -EINVAL;
  return copyIn(self.space, SET, load<u64>(SIGSET), 8) == 8 ? 0 : -EFAULT;
}

export function flagsOf(action: usize): u32 {
  return load<u32>(action, 4);
}

export function fdOf(action: usize): i32 {
  return load<i32>(action, 8);
}

export function newfdOf(action: usize): i32 {
  return load<i32>(action, 12);
}

function argumentOf(action: usize): u64 {
  return load<u64>(action, 16);
}

const how = new OpenHow();
const OPEN = memory.data(32, 8);
const SIGSET = memory.data(16, 8);
const SET = memory.data(8, 8);
