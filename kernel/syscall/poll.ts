// SPDX-License-Identifier: MIT
// ppoll(2) and pselect6(2). Each run asks every file anew; while nothing is ready the caller stands on the queues of all of
// them. A signal's handler ends both with EINTR (signal(7)), and the time that is left is written back.

import { EBADF, EFAULT, EINVAL, ENOMEM } from "../abi/errno.ts";
import { POLLERR, POLLHUP, POLLIN, POLLNVAL, POLLOUT, POLLPRI, POLLRDBAND, POLLRDNORM, POLLWRBAND, POLLWRNORM } from "../abi/poll.ts";
import { RLIMIT_NOFILE } from "../abi/resource.ts";
import { RESTART_NO_HANDLER } from "../file/wait-queue.ts";
import { now } from "../lib/clock.ts";
import { BLOCKED, Outcome } from "../lib/outcome.ts";
import { admit } from "../memory/heap.ts";
import { copyIn, copyOut } from "../memory/user.ts";
import { useTemporaryMask } from "../process/signal-delivery.ts";
import { Task } from "../process/task.ts";

const SIGSET_SIZE: u64 = 8;
const SECOND_NS: i64 = 1_000_000_000;
/** timeoutNs of a call without a timeout. */
const FOREVER: i64 = -1;

const POLLFD_SIZE: usize = 8;
const pollfd = memory.data(8, 4);
const timespec = memory.data(16, 8);
const maskWord = memory.data(16, 8);

// What select(2) means by readable, writable and exceptional.
const READABLE: u32 = POLLRDNORM | POLLRDBAND | POLLIN | POLLHUP | POLLERR;
const WRITABLE: u32 = POLLWRBAND | POLLWRNORM | POLLOUT | POLLERR;
const EXCEPTIONAL: u32 = POLLPRI;
const WORD_BITS: u32 = 64;

export function sysPpoll(self: Task): Outcome {
  self.onSignal = RESTART_NO_HANDLER;
  const count = <u32>self.arg(1);
  const timeoutNs = readTimeout(self, self.arg(2));
  if (timeoutNs < FOREVER) return timeoutNs;
  const outcome = useMask(self, self.arg(3), self.arg(4));
  if (outcome < 0) return outcome;
  if (<u64>count > self.process.limit(RLIMIT_NOFILE)) return -EINVAL;
  return finishWait(self, pollAll(self, self.arg(0), count, mayWait(self, timeoutNs)), self.arg(2), timeoutNs);
}

export function sysPselect6(self: Task): Outcome {
  self.onSignal = RESTART_NO_HANDLER;
  const timeoutNs = readTimeout(self, self.arg(4));
  if (timeoutNs < FOREVER) return timeoutNs;
  const outcome = usePackedMask(self, self.arg(5));
  if (outcome < 0) return outcome;
  if (self.argInt(0) < 0) return -EINVAL;
  // Descriptors beyond the table are not looked at, as on Linux, whose tables grow by 64.
  const count = min(<u32>self.argInt(0), (<u32>max(self.files.highest(), 0) | (WORD_BITS - 1)) + 1);
  const ready = selectAll(self, count, mayWait(self, timeoutNs), false);
  const done = finishWait(self, ready, self.arg(4), timeoutNs);
  return done < 0 ? done : selectAll(self, count, false, true);
}

/** One pass over the array: stores all revents, and counts those that are not 0. With `waits`, queues until one is ready. */
function pollAll(self: Task, array: u64, count: u32, waits: bool): Outcome {
  let ready = 0;
  for (let i: u32 = 0; i < count; i++) {
    const address = array + <u64>i * POLLFD_SIZE;
    if (copyIn(self.space, pollfd, address, POLLFD_SIZE) != POLLFD_SIZE) return -EFAULT;
    const revents = pollOne(self, load<i32>(pollfd), load<u16>(pollfd, 4), waits && ready == 0);
    if (revents < 0) return revents;
    if (revents != 0) ready++;
    store<u16>(pollfd, <u16>revents, 6);
    if (copyOut(self.space, address + 6, pollfd + 6, 2) != 2) return -EFAULT;
  }
  return ready;
}

/** revents of one descriptor, or -ENOMEM when there is no memory to queue. */
function pollOne(self: Task, fd: i32, events: u32, waits: bool): Outcome {
  if (fd < 0) return 0;
  const file = self.files.get(fd);
  if (file == null || file.isPathOnly) return POLLNVAL;
  if (waits && !admit()) return -ENOMEM;
  return file.poll(waits ? self : null) & (events | POLLERR | POLLHUP);
}

