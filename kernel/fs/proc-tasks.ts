// SPDX-License-Identifier: MIT
// What file systems have to ask about processes, which they do not know: the process layer registers the answers
// (process/procfs.ts). Most of it is for procfs.

import { FileSystem } from "./file-system.ts";
import { Inode } from "./inode.ts";
import { Path } from "./path.ts";

export abstract class ProcessTable {
  /** Ids of the process and thread that make the call. */
  abstract currentPid(): i32;
  abstract currentTid(): i32;
  /** The root directory of the process that makes the call (borrowed). */
  abstract currentRoot(): Path;
  /** The inode of /proc/PID, with one reference, or null when there is no such process. Preceded by admit(). */
  abstract directoryOf(fileSystem: FileSystem, pid: i32): Inode | null;
  /** The lowest process id >= `from`, or -1. */
  abstract next(from: i32): i32;
  /** Number of /proc/PID's inode. */
  abstract inoOf(pid: i32): u64;
  /** For /proc/loadavg and /proc/stat. */
  abstract running(): i32;
  abstract total(): i32;
  abstract newestPid(): i32;
  /** RLIMIT_FSIZE of the process that makes the call, in bytes, and what happens when it would write beyond (SIGXFSZ). */
  abstract fileSizeLimit(): u64;
  abstract fileSizeExceeded(): void;
}

let registered: ProcessTable | null = null;

export function registerProcesses(table: ProcessTable): void {
  registered = table;
}

export function processes(): ProcessTable {
  return registered!;
}
