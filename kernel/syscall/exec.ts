// SPDX-License-Identifier: MIT
// execve(2) and execveat(2): from user pointers to an open file and its name; the rest is process/exec.ts.

import { EINVAL, ENOENT } from "../abi/errno.ts";
import { AT_EMPTY_PATH, AT_FDCWD, AT_SYMLINK_NOFOLLOW } from "../abi/fcntl.ts";
import { baseError, baseOf } from "../fs/directory-fd.ts";
import { openForExec } from "../fs/open.ts";
import { PATH_MAX } from "../fs/path.ts";
import { failure } from "../lib/failure.ts";
import { Outcome } from "../lib/outcome.ts";
import { copyInString } from "../memory/user.ts";
import { execFile, stringLength } from "../process/exec.ts";
import { Task } from "../process/task.ts";

const SLASH: u8 = 0x2f;
const PATH = memory.data(4096, 8);
/** "/dev/fd/N" or "/dev/fd/N/path": what a program executed relative to a descriptor is called (execveat(2), NOTES). */
const NAME = memory.data(4096 + 32, 8);
const DEV_FD = memory.data<u8>([0x2f, 0x64, 0x65, 0x76, 0x2f, 0x66, 0x64, 0x2f]);

/** execve(2). */
export function sysExecve(self: Task): Outcome {
  const length = copyInString(self.space, PATH, self.arg(0), PATH_MAX);
  if (length < 0) return length;
  if (length == 0) return -ENOENT;
  const file = openForExec(self.fs, self.credentials, null, PATH, true);
  if (file == null) return failure;
  const outcome = execFile(self, file, PATH, self.arg(1), self.arg(2), null, false);
  file.release();
  return outcome;
}

/** execveat(2). */
export function sysExecveat(self: Task): Outcome {
  const flags = self.argInt(4);
  if ((flags & ~(AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW)) != 0) return -EINVAL;
  const length = copyInString(self.space, PATH, self.arg(1), PATH_MAX);
  if (length < 0) return length;
  if (length == 0 && (flags & AT_EMPTY_PATH) == 0) return -ENOENT;
  const fd = self.argInt(0);
  const base = baseOf(self.files, fd, PATH);
  if (base == null && baseError < 0) return baseError;
  const file = openForExec(self.fs, self.credentials, base, PATH, (flags & AT_SYMLINK_NOFOLLOW) == 0);
  if (file == null) return failure;
  const isByName = fd == AT_FDCWD || load<u8>(PATH) == SLASH;
  if (!isByName) nameByDescriptor(fd);
  // A script is opened again by its interpreter, through a descriptor that exec closes.
  const isHidden = !isByName && self.files.get(fd) != null && self.files.isCloseOnExec(fd);
  const outcome = execFile(self, file, isByName ? PATH : NAME, self.arg(2), self.arg(3), null, isHidden);
  file.release();
  return outcome;
}

function nameByDescriptor(fd: i32): void {
  memory.copy(NAME, DEV_FD, 8);
  let at = NAME + 8;
  let scale = 1;
  while (fd / scale >= 10) scale *= 10;
  for (; scale > 0; scale /= 10) store<u8>(at++, <u8>(0x30 + (fd / scale) % 10));
  if (load<u8>(PATH) != 0) store<u8>(at++, SLASH);
  memory.copy(at, PATH, stringLength(PATH) + 1);
}
