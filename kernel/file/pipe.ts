// SPDX-License-Identifier: MIT
// What a pipe or FIFO holds (pipe(7)): bytes in buffers of one frame each, at most `capacity` buffers. It moves what it can and
// never sleeps; blocking, access modes and the ends are pipe-file.ts's business. Its files own it, and a FIFO's inode does.

import { EBUSY, EFAULT, EINVAL, ENOMEM, EPERM } from "../abi/errno.ts";
import { LARGEST_PIPE, PIPE_BUFFERS, PIPE_MAX_SIZE } from "../lib/limits.ts";
import { Outcome } from "../lib/outcome.ts";
import { allocZeroedFrame, PAGE_SHIFT, PAGE_SIZE, releaseFrame } from "../memory/frames.ts";
import { admit, free } from "../memory/heap.ts";
import { RefCounted } from "../memory/ref-counted.ts";
import { UserBuffer } from "../memory/user-buffer.ts";
import { Attributes } from "./attributes.ts";
import { WaitQueue } from "./wait-queue.ts";


export class PipeBuffer {
  next: PipeBuffer | null = null;
  offset: usize = 0;
  length: usize = 0;
  isPacket: bool = false;
  constructor(public frame: usize) {}
}

export class Pipe extends RefCounted {
  /** Open files that can read, and that can write. */
  readers: i32 = 0;
  writers: i32 = 0;
  /** How many there have ever been: a FIFO's open waits for a change. */
  readerOpens: u32 = 0;
  writerOpens: u32 = 0;
  /** Announces bytes, and that a last writer or a first partner came or went. */
  readable: WaitQueue = new WaitQueue();
  /** Announces free buffers, and that the last reader went. */
  writable: WaitQueue = new WaitQueue();
  /** Owned; null for a FIFO, whose attributes its inode has. */
  attributes: Attributes | null;
  /** Bytes inside. */
  length: u64 = 0;

  private capacity: u32 = PIPE_BUFFERS;
  private used: u32 = 0;
  private first: PipeBuffer | null = null;
  private last: PipeBuffer | null = null;

  constructor(attributes: Attributes | null) {
    super();
    this.attributes = attributes;
  }

  get isEmpty(): bool {
    return this.first == null;
  }

  get isFull(): bool {
    return this.used >= this.capacity;
  }

  /** Moves bytes out until the claim or the pipe is exhausted; a packet ends it, and what did not fit of the packet is lost. */
  take(to: UserBuffer): Outcome {
    let done: i64 = 0;
    while (to.left > 0) {
      const buffer = this.first;
      if (buffer == null) break;
      const part = <usize>min(to.left, <u64>buffer.length);
      // As on Linux, what a fault cuts short inside one buffer does not count and stays in the pipe.
      if (to.copyOut(buffer.frame + buffer.offset, part) < part) return done > 0 ? done : -EFAULT;
      done += part;
      buffer.offset += part;
      buffer.length -= part;
      this.length -= part;
      const isPacket = buffer.isPacket;
      if (buffer.length == 0 || isPacket) this.dropFirst();
      if (isPacket) break;
    }
    return done;
  }

  /**
   * Moves bytes in until the claim is exhausted or no buffer is free. Linux's merging rule: at the start of a write, what is
   * more than a multiple of the page size joins the last buffer if all of that fits. So writes of up to PIPE_BUF are atomic.
   */
  put(from: UserBuffer, isPacket: bool, mayMerge: bool): Outcome {
    let done: i64 = 0;
    const odd = <usize>from.left & (PAGE_SIZE - 1);
    const last = this.last;
    if (mayMerge && odd > 0 && last != null && !last.isPacket && last.offset + last.length + odd <= PAGE_SIZE) {
      if (from.copyIn(last.frame + last.offset + last.length, odd) < odd) return -EFAULT;
      last.length += odd;
      this.length += odd;
      done = odd;
    }
    while (from.left > 0 && !this.isFull) {
      const moved = this.putBuffer(from, isPacket);
      if (moved < 0) return done > 0 ? done : moved;
      done += moved;
    }
    return done;
  }

  /** F_SETPIPE_SZ: rounds up to a power of two pages; -EBUSY when what is inside needs more. */
  resize(size: u64, isPrivileged: bool): Outcome {
    if (size > LARGEST_PIPE) return -EINVAL;
    let rounded: u64 = PAGE_SIZE;
    while (rounded < size) rounded <<= 1;
    const buffers = <u32>(rounded >> PAGE_SHIFT);
    if (buffers > this.capacity && rounded > PIPE_MAX_SIZE && !isPrivileged) return -EPERM;
    if (buffers < this.used) return -EBUSY;
    this.capacity = buffers;
    this.writable.wake();
    return <i64>rounded;
  }

  /** Capacity in bytes. */
  get size(): u64 {
    return <u64>this.capacity << PAGE_SHIFT;
  }

  /** The last file is closed: what is inside is lost, and a FIFO starts anew. */
  reset(): void {
    while (this.first != null) this.dropFirst();
    this.length = 0;
    this.capacity = PIPE_BUFFERS;
  }

  destroy(): void {
    this.reset();
    this.readable.close();
    this.writable.close();
    const attributes = this.attributes;
    if (attributes != null) free(attributes);
  }

  private putBuffer(from: UserBuffer, isPacket: bool): Outcome {
    const frame = allocZeroedFrame();
    if (frame == 0) return -ENOMEM;
    const part = <usize>min(from.left, <u64>PAGE_SIZE);
    const moved = from.copyIn(frame, part);
    if (moved < part || !admit()) {
      releaseFrame(frame);
      return moved < part ? -EFAULT : -ENOMEM;
    }
    const buffer = new PipeBuffer(frame);
    buffer.length = part;
    buffer.isPacket = isPacket;
    const last = this.last;
    if (last != null) last.next = buffer;
    else this.first = buffer;
    this.last = buffer;
    this.used++;
    this.length += part;
    return part;
  }

  private dropFirst(): void {
    const buffer = this.first!;
    this.length -= buffer.length;
    this.first = buffer.next;
    if (buffer.next == null) this.last = null;
    this.used--;
    releaseFrame(buffer.frame);
    free(buffer);
  }
}
