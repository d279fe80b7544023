// SPDX-License-Identifier: MIT
// An open terminal: the side that programs use. When a read has enough (termios(3), "Canonical and noncanonical mode"), what waits,
// what a hang-up does, and who may do what from the background (sessions.ts).

import { EAGAIN, EFAULT, EIO, ENOMEM, ENOTTY } from "../abi/errno.ts";
import { TIOCSPGRP } from "../abi/ioctl.ts";
import { POLLERR, POLLHUP, POLLIN, POLLOUT, POLLRDNORM, POLLWRNORM } from "../abi/poll.ts";
import { SIGTTIN, SIGTTOU } from "../abi/signal.ts";
import { TOSTOP, VMIN, VTIME } from "../abi/termios.ts";
import { File } from "../file/file.ts";
import { Sleeper } from "../file/wait-queue.ts";
import { now } from "../lib/clock.ts";
import { BLOCKED, Outcome } from "../lib/outcome.ts";
import { AddressSpace } from "../memory/address-space.ts";
import { UserBuffer } from "../memory/user-buffer.ts";
import { receiveArrived } from "./discipline.ts";
import { LARGEST_OUTPUT, writeOut } from "./output.ts";
import { sessions } from "./sessions.ts";
import { terminalIoctl } from "./terminal-ioctl.ts";
import { Tty } from "./tty.ts";

const TENTH_NS: i64 = 100_000_000;
/** What one look at the device's room is good for. */
const PART: usize = 4096 / LARGEST_OUTPUT;
const bounce = memory.data(512);
/** Bytes that are written before others get their turn. */
const TURN: i64 = 65536;

export class TerminalFile extends File {
  private readonly hangups: u32;

  /** Takes its own reference. */
  constructor(
    private readonly tty: Tty,
    flags: i32,
  ) {
    super(flags);
    tty.retain();
    this.hangups = tty.hangups;
    tty.opened();
  }

  get isHungUp(): bool {
    return this.hangups != this.tty.hangups;
  }

  read(self: Sleeper, buffer: UserBuffer): Outcome {
    const tty = this.tty;
    // A read that the hang-up of a pseudo-terminal found asleep fails; later ones find the end of the file.
    if (this.isHungUp) return tty.isMasterGone && self.sleepsIn == this ? -EIO : 0;
    const refused = sessions().mayUse(self, tty, SIGTTIN);
    if (refused != 0) return refused;
    const outcome = tty.isCanonical ? this.readLine(self, buffer) : this.readBytes(self, buffer);
    if (!tty.arrived.isEmpty) receiveArrived(tty);
    return outcome;
  }

  write(self: Sleeper, buffer: UserBuffer): Outcome {
    const tty = this.tty;
    if ((tty.localFlags & TOSTOP) != 0 && !this.isHungUp) {
      const refused = sessions().mayUse(self, tty, SIGTTOU);
      if (refused != 0) return refused;
    }
    buffer.skip(self.progress);
    const turnEnds = self.progress + TURN;
    while (buffer.left > 0) {
      if (self.progress >= turnEnds && !this.isNonBlocking) {
        self.deadline = now(); // the rest in a moment: others get their turn
        return BLOCKED;
      }
      if (this.isHungUp) return this.doneOr(self, -EIO);
      if (tty.isStopped || !tty.hasRoom) {
        if (this.isNonBlocking) return this.doneOr(self, -EAGAIN);
        tty.writable.add(self);
        return BLOCKED;
      }
      const part = <usize>min(buffer.left, <u64>PART);
      const moved = buffer.copyIn(bounce, part);
      if (!writeOut(tty, bounce, moved)) return this.doneOr(self, -ENOMEM);
      self.progress += moved;
      if (moved < part) return this.doneOr(self, -EFAULT);
    }
    return self.progress;
  }

  poll(self: Sleeper | null): u32 {
    const tty = this.tty;
    if (self != null) {
      tty.readable.add(self);
      tty.writable.add(self);
    }
    if (this.isHungUp) return POLLIN | POLLOUT | POLLERR | POLLHUP | POLLRDNORM | POLLWRNORM;
    let events: u32 = 0;
    if (this.hasInput) events |= POLLIN | POLLRDNORM;
    else if (tty.isInputOver) events |= POLLIN | POLLRDNORM | POLLHUP;
    if (!tty.isStopped && tty.hasRoom) events |= POLLOUT | POLLWRNORM;
    return events;
  }

  ioctl(self: Sleeper, space: AddressSpace, request: u32, argument: u64): Outcome {
    if (this.isHungUp) return request == TIOCSPGRP ? -ENOTTY : -EIO;
    return terminalIoctl(self, space, this.tty, this, false, request, argument);
  }

  destroy(): void {
    this.tty.closed();
    this.tty.release();
    super.destroy();
  }

  /** Whether poll(2) calls it readable: with a least number of bytes and no timeout, when they are there. */
  private get hasInput(): bool {
    const tty = this.tty;
    const line = tty.line;
    if (tty.isCanonical) return line.canonHead != line.tail;
    const least: u32 = tty.control(VTIME) == 0 ? max<u32>(tty.control(VMIN), 1) : 1;
    return line.count >= least;
  }

  private readLine(self: Sleeper, buffer: UserBuffer): Outcome {
    const line = this.tty.line;
    if (buffer.left == 0) return 0;
    if (line.canonHead == line.tail) return this.wait(self);
    const moved = line.takeLine(buffer);
    return moved < 0 ? -EFAULT : moved;
  }

  /** VMIN bytes at least; VTIME limits the wait for the first byte or, with a VMIN, for each next one. */
  private readBytes(self: Sleeper, buffer: UserBuffer): Outcome {
    const tty = this.tty;
    const least: i64 = tty.control(VMIN);
    const timeoutNs = <i64>tty.control(VTIME) * TENTH_NS;
    buffer.skip(self.progress);
    if (buffer.left == 0) return self.progress;
    const moved = tty.line.take(buffer);
    if (moved < 0) return this.doneOr(self, -EFAULT);
    self.progress += moved;
    if (self.progress >= max<i64>(least, 1) || buffer.left == 0) return self.progress;

    if (least == 0 && (timeoutNs == 0 || self.timedOut(now(), timeoutNs))) return 0;
    if (least > 0 && timeoutNs > 0 && self.progress > 0) {
      if (moved > 0) self.deadline = now() + timeoutNs;
      else if (now() >= self.deadline) return self.progress;
    }
    return this.wait(self);
  }

  /** Nothing, or not enough, to read. */
  private wait(self: Sleeper): Outcome {
    const tty = this.tty;
    if (tty.isInputOver) return self.progress;
    if (this.isNonBlocking) return this.doneOr(self, -EAGAIN);
    tty.readable.add(self);
    return BLOCKED;
  }

  private doneOr(self: Sleeper, error: Outcome): Outcome {
    return self.progress > 0 ? self.progress : error;
  }
}
