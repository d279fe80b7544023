// SPDX-License-Identifier: MIT
// open(2) and openat2(2) from a checked open_how to an open file, and opening for execution. Functions return null with the reason
// in lib/failure.ts. Descriptors are the caller's business, and so is a FIFO's partner (File.completeOpen).

import { EACCES, EEXIST, EISDIR, ELOOP, ENFILE, ENOENT, ENOMEM, ENOTDIR, ENXIO, EOVERFLOW, EPERM, EROFS } from "../abi/errno.ts";
import {
  O_ACCMODE, O_CLOEXEC, O_CREAT, O_DIRECTORY, O_EXCL, O_LARGEFILE, O_NOATIME, O_NOCTTY, O_NOFOLLOW, O_PATH, O_RDONLY, O_TRUNC,
} from "../abi/fcntl.ts";
import { CAP_SYS_ADMIN } from "../abi/prctl.ts";
import { MS_NODEV, MS_NOEXEC, S_IFREG } from "../abi/stat.ts";
import { File, openFiles } from "../file/file.ts";
import { fail, failure } from "../lib/failure.ts";
import { MAX_OPEN_FILES, MAX_SMALL_FILE } from "../lib/limits.ts";
import { Outcome } from "../lib/outcome.ts";
import { admit } from "../memory/heap.ts";
import { createInode, createTemporary, newFileMode } from "./create.ts";
import { Credentials } from "./credentials.ts";
import { FsContext } from "./fs-context.ts";
import { Inode } from "./inode.ts";
import { InodeFile, opensForWriting, PathFile, PathOfFile } from "./inode-file.ts";
import { OpenHow } from "./open-how.ts";
import { Path } from "./path.ts";
import { isOwner, MAY_EXEC, MAY_READ, MAY_WRITE, mayWriteMount, permission } from "./permission.ts";
import { AGAIN, EMPTY_OK, FOLLOW, LAST_NORMAL, walk } from "./walk.ts";

/** Opens `name` (kernel memory) relative to `base` (null: the working directory). `how` has been checked. */
export function openAt(context: FsContext, who: Credentials, base: Path | null, name: usize, how: OpenHow): File | null {
  if (!mayOpenMore(who)) return fail<File>(-ENFILE);
  if (!admit()) return fail<File>(-ENOMEM);
  const outcome = find(context, who, base, name, how);
  const file = outcome < 0 ? fail<File>(outcome) : openFound(who, how);
  walk.reset();
  return file;
}

/** Opens a regular file to be executed (execve(2)): search and execute permission, no noexec mount. */
export function openForExec(context: FsContext, who: Credentials, base: Path | null, name: usize, followLast: bool): File | null {
  const outcome = findExecutable(context, who, base, name, followLast);
  const file = outcome < 0 ? fail<File>(outcome) : openExecutable(who);
  walk.reset();
  return file;
}

/** The inode that openForExec() would open at an absolute path (a new reference), or null with `failure`: for who only compares it. */
export function inodeForExec(context: FsContext, who: Credentials, name: usize): Inode | null {
  const outcome = findExecutable(context, who, null, name, true);
  const inode = outcome < 0 ? fail<Inode>(outcome) : walk.inode;
  if (inode != null) inode.retain();
  walk.reset();
  return inode;
}

function findExecutable(context: FsContext, who: Credentials, base: Path | null, name: usize, followLast: bool): Outcome {
  if (!mayOpenMore(who)) return -ENFILE;
  if (!admit()) return -ENOMEM;
  const outcome = walk.walk(context, who, base, name, (followLast ? FOLLOW : 0) | EMPTY_OK);
  if (outcome < 0) return outcome;
  if (walk.file != null) return -EACCES;
  const inode = walk.inode;
  if (inode.isSymlink) return -ELOOP;
  if (!inode.isRegular || walk.mount!.has(MS_NOEXEC)) return -EACCES;
  return permission(inode, who, MAY_EXEC);
}

/** Whether another open file may exist (proc_sys_fs(5), file-max): false is ENFILE. */
export function mayOpenMore(who: Credentials): bool {
  return openFiles() < MAX_OPEN_FILES || who.has(CAP_SYS_ADMIN);
}

/** Walks to what is to be opened, making it if that is asked for: 0 or -errno. */
function find(context: FsContext, who: Credentials, base: Path | null, name: usize, how: OpenHow): Outcome {
  isNew = false;
  const flags = how.walkFlags;
  if (how.makesTemporary) return findTemporary(context, who, base, name, how);
  if ((how.flags & O_CREAT) == 0) return walk.walk(context, who, base, name, flags);

  let outcome = walk.start(context, who, base, name, flags);
  while (outcome == 0) {
    outcome = walk.toLast();
    if (outcome != 0) break;
    if (walk.lastKind == LAST_NORMAL && walk.hasTrailingSlash) return -EISDIR;
    outcome = walk.lastKind == LAST_NORMAL ? lookupOrCreate(context, who, how) : walk.stepLast();
    if (outcome != AGAIN) break;
    outcome = 0;
  }
  return outcome == 0 ? walk.complete() : outcome;
}

