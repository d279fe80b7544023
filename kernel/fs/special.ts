// SPDX-License-Identifier: MIT
// Inodes without contents of their own: symbolic links, device nodes, FIFOs and sockets. What a device or FIFO does when it is
// opened is the file layer's and devices.ts's business.

import { EINVAL, ENOMEM, ENXIO } from "../abi/errno.ts";
import { O_ACCMODE } from "../abi/fcntl.ts";
import { File } from "../file/file.ts";
import { openFifo } from "../file/pipe-file.ts";
import { Pipe } from "../file/pipe.ts";
import { fail } from "../lib/failure.ts";
import { releaseFrame } from "../memory/frames.ts";
import { admit, freeBytes, MAX_OBJECT } from "../memory/heap.ts";
import { Credentials } from "./credentials.ts";
import { openDevice } from "./devices.ts";
import { FileSystem } from "./file-system.ts";
import { Inode } from "./inode.ts";
import { Path } from "./path.ts";

/** A target longer than this lies in a frame. */
export const LONG_TARGET: usize = MAX_OBJECT;

export class SymlinkInode extends Inode {
  private target: usize;
  private length: i32;

  /** `target`: a slab object, or a frame if `length` > LONG_TARGET, that it takes over. Needs an admit(). */
  constructor(fileSystem: FileSystem, mode: u32, target: usize, length: i32) {
    super(fileSystem, mode);
    this.target = target;
    this.length = length;
  }

  get size(): i64 {
    return this.length;
  }

  readLink(out: usize): i32 {
    memory.copy(out, this.target, <usize>this.length);
    return this.length;
  }

  destroy(): void {
    if (<usize>this.length > LONG_TARGET) releaseFrame(this.target);
    else freeBytes(this.target);
  }
}

/** A character or block device node; `rdev` says which. */
export class DeviceInode extends Inode {
  constructor(fileSystem: FileSystem, mode: u32, rdev: u64) {
    super(fileSystem, mode);
    this.rdev = rdev;
  }

  open(flags: i32, path: Path, credentials: Credentials): File | null {
    if (!admit()) return fail<File>(-ENOMEM);
    return openDevice(flags, this, credentials);
  }
}

export class FifoInode extends Inode {
  /** Owned; made by the first open. */
  private pipe: Pipe | null = null;

  constructor(fileSystem: FileSystem, mode: u32) {
    super(fileSystem, mode);
  }

  open(flags: i32, path: Path, credentials: Credentials): File | null {
    if ((flags & O_ACCMODE) == O_ACCMODE) return fail<File>(-EINVAL);
    if (!admit()) return fail<File>(-ENOMEM);
    let pipe = this.pipe;
    if (pipe == null) {
      pipe = new Pipe(null);
      this.pipe = pipe;
    }
    const file = openFifo(pipe, flags);
    if (file == null) return fail<File>(-ENXIO);
    return file;
  }

  destroy(): void {
    const pipe = this.pipe;
    if (pipe != null) pipe.release();
  }
}

/** A socket's name (mknod(2)). Nothing listens behind it, so open(2) is ENXIO. */
export class SocketInode extends Inode {
  constructor(fileSystem: FileSystem, mode: u32) {
    super(fileSystem, mode);
  }
}
