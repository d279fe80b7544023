// SPDX-License-Identifier: MIT
// rename(2), renameat2(2). Both ends come from walks that stopped before the last component.

import { EBUSY, EEXIST, EINVAL, ENOENT, ENOMEM, ENOTDIR, ENOTEMPTY, EPERM, EXDEV } from "../abi/errno.ts";
import { RENAME_EXCHANGE, RENAME_NOREPLACE } from "../abi/fcntl.ts";
import { failure } from "../lib/failure.ts";
import { Outcome } from "../lib/outcome.ts";
import { admit, allocBytes } from "../memory/heap.ts";
import { Credentials } from "./credentials.ts";
import { Dentry } from "./dentry.ts";
import { DirectoryInode } from "./directory.ts";
import { MAY_WRITE, mayCreateIn, mayDelete, mayWriteMount, permission } from "./permission.ts";
import { dropEntry } from "./remove.ts";
import { LAST_NORMAL, Walk } from "./walk.ts";

/** Renames what `from` ends at to where `to` ends; `flags`: RENAME_*, checked here. */
export function rename(from: Walk, to: Walk, who: Credentials, flags: u32): Outcome {
  if (from.mount != to.mount) return -EXDEV;
  if (from.lastKind != LAST_NORMAL) return -EBUSY;
  if (to.lastKind != LAST_NORMAL) return (flags & RENAME_NOREPLACE) != 0 ? -EEXIST : -EBUSY;
  const readOnly = mayWriteMount(from.mount!);
  if (readOnly != 0) return readOnly;

  const source = from.inode.lookup(from.dentry!, from.last, from.lastLength);
  if (source == null) return failure;
  const target = to.inode.lookup(to.dentry!, to.last, to.lastLength);
  let outcome: Outcome = 0;
  if (target == null && failure != -ENOENT) outcome = failure;
  if (outcome == 0) outcome = check(from, to, source, target, who, flags);
  const isSame = target != null && target.inode == source.inode;
  if (outcome == 0 && !isSame) outcome = move(to, source, target, (flags & RENAME_EXCHANGE) != 0);
  source.release();
  if (target != null) target.release();
  return outcome;
}

/** Everything that can forbid it, in Linux's order. */
function check(from: Walk, to: Walk, source: Dentry, target: Dentry | null, who: Credentials, flags: u32): Outcome {
  const exchanges = (flags & RENAME_EXCHANGE) != 0;
  if (target != null && (flags & RENAME_NOREPLACE) != 0) return -EEXIST;
  if (target == null && exchanges) return -ENOENT;
  if (exchanges && to.hasTrailingSlash && !target!.inode.isDirectory) return -ENOTDIR;
  if (!source.inode.isDirectory) {
    if (from.hasTrailingSlash || (to.hasTrailingSlash && !exchanges)) return -ENOTDIR;
  }
  if (to.dentry!.isWithin(source)) return -EINVAL;
  if (target != null && from.dentry!.isWithin(target)) return exchanges ? -EINVAL : -ENOTEMPTY;
  if (target != null && target.inode == source.inode) return 0;
  return checkRights(from, to, source, target, who, exchanges);
}

function checkRights(from: Walk, to: Walk, source: Dentry, target: Dentry | null, who: Credentials, exchanges: bool): Outcome {
  let denied = mayDelete(source, who, source.inode.isDirectory);
  if (denied != 0) return denied;
  if (target == null) denied = mayCreateIn(to.dentry!, who);
  else denied = mayDelete(target, who, exchanges ? target.inode.isDirectory : source.inode.isDirectory);
  if (denied != 0) return denied;
  // A directory's ".." changes with its parent, so that it has to be writable itself.
  const changesParent = from.dentry != to.dentry;
  if (changesParent && source.inode.isDirectory) denied = permission(source.inode, who, MAY_WRITE);
  if (denied == 0 && changesParent && exchanges && target!.inode.isDirectory) denied = permission(target!.inode, who, MAY_WRITE);
  if (denied != 0) return denied;
  if (!from.inode.canHoldEntries || !to.inode.canHoldEntries) return -EPERM;
  if (source.mounts > 0 || (target != null && target.mounts > 0)) return -EBUSY;
  return target != null && !exchanges && !target.inode.isEmpty ? -ENOTEMPTY : 0;
}

function move(to: Walk, source: Dentry, target: Dentry | null, exchanges: bool): Outcome {
  if (!admit()) return -ENOMEM;
  const oldParent = source.parent!;
  oldParent.retain();
  if (exchanges) {
    const name = copyName(source.name, source.length);
    const length = source.length;
    takeOut(source);
    takeOut(target!);
    place(source, to.dentry!, copyName(to.last, to.lastLength), to.lastLength);
    place(target!, oldParent, name, length);
    target!.inode.changed();
  } else {
    if (target != null) dropEntry(target);
    takeOut(source);
    place(source, to.dentry!, copyName(to.last, to.lastLength), to.lastLength);
  }
  oldParent.inode.modified();
  to.inode.modified();
  source.inode.changed();
  oldParent.release();
  return 0;
}

/** Enters an entry that is in no directory, under a name that it takes over. */
function place(entry: Dentry, directory: Dentry, name: usize, length: i32): void {
  entry.rename(directory, name, length);
  const parent = directory.inode as DirectoryInode;
  parent.add(entry);
  if (entry.inode.isDirectory) parent.nlink++;
}

/** Takes an entry out of its directory's index; the caller holds a reference. */
function takeOut(entry: Dentry): void {
  const parent = entry.parent!.inode as DirectoryInode;
  parent.remove(entry);
  if (entry.inode.isDirectory) parent.nlink--;
}

function copyName(name: usize, length: i32): usize {
  const copy = allocBytes(<usize>length);
  memory.copy(copy, name, <usize>length);
  return copy;
}
