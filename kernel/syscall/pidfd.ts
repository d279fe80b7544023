// SPDX-License-Identifier: MIT
// pidfd_open and pidfd_getfd; pidfd_send_signal is with the other senders (kill.ts), waiting on a pidfd with waitid (wait.ts).

import { EBADF, EINVAL, ENOMEM, EPERM, ESRCH } from "../abi/errno.ts";
import { O_NONBLOCK, O_RDWR } from "../abi/fcntl.ts";
import { RLIMIT_NOFILE } from "../abi/resource.ts";
import { Outcome } from "../lib/outcome.ts";
import { admit } from "../memory/heap.ts";
import { mayAccess } from "../process/access.ts";
import { asPidFile, PidFile } from "../process/pidfd.ts";
import { findTask } from "../process/pid.ts";
import { Task } from "../process/task.ts";

/** pidfd_open(pid, flags); PIDFD_NONBLOCK is O_NONBLOCK. */
export function sysPidfdOpen(self: Task): Outcome {
  const id = self.argInt(0);
  const flags = <u32>self.arg(1);
  if ((flags & ~(<u32>O_NONBLOCK)) != 0 || id <= 0) return -EINVAL;
  const task = findTask(id);
  if (task == null) return -ESRCH;
  if (task.tid != task.process.pid) return -EINVAL; // only thread group leaders have one
  if (!admit()) return -ENOMEM;
  const file = new PidFile(task.process, O_RDWR | flags);
  const fd = self.files.install(file, 0, self.process.limit(RLIMIT_NOFILE), true);
  file.release();
  return fd;
}

/** pidfd_getfd(pidfd, targetfd, flags) */
export function sysPidfdGetfd(self: Task): Outcome {
  if (<u32>self.arg(2) != 0) return -EINVAL;
  const pidFile = asPidFile(self.files.get(self.argInt(0)));
  if (pidFile == null) return -EBADF;
  const process = pidFile.process;
  const leader = process.leader;
  if (process.isReaped || leader == null) return -ESRCH;
  if (!mayAccess(self, process)) return -EPERM;
  if (leader.isDead) return -ESRCH;
  const file = leader.files.get(self.argInt(1));
  if (file == null) return -EBADF;
  return admit() ? self.files.install(file, 0, self.process.limit(RLIMIT_NOFILE), true) : -ENOMEM;
}
