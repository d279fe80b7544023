// SPDX-License-Identifier: MIT
// Text of any length that the kernel makes up, for the files of procfs. Running out of memory is remembered, not reported at each
// step.

import { FrameTree } from "../memory/frame-tree.ts";
import { PAGE_SHIFT, PAGE_SIZE } from "../memory/frames.ts";
import { free } from "../memory/heap.ts";
import { UserBuffer } from "../memory/user-buffer.ts";

const NEWLINE: u8 = 0x0a;
const SPACE: u8 = 0x20;
const ZERO: u8 = 0x30;
const A_AFTER_NINE: u8 = 0x61 - 10;

export class TextWriter {
  length: u64 = 0;
  /** Memory ran out: the text is not complete. */
  isCut: bool = false;
  private frames: FrameTree = new FrameTree();

  /** Starts anew. */
  clear(): void {
    this.frames.truncate(0);
    this.length = 0;
    this.isCut = false;
  }

  byte(value: u8): this {
    const frame = this.frames.obtain(this.length >> <u64>PAGE_SHIFT);
    if (frame == 0) {
      this.isCut = true;
      return this;
    }
    store<u8>(frame + (<usize>this.length & (PAGE_SIZE - 1)), value);
    this.length++;
    return this;
  }

  /** ASCII only. */
  text(text: string): this {
    for (let i = 0; i < text.length; i++) this.byte(<u8>text.charCodeAt(i));
    return this;
  }

  bytes(from: usize, length: usize): this {
    for (let i: usize = 0; i < length; i++) this.byte(load<u8>(from + i));
    return this;
  }

  /** Bytes up to a NUL; those of a path or name that would break a line or column become octal escapes (proc(5), mounts). */
  escaped(from: usize, length: usize): this {
    for (let i: usize = 0; i < length; i++) {
      const value = load<u8>(from + i);
      if (value != SPACE && value != 0x09 && value != NEWLINE && value != 0x5c) this.byte(value);
      else this.byte(0x5c).byte(ZERO + (value >> 6)).byte(ZERO + ((value >> 3) & 7)).byte(ZERO + (value & 7));
    }
    return this;
  }

  newline(): this {
    return this.byte(NEWLINE);
  }

  space(): this {
    return this.byte(SPACE);
  }

  spaces(count: i32): this {
    for (let i = 0; i < count; i++) this.byte(SPACE);
    return this;
  }

  /** Decimal. */
  number(value: u64): this {
    return this.digits(value, 10, 1, SPACE);
  }

  signed(value: i64): this {
    if (value < 0) this.byte(0x2d);
    return this.number(value < 0 ? <u64>-value : <u64>value);
  }

  /** Decimal, right-aligned in `width` columns. */
  padded(value: u64, width: i32): this {
    return this.digits(value, 10, width, SPACE);
  }

  /** Hexadecimal with at least `width` digits. */
  hex(value: u64, width: i32): this {
    return this.digits(value, 16, width, ZERO);
  }

  /** Octal with at least `width` digits. */
  octal(value: u64, width: i32): this {
    return this.digits(value, 8, width, ZERO);
  }

  /** A time in ns as seconds with two decimals. */
  seconds(ns: u64): this {
    this.number(ns / 1_000_000_000);
    return this.byte(0x2e).digits((ns / 10_000_000) % 100, 10, 2, ZERO);
  }

  /** Copies text from `position` on into a claim; how many bytes. */
  copyOut(buffer: UserBuffer, position: u64): u64 {
    let done: u64 = 0;
    while (buffer.left > 0 && position < this.length) {
      const within = <usize>position & (PAGE_SIZE - 1);
      const part = <usize>min(min(buffer.left, <u64>(PAGE_SIZE - within)), this.length - position);
      const moved = buffer.copyOut(this.frames.get(position >> <u64>PAGE_SHIFT) + within, part);
      done += moved;
      position += moved;
      if (moved < part) break;
    }
    return done;
  }

  dispose(): void {
    this.frames.dispose();
    free(this);
  }

  private digits(value: u64, base: u64, width: i32, fill: u8): this {
    let count = 1;
    for (let rest = value / base; rest > 0; rest /= base) count++;
    for (let i = count; i < width; i++) this.byte(fill);
    let divisor: u64 = 1;
    for (let i = 1; i < count; i++) divisor *= base;
    for (let i = 0; i < count; i++) {
      const digit = <u8>((value / divisor) % base);
      this.byte(digit < 10 ? ZERO + digit : A_AFTER_NINE + digit);
      divisor /= base;
    }
    return this;
  }
}
