// SPDX-License-Identifier: MIT
// read(2), write(2), their vector and positioned forms (readv(2), pread(2)), and lseek(2): argument checking and the choice of
// the file's operation; the bytes are moved by the files.

import { EBADF, EFAULT, EINVAL, EOPNOTSUPP, ESPIPE } from "../abi/errno.ts";
import { SEEK_HOLE } from "../abi/fcntl.ts";
import { File } from "../file/file.ts";
import { fail, failure } from "../lib/failure.ts";
import { MAX_COUNT, MAX_SEGMENTS } from "../lib/limits.ts";
import { Outcome } from "../lib/outcome.ts";
import { UserBuffer } from "../memory/user-buffer.ts";
import { copyIn, isUserRange } from "../memory/user.ts";
import { Task } from "../process/task.ts";
import { finishIo, ioFile, readableFile, writableFile } from "./open-file.ts";

const SEGMENT_SIZE: usize = 16;
const segment = memory.data(16, 8);

export function sysRead(self: Task): Outcome {
  return read(self, false);
}

export function sysReadv(self: Task): Outcome {
  return read(self, true);
}

export function sysWrite(self: Task): Outcome {
  return write(self, false);
}

export function sysWritev(self: Task): Outcome {
  return write(self, true);
}

export function sysPread64(self: Task): Outcome {
  return readAt(self, false);
}

export function sysPreadv(self: Task): Outcome {
  return readAt(self, true);
}

export function sysPwrite64(self: Task): Outcome {
  return writeAt(self, false);
}

export function sysPwritev(self: Task): Outcome {
  return writeAt(self, true);
}

/** preadv2(2) without its flags: offset -1 means the file's position. */
export function sysPreadv2(self: Task): Outcome {
  if (self.arg(5) != 0) return -EOPNOTSUPP;
  return self.arg(3) == <u64>-1 ? sysReadv(self) : sysPreadv(self);
}

export function sysPwritev2(self: Task): Outcome {
  if (self.arg(5) != 0) return -EOPNOTSUPP;
  return self.arg(3) == <u64>-1 ? sysWritev(self) : sysPwritev(self);
}

export function sysLseek(self: Task): Outcome {
  const file = ioFile(self, self.argInt(0));
  if (file == null) return -EBADF;
  const whence = self.argInt(2);
  if (<u32>whence > <u32>SEEK_HOLE) return -EINVAL;
  return file.seek(<i64>self.arg(1), whence);
}

function read(self: Task, isVector: bool): Outcome {
  const file = readableFile(self, self.argInt(0));
  if (file == null) return -EBADF;
  const buffer = userBuffer(self, isVector);
  if (buffer == null) return failure;
  return finishIo(self, file, file.read(self, buffer));
}

function write(self: Task, isVector: bool): Outcome {
  const file = writableFile(self, self.argInt(0));
  if (file == null) return -EBADF;
  const buffer = userBuffer(self, isVector);
  if (buffer == null) return failure;
  return finishIo(self, file, file.write(self, buffer));
}

function readAt(self: Task, isVector: bool): Outcome {
  const file = seekableFile(self);
  if (file == null) return failure;
  if (!file.isReadable) return -EBADF;
  const buffer = userBuffer(self, isVector);
  if (buffer == null) return failure;
  return file.readAt(buffer, <i64>self.arg(3));
}

function writeAt(self: Task, isVector: bool): Outcome {
  const file = seekableFile(self);
  if (file == null) return failure;
  if (!file.isWritable) return -EBADF;
  const buffer = userBuffer(self, isVector);
  if (buffer == null) return failure;
  return file.writeAt(buffer, <i64>self.arg(3));
}

/** The file of a positioned call, after the checks of pread(2) on argument 3, the offset; null with `failure`. */
function seekableFile(self: Task): File | null {
  if (<i64>self.arg(3) < 0) return fail<File>(-EINVAL);
  const file = ioFile(self, self.argInt(0));
  if (file == null) return fail<File>(-EBADF);
  return file.isSeekable ? file : fail<File>(-ESPIPE);
}

/** What arguments 1 and 2 describe, an address and a length or an iovec array; null with `failure`, 0 where an array is empty. */
function userBuffer(self: Task, isVector: bool): UserBuffer | null {
  if (isVector) {
    const total = vectorLength(self, self.arg(1), self.arg(2));
    return total > 0 ? UserBuffer.ofVector(self.space, self.arg(1), total) : fail<UserBuffer>(total);
  }
  if (!isUserRange(self.arg(1), self.arg(2))) return fail<UserBuffer>(-EFAULT);
  return UserBuffer.ofRange(self.space, self.arg(1), min(self.arg(2), MAX_COUNT));
}

/** Adds up a struct iovec array: the sum of its lengths (at most MAX_COUNT), -EINVAL or -EFAULT. */
export function vectorLength(self: Task, vector: u64, count: u64): i64 {
  if (count > MAX_SEGMENTS) return -EINVAL;
  let total: u64 = 0;
  for (let i: u64 = 0; i < count; i++) {
    if (copyIn(self.space, segment, vector + i * SEGMENT_SIZE, SEGMENT_SIZE) < SEGMENT_SIZE) return -EFAULT;
    const length = load<u64>(segment, 8);
    if (<i64>length < 0) return -EINVAL;
    if (!isUserRange(load<u64>(segment), length)) return -EFAULT;
    total = min(total + length, MAX_COUNT);
  }
  return <i64>total;
}
