// SPDX-License-Identifier: MIT
// A process's own signals: dispositions, mask, pending set, alternate stack, the return from a handler, and waiting for signals
// (sigaction(2), sigprocmask(2), sigpending(2), sigaltstack(2), sigreturn(2), sigsuspend(2), sigtimedwait(2)).

import { EAGAIN, EFAULT, EINVAL, ENOMEM, EPERM } from "../abi/errno.ts";
import {
  MINSIGSTKSZ, SA_NOCLDSTOP, SA_NOCLDWAIT, SA_NODEFER, SA_ONSTACK, SA_RESETHAND, SA_RESTART, SA_SIGINFO, SI_KERNEL, SIG_BLOCK, SIG_SETMASK,
  SIG_UNBLOCK, SIGSEGV, SS_AUTODISARM, SS_DISABLE, SS_ONSTACK,
} from "../abi/signal.ts";
import { readX } from "../cpu/registers.ts";
import { INTERRUPT, RESTART_NO_HANDLER } from "../file/wait-queue.ts";
import { now } from "../lib/clock.ts";
import { BLOCKED, NO_RESULT, Outcome } from "../lib/outcome.ts";
import { copyIn, copyOut, writeUser } from "../memory/user.ts";
import { isOnAltStack, popSignalFrame, storeStack } from "../process/signal-frame.ts";
import { signalBit } from "../process/pending-signals.ts";
import { useTemporaryMask } from "../process/signal-delivery.ts";
import { ACTION_SIZE, NSIG, SIG_DFL, SIG_IGN } from "../process/signal-handlers.ts";
import { SIGINFO_KEPT, SIGINFO_SIZE, SignalInfo } from "../process/signal-info.ts";
import { discardEverywhere, forceSignal, isIgnoredByDefault, takeSignal, UNBLOCKABLE } from "../process/signal.ts";
import { Task } from "../process/task.ts";
import { readTimespec, timespecNs } from "./timespec.ts";

const SIGSET_SIZE: u64 = 8;
const SP = 2;
/** 0x800 is SA_EXPOSE_TAGBITS, which means nothing on riscv64 but is kept. */
const KNOWN_FLAGS: u64 = SA_NOCLDSTOP | SA_NOCLDWAIT | SA_SIGINFO | SA_ONSTACK | SA_RESTART | SA_NODEFER | <u64>SA_RESETHAND | 0x800;

const ACTION = memory.data(24, 8);
const OLD_ACTION = memory.data(24, 8);
const SET = memory.data(8, 8);
const STACK = memory.data(24, 8);
const OLD_STACK = memory.data(24, 8);
const INFO = memory.data(128, 8);
const taken = new SignalInfo();

/** rt_sigaction(signum, act, oldact, sigsetsize) */
export function sysRtSigaction(self: Task): Outcome {
  const signo = self.argInt(0);
  const act = self.arg(1);
  const old = self.arg(2);
  if (self.arg(3) != SIGSET_SIZE) return -EINVAL;
  if (act != 0 && copyIn(self.space, ACTION, act, ACTION_SIZE) != ACTION_SIZE) return -EFAULT;
  if (signo < 1 || signo > NSIG || (act != 0 && (signalBit(signo) & UNBLOCKABLE) != 0)) return -EINVAL;
  const handlers = self.handlers;
  memory.copy(OLD_ACTION, handlers.action(signo), ACTION_SIZE);
  if (act != 0) {
    const handler = load<u64>(ACTION);
    handlers.set(signo, handler, load<u64>(ACTION, 8) & KNOWN_FLAGS, load<u64>(ACTION, 16) & ~UNBLOCKABLE);
    // What is pending and now ignored is gone, even if blocked (sigaction(2), POSIX).
    if (handler == SIG_IGN || (handler == SIG_DFL && isIgnoredByDefault(signo))) discardEverywhere(self.process, signalBit(signo));
  }
  return old == 0 || copyOut(self.space, old, OLD_ACTION, ACTION_SIZE) == ACTION_SIZE ? 0 : <i64>-EFAULT;
}

