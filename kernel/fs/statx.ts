// SPDX-License-Identifier: MIT
// struct statx (statx(2)), made from what struct stat says and what only an inode knows.

import { STATX_ATTR_MOUNT_ROOT, STATX_BASIC_STATS, STATX_BTIME, STATX_MNT_ID } from "../abi/stat.ts";
import { STAT_SIZE, storeTime } from "./inode.ts";
import { Walk } from "./walk.ts";

export const STATX_SIZE: usize = 256;

/** Fills the 256 bytes at `out` for what a walk has found; the time of birth only if it was asked for. */
export function fillStatx(at: Walk, asked: u32, out: usize): void {
  memory.fill(STAT, 0, STAT_SIZE);
  memory.fill(out, 0, STATX_SIZE);
  const file = at.file;
  let mask: u32 = STATX_BASIC_STATS;
  if (file != null) {
    file.stat(STAT);
  } else {
    const inode = at.inode;
    inode.stat(STAT);
    mask |= STATX_MNT_ID | (asked & STATX_BTIME);
    if ((asked & STATX_BTIME) != 0) storeStatxTime(out + 80, inode.btime);
    store<u64>(out, at.mount!.id, 144);
    if (at.dentry == at.mount!.root) store<u64>(out, STATX_ATTR_MOUNT_ROOT, 8);
    store<u64>(out, STATX_ATTR_MOUNT_ROOT, 56);
  }
  store<u32>(out, mask);
  copyFields(out);
}

function copyFields(out: usize): void {
  store<u32>(out, load<u32>(STAT, 56), 4); // blksize
  store<u32>(out, load<u32>(STAT, 20), 16); // nlink
  store<u32>(out, load<u32>(STAT, 24), 20); // uid
  store<u32>(out, load<u32>(STAT, 28), 24); // gid
  store<u16>(out, <u16>load<u32>(STAT, 16), 28); // mode
  store<u64>(out, load<u64>(STAT, 8), 32); // ino
  store<u64>(out, load<u64>(STAT, 48), 40); // size
  store<u64>(out, load<u64>(STAT, 64), 48); // blocks
  copyTime(out + 64, STAT + 72); // atime
  copyTime(out + 96, STAT + 104); // ctime
  copyTime(out + 112, STAT + 88); // mtime
  storeDevice(out + 128, load<u64>(STAT, 32)); // rdev
  storeDevice(out + 136, load<u64>(STAT)); // dev
}

/** struct statx_timestamp: seconds i64, nanoseconds u32. */
function storeStatxTime(out: usize, time: i64): void {
  storeTime(TIME, time);
  copyTime(out, TIME);
}

function copyTime(out: usize, timespec: usize): void {
  store<i64>(out, load<i64>(timespec));
  store<u32>(out, <u32>load<i64>(timespec, 8), 8);
}

/** Major and minor number of a device as stat(2) packs it (makedev(3)). */
function storeDevice(out: usize, device: u64): void {
  store<u32>(out, <u32>((device >> 8) & 0xfff));
  store<u32>(out, <u32>((device & 0xff) | ((device >> 12) & 0xfff00)), 4);
}

const STAT = memory.data(128, 8);
const TIME = memory.data(16, 8);
