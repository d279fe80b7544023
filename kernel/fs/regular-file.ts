// SPDX-License-Identifier: MIT
// An open regular file: a position and the rights it was opened with. The contents are the inode's (regular.ts).

import { EFAULT, EFBIG, ENOTTY, EPERM } from "../abi/errno.ts";
import { O_APPEND, O_LARGEFILE, O_NOATIME, SEEK_DATA, SEEK_HOLE } from "../abi/fcntl.ts";
import { FIONREAD } from "../abi/ioctl.ts";
import { CAP_FSETID } from "../abi/prctl.ts";
import { S_ISGID, S_ISUID, MS_NOATIME } from "../abi/stat.ts";
import { Sleeper } from "../file/wait-queue.ts";
import { MAX_FILE_SIZE, MAX_SMALL_FILE } from "../lib/limits.ts";
import { Outcome } from "../lib/outcome.ts";
import { AddressSpace } from "../memory/address-space.ts";
import { PageSource } from "../memory/page-source.ts";
import { UserBuffer } from "../memory/user-buffer.ts";
import { writeUser } from "../memory/user.ts";
import { Credentials } from "./credentials.ts";
import { InodeFile } from "./inode-file.ts";
import { Path } from "./path.ts";
import { processes } from "./proc-tasks.ts";
import { isOverLimit, RegularInode, seekFrom } from "./regular.ts";


export class RegularFile extends InodeFile {
  private contents: RegularInode;
  /** Whoever opened it may write without the set-user-ID bits going (CAP_FSETID). */
  private keepsSetId: bool;

  constructor(flags: i32, inode: RegularInode, credentials: Credentials) {
    super(flags, inode);
    this.contents = inode;
    this.keepsSetId = credentials.has(CAP_FSETID);
  }

  get isSeekable(): bool {
    return true;
  }

  read(self: Sleeper, buffer: UserBuffer): Outcome {
    const count = this.readAt(buffer, this.position);
    if (count > 0) this.position += count;
    return count;
  }

  write(self: Sleeper, buffer: UserBuffer): Outcome {
    const offset = (this.flags & O_APPEND) != 0 ? this.contents.size : this.position;
    const count = this.writeAt(buffer, offset);
    if (count > 0) this.position = offset + count;
    return count;
  }

  readAt(buffer: UserBuffer, offset: i64): Outcome {
    const count = this.contents.read(buffer, offset);
    if (count >= 0) this.accessed();
    return count;
  }

  /** pwrite(2) appends, wherever it points, if the file was opened with O_APPEND (pwrite(2), BUGS). */
  writeAt(buffer: UserBuffer, offset: i64): Outcome {
    const at = (this.flags & O_APPEND) != 0 ? this.contents.size : offset;
    if (buffer.left > 0 && at < i64.MAX_VALUE && isOverLimit(at + 1)) return -EFBIG;
    const largest = (this.flags & O_LARGEFILE) != 0 ? MAX_FILE_SIZE : MAX_SMALL_FILE;
    const end = <i64>min(processes().fileSizeLimit(), <u64>largest);
    const count = this.contents.write(buffer, at, end);
    if (count > 0) this.dropSetId();
    return count;
  }

  seek(offset: i64, whence: i32): Outcome {
    const to =
      whence == SEEK_DATA || whence == SEEK_HOLE
        ? this.contents.findDataOrHole(offset, whence)
        : seekFrom(this.position, this.contents.size, offset, whence);
    if (to >= 0) this.position = to;
    return to;
  }

  ioctl(self: Sleeper, space: AddressSpace, request: u32, argument: u64): Outcome {
    if (request != FIONREAD) return -ENOTTY;
    return writeUser<i32>(space, argument, <i32>(this.contents.size - this.position)) ? 0 : -EFAULT;
  }

  truncate(size: i64): Outcome {
    const outcome = this.contents.resize(size);
    if (outcome == 0) this.dropSetId();
    return outcome;
  }

  allocate(mode: i32, offset: i64, length: i64): Outcome {
    const outcome = this.contents.allocate(mode, offset, length);
    if (outcome == 0) this.dropSetId();
    return outcome;
  }

  canMap(): Outcome {
    this.accessed();
    return 0;
  }

  get allowsSharedWrites(): bool {
    return this.isWritable && this.contents.allowsSharedWrites;
  }

  seals(): Outcome {
    return this.contents.sealsOf();
  }

  addSeals(seals: u32): Outcome {
    return this.isWritable ? this.contents.addSeals(seals) : -EPERM;
  }

  page(index: u64, forWrite: bool): usize {
    return this.contents.page(index, forWrite);
  }

  get origin(): PageSource {
    return this.contents;
  }

  private accessed(): void {
    if ((this.flags & O_NOATIME) != 0) return;
    const place = this.place;
    if (place != null && (place as Path).mount.isReadOnly) return;
    if (place != null && (place as Path).mount.has(MS_NOATIME)) return;
    this.contents.accessed();
  }

  private dropSetId(): void {
    if (!this.keepsSetId && (this.contents.mode & (S_ISUID | S_ISGID)) != 0) this.contents.dropSetId();
  }
}
