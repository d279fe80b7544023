// SPDX-License-Identifier: MIT
// An open file description (open(2)): what descriptors refer to, shared by dup, fork and SCM_RIGHTS. Each kind of file is a
// class of its own; the answers here are what Linux says for a file that lacks the operation. A file never knows a process:
// it gets a claim on user memory (UserBuffer) and a sleeper.

import { EBADF, EINVAL, ENODEV, ENOTDIR, ENOTTY, EPERM, ESPIPE } from "../abi/errno.ts";
import { O_ACCMODE, O_APPEND, O_ASYNC, O_DIRECT, O_NOATIME, O_NONBLOCK, O_PATH, O_RDONLY, O_WRONLY } from "../abi/fcntl.ts";
import { POLLIN, POLLOUT, POLLRDNORM, POLLWRNORM } from "../abi/poll.ts";
import { Outcome } from "../lib/outcome.ts";
import { AddressSpace } from "../memory/address-space.ts";
import { PageSource } from "../memory/page-source.ts";
import { RefCounted } from "../memory/ref-counted.ts";
import { UserBuffer } from "../memory/user-buffer.ts";
import { Attributes } from "./attributes.ts";
import { releaseLocks } from "./lock-table.ts";
import { Sleeper } from "./wait-queue.ts";

/** Where a file was opened; the file system's Path (fs/path.ts). */
export abstract class Place extends RefCounted {}

let open: i32 = 0;

/** Open file descriptions that exist now. */
export function openFiles(): i32 {
  return open;
}

export abstract class File extends PageSource {
  /** Access mode and status flags as F_GETFL shows them. */
  flags: i32;
  /** Offset for read and write, in bytes. */
  position: i64 = 0;
  /** Where it was opened (owned), or null for a file without a name: a pipe, a socket, an anonymous inode. */
  place: Place | null = null;
  /** A socket: what socket calls work on, and whose queue can hold files. */
  isSocket: bool = false;
  /** F_SETOWN: a pid, or minus a process group. Stored only: nothing sends SIGIO yet. */
  owner: i32 = 0;
  /** F_SETSIG; stored only. */
  ownerSignal: i32 = 0;

  constructor(flags: i32) {
    super();
    this.flags = flags;
    open++;
  }

  /** Subclasses that override it call super.destroy(). */
  destroy(): void {
    releaseLocks(this.lockTarget(), changetype<usize>(this));
    const place = this.place;
    this.place = null;
    if (place != null) place.release();
    open--;
  }

  get isReadable(): bool {
    return (this.flags & (O_PATH | O_ACCMODE)) == O_RDONLY || (this.flags & (O_PATH | O_ACCMODE)) == 2;
  }

  get isWritable(): bool {
    return (this.flags & (O_PATH | O_ACCMODE)) == O_WRONLY || (this.flags & (O_PATH | O_ACCMODE)) == 2;
  }

  get isPathOnly(): bool {
    return (this.flags & O_PATH) != 0;
  }

  get isNonBlocking(): bool {
    return (this.flags & O_NONBLOCK) != 0;
  }

  /** Whether offsets mean something (lseek(2)); decides between pread's ESPIPE and a read at an offset. */
  get isSeekable(): bool {
    return false;
  }

  /** What open(2) still has to wait for once the file exists: 0, or BLOCKED for a FIFO without a partner (fifo(7)). */
  completeOpen(self: Sleeper): Outcome {
    return 0;
  }

  /** Another open file for the same thing, through its link in /proc/self/fd; null: there cannot be one (ENXIO). After admit(). */
  reopen(flags: i32): File | null {
    return null;
  }

  /**
   * read(2) at the file's position. The caller has checked the access mode. One that can sleep half-way passes over
   * self.progress bytes of the claim, adds what it moves to self.progress, and returns the sum.
   */
  read(self: Sleeper, buffer: UserBuffer): Outcome {
    return -EINVAL;
  }

