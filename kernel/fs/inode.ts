// SPDX-License-Identifier: MIT
// What a name refers to: attributes (inode(7)) and, by class, contents. It knows no path and checks no permission; calls on paths
// (walk.ts, create.ts, rename.ts, ...) do. References: one from each dentry, one from each open file.

import { EINVAL, ELOOP, ENOTDIR, ENXIO, ETXTBSY } from "../abi/errno.ts";
import { CAP_FSETID } from "../abi/prctl.ts";
import { S_IFBLK, S_IFCHR, S_IFDIR, S_IFIFO, S_IFLNK, S_IFMT, S_IFREG, S_ISGID, S_ISUID, S_IXGRP } from "../abi/stat.ts";
import { LINK_MAX } from "../lib/limits.ts";
import { DirectoryReader } from "./directory-reader.ts";
import { File } from "../file/file.ts";
import { stamp } from "../lib/clock.ts";
import { fail } from "../lib/failure.ts";
import { Outcome } from "../lib/outcome.ts";
import { PageSource } from "../memory/page-source.ts";
import { Credentials } from "./credentials.ts";
import { Dentry } from "./dentry.ts";
import { FileSystem } from "./file-system.ts";
import { Path } from "./path.ts";

const NS: i64 = 1_000_000_000;
const BLOCK_SIZE: u32 = 4096;
/** relatime: an access time older than this is updated by any read (mount(8)). */
const DAY_NS: i64 = 86_400 * 1_000_000_000;

/** struct stat of the generic ABI: 128 bytes. */
export const STAT_SIZE: usize = 128;

export abstract class Inode extends PageSource {
  ino: u64;
  nlink: u32 = 1;
  /** It was made without a name, and may still get one (O_TMPFILE without O_EXCL). */
  isLinkable: bool = false;
  uid: u32 = 0;
  gid: u32 = 0;
  rdev: u64 = 0;
  atime: i64;
  mtime: i64;
  ctime: i64;
  btime: i64;
  /** Open files that can write; while programs run it, minus the number of those who deny writing. */
  private writers: i32 = 0;

  /** `mode` with the file type. */
  constructor(
    public fileSystem: FileSystem,
    public mode: u32,
  ) {
    super();
    this.ino = fileSystem.newInodeNumber();
    const time = stamp();
    this.atime = time;
    this.mtime = time;
    this.ctime = time;
    this.btime = time;
  }

  get type(): u32 {
    return this.mode & S_IFMT;
  }

  get isDirectory(): bool {
    return this.type == S_IFDIR;
  }

  get isRegular(): bool {
    return this.type == S_IFREG;
  }

  get isSymlink(): bool {
    return this.type == S_IFLNK;
  }

  get isDevice(): bool {
    const type = this.type;
    return type == S_IFCHR || type == S_IFBLK;
  }

  get isFifo(): bool {
    return this.type == S_IFIFO;
  }

  /** Size in bytes as stat(2) shows it. */
  get size(): i64 {
    return 0;
  }

  /** Pages of contents in memory. */
  get pages(): u64 {
    return 0;
  }

  /** A new open file for it; rights have been checked. `self` may sleep for a FIFO. Null with `failure`. */
  open(flags: i32, path: Path, credentials: Credentials): File | null {
    return fail<File>(-ENXIO);
  }

  // Directories

  /** The entry with that name below `directory`, the dentry that leads here (a new reference), or null with `failure`. */
  lookup(directory: Dentry, name: usize, length: i32): Dentry | null {
    return fail<Dentry>(-ENOTDIR);
  }

  /** Whether names can be made and removed in it. */
  get canHoldEntries(): bool {
    return false;
  }

  /** Directories only: no names in it. */
  get isEmpty(): bool {
    return true;
  }

  /** Lists the entries from the reader's position on, without "." and "..". */
  list(reader: DirectoryReader): void {}

  // Symbolic links

