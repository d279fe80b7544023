// SPDX-License-Identifier: MIT
// One message in the queue of an AF_UNIX socket: its bytes in frames, who sent it, and the files that come with it.

import { EFAULT, ENOBUFS } from "../abi/errno.ts";
import { Outcome } from "../lib/outcome.ts";
import { allocZeroedFrame, PAGE_SIZE, releaseFrame } from "../memory/frames.ts";
import { admit, free } from "../memory/heap.ts";
import { UserBuffer } from "../memory/user-buffer.ts";
import { Rights } from "./rights.ts";

export class Chunk {
  next: Chunk | null = null;
  constructor(public frame: usize) {}
}

export class Message {
  next: Message | null = null;
  /** All bytes, and how many of them a stream's reader has taken. */
  length: usize = 0;
  consumed: usize = 0;
  /** What it counts against the sender's SO_SNDBUF. */
  charge: u32 = 0;
  pid: i32 = 0;
  uid: u32 = 0;
  gid: u32 = 0;
  /** Owned. */
  rights: Rights | null = null;
  private first: Chunk | null = null;

  get left(): usize {
    return this.length - this.consumed;
  }

  /** Takes `length` bytes from the claim: 0, -EFAULT or -ENOBUFS; after an error the message is to be dropped. */
  fill(from: UserBuffer, length: usize): Outcome {
    let last: Chunk | null = null;
    while (this.length < length) {
      const frame = admit() ? allocZeroedFrame() : 0;
      if (frame == 0) return -ENOBUFS;
      const chunk = new Chunk(frame);
      if (last == null) this.first = chunk;
      else last.next = chunk;
      last = chunk;
      const part = min(length - this.length, PAGE_SIZE);
      if (from.copyIn(frame, part) != part) return -EFAULT;
      this.length += part;
    }
    return 0;
  }

  /** Copies up to `length` bytes that are not consumed into the claim, and does not consume them; how many before a fault. */
  copyTo(to: UserBuffer, length: usize): usize {
    let done: usize = 0;
    let skip = this.consumed;
    let chunk = this.first;
    while (chunk != null && done < length) {
      if (skip >= PAGE_SIZE) {
        skip -= PAGE_SIZE;
      } else {
        const part = min(length - done, PAGE_SIZE - skip);
        const moved = to.copyOut(chunk.frame + skip, part);
        done += moved;
        if (moved < part) return done;
        skip = 0;
      }
      chunk = chunk.next;
    }
    return done;
  }

  /** Frees it, with the files nobody received. */
  drop(): void {
    let chunk = this.first;
    while (chunk != null) {
      const next: Chunk | null = chunk.next;
      releaseFrame(chunk.frame);
      free(chunk);
      chunk = next;
    }
    const rights = this.rights;
    if (rights != null) {
      rights.land();
      rights.letGo();
    }
    free(this);
  }
}

const SMALLEST_HEAD: u32 = 512;
const HEAD_OVERHEAD: u32 = 320; // skb_shared_info
const BUFFER_OVERHEAD: u32 = 256; // sk_buff
/** Largest part of a message that Linux keeps in one allocation. */
const STREAM_HEAD: u32 = 4096 - HEAD_OVERHEAD;
const DATAGRAM_HEAD: u32 = 16384 - HEAD_OVERHEAD;
/** Largest message of a stream: a head and eight pages. */
export const STREAM_PART: u64 = STREAM_HEAD + 32768;

/**
 * What a message of this length counts against SO_SNDBUF: the size of Linux's buffer for it (its truesize, measured on Linux
 * 6.18), so that a socket takes as many bytes here as there before it blocks.
 */
export function chargeFor(length: u32, isStream: bool): u32 {
  const largestHead = isStream ? STREAM_HEAD : DATAGRAM_HEAD;
  const rest = length > largestHead ? length - largestHead : 0;
  const paged = min(length, (rest + 4095) & ~4095);
  let head = SMALLEST_HEAD;
  while (head < length - paged + HEAD_OVERHEAD) head <<= 1;
  const pages = (paged + 4095) & ~4095;
  return head + pages + BUFFER_OVERHEAD;
}
