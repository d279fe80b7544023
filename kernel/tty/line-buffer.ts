// SPDX-License-Identifier: MIT
// What was typed and not read yet: a ring of 4096 bytes (N_TTY_BUF_SIZE) with a mark on each byte that ends a line. Positions count
// on for ever; the ring holds [tail, head).
//
//   tail ........ canonHead ........ head        canonical: whole lines, then the line that is being edited
//
// In other modes everything up to head may be read.

import { PAGE_SIZE, releaseFrame } from "../memory/frames.ts";
import { allocBytes, free, freeBytes } from "../memory/heap.ts";
import { UserBuffer } from "../memory/user-buffer.ts";

export const RING: u32 = 4096;
/** A line that ends by VEOF and not by a character has this one, which is not read. */
export const END_MARK: u8 = 0;

export class LineBuffer {
  head: u32 = 0;
  canonHead: u32 = 0;
  tail: u32 = 0;
  /** A bit per byte of the ring. */
  private readonly marks: usize = allocBytes(RING / 8);

  /** Takes over a frame. Needs an admit(). */
  constructor(private readonly frame: usize) {
    assert(PAGE_SIZE == RING, "the ring is one frame");
  }

  get count(): u32 {
    return this.head - this.tail;
  }

  /** Bytes that there is room for; one is always kept free, as on Linux. -1: even that one is in use. */
  get room(): i32 {
    return <i32>(RING - 1) - <i32>this.count;
  }

  at(position: u32): u8 {
    return load<u8>(this.frame + (position & (RING - 1)));
  }

  push(byte: u8): void {
    store<u8>(this.frame + (this.head & (RING - 1)), byte);
    this.setMark(this.head, false);
    this.head++;
  }

  /** The byte ends a line; everything up to it may be read. */
  pushEnd(byte: u8): void {
    this.push(byte);
    this.setMark(this.head - 1, true);
    this.canonHead = this.head;
  }

  /** Bytes that a canonical read would give, over all lines (FIONREAD). */
  get lineBytes(): u32 {
    let count: u32 = 0;
    for (let at = this.tail; at != this.canonHead; at++) {
      if (!this.isEndMark(at)) count++;
    }
    return count;
  }

  clear(): void {
    this.head = 0;
    this.canonHead = 0;
    this.tail = 0;
    memory.fill(this.marks, 0, RING / 8);
  }

  /** ICANON was set or cleared: what is there becomes one line, or plain bytes. */
  changeMode(isCanonical: bool): void {
    memory.fill(this.marks, 0, RING / 8);
    const isLine = isCanonical && this.count > 0;
    this.canonHead = isLine ? this.head : this.tail;
    if (isLine) this.setMark(this.head - 1, true);
  }

  /** Moves (the rest of) one line out. How many bytes, or -1 at a fault; nothing is lost of what did not go. */
  takeLine(to: UserBuffer): i64 {
    let done: i64 = 0;
    while (this.tail != this.canonHead && to.left > 0) {
      let length: u32 = 0;
      const most = min(<u32>min(to.left, <u64>RING), this.canonHead - this.tail);
      while (length < most && !this.isMarked(this.tail + length)) length++;
      const isEnd = length < most;
      const hasByte = isEnd && !this.isEndMark(this.tail + length);
      const wanted = length + (hasByte ? 1 : 0);
      const moved = this.copyOut(to, wanted);
      done += moved;
      if (moved < wanted) return done > 0 ? done : -1;
      if (!isEnd) continue;
      if (!hasByte) this.tail++;
      this.setMark(this.tail - 1, false);
      return done;
    }
    // A read that takes all of a line's bytes takes its end as well.
    if (done > 0 && this.tail != this.canonHead && this.isEndMark(this.tail)) this.setMark(this.tail++, false);
    return done;
  }

  /** Moves bytes out, whatever they are. How many, or -1 at a fault. */
  take(to: UserBuffer): i64 {
    const wanted = <u32>min(to.left, <u64>this.count);
    const moved = this.copyOut(to, wanted);
    return moved == 0 && wanted > 0 ? -1 : moved;
  }

  close(): void {
    releaseFrame(this.frame);
    freeBytes(this.marks);
    free(this);
  }

  private copyOut(to: UserBuffer, length: u32): u32 {
    let done: u32 = 0;
    while (done < length) {
      const start = this.tail & (RING - 1);
      const part = min(length - done, RING - start);
      const moved = <u32>to.copyOut(this.frame + start, part);
      this.tail += moved;
      done += moved;
      if (moved < part) break;
    }
    return done;
  }

  private isEndMark(position: u32): bool {
    return this.isMarked(position) && this.at(position) == END_MARK;
  }

  private isMarked(position: u32): bool {
    const index = position & (RING - 1);
    return ((load<u8>(this.marks + (index >> 3)) >> <u8>(index & 7)) & 1) != 0;
  }

  private setMark(position: u32, isSet: bool): void {
    const index = position & (RING - 1);
    const byte = this.marks + (index >> 3);
    const bit = <u8>1 << <u8>(index & 7);
    store<u8>(byte, isSet ? load<u8>(byte) | bit : load<u8>(byte) & ~bit);
  }
}
