// SPDX-License-Identifier: MIT
// /proc/PID/fd and /proc/PID/fdinfo: the open files of a process as magic links, and what is known about each.

import { EACCES, ENOENT } from "../abi/errno.ts";
import { O_CLOEXEC } from "../abi/fcntl.ts";
import { S_IFLNK, S_IFREG } from "../abi/stat.ts";
import { File } from "../file/file.ts";
import { Credentials } from "../fs/credentials.ts";
import { DirectoryReader } from "../fs/directory-reader.ts";
import { FileSystem } from "../fs/file-system.ts";
import { pathOf } from "../fs/file-access.ts";
import { Inode } from "../fs/inode.ts";
import { formatPath, Path } from "../fs/path.ts";
import { numberIn, ProcDirectory, ProcFile } from "../fs/proc-node.ts";
import { TextWriter } from "../fs/text-writer.ts";
import { decimal } from "../lib/decimal.ts";
import { fail } from "../lib/failure.ts";
import { PATH_MAX } from "../lib/limits.ts";
import { Outcome } from "../lib/outcome.ts";
import { mayInspect } from "./proc-access.ts";
import { Process } from "./process.ts";
import { inoBase, taskOf } from "./procfs.ts";
import { currentTask } from "./scheduler.ts";
import { DEAD, Task } from "./task.ts";

const FD_INO: u64 = 1 << 24;
const FDINFO_INO: u64 = 1 << 25;
const LINK_SIZE: i64 = 64;
/** Anonymous files have no mount of ours; Linux numbers its internal ones too. */
const INTERNAL_MOUNT: i32 = 15;

export class FdDirectory extends ProcDirectory {
  constructor(fileSystem: FileSystem, mode: u32, private process: Process, private tid: i32, private isInfo: bool) {
    super(fileSystem, mode & 0o777);
    process.retain();
  }

  protected names(): StaticArray<string> {
    return NONE;
  }

  protected modes(): StaticArray<u32> {
    return NO_MODES;
  }

  protected inoOf(index: i32): u64 {
    return 0;
  }

  protected make(index: i32, mode: u32): Inode | null {
    return null;
  }

  protected makeOther(name: usize, length: i32): Inode | null {
    const task = liveTask(this.process, this.tid);
    const fd = numberIn(name, length);
    const file = task != null && fd >= 0 ? task.files.get(fd) : null;
    if (file == null) return null;
    const inode: Inode = this.isInfo
      ? new FdInfo(this.fileSystem, this.process, this.tid, fd)
      : new FdLink(this.fileSystem, linkMode(file), this.process, this.tid, fd);
    inode.ino = this.inoFor(fd);
    inode.uid = this.uid;
    inode.gid = this.gid;
    return inode;
  }

  protected listOthers(reader: DirectoryReader, from: i64): void {
    const task = liveTask(this.process, this.tid);
    if (task == null || from > i32.MAX_VALUE) return;
    let fd = task.files.next(<i32>from);
    while (fd >= 0) {
      const mode: u32 = this.isInfo ? S_IFREG | 0o444 : S_IFLNK | 0o700;
      if (!this.addOther(reader, fd, NUMBER, <i32>decimal(NUMBER, fd), this.inoFor(fd), mode)) return;
      fd = task.files.next(fd + 1);
    }
  }

  destroy(): void {
    this.process.release();
  }

  private inoFor(fd: i32): u64 {
    return inoBase(this.tid == 0 ? this.process.pid : this.tid) + (this.isInfo ? FDINFO_INO : FD_INO) + <u64>fd;
  }
}

/** /proc/PID/fd/N */
class FdLink extends Inode {
  constructor(fileSystem: FileSystem, mode: u32, private process: Process, private tid: i32, private fd: i32) {
    super(fileSystem, mode);
    process.retain();
  }

  get size(): i64 {
    return LINK_SIZE;
  }

  get isMagic(): bool {
    return true;
  }

  readLink(out: usize): i32 {
    const self = currentTask();
    const file = this.file();
    if (self == null || file == null) return -ENOENT;
    if (!this.isOpenTo(self.credentials)) return -EACCES;
    const path = pathOf(file);
    return path == null ? <i32>file.nameless(out) : formatPath(path, self.fs.root, out, PATH_MAX - 1);
  }

  jump(who: Credentials): Path | null {
    const file = this.file();
    if (file == null) return fail<Path>(-ENOENT);
    if (!this.isOpenTo(who)) return fail<Path>(-EACCES);
    const path = pathOf(file);
    if (path != null) path.retain();
    return path;
  }

  jumpFile(who: Credentials): File | null {
    const file = this.file();
    return file == null || !this.isOpenTo(who) ? null : file;
  }

  destroy(): void {
    this.process.release();
  }

  private file(): File | null {
    const task = liveTask(this.process, this.tid);
    return task == null ? null : task.files.get(this.fd);
  }

  private isOpenTo(who: Credentials): bool {
    const task = liveTask(this.process, this.tid);
    return task != null && mayInspect(who, task);
  }
}

/** /proc/PID/fdinfo/N: the generic lines, and what the kind of file adds. */
class FdInfo extends ProcFile {
  constructor(fileSystem: FileSystem, private process: Process, private tid: i32, private fd: i32) {
    super(fileSystem, S_IFREG | 0o444);
    process.retain();
  }

  print(out: TextWriter): Outcome {
    const task = liveTask(this.process, this.tid);
    const file = task != null ? task.files.get(this.fd) : null;
    if (task == null || file == null) return -ENOENT;
    const flags = file.flags | (task.files.isCloseOnExec(this.fd) ? O_CLOEXEC : 0);
    const path = pathOf(file);
    memory.fill(STAT, 0, 128);
    if (path != null) path.inode.stat(STAT);
    else file.stat(STAT);
    out.text("pos:\t").signed(file.position).text("\nflags:\t0").octal(<u32>flags, 1);
    out.text("\nmnt_id:\t").number(path == null ? INTERNAL_MOUNT : path.mount.id);
    out.text("\nino:\t").number(load<u64>(STAT, 8)).newline();
    out.bytes(MORE, file.information(MORE));
    return 0;
  }

  destroy(): void {
    this.process.release();
  }
}

function liveTask(process: Process, tid: i32): Task | null {
  const task = taskOf(process, tid);
  return task == null || task.state == DEAD ? null : task;
}

/** The link shows how the file was opened. */
function linkMode(file: File): u32 {
  let mode: u32 = S_IFLNK;
  if (file.isReadable) mode |= 0o500;
  if (file.isWritable) mode |= 0o300;
  return mode;
}

const NONE: StaticArray<string> = [];
const NO_MODES: StaticArray<u32> = [];
const NUMBER = memory.data(16);
const STAT = memory.data(128, 8);
const MORE = memory.data(512);
