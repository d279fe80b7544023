// SPDX-License-Identifier: MIT
// Calls that change attributes and sizes: fchmod, fchmodat, fchmodat2, fchown, fchownat, utimensat, truncate, ftruncate, fallocate,
// fsync and its kin.

import { EBADF, EFAULT, EINVAL, EOPNOTSUPP, EPERM, ESPIPE } from "../abi/errno.ts";
import { AT_EMPTY_PATH, AT_FDCWD, AT_SYMLINK_NOFOLLOW, O_LARGEFILE } from "../abi/fcntl.ts";
import { S_IFIFO, S_IFMT, UTIME_NOW, UTIME_OMIT } from "../abi/stat.ts";
import { File } from "../file/file.ts";
import { changeMode, changeOwner, changeTimes, TIME_NOW, TIME_UNCHANGED, truncate } from "../fs/attributes.ts";
import { pathOf } from "../fs/file-access.ts";
import { changeNamelessMode, changeNamelessOwner } from "../fs/nameless.ts";
import { EMPTY_OK, FOLLOW, walk } from "../fs/walk.ts";
import { MAX_SMALL_FILE } from "../lib/limits.ts";
import { Outcome } from "../lib/outcome.ts";
import { copyIn } from "../memory/user.ts";
import { Task } from "../process/task.ts";
import { walkUserPath } from "../process/user-path.ts";
import { ioFile } from "./open-file.ts";

const NS: i64 = 1_000_000_000;
const FALLOC_KNOWN = 0x7f;

const TIMES = memory.data(32, 8);

export function sysFchmod(self: Task): Outcome {
  const file = ioFile(self, self.argInt(0));
  if (file == null) return -EBADF;
  const path = pathOf(file);
  if (path == null) return changeNamelessMode(file, self.credentials, <u32>self.arg(1));
  return changeMode(path.mount, path.inode, self.credentials, <u32>self.arg(1));
}

export function sysFchmodat(self: Task): Outcome {
  return changeModeAt(self, 0);
}

export function sysFchmodat2(self: Task): Outcome {
  const flags = self.argInt(3);
  if ((flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)) != 0) return -EINVAL;
  return changeModeAt(self, flags);
}

function changeModeAt(self: Task, flags: i32): Outcome {
  let outcome = walkUserPath(self, walk, self.argInt(0), self.arg(1), walkFlags(flags));
  const file = walk.file;
  if (outcome == 0 && file != null) outcome = changeNamelessMode(file, self.credentials, <u32>self.arg(2));
  else if (outcome == 0 && walk.inode.isSymlink) outcome = -EOPNOTSUPP;
  else if (outcome == 0) outcome = changeMode(walk.mount!, walk.inode, self.credentials, <u32>self.arg(2));
  walk.reset();
  return outcome;
}

export function sysFchown(self: Task): Outcome {
  const file = ioFile(self, self.argInt(0));
  if (file == null) return -EBADF;
  const path = pathOf(file);
  const uid = <u32>self.arg(1);
  const gid = <u32>self.arg(2);
  if (path == null) return changeNamelessOwner(file, self.credentials, uid, gid);
  return changeOwner(path.mount, path.inode, self.credentials, uid, gid);
}

export function sysFchownat(self: Task): Outcome {
  const flags = self.argInt(4);
  if ((flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)) != 0) return -EINVAL;
  const uid = <u32>self.arg(2);
  const gid = <u32>self.arg(3);
  let outcome = walkUserPath(self, walk, self.argInt(0), self.arg(1), walkFlags(flags));
  const file = walk.file;
  if (outcome == 0 && file != null) outcome = changeNamelessOwner(file, self.credentials, uid, gid);
  else if (outcome == 0) outcome = changeOwner(walk.mount!, walk.inode, self.credentials, uid, gid);
  walk.reset();
  return outcome;
}

