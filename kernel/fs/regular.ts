// SPDX-License-Identifier: MIT
// Regular files of ramfs: a sparse array of frames that reads, writes and mappings share. What is not in it is a hole of zeros.

import { EFAULT, EFBIG, EINVAL, ENOMEM, ENXIO, EOPNOTSUPP, EOVERFLOW } from "../abi/errno.ts";
import { FALLOC_FL_KEEP_SIZE, FALLOC_FL_PUNCH_HOLE, SEEK_CUR, SEEK_END, SEEK_HOLE, SEEK_SET } from "../abi/fcntl.ts";
import { File } from "../file/file.ts";
import { MAX_FILE_SIZE } from "../lib/limits.ts";
import { Outcome } from "../lib/outcome.ts";
import { unmapBeyond } from "../memory/address-space.ts";
import { dropCode, frameTag } from "../memory/code-cache.ts";
import { PAGE_SHIFT, PAGE_SIZE } from "../memory/frames.ts";
import { FrameTree } from "../memory/frame-tree.ts";
import { PAGE_OUT_OF_MEMORY } from "../memory/page-source.ts";
import { UserBuffer } from "../memory/user-buffer.ts";
import { Credentials } from "./credentials.ts";
import { FileSystem } from "./file-system.ts";
import { Inode } from "./inode.ts";
import { Path } from "./path.ts";
import { processes } from "./proc-tasks.ts";
import { RegularFile } from "./regular-file.ts";

const SHIFT: u64 = <u64>PAGE_SHIFT;
const OFFSET_MASK: i64 = <i64>PAGE_SIZE - 1;

let cached: u64 = 0;

/** Frames that hold file contents now. */
export function cachedFrames(): u64 {
  return cached;
}

export class RegularInode extends Inode {
  private length: i64 = 0;
  private frames: FrameTree = new FrameTree();

  /** Needs an admit(). `mode` with S_IFREG. */
  constructor(fileSystem: FileSystem, mode: u32) {
    super(fileSystem, mode);
  }

  get size(): i64 {
    return this.length;
  }

  get pages(): u64 {
    return this.frames.count;
  }

  /** Preceded by an admit(): of who opens it, or of who has made it for that, so that a new file is not left behind unopened. */
  open(flags: i32, path: Path, credentials: Credentials): File | null {
    return new RegularFile(flags, this, credentials);
  }

  page(index: u64, forWrite: bool): usize {
    if (index >= (<u64>this.length + PAGE_SIZE - 1) >> SHIFT) return 0;
    if (forWrite) this.modified();
    const frame = this.obtain(index);
    return frame == 0 ? PAGE_OUT_OF_MEMORY : frame;
  }

  /** Copies to kernel memory; how many bytes there were. */
  readKernel(offset: i64, to: usize, length: usize): usize {
    let done: usize = 0;
    while (done < length && offset < this.length) {
      const within = <usize>(offset & OFFSET_MASK);
      const part = <usize>min(<i64>min(length - done, PAGE_SIZE - within), this.length - offset);
      const frame = this.frames.get(<u64>offset >> SHIFT);
      if (frame == 0) memory.fill(to + done, 0, part);
      else memory.copy(to + done, frame + within, part);
      done += part;
      offset += part;
    }
    return done;
  }

  /** read(2) from an offset: bytes, 0 at the end, or -EFAULT. */
  read(buffer: UserBuffer, offset: i64): Outcome {
    let done: i64 = 0;
    while (buffer.left > 0 && offset < this.length) {
      const within = <usize>(offset & OFFSET_MASK);
      const part = <usize>min(min(buffer.left, <u64>(PAGE_SIZE - within)), <u64>(this.length - offset));
      const frame = this.frames.get(<u64>offset >> SHIFT);
      const moved = buffer.copyOut(frame == 0 ? ZEROS : frame + within, part);
      done += moved;
      offset += moved;
      if (moved < part) return done > 0 ? done : -EFAULT;
    }
    return done;
  }

  /** write(2) at an offset, up to `end`: bytes, or -errno when not even one could be written. */
  write(buffer: UserBuffer, offset: i64, end: i64): Outcome {
    if (buffer.left == 0) return 0;
    if (offset >= end) return -EFBIG;
    let done: i64 = 0;
    let error: Outcome = 0;
    while (buffer.left > 0 && offset < end && error == 0) {
      const within = <usize>(offset & OFFSET_MASK);
      const part = <usize>min(min(buffer.left, <u64>(PAGE_SIZE - within)), <u64>(end - offset));
      const frame = this.obtain(<u64>offset >> SHIFT);
      if (frame == 0) {
        error = -ENOMEM;
        break;
      }
      if (frameTag(frame) != 0) dropCode(frame);
      const moved = buffer.copyIn(frame + within, part);
      if (moved < part) error = -EFAULT;
      done += moved;
      offset += moved;
      this.length = max(this.length, offset);
    }
    if (done == 0) {
      this.dropBeyondEnd();
      return error;
    }
    this.modified();
    return done;
  }

