// SPDX-License-Identifier: MIT
// Directories of ramfs and devfs: the entries themselves, in the order they were added, found by a hash table once there are many.
// The directory owns one reference to each entry. It checks no rights and touches no times: create.ts, remove.ts and rename.ts do.

import { ENAMETOOLONG, ENOENT, ENOMEM } from "../abi/errno.ts";
import { File } from "../file/file.ts";
import { fail } from "../lib/failure.ts";
import { fnv1a } from "../lib/hash.ts";
import { NAME_MAX } from "../lib/limits.ts";
import { allocKernelFrame, PAGE_SIZE, releaseFrame } from "../memory/frames.ts";
import { admit } from "../memory/heap.ts";
import { Credentials } from "./credentials.ts";
import { Dentry } from "./dentry.ts";
import { DirectoryFile } from "./directory-file.ts";
import { DirectoryReader } from "./directory-reader.ts";
import { FileSystem } from "./file-system.ts";
import { Inode } from "./inode.ts";
import { Path } from "./path.ts";

/** With more entries than this, a table of buckets is kept. */
const FEW = 24;
const BUCKETS: u32 = 1024;
/** Positions 0 and 1 are "." and "..". */
const FIRST_COOKIE: i64 = 2;

export class DirectoryInode extends Inode {
  private first: Dentry | null = null;
  private last: Dentry | null = null;
  private count: i32 = 0;
  private lastCookie: i64 = FIRST_COOKIE - 1;
  /** A frame of BUCKETS chains, or 0. */
  private buckets: usize = 0;

  /** Needs an admit(). `mode` with S_IFDIR. */
  constructor(fileSystem: FileSystem, mode: u32) {
    super(fileSystem, mode);
    this.nlink = 2;
  }

  /** What programs are used to see of a small directory. */
  get size(): i64 {
    return 4096;
  }

  get canHoldEntries(): bool {
    return true;
  }

  get isEmpty(): bool {
    return this.count == 0;
  }

  /** The oldest entry (borrowed), or null. */
  get firstEntry(): Dentry | null {
    return this.first;
  }

  open(flags: i32, path: Path, credentials: Credentials): File | null {
    if (!admit()) return fail<File>(-ENOMEM);
    return new DirectoryFile(flags, this);
  }

  lookup(directory: Dentry, name: usize, length: i32): Dentry | null {
    if (length > NAME_MAX) return fail<Dentry>(-ENAMETOOLONG);
    const entry = this.find(name, length);
    if (entry == null) return fail<Dentry>(-ENOENT);
    entry.retain();
    return entry;
  }

  /** Adds an entry, taking its own reference. */
  add(entry: Dentry): void {
    entry.retain();
    entry.cookie = ++this.lastCookie;
    const last = this.last;
    entry.previous = last;
    entry.next = null;
    if (last != null) last.next = entry;
    else this.first = entry;
    this.last = entry;
    this.count++;
    if (this.buckets != 0) this.enterBucket(entry);
    else if (this.count > FEW) this.makeBuckets();
  }

  /** Removes an entry, and the directory's reference to it. */
  remove(entry: Dentry): void {
    const next = entry.next;
    const previous = entry.previous;
    if (previous != null) previous.next = next;
    else this.first = next;
    if (next != null) next.previous = previous;
    else this.last = previous;
    entry.next = null;
    entry.previous = null;
    if (this.buckets != 0) this.leaveBucket(entry);
    if (--this.count == 0) this.dropBuckets();
    entry.release();
  }

  list(reader: DirectoryReader): void {
    let entry = this.first;
    while (entry != null && entry.cookie < reader.position) entry = entry.next;
    while (entry != null && reader.add(entry.name, entry.length, entry.inode.ino, entry.inode.mode, entry.cookie + 1)) entry = entry.next;
  }

  destroy(): void {
    assert(this.count == 0, "a directory freed with its entries");
    this.dropBuckets();
  }

  private find(name: usize, length: i32): Dentry | null {
    const hash = fnv1a(name, <usize>length);
    if (this.buckets == 0) {
      let entry = this.first;
      while (entry != null && !entry.hasName(name, length, hash)) entry = entry.next;
      return entry;
    }
    let entry = changetype<Dentry | null>(<usize>load<u32>(this.bucket(hash)));
    while (entry != null && !entry.hasName(name, length, hash)) entry = entry.nextInBucket;
    return entry;
  }

  /** Without memory for the table the list must do. */
  private makeBuckets(): void {
    this.buckets = allocKernelFrame();
    if (this.buckets == 0) return;
    memory.fill(this.buckets, 0, PAGE_SIZE);
    let entry = this.first;
    while (entry != null) {
      this.enterBucket(entry);
      entry = entry.next;
    }
  }

  private dropBuckets(): void {
    if (this.buckets != 0) releaseFrame(this.buckets);
    this.buckets = 0;
  }

  private enterBucket(entry: Dentry): void {
    const bucket = this.bucket(entry.hash);
    entry.nextInBucket = changetype<Dentry | null>(<usize>load<u32>(bucket));
    store<u32>(bucket, <u32>changetype<usize>(entry));
  }

  private leaveBucket(entry: Dentry): void {
    const bucket = this.bucket(entry.hash);
    let at = changetype<Dentry | null>(<usize>load<u32>(bucket));
    if (at == entry) {
      store<u32>(bucket, <u32>changetype<usize>(entry.nextInBucket));
    } else {
      while (at != null && at.nextInBucket != entry) at = at.nextInBucket;
      assert(at != null, "a directory entry outside of its bucket");
      at!.nextInBucket = entry.nextInBucket;
    }
    entry.nextInBucket = null;
  }

  private bucket(hash: u32): usize {
    return this.buckets + (<usize>(hash % BUCKETS) << 2);
  }
}
