// SPDX-License-Identifier: MIT
// Pseudo-terminals (pty(7)): a terminal whose device is another open file, the master. What the master writes is typed at the
// terminal; what programs write to the terminal the master reads. Closing the master hangs the terminal up; while nobody has the
// terminal open, the master's reads end with EIO. Names in /dev/pts are fs/devpts.ts's business.

import { EAGAIN, EFAULT, EINVAL, EIO } from "../abi/errno.ts";
import { FIONREAD, TIOCGPKT, TIOCGPTLCK, TIOCGPTN, TIOCPKT, TIOCSIG, TIOCSPTLCK } from "../abi/ioctl.ts";
import { POLLHUP, POLLIN, POLLOUT, POLLPRI, POLLRDNORM, POLLWRNORM } from "../abi/poll.ts";
import { SIGINT, SIGQUIT, SIGTSTP } from "../abi/signal.ts";
import {
  TIOCPKT_DATA, TIOCPKT_DOSTOP, TIOCPKT_NOSTOP, TIOCPKT_START, TIOCPKT_STOP,
} from "../abi/termios.ts";
import { File } from "../file/file.ts";
import { Pipe } from "../file/pipe.ts";
import { Sleeper } from "../file/wait-queue.ts";
import { now } from "../lib/clock.ts";
import { MAX_TERMINALS } from "../lib/limits.ts";
import { BLOCKED, Outcome } from "../lib/outcome.ts";
import { AddressSpace } from "../memory/address-space.ts";
import { allocKernelFrame } from "../memory/frames.ts";
import { RefCounted } from "../memory/ref-counted.ts";
import { UserBuffer } from "../memory/user-buffer.ts";
import { copyIn, writeUser } from "../memory/user.ts";
import { receiveArrived } from "./discipline.ts";
import { hangUp } from "./hang-up.ts";
import { sessions } from "./sessions.ts";
import { terminalIoctl } from "./terminal-ioctl.ts";
import { Tty } from "./tty.ts";

/** Major number of the terminals. */
export const PTS_MAJOR: u64 = 136;
const claim = new UserBuffer();
const word = memory.data(4, 4);
/** Bytes that are typed before others get their turn. */
const PART: usize = 4096;
const bounce = memory.data(4096);

/** Pseudo-terminals whose master is open, by ascending number. */
let first: Pty | null = null;

/** The terminal of a pair. */
export class Pty extends Tty {
  next: Pty | null = null;
  /** To the master. */
  readonly output: Pipe = new Pipe(null);
  /** Open files of the terminal. */
  private opens: i32 = 0;
  /** The last one was closed. */
  isLeft: bool = false;
  /** It cannot be opened before unlockpt(3). */
  isLocked: bool = true;
  /** TIOCPKT; and what the master has not been told yet. */
  isPacketMode: bool = false;
  status: u8 = 0;

  constructor(readonly number: u32, frame: usize) {
    super(deviceOf(number), frame);
  }

  get hasRoom(): bool {
    return !this.output.isFull;
  }

  put(from: usize, length: usize): bool {
    if (this.isMasterGone) return true;
    const moved = this.output.put(claim.setKernel(from, length), false, true);
    this.output.readable.wake();
    return moved == length || this.output.isFull;
  }

  notify(bits: u8): void {
    if (!this.isPacketMode) return;
    let status = this.status;
    if ((bits & TIOCPKT_STOP) != 0) status &= ~<u8>TIOCPKT_START;
    if ((bits & TIOCPKT_START) != 0) status &= ~<u8>TIOCPKT_STOP;
    if ((bits & TIOCPKT_NOSTOP) != 0) status &= ~<u8>TIOCPKT_DOSTOP;
    if ((bits & TIOCPKT_DOSTOP) != 0) status &= ~<u8>TIOCPKT_NOSTOP;
    this.status = status | bits;
    this.output.readable.wake();
  }

  opened(): void {
    this.opens++;
    this.isLeft = false;
  }

  closed(): void {
    if (--this.opens > 0) return;
    this.isLeft = true;
    this.isPacketMode = false;
    this.output.readable.wake();
    this.arrived.writable.wake();
  }

  /** The master is closed: the number is free, and whoever uses the terminal is told. */
  leaveMaster(): void {
    let at = first;
    if (at == this) first = this.next;
    while (at != null && at.next != this) at = at.next;
    if (at != null) at.next = this.next;
    this.next = null;
    this.isMasterGone = true;
    this.readable.wake();
    hangUp(this);
    this.output.reset();
  }

  destroy(): void {
    this.output.release();
    super.destroy();
  }
}

/** Device number of terminal `number` (makedev(3)). */
function deviceOf(number: u32): u64 {
  return (PTS_MAJOR << 8) | (number & 0xff) | (<u64>(number & ~0xff) << 12);
}

/** The terminal with this device number whose master is open (borrowed), or null. */
export function findPty(device: u64): Pty | null {
  let pty = first;
  while (pty != null && pty.device != device) pty = pty.next;
  return pty;
}

