// SPDX-License-Identifier: MIT
// Calls about directories and what a process takes paths to mean: chdir, fchdir, chroot, getcwd, umask, getdents64.

import { EBADF, EFAULT, ENOENT, ENOMEM, ERANGE } from "../abi/errno.ts";
import { AT_FDCWD } from "../abi/fcntl.ts";
import { writeAscii } from "../file/anon-inode.ts";
import { changeRoot, changeTo, changeToFile } from "../fs/change-directory.ts";
import { formatName, wasReachable } from "../fs/path.ts";
import { FOLLOW, DIRECTORY, walk } from "../fs/walk.ts";
import { PATH_MAX } from "../lib/limits.ts";
import { Outcome } from "../lib/outcome.ts";
import { admit } from "../memory/heap.ts";
import { UserBuffer } from "../memory/user-buffer.ts";
import { copyOut } from "../memory/user.ts";
import { Task } from "../process/task.ts";
import { walkUserPath } from "../process/user-path.ts";
import { ioFile } from "./open-file.ts";

const UNREACHABLE = "(unreachable)";
const CWD = memory.data(4096 + 16);

export function sysChdir(self: Task): Outcome {
  return move(self, false);
}

export function sysChroot(self: Task): Outcome {
  return move(self, true);
}

function move(self: Task, movesRoot: bool): Outcome {
  if (!admit()) return -ENOMEM;
  let outcome = walkUserPath(self, walk, AT_FDCWD, self.arg(0), FOLLOW | DIRECTORY);
  if (outcome == 0) {
    const path = walk.toPath();
    outcome = movesRoot ? changeRoot(self.fs, self.credentials, path) : changeTo(self.fs, self.credentials, path);
    path.release();
  }
  walk.reset();
  return outcome;
}

export function sysFchdir(self: Task): Outcome {
  const file = self.files.get(self.argInt(0));
  return file == null ? -EBADF : changeToFile(self.fs, self.credentials, file);
}

/** The length with the NUL; a directory outside of the root shows "(unreachable)" in front (getcwd(3)). */
export function sysGetcwd(self: Task): Outcome {
  const cwd = self.fs.cwd;
  if (cwd.dentry.isDeleted) return -ENOENT;
  const prefix = <usize>UNREACHABLE.length;
  const length = formatName(cwd, self.fs.root, CWD + prefix, PATH_MAX - 1);
  if (length < 0) return length;
  store<u8>(CWD + prefix + <usize>length, 0);
  if (!wasReachable) writeAscii(CWD, UNREACHABLE);
  const from = wasReachable ? CWD + prefix : CWD;
  const size = CWD + prefix + <usize>length + 1 - from;
  if (<u64>size > self.arg(1)) return -ERANGE;
  return copyOut(self.space, self.arg(0), from, size) == size ? <Outcome>size : -EFAULT;
}

export function sysUmask(self: Task): Outcome {
  const old = self.fs.umask;
  self.fs.umask = <u32>self.arg(0) & 0o777;
  return old;
}

export function sysGetdents64(self: Task): Outcome {
  const file = ioFile(self, self.argInt(0));
  if (file == null) return -EBADF;
  return file.readDirectory(UserBuffer.ofRange(self.space, self.arg(1), <u32>self.arg(2)));
}
