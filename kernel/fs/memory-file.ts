// SPDX-License-Identifier: MIT
// memfd_create(2): a regular file that is in no directory. Its name shows in /proc as "/memfd:NAME (deleted)". Seals (fcntl(2),
// "File Sealing") take rights from whoever has it, for ever.

import { EBUSY, EINVAL, EPERM } from "../abi/errno.ts";
import {
  F_SEAL_EXEC, F_SEAL_FUTURE_WRITE, F_SEAL_GROW, F_SEAL_SEAL, F_SEAL_SHRINK, F_SEAL_WRITE, FALLOC_FL_PUNCH_HOLE, O_LARGEFILE, O_RDWR,
} from "../abi/fcntl.ts";
import { S_IFREG } from "../abi/stat.ts";
import { File } from "../file/file.ts";
import { Outcome } from "../lib/outcome.ts";
import { findSharedMapping } from "../memory/address-space.ts";
import { PageSource } from "../memory/page-source.ts";
import { UserBuffer } from "../memory/user-buffer.ts";
import { Credentials } from "./credentials.ts";
import { Dentry } from "./dentry.ts";
import { FileSystem } from "./file-system.ts";
import { Path } from "./path.ts";
import { RegularInode } from "./regular.ts";
import { RegularFile } from "./regular-file.ts";
import { memoryFileMount } from "./root.ts";

const ALL_SEALS: u32 = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_FUTURE_WRITE | F_SEAL_EXEC;
const NO_WRITES: u32 = F_SEAL_WRITE | F_SEAL_FUTURE_WRITE;
const ANY_EXECUTE: u32 = 0o111;
const PAGE_MASK: i64 = 4095;

/** `seals`: those that it has from the start. Needs an admit(). */
export class MemoryInode extends RegularInode {
  constructor(
    fileSystem: FileSystem,
    mode: u32,
    private seals: u32,
  ) {
    super(fileSystem, mode);
  }

  get allowsSharedWrites(): bool {
    return !this.has(NO_WRITES);
  }

  sealsOf(): Outcome {
    return this.seals;
  }

  addSeals(seals: u32): Outcome {
    if ((seals & ~ALL_SEALS) != 0) return -EINVAL;
    if (this.has(F_SEAL_SEAL)) return -EPERM;
    if ((seals & F_SEAL_WRITE) != 0 && !this.has(F_SEAL_WRITE) && findSharedMapping(this, couldWrite)) return -EBUSY;
    // A program that cannot become another one must not be changed either.
    if ((seals & F_SEAL_EXEC) != 0 && (this.mode & ANY_EXECUTE) != 0) seals |= F_SEAL_SHRINK | F_SEAL_GROW | NO_WRITES;
    this.seals |= seals;
    return 0;
  }

  mayHaveMode(mode: u32): bool {
    return !this.has(F_SEAL_EXEC) || ((this.mode ^ mode) & ANY_EXECUTE) == 0;
  }

  /** What would grow a file that must not is refused, page by page. */
  write(buffer: UserBuffer, offset: i64, end: i64): Outcome {
    if (buffer.left > 0 && this.has(NO_WRITES)) return -EPERM;
    if (!this.has(F_SEAL_GROW) || buffer.left <= <u64>max<i64>(this.size - offset, 0)) return super.write(buffer, offset, end);
    const wholePages = this.size & ~PAGE_MASK;
    return offset < wholePages ? super.write(buffer, offset, min(end, wholePages)) : -EPERM;
  }

  resize(size: i64): Outcome {
    if (size < this.size && this.has(F_SEAL_SHRINK)) return -EPERM;
    if (size > this.size && this.has(F_SEAL_GROW)) return -EPERM;
    return super.resize(size);
  }

  allocate(mode: i32, offset: i64, length: i64): Outcome {
    const isHole = (mode & FALLOC_FL_PUNCH_HOLE) != 0;
    if (isHole && this.has(NO_WRITES)) return -EPERM;
    if (!isHole && this.has(F_SEAL_GROW) && offset >= 0 && length > this.size - offset) return -EPERM;
    return super.allocate(mode, offset, length);
  }

  private has(seals: u32): bool {
    return (this.seals & seals) != 0;
  }
}

/** A shared mapping counts even while it is only readable: mprotect(2) could change that. */
function couldWrite(source: PageSource): bool {
  return source instanceof File && (source as File).isWritable;
}

/** `name`: "memfd:" and the caller's name, at most 255 bytes. Needs an admit(). The file does not count as a writer (ETXTBSY). */
export function openMemoryFile(who: Credentials, name: usize, length: i32, permissions: u32, seals: u32): RegularFile {
  const mount = memoryFileMount();
  const inode = new MemoryInode(mount.root.inode.fileSystem, S_IFREG | permissions, seals);
  inode.uid = who.fsuid;
  inode.gid = who.fsgid;
  inode.nlink = 0;
  const dentry = new Dentry(null, name, length, inode);
  dentry.isDeleted = true;
  const path = new Path(mount, dentry);
  dentry.release();
  const file = new RegularFile(O_RDWR | O_LARGEFILE, inode, who);
  file.place = path;
  return file;
}