/** A new pair, with the lowest free number and one reference; null: there are too many, or there is no memory. Needs an admit(). */
export function newPty(): Pty | null {
  let before: Pty | null = null;
  let after = first;
  let number: u32 = 0;
  while (after != null && after.number == number) {
    number++;
    before = after;
    after = after.next;
  }
  const frame = number < <u32>MAX_TERMINALS ? allocKernelFrame() : 0;
  if (frame == 0) return null;
  const pty = new Pty(number, frame);
  pty.next = after;
  if (before == null) first = pty;
  else before.next = pty;
  return pty;
}

export class MasterFile extends File {
  /** Takes both references over; `name`: what /dev/pts shows, for as long as the master is open. */
  constructor(
    private readonly pty: Pty,
    readonly name: RefCounted,
    flags: i32,
  ) {
    super(flags);
  }

  read(self: Sleeper, buffer: UserBuffer): Outcome {
    const pty = this.pty;
    const output = pty.output;
    if (buffer.left == 0) return 0;
    if (pty.isPacketMode && pty.status != 0) return this.readStatus(buffer);
    if (output.isEmpty) {
      if (pty.isLeft) return -EIO;
      if (this.isNonBlocking) return -EAGAIN;
      output.readable.add(self);
      return BLOCKED;
    }
    let header = 0;
    if (pty.isPacketMode) {
      store<u8>(word, <u8>TIOCPKT_DATA);
      if (buffer.copyOut(word, 1) != 1) return -EFAULT;
      header = 1;
    }
    const taken = output.take(buffer);
    if (taken > 0) pty.writable.wake();
    return taken < 0 ? taken : taken + header;
  }

  write(self: Sleeper, buffer: UserBuffer): Outcome {
    const pty = this.pty;
    const arrived = pty.arrived;
    buffer.skip(self.progress);
    if (buffer.left == 0) return self.progress;
    if (arrived.isFull) {
      if (this.isNonBlocking) return self.progress > 0 ? self.progress : -EAGAIN;
      arrived.writable.add(self);
      return BLOCKED;
    }
    const part = <usize>min(buffer.left, <u64>PART);
    const copied = buffer.copyIn(bounce, part);
    const moved = arrived.put(claim.setKernel(bounce, copied), false, true);
    if (moved > 0) self.progress += moved;
    receiveArrived(pty);
    if (copied < part || moved < <i64>part) return self.progress > 0 ? self.progress : copied < part ? -EFAULT : moved;
    if (buffer.left == 0 || this.isNonBlocking) return self.progress;
    self.deadline = now(); // the rest in a moment: a byte can cost as much as the whole line's echo
    return BLOCKED;
  }

  poll(self: Sleeper | null): u32 {
    const pty = this.pty;
    if (self != null) {
      pty.output.readable.add(self);
      pty.arrived.writable.add(self);
    }
    let events: u32 = 0;
    if (!pty.output.isEmpty) events |= POLLIN | POLLRDNORM;
    if (pty.isPacketMode && pty.status != 0) events |= POLLPRI | POLLIN | POLLRDNORM;
    if (pty.isLeft) events |= POLLHUP;
    if (!pty.arrived.isFull) events |= POLLOUT | POLLWRNORM;
    return events;
  }

  ioctl(self: Sleeper, space: AddressSpace, request: u32, argument: u64): Outcome {
    const pty = this.pty;
    switch (request) {
      case TIOCGPTN:
        return writeUser<u32>(space, argument, pty.number) ? 0 : -EFAULT;
      case TIOCGPTLCK:
        return writeUser<i32>(space, argument, pty.isLocked ? 1 : 0) ? 0 : -EFAULT;
      case TIOCGPKT:
        return writeUser<i32>(space, argument, pty.isPacketMode ? 1 : 0) ? 0 : -EFAULT;
      case TIOCSPTLCK:
        if (copyIn(space, word, argument, 4) != 4) return -EFAULT;
        pty.isLocked = load<i32>(word) != 0;
        return 0;
      case TIOCPKT: {
        if (copyIn(space, word, argument, 4) != 4) return -EFAULT;
        const wasPacketMode = pty.isPacketMode;
        pty.isPacketMode = load<i32>(word) != 0;
        if (!wasPacketMode) pty.status = 0;
        return 0;
      }
      case TIOCSIG:
        if (argument != SIGINT && argument != SIGQUIT && argument != SIGTSTP) return -EINVAL;
        sessions().signalForeground(pty, <i32>argument);
        return 0;
      case FIONREAD:
        return writeUser<u32>(space, argument, <u32>pty.output.length) ? 0 : -EFAULT;
      default:
        return terminalIoctl(self, space, pty, this, true, request, argument);
    }
  }

  destroy(): void {
    const pty = this.pty;
    pty.leaveMaster();
    this.name.release();
    pty.release();
    super.destroy();
  }

  private readStatus(buffer: UserBuffer): Outcome {
    const pty = this.pty;
    store<u8>(word, pty.status);
    pty.status = 0;
    return buffer.copyOut(word, 1) == 1 ? 1 : -EFAULT;
  }
}
