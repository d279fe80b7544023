// SPDX-License-Identifier: MIT
// Open files that stand for an inode. The base class keeps the inode and the count of writers; the classes here are the ones without
// contents of their own: O_PATH files.

import { EBADF } from "../abi/errno.ts";
import { O_ACCMODE, O_PATH, O_RDWR, O_WRONLY } from "../abi/fcntl.ts";
import { File } from "../file/file.ts";
import { Sleeper } from "../file/wait-queue.ts";
import { Outcome } from "../lib/outcome.ts";
import { RefCounted } from "../memory/ref-counted.ts";
import { UserBuffer } from "../memory/user-buffer.ts";
import { Inode } from "./inode.ts";

export abstract class InodeFile extends File {
  inode: Inode;
  /** It is one of the inode's writers (ETXTBSY). */
  isCountedWriter: bool = false;

  /** Takes its own reference to the inode. Needs an admit(). */
  constructor(flags: i32, inode: Inode) {
    super(flags);
    inode.retain();
    this.inode = inode;
  }

  stat(out: usize): void {
    this.inode.stat(out);
  }

  sync(): Outcome {
    return 0;
  }

  lockTarget(): RefCounted {
    return this.inode;
  }

  destroy(): void {
    if (this.isCountedWriter) this.inode.removeWriter();
    super.destroy(); // looks at the inode's locks once more
    this.inode.release();
  }

  /** One more address space runs this file: writers stay denied as long (exec has checked that there are none). */
  executed(): void {
    const outcome = this.inode.denyWrite();
    assert(outcome == 0, "a program that has a writer");
    this.retain();
  }

  noLongerExecuted(): void {
    this.inode.allowWrite();
    this.release();
  }
}

/** open(2) with O_PATH: a place and nothing else. */
export class PathFile extends InodeFile {
  read(self: Sleeper, buffer: UserBuffer): Outcome {
    return -EBADF;
  }

  write(self: Sleeper, buffer: UserBuffer): Outcome {
    return -EBADF;
  }

  sync(): Outcome {
    return -EBADF;
  }

  setStatusFlags(flags: i32): Outcome {
    return -EBADF;
  }
}

/** O_PATH on a magic link to a file without a place: stands for that file. */
export class PathOfFile extends File {
  /** Owned. */
  target: File;

  constructor(flags: i32, target: File) {
    super(flags);
    target.retain();
    this.target = target;
  }

  stat(out: usize): void {
    this.target.stat(out);
  }

  nameless(out: usize): usize {
    return this.target.nameless(out);
  }

  destroy(): void {
    this.target.release();
    super.destroy();
  }
}

/** Whether the flags ask for a file that can write: not with access mode 3, which asks for both rights and gives none. */
export function opensForWriting(flags: i32): bool {
  const access = flags & O_ACCMODE;
  return (flags & O_PATH) == 0 && (access == O_WRONLY || access == O_RDWR);
}
