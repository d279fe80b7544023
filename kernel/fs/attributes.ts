// SPDX-License-Identifier: MIT
// Changing what stat(2) shows: chmod(2), chown(2), utimensat(2), truncate(2). On an inode seen through a mount.

import { EINVAL, EISDIR, EPERM } from "../abi/errno.ts";
import { S_IFMT, S_ISGID } from "../abi/stat.ts";
import { stamp } from "../lib/clock.ts";
import { Outcome } from "../lib/outcome.ts";
import { Credentials } from "./credentials.ts";
import { Inode } from "./inode.ts";
import { Mount } from "./mount.ts";
import { isOwner, MAY_WRITE, mayChown, mayWriteMount, permission, withoutForeignGroup } from "./permission.ts";

const PERMISSIONS: u32 = 0o7777;
/** "Do not change" for an owner, a group or a time. */
export const UNCHANGED: u32 = u32.MAX_VALUE;
export const TIME_UNCHANGED: i64 = i64.MIN_VALUE;
export const TIME_NOW: i64 = i64.MIN_VALUE + 1;

export function changeMode(mount: Mount, inode: Inode, who: Credentials, mode: u32): Outcome {
  const readOnly = mayWriteMount(mount);
  if (readOnly != 0) return readOnly;
  if (!isOwner(inode, who) || !inode.mayHaveMode(mode)) return -EPERM;
  inode.mode = (inode.mode & S_IFMT) | withoutForeignGroup(inode, mode & PERMISSIONS, who);
  inode.changed();
  return 0;
}

/** `uid`, `gid`: UNCHANGED to keep. */
export function changeOwner(mount: Mount, inode: Inode, who: Credentials, uid: u32, gid: u32): Outcome {
  const readOnly = mayWriteMount(mount);
  if (readOnly != 0) return readOnly;
  const denied = mayChown(inode, who, uid, gid);
  if (denied != 0) return denied;
  if (!inode.isDirectory) {
    let mode = inode.modeWithoutSetId;
    if (withoutForeignGroup(inode, S_ISGID, who) == 0) mode &= ~S_ISGID;
    if (mode != inode.mode && !isOwner(inode, who)) return -EPERM;
    inode.mode = mode;
  }
  if (uid != UNCHANGED) inode.uid = uid;
  if (gid != UNCHANGED) inode.gid = gid;
  inode.changed();
  return 0;
}

/** `atime`, `mtime`: ns since 1970, TIME_NOW or TIME_UNCHANGED. `isTouch`: both are now, so that whoever may write may do it. */
export function changeTimes(mount: Mount, inode: Inode, who: Credentials, atime: i64, mtime: i64, isTouch: bool): Outcome {
  const readOnly = mayWriteMount(mount);
  if (readOnly != 0) return readOnly;
  if (!isOwner(inode, who)) {
    if (!isTouch) return -EPERM;
    const denied = permission(inode, who, MAY_WRITE);
    if (denied != 0) return denied;
  }
  const now = stamp();
  if (atime != TIME_UNCHANGED) inode.atime = atime == TIME_NOW ? now : atime;
  if (mtime != TIME_UNCHANGED) inode.mtime = mtime == TIME_NOW ? now : mtime;
  inode.ctime = now;
  return 0;
}

/** truncate(2). */
export function truncate(mount: Mount, inode: Inode, who: Credentials, size: i64): Outcome {
  if (inode.isDirectory) return -EISDIR;
  if (!inode.isRegular) return -EINVAL;
  const readOnly = mayWriteMount(mount);
  if (readOnly != 0) return readOnly;
  const denied = permission(inode, who, MAY_WRITE);
  if (denied != 0) return denied;
  const busy = inode.addWriter();
  if (busy != 0) return busy;
  const outcome = inode.resize(size);
  if (outcome == 0) inode.dropSetIdFor(who);
  inode.removeWriter();
  return outcome;
}
