// SPDX-License-Identifier: MIT
// Advisory locks: the record lock commands of fcntl(2), and flock(2). Decodes struct flock; who may have what is decided in
// kernel/file/lock-table.ts.

import { EBADF, EFAULT, EINVAL, EOVERFLOW } from "../abi/errno.ts";
import {
  F_GETLK, F_OFD_GETLK, F_OFD_SETLKW, F_RDLCK, F_SETLK, F_SETLKW, F_UNLCK, F_WRLCK, LOCK_EX, LOCK_NB, LOCK_SH, LOCK_UN, SEEK_CUR, SEEK_END,
  SEEK_SET,
} from "../abi/fcntl.ts";
import { File } from "../file/file.ts";
import { findConflict, Lock, LOCK_TO_END, setLock } from "../file/lock-table.ts";
import { Outcome } from "../lib/outcome.ts";
import { copyIn, copyOut } from "../memory/user.ts";
import { Task } from "../process/task.ts";
import { finishIo, ioFile } from "./open-file.ts";

// struct flock: l_type i16, l_whence i16, l_start i64 at 8, l_len i64 at 16, l_pid i32 at 24.
const FLOCK_SIZE: usize = 32;
const flock = memory.data(32, 8);
const STAT_SIZE_OFFSET: usize = 48;
const stat = memory.data(128, 8);
const wanted = new Lock();

/** F_SETLK, F_SETLKW and the OFD forms. */
export function setRecordLock(self: Task, file: File, command: i32): Outcome {
  const outcome = decode(self, file);
  if (outcome < 0) return outcome;
  if (wanted.type == F_RDLCK && !file.isReadable) return -EBADF;
  if (wanted.type == F_WRLCK && !file.isWritable) return -EBADF;
  if (!own(self, file, command == F_SETLK || command == F_SETLKW)) return -EINVAL;
  return finishIo(self, file, setLock(self, wanted, command == F_SETLKW || command == F_OFD_SETLKW));
}

/** F_GETLK: the first lock in the way, or F_UNLCK in l_type. */
export function getLock(self: Task, file: File, command: i32): Outcome {
  const outcome = decode(self, file);
  if (outcome < 0) return outcome;
  if (wanted.type == F_UNLCK || !own(self, file, command == F_GETLK)) return -EINVAL;
  const conflict = findConflict(wanted);
  if (conflict == null) {
    store<i16>(flock, F_UNLCK);
  } else {
    store<i16>(flock, <i16>conflict.type);
    store<i16>(flock, SEEK_SET, 2);
    store<i64>(flock, conflict.start, 8);
    store<i64>(flock, conflict.end == LOCK_TO_END ? 0 : conflict.end - conflict.start + 1, 16);
    store<i32>(flock, conflict.pid, 24);
  }
  return copyOut(self.space, self.arg(2), flock, FLOCK_SIZE) == FLOCK_SIZE ? 0 : -EFAULT;
}

export function sysFlock(self: Task): Outcome {
  const operation = self.argInt(1) & ~LOCK_NB;
  if (operation != LOCK_SH && operation != LOCK_EX && operation != LOCK_UN) return -EINVAL;
  const file = ioFile(self, self.argInt(0));
  if (file == null || (operation != LOCK_UN && !file.isReadable && !file.isWritable)) return -EBADF;
  begin(file, true);
  wanted.owner = changetype<usize>(file);
  wanted.start = 0;
  wanted.end = LOCK_TO_END;
  // A conversion gives up the old lock first, and may end without any (flock(2)).
  wanted.type = F_UNLCK;
  const outcome = setLock(self, wanted, false);
  if (operation == LOCK_UN || outcome < 0) return outcome;
  wanted.type = operation == LOCK_SH ? F_RDLCK : F_WRLCK;
  return finishIo(self, file, setLock(self, wanted, (self.argInt(1) & LOCK_NB) == 0));
}

/** Reads struct flock into `wanted`; 0 or -errno. */
function decode(self: Task, file: File): Outcome {
  if (copyIn(self.space, flock, self.arg(2), FLOCK_SIZE) != FLOCK_SIZE) return -EFAULT;
  begin(file, false);
  const outcome = decodeRange(file, load<i16>(flock, 2), load<i64>(flock, 8), load<i64>(flock, 16));
  if (outcome < 0) return outcome;
  wanted.type = load<i16>(flock);
  return wanted.type == F_RDLCK || wanted.type == F_WRLCK || wanted.type == F_UNLCK ? 0 : -EINVAL;
}

function decodeRange(file: File, whence: i32, offset: i64, length: i64): Outcome {
  let base: i64 = 0;
  if (whence == SEEK_CUR) base = file.position;
  else if (whence == SEEK_END) base = sizeOf(file);
  else if (whence != SEEK_SET) return -EINVAL;
  if (offset > i64.MAX_VALUE - base) return -EOVERFLOW;
  const start = base + offset;
  if (start < 0) return -EINVAL;
  if (length > 0 && length - 1 > i64.MAX_VALUE - start) return -EOVERFLOW;
  if (length < 0 && start + length < 0) return -EINVAL;
  wanted.start = length < 0 ? start + length : start;
  wanted.end = length == 0 ? LOCK_TO_END : length < 0 ? start - 1 : start + length - 1;
  return 0;
}

function begin(file: File, isFlock: bool): void {
  wanted.target = file.lockTarget();
  wanted.isFlock = isFlock;
}

/** Whose lock it is to be; false when l_pid is not 0 with an OFD command. */
function own(self: Task, file: File, isProcessLock: bool): bool {
  if (!isProcessLock && load<i32>(flock, 24) != 0) return false;
  wanted.owner = isProcessLock ? changetype<usize>(self.files) : changetype<usize>(file);
  wanted.pid = isProcessLock ? self.process.pid : -1;
  return true;
}

function sizeOf(file: File): i64 {
  memory.fill(stat, 0, 128);
  file.stat(stat);
  return load<i64>(stat, STAT_SIZE_OFFSET);
}
