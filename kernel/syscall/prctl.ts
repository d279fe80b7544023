// SPDX-License-Identifier: MIT
// prctl(2). What belongs to credentials (keepcaps, securebits, bounding and ambient sets) replaces the credential object; the
// rest is kept in the task or process.

import { EFAULT, EINVAL, ENOMEM, EPERM } from "../abi/errno.ts";
import {
  CAP_LAST_CAP, CAP_SETPCAP, PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, PR_CAP_AMBIENT_IS_SET, PR_CAP_AMBIENT_LOWER, PR_CAP_AMBIENT_RAISE,
  PR_CAPBSET_DROP, PR_CAPBSET_READ, PR_GET_CHILD_SUBREAPER, PR_GET_DUMPABLE, PR_GET_KEEPCAPS, PR_GET_NAME, PR_GET_NO_NEW_PRIVS,
  PR_GET_PDEATHSIG, PR_GET_SECCOMP, PR_GET_SECUREBITS, PR_GET_THP_DISABLE, PR_GET_TID_ADDRESS, PR_GET_TIMERSLACK, PR_SET_CHILD_SUBREAPER,
  PR_SET_DUMPABLE, PR_SET_KEEPCAPS, PR_SET_NAME, PR_SET_NO_NEW_PRIVS, PR_SET_PDEATHSIG, PR_SET_SECUREBITS, PR_SET_TIMERSLACK,
  SECBIT_KEEP_CAPS, SECBIT_KEEP_CAPS_LOCKED, SECBIT_NO_CAP_AMBIENT_RAISE,
} from "../abi/prctl.ts";
import { Outcome } from "../lib/outcome.ts";
import { admit } from "../memory/heap.ts";
import { copyIn, copyOut, writeUser } from "../memory/user.ts";
import { NSIG } from "../process/signal-handlers.ts";
import { DEFAULT_SLACK_NS, NAME_SIZE, setName, Task } from "../process/task.ts";

/** The bits that exist, and those of them that lock the bit below (capabilities(7), "The securebits flags"). */
const ALL_SECUREBITS: u32 = 0xff;
const LOCK_BITS: u32 = 0xaa;

const NAME = memory.data(16, 8);

/** prctl(option, arg2, arg3, arg4, arg5) */
export function sysPrctl(self: Task): Outcome {
  const value = self.arg(1);
  switch (self.argInt(0)) {
    case PR_SET_PDEATHSIG:
      return setDeathSignal(self, value);
    case PR_GET_PDEATHSIG:
      return put(self, value, self.parentDeathSignal);
    case PR_GET_DUMPABLE:
      return self.process.isDumpable ? 1 : 0;
    case PR_SET_DUMPABLE:
      if (value > 1) return -EINVAL;
      self.process.isDumpable = value == 1;
      return 0;
    case PR_SET_NAME:
      return setNameFrom(self, value);
    case PR_GET_NAME:
      return copyOut(self.space, value, self.name, NAME_SIZE) == NAME_SIZE ? 0 : <i64>-EFAULT;
    case PR_SET_TIMERSLACK:
      self.timerSlackNs = <i64>value <= 0 ? DEFAULT_SLACK_NS : value;
      return 0;
    case PR_GET_TIMERSLACK:
      return self.timerSlackNs;
    case PR_SET_CHILD_SUBREAPER:
      self.process.isSubreaper = value != 0;
      return 0;
    case PR_GET_CHILD_SUBREAPER:
      return put(self, value, self.process.isSubreaper ? 1 : 0);
    case PR_SET_NO_NEW_PRIVS:
      if (value != 1 || !areZero(self, 2)) return -EINVAL;
      self.noNewPrivileges = true;
      return 0;
    case PR_GET_NO_NEW_PRIVS:
      if (value != 0 || !areZero(self, 2)) return -EINVAL;
      return self.noNewPrivileges ? 1 : 0;
    case PR_GET_TID_ADDRESS:
      return writeUser<u64>(self.space, value, self.clearTidAddress) ? 0 : <i64>-EFAULT;
    case PR_GET_SECCOMP:
    case PR_GET_THP_DISABLE:
      return 0;
    default:
      return credentialControl(self, value);
  }
}