  // Seals, which only a memory file has (memory-file.ts)

  get allowsSharedWrites(): bool {
    return true;
  }

  sealsOf(): Outcome {
    return -EINVAL;
  }

  addSeals(seals: u32): Outcome {
    return -EINVAL;
  }

  resize(size: i64): Outcome {
    if (size < 0) return -EINVAL;
    if (size > this.length && isOverLimit(size)) return -EFBIG;
    if (size < this.length) {
      this.clear(size, size | OFFSET_MASK);
      this.length = size;
      unmapBeyond(this, (<u64>size + PAGE_SIZE - 1) >> SHIFT);
      this.dropBeyondEnd();
    }
    this.length = size;
    this.modified();
    return 0;
  }

  /** fallocate(2): afterwards there are no holes in the range, or (FALLOC_FL_PUNCH_HOLE) nothing else. No pages beyond the end. */
  allocate(mode: i32, offset: i64, length: i64): Outcome {
    if (offset < 0 || length <= 0) return -EINVAL;
    if (mode == (FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE)) return this.punch(offset, length);
    if ((mode & ~FALLOC_FL_KEEP_SIZE) != 0) return -EOPNOTSUPP;
    if (offset > MAX_FILE_SIZE - length) return -EFBIG;
    let end = offset + length;
    if (end > this.length && isOverLimit(end)) return -EFBIG;
    if (mode == FALLOC_FL_KEEP_SIZE) end = min(end, this.length);
    if (end <= offset) return 0;
    for (let index = <u64>offset >> SHIFT; index <= <u64>(end - 1) >> SHIFT; index++) {
      if (this.obtain(index) != 0) continue;
      this.dropBeyondEnd();
      return -ENOMEM;
    }
    this.length = max(this.length, end);
    this.modified();
    return 0;
  }

  private punch(offset: i64, length: i64): Outcome {
    const end = min(this.length, offset + min(length, MAX_FILE_SIZE - offset));
    if (end <= offset) return 0;
    if (((offset ^ (end - 1)) & ~OFFSET_MASK) == 0) {
      this.clear(offset, end - 1);
    } else {
      if ((offset & OFFSET_MASK) != 0) this.clear(offset, offset | OFFSET_MASK);
      if ((end & OFFSET_MASK) != 0) this.clear(end & ~OFFSET_MASK, end - 1);
    }
    const before = this.frames.count;
    const last = end == this.length ? end + OFFSET_MASK : end;
    this.frames.punch(<u64>(offset + OFFSET_MASK) >> SHIFT, <u64>last >> SHIFT);
    cached -= before - this.frames.count;
    this.modified();
    return 0;
  }

  /** SEEK_DATA and SEEK_HOLE of lseek(2). */
  findDataOrHole(offset: i64, whence: i32): Outcome {
    if (offset < 0 || offset >= this.length) return -ENXIO;
    const end = (<u64>this.length + PAGE_SIZE - 1) >> SHIFT;
    const found = this.frames.next(<u64>offset >> SHIFT, end, whence == SEEK_HOLE);
    if (found >= end) return whence == SEEK_HOLE ? this.length : -ENXIO;
    return max(offset, <i64>(found << SHIFT));
  }

  destroy(): void {
    cached -= this.frames.count;
    this.frames.dispose();
  }

  private obtain(index: u64): usize {
    const before = this.frames.count;
    const frame = this.frames.obtain(index);
    cached += this.frames.count - before;
    return frame;
  }

  private dropBeyondEnd(): void {
    const before = this.frames.count;
    this.frames.truncate((<u64>this.length + PAGE_SIZE - 1) >> SHIFT);
    cached -= before - this.frames.count;
  }

  /** Zeroes the bytes from `from` to `last`, which lie in one page. */
  private clear(from: i64, last: i64): void {
    const frame = this.frames.get(<u64>from >> SHIFT);
    if (frame == 0) return;
    if (frameTag(frame) != 0) dropCode(frame);
    memory.fill(frame + <usize>(from & OFFSET_MASK), 0, <usize>(last - from + 1));
  }
}

/** Whether a file of this size is beyond the caller's RLIMIT_FSIZE; the caller then gets its SIGXFSZ. */
export function isOverLimit(size: i64): bool {
  if (<u64>size <= processes().fileSizeLimit()) return false;
  processes().fileSizeExceeded();
  return true;
}

/** Where lseek(2) leads from `position` in a file of `size` bytes; -errno if nowhere. SEEK_DATA and SEEK_HOLE are not for here. */
export function seekFrom(position: i64, size: i64, offset: i64, whence: i32): Outcome {
  let base: i64 = 0;
  if (whence == SEEK_CUR) base = position;
  else if (whence == SEEK_END) base = size;
  else if (whence != SEEK_SET) return -EINVAL;
  if (offset > 0 && base > MAX_FILE_SIZE - offset) return whence == SEEK_SET ? -EINVAL : -EOVERFLOW;
  return base + offset < 0 ? -EINVAL : base + offset;
}

const ZEROS = memory.data(4096);
