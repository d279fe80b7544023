// SPDX-License-Identifier: MIT
// The ends of a pipe and open FIFOs (pipe(7), fifo(7)): who may read and write, when that sleeps, and what poll says. The bytes
// are in pipe.ts. SIGPIPE is not raised here: the caller's brokenPipe asks the system call to do it.

import { EAGAIN, EPIPE, ENXIO } from "../abi/errno.ts";
import { O_ACCMODE, O_DIRECT, O_NONBLOCK, O_RDONLY, O_RDWR, O_WRONLY } from "../abi/fcntl.ts";
import { FIONREAD } from "../abi/ioctl.ts";
import { EFAULT, ENOTTY } from "../abi/errno.ts";
import { POLLERR, POLLHUP, POLLIN, POLLOUT, POLLRDNORM, POLLWRNORM } from "../abi/poll.ts";
import { S_IFIFO } from "../abi/stat.ts";
import { decimal } from "../lib/decimal.ts";
import { BLOCKED, Outcome } from "../lib/outcome.ts";
import { AddressSpace } from "../memory/address-space.ts";
import { UserBuffer } from "../memory/user-buffer.ts";
import { writeUser } from "../memory/user.ts";
import { Attributes, PIPE_DEVICE } from "./attributes.ts";
import { File } from "./file.ts";
import { Pipe } from "./pipe.ts";
import { Sleeper } from "./wait-queue.ts";

/** The pipe of a new pair of ends, with one reference; the caller opens both ends and releases it. Preceded by admit(). */
export function newPipe(uid: u32, gid: u32): Pipe {
  return new Pipe(new Attributes(PIPE_DEVICE, S_IFIFO | 0o600, uid, gid));
}

/**
 * Opens a FIFO: null is -ENXIO (a writer that would not wait, and nobody reads). The file counts as a reader or writer at once;
 * completeOpen() then waits for a partner where it has to.
 */
export function openFifo(pipe: Pipe, flags: i32): PipeFile | null {
  const access = flags & O_ACCMODE;
  if (access == O_WRONLY && (flags & O_NONBLOCK) != 0 && pipe.readers == 0) return null;
  const hadPartner = access == O_RDWR || (access == O_RDONLY ? pipe.writers : pipe.readers) > 0;
  const file = new PipeFile(pipe, flags);
  if (hadPartner) return file;
  if (access == O_RDONLY) file.writersBefore = pipe.writerOpens;
  file.awaitsPartner = (flags & O_NONBLOCK) == 0;
  file.readersBefore = pipe.readerOpens;
  return file;
}

export class PipeFile extends File {
  /** Owned. */
  readonly pipe: Pipe;
  /** A FIFO's open that is not complete: no partner has come since it counted them. */
  awaitsPartner: bool = false;
  readersBefore: u32 = 0;
  /** Writers that had come before this reader: until one comes after it, the end of the pipe is no hang-up. */
  writersBefore: u32 = 0;

  /** An end of the pipe with the access mode in `flags`. */
  constructor(pipe: Pipe, flags: i32) {
    super(flags);
    pipe.retain();
    this.pipe = pipe;
    if (this.isReadable) {
      pipe.readers++;
      pipe.readerOpens++;
    }
    if (this.isWritable) {
      pipe.writers++;
      pipe.writerOpens++;
    }
    pipe.readable.wake();
  }

  /** Through /proc/PID/fd. A pipe without a name had both ends when it was made: its open waits for no partner. */
  reopen(flags: i32): File | null {
    const isFifo = this.pipe.attributes == null;
    return isFifo ? openFifo(this.pipe, flags) : new PipeFile(this.pipe, flags);
  }

  completeOpen(self: Sleeper): Outcome {
    const pipe = this.pipe;
    const hasPartner = this.isReadable ? pipe.writerOpens != this.writersBefore : pipe.readerOpens != this.readersBefore;
    if (this.awaitsPartner && !hasPartner) {
      pipe.readable.add(self);
      return BLOCKED;
    }
    this.awaitsPartner = false;
    return 0;
  }

  read(self: Sleeper, buffer: UserBuffer): Outcome {
    if (buffer.left == 0) return 0;
    const pipe = this.pipe;
    if (!pipe.isEmpty) {
      const taken = pipe.take(buffer);
      if (taken > 0) pipe.writable.wake();
      return taken;
    }
    if (pipe.writers == 0) return 0;
    if (this.isNonBlocking) return -EAGAIN;
    pipe.readable.add(self);
    return BLOCKED;
  }

  write(self: Sleeper, buffer: UserBuffer): Outcome {
    if (buffer.left == 0) return 0;
    const pipe = this.pipe;
    buffer.skip(self.progress);
    if (pipe.readers == 0) {
      self.brokenPipe = true;
      return self.progress > 0 ? self.progress : -EPIPE;
    }
    const put = pipe.put(buffer, (this.flags & O_DIRECT) != 0, self.progress == 0);
    if (put > 0) {
      self.progress += put;
      pipe.readable.wake();
    }
    if (buffer.left > 0 && pipe.isFull && put >= 0) {
      if (!this.isNonBlocking) {
        pipe.writable.add(self);
        return BLOCKED;
      }
      return self.progress > 0 ? self.progress : -EAGAIN;
    }
    return self.progress > 0 ? self.progress : put;
  }

  poll(self: Sleeper | null): u32 {
    const pipe = this.pipe;
    let events: u32 = 0;
    if (this.isReadable) {
      if (!pipe.isEmpty) events |= POLLIN | POLLRDNORM;
      if (pipe.writers == 0 && pipe.writerOpens != this.writersBefore) events |= POLLHUP;
      if (self != null) pipe.readable.add(self);
    }
    if (this.isWritable) {
      if (!pipe.isFull) events |= POLLOUT | POLLWRNORM;
      if (pipe.readers == 0) events |= POLLERR;
      if (self != null) pipe.writable.add(self);
    }
    return events;
  }

  ioctl(self: Sleeper, space: AddressSpace, request: u32, argument: u64): Outcome {
    if (request != FIONREAD) return -ENOTTY;
    return writeUser<i32>(space, argument, <i32>this.pipe.length) ? 0 : -EFAULT;
  }

  pipeSize(): Outcome {
    return <i64>this.pipe.size;
  }

  resizePipe(size: u64, isPrivileged: bool): Outcome {
    return this.pipe.resize(size, isPrivileged);
  }

  /** A pipe takes O_DIRECT: packet mode (pipe(2)). */
  setStatusFlags(flags: i32): Outcome {
    const outcome = super.setStatusFlags(flags & ~O_DIRECT);
    this.flags = (this.flags & ~O_DIRECT) | (flags & O_DIRECT);
    return outcome;
  }

  attributes(): Attributes | null {
    return this.pipe.attributes;
  }

  nameless(out: usize): usize {
    const attributes = this.pipe.attributes;
    return attributes == null ? 0 : bracketed(out, "pipe:[", attributes.inode);
  }

  destroy(): void {
    const pipe = this.pipe;
    if (this.isReadable) pipe.readers--;
    if (this.isWritable) pipe.writers--;
    if (pipe.readers == 0 && pipe.writers == 0) pipe.reset();
    pipe.readable.wake();
    pipe.writable.wake();
    pipe.release();
    super.destroy();
  }
}

/** `prefix` (which ends in "["), a number and "]"; the length. */
export function bracketed(out: usize, prefix: string, number: u64): usize {
  const start = out;
  for (let i = 0; i < prefix.length; i++) store<u8>(out++, <u8>prefix.charCodeAt(i));
  out += decimal(out, number);
  store<u8>(out, 0x5d);
  return out + 1 - start;
}