/** rt_sigprocmask(how, set, oldset, sigsetsize) */
export function sysRtSigprocmask(self: Task): Outcome {
  if (self.arg(3) != SIGSET_SIZE) return -EINVAL;
  const before = self.blocked;
  if (self.arg(1) != 0) {
    if (copyIn(self.space, SET, self.arg(1), 8) != 8) return -EFAULT;
    const set = load<u64>(SET) & ~UNBLOCKABLE;
    const how = self.argInt(0);
    if (how == SIG_BLOCK) self.blocked |= set;
    else if (how == SIG_UNBLOCK) self.blocked &= ~set;
    else if (how == SIG_SETMASK) self.blocked = set;
    else return -EINVAL;
  }
  return self.arg(2) == 0 || writeUser<u64>(self.space, self.arg(2), before) ? 0 : <i64>-EFAULT;
}

/** rt_sigpending(set, sigsetsize) */
export function sysRtSigpending(self: Task): Outcome {
  const size = self.arg(1);
  if (size > SIGSET_SIZE) return -EINVAL;
  store<u64>(SET, (self.pending.set | self.process.pending.set) & self.blocked);
  return copyOut(self.space, self.arg(0), SET, <usize>size) == <usize>size ? 0 : <i64>-EFAULT;
}

/** sigaltstack(ss, old_ss) */
export function sysSigaltstack(self: Task): Outcome {
  const sp = readX(SP);
  storeStack(self, OLD_STACK, sp);
  if (self.arg(0) != 0) {
    if (copyIn(self.space, STACK, self.arg(0), 24) != 24) return -EFAULT;
    const outcome = setAltStack(self, sp, load<u64>(STACK), load<u32>(STACK, 8), load<u64>(STACK, 16));
    if (outcome < 0) return outcome;
  }
  return self.arg(1) == 0 || copyOut(self.space, self.arg(1), OLD_STACK, 24) == 24 ? 0 : <i64>-EFAULT;
}

/** The end of a handler. A frame that cannot be read is fatal, as in Linux. */
export function sysRtSigreturn(self: Task): Outcome {
  if (!popSignalFrame(self)) forceSignal(self, SIGSEGV, SI_KERNEL, 0);
  return NO_RESULT;
}

/** rt_sigsuspend(mask, sigsetsize): sleeps until a handler has run. */
export function sysRtSigsuspend(self: Task): Outcome {
  if (self.arg(1) != SIGSET_SIZE) return -EINVAL;
  if (copyIn(self.space, SET, self.arg(0), 8) != 8) return -EFAULT;
  useTemporaryMask(self, load<u64>(SET));
  self.onSignal = RESTART_NO_HANDLER;
  return BLOCKED;
}

/** rt_sigtimedwait(set, info, timeout, sigsetsize): takes a signal of the set, blocked or not, and returns its number. */
export function sysRtSigtimedwait(self: Task): Outcome {
  if (self.arg(3) != SIGSET_SIZE) return -EINVAL;
  if (copyIn(self.space, SET, self.arg(0), 8) != 8) return -EFAULT;
  const wanted = load<u64>(SET) & ~UNBLOCKABLE;
  const timeout = self.arg(2);
  if (timeout != 0) {
    const outcome = readTimespec(self.space, timeout);
    if (outcome < 0) return outcome;
  }
  if (takeSignal(self, ~wanted, taken)) {
    const info = self.arg(1);
    memory.fill(INFO, 0, SIGINFO_SIZE);
    memory.copy(INFO, taken.bytes, SIGINFO_KEPT);
    if (info != 0 && copyOut(self.space, info, INFO, SIGINFO_SIZE) != SIGINFO_SIZE) return -EFAULT;
    return taken.signo;
  }
  if (timeout != 0 && self.timedOut(now(), timespecNs)) return -EAGAIN;
  self.awaited = wanted;
  self.onSignal = INTERRUPT;
  return BLOCKED;
}

function setAltStack(self: Task, sp: u64, base: u64, flags: u32, size: u64): Outcome {
  if (isOnAltStack(self, sp)) return -EPERM;
  const mode = flags & ~(<u32>SS_AUTODISARM);
  if (mode != SS_DISABLE && mode != SS_ONSTACK && mode != 0) return -EINVAL;
  if (mode == SS_DISABLE) {
    base = 0;
    size = 0;
  } else if (size < <u64>MINSIGSTKSZ) {
    return -ENOMEM;
  }
  self.altStack = base;
  self.altStackSize = size;
  self.altStackFlags = flags;
  return 0;
}
