// SPDX-License-Identifier: MIT
// openat(2), openat2(2), memfd_create(2): a new open file and the lowest free descriptor for it.

import { E2BIG, EFAULT, EINVAL, ENOMEM } from "../abi/errno.ts";
import { F_SEAL_EXEC, F_SEAL_SEAL, O_LARGEFILE } from "../abi/fcntl.ts";
import { MFD_ALLOW_SEALING, MFD_CLOEXEC, MFD_EXEC, MFD_NOEXEC_SEAL } from "../abi/mman.ts";
import { RLIMIT_NOFILE } from "../abi/resource.ts";
import { File } from "../file/file.ts";
import { openMemoryFile } from "../fs/memory-file.ts";
import { OPEN_HOW_SIZE, OpenHow } from "../fs/open-how.ts";
import { failure } from "../lib/failure.ts";
import { Outcome } from "../lib/outcome.ts";
import { PAGE_SIZE } from "../memory/frames.ts";
import { admit } from "../memory/heap.ts";
import { copyInString, copyInStruct } from "../memory/user.ts";
import { Task } from "../process/task.ts";
import { openUserPath } from "../process/user-path.ts";

/** "memfd:" and a name of at most 249 bytes make a name of 255. */
const MEMFD_NAME_MAX: usize = 250;
const MEMFD_PREFIX_SIZE: usize = 6;

const how = new OpenHow();
const HOW = memory.data(24, 8);
const NAME = memory.data(256);

export function sysOpenat(self: Task): Outcome {
  const outcome = how.setPlain(self.argInt(2) | O_LARGEFILE, <u32>self.arg(3));
  return outcome < 0 ? outcome : open(self);
}

export function sysOpenat2(self: Task): Outcome {
  const size = self.arg(3);
  if (size < OPEN_HOW_SIZE) return -EINVAL;
  if (size > PAGE_SIZE) return -E2BIG;
  const copied = copyInStruct(self.space, HOW, OPEN_HOW_SIZE, self.arg(2), <usize>size);
  if (copied < 0) return copied;
  const outcome = how.setFrom(HOW);
  if (outcome < 0) return outcome;
  if (!how.isPathOnly) how.flags |= O_LARGEFILE;
  return open(self);
}

export function sysMemfdCreate(self: Task): Outcome {
  const flags = <u32>self.arg(1);
  if ((flags & ~(MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL | MFD_EXEC)) != 0) return -EINVAL;
  if ((flags & (MFD_NOEXEC_SEAL | MFD_EXEC)) == (MFD_NOEXEC_SEAL | MFD_EXEC)) return -EINVAL;
  for (let i: usize = 0; i < MEMFD_PREFIX_SIZE; i++) store<u8>(NAME + i, <u8>"memfd:".charCodeAt(<i32>i));
  const length = copyInString(self.space, NAME + MEMFD_PREFIX_SIZE, self.arg(0), MEMFD_NAME_MAX);
  if (length < 0) return length == -EFAULT ? -EFAULT : -EINVAL;
  if (!admit()) return -ENOMEM;
  const isProgram = (flags & MFD_NOEXEC_SEAL) == 0;
  const seals: u32 = !isProgram ? F_SEAL_EXEC : (flags & MFD_ALLOW_SEALING) != 0 ? 0 : F_SEAL_SEAL;
  const file = openMemoryFile(self.credentials, NAME, <i32>MEMFD_PREFIX_SIZE + length, isProgram ? 0o777 : 0o666, seals);
  return install(self, file, (flags & MFD_CLOEXEC) != 0);
}

function open(self: Task): Outcome {
  const file = openUserPath(self, self.argInt(0), self.arg(1), how);
  return file == null ? failure : install(self, file, how.closesOnExec);
}

/** Gives a new file the lowest free descriptor, or drops it. */
function install(self: Task, file: File, closeOnExec: bool): Outcome {
  const fd = self.files.install(file, 0, self.process.limit(RLIMIT_NOFILE), closeOnExec);
  file.release();
  return fd;
}
