// SPDX-License-Identifier: MIT
// What stat(2) shows of a file that lives in no file system: pipes, sockets and anonymous inodes. Linux gives them inodes in
// file systems of the kernel's own, whose device numbers these are.

import { realtime } from "../lib/clock.ts";

export const PIPE_DEVICE: u64 = 14;
export const SOCKET_DEVICE: u64 = 8;
export const ANON_INODE_DEVICE: u64 = 15;

const SECOND_NS: i64 = 1_000_000_000;
const BLOCK_SIZE = 4096;

let lastInode: u64 = 0;

export class Attributes {
  device: u64;
  /** Unique among all of them. */
  inode: u64 = ++lastInode;
  /** Type and permissions. */
  mode: u32;
  uid: u32;
  gid: u32;
  rdev: u64 = 0;
  /** Times in ns since 1970. */
  accessed: i64 = realtime();
  modified: i64 = this.accessed;
  changed: i64 = this.accessed;

  constructor(device: u64, mode: u32, uid: u32, gid: u32) {
    this.device = device;
    this.mode = mode;
    this.uid = uid;
    this.gid = gid;
  }

  /** For what exists before the clock is set. */
  stamp(): void {
    this.accessed = realtime();
    this.modified = this.accessed;
    this.changed = this.accessed;
  }

  /** Fills a zeroed struct stat (128 bytes, asm-generic/stat.h). */
  fill(out: usize): void {
    store<u64>(out, this.device);
    store<u64>(out, this.inode, 8);
    store<u32>(out, this.mode, 16);
    store<u32>(out, 1, 20);
    store<u32>(out, this.uid, 24);
    store<u32>(out, this.gid, 28);
    store<u64>(out, this.rdev, 32);
    store<i32>(out, BLOCK_SIZE, 56);
    storeTime(out + 72, this.accessed);
    storeTime(out + 88, this.modified);
    storeTime(out + 104, this.changed);
  }
}

function storeTime(at: usize, ns: i64): void {
  store<i64>(at, ns / SECOND_NS);
  store<i64>(at, ns % SECOND_NS, 8);
}
