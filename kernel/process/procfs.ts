// SPDX-License-Identifier: MIT
// /proc/PID and /proc/PID/task/TID (proc(5)): their entries. What the files say is in proc-text.ts and proc-memory.ts; open files
// are in proc-fd.ts. An inode keeps its process, so that a number which is used again means nothing to an old one.

import { EACCES, ENOENT, ESRCH } from "../abi/errno.ts";
import { RLIMIT_FSIZE } from "../abi/resource.ts";
import { SIGXFSZ } from "../abi/signal.ts";
import { S_IFDIR, S_IFLNK, S_IFREG } from "../abi/stat.ts";
import { Credentials } from "../fs/credentials.ts";
import { DirectoryReader } from "../fs/directory-reader.ts";
import { FileSystem } from "../fs/file-system.ts";
import { Inode } from "../fs/inode.ts";
import { formatPath, Path } from "../fs/path.ts";
import { numberIn, ProcDirectory, ProcFile } from "../fs/proc-node.ts";
import { ProcessTable, registerProcesses } from "../fs/proc-tasks.ts";
import { rootOfTree } from "../fs/root.ts";
import { TextWriter } from "../fs/text-writer.ts";
import { decimal } from "../lib/decimal.ts";
import { fail } from "../lib/failure.ts";
import { PATH_MAX } from "../lib/limits.ts";
import { Outcome } from "../lib/outcome.ts";
import { findProcess, findTask, newestPid, nextProcess } from "./pid.ts";
import { FdDirectory } from "./proc-fd.ts";
import { executableOf, mayInspect } from "./proc-access.ts";
import { acceptTaskFile, printTaskFile } from "./proc-text.ts";
import { Process } from "./process.ts";
import { currentTask } from "./scheduler.ts";
import { draftFrom } from "./signal-info.ts";
import { signalTask } from "./signal.ts";
import { DEAD, RUNNABLE, Task, taskCount } from "./task.ts";

const D: u32 = S_IFDIR | 0o555;
const PRIVATE: u32 = S_IFDIR | 0o500;
const L: u32 = S_IFLNK | 0o777;
const F: u32 = S_IFREG | 0o444;
const OWN: u32 = S_IFREG | 0o400;
const WRITABLE: u32 = S_IFREG | 0o644;

const NAMES: StaticArray<string> = [
  "task", "fd", "fdinfo", "cwd", "exe", "root",
  "auxv", "cgroup", "cmdline", "comm", "environ", "limits", "maps", "mountinfo", "mounts", "oom_score_adj", "stat", "statm", "status",
];
const MODES: StaticArray<u32> = [D, PRIVATE, D, L, L, L, OWN, F, F, WRITABLE, OWN, F, F, F, F, F, F, F, F];
/** A thread's directory has no threads in it. */
const THREAD_NAMES: StaticArray<string> = [
  "fd", "fdinfo", "cwd", "exe", "root",
  "auxv", "cgroup", "cmdline", "comm", "environ", "limits", "maps", "mountinfo", "mounts", "oom_score_adj", "stat", "statm", "status",
];
const THREAD_MODES: StaticArray<u32> = [PRIVATE, D, L, L, L, OWN, F, F, WRITABLE, OWN, F, F, F, F, F, F, F, F];
const TASK = 0;
const FD = 1;
const FDINFO = 2;
const CWD = 3;
const EXE = 4;
const ROOT = 5;
const FIRST_FILE = 6;

/** Inode numbers: the id in the upper half; below that, 1 is a process's directory and 2 a thread's; entries and descriptors follow. */
const ENTRY_INO: u64 = 16;
const THREAD_ENTRY_INO: u64 = 64;

/** Makes procfs show processes; once, at boot. */
export function installProcessFiles(): void {
  registerProcesses(new AllProcesses());
}

class AllProcesses extends ProcessTable {
  currentPid(): i32 {
    const task = currentTask();
    return task == null ? 1 : task.process.pid;
  }

  currentTid(): i32 {
    const task = currentTask();
    return task == null ? 1 : task.tid;
  }

  currentRoot(): Path {
    const task = currentTask();
    return task == null ? rootOfTree() : task.fs.root;
  }

  directoryOf(fileSystem: FileSystem, pid: i32): Inode | null {
    const process = findProcess(pid);
    return process == null ? null : new TaskDirectory(fileSystem, process, 0);
  }

  next(from: i32): i32 {
    const process = nextProcess(from - 1);
    return process == null ? -1 : process.pid;
  }

  inoOf(pid: i32): u64 {
    return inoBase(pid) + 1;
  }

  running(): i32 {
    let count = 0;
    let process = nextProcess(0);
    while (process != null) {
      let thread = process.firstThread;
      while (thread != null) {
        if (thread.state == RUNNABLE) count++;
        thread = thread.nextThread;
      }
      process = nextProcess(process.pid);
    }
    return count;
  }

  total(): i32 {
    return taskCount();
  }

  newestPid(): i32 {
    return newestPid();
  }

  fileSizeLimit(): u64 {
    const task = currentTask();
    return task == null ? u64.MAX_VALUE : task.process.limit(RLIMIT_FSIZE);
  }

  fileSizeExceeded(): void {
    const task = currentTask();
    if (task != null) signalTask(task, draftFrom(task, SIGXFSZ));
  }
}

