// SPDX-License-Identifier: MIT
// A claim on memory that read- and write-like calls move bytes through: one range or an iovec of user memory, or kernel
// memory for calls that move data inside the kernel. Nothing is checked until bytes are copied.

import { spendBytes } from "../lib/effort.ts";
import { AddressSpace } from "./address-space.ts";
import { copyIn, copyOut } from "./user.ts";

export class UserBuffer {
  /** Bytes left in the whole claim. */
  left: u64 = 0;
  private space: AddressSpace | null = null;
  private address: u64 = 0;
  private segmentLeft: u64 = 0;
  private iovec: u64 = 0;

  /** One range of user memory. */
  static ofRange(space: AddressSpace, address: u64, length: u64): UserBuffer {
    const buffer = shared;
    buffer.space = space;
    buffer.address = address;
    buffer.segmentLeft = length;
    buffer.left = length;
    buffer.iovec = 0;
    return buffer;
  }

  /** The ranges of a struct iovec array whose lengths the caller has validated and added up to `total`. */
  static ofVector(space: AddressSpace, iovec: u64, total: u64): UserBuffer {
    const buffer = UserBuffer.ofRange(space, 0, 0);
    buffer.iovec = iovec;
    buffer.left = total;
    return buffer;
  }

  /** Kernel memory. */
  static ofKernel(address: usize, length: usize): UserBuffer {
    return kernelShared.setKernel(address, length);
  }

  /** Makes this claim one on kernel memory: for code that another claim may be open below. */
  setKernel(address: usize, length: usize): UserBuffer {
    this.space = null;
    this.address = address;
    this.segmentLeft = length;
    this.left = length;
    this.iovec = 0;
    return this;
  }

  /** Copies up to `length` bytes from the claim to kernel memory; how many came before the claim's end or a fault. */
  copyIn(to: usize, length: usize): usize {
    return this.move(to, length, true);
  }

  /** Copies up to `length` bytes from kernel memory into the claim; how many went before the claim's end or a fault. */
  copyOut(from: usize, length: usize): usize {
    return this.move(from, length, false);
  }

  /** Passes over bytes that an earlier run of the same call has moved already. */
  skip(length: u64): void {
    let rest = min(length, this.left);
    while (rest > 0 && this.nextSegment()) {
      const part = min(rest, this.segmentLeft);
      this.advance(part);
      rest -= part;
    }
  }

  private move(kernel: usize, length: usize, inward: bool): usize {
    let done: usize = 0;
    while (done < length && this.nextSegment()) {
      const part = <usize>min(<u64>(length - done), this.segmentLeft);
      const moved = this.movePart(kernel + done, part, inward);
      this.advance(moved);
      done += moved;
      if (moved < part) break;
    }
    return done;
  }

  private movePart(kernel: usize, length: usize, inward: bool): usize {
    const space = this.space;
    if (space == null) {
      spendBytes(length);
      if (inward) memory.copy(kernel, <usize>this.address, length);
      else memory.copy(<usize>this.address, kernel, length);
      return length;
    }
    return inward ? copyIn(space, kernel, this.address, length) : copyOut(space, this.address, kernel, length);
  }

  private advance(length: u64): void {
    this.address += length;
    this.segmentLeft -= length;
    this.left -= length;
  }

  /** Moves on to the next iovec with bytes; false at the end of the claim or when the vector itself became unreadable. */
  private nextSegment(): bool {
    while (this.segmentLeft == 0) {
      const space = this.space;
      if (this.left == 0 || this.iovec == 0 || space == null) return false;
      if (copyIn(space, SEGMENT, this.iovec, 16) != 16) return false;
      this.address = load<u64>(SEGMENT);
      this.segmentLeft = min(load<u64>(SEGMENT, 8), this.left);
      this.iovec += 16;
    }
    return true;
  }
}

const SEGMENT = memory.data(16, 8);
// A handler moves one claim at a time, and never sleeps with one, so the claims need no allocation.
const shared = new UserBuffer();
const kernelShared = new UserBuffer();