  /** write(2) at the file's position. */
  write(self: Sleeper, buffer: UserBuffer): Outcome {
    return -EINVAL;
  }

  /** pread(2); only called when isSeekable. */
  readAt(buffer: UserBuffer, offset: i64): Outcome {
    return -ESPIPE;
  }

  /** pwrite(2); only called when isSeekable. */
  writeAt(buffer: UserBuffer, offset: i64): Outcome {
    return -ESPIPE;
  }

  seek(offset: i64, whence: i32): Outcome {
    return -ESPIPE;
  }

  /** Ready events of all POLL* bits; with a sleeper, also puts it on the queues that announce a change. */
  poll(self: Sleeper | null): u32 {
    return POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM;
  }

  ioctl(self: Sleeper, space: AddressSpace, request: u32, argument: u64): Outcome {
    return -ENOTTY;
  }

  /** The attributes of a file that no file system holds (a pipe, a socket, an anonymous inode): borrowed, or null. */
  attributes(): Attributes | null {
    return null;
  }

  /** Fills a zeroed 128-byte struct stat at `out` (kernel memory). */
  stat(out: usize): void {
    const attributes = this.attributes();
    if (attributes != null) attributes.fill(out);
  }

  truncate(size: i64): Outcome {
    return -EINVAL;
  }

  /** fsync(2), fdatasync(2). */
  sync(): Outcome {
    return -EINVAL;
  }

  /** fallocate(2). */
  allocate(mode: i32, offset: i64, length: i64): Outcome {
    return -ENODEV;
  }

  /** getdents64(2): appends records to `buffer` from the file's position on. */
  readDirectory(buffer: UserBuffer): Outcome {
    return -ENOTDIR;
  }

  /** Whether shared mappings of it may write: it was opened for that, and no seal forbids it. */
  get allowsSharedWrites(): bool {
    return this.isWritable;
  }

  /** mmap(2) of it gives zeros, memory of the mapping's own (zero(4)). */
  get mapsZeros(): bool {
    return false;
  }

  /** F_GET_SEALS */
  seals(): Outcome {
    return -EINVAL;
  }

  /** F_ADD_SEALS */
  addSeals(seals: u32): Outcome {
    return this.isWritable ? -EINVAL : -EPERM;
  }

  /** Whether mmap(2) may map it: 0 or -errno (-ENODEV for what has no pages). */
  canMap(): Outcome {
    return -ENODEV;
  }

  /** F_GETPIPE_SZ: the capacity of a pipe in bytes. */
  pipeSize(): Outcome {
    return -EBADF;
  }

  /** F_SETPIPE_SZ: the new capacity in bytes; `isPrivileged`: may go beyond /proc/sys/fs/pipe-max-size. */
  resizePipe(size: u64, isPrivileged: bool): Outcome {
    return -EBADF;
  }

  /** F_SETFL: which status flags change; -EINVAL for O_DIRECT where the file cannot. */
  setStatusFlags(flags: i32): Outcome {
    const changeable = O_APPEND | O_ASYNC | O_NONBLOCK | O_NOATIME;
    if ((flags & O_DIRECT) != 0) return -EINVAL;
    this.flags = (this.flags & ~changeable) | (flags & changeable);
    return 0;
  }

  /** For a file without a place: what readlink of /proc/self/fd/N says ("pipe:[7]"), written at `out` (at most 64 bytes). */
  nameless(out: usize): usize {
    return 0;
  }

  /** Lines that /proc/self/fdinfo/N adds after the generic ones, written at `out`; the length (at most 512 bytes). */
  information(out: usize): usize {
    return 0;
  }

  /** What locks on this file are locks of: its inode, or the open file itself where it has none. Borrowed. */
  lockTarget(): RefCounted {
    return this;
  }

  /** A descriptor of `owner` (its table's address) that referred to this file was closed: that owner's record locks go (fcntl(2)). */
  descriptorClosed(owner: usize): void {
    releaseLocks(this.lockTarget(), owner);
  }
}
