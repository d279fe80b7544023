// SPDX-License-Identifier: MIT
// Path names as system calls get them: a string in user memory, relative to a directory descriptor. It copies the string, finds the
// directory, and opens; what is done with the place is the caller's business.

import { EBADF, ENOENT, ENOTDIR } from "../abi/errno.ts";
import { AT_FDCWD } from "../abi/fcntl.ts";
import { File } from "../file/file.ts";
import { pathOf } from "../fs/file-access.ts";
import { openAt } from "../fs/open.ts";
import { OpenHow } from "../fs/open-how.ts";
import { Path } from "../fs/path.ts";
import { EMPTY_OK, Walk } from "../fs/walk.ts";
import { fail } from "../lib/failure.ts";
import { PATH_MAX } from "../lib/limits.ts";
import { BLOCKED, Outcome } from "../lib/outcome.ts";
import { copyInString } from "../memory/user.ts";
import { Task } from "./task.ts";

/** The strings of the calls' first and second path: PATH_MAX bytes each, good until the next call. */
export const PATH = memory.data(4096);
export const PATH2 = memory.data(4096);
const SLASH: u8 = 0x2f;

/** Copies a path to PATH or PATH2: 0, -EFAULT, -ENAMETOOLONG, or -ENOENT for an empty one where that means nothing. */
export function copyPath(self: Task, to: usize, address: u64, mayBeEmpty: bool = false): Outcome {
  const length = copyInString(self.space, to, address, PATH_MAX);
  if (length == 0 && !mayBeEmpty) return -ENOENT;
  return length < 0 ? length : 0;
}

/** Where a copied path starts (borrowed), or null: at the working directory or / if `baseError` is 0. */
export function baseFor(self: Task, dirfd: i32, path: usize): Path | null {
  baseError = 0;
  return dirfd == AT_FDCWD || load<u8>(path) == SLASH ? null : directoryOf(self, dirfd);
}

/** The place of a directory descriptor (borrowed), or null with baseError. */
function directoryOf(self: Task, dirfd: i32): Path | null {
  baseError = 0;
  const file = self.files.get(dirfd);
  if (file == null) {
    baseError = -EBADF;
    return null;
  }
  const base = pathOf(file);
  // A pipe, a socket: certainly no directory.
  if (base == null) baseError = -ENOTDIR;
  return base;
}

/** Why baseFor() gave null: 0 or -errno. */
export let baseError: Outcome = 0;

/** Follows a user's path to its end with `walk`: 0 or -errno. `flags` as for Walk.start(). */
export function walkUserPath(self: Task, at: Walk, dirfd: i32, address: u64, flags: u32): Outcome {
  const mayBeEmpty = (flags & EMPTY_OK) != 0;
  // With AT_EMPTY_PATH a null pointer is an empty path (Linux 6.11).
  if (address == 0 && mayBeEmpty) store<u8>(PATH, 0);
  else {
    const copied = copyPath(self, PATH, address, mayBeEmpty);
    if (copied < 0) return copied;
  }
  if (load<u8>(PATH) == 0 && mayBeEmpty && dirfd != AT_FDCWD) return walkToFile(self, at, dirfd);
  const base = baseFor(self, dirfd, PATH);
  return baseError < 0 ? baseError : at.walk(self.fs, self.credentials, base, PATH, flags);
}

/** The place of an open file, or the file itself if it has none. */
function walkToFile(self: Task, at: Walk, fd: i32): Outcome {
  const file = self.files.get(fd);
  if (file == null) return -EBADF;
  const path = pathOf(file);
  if (path != null) at.endAtPath(path);
  else at.endAt(file);
  return 0;
}

/** Follows a user's path up to its last component: 0 or -errno. `buffer`: PATH or PATH2. */
export function walkUserParent(self: Task, at: Walk, dirfd: i32, address: u64, buffer: usize): Outcome {
  const copied = copyPath(self, buffer, address);
  if (copied < 0) return copied;
  const base = baseFor(self, dirfd, buffer);
  return baseError < 0 ? baseError : at.walkParent(self.fs, self.credentials, base, buffer);
}

/**
 * openat(2) and the OPEN action, without the descriptor: a new open file, or null with `failure`, which is BLOCKED when a FIFO has
 * no partner yet. The call then runs again with the same file, which waits in self.sleepsIn.
 */
export function openUserPath(self: Task, dirfd: i32, address: u64, how: OpenHow): File | null {
  let file = self.sleepsIn;
  if (file != null) {
    file.retain();
  } else {
    const copied = copyPath(self, PATH, address);
    if (copied < 0) return fail<File>(copied);
    const base = how.isInRoot && dirfd != AT_FDCWD ? directoryOf(self, dirfd) : baseFor(self, dirfd, PATH);
    if (baseError < 0) return fail<File>(baseError);
    file = openAt(self.fs, self.credentials, base, PATH, how);
    if (file == null) return null;
  }
  const outcome = how.isPathOnly ? 0 : file.completeOpen(self);
  if (outcome == 0) return file;
  if (outcome == BLOCKED) self.sleepIn(file);
  file.release();
  return fail<File>(outcome);
}
