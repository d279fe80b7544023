// SPDX-License-Identifier: MIT
// Removing names: unlink(2), rmdir(2). What an open file or a mapping still uses lives on without a name.

import { EBUSY, EINVAL, EISDIR, ENOTDIR, ENOTEMPTY, EPERM } from "../abi/errno.ts";
import { failure } from "../lib/failure.ts";
import { Outcome } from "../lib/outcome.ts";
import { Credentials } from "./credentials.ts";
import { Dentry } from "./dentry.ts";
import { DirectoryInode } from "./directory.ts";
import { mayDelete, mayWriteMount } from "./permission.ts";
import { LAST_DOT, LAST_DOTDOT, LAST_NORMAL, LAST_ROOT, Walk } from "./walk.ts";

/** unlink(2) at the end of a walk to the parent. */
export function unlink(at: Walk, who: Credentials): Outcome {
  if (at.lastKind != LAST_NORMAL) return -EISDIR;
  return remove(at, who, false);
}

/** rmdir(2). */
export function removeDirectory(at: Walk, who: Credentials): Outcome {
  if (at.lastKind == LAST_DOT) return -EINVAL;
  if (at.lastKind == LAST_DOTDOT) return -ENOTEMPTY;
  if (at.lastKind == LAST_ROOT) return -EBUSY;
  return remove(at, who, true);
}

function remove(at: Walk, who: Credentials, wantsDirectory: bool): Outcome {
  const readOnly = mayWriteMount(at.mount!);
  if (readOnly != 0) return readOnly;
  const directory = at.dentry!;
  const entry = directory.inode.lookup(directory, at.last, at.lastLength);
  if (entry == null) return failure;
  let outcome = mayRemove(entry, at, who, wantsDirectory);
  if (outcome == 0) dropEntry(entry);
  entry.release();
  return outcome;
}

function mayRemove(entry: Dentry, at: Walk, who: Credentials, wantsDirectory: bool): Outcome {
  const isDirectory = entry.inode.isDirectory;
  if (!wantsDirectory && at.hasTrailingSlash) return isDirectory ? -EISDIR : -ENOTDIR;
  const denied = mayDelete(entry, who, wantsDirectory);
  if (denied != 0) return denied;
  if (!at.inode.canHoldEntries) return -EPERM;
  if (entry.mounts > 0) return -EBUSY;
  return wantsDirectory && !entry.inode.isEmpty ? -ENOTEMPTY : 0;
}

/** Takes an entry out of its directory: the name is gone, and one link of the inode (all of them if it is a directory). */
export function dropEntry(entry: Dentry): void {
  const parent = entry.parent!.inode as DirectoryInode;
  const inode = entry.inode;
  entry.isDeleted = true;
  if (inode.isDirectory) {
    inode.nlink = 0;
    parent.nlink--;
  } else {
    inode.nlink--;
  }
  parent.modified();
  inode.changed();
  parent.remove(entry);
}
