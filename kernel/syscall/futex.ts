// SPDX-License-Identifier: MIT
// futex(2): waiting for and waking by a word of memory. The operations that lock on behalf of a thread (PI) are ENOSYS.

import { EAGAIN, EFAULT, EINVAL, ENOSYS, ETIMEDOUT } from "../abi/errno.ts";
import {
  FUTEX_BITSET_MATCH_ANY, FUTEX_CLOCK_REALTIME, FUTEX_CMP_REQUEUE, FUTEX_PRIVATE_FLAG, FUTEX_REQUEUE, FUTEX_WAIT, FUTEX_WAIT_BITSET, FUTEX_WAKE,
  FUTEX_WAKE_BITSET,
} from "../abi/sched.ts";
import { RESTART, RESTART_NO_HANDLER } from "../file/wait-queue.ts";
import { now, realtime } from "../lib/clock.ts";
import { BLOCKED, Outcome } from "../lib/outcome.ts";
import { copyIn } from "../memory/user.ts";
import { requeueFutex, waitForFutex, wakeFutex } from "../process/futex.ts";
import { Task } from "../process/task.ts";
import { readTimespec, timespecNs } from "./timespec.ts";

const ANY_BIT: u32 = <u32>FUTEX_BITSET_MATCH_ANY;
const WORD = memory.data(4, 4);

/** futex(uaddr, op, val, timeout or val2, uaddr2, val3) */
export function sysFutex(self: Task): Outcome {
  const operation = self.argInt(1);
  const isShared = (operation & FUTEX_PRIVATE_FLAG) == 0;
  const address = self.arg(0);
  if ((address & 3) != 0) return -EINVAL;
  const value = <u32>self.arg(2);
  switch (operation & ~(FUTEX_PRIVATE_FLAG | FUTEX_CLOCK_REALTIME)) {
    case FUTEX_WAIT:
      return wait(self, address, isShared, value, ANY_BIT, false);
    case FUTEX_WAIT_BITSET:
      return wait(self, address, isShared, value, <u32>self.arg(5), true);
    case FUTEX_WAKE:
      return wake(self, address, isShared, <i32>value, ANY_BIT);
    case FUTEX_WAKE_BITSET:
      return wake(self, address, isShared, <i32>value, <u32>self.arg(5));
    case FUTEX_REQUEUE:
      return requeue(self, address, isShared, <i32>value);
    case FUTEX_CMP_REQUEUE: {
      if (copyIn(self.space, WORD, address, 4) != 4) return -EFAULT;
      return load<u32>(WORD) != <u32>self.arg(5) ? <i64>-EAGAIN : requeue(self, address, isShared, <i32>value);
    }
    default:
      return -ENOSYS;
  }
}

/** `isAbsolute`: the timeout is a point in time, of CLOCK_REALTIME if the flag says so, else of CLOCK_MONOTONIC. */
function wait(self: Task, address: u64, isShared: bool, expected: u32, bits: u32, isAbsolute: bool): Outcome {
  if (bits == 0) return -EINVAL;
  if (self.isRetry && self.wasFutexWoken) return 0;
  const timeout = self.arg(3);
  if (timeout != 0) {
    const outcome = readTimespec(self.space, timeout);
    if (outcome < 0) return outcome;
  }
  if (copyIn(self.space, WORD, address, 4) != 4) return -EFAULT;
  if (load<u32>(WORD) != expected) return -EAGAIN;
  if (timeout != 0) {
    const isRealtime = (self.argInt(1) & FUTEX_CLOCK_REALTIME) != 0;
    const base = !isAbsolute ? 0 : isRealtime ? realtime() : now();
    if (self.timedOut(now(), max<i64>(0, timespecNs - base))) return -ETIMEDOUT;
  }
  if (!waitForFutex(self, address, isShared, bits)) return -EFAULT;
  self.onSignal = timeout == 0 ? RESTART : RESTART_NO_HANDLER;
  return BLOCKED;
}

function wake(self: Task, address: u64, isShared: bool, count: i32, bits: u32): Outcome {
  if (bits == 0) return -EINVAL;
  const woken = wakeFutex(self.space, address, isShared, max(count, 1), bits);
  return woken < 0 ? <i64>-EFAULT : woken;
}

function requeue(self: Task, address: u64, isShared: bool, wakeCount: i32): Outcome {
  const moveCount = self.argInt(3);
  if (wakeCount < 0 || moveCount < 0) return -EINVAL;
  const target = self.arg(4);
  if ((target & 3) != 0) return -EINVAL;
  const woken = wakeCount == 0 ? 0 : wakeFutex(self.space, address, isShared, wakeCount, ANY_BIT);
  if (woken < 0) return -EFAULT;
  const moved = requeueFutex(self.space, address, target, isShared, moveCount);
  return moved < 0 ? <i64>-EFAULT : woken + moved;
}
