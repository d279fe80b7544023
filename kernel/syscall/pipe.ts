// SPDX-License-Identifier: MIT
// pipe2(2).

import { EFAULT, EINVAL, ENFILE, ENOMEM, ENOPKG } from "../abi/errno.ts";
import { O_CLOEXEC, O_DIRECT, O_EXCL, O_NONBLOCK, O_RDONLY, O_WRONLY } from "../abi/fcntl.ts";
import { RLIMIT_NOFILE } from "../abi/resource.ts";
import { File } from "../file/file.ts";
import { newPipe, PipeFile } from "../file/pipe-file.ts";
import { mayOpenMore } from "../fs/open.ts";
import { Outcome } from "../lib/outcome.ts";
import { admit } from "../memory/heap.ts";
import { copyOut } from "../memory/user.ts";
import { Task } from "../process/task.ts";

/** O_NOTIFICATION_PIPE: a kernel without watch queues says ENOPKG. */
const NOTIFICATION_PIPE = O_EXCL;
const pair = memory.data(8, 4);

export function sysPipe2(self: Task): Outcome {
  const flags = self.argInt(1);
  if ((flags & ~(O_CLOEXEC | O_NONBLOCK | O_DIRECT | NOTIFICATION_PIPE)) != 0) return -EINVAL;
  if ((flags & NOTIFICATION_PIPE) != 0) return -ENOPKG;
  if (!mayOpenMore(self.credentials)) return -ENFILE;
  if (!admit()) return -ENOMEM;
  const pipe = newPipe(self.credentials.fsuid, self.credentials.fsgid);
  const reader = new PipeFile(pipe, O_RDONLY | (flags & O_NONBLOCK));
  const writer = new PipeFile(pipe, O_WRONLY | (flags & (O_NONBLOCK | O_DIRECT)));
  pipe.release();
  const outcome = installPair(self, reader, writer, self.arg(0), (flags & O_CLOEXEC) != 0);
  reader.release();
  writer.release();
  return outcome;
}

/** Opens two descriptors and stores their numbers at `address`; both or neither. */
export function installPair(self: Task, first: File, second: File, address: u64, closeOnExec: bool): Outcome {
  const limit = self.process.limit(RLIMIT_NOFILE);
  const files = self.files;
  const low = files.install(first, 0, limit, closeOnExec);
  if (low < 0) return low;
  const high = files.install(second, 0, limit, closeOnExec);
  if (high < 0) {
    files.close(low);
    return high;
  }
  store<i32>(pair, low);
  store<i32>(pair, high, 4);
  if (copyOut(self.space, address, pair, 8) == 8) return 0;
  files.close(low);
  files.close(high);
  return -EFAULT;
}
