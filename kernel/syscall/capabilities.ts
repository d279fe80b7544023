// SPDX-License-Identifier: MIT
// capget and capset (capget(2)).

import { EFAULT, EINVAL, ENOMEM, EPERM, ESRCH } from "../abi/errno.ts";
import { CAP_SETPCAP } from "../abi/prctl.ts";
import { CAP_FULL } from "../fs/credentials.ts";
import { Outcome } from "../lib/outcome.ts";
import { admit } from "../memory/heap.ts";
import { copyIn, copyOut, writeUser } from "../memory/user.ts";
import { findTask } from "../process/pid.ts";
import { Task } from "../process/task.ts";

// _LINUX_CAPABILITY_VERSION_1..3: the first has one struct of 32 capabilities each, the others two.
const VERSION_1: u32 = 0x19980330;
const VERSION_2: u32 = 0x20071026;
const VERSION_3: u32 = 0x20080522;
const STRUCT_SIZE: usize = 12;

const HEADER = memory.data(8, 8);
const DATA = memory.data(24, 8);

/** capget(hdrp, datap) */
export function sysCapget(self: Task): Outcome {
  const count = readHeader(self);
  // Without data, a bad version is a question for the good one.
  if (count < 0) return count == -EINVAL && self.arg(1) == 0 ? 0 : count;
  const tid = load<i32>(HEADER, 4);
  if (tid < 0) return -EINVAL;
  const task = tid == 0 ? self : findTask(tid);
  if (task == null) return -ESRCH;
  if (self.arg(1) == 0) return 0;
  const subject = task.credentials;
  storeSet(0, subject.effective);
  storeSet(4, subject.permitted);
  storeSet(8, subject.inheritable);
  const size = <usize>count * STRUCT_SIZE;
  return copyOut(self.space, self.arg(1), DATA, size) == size ? 0 : <i64>-EFAULT;
}

/** capset(hdrp, datap) */
export function sysCapset(self: Task): Outcome {
  const count = readHeader(self);
  if (count < 0) return count;
  const tid = load<i32>(HEADER, 4);
  if (tid != 0 && tid != self.tid) return -EPERM;
  const size = <usize>count * STRUCT_SIZE;
  memory.fill(DATA, 0, 24);
  if (copyIn(self.space, DATA, self.arg(1), size) != size) return -EFAULT;
  const effective = loadSet(0) & CAP_FULL;
  const permitted = loadSet(4) & CAP_FULL;
  const inheritable = loadSet(8) & CAP_FULL;
  const old = self.credentials;
  if (!old.has(CAP_SETPCAP) && (inheritable & ~(old.inheritable | old.permitted)) != 0) return -EPERM;
  if ((inheritable & ~(old.inheritable | old.bounding)) != 0) return -EPERM;
  if ((permitted & ~old.permitted) != 0 || (effective & ~permitted) != 0) return -EPERM;
  if (!admit()) return -ENOMEM;
  const to = old.copy();
  to.effective = effective;
  to.permitted = permitted;
  to.inheritable = inheritable;
  to.ambient &= permitted & inheritable;
  self.commitCredentials(to);
  return 0;
}

/** Reads the header: how many structs of data there are, -EFAULT, or -EINVAL with the right version stored. */
function readHeader(self: Task): Outcome {
  if (copyIn(self.space, HEADER, self.arg(0), 8) != 8) return -EFAULT;
  const version = load<u32>(HEADER);
  if (version == VERSION_1) return 1;
  if (version == VERSION_2 || version == VERSION_3) return 2;
  return writeUser<u32>(self.space, self.arg(0), VERSION_3) ? <i64>-EINVAL : <i64>-EFAULT;
}

function storeSet(offset: usize, set: u64): void {
  store<u32>(DATA + offset, <u32>set);
  store<u32>(DATA + offset + STRUCT_SIZE, <u32>(set >> 32));
}

function loadSet(offset: usize): u64 {
  return <u64>load<u32>(DATA + offset) | (<u64>load<u32>(DATA + offset + STRUCT_SIZE) << 32);
}
