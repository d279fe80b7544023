// SPDX-License-Identifier: MIT
// /proc/sys (sysctl(2)): the values that programs look for, all read-only here.

import { CAP_LAST_CAP } from "../abi/prctl.ts";
import { S_IFDIR, S_IFREG } from "../abi/stat.ts";
import { openFiles } from "../file/file.ts";
import { MAX_DESCRIPTORS, MAX_OPEN_FILES, NGROUPS_MAX, PID_MAX, PIPE_MAX_SIZE } from "../lib/limits.ts";
import { Outcome } from "../lib/outcome.ts";
import { DOMAIN_NAME, NODE_NAME, RELEASE, SYSTEM_NAME, VERSION } from "../lib/system-name.ts";
import { maxTasks } from "../memory/frames.ts";
import { FileSystem } from "./file-system.ts";
import { Inode } from "./inode.ts";
import { ProcDirectory, ProcFile } from "./proc-node.ts";
import { TextWriter } from "./text-writer.ts";

const D: u32 = S_IFDIR | 0o555;
const F: u32 = S_IFREG | 0o444;

// Directories: their number is their place here.
const TOP = 0;
const FS = 1;
const KERNEL = 2;
const VM = 3;

const TOP_NAMES: StaticArray<string> = ["fs", "kernel", "vm"];
const TOP_MODES: StaticArray<u32> = [D, D, D];
const FS_NAMES: StaticArray<string> = ["file-max", "file-nr", "nr_open", "pipe-max-size"];
const FS_MODES: StaticArray<u32> = [F, F, F, F];
const KERNEL_NAMES: StaticArray<string> = [
  "cap_last_cap", "core_pattern", "domainname", "hostname", "ngroups_max", "osrelease", "ostype", "overflowgid", "overflowuid", "pid_max",
  "randomize_va_space", "threads-max", "version",
];
const KERNEL_MODES: StaticArray<u32> = [F, F, F, F, F, F, F, F, F, F, F, F, F];
const VM_NAMES: StaticArray<string> = ["max_map_count", "mmap_min_addr", "overcommit_memory", "overcommit_ratio"];
const VM_MODES: StaticArray<u32> = [F, F, F, F];

/** Inode numbers of entry i of directory d: BASE + d * 64 + i. */
const BASE: u64 = 1024;
const STRIDE: i32 = 64;

/** /proc/sys itself, with one reference. */
export function makeSysDirectory(fileSystem: FileSystem): Inode {
  return new SysDirectory(fileSystem, TOP);
}

class SysDirectory extends ProcDirectory {
  constructor(fileSystem: FileSystem, private number: i32) {
    super(fileSystem, 0o555);
  }

  protected names(): StaticArray<string> {
    return this.number == TOP ? TOP_NAMES : this.number == FS ? FS_NAMES : this.number == KERNEL ? KERNEL_NAMES : VM_NAMES;
  }

  protected modes(): StaticArray<u32> {
    return this.number == TOP ? TOP_MODES : this.number == FS ? FS_MODES : this.number == KERNEL ? KERNEL_MODES : VM_MODES;
  }

  protected inoOf(index: i32): u64 {
    return BASE + <u64>(this.number * STRIDE + index);
  }

  protected make(index: i32, mode: u32): Inode | null {
    if (this.number == TOP) return new SysDirectory(this.fileSystem, index + 1);
    return new SysFile(this.fileSystem, mode, this.number * STRIDE + index);
  }
}

class SysFile extends ProcFile {
  constructor(fileSystem: FileSystem, mode: u32, private number: i32) {
    super(fileSystem, mode);
  }

  print(out: TextWriter): Outcome {
    const index = this.number % STRIDE;
    const directory = this.number / STRIDE;
    if (directory == FS) printFs(out, index);
    else if (directory == KERNEL) printKernel(out, index);
    else printVm(out, index);
    out.newline();
    return 0;
  }
}

function printFs(out: TextWriter, index: i32): void {
  switch (index) {
    case 0:
      out.number(MAX_OPEN_FILES);
      return;
    case 1:
      out.number(openFiles()).text("\t0\t").number(MAX_OPEN_FILES);
      return;
    case 2:
      out.number(MAX_DESCRIPTORS);
      return;
    default:
      out.number(PIPE_MAX_SIZE);
  }
}

function printKernel(out: TextWriter, index: i32): void {
  switch (index) {
    case 0:
      out.number(CAP_LAST_CAP);
      return;
    case 1:
      out.text("core");
      return;
    case 2:
      out.text(DOMAIN_NAME);
      return;
    case 3:
      out.text(NODE_NAME);
      return;
    case 4:
      out.number(NGROUPS_MAX);
      return;
    case 5:
      out.text(RELEASE);
      return;
    case 6:
      out.text(SYSTEM_NAME);
      return;
    case 7:
    case 8:
      out.number(65534);
      return;
    case 9:
      out.number(PID_MAX);
      return;
    case 10:
      out.number(0);
      return;
    case 11:
      out.number(maxTasks());
      return;
    default:
      out.text(VERSION);
  }
}

function printVm(out: TextWriter, index: i32): void {
  switch (index) {
    case 0:
      out.number(65530);
      return;
    case 1:
      out.number(65536);
      return;
    case 2:
      out.number(1);
      return;
    default:
      out.number(50);
  }
}
