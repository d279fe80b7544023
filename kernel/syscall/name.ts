// SPDX-License-Identifier: MIT
// Calls that make, remove, move and read names: mkdirat, mknodat, unlinkat, symlinkat, linkat, renameat2, readlinkat.

import { EFAULT, EINVAL, ENOENT } from "../abi/errno.ts";
import { AT_EMPTY_PATH, AT_REMOVEDIR, AT_SYMLINK_FOLLOW, RENAME_EXCHANGE, RENAME_NOREPLACE } from "../abi/fcntl.ts";
import { CAP_DAC_READ_SEARCH } from "../abi/prctl.ts";
import { checkNodeType, makeDirectory, makeLink, makeNode, makeSymlink } from "../fs/create.ts";
import { removeDirectory, unlink } from "../fs/remove.ts";
import { rename } from "../fs/rename.ts";
import { EMPTY_OK, FOLLOW, walk, walk2 } from "../fs/walk.ts";
import { Outcome } from "../lib/outcome.ts";
import { copyOut } from "../memory/user.ts";
import { Task } from "../process/task.ts";
import { copyPath, PATH, PATH2, walkUserParent, walkUserPath } from "../process/user-path.ts";

const TARGET = memory.data(4096);

export function sysMkdirat(self: Task): Outcome {
  let outcome = walkUserParent(self, walk, self.argInt(0), self.arg(1), PATH);
  if (outcome == 0) outcome = makeDirectory(walk, self.credentials, <u32>self.arg(2), self.fs.umask);
  walk.reset();
  return outcome;
}

export function sysMknodat(self: Task): Outcome {
  let outcome = checkNodeType(<u32>self.arg(2));
  if (outcome == 0) outcome = walkUserParent(self, walk, self.argInt(0), self.arg(1), PATH);
  if (outcome == 0) outcome = makeNode(walk, self.credentials, <u32>self.arg(2), self.fs.umask, <u32>self.arg(3));
  walk.reset();
  return outcome;
}

export function sysUnlinkat(self: Task): Outcome {
  const flags = self.argInt(2);
  if ((flags & ~AT_REMOVEDIR) != 0) return -EINVAL;
  let outcome = walkUserParent(self, walk, self.argInt(0), self.arg(1), PATH);
  if (outcome == 0) outcome = flags != 0 ? removeDirectory(walk, self.credentials) : unlink(walk, self.credentials);
  walk.reset();
  return outcome;
}

/** The target is text: nothing looks at what it means. */
export function sysSymlinkat(self: Task): Outcome {
  let outcome = copyPath(self, TARGET, self.arg(0));
  if (outcome < 0) return outcome;
  let length = 0;
  while (load<u8>(TARGET + <usize>length) != 0) length++;
  if (length == 0) return -ENOENT;
  outcome = walkUserParent(self, walk, self.argInt(1), self.arg(2), PATH);
  if (outcome == 0) outcome = makeSymlink(walk, self.credentials, TARGET, length);
  walk.reset();
  return outcome;
}

export function sysLinkat(self: Task): Outcome {
  const flags = self.argInt(4);
  if ((flags & ~(AT_SYMLINK_FOLLOW | AT_EMPTY_PATH)) != 0) return -EINVAL;
  let how: u32 = (flags & AT_SYMLINK_FOLLOW) != 0 ? FOLLOW : 0;
  if ((flags & AT_EMPTY_PATH) != 0 && self.credentials.has(CAP_DAC_READ_SEARCH)) how |= EMPTY_OK;
  let outcome = walkUserPath(self, walk, self.argInt(0), self.arg(1), how);
  if (outcome == 0) outcome = walkUserParent(self, walk2, self.argInt(2), self.arg(3), PATH2);
  if (outcome == 0) outcome = makeLink(walk, walk2, self.credentials);
  walk.reset();
  walk2.reset();
  return outcome;
}

export function sysRenameat2(self: Task): Outcome {
  const flags = <u32>self.arg(4);
  if ((flags & ~(RENAME_NOREPLACE | RENAME_EXCHANGE)) != 0) return -EINVAL;
  if (flags == (RENAME_NOREPLACE | RENAME_EXCHANGE)) return -EINVAL;
  let outcome = walkUserParent(self, walk, self.argInt(0), self.arg(1), PATH);
  if (outcome == 0) outcome = walkUserParent(self, walk2, self.argInt(2), self.arg(3), PATH2);
  if (outcome == 0) outcome = rename(walk, walk2, self.credentials, flags);
  walk.reset();
  walk2.reset();
  return outcome;
}

export function sysReadlinkat(self: Task): Outcome {
  const size = self.argInt(3);
  if (size <= 0) return -EINVAL;
  let outcome = walkUserPath(self, walk, self.argInt(0), self.arg(1), EMPTY_OK);
  if (outcome == 0) outcome = readLink(self, self.arg(2), <usize>size);
  walk.reset();
  return outcome;
}

/** What does not fit is cut off without a word (readlink(2)). */
function readLink(self: Task, to: u64, size: usize): Outcome {
  // With an empty path, only a link itself (opened with O_PATH and O_NOFOLLOW) can be meant.
  const isEmpty = load<u8>(PATH) == 0;
  if (walk.file != null || !walk.inode.isSymlink) return isEmpty ? -ENOENT : -EINVAL;
  const length = walk.inode.readLink(TARGET);
  if (length < 0) return length;
  walk.inode.accessed();
  const part = min(<usize>length, size);
  return copyOut(self.space, to, TARGET, part) == part ? <Outcome>part : -EFAULT;
}
