// SPDX-License-Identifier: MIT
// Sessions and their controlling terminals (credentials(7), setsid(2), ioctl_tty(2)): who has which, who is in the foreground, and the
// signals that come of it. Linux's drivers/tty/tty_jobctrl.c is the model. A terminal names its session and foreground group by
// Pids that it owns; a process owns a reference to its controlling terminal.

import { EFAULT, EINTR, EINVAL, EIO, ENOTTY, EPERM, ESRCH } from "../abi/errno.ts";
import { TIOCGPGRP, TIOCGSID, TIOCNOTTY, TIOCSCTTY, TIOCSPGRP } from "../abi/ioctl.ts";
import { CAP_SYS_ADMIN } from "../abi/prctl.ts";
import { SIGCONT, SIGHUP, SIGTTIN, SIGTTOU } from "../abi/signal.ts";
import { Sleeper } from "../file/wait-queue.ts";
import { BLOCKED, Outcome } from "../lib/outcome.ts";
import { AddressSpace } from "../memory/address-space.ts";
import { RefCounted } from "../memory/ref-counted.ts";
import { copyIn, writeUser } from "../memory/user.ts";
import { registerSessions, Sessions, sessions } from "../tty/sessions.ts";
import { Tty } from "../tty/tty.ts";
import { isOrphaned } from "./job-control.ts";
import { signalBit } from "./pending-signals.ts";
import { findPid, nextProcess, Pid } from "./pid.ts";
import { Process } from "./process.ts";
import { currentTask } from "./scheduler.ts";
import { SIG_DFL, SIG_IGN } from "./signal-handlers.ts";
import { draftKernel } from "./signal-info.ts";
import { signalProcess } from "./signal.ts";
import { Task } from "./task.ts";

const word = memory.data(4, 4);

/** Makes terminals know sessions; once, at boot. */
export function installTerminalControl(): void {
  registerSessions(new AllSessions());
}

/** The terminal becomes that of the process's session, and its group the foreground. */
export function takeTerminal(process: Process, tty: Tty): void {
  dropSession(tty);
  process.session.retain();
  process.group.retain();
  tty.session = process.session;
  tty.foreground = process.group;
  process.setTerminal(tty);
  process.setLostForeground(null);
}

/**
 * The process ends, or (TIOCNOTTY) gives its terminal up: with a session leader the whole session loses it, and the foreground group
 * is told. A leader whose terminal has hung up before tells it at its end.
 */
export function leaveTerminal(process: Process, isEnding: bool): void {
  if (!process.isSessionLeader) return;
  const tty = process.terminal;
  const lost = process.lostForeground;
  if (tty == null) {
    if (isEnding && lost != null) {
      signalGroup(lost, SIGHUP);
      signalGroup(lost, SIGCONT);
    }
    process.setLostForeground(null);
    return;
  }
  tty.retain();
  const foreground = tty.foreground;
  if (foreground != null) {
    signalGroup(foreground as Pid, SIGHUP);
    if (!isEnding) signalGroup(foreground as Pid, SIGCONT);
  }
  dropSession(tty);
  clearTerminal(process.session, null);
  tty.release();
}

/** To every member of a group. */
export function signalGroup(group: Pid, signo: i32): void {
  group.retain();
  let process = group.members;
  while (process != null) {
    const next = process.nextInGroup;
    signalProcess(process, draftKernel(signo));
    process = next;
  }
  group.release();
}

class AllSessions extends Sessions {
  controllingTerminal(): Tty | null {
    const task = currentTask();
    return task == null ? null : task.process.terminal;
  }

  opened(tty: Tty): void {
    const task = currentTask();
    if (task == null) return;
    const process = task.process;
    if (process.isSessionLeader && process.terminal == null && tty.session == null) takeTerminal(process, tty);
  }

  mayUse(self: Sleeper, tty: Tty, signo: i32): Outcome {
    const task = self as Task;
    const process = task.process;
    if (process.terminal != tty || tty.foreground == null || tty.foreground == process.group) return 0;
    const handler = task.handlers.handler(signo);
    if ((task.blocked & signalBit(signo)) != 0 || handler == SIG_IGN) return signo == SIGTTIN ? -EIO : 0;
    if (isOrphaned(process.group)) return -EIO;
    signalGroup(process.group, signo);
    // An actor has no handler to run: its call would send the signal for ever.
    if (task.isActor && handler != SIG_DFL) return -EINTR;
    tty.writable.add(self); // until the group is in the foreground, should another thread take the signal
    return BLOCKED;
  }

