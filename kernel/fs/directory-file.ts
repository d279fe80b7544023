// SPDX-License-Identifier: MIT
// An open directory: getdents64(2) and positions that stay good while entries come and go.

import { EINVAL, EISDIR, ENOENT } from "../abi/errno.ts";
import { SEEK_CUR, SEEK_SET } from "../abi/fcntl.ts";
import { Sleeper } from "../file/wait-queue.ts";
import { Outcome } from "../lib/outcome.ts";
import { UserBuffer } from "../memory/user-buffer.ts";
import { directoryReader } from "./directory-reader.ts";
import { InodeFile } from "./inode-file.ts";
import { Path } from "./path.ts";

export class DirectoryFile extends InodeFile {
  read(self: Sleeper, buffer: UserBuffer): Outcome {
    return -EISDIR;
  }

  seek(offset: i64, whence: i32): Outcome {
    if (whence == SEEK_CUR) offset += this.position;
    else if (whence != SEEK_SET) return -EINVAL;
    if (offset < 0) return -EINVAL;
    this.position = offset;
    return offset;
  }

  readDirectory(buffer: UserBuffer): Outcome {
    const dentry = (this.place as Path).dentry;
    if (dentry.isDeleted) return -ENOENT;
    const reader = directoryReader;
    reader.start(buffer, this.position);
    if (this.addDots(dentry.parent == null ? this.inode.ino : dentry.parent!.inode.ino)) this.inode.list(reader);
    this.position = reader.position;
    if (reader.outcome >= 0 && !(this.place as Path).mount.isReadOnly) this.inode.accessed();
    return reader.outcome;
  }

  private addDots(parent: u64): bool {
    const reader = directoryReader;
    if (reader.position == 0 && !reader.add(DOTS, 1, this.inode.ino, this.inode.mode, 1)) return false;
    return reader.position != 1 || reader.add(DOTS, 2, parent, this.inode.mode, 2);
  }
}

const DOTS = memory.data<u8>([0x2e, 0x2e]);
