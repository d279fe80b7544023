// SPDX-License-Identifier: MIT
// execve(2) and execveat(2): from user pointers to an open file and its name; the rest is process/exec.ts.

import { EACCES, EINVAL, ENOENT, ENOTDIR } from "../abi/errno.ts";
import { AT_EMPTY_PATH, AT_FDCWD, AT_SYMLINK_NOFOLLOW } from "../abi/fcntl.ts";
import { File } from "../file/file.ts";
import { openForExec } from "../fs/open.ts";
import { failure } from "../lib/failure.ts";
import { Outcome } from "../lib/outcome.ts";
import { execFile, stringLength } from "../process/exec.ts";
import { Task } from "../process/task.ts";
import { baseError, baseFor, copyPath, PATH } from "../process/user-path.ts";

const SLASH: u8 = 0x2f;
/** "/dev/fd/N" or "/dev/fd/N/path": what a program executed relative to a descriptor is called (execveat(2), NOTES). */
const NAME = memory.data(4096 + 32, 8);
const DEV_FD = memory.data<u8>([0x2f, 0x64, 0x65, 0x76, 0x2f, 0x66, 0x64, 0x2f]);

/** execve(2). */
export function sysExecve(self: Task): Outcome {
  const copied = copyPath(self, PATH, self.arg(0));
  if (copied < 0) return copied;
  if (load<u8>(PATH) == 0) return -ENOENT;
  return execute(self, openForExec(self.fs, self.credentials, null, PATH, true), PATH, self.arg(1), self.arg(2), false);
}

/** execveat(2). */
export function sysExecveat(self: Task): Outcome {
  const fd = self.argInt(0);
  const flags = self.argInt(4);
  if ((flags & ~(AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW)) != 0) return -EINVAL;
  const copied = copyPath(self, PATH, self.arg(1), (flags & AT_EMPTY_PATH) != 0);
  if (copied < 0) return copied;
  const isEmpty = load<u8>(PATH) == 0;
  const base = baseFor(self, fd, PATH);
  if (baseError < 0) return isEmpty && baseError == -ENOTDIR ? -EACCES : baseError; // a pipe is no program
  const file = openForExec(self.fs, self.credentials, base, PATH, (flags & AT_SYMLINK_NOFOLLOW) == 0);
  if (fd == AT_FDCWD || load<u8>(PATH) == SLASH) return execute(self, file, PATH, self.arg(2), self.arg(3), false);
  nameByDescriptor(fd);
  // A script is opened again by its interpreter, through a descriptor that exec closes.
  return execute(self, file, NAME, self.arg(2), self.arg(3), self.files.isCloseOnExec(fd));
}

/** Executes what was opened, if it was; takes over the reference. */
function execute(self: Task, file: File | null, name: usize, argv: u64, envp: u64, isHidden: bool): Outcome {
  if (file == null) return failure;
  const outcome = execFile(self, file, name, argv, envp, null, isHidden);
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
