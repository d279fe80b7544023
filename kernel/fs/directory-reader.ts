// SPDX-License-Identifier: MIT
// Packs the records of getdents64(2), struct linux_dirent64, into a user buffer:
//
//   | d_ino u64 | d_off i64 | d_reclen u16 | d_type u8 | d_name ... NUL | padding to 8 |
//
// d_off is the directory position after the record. Directories offer their entries in order until one does not fit.

import { EFAULT, EINVAL } from "../abi/errno.ts";
import { Outcome } from "../lib/outcome.ts";
import { UserBuffer } from "../memory/user-buffer.ts";

const HEADER: usize = 19;
const RECORD = memory.data(288, 8);

export class DirectoryReader {
  /** Where the next entry is looked for. */
  position: i64 = 0;
  private written: i64 = 0;
  private error: Outcome = 0;
  private buffer!: UserBuffer;

  start(buffer: UserBuffer, position: i64): void {
    this.buffer = buffer;
    this.position = position;
    this.written = 0;
    this.error = 0;
  }

  /** Adds an entry; `mode` gives its type, `next` is the position after it. False when there is no more room: stop. */
  add(name: usize, length: i32, ino: u64, mode: u32, next: i64): bool {
    const size = (HEADER + <usize>length + 1 + 7) & ~7;
    if (this.buffer.left < size) {
      this.error = -EINVAL;
      return false;
    }
    store<u64>(RECORD, ino);
    store<i64>(RECORD, next, 8);
    store<u16>(RECORD, <u16>size, 16);
    store<u8>(RECORD, <u8>((mode >> 12) & 15), 18);
    memory.copy(RECORD + HEADER, name, <usize>length);
    memory.fill(RECORD + HEADER + <usize>length, 0, size - HEADER - <usize>length);
    if (this.buffer.copyOut(RECORD, size) != size) {
      this.error = -EFAULT;
      return false;
    }
    this.written += size;
    this.position = next;
    return true;
  }

  /** Bytes written; 0 at the end of the directory; why not even one record could be given. */
  get outcome(): Outcome {
    return this.written > 0 ? this.written : this.error;
  }
}

/** One listing at a time: no call sleeps in the middle of one. */
export const directoryReader = new DirectoryReader();