function credentialControl(self: Task, value: u64): Outcome {
  const own = self.credentials;
  switch (self.argInt(0)) {
    case PR_GET_KEEPCAPS:
      return (own.securebits & SECBIT_KEEP_CAPS) != 0 ? 1 : 0;
    case PR_SET_KEEPCAPS: {
      if (value > 1) return -EINVAL;
      if ((own.securebits & SECBIT_KEEP_CAPS_LOCKED) != 0) return -EPERM;
      const others = own.securebits & ~(<u32>SECBIT_KEEP_CAPS);
      return replaceSecurebits(self, value == 1 ? others | SECBIT_KEEP_CAPS : others);
    }
    case PR_GET_SECUREBITS:
      return own.securebits;
    case PR_SET_SECUREBITS:
      return setSecurebits(self, value);
    case PR_CAPBSET_READ:
      if (value > <u64>CAP_LAST_CAP) return -EINVAL;
      return (own.bounding >> value) & 1;
    case PR_CAPBSET_DROP:
      return dropBounding(self, value);
    case PR_CAP_AMBIENT:
      return ambient(self, value, self.arg(2));
    default:
      return -EINVAL;
  }
}

function setDeathSignal(self: Task, signo: u64): Outcome {
  if (signo > <u64>NSIG) return -EINVAL;
  self.parentDeathSignal = <i32>signo;
  return 0;
}

/** Byte by byte, so that a short name at the end of a mapping is no fault. */
function setNameFrom(self: Task, address: u64): Outcome {
  memory.fill(NAME, 0, NAME_SIZE);
  for (let i: usize = 0; i < NAME_SIZE - 1; i++) {
    if (copyIn(self.space, NAME + i, address + i, 1) != 1) return -EFAULT;
    if (load<u8>(NAME + i) == 0) break;
  }
  setName(self, NAME);
  return 0;
}

/** A locked bit stays as it is, and so does its lock. */
function setSecurebits(self: Task, bits: u64): Outcome {
  const old = self.credentials.securebits;
  const locked = (old & LOCK_BITS) | ((old & LOCK_BITS) >> 1);
  if (!self.credentials.has(CAP_SETPCAP) || (bits & ~(<u64>ALL_SECUREBITS)) != 0) return -EPERM;
  if (((<u32>bits ^ old) & locked) != 0) return -EPERM;
  return replaceSecurebits(self, <u32>bits);
}

function replaceSecurebits(self: Task, bits: u32): Outcome {
  if (!admit()) return -ENOMEM;
  const to = self.credentials.copy();
  to.securebits = bits;
  self.commitCredentials(to);
  return 0;
}

function dropBounding(self: Task, capability: u64): Outcome {
  if (!self.credentials.has(CAP_SETPCAP)) return -EPERM;
  if (capability > <u64>CAP_LAST_CAP) return -EINVAL;
  if (!admit()) return -ENOMEM;
  const to = self.credentials.copy();
  to.bounding &= ~(<u64>1 << capability);
  self.commitCredentials(to);
  return 0;
}

function ambient(self: Task, operation: u64, capability: u64): Outcome {
  const own = self.credentials;
  if (operation == PR_CAP_AMBIENT_CLEAR_ALL) return areZero(self, 2) ? replaceAmbient(self, 0) : -EINVAL;
  if (!areZero(self, 3) || capability > <u64>CAP_LAST_CAP) return -EINVAL;
  const bit = <u64>1 << capability;
  if (operation == PR_CAP_AMBIENT_IS_SET) return (own.ambient & bit) != 0 ? 1 : 0;
  if (operation == PR_CAP_AMBIENT_LOWER) return replaceAmbient(self, own.ambient & ~bit);
  if (operation != PR_CAP_AMBIENT_RAISE) return -EINVAL;
  const isAllowed = (own.permitted & own.inheritable & bit) != 0 && (own.securebits & SECBIT_NO_CAP_AMBIENT_RAISE) == 0;
  return isAllowed ? replaceAmbient(self, own.ambient | bit) : -EPERM;
}

function replaceAmbient(self: Task, set: u64): Outcome {
  if (!admit()) return -ENOMEM;
  const to = self.credentials.copy();
  to.ambient = set;
  self.commitCredentials(to);
  return 0;
}

/** Whether the arguments from this one to the fifth are zero, as calls that may grow demand. */
function areZero(self: Task, from: i32): bool {
  for (let i = from; i < 5; i++) if (self.arg(i) != 0) return false;
  return true;
}

function put(self: Task, address: u64, value: i32): Outcome {
  return writeUser<i32>(self.space, address, value) ? 0 : <i64>-EFAULT;
}