/** O_TMPFILE: the path is that of a directory. */
function findTemporary(context: FsContext, who: Credentials, base: Path | null, name: usize, how: OpenHow): Outcome {
  const outcome = walk.walk(context, who, base, name, how.walkFlags);
  if (outcome != 0) return outcome;
  if (walk.file != null) return -ENOTDIR;
  const readOnly = mayWriteMount(walk.mount!);
  if (readOnly != 0) return readOnly;
  const made = createTemporary(walk.dentry!, who, newFileMode(how.mode, context.umask), (how.flags & O_EXCL) == 0);
  if (made == null) return failure;
  isNew = true;
  return walk.enter(made, false);
}

/** Whether find() made the file it leads to. */
let isNew: bool = false;

/** O_CREAT at the last component: 0, -errno, or AGAIN when it is a link to follow. */
function lookupOrCreate(context: FsContext, who: Credentials, how: OpenHow): i32 {
  const directory = walk.dentry!;
  const entry = directory.inode.lookup(directory, walk.last, walk.lastLength);
  if (entry != null) {
    if ((how.flags & O_EXCL) != 0) {
      entry.release();
      return -EEXIST;
    }
    const isLink = entry.inode.isSymlink && (how.flags & O_NOFOLLOW) == 0;
    const outcome = walk.enter(entry, isLink);
    if (outcome != 0) return outcome;
    return walk.isAtLink ? AGAIN : 0;
  }
  if (failure != -ENOENT || !directory.inode.canHoldEntries) return <i32>failure;
  const readOnly = mayWriteMount(walk.mount!);
  if (readOnly != 0) return readOnly;
  const made = createInode(directory, who, walk.last, walk.lastLength, S_IFREG | newFileMode(how.mode, context.umask), 0);
  if (made == null) return <i32>failure;
  isNew = true;
  return walk.enter(made, false);
}

/** Opens what the walk has found. */
function openFound(who: Credentials, how: OpenHow): File | null {
  const target = walk.file;
  if (target != null) return reopen(target, how.flags);
  if ((how.flags & O_PATH) != 0) return withPlace(new PathFile(how.flags & (O_PATH | O_DIRECTORY | O_NOFOLLOW), walk.inode));

  const denied = mayOpen(who, how);
  if (denied != 0) return fail<File>(denied);
  const inode = walk.inode;
  if ((how.flags & O_LARGEFILE) == 0 && inode.isRegular && inode.size > MAX_SMALL_FILE) return fail<File>(-EOVERFLOW);
  // A terminal's open looks at O_NOCTTY (devices.ts).
  const flags = how.flags & ~(O_CREAT | O_EXCL | O_TRUNC | O_CLOEXEC | (inode.isDevice ? 0 : O_NOCTTY));
  const writes = inode.isRegular && opensForWriting(flags);
  const truncates = (how.flags & O_TRUNC) != 0 && inode.isRegular && !isNew;
  if (writes || truncates) {
    const busy = inode.addWriter();
    if (busy != 0) return fail<File>(busy);
    const readOnly = mayWriteMount(walk.mount!);
    if (readOnly != 0) {
      inode.removeWriter();
      return fail<File>(readOnly);
    }
  }
  const path = walk.toPath();
  const file = inode.open(flags, path, who);
  if (file != null) file.place = path;
  else path.release();
  if (file != null && truncates) {
    inode.dropSetIdFor(who);
    inode.resize(0);
  }
  if (file != null && writes) (file as InodeFile).isCountedWriter = true;
  else if (writes || truncates) inode.removeWriter();
  return file;
}

/** The checks of open(2) on an existing file. */
function mayOpen(who: Credentials, how: OpenHow): i32 {
  const inode = walk.inode;
  const mount = walk.mount!;
  const access = how.flags & O_ACCMODE;
  if ((how.flags & O_CREAT) != 0 && inode.isDirectory) return (how.flags & O_EXCL) != 0 ? -EEXIST : -EISDIR;
  if (inode.isSymlink) return -ELOOP;
  // Access mode 3 asks for both rights and gives neither.
  let wanted: u32 = access == 0 ? MAY_READ : access == 1 ? MAY_WRITE : MAY_READ | MAY_WRITE;
  if ((how.flags & O_TRUNC) != 0) wanted |= MAY_WRITE;
  if (isNew) wanted = 0;
  else if ((how.flags & O_TRUNC) != 0 && inode.isRegular && mount.isReadOnly) return -EROFS;
  if (inode.isDirectory && (wanted & MAY_WRITE) != 0) return -EISDIR;
  if (inode.isDevice && mount.has(MS_NODEV)) return -EACCES;
  const denied = permission(inode, who, wanted);
  if (denied != 0) return denied;
  return (how.flags & O_NOATIME) != 0 && !isOwner(inode, who) ? -EPERM : 0;
}

/** Opens again a file that has no path, through its magic link in /proc. */
function reopen(target: File, flags: i32): File | null {
  if ((flags & O_PATH) != 0) return new PathOfFile(flags & (O_PATH | O_DIRECTORY | O_NOFOLLOW), target);
  const file = target.reopen(flags & ~(O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC | O_CLOEXEC));
  return file != null ? file : fail<File>(-ENXIO);
}

/** Opens what findExecutable() has found. */
function openExecutable(who: Credentials): File | null {
  const inode = walk.inode;
  const path = walk.toPath();
  const file = inode.open(O_RDONLY | O_LARGEFILE, path, who);
  if (file != null) file.place = path;
  else path.release();
  return file;
}

function withPlace(file: File): File {
  file.place = walk.toPath();
  return file;
}
