// SPDX-License-Identifier: MIT
// Who may do what with an inode: permission bits, capabilities, sticky directories (path_resolution(7), inode(7),
// capabilities(7)). Answers are 0 or -errno. Read-only mounts are asked about here too, because the order of errors matters.

import { EACCES, EISDIR, ENOTDIR, ENOENT, EPERM, EROFS } from "../abi/errno.ts";
import { CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, CAP_FOWNER, CAP_FSETID } from "../abi/prctl.ts";
import { S_ISGID, S_ISVTX, S_IXGRP } from "../abi/stat.ts";
import { Credentials } from "./credentials.ts";
import { Dentry } from "./dentry.ts";
import { Inode } from "./inode.ts";
import { Mount } from "./mount.ts";

export const MAY_EXEC: u32 = 1;
export const MAY_WRITE: u32 = 2;
export const MAY_READ: u32 = 4;

/** Whether the wanted accesses are all granted: 0 or -EACCES. */
export function permission(inode: Inode, who: Credentials, wanted: u32): i32 {
  let bits = inode.mode;
  if (inode.uid == who.fsuid) bits >>= 6;
  else if (who.inGroup(inode.gid)) bits >>= 3;
  if ((wanted & ~bits & 7) == 0) return 0;

  if (inode.isDirectory) {
    if ((wanted & MAY_WRITE) == 0 && who.has(CAP_DAC_READ_SEARCH)) return 0;
    return who.has(CAP_DAC_OVERRIDE) ? 0 : -EACCES;
  }
  if (wanted == MAY_READ && who.has(CAP_DAC_READ_SEARCH)) return 0;
  // Not even root executes a file that nobody may.
  if ((wanted & MAY_EXEC) == 0 || (inode.mode & 0o111) != 0) {
    if (who.has(CAP_DAC_OVERRIDE)) return 0;
  }
  return -EACCES;
}

/** Whether a program may be executed. */
export function mayExecute(inode: Inode, who: Credentials): bool {
  return permission(inode, who, MAY_EXEC) == 0;
}

/** Whether the caller counts as the file's owner (chmod, utimes, sticky directories). */
export function isOwner(inode: Inode, who: Credentials): bool {
  return inode.uid == who.fsuid || who.has(CAP_FOWNER);
}

/** May a name be added to this directory? */
export function mayCreateIn(directory: Dentry, who: Credentials): i32 {
  if (directory.isDeleted) return -ENOENT;
  return permission(directory.inode, who, MAY_WRITE | MAY_EXEC);
}

/** May this entry be removed from its directory (or replaced there), by a call that wants a directory, or wants none? */
export function mayDelete(entry: Dentry, who: Credentials, wantsDirectory: bool): i32 {
  const directory = entry.parent!.inode;
  const denied = permission(directory, who, MAY_WRITE | MAY_EXEC);
  if (denied != 0) return denied;
  if ((directory.mode & S_ISVTX) != 0 && entry.inode.uid != who.fsuid && directory.uid != who.fsuid) {
    if (!who.has(CAP_FOWNER)) return -EPERM;
  }
  if (wantsDirectory && !entry.inode.isDirectory) return -ENOTDIR;
  if (!wantsDirectory && entry.inode.isDirectory) return -EISDIR;
  return 0;
}

/** Whether the mount lets contents and attributes change. */
export function mayWriteMount(mount: Mount): i32 {
  return mount.isReadOnly ? -EROFS : 0;
}

/** Owner, group and mode of something new in `directory` (inode(7), S_ISGID); umask has been applied to the mode. */
export function inheritOwner(inode: Inode, directory: Inode, who: Credentials): void {
  inode.uid = who.fsuid;
  inode.gid = who.fsgid;
  if ((directory.mode & S_ISGID) == 0) return;
  inode.gid = directory.gid;
  if (inode.isDirectory) inode.mode |= S_ISGID;
  else if ((inode.mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP)) inode.mode = withoutForeignGroup(inode, inode.mode, who);
}

/** The mode without the set-group-ID bit if the caller may not give it to this inode. */
export function withoutForeignGroup(inode: Inode, mode: u32, who: Credentials): u32 {
  return who.inGroup(inode.gid) || who.has(CAP_FSETID) ? mode : mode & ~S_ISGID;
}

/** chown(2): may the owner (-1: unchanged) and group become these? */
export function mayChown(inode: Inode, who: Credentials, uid: u32, gid: u32): i32 {
  if (who.has(CAP_CHOWN)) return 0;
  const owns = inode.uid == who.fsuid;
  if (uid != u32.MAX_VALUE && !(owns && uid == inode.uid)) return -EPERM;
  if (gid != u32.MAX_VALUE && !(owns && (gid == inode.gid || who.inGroup(gid)))) return -EPERM;
  return 0;
}
