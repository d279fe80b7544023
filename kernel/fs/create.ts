// SPDX-License-Identifier: MIT
// Making names: files, directories, device nodes, symbolic and hard links (open(2), mkdir(2), mknod(2), symlink(2), link(2)).
// Each call here gets the directory and the last component from a walk that stopped before it (walk.ts).

import { EACCES, EEXIST, EINVAL, EMLINK, ENOENT, ENOMEM, EOPNOTSUPP, EPERM, EXDEV } from "../abi/errno.ts";
import { CAP_MKNOD } from "../abi/prctl.ts";
import { S_IFBLK, S_IFCHR, S_IFDIR, S_IFIFO, S_IFLNK, S_IFMT, S_IFREG, S_IFSOCK, S_ISVTX } from "../abi/stat.ts";
import { decimal } from "../lib/decimal.ts";
import { fail, failure } from "../lib/failure.ts";
import { LINK_MAX } from "../lib/limits.ts";
import { Outcome } from "../lib/outcome.ts";
import { allocZeroedFrame } from "../memory/frames.ts";
import { admit, allocBytes } from "../memory/heap.ts";
import { Credentials } from "./credentials.ts";
import { Dentry } from "./dentry.ts";
import { DirectoryInode } from "./directory.ts";
import { FileSystem } from "./file-system.ts";
import { Inode } from "./inode.ts";
import { inheritOwner, mayCreateIn, mayWriteMount } from "./permission.ts";
import { RegularInode } from "./regular.ts";
import { DeviceInode, FifoInode, LONG_TARGET, SocketInode, SymlinkInode } from "./special.ts";
import { LAST_NORMAL, Walk } from "./walk.ts";

const PERMISSIONS: u32 = 0o7777;
const NUMBER_SIGN: u8 = 0x23;
const TEMPORARY_NAME = memory.data(24);

/** The permission bits that a new file gets. */
export function newFileMode(mode: u32, umask: u32): u32 {
  return mode & PERMISSIONS & ~umask;
}

/** mkdir(2) at the end of a walk to the parent. `mode` without umask. */
export function makeDirectory(at: Walk, who: Credentials, mode: u32, umask: u32): Outcome {
  const refused = mayMake(at, true);
  if (refused != 0) return refused;
  const bits = mode & (0o777 | S_ISVTX) & ~umask;
  return entered(createInode(at.dentry!, who, at.last, at.lastLength, S_IFDIR | bits, 0));
}

/** Whether mknod(2) makes files of the type in `mode`: 0 or -errno. It looks at this before the path. */
export function checkNodeType(mode: u32): Outcome {
  const type = mode & S_IFMT;
  if (type == S_IFDIR) return -EPERM;
  const isKnown = type == 0 || type == S_IFREG || type == S_IFIFO || type == S_IFSOCK || type == S_IFCHR || type == S_IFBLK;
  return isKnown ? 0 : -EINVAL;
}

/** mknod(2), for a type that has been checked. */
export function makeNode(at: Walk, who: Credentials, mode: u32, umask: u32, rdev: u64): Outcome {
  const type = mode & S_IFMT;
  const isDevice = type == S_IFCHR || type == S_IFBLK;
  const refused = mayMake(at, false);
  if (refused != 0) return refused;
  const denied = mayCreateIn(at.dentry!, who);
  if (denied != 0) return denied;
  // A character device 0:0 is an overlay's whiteout, which anybody may make.
  if (isDevice && !(type == S_IFCHR && rdev == 0) && !who.has(CAP_MKNOD)) return -EPERM;
  const bits = newFileMode(mode, umask);
  return entered(createInode(at.dentry!, who, at.last, at.lastLength, (type == 0 ? <u32>S_IFREG : type) | bits, isDevice ? rdev : 0));
}

/** symlink(2); `target` is a kernel string of `length` > 0 bytes. */
export function makeSymlink(at: Walk, who: Credentials, target: usize, length: i32): Outcome {
  const refused = mayMake(at, false);
  if (refused != 0) return refused;
  const denied = mayCreateIn(at.dentry!, who);
  if (denied != 0) return denied;
  const inode = newSymlink(at.inode.fileSystem, target, length);
  if (inode == null) return -ENOMEM;
  return entered(addEntry(at.dentry!, who, at.last, at.lastLength, inode));
}

