// SPDX-License-Identifier: MIT
// Filling the tree from the host's image before anything runs, and looking at it afterwards. Paths are bytes without NUL, absolute or
// relative to /; links in them are followed, missing parent directories made. Rights do not matter here. Outcomes are 0 or -errno.

import { BUFFER_SIZE } from "../abi/boundary.ts";
import { EINVAL, EISDIR, ENAMETOOLONG, ENOENT, ENOMEM, ENOTDIR } from "../abi/errno.ts";
import { PROC_SUPER_MAGIC, S_IFDIR, S_IFLNK, S_IFMT } from "../abi/stat.ts";
import { failure } from "../lib/failure.ts";
import { MAX_FILE_SIZE, PATH_MAX } from "../lib/limits.ts";
import { Outcome } from "../lib/outcome.ts";
import { admit } from "../memory/heap.ts";
import { UserBuffer } from "../memory/user-buffer.ts";
import { createInode, makeLink, makeSymlink } from "./create.ts";
import { Dentry } from "./dentry.ts";
import { FsContext } from "./fs-context.ts";
import { Inode } from "./inode.ts";
import { attachMount, MOUNT_FLAGS } from "./mount.ts";
import { RegularInode } from "./regular.ts";
import { dropEntry } from "./remove.ts";
import { kernelCredentials, newFsContext } from "./root.ts";
import { FOLLOW, LAST_NORMAL, walk, walk2 } from "./walk.ts";

const SLASH: u8 = 0x2f;
const PATH = memory.data(4097);
const TARGET = memory.data(4097);

/** The regular file that was entered last (owned): appendData() adds to it. */
let current: RegularInode | null = null;

/** The file that was entered last, while data may still follow (borrowed); null otherwise. */
export function fileUnderWay(): RegularInode | null {
  return current;
}

/**
 * Enters a file of any type, with a target for a symbolic link, or (mode 0) as a hard link to the file `target`. What is there
 * already is replaced, but a directory only gets new attributes.
 */
export function enterFile(
  mode: u32,
  uid: u32,
  gid: u32,
  mtimeNs: i64,
  rdev: u32,
  path: usize,
  pathLength: usize,
  target: usize,
  targetLength: usize,
): Outcome {
  finishImage();
  if (!copyString(PATH, path, pathLength) || !copyString(TARGET, target, targetLength)) return -ENAMETOOLONG;
  if (!admit()) return -ENOMEM;
  const context = newFsContext();
  let outcome: Outcome = walkToParent(context);
  if (outcome == 0) outcome = enter(context, mode, rdev, <i32>targetLength);
  if (outcome == 0 && mode != 0) outcome = setAttributes(context, mode, uid, gid, mtimeNs);
  walk.reset();
  walk2.reset();
  context.release();
  return outcome;
}

/** Adds bytes to the regular file that was entered last. */
export function appendData(from: usize, length: usize): Outcome {
  const file = current;
  if (file == null) return -EINVAL;
  const mtime = file.mtime;
  const count = file.write(UserBuffer.ofKernel(from, length), file.size, MAX_FILE_SIZE);
  setTimes(file, mtime);
  if (count < 0) return count;
  return <usize>count == length ? 0 : -ENOMEM;
}

/** Ends the entering of files. */
export function finishImage(): void {
  const file = current;
  current = null;
  if (file != null) file.release();
}

/** Shows the subtree at `path` through a mount of its own with these MS_* flags. */
export function mountAgain(path: usize, pathLength: usize, flags: u32): Outcome {
  if ((flags & ~MOUNT_FLAGS) != 0) return -EINVAL;
  let outcome: Outcome = find(path, pathLength);
  if (outcome == 0 && !admit()) outcome = -ENOMEM;
  if (outcome == 0) attachMount(walk.dentry!, walk.mount, walk.dentry, flags);
  walk.reset();
  return outcome;
}

/** Copies up to BUFFER_SIZE bytes of a regular file to `to`: how many there were at `offset`, or -errno. */
export function readFile(path: usize, pathLength: usize, offset: u64, to: usize): Outcome {
  let outcome: Outcome = find(path, pathLength);
  if (<i64>offset < 0) outcome = -EINVAL;
  if (outcome == 0 && walk.inode.isDirectory) outcome = -EISDIR;
  if (outcome == 0 && !(walk.inode instanceof RegularInode)) outcome = -EINVAL;
  if (outcome == 0) outcome = <Outcome>(walk.inode as RegularInode).readKernel(<i64>offset, to, BUFFER_SIZE);
  walk.reset();
  return outcome;
}

/** The struct stat (STAT_SIZE bytes) of what a path leads to. */
export function statFile(path: usize, pathLength: usize, out: usize): Outcome {
  const outcome = find(path, pathLength);
  if (outcome == 0) {
    memory.fill(out, 0, 128);
    walk.inode.stat(out);
  }
  walk.reset();
  return outcome;
}

