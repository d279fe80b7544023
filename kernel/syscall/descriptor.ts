// SPDX-License-Identifier: MIT
// Calls on descriptors themselves: dup(2), dup3, close(2), close_range(2), and ioctl(2) with what it does for every file.

import { EBADF, EFAULT, EINVAL, ENOMEM } from "../abi/errno.ts";
import { CLOSE_RANGE_CLOEXEC, CLOSE_RANGE_UNSHARE, O_CLOEXEC, O_NONBLOCK } from "../abi/fcntl.ts";
import { FIOCLEX, FIONBIO, FIONCLEX, TIOCGPTPEER } from "../abi/ioctl.ts";
import { RLIMIT_NOFILE } from "../abi/resource.ts";
import { File } from "../file/file.ts";
import { openPeer } from "../fs/devpts.ts";
import { failure } from "../lib/failure.ts";
import { Outcome } from "../lib/outcome.ts";
import { copyIn } from "../memory/user.ts";
import { Task } from "../process/task.ts";
import { MasterFile } from "../tty/pty.ts";
import { finishIo, ioFile } from "./open-file.ts";

const word = memory.data(4, 4);

export function sysDup(self: Task): Outcome {
  const file = self.files.get(self.argInt(0));
  if (file == null) return -EBADF;
  return self.files.install(file, 0, self.process.limit(RLIMIT_NOFILE), false);
}

export function sysDup3(self: Task): Outcome {
  const from = self.argInt(0);
  const to = self.argInt(1);
  const flags = self.argInt(2);
  if ((flags & ~O_CLOEXEC) != 0 || from == to) return -EINVAL;
  if (<u64>(<u32>to) >= self.process.limit(RLIMIT_NOFILE)) return -EBADF;
  const file = self.files.get(from);
  if (file == null) return -EBADF;
  const outcome = self.files.replace(to, file, flags != 0);
  return outcome < 0 ? outcome : to;
}

export function sysClose(self: Task): Outcome {
  return self.files.close(self.argInt(0));
}

export function sysCloseRange(self: Task): Outcome {
  const first = <u32>self.arg(0);
  const last = <u32>self.arg(1);
  const flags = <u32>self.arg(2);
  if ((flags & ~(CLOSE_RANGE_UNSHARE | CLOSE_RANGE_CLOEXEC)) != 0 || first > last) return -EINVAL;
  if ((flags & CLOSE_RANGE_UNSHARE) != 0 && !unshareFiles(self)) return -ENOMEM;
  self.files.closeRange(first, last, flags);
  return 0;
}

/** Gives the caller a descriptor table of its own; false when memory is out. */
export function unshareFiles(self: Task): bool {
  const shared = self.files;
  if (shared.refs == 1) return true;
  const own = shared.clone();
  if (own == null) return false;
  self.files = own;
  shared.release();
  return true;
}

export function sysIoctl(self: Task): Outcome {
  const fd = self.argInt(0);
  const file = ioFile(self, fd);
  if (file == null) return -EBADF;
  const request = <u32>self.arg(1);
  if (request == FIOCLEX || request == FIONCLEX) {
    self.files.setCloseOnExec(fd, request == FIOCLEX);
    return 0;
  }
  if (request == FIONBIO) return setNonBlocking(self, file, self.arg(2));
  if (request == TIOCGPTPEER && file instanceof MasterFile) return installPeer(self, file as MasterFile, self.argInt(2));
  return finishIo(self, file, file.ioctl(self, self.space, request, self.arg(2)));
}

/** TIOCGPTPEER: a descriptor for the terminal of a master (ioctl_tty(2)). */
function installPeer(self: Task, master: MasterFile, flags: i32): Outcome {
  const file = openPeer(master, flags & ~O_CLOEXEC, self.credentials);
  if (file == null) return failure;
  const fd = self.files.install(file, 0, self.process.limit(RLIMIT_NOFILE), (flags & O_CLOEXEC) != 0);
  file.release();
  return fd;
}

function setNonBlocking(self: Task, file: File, argument: u64): Outcome {
  if (copyIn(self.space, word, argument, 4) != 4) return -EFAULT;
  file.flags = load<i32>(word) != 0 ? file.flags | O_NONBLOCK : file.flags & ~O_NONBLOCK;
  return 0;
}
