// SPDX-License-Identifier: MIT
// timerfd_create(2): a timer whose expirations are counted and read, eight bytes at a time. After its first period it rests until
// somebody reads; the periods that passed meanwhile are added then, so that a timer that nobody reads costs nothing.

import { EAGAIN, EFAULT, EINVAL } from "../abi/errno.ts";
import { POLLIN, POLLRDNORM } from "../abi/poll.ts";
import { now } from "../lib/clock.ts";
import { decimal } from "../lib/decimal.ts";
import { BLOCKED, Outcome } from "../lib/outcome.ts";
import { UserBuffer } from "../memory/user-buffer.ts";
import { AnonInodeFile, writeAscii } from "./anon-inode.ts";
import { realTimers, Timer } from "./timer.ts";
import { Sleeper, WaitQueue } from "./wait-queue.ts";

const COUNT_SIZE: usize = 8;
const NS_PER_SECOND: u64 = 1_000_000_000;
const count = memory.data(8, 8);

export class TimerFile extends AnonInodeFile {
  private timer: FileTimer = new FileTimer();
  /** TFD_TIMER_* of the last setting. */
  private settings: i32 = 0;

  constructor(
    flags: i32,
    readonly clock: i32,
  ) {
    super(flags);
  }

  /** Starts it anew: due at this virtual time (or NO_DEADLINE), then every `intervalNs`. */
  set(dueNs: i64, isOn: bool, intervalNs: i64, settings: i32): void {
    const timer = this.timer;
    timer.disarm();
    timer.expirations = 0;
    timer.hasExpired = false;
    timer.intervalNs = intervalNs;
    this.settings = settings;
    if (isOn) timer.arm(realTimers, dueNs);
  }

  get intervalNs(): i64 {
    return this.timer.intervalNs;
  }

  /** Time to go in ns; 0: it is off. */
  get restNs(): i64 {
    this.timer.catchUp();
    return this.timer.isArmed ? max<i64>(this.timer.dueNs - now(), 0) : 0;
  }

  protected get label(): string {
    return "[timerfd]";
  }

  read(self: Sleeper, buffer: UserBuffer): Outcome {
    if (buffer.left < COUNT_SIZE) return -EINVAL;
    const timer = this.timer;
    timer.catchUp();
    if (timer.expirations == 0) {
      if (this.isNonBlocking) return -EAGAIN;
      timer.readers.add(self);
      return BLOCKED;
    }
    store<u64>(count, timer.expirations);
    timer.expirations = 0;
    return buffer.copyOut(count, COUNT_SIZE) == COUNT_SIZE ? <i64>COUNT_SIZE : -EFAULT;
  }

  poll(self: Sleeper | null): u32 {
    if (self != null) this.timer.readers.add(self);
    return this.timer.expirations > 0 ? POLLIN | POLLRDNORM : 0;
  }

  information(out: usize): usize {
    const rest = this.restNs;
    let at = line(out, "clockid: ", this.clock);
    at = line(at, "ticks: ", this.timer.expirations);
    at = line(at, "settime flags: 0", this.settings);
    at = pair(at, "it_value: (", rest);
    return pair(at, "it_interval: (", this.timer.intervalNs) - out;
  }

  destroy(): void {
    this.timer.release();
    super.destroy();
  }
}

export class FileTimer extends Timer {
  expirations: u64 = 0;
  /** It has fired and rests. */
  hasExpired: bool = false;
  readers: WaitQueue = new WaitQueue();

  fire(nowNs: i64): void {
    this.expirations++;
    this.hasExpired = true;
    this.readers.wake();
  }

  /** Adds the periods that passed while it rested, and goes on. */
  catchUp(): void {
    if (!this.hasExpired || this.intervalNs == 0) return;
    this.hasExpired = false;
    this.expirations += <u64>(this.forward(now()) - 1);
    this.arm(realTimers, this.dueNs);
  }

  destroy(): void {
    this.disarm();
    this.readers.close();
  }
}

function line(out: usize, name: string, value: u64): usize {
  let at = out + writeAscii(out, name);
  at += decimal(at, value);
  store<u8>(at, 10);
  return at + 1;
}

/** "it_value: (1, 5)\n" */
function pair(out: usize, name: string, ns: u64): usize {
  let at = out + writeAscii(out, name);
  at += decimal(at, ns / NS_PER_SECOND);
  at += writeAscii(at, ", ");
  at += decimal(at, ns % NS_PER_SECOND);
  return at + writeAscii(at, ")\n");
}
