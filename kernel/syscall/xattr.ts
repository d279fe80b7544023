// SPDX-License-Identifier: MIT
// Extended attributes (xattr(7)): our file systems, like Linux's ramfs, have none. The calls look up the file and its name and then
// say so.

import { E2BIG, EBADF, EFAULT, EINVAL, EOPNOTSUPP, ERANGE, EROFS } from "../abi/errno.ts";
import { AT_FDCWD } from "../abi/fcntl.ts";
import { pathOf } from "../fs/file-access.ts";
import { FOLLOW, walk } from "../fs/walk.ts";
import { Outcome } from "../lib/outcome.ts";
import { copyInString } from "../memory/user.ts";
import { Task } from "../process/task.ts";
import { walkUserPath } from "../process/user-path.ts";
import { ioFile } from "./open-file.ts";

/** Longest attribute name with its NUL (XATTR_NAME_MAX + 1). */
const NAME_SIZE: usize = 256;
/** Longest value (XATTR_SIZE_MAX). */
const VALUE_MAX: u64 = 65536;
const XATTR_CREATE = 1;
const XATTR_REPLACE = 2;

const NAME = memory.data(256);

export function sysSetxattr(self: Task): Outcome {
  const refused = checkSet(self);
  return refused != 0 ? refused : onPath(self, FOLLOW, true);
}

export function sysLsetxattr(self: Task): Outcome {
  const refused = checkSet(self);
  return refused != 0 ? refused : onPath(self, 0, true);
}

export function sysFsetxattr(self: Task): Outcome {
  const refused = checkSet(self);
  return refused != 0 ? refused : onFile(self, true);
}

export function sysGetxattr(self: Task): Outcome {
  const refused = checkName(self);
  return refused != 0 ? refused : onPath(self, FOLLOW, false);
}

export function sysLgetxattr(self: Task): Outcome {
  const refused = checkName(self);
  return refused != 0 ? refused : onPath(self, 0, false);
}

export function sysFgetxattr(self: Task): Outcome {
  const refused = checkName(self);
  return refused != 0 ? refused : onFile(self, false);
}

export function sysRemovexattr(self: Task): Outcome {
  const refused = checkName(self);
  return refused != 0 ? refused : onPath(self, FOLLOW, true);
}

export function sysLremovexattr(self: Task): Outcome {
  const refused = checkName(self);
  return refused != 0 ? refused : onPath(self, 0, true);
}

export function sysFremovexattr(self: Task): Outcome {
  const refused = checkName(self);
  return refused != 0 ? refused : onFile(self, true);
}

/** The list of no names is empty. */
export function sysListxattr(self: Task): Outcome {
  const outcome = walkUserPath(self, walk, AT_FDCWD, self.arg(0), FOLLOW);
  walk.reset();
  return outcome;
}

export function sysLlistxattr(self: Task): Outcome {
  const outcome = walkUserPath(self, walk, AT_FDCWD, self.arg(0), 0);
  walk.reset();
  return outcome;
}

export function sysFlistxattr(self: Task): Outcome {
  return ioFile(self, self.argInt(0)) == null ? -EBADF : 0;
}

function checkSet(self: Task): Outcome {
  if ((self.argInt(4) & ~(XATTR_CREATE | XATTR_REPLACE)) != 0) return -EINVAL;
  const refused = checkName(self);
  if (refused != 0) return refused;
  return self.arg(3) > VALUE_MAX ? -E2BIG : 0;
}

function checkName(self: Task): Outcome {
  const length = copyInString(self.space, NAME, self.arg(1), NAME_SIZE);
  if (length < 0) return length == -EFAULT ? -EFAULT : -ERANGE;
  return length == 0 ? -ERANGE : 0;
}

function onPath(self: Task, flags: u32, writes: bool): Outcome {
  let outcome = walkUserPath(self, walk, AT_FDCWD, self.arg(0), flags);
  if (outcome == 0) outcome = writes && walk.file == null && walk.mount!.isReadOnly ? -EROFS : -EOPNOTSUPP;
  walk.reset();
  return outcome;
}

function onFile(self: Task, writes: bool): Outcome {
  const file = ioFile(self, self.argInt(0));
  if (file == null) return -EBADF;
  const path = pathOf(file);
  return writes && path != null && path.mount.isReadOnly ? -EROFS : -EOPNOTSUPP;
}