/** One pass over the three sets, word by word; counts ready bits, and with `stores` writes the sets back. */
function selectAll(self: Task, count: u32, waits: bool, stores: bool): Outcome {
  let ready: i64 = 0;
  for (let base: u32 = 0; base < count; base += WORD_BITS) {
    const wanted: u64 = count - base >= WORD_BITS ? <u64>-1 : (<u64>1 << (count - base)) - 1;
    for (let i: usize = 0; i < 3; i++) {
      if (!readSet(self, i, base, wanted)) return -EFAULT;
    }
    const found = selectWord(self, base, waits && ready == 0);
    if (found < 0) return found;
    ready += found;
    if (!stores) continue;
    for (let i: usize = 0; i < 3; i++) {
      if (!writeSet(self, i, base)) return -EFAULT;
    }
  }
  return ready;
}

/** Bits asked for (24 bytes) and found (24 bytes) in the current word of the three sets. */
const asked = memory.data(24, 8);
const found = memory.data(24, 8);

function selectWord(self: Task, base: u32, waits: bool): Outcome {
  memory.fill(found, 0, 24);
  let ready = 0;
  let bits = load<u64>(asked) | load<u64>(asked, 8) | load<u64>(asked, 16);
  for (; bits != 0; bits &= bits - 1) {
    const bit = <u32>ctz(bits);
    const file = self.files.get(<i32>(base + bit));
    if (file == null || file.isPathOnly) return -EBADF;
    if (waits && !admit()) return -ENOMEM;
    const events = file.poll(waits && ready == 0 ? self : null);
    ready += findBit(0, bit, events & READABLE) + findBit(8, bit, events & WRITABLE) + findBit(16, bit, events & EXCEPTIONAL);
  }
  return ready;
}

function findBit(set: usize, bit: u32, events: u32): i32 {
  const mask = <u64>1 << bit;
  if (events == 0 || (load<u64>(asked + set) & mask) == 0) return 0;
  store<u64>(found + set, load<u64>(found + set) | mask);
  return 1;
}

function readSet(self: Task, index: usize, base: u32, wanted: u64): bool {
  const set = self.arg(1 + <i32>index);
  store<u64>(asked + (index << 3), 0);
  if (set == 0) return true;
  if (copyIn(self.space, asked + (index << 3), set + (base >> 3), 8) != 8) return false;
  store<u64>(asked + (index << 3), load<u64>(asked + (index << 3)) & wanted);
  return true;
}

function writeSet(self: Task, index: usize, base: u32): bool {
  const set = self.arg(1 + <i32>index);
  return set == 0 || copyOut(self.space, set + (base >> 3), found + (index << 3), 8) == 8;
}

/** A struct timespec as ns: FOREVER for the null pointer, -EFAULT, -EINVAL. */
function readTimeout(self: Task, address: u64): i64 {
  if (address == 0) return FOREVER;
  if (copyIn(self.space, timespec, address, 16) != 16) return -EFAULT;
  const seconds = load<i64>(timespec);
  const ns = load<i64>(timespec, 8);
  if (seconds < 0 || ns < 0 || ns >= SECOND_NS) return -EINVAL;
  return seconds > i64.MAX_VALUE / SECOND_NS - 1 ? i64.MAX_VALUE : seconds * SECOND_NS + ns;
}

/** Whether the call can still sleep: it has a timeout that is not over, or none. Sets the deadline. */
function mayWait(self: Task, timeoutNs: i64): bool {
  if (timeoutNs == FOREVER) return true;
  return !self.timedOut(now(), timeoutNs);
}

/** Nothing ready and time left: BLOCKED. Otherwise the outcome stands. Tells the caller how much time is left, in any case. */
function finishWait(self: Task, ready: Outcome, address: u64, timeoutNs: i64): Outcome {
  if (timeoutNs > 0) {
    const leftNs = max(self.deadline - now(), 0);
    store<i64>(timespec, leftNs / SECOND_NS);
    store<i64>(timespec, leftNs % SECOND_NS, 8);
    // A caller may keep it in read-only memory: no error (Linux's poll_select_finish).
    copyOut(self.space, address, timespec, 16);
  }
  if (ready != 0) return ready;
  return timeoutNs == FOREVER || now() < self.deadline ? BLOCKED : 0;
}

/** Installs the signal mask at `address` for the time of the call; 0 or -errno. */
function useMask(self: Task, address: u64, size: u64): Outcome {
  if (address == 0) return 0;
  if (size != SIGSET_SIZE) return -EINVAL;
  if (copyIn(self.space, maskWord, address, 8) != 8) return -EFAULT;
  useTemporaryMask(self, load<u64>(maskWord));
  return 0;
}

/** pselect6 passes mask and size in a structure, having no seventh argument. */
function usePackedMask(self: Task, address: u64): Outcome {
  if (address == 0) return 0;
  if (copyIn(self.space, maskWord, address, 16) != 16) return -EFAULT;
  return useMask(self, load<u64>(maskWord), load<u64>(maskWord, 8));
}
