// SPDX-License-Identifier: MIT
// The top of /proc (proc(5)): what is about the machine as a whole, links to the caller's own directory, and one directory for each
// process, which the process layer provides (proc-tasks.ts).

import { S_IFDIR, S_IFLNK, S_IFREG } from "../abi/stat.ts";
import { decimal } from "../lib/decimal.ts";
import { writeAscii } from "../file/anon-inode.ts";
import { Outcome } from "../lib/outcome.ts";
import { Dentry } from "./dentry.ts";
import { DirectoryReader } from "./directory-reader.ts";
import { FileSystem } from "./file-system.ts";
import { Inode } from "./inode.ts";
import { numberIn, ProcDirectory, ProcFile } from "./proc-node.ts";
import { makeSysDirectory } from "./proc-sys.ts";
import { printSystemFile } from "./proc-system.ts";
import { processes } from "./proc-tasks.ts";
import { TextWriter } from "./text-writer.ts";

const NAMES: StaticArray<string> = [
  "self", "thread-self", "mounts", "sys",
  "cmdline", "cpuinfo", "filesystems", "loadavg", "meminfo", "stat", "uptime", "version",
];
const LINK: u32 = S_IFLNK | 0o777;
const DIRECTORY: u32 = S_IFDIR | 0o555;
const FILE: u32 = S_IFREG | 0o444;
const MODES: StaticArray<u32> = [LINK, LINK, LINK, DIRECTORY, FILE, FILE, FILE, FILE, FILE, FILE, FILE, FILE];
const SELF = 0;
const THREAD_SELF = 1;
const MOUNTS = 2;
const SYS = 3;
const FIRST_FILE = 4;

/** Numbers of inodes: 1 is the root, these are its fixed entries; those of processes lie above 2^32. */
const FIRST_INO: u64 = 2;

/** The root of a new procfs, with one reference. For boot only. */
export function makeProcfs(fileSystem: FileSystem): Dentry {
  return new Dentry(null, 0, 0, new ProcRoot(fileSystem, 0o555));
}

class ProcRoot extends ProcDirectory {
  protected names(): StaticArray<string> {
    return NAMES;
  }

  protected modes(): StaticArray<u32> {
    return MODES;
  }

  protected inoOf(index: i32): u64 {
    return FIRST_INO + <u64>index;
  }

  protected make(index: i32, mode: u32): Inode | null {
    if (index == SYS) return makeSysDirectory(this.fileSystem);
    return index < FIRST_FILE ? new SelfLink(this.fileSystem, mode, index) : new SystemFile(this.fileSystem, mode, index - FIRST_FILE);
  }

  protected makeOther(name: usize, length: i32): Inode | null {
    const pid = numberIn(name, length);
    return pid <= 0 ? null : processes().directoryOf(this.fileSystem, pid);
  }

  protected listOthers(reader: DirectoryReader, from: i64): void {
    let pid = processes().next(<i32>max<i64>(from, 1));
    while (pid > 0) {
      const length = <i32>decimal(TEXT, pid);
      if (!this.addOther(reader, pid, TEXT, length, processes().inoOf(pid), DIRECTORY)) return;
      pid = processes().next(pid + 1);
    }
  }
}

/** /proc/self, /proc/thread-self, /proc/mounts: ordinary links with the caller's number in them. */
class SelfLink extends Inode {
  constructor(fileSystem: FileSystem, mode: u32, private kind: i32) {
    super(fileSystem, mode);
  }

  readLink(out: usize): i32 {
    if (this.kind == MOUNTS) return <i32>writeAscii(out, "self/mounts");
    let length = decimal(out, processes().currentPid());
    if (this.kind == THREAD_SELF) {
      length += writeAscii(out + length, "/task/");
      length += decimal(out + length, processes().currentTid());
    }
    return <i32>length;
  }
}

class SystemFile extends ProcFile {
  constructor(fileSystem: FileSystem, mode: u32, private kind: i32) {
    super(fileSystem, mode);
  }

  print(out: TextWriter): Outcome {
    printSystemFile(out, this.kind);
    return 0;
  }
}

const TEXT = memory.data(16);
