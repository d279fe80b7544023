// SPDX-License-Identifier: MIT
// What procfs is made of: directories whose entries are made when they are looked up, files whose text is made when they are read,
// links whose target is made when they are followed. Nothing is cached; an inode lives as long as a path or file holds it.

import { EFAULT, EINVAL, EIO, ENOENT, ENOMEM } from "../abi/errno.ts";
import { S_IFDIR } from "../abi/stat.ts";
import { Sleeper } from "../file/wait-queue.ts";
import { File } from "../file/file.ts";
import { fail } from "../lib/failure.ts";
import { Outcome } from "../lib/outcome.ts";
import { admit } from "../memory/heap.ts";
import { UserBuffer } from "../memory/user-buffer.ts";
import { Credentials } from "./credentials.ts";
import { Dentry } from "./dentry.ts";
import { DirectoryFile } from "./directory-file.ts";
import { DirectoryReader } from "./directory-reader.ts";
import { FileSystem } from "./file-system.ts";
import { Inode } from "./inode.ts";
import { InodeFile } from "./inode-file.ts";
import { Path } from "./path.ts";
import { seekFrom } from "./regular.ts";
import { TextWriter } from "./text-writer.ts";

/** Directory positions below belong to "." and "..", then come the fixed entries, then, from OTHERS on, what the class adds. */
const FIRST: i64 = 2;
const OTHERS: i64 = 256;

/** A directory with fixed entries, and others that a subclass can add. */
export abstract class ProcDirectory extends Inode {
  constructor(fileSystem: FileSystem, mode: u32) {
    super(fileSystem, S_IFDIR | mode);
    this.nlink = 2;
  }

  /** Names of the fixed entries, and their modes with the file type. */
  protected abstract names(): StaticArray<string>;
  protected abstract modes(): StaticArray<u32>;
  /** Number of the inode of fixed entry `index`. */
  protected abstract inoOf(index: i32): u64;
  /** The inode of fixed entry `index`, with one reference; null if it is not there (any more). Preceded by admit(). */
  protected abstract make(index: i32, mode: u32): Inode | null;

  /** The inode of another entry, with one reference, or null. Preceded by admit(). */
  protected makeOther(name: usize, length: i32): Inode | null {
    return null;
  }

  /** Lists other entries from number `from` on. */
  protected listOthers(reader: DirectoryReader, from: i64): void {}

  /** Adds another entry with that number to a listing; false: stop. */
  protected addOther(reader: DirectoryReader, number: i64, name: usize, length: i32, ino: u64, mode: u32): bool {
    return reader.add(name, length, ino, mode, OTHERS + number + 1);
  }

  open(flags: i32, path: Path, credentials: Credentials): File | null {
    if (!admit()) return fail<File>(-ENOMEM);
    return new DirectoryFile(flags, this);
  }

  lookup(directory: Dentry, name: usize, length: i32): Dentry | null {
    if (!admit()) return fail<Dentry>(-ENOMEM);
    const names = this.names();
    for (let i = 0; i < names.length; i++) {
      if (!isNamed(names[i], name, length)) continue;
      const inode = this.make(i, this.modes()[i]);
      if (inode == null) return fail<Dentry>(-ENOENT);
      inode.ino = this.inoOf(i);
      return new Dentry(directory, name, length, inode);
    }
    const other = this.makeOther(name, length);
    return other == null ? fail<Dentry>(-ENOENT) : new Dentry(directory, name, length, other);
  }

  list(reader: DirectoryReader): void {
    if (reader.position > i32.MAX_VALUE) return; // lseek(2) goes anywhere; entries have small numbers
    const names = this.names();
    const modes = this.modes();
    for (let i = <i32>max<i64>(reader.position - FIRST, 0); i < names.length; i++) {
      const length = copyName(names[i]);
      if (!reader.add(NAME, length, this.inoOf(i), modes[i], FIRST + i + 1)) return;
    }
    this.listOthers(reader, max<i64>(reader.position - OTHERS, 0));
  }
}

/** A file whose text is made up when reading starts. */
export abstract class ProcFile extends Inode {
  /** Writes the text: 0, or -errno (-ESRCH: the process is gone). */
  abstract print(out: TextWriter): Outcome;

  /** What writing `length` bytes of kernel memory means; most of these files cannot be written. */
  accept(from: usize, length: usize): Outcome {
    return -EIO;
  }

  open(flags: i32, path: Path, credentials: Credentials): File | null {
    if (!admit()) return fail<File>(-ENOMEM);
    return new ProcTextFile(flags, this);
  }
}

export class ProcTextFile extends InodeFile {
  private source: ProcFile;
  private text: TextWriter | null = null;

  constructor(flags: i32, source: ProcFile) {
    super(flags, source);
    this.source = source;
  }

  get isSeekable(): bool {
    return true;
  }

  read(self: Sleeper, buffer: UserBuffer): Outcome {
    const count = this.readAt(buffer, this.position);
    if (count > 0) this.position += count;
    return count;
  }

  /** The text is made when reading starts at 0, and stays the same up to its end. */
  readAt(buffer: UserBuffer, offset: i64): Outcome {
    let text = this.text;
    if (text == null) {
      if (!admit()) return -ENOMEM;
      text = new TextWriter();
      this.text = text;
    }
    if (offset == 0 || text.length == 0) {
      text.clear();
      const outcome = this.source.print(text);
      if (outcome < 0) return outcome;
      if (text.isCut) return -ENOMEM;
    }
    const wanted = buffer.left;
    const count = text.copyOut(buffer, <u64>offset);
    return count == 0 && wanted > 0 && <u64>offset < text.length ? -EFAULT : count;
  }

  write(self: Sleeper, buffer: UserBuffer): Outcome {
    const length = <usize>min<u64>(buffer.left, 127);
    if (buffer.copyIn(NAME, length) < length) return -EFAULT;
    const outcome = this.source.accept(NAME, length);
    return outcome < 0 ? outcome : <Outcome>length;
  }

  writeAt(buffer: UserBuffer, offset: i64): Outcome {
    return -EINVAL;
  }

  seek(offset: i64, whence: i32): Outcome {
    const to = seekFrom(this.position, 0, offset, whence);
    if (to >= 0) this.position = to;
    return to;
  }

  sync(): Outcome {
    return -EINVAL;
  }

  destroy(): void {
    const text = this.text;
    if (text != null) text.dispose();
    super.destroy();
  }
}

/** Whether kernel bytes are this ASCII name. */
export function isNamed(text: string, name: usize, length: i32): bool {
  if (text.length != length) return false;
  for (let i = 0; i < length; i++) if (load<u8>(name + <usize>i) != <u8>text.charCodeAt(i)) return false;
  return true;
}

/** The number that a name is in decimal without leading zeros, or -1. */
export function numberIn(name: usize, length: i32): i32 {
  if (length > 9 || (length > 1 && load<u8>(name) == 0x30)) return -1;
  let value = 0;
  for (let i = 0; i < length; i++) {
    const digit = <i32>load<u8>(name + <usize>i) - 0x30;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}

function copyName(name: string): i32 {
  for (let i = 0; i < name.length; i++) store<u8>(NAME + <usize>i, <u8>name.charCodeAt(i));
  return name.length;
}

const NAME = memory.data(128);