/** /proc/PID (tid 0: the group's leader) or /proc/PID/task/TID. */
class TaskDirectory extends ProcDirectory {
  /** Takes its own reference to the process. */
  constructor(fileSystem: FileSystem, private process: Process, private tid: i32) {
    super(fileSystem, 0o555);
    process.retain();
    this.ino = tid == 0 ? inoBase(process.pid) + 1 : inoBase(tid) + 2;
    setOwner(this, process, tid);
    if (tid == 0) this.nlink = 3;
  }

  protected names(): StaticArray<string> {
    return this.tid == 0 ? NAMES : THREAD_NAMES;
  }

  protected modes(): StaticArray<u32> {
    return this.tid == 0 ? MODES : THREAD_MODES;
  }

  protected inoOf(index: i32): u64 {
    const id = this.tid == 0 ? this.process.pid : this.tid;
    return inoBase(id) + (this.tid == 0 ? ENTRY_INO : THREAD_ENTRY_INO) + <u64>index;
  }

  protected make(index: i32, mode: u32): Inode | null {
    const process = this.process;
    if (taskOf(process, this.tid) == null) return null;
    const kind = this.tid == 0 ? index : index + 1;
    let inode: Inode;
    if (kind == TASK) inode = new ThreadsDirectory(this.fileSystem, process);
    else if (kind == FD || kind == FDINFO) inode = new FdDirectory(this.fileSystem, mode, process, this.tid, kind == FDINFO);
    else if (kind < FIRST_FILE) inode = new TaskLink(this.fileSystem, mode, process, this.tid, kind);
    else inode = new TaskFile(this.fileSystem, mode, process, this.tid, kind - FIRST_FILE);
    setOwner(inode, process, this.tid);
    return inode;
  }

  destroy(): void {
    this.process.release();
  }
}

/** /proc/PID/task */
class ThreadsDirectory extends ProcDirectory {
  constructor(fileSystem: FileSystem, private process: Process) {
    super(fileSystem, 0o555);
    process.retain();
    this.nlink = 2 + process.threadCount;
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
    const tid = numberIn(name, length);
    return taskOf(this.process, tid) == null || tid <= 0 ? null : new TaskDirectory(this.fileSystem, this.process, tid);
  }

  /** A thread's number in the listing is its place among the threads, the oldest first. */
  protected listOthers(reader: DirectoryReader, from: i64): void {
    let thread = this.process.firstThread;
    for (let i: i64 = 0; thread != null; i++) {
      if (i >= from && !this.addOther(reader, i, NUMBER, <i32>decimal(NUMBER, thread.tid), inoBase(thread.tid) + 2, D)) return;
      thread = thread.nextThread;
    }
  }

  destroy(): void {
    this.process.release();
  }
}

/** /proc/PID/{cwd,exe,root}: magic links. */
class TaskLink extends Inode {
  constructor(fileSystem: FileSystem, mode: u32, private process: Process, private tid: i32, private kind: i32) {
    super(fileSystem, mode);
    process.retain();
  }

  get isMagic(): bool {
    return true;
  }

  readLink(out: usize): i32 {
    const self = currentTask();
    if (self == null) return -ENOENT;
    const path = this.target(self.credentials);
    return path == null ? <i32>targetError : formatPath(path, self.fs.root, out, PATH_MAX - 1);
  }

  jump(who: Credentials): Path | null {
    const path = this.target(who);
    if (path == null) return fail<Path>(targetError);
    path.retain();
    return path;
  }

  destroy(): void {
    this.process.release();
  }

  /** Where it leads (borrowed), or null with targetError. */
  private target(who: Credentials): Path | null {
    const task = taskOf(this.process, this.tid);
    targetError = -ENOENT;
    if (task == null || task.state == DEAD) return null;
    if (!mayInspect(who, task)) {
      targetError = -EACCES;
      return null;
    }
    if (this.kind == CWD) return task.fs.cwd;
    if (this.kind == ROOT) return task.fs.root;
    const file = executableOf(task);
    return file == null ? null : (file.place as Path | null);
  }
}

let targetError: Outcome = 0;

class TaskFile extends ProcFile {
  constructor(fileSystem: FileSystem, mode: u32, private process: Process, private tid: i32, private kind: i32) {
    super(fileSystem, mode);
    process.retain();
  }

  print(out: TextWriter): Outcome {
    const task = taskOf(this.process, this.tid);
    return task == null ? -ESRCH : printTaskFile(out, task, this.kind, this.tid == 0);
  }

  accept(from: usize, length: usize): Outcome {
    const task = taskOf(this.process, this.tid);
    return task == null ? -ESRCH : acceptTaskFile(task, this.kind, from, length);
  }

  destroy(): void {
    this.process.release();
  }
}

/** The task that a node stands for (borrowed; perhaps dead), or null when it is gone. */
export function taskOf(process: Process, tid: i32): Task | null {
  if (process.isReaped) return null;
  if (tid == 0) return process.leader;
  const task = findTask(tid);
  return task == null || task.process != process ? null : task;
}

/** Where the numbers of inodes about a thread begin. */
export function inoBase(id: i32): u64 {
  return <u64>id << 32;
}

/** These files belong to whoever the process runs as; if it may not be looked into, only the public directories do. */
function setOwner(inode: Inode, process: Process, tid: i32): void {
  const task = taskOf(process, tid);
  const self = currentTask();
  const isOwn = self != null && self.process == process;
  if (task == null || (inode.mode != D && !isOwn && !process.isDumpable)) return;
  inode.uid = task.credentials.euid;
  inode.gid = task.credentials.egid;
}

const NONE: StaticArray<string> = [];
const NO_MODES: StaticArray<u32> = [];
const NUMBER = memory.data(16);
