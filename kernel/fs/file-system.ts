// SPDX-License-Identifier: MIT
// One file system as stat(2), statfs(2) and /proc/mounts show it: its device and type, and who numbers its inodes. What it
// contains is the business of its inodes. File systems live from boot to power-off; inodes point at theirs without owning it.

import { NAME_MAX } from "../lib/limits.ts";

/** Device numbers of file systems without a device have major 0. */
let nextDevice: u64 = 1;

export class FileSystem {
  device: u64 = nextDevice++;
  private lastInode: u64 = 0;

  /** `name` as in /proc/filesystems, `magic` as in statfs(2). */
  constructor(
    public name: string,
    public magic: u32,
  ) {}

  /** A number for a new inode. */
  newInodeNumber(): u64 {
    return ++this.lastInode;
  }
}

/** struct statfs of a 64-bit Linux: 120 bytes. */
export const STATFS_SIZE: usize = 120;

/** Fills a zeroed struct statfs; a file system in memory has no block counts (simple_statfs of Linux's ramfs). */
export function fillStatfs(out: usize, fileSystem: FileSystem, mountFlags: u64): void {
  store<u64>(out, fileSystem.magic);
  store<u64>(out, 4096, 8); // f_bsize
  store<u32>(out, <u32>fileSystem.device, 56); // f_fsid
  store<u64>(out, NAME_MAX, 64);
  store<u64>(out, 4096, 72); // f_frsize
  store<u64>(out, mountFlags, 80);
}
