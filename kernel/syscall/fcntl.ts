// SPDX-License-Identifier: MIT
// fcntl(2), except for the record locks (kernel/syscall/lock.ts).

import { EBADF, EINVAL, EPERM, ESRCH } from "../abi/errno.ts";
import {
  F_ADD_SEALS, F_DUPFD, F_DUPFD_CLOEXEC, F_GET_SEALS, F_GETFD, F_GETFL, F_GETLEASE, F_GETLK, F_GETOWN, F_GETPIPE_SZ, F_GETSIG, F_OFD_GETLK, F_OFD_SETLK, F_OFD_SETLKW,
  F_SETFD, F_SETFL, F_SETLK, F_SETLKW, F_SETOWN, F_SETPIPE_SZ, F_SETSIG, F_UNLCK, FD_CLOEXEC,
} from "../abi/fcntl.ts";
import { CAP_SYS_RESOURCE } from "../abi/prctl.ts";
import { RLIMIT_NOFILE } from "../abi/resource.ts";
import { File } from "../file/file.ts";
import { Outcome } from "../lib/outcome.ts";
import { findPid } from "../process/pid.ts";
import { Task } from "../process/task.ts";
import { getLock, setRecordLock } from "./lock.ts";

const LAST_SIGNAL = 64;

export function sysFcntl(self: Task): Outcome {
  const fd = self.argInt(0);
  const command = self.argInt(1);
  const slept = self.sleepsIn;
  const file = slept != null ? slept : self.files.get(fd);
  if (file == null || (file.isPathOnly && !worksOnPaths(command))) return -EBADF;

  switch (command) {
    case F_DUPFD:
    case F_DUPFD_CLOEXEC:
      return duplicate(self, file, command == F_DUPFD_CLOEXEC);
    case F_GETFD:
      return self.files.isCloseOnExec(fd) ? FD_CLOEXEC : 0;
    case F_SETFD:
      self.files.setCloseOnExec(fd, (self.argInt(2) & FD_CLOEXEC) != 0);
      return 0;
    case F_GETFL:
      return file.flags;
    case F_SETFL:
      return file.setStatusFlags(self.argInt(2));
    case F_GETLK:
    case F_OFD_GETLK:
      return getLock(self, file, command);
    case F_SETLK:
    case F_SETLKW:
    case F_OFD_SETLK:
    case F_OFD_SETLKW:
      return setRecordLock(self, file, command);
    case F_GETPIPE_SZ:
      return file.pipeSize();
    case F_SETPIPE_SZ:
      return file.resizePipe(<u64>(<u32>self.arg(2)), self.credentials.has(CAP_SYS_RESOURCE));
    case F_GETOWN:
      return file.owner;
    case F_SETOWN:
      return setOwner(file, self.argInt(2));
    case F_GETSIG:
      return file.ownerSignal;
    case F_SETSIG:
      return setOwnerSignal(file, self.argInt(2));
    case F_GET_SEALS:
      return file.seals();
    case F_ADD_SEALS:
      return file.addSeals(<u32>self.arg(2));
    case F_GETLEASE:
      return F_UNLCK;
    default:
      return -EINVAL;
  }
}

/** What an O_PATH descriptor can do (open(2), "O_PATH"). */
function worksOnPaths(command: i32): bool {
  return command == F_DUPFD || command == F_DUPFD_CLOEXEC || command == F_GETFD || command == F_SETFD || command == F_GETFL;
}

function duplicate(self: Task, file: File, closeOnExec: bool): Outcome {
  const limit = self.process.limit(RLIMIT_NOFILE);
  const lowest = <u32>self.arg(2);
  if (<u64>lowest >= limit) return -EINVAL;
  return self.files.install(file, lowest, limit, closeOnExec);
}

function setOwner(file: File, owner: i32): Outcome {
  if (owner == i32.MIN_VALUE) return -EINVAL;
  if (owner != 0 && findPid(abs(owner)) == null) return -ESRCH;
  file.owner = owner;
  return 0;
}

function setOwnerSignal(file: File, signo: i32): Outcome {
  if (signo < 0 || signo > LAST_SIGNAL) return -EINVAL;
  file.ownerSignal = signo;
  return 0;
}
