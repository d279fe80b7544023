// SPDX-License-Identifier: MIT
// Calls that show attributes: fstat, newfstatat, statx, statfs, fstatfs, faccessat, faccessat2.

import { EACCES, EBADF, EFAULT, EINVAL, ENOMEM, EROFS } from "../abi/errno.ts";
import {
  AT_EACCESS, AT_EMPTY_PATH, AT_FDCWD, AT_NO_AUTOMOUNT, AT_STATX_SYNC_TYPE, AT_SYMLINK_NOFOLLOW, R_OK, W_OK, X_OK,
} from "../abi/fcntl.ts";
import {
  ANON_INODE_FS_MAGIC, MS_NOEXEC, PIPEFS_MAGIC, S_IFIFO, S_IFMT, S_IFSOCK, SOCKFS_MAGIC, STATX__RESERVED,
} from "../abi/stat.ts";
import { File } from "../file/file.ts";
import { accessCredentials } from "../fs/access-credentials.ts";
import { Credentials } from "../fs/credentials.ts";
import { pathOf } from "../fs/file-access.ts";
import { fillStatfs, STATFS_SIZE } from "../fs/file-system.ts";
import { STAT_SIZE } from "../fs/inode.ts";
import { Mount } from "../fs/mount.ts";
import { permission } from "../fs/permission.ts";
import { fillStatx, STATX_SIZE } from "../fs/statx.ts";
import { EMPTY_OK, FOLLOW, Walk, walk } from "../fs/walk.ts";
import { Outcome } from "../lib/outcome.ts";
import { admit } from "../memory/heap.ts";
import { copyOut } from "../memory/user.ts";
import { Task } from "../process/task.ts";
import { walkUserPath } from "../process/user-path.ts";

/** f_flags: the other flags are valid; the mount's flags; relatime (statfs(2)). */
const ST_VALID: u64 = 0x20;
const ST_RELATIME: u64 = 0x1000;

const OUT = memory.data(256, 8);

export function sysFstat(self: Task): Outcome {
  const file = self.files.get(self.argInt(0));
  if (file == null) return -EBADF;
  memory.fill(OUT, 0, STAT_SIZE);
  statOpen(file);
  return give(self, self.arg(1), STAT_SIZE);
}

export function sysNewfstatat(self: Task): Outcome {
  const flags = self.argInt(3);
  if ((flags & ~(AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH)) != 0) return -EINVAL;
  const outcome = walkUserPath(self, walk, self.argInt(0), self.arg(1), walkFlags(flags));
  if (outcome == 0) {
    memory.fill(OUT, 0, STAT_SIZE);
    const file = walk.file;
    if (file != null) file.stat(OUT);
    else walk.inode.stat(OUT);
  }
  walk.reset();
  return outcome < 0 ? outcome : give(self, self.arg(2), STAT_SIZE);
}

export function sysStatx(self: Task): Outcome {
  const flags = self.argInt(2);
  if ((self.arg(3) & STATX__RESERVED) != 0 || (flags & AT_STATX_SYNC_TYPE) == AT_STATX_SYNC_TYPE) return -EINVAL;
  if ((flags & ~(AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH | AT_STATX_SYNC_TYPE)) != 0) return -EINVAL;
  const outcome = walkUserPath(self, walk, self.argInt(0), self.arg(1), walkFlags(flags));
  if (outcome == 0) fillStatx(walk, <u32>self.arg(3), OUT);
  walk.reset();
  return outcome < 0 ? outcome : give(self, self.arg(4), STATX_SIZE);
}

export function sysStatfs(self: Task): Outcome {
  const outcome = walkUserPath(self, walk, AT_FDCWD, self.arg(0), FOLLOW);
  if (outcome == 0) {
    memory.fill(OUT, 0, STATFS_SIZE);
    const file = walk.file;
    if (file != null) statfsOpen(file);
    else fillStatfs(OUT, walk.inode.fileSystem, statfsFlags(walk.mount!));
  }
  walk.reset();
  return outcome < 0 ? outcome : give(self, self.arg(1), STATFS_SIZE);
}

export function sysFstatfs(self: Task): Outcome {
  const file = self.files.get(self.argInt(0));
  if (file == null) return -EBADF;
  memory.fill(OUT, 0, STATFS_SIZE);
  statfsOpen(file);
  return give(self, self.arg(1), STATFS_SIZE);
}

export function sysFaccessat(self: Task): Outcome {
  return access(self, 0);
}

export function sysFaccessat2(self: Task): Outcome {
  return access(self, self.argInt(3));
}

function access(self: Task, flags: i32): Outcome {
  const mode = self.argInt(2);
  if ((mode & ~(R_OK | W_OK | X_OK)) != 0) return -EINVAL;
  if ((flags & ~(AT_EACCESS | AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)) != 0) return -EINVAL;
  if (!admit()) return -ENOMEM;
  const own = self.credentials;
  const who = (flags & AT_EACCESS) != 0 ? own : accessCredentials(own);
  // The whole path is looked up as the real user.
  self.credentials = who;
  let outcome = walkUserPath(self, walk, self.argInt(0), self.arg(1), walkFlags(flags));
  self.credentials = own;
  if (outcome == 0 && walk.file == null) outcome = accessFound(walk, who, mode);
  walk.reset();
  if (who != own) who.release();
  return outcome;
}

function accessFound(at: Walk, who: Credentials, mode: i32): Outcome {
  const inode = at.inode;
  if ((mode & X_OK) != 0 && inode.isRegular && at.mount!.has(MS_NOEXEC)) return -EACCES;
  const denied = permission(inode, who, <u32>mode);
  if (denied != 0) return denied;
  const isStored = inode.isRegular || inode.isDirectory || inode.isSymlink;
  return (mode & W_OK) != 0 && isStored && at.mount!.isReadOnly ? -EROFS : 0;
}

/** What fstat(2) says: of the inode for a file with a place, whatever kind of file it is. */
function statOpen(file: File): void {
  const path = pathOf(file);
  if (path != null) path.inode.stat(OUT);
  else file.stat(OUT);
}

function statfsOpen(file: File): void {
  const path = pathOf(file);
  if (path != null) {
    fillStatfs(OUT, path.inode.fileSystem, statfsFlags(path.mount));
    return;
  }
  const attributes = file.attributes();
  const type = attributes == null ? 0 : attributes.mode & S_IFMT;
  const magic = type == S_IFIFO ? PIPEFS_MAGIC : type == S_IFSOCK ? SOCKFS_MAGIC : ANON_INODE_FS_MAGIC;
  store<u64>(OUT, magic);
  store<u64>(OUT, 4096, 8);
  store<u64>(OUT, 255, 64);
  store<u64>(OUT, 4096, 72);
  store<u64>(OUT, ST_VALID, 80);
}

/** The low mount flags are the same bits in both worlds. */
function statfsFlags(mount: Mount): u64 {
  return ST_VALID | ST_RELATIME | <u64>mount.flags;
}

function walkFlags(flags: i32): u32 {
  return ((flags & AT_SYMLINK_NOFOLLOW) != 0 ? 0 : FOLLOW) | ((flags & AT_EMPTY_PATH) != 0 ? EMPTY_OK : 0);
}

function give(self: Task, address: u64, size: usize): Outcome {
  return copyOut(self.space, address, OUT, size) == size ? 0 : -EFAULT;
}