  signalForeground(tty: Tty, signo: i32): void {
    const group = tty.foreground;
    if (group != null) signalGroup(group as Pid, signo);
  }

  ioctl(self: Sleeper, space: AddressSpace, tty: Tty, isReadable: bool, isMaster: bool, request: u32, argument: u64): Outcome {
    const task = self as Task;
    const isOwn = task.process.terminal == tty;
    switch (request) {
      case TIOCGPGRP:
        if (!isMaster && !isOwn) return -ENOTTY;
        return writeUser<i32>(space, argument, numberOf(tty.foreground)) ? 0 : -EFAULT;
      case TIOCGSID:
        if ((!isMaster && !isOwn) || tty.session == null) return -ENOTTY;
        return writeUser<i32>(space, argument, numberOf(tty.session)) ? 0 : -EFAULT;
      case TIOCSPGRP:
        return setForeground(task, space, tty, argument);
      case TIOCSCTTY:
        return claim(task, tty, isReadable, argument);
      case TIOCNOTTY:
        if (!isOwn) return -ENOTTY;
        leaveTerminal(task.process, false);
        task.process.setTerminal(null);
        return 0;
      default:
        return -ENOTTY;
    }
  }

  hungUp(tty: Tty): void {
    const session = tty.session;
    if (session == null) return;
    const leader = (session as Pid).process;
    if (leader != null && leader.session == session) {
      leader.setLostForeground(tty.foreground as Pid | null);
      signalProcess(leader, draftKernel(SIGHUP));
      signalProcess(leader, draftKernel(SIGCONT));
    }
    clearTerminal(session as Pid, tty);
    dropSession(tty);
  }

  isAdministrator(self: Sleeper): bool {
    return (self as Task).credentials.has(CAP_SYS_ADMIN);
  }
}

/** TIOCSPGRP (tcsetpgrp(3)) */
function setForeground(self: Task, space: AddressSpace, tty: Tty, argument: u64): Outcome {
  const process = self.process;
  const refused = sessions().mayUse(self, tty, SIGTTOU);
  if (refused != 0) return refused == -EIO ? -ENOTTY : refused;
  if (copyIn(space, word, argument, 4) != 4) return -EFAULT;
  const number = load<i32>(word);
  if (number < 0) return -EINVAL;
  if (process.terminal != tty || tty.session != process.session) return -ENOTTY;
  const group = findPid(number);
  if (group == null) return -ESRCH;
  const member = group.members != null ? group.members : group.process;
  if (member == null || member.session != process.session) return -EPERM;
  group.retain();
  const before = tty.foreground;
  tty.foreground = group;
  if (before != null) before.release();
  tty.writable.wake();
  return 0;
}

/** TIOCSCTTY; with argument 1 an administrator steals it from another session. */
function claim(self: Task, tty: Tty, isReadable: bool, argument: u64): Outcome {
  const process = self.process;
  if (process.isSessionLeader && tty.session == process.session) return 0;
  if (!process.isSessionLeader || process.terminal != null) return -EPERM;
  const isAdministrator = self.credentials.has(CAP_SYS_ADMIN);
  if (tty.session != null) {
    if (argument != 1 || !isAdministrator) return -EPERM;
    clearTerminal(tty.session as Pid, tty);
  }
  if (!isReadable && !isAdministrator) return -EPERM;
  takeTerminal(process, tty);
  return 0;
}

function dropSession(tty: Tty): void {
  const session = tty.session;
  const foreground = tty.foreground;
  tty.session = null;
  tty.foreground = null;
  if (session != null) session.release();
  if (foreground != null) foreground.release();
}

/** No member of the session has a controlling terminal any more; with `tty`, those that had that one. */
function clearTerminal(session: Pid, tty: Tty | null): void {
  let process = nextProcess(0);
  while (process != null) {
    if (process.session == session && (tty == null || process.terminal == tty)) process.setTerminal(null);
    process = nextProcess(process.pid);
  }
}

function numberOf(pid: RefCounted | null): i32 {
  return pid == null ? 0 : (pid as Pid).number;
}
