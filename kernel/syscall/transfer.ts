// SPDX-License-Identifier: MIT
// Calls that move bytes from one file to another: sendfile(2), copy_file_range(2). A page at a time, through kernel memory.

import { EBADF, EFAULT, EINVAL, EISDIR, EOVERFLOW, ESPIPE } from "../abi/errno.ts";
import { O_APPEND } from "../abi/fcntl.ts";
import { S_IFBLK, S_IFCHR, S_IFDIR, S_IFMT, S_IFREG } from "../abi/stat.ts";
import { File } from "../file/file.ts";
import { MAX_COUNT } from "../lib/limits.ts";
import { BLOCKED, Outcome } from "../lib/outcome.ts";
import { UserBuffer } from "../memory/user-buffer.ts";
import { copyIn, writeUser } from "../memory/user.ts";
import { Task } from "../process/task.ts";
import { finishIo, ioFile } from "./open-file.ts";

const PAGE: u64 = 4096;
const page = memory.data(4096, 8);
const word = memory.data(8, 8);
let hasFaulted: bool = false;
const stat = memory.data(128, 8);

/** sendfile(2) from a regular file or a device in memory to any file. What was sent before a sleep is in self.progress. */
export function sysSendfile(self: Task): Outcome {
  const from = self.files.get(self.argInt(1));
  if (from == null || !from.isReadable) return -EBADF;
  const offsetAddress = self.arg(2);
  if (offsetAddress != 0 && !from.isSeekable) return -ESPIPE;
  const offset = readOffset(self, offsetAddress, from);
  if (hasFaulted) return -EFAULT;
  if (offset < 0 || <i64>self.arg(3) < 0) return -EINVAL;
  const to = ioFile(self, self.argInt(0));
  if (to == null || !to.isWritable) return -EBADF;
  const type = typeOf(from);
  const isSource = type == S_IFREG || type == S_IFBLK || (type == S_IFCHR && from.isSeekable);
  if (!isSource || (to.flags & O_APPEND) != 0) return -EINVAL;

  const before = self.progress;
  const outcome = finishIo(self, to, send(self, from, to, offset, min(self.arg(3), MAX_COUNT)));
  // The offset moves with each part, so that a signal that ends the sleep leaves it right.
  return storeOffset(self, offsetAddress, from, offset + self.progress - before) ? outcome : -EFAULT;
}

/** copy_file_range(2) between regular files. */
export function sysCopyFileRange(self: Task): Outcome {
  const from = ioFile(self, self.argInt(0));
  const to = ioFile(self, self.argInt(2));
  if (from == null || to == null) return -EBADF;
  const fromOffset = readOffset(self, self.arg(1), from);
  if (hasFaulted) return -EFAULT;
  const toOffset = readOffset(self, self.arg(3), to);
  if (hasFaulted) return -EFAULT;
  if (self.arg(5) != 0) return -EINVAL;
  if (typeOf(from) == S_IFDIR || typeOf(to) == S_IFDIR) return -EISDIR;
  if (typeOf(from) != S_IFREG || typeOf(to) != S_IFREG) return -EINVAL;
  if (!from.isReadable || !to.isWritable || (to.flags & O_APPEND) != 0) return -EBADF;
  if (wraps(fromOffset, self.arg(4)) || wraps(toOffset, self.arg(4))) return -EOVERFLOW;
  if (fromOffset < 0 || toOffset < 0) return -EINVAL;
  const length = <i64>min(self.arg(4), MAX_COUNT);
  const isSame = from.lockTarget() == to.lockTarget();
  if (isSame && fromOffset < toOffset + length && toOffset < fromOffset + length) return -EINVAL;

  const copied = copy(from, fromOffset, to, toOffset, length);
  if (copied <= 0) return copied;
  const isStored = storeOffset(self, self.arg(1), from, fromOffset + copied) && storeOffset(self, self.arg(3), to, toOffset + copied);
  return isStored ? copied : -EFAULT;
}

/** Sends what is left of `count` bytes, from `offset` on; the sum in self.progress, -errno before the first byte, or BLOCKED. */
function send(self: Task, from: File, to: File, offset: i64, count: u64): Outcome {
  while (<u64>self.progress < count) {
    const got = from.readAt(UserBuffer.ofKernel(page, <usize>min(PAGE, count - self.progress)), offset);
    if (got <= 0) return self.progress > 0 ? self.progress : got;
    const sent = self.progress;
    self.progress = 0; // the file counts the bytes of this part there
    const put = to.write(self, UserBuffer.ofKernel(page, <usize>got));
    const moved = put == BLOCKED ? self.progress : max(put, 0);
    self.progress = sent + moved;
    offset += moved;
    if (put < 0 && (put == BLOCKED || self.progress == 0)) return put;
    if (put < got) break;
  }
  return self.progress;
}

function copy(from: File, fromOffset: i64, to: File, toOffset: i64, length: i64): Outcome {
  let done: i64 = 0;
  while (done < length) {
    const got = from.readAt(UserBuffer.ofKernel(page, <usize>min<i64>(PAGE, length - done)), fromOffset + done);
    if (got <= 0) return done > 0 ? done : got;
    const put = to.writeAt(UserBuffer.ofKernel(page, <usize>got), toOffset + done);
    if (put <= 0) return done > 0 ? done : put;
    done += put;
    if (put < got) break;
  }
  return done;
}

/** The offset that the call starts at: in user memory, or the file's position; sets hasFaulted. */
function readOffset(self: Task, address: u64, file: File): i64 {
  hasFaulted = address != 0 && copyIn(self.space, word, address, 8) != 8;
  return address == 0 ? file.position : load<i64>(word);
}

function wraps(offset: i64, length: u64): bool {
  return <u64>offset + length < <u64>offset;
}

function storeOffset(self: Task, address: u64, file: File, offset: i64): bool {
  if (address != 0) return writeUser<i64>(self.space, address, offset);
  file.position = offset;
  return true;
}

function typeOf(file: File): u32 {
  memory.fill(stat, 0, 128);
  file.stat(stat);
  return load<u32>(stat, 16) & S_IFMT;
}