export function sysUtimensat(self: Task): Outcome {
  const flags = self.argInt(3);
  let atime = TIME_NOW;
  let mtime = TIME_NOW;
  if (self.arg(2) != 0) {
    if (copyIn(self.space, TIMES, self.arg(2), 32) != 32) return -EFAULT;
    if (!isTime(TIMES) || !isTime(TIMES + 16)) return -EINVAL;
    atime = timeAt(TIMES);
    mtime = timeAt(TIMES + 16);
    // Nothing to do: not even the path is looked at.
    if (atime == TIME_UNCHANGED && mtime == TIME_UNCHANGED) return 0;
  }
  const isTouch = atime == TIME_NOW && mtime == TIME_NOW;
  if (self.arg(1) == 0 && self.argInt(0) != AT_FDCWD) return setTimesOfFile(self, atime, mtime, isTouch, flags);

  if ((flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)) != 0) return -EINVAL;
  let outcome = walkUserPath(self, walk, self.argInt(0), self.arg(1), walkFlags(flags));
  if (outcome == 0 && walk.file != null) outcome = -EPERM;
  else if (outcome == 0) outcome = changeTimes(walk.mount!, walk.inode, self.credentials, atime, mtime, isTouch);
  walk.reset();
  return outcome;
}

/** futimens(3): without a path, the descriptor itself is meant. */
function setTimesOfFile(self: Task, atime: i64, mtime: i64, isTouch: bool, flags: i32): Outcome {
  if (flags != 0) return -EINVAL;
  const file = ioFile(self, self.argInt(0));
  if (file == null) return -EBADF;
  const path = pathOf(file);
  return path == null ? -EPERM : changeTimes(path.mount, path.inode, self.credentials, atime, mtime, isTouch);
}

export function sysTruncate(self: Task): Outcome {
  const size = <i64>self.arg(1);
  if (size < 0) return -EINVAL;
  let outcome = walkUserPath(self, walk, AT_FDCWD, self.arg(0), FOLLOW);
  if (outcome == 0 && walk.file != null) outcome = -EINVAL;
  else if (outcome == 0) outcome = truncate(walk.mount!, walk.inode, self.credentials, size);
  walk.reset();
  return outcome;
}

export function sysFtruncate(self: Task): Outcome {
  const size = <i64>self.arg(1);
  if (size < 0) return -EINVAL;
  const file = ioFile(self, self.argInt(0));
  if (file == null) return -EBADF;
  if (!file.isWritable) return -EINVAL;
  if (size > MAX_SMALL_FILE && (file.flags & O_LARGEFILE) == 0) return -EINVAL;
  return file.truncate(size);
}

export function sysFallocate(self: Task): Outcome {
  const file = ioFile(self, self.argInt(0));
  if (file == null) return -EBADF;
  const offset = <i64>self.arg(2);
  const length = <i64>self.arg(3);
  if (offset < 0 || length <= 0) return -EINVAL;
  if ((self.argInt(1) & ~FALLOC_KNOWN) != 0) return -EOPNOTSUPP;
  if (!file.isWritable) return -EBADF;
  const type = typeOf(file);
  if (type == S_IFIFO) return -ESPIPE;
  return file.allocate(self.argInt(1), offset, length);
}

/** fsync(2), fdatasync(2), syncfs(2): memory has nothing to write back to. */
export function sysFsync(self: Task): Outcome {
  const file = ioFile(self, self.argInt(0));
  return file == null ? -EBADF : file.sync();
}

export function sysSyncfs(self: Task): Outcome {
  return ioFile(self, self.argInt(0)) == null ? -EBADF : 0;
}

export function sysSync(self: Task): Outcome {
  return 0;
}

function typeOf(file: File): u32 {
  const path = pathOf(file);
  if (path != null) return path.inode.type;
  const attributes = file.attributes();
  return attributes == null ? 0 : attributes.mode & S_IFMT;
}

function isTime(timespec: usize): bool {
  const ns = load<i64>(timespec, 8);
  return (ns >= 0 && ns < NS) || ns == UTIME_NOW || ns == UTIME_OMIT;
}

/** Nanoseconds since 1970; years that do not fit are cut off at the ends of our range, as Linux cuts at those of a file system. */
function timeAt(timespec: usize): i64 {
  const ns = load<i64>(timespec, 8);
  if (ns == UTIME_NOW) return TIME_NOW;
  if (ns == UTIME_OMIT) return TIME_UNCHANGED;
  const seconds = load<i64>(timespec);
  const limit = i64.MAX_VALUE / NS - 1;
  return max(-limit, min(limit, seconds)) * NS + ns;
}

function walkFlags(flags: i32): u32 {
  return ((flags & AT_SYMLINK_NOFOLLOW) != 0 ? 0 : FOLLOW) | ((flags & AT_EMPTY_PATH) != 0 ? EMPTY_OK : 0);
}
