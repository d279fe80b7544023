// SPDX-License-Identifier: MIT
// eventfd2(2).

import { EINVAL, ENFILE, ENOMEM } from "../abi/errno.ts";
import { O_CLOEXEC, O_NONBLOCK, O_RDWR } from "../abi/fcntl.ts";
import { RLIMIT_NOFILE } from "../abi/resource.ts";
import { EventFile } from "../file/eventfd.ts";
import { mayOpenMore } from "../fs/open.ts";
import { Outcome } from "../lib/outcome.ts";
import { admit } from "../memory/heap.ts";
import { Task } from "../process/task.ts";

const EFD_SEMAPHORE = 1;

export function sysEventfd2(self: Task): Outcome {
  const flags = self.argInt(1);
  if ((flags & ~(EFD_SEMAPHORE | O_CLOEXEC | O_NONBLOCK)) != 0) return -EINVAL;
  if (!mayOpenMore(self.credentials)) return -ENFILE;
  if (!admit()) return -ENOMEM;
  const file = new EventFile(O_RDWR | (flags & O_NONBLOCK), <u32>self.arg(0), (flags & EFD_SEMAPHORE) != 0);
  const fd = self.files.install(file, 0, self.process.limit(RLIMIT_NOFILE), (flags & O_CLOEXEC) != 0);
  file.release();
  return fd;
}