  /** The target's length, its bytes at `out` (PATH_MAX bytes); or -errno. */
  readLink(out: usize): i32 {
    return -EINVAL;
  }

  /** Whether following it jumps to an object instead of reading a path (the magic links of proc(5)). */
  get isMagic(): bool {
    return false;
  }

  /** Where a magic link leads, as a new reference; null with `failure`, or when it leads to jumpFile(). */
  jump(credentials: Credentials): Path | null {
    return fail<Path>(-ELOOP);
  }

  /** A file without a path that a magic link leads to (borrowed): a pipe, a socket, an anonymous inode. */
  jumpFile(who: Credentials): File | null {
    return null;
  }

  /** Sets the size of a regular file. 0 or -errno. */
  resize(size: i64): Outcome {
    return -EINVAL;
  }

  // Times

  /** The contents changed. */
  modified(): void {
    const time = stamp();
    this.mtime = time;
    this.ctime = time;
  }

  /** Attributes changed. */
  changed(): void {
    this.ctime = stamp();
  }

  /** The contents were read; with relatime, as Linux mounts by default. */
  accessed(): void {
    const time = stamp();
    if (this.atime <= this.mtime || this.atime <= this.ctime || time - this.atime >= DAY_NS) this.atime = time;
  }

  /** Whether chmod(2) may give it these permissions. */
  mayHaveMode(mode: u32): bool {
    return true;
  }

  // Writers against programs (ETXTBSY)

  /** One more open file that can write; -ETXTBSY while it is being run. */
  addWriter(): Outcome {
    if (this.writers < 0) return -ETXTBSY;
    this.writers++;
    return 0;
  }

  removeWriter(): void {
    assert(this.writers > 0, "a writer that was not counted");
    this.writers--;
  }

  /** How many deny writing now. */
  get writeDenials(): i32 {
    return max(-this.writers, 0);
  }

  /** One more that runs it; -ETXTBSY while it is open for writing. */
  denyWrite(): Outcome {
    if (this.writers > 0) return -ETXTBSY;
    this.writers--;
    denials++;
    return 0;
  }

  allowWrite(): void {
    assert(this.writers < 0, "a denial of writing that was not counted");
    this.writers++;
    denials--;
  }

  /** The mode after chown(2) or write(2): the set-user-ID bit goes, and set-group-ID where it means that. */
  get modeWithoutSetId(): u32 {
    return this.mode & ((this.mode & S_IXGRP) != 0 ? ~(S_ISUID | S_ISGID) : ~S_ISUID);
  }

  dropSetId(): void {
    this.mode = this.modeWithoutSetId;
  }

  /** As dropSetId, unless the caller may change such files without that (CAP_FSETID). */
  dropSetIdFor(who: Credentials): void {
    if (!who.has(CAP_FSETID)) this.dropSetId();
  }

  /** Fills a zeroed struct stat. */
  stat(out: usize): void {
    store<u64>(out, this.fileSystem.device);
    store<u64>(out, this.ino, 8);
    store<u32>(out, this.mode, 16);
    store<u32>(out, this.nlink, 20);
    store<u32>(out, this.uid, 24);
    store<u32>(out, this.gid, 28);
    store<u64>(out, this.rdev, 32);
    store<i64>(out, this.size, 48);
    store<u32>(out, BLOCK_SIZE, 56);
    store<u64>(out, this.pages * (BLOCK_SIZE / 512), 64);
    storeTime(out + 72, this.atime);
    storeTime(out + 88, this.mtime);
    storeTime(out + 104, this.ctime);
  }
}

let denials: i32 = 0;

/** References that deny writing now, over all inodes. */
export function denyWrites(): u64 {
  return <u64>denials;
}

/** struct timespec of a time in ns; the ns part is never negative. */
export function storeTime(out: usize, time: i64): void {
  let seconds = time / NS;
  let rest = time % NS;
  if (rest < 0) {
    seconds--;
    rest += NS;
  }
  store<i64>(out, seconds);
  store<i64>(out, rest, 8);
}