function find(path: usize, pathLength: usize): Outcome {
  if (!copyString(PATH, path, pathLength)) return -ENAMETOOLONG;
  if (!admit()) return -ENOMEM;
  const context = newFsContext();
  const outcome = walk.walk(context, kernelCredentials(), null, PATH, FOLLOW);
  context.release();
  return outcome < 0 ? outcome : walk.file != null ? -EINVAL : 0;
}

/** Walks to the directory that PATH's last component is in, making what is missing on the way. */
function walkToParent(context: FsContext): Outcome {
  let outcome: Outcome = walk.walkParent(context, kernelCredentials(), null, PATH);
  if (outcome != -ENOENT) return outcome;
  for (let at = PATH + 1; load<u8>(at) != 0; at++) {
    if (load<u8>(at) != SLASH) continue;
    store<u8>(at, 0);
    outcome = makeMissingDirectory(context);
    store<u8>(at, SLASH);
    if (outcome != 0) return outcome;
  }
  return walk.walkParent(context, kernelCredentials(), null, PATH);
}

function makeMissingDirectory(context: FsContext): Outcome {
  let outcome: Outcome = walk.walk(context, kernelCredentials(), null, PATH, FOLLOW);
  if (outcome != -ENOENT) return outcome;
  outcome = walk.walkParent(context, kernelCredentials(), null, PATH);
  if (outcome != 0) return outcome;
  const existing = walk.inode.lookup(walk.dentry!, walk.last, walk.lastLength);
  if (existing != null) { // a link that leads nowhere: its name is taken
    existing.release();
    return -ENOENT;
  }
  if (!admit()) return -ENOMEM;
  return addEntry(S_IFDIR | 0o755, 0);
}

/** Enters what the path ends in, unless that is a directory which is there already. */
function enter(context: FsContext, mode: u32, rdev: u32, targetLength: i32): Outcome {
  const isDirectory = (mode & S_IFMT) == S_IFDIR;
  if (walk.lastKind != LAST_NORMAL) return isDirectory ? 0 : -EISDIR;
  const existing = walk.inode.lookup(walk.dentry!, walk.last, walk.lastLength);
  if (existing != null) {
    const outcome = replace(existing, isDirectory);
    existing.release();
    if (outcome != 0 || isDirectory) return outcome;
  }
  const parent = walk.inode;
  const mtime = parent.mtime;
  let outcome: Outcome = -EINVAL;
  if (mode == 0) outcome = enterLink(context);
  else if ((mode & S_IFMT) == S_IFLNK) outcome = makeSymlink(walk, kernelCredentials(), TARGET, targetLength);
  else outcome = addEntry(mode, rdev);
  setTimes(parent, mtime);
  return outcome;
}

function enterLink(context: FsContext): Outcome {
  const outcome = walk2.walk(context, kernelCredentials(), null, TARGET, 0);
  if (outcome != 0) return outcome;
  const ctime = walk2.inode.ctime;
  const linked = makeLink(walk2, walk, kernelCredentials());
  walk2.inode.ctime = ctime;
  return linked;
}

/** Makes room for a new entry. A directory stays, and can be under a link. */
function replace(existing: Dentry, byDirectory: bool): Outcome {
  if (byDirectory) return existing.inode.isDirectory || existing.inode.isSymlink ? 0 : -ENOTDIR;
  if (existing.inode.isDirectory) return -EISDIR;
  dropEntry(existing);
  return 0;
}

function addEntry(mode: u32, rdev: u32): Outcome {
  const entry = createInode(walk.dentry!, kernelCredentials(), walk.last, walk.lastLength, mode, rdev);
  if (entry == null) return failure;
  entry.release();
  return 0;
}

/** Attributes of what PATH leads to now; of a directory also where a link leads to it. The kernel's own files keep theirs. */
function setAttributes(context: FsContext, mode: u32, uid: u32, gid: u32, mtimeNs: i64): Outcome {
  const isDirectory = (mode & S_IFMT) == S_IFDIR;
  const outcome = walk.walk(context, kernelCredentials(), null, PATH, isDirectory ? FOLLOW : 0);
  if (outcome != 0) return outcome;
  const inode = walk.inode;
  if (isDirectory && !inode.isDirectory) return -ENOTDIR;
  if (inode.fileSystem.magic == PROC_SUPER_MAGIC) return 0;
  inode.mode = inode.isSymlink ? inode.mode : mode;
  inode.uid = uid;
  inode.gid = gid;
  setTimes(inode, mtimeNs);
  if (inode instanceof RegularInode) {
    inode.retain();
    current = inode as RegularInode;
  }
  return 0;
}

function setTimes(inode: Inode, time: i64): void {
  inode.atime = time;
  inode.mtime = time;
  inode.ctime = time;
  inode.btime = time;
}

function copyString(to: usize, from: usize, length: usize): bool {
  if (length >= PATH_MAX) return false;
  memory.copy(to, from, length);
  store<u8>(to + length, 0);
  return true;
}
