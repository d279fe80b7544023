// SPDX-License-Identifier: MIT
// The contents of /dev at boot. It is an ordinary file system in memory afterwards: programs can add to it.

import { S_IFCHR, S_IFDIR } from "../abi/stat.ts";
import { writeAscii } from "../file/anon-inode.ts";
import { CONSOLE_DEVICE } from "../tty/console.ts";
import { Dentry } from "./dentry.ts";
import { DirectoryInode } from "./directory.ts";
import { FULL_DEVICE, NULL_DEVICE, PTMX_DEVICE, RANDOM_DEVICE, TTY_DEVICE, URANDOM_DEVICE, ZERO_DEVICE } from "./devices.ts";
import { FileSystem } from "./file-system.ts";
import { Inode } from "./inode.ts";
import { newInode, newSymlink } from "./create.ts";

/** The root of a new devfs, with one reference. For boot only: memory is there. */
export function makeDevfs(fileSystem: FileSystem): Dentry {
  const root = new Dentry(null, 0, 0, new DirectoryInode(fileSystem, S_IFDIR | 0o755));
  addDevice(root, "null", 0o666, NULL_DEVICE);
  addDevice(root, "zero", 0o666, ZERO_DEVICE);
  addDevice(root, "full", 0o666, FULL_DEVICE);
  addDevice(root, "random", 0o666, RANDOM_DEVICE);
  addDevice(root, "urandom", 0o666, URANDOM_DEVICE);
  addDevice(root, "tty", 0o666, TTY_DEVICE);
  addDevice(root, "console", 0o600, CONSOLE_DEVICE);
  addDevice(root, "ptmx", 0o666, PTMX_DEVICE);
  addLink(root, "fd", "/proc/self/fd");
  addLink(root, "stdin", "/proc/self/fd/0");
  addLink(root, "stdout", "/proc/self/fd/1");
  addLink(root, "stderr", "/proc/self/fd/2");
  add(root, "shm", newInode(fileSystem, S_IFDIR | 0o1777, 0));
  root.inode.nlink++;
  return root;
}

function addDevice(root: Dentry, name: string, mode: u32, device: u64): void {
  add(root, name, newInode(root.inode.fileSystem, S_IFCHR | mode, device));
}

function addLink(root: Dentry, name: string, target: string): void {
  const length = writeAscii(TARGET, target);
  add(root, name, newSymlink(root.inode.fileSystem, TARGET, <i32>length)!);
}

function add(root: Dentry, name: string, inode: Inode): void {
  const length = writeAscii(NAME, name);
  const entry = new Dentry(root, NAME, <i32>length, inode);
  (root.inode as DirectoryInode).add(entry);
  entry.release();
}

const NAME = memory.data(16);
const TARGET = memory.data(32);