/** link(2): another name for the inode that `old` has found. */
export function makeLink(old: Walk, at: Walk, who: Credentials): Outcome {
  const refused = mayMake(at, false);
  if (refused != 0) return refused;
  if (old.mount != at.mount) return -EXDEV;
  const denied = mayCreateIn(at.dentry!, who);
  if (denied != 0) return denied;
  const inode = old.inode;
  if (inode.fileSystem != at.inode.fileSystem) return -EXDEV;
  if (inode.isDirectory) return -EPERM;
  if (inode.nlink == 0 && !inode.isLinkable) return -ENOENT;
  if (inode.nlink >= LINK_MAX) return -EMLINK;
  if (!admit()) return -ENOMEM;
  inode.retain();
  const entry = new Dentry(at.dentry!, at.last, at.lastLength, inode);
  inode.nlink++;
  inode.isLinkable = false;
  inode.changed();
  (at.inode as DirectoryInode).add(entry);
  at.inode.modified();
  entry.release();
  return 0;
}

/**
 * Makes an inode of any type but a symbolic link and enters it in a directory, where the name does not exist. The entry as a new
 * reference, or null with `failure`.
 */
export function createInode(directory: Dentry, who: Credentials, name: usize, length: i32, mode: u32, rdev: u64): Dentry | null {
  const denied = mayCreateIn(directory, who);
  if (denied != 0) return fail<Dentry>(denied);
  if (!directory.inode.canHoldEntries) return fail<Dentry>(-EACCES);
  if (!admit()) return fail<Dentry>(-ENOMEM);
  return addEntry(directory, who, name, length, newInode(directory.inode.fileSystem, mode, rdev));
}

/** O_TMPFILE: a regular file in no directory, shown as "#NUMBER (deleted)". The entry as a new reference, or null with `failure`. */
export function createTemporary(directory: Dentry, who: Credentials, mode: u32, isLinkable: bool): Dentry | null {
  const denied = mayCreateIn(directory, who);
  if (denied != 0) return fail<Dentry>(denied);
  if (!directory.inode.canHoldEntries) return fail<Dentry>(-EOPNOTSUPP);
  if (!admit()) return fail<Dentry>(-ENOMEM);
  const inode = newInode(directory.inode.fileSystem, S_IFREG | mode, 0);
  inheritOwner(inode, directory.inode, who);
  inode.nlink = 0;
  inode.isLinkable = isLinkable;
  store<u8>(TEMPORARY_NAME, NUMBER_SIGN);
  const length = 1 + <i32>decimal(TEMPORARY_NAME + 1, inode.ino);
  const entry = new Dentry(directory, TEMPORARY_NAME, length, inode);
  entry.isDeleted = true;
  return entry;
}

/** An inode of the type in `mode`, with one reference. Needs an admit(). */
export function newInode(fileSystem: FileSystem, mode: u32, rdev: u64): Inode {
  const type = mode & S_IFMT;
  if (type == S_IFDIR) return new DirectoryInode(fileSystem, mode);
  if (type == S_IFREG) return new RegularInode(fileSystem, mode);
  if (type == S_IFIFO) return new FifoInode(fileSystem, mode);
  if (type == S_IFSOCK) return new SocketInode(fileSystem, mode);
  return new DeviceInode(fileSystem, mode, rdev);
}

/** A symbolic link with one reference, or null when there is no memory. */
export function newSymlink(fileSystem: FileSystem, target: usize, length: i32): SymlinkInode | null {
  if (!admit()) return null;
  const copy = <usize>length > LONG_TARGET ? allocZeroedFrame() : allocBytes(<usize>length);
  if (copy == 0) return null;
  memory.copy(copy, target, <usize>length);
  return new SymlinkInode(fileSystem, S_IFLNK | 0o777, copy, length);
}

/** Enters a new inode, whose reference it takes over. The entry as a new reference. Needs an admit(). */
function addEntry(directory: Dentry, who: Credentials, name: usize, length: i32, inode: Inode): Dentry {
  const parent = directory.inode as DirectoryInode;
  inheritOwner(inode, parent, who);
  const entry = new Dentry(directory, name, length, inode);
  parent.add(entry);
  if (inode.isDirectory) parent.nlink++;
  parent.modified();
  return entry;
}

function entered(entry: Dentry | null): Outcome {
  if (entry == null) return failure;
  entry.release();
  return 0;
}

/** What all of these calls look at first: the name must be an ordinary one that is not there, on a mount that can be written. */
function mayMake(at: Walk, isDirectory: bool): Outcome {
  if (at.lastKind != LAST_NORMAL) return -EEXIST;
  const directory = at.dentry!;
  const entry = directory.inode.lookup(directory, at.last, at.lastLength);
  if (entry != null) {
    entry.release();
    return -EEXIST;
  }
  if (failure != -ENOENT || (at.hasTrailingSlash && !isDirectory)) return failure;
  // Where nobody can make names, a missing one is simply missing.
  if (!directory.inode.canHoldEntries) return -ENOENT;
  return mayWriteMount(at.mount!);
}
