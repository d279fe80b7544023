// SPDX-License-Identifier: MIT
// The text of the files in /proc/PID (proc_pid_stat(5), proc_pid_status(5), ...), in the form that programs parse. A zombie has no
// memory, files or handlers any more; what is left of it is said.

import { EINVAL } from "../abi/errno.ts";
import { MAP_GROWSDOWN, MAP_SHARED, PROT_WRITE } from "../abi/mman.ts";
import { RLIMIT_RSS, RLIMIT_SIGPENDING } from "../abi/resource.ts";
import { KILLABLE } from "../file/wait-queue.ts";
import { Credentials } from "../fs/credentials.ts";
import { printMountinfo, printMounts } from "../fs/mount-text.ts";
import { TextWriter } from "../fs/text-writer.ts";
import { Outcome } from "../lib/outcome.ts";
import { AddressSpace } from "../memory/address-space.ts";
import { Pid } from "./pid.ts";
import { printLimits } from "./proc-limits.ts";
import { printAuxiliary, printCommandLine, printEnvironment, printMaps } from "./proc-memory.ts";
import { Process } from "./process.ts";
import { DEAD, NAME_SIZE, SLEEPING, STOPPED, Task } from "./task.ts";
import { systemTimeOf, userTimeOf } from "./usage.ts";

// In the order of their names in procfs.ts.
const AUXV = 0;
const CGROUP = 1;
const CMDLINE = 2;
const COMM = 3;
const ENVIRON = 4;
const LIMITS = 5;
const MAPS = 6;
const MOUNTINFO = 7;
const MOUNTS = 8;
const OOM_SCORE_ADJ = 9;
const STAT = 10;
const STATM = 11;

/** Clock ticks of 10 ms. */
const TICK_NS: i64 = 10_000_000;
/** PF_RANDOMIZE, which is all that Linux shows of an ordinary process. */
const TASK_FLAGS: u64 = 4194304;
/** Priority as stat shows it: 20 plus the nice value. */
const BASE_PRIORITY: i32 = 20;

const EMPTY_LINE = "\n";

/** Prints file `kind` about a task; `wholeProcess`: times are those of all its threads. 0 or -errno. */
export function printTaskFile(out: TextWriter, task: Task, kind: i32, wholeProcess: bool): Outcome {
  const isAlive = task.state != DEAD;
  switch (kind) {
    case AUXV:
      return isAlive ? printAuxiliary(out, task.space) : 0;
    case CGROUP:
      out.text("0::/\n");
      return 0;
    case CMDLINE:
      return isAlive ? printCommandLine(out, task.space) : 0;
    case COMM:
      printName(out, task);
      out.newline();
      return 0;
    case ENVIRON:
      return isAlive ? printEnvironment(out, task.space) : 0;
    case LIMITS:
      printLimits(out, task.process.limits);
      return 0;
    case MAPS:
      return isAlive ? printMaps(out, task) : 0;
    case MOUNTINFO:
      return isAlive ? printMountinfo(out, task.fs.root) : -EINVAL;
    case MOUNTS:
      return isAlive ? printMounts(out, task.fs.root) : -EINVAL;
    case OOM_SCORE_ADJ:
      out.text("0\n");
      return 0;
    case STAT:
      printStat(out, task, wholeProcess);
      return 0;
    case STATM:
      printStatm(out, task);
      return 0;
    default:
      printStatus(out, task);
      return 0;
  }
}

/** Writing to a file: comm takes a new name. */
export function acceptTaskFile(task: Task, kind: i32, from: usize, length: usize): Outcome {
  if (kind != COMM) return -EINVAL;
  const part = min(length, NAME_SIZE - 1);
  memory.fill(task.name, 0, NAME_SIZE);
  memory.copy(task.name, from, part);
  if (part > 0 && load<u8>(task.name + part - 1) == 0x0a) store<u8>(task.name + part - 1, 0);
  return 0;
}

/** The letter of the state (ps(1)): a sleep that only a fatal signal ends is a D. */
export function stateLetter(task: Task): string {
  if (task.state == DEAD) return "Z";
  if (task.state == STOPPED) return "T";
  if (task.state == SLEEPING) return task.onSignal == KILLABLE ? "D" : "S";
  return "R";
}

function stateName(task: Task): string {
  const state = stateLetter(task);
  if (state == "Z") return "Z (zombie)";
  if (state == "T") return "T (stopped)";
  if (state == "D") return "D (disk sleep)";
  return state == "S" ? "S (sleeping)" : "R (running)";
}

function printName(out: TextWriter, task: Task): void {
  let length: usize = 0;
  while (length < NAME_SIZE && load<u8>(task.name + length) != 0) length++;
  out.bytes(task.name, length);
}

function printStat(out: TextWriter, task: Task, wholeProcess: bool): void {
  const process = task.process;
  const isAlive = task.state != DEAD;
  out.number(task.tid).text(" (");
  printName(out, task);
  out.text(") ").text(stateLetter(task)).space().number(process.parentPid).space().number(process.group.number);
  out.space().number(process.session.number).space();
  printTerminal(out, process);
  out.number(TASK_FLAGS).text(" 0 0 0 0 ");
  out.number(<u64>((wholeProcess ? userTimeOf(process) : task.userNs) / TICK_NS)).space();
  out.number(<u64>((wholeProcess ? systemTimeOf(process) : task.systemNs) / TICK_NS)).space();
  out.number(<u64>(process.childrenUserNs / TICK_NS)).space().number(<u64>(process.childrenSystemNs / TICK_NS)).space();
  out.signed(BASE_PRIORITY + task.nice).space().signed(task.nice).space().number(process.threadCount).text(" 0 ");
  out.number(<u64>(task.startedAtNs / TICK_NS)).space();
  out.number(isAlive ? task.space.totalPages << 12 : 0).space().number(isAlive ? task.space.residentPages : 0).space();
  out.number(process.limit(RLIMIT_RSS)).space();
  printAddresses(out, task, isAlive);
  printSignals(out, task, isAlive);
  out.text("0 0 0 ").signed(isAlive ? process.exitSignal : process.exitSignal).text(" 0 0 0 0 0 0 ");
  printDataAddresses(out, task, isAlive);
  out.number(<u64>process.exitStatus).newline();
}

/** tty_nr tpgid */
function printTerminal(out: TextWriter, process: Process): void {
  const tty = process.terminal;
  if (tty == null) {
    out.text("0 -1 ");
    return;
  }
  const foreground = tty.foreground;
  out.number(tty.device).space().number(foreground == null ? 0 : (foreground as Pid).number).space();
}

/** startcode endcode startstack kstkesp kstkeip */
function printAddresses(out: TextWriter, task: Task, isAlive: bool): void {
  out.number(isAlive ? task.space.codeStart : 0).space().number(isAlive ? task.space.codeEnd : 0).space();
  out.number(isAlive ? task.space.stackStart : 0).text(" 0 0 ");
}

/** signal blocked sigignore sigcatch: the first 31 signals, in decimal. */
function printSignals(out: TextWriter, task: Task, isAlive: bool): void {
  out.number(task.pending.set & 0x7fffffff).space().number(task.blocked & 0x7fffffff).space();
  out.number(isAlive ? task.handlers.ignored & 0x7fffffff : 0).space();
  out.number(isAlive ? task.handlers.handled & 0x7fffffff : 0).space();
}

/** start_data end_data start_brk arg_start arg_end env_start env_end */
function printDataAddresses(out: TextWriter, task: Task, isAlive: bool): void {
  if (!isAlive) {
    out.text("0 0 0 0 0 0 0 ");
    return;
  }
  const space = task.space;
  out.text("0 0 ").number(space.breakStart).space().number(space.argumentsStart).space().number(space.argumentsEnd).space();
  out.number(space.environmentStart).space().number(space.environmentEnd).space();
}

/** size resident shared text lib data dt, in pages. */
function printStatm(out: TextWriter, task: Task): void {
  if (task.state == DEAD) {
    out.text("0 0 0 0 0 0 0\n");
    return;
  }
  const space = task.space;
  const text = (space.codeEnd - space.codeStart + 4095) >> 12;
  out.number(space.totalPages).space().number(space.residentPages).text(" 0 ").number(text).text(" 0 ");
  out.number(space.totalPages - min(text, space.totalPages)).text(" 0\n");
}

function printStatus(out: TextWriter, task: Task): void {
  const process = task.process;
  const who = task.credentials;
  out.text("Name:\t");
  printName(out, task);
  if (task.state != DEAD) out.text("\nUmask:\t").octal(task.fs.umask, 4);
  out.text("\nState:\t").text(stateName(task)).text("\nTgid:\t").number(process.pid).text("\nNgid:\t0\nPid:\t").number(task.tid);
  out.text("\nPPid:\t").number(process.parentPid).text("\nTracerPid:\t0\n");
  printIds(out, "Uid:\t", who.uid, who.euid, who.suid, who.fsuid);
  printIds(out, "Gid:\t", who.gid, who.egid, who.sgid, who.fsgid);
  out.text("FDSize:\t").number(task.state == DEAD ? 0 : fdSize(task.files.highest()));
  printGroups(out, who);
  out.text("\nNStgid:\t").number(process.pid).text("\nNSpid:\t").number(task.tid);
  out.text("\nNSpgid:\t").number(process.group.number).text("\nNSsid:\t").number(process.session.number).text("\nKthread:\t0\n");
  if (task.state != DEAD) printMemory(out, task);
  out.text("Threads:\t").number(process.threadCount);
  out.text("\nSigQ:\t").number(<u64>(task.pending.count + process.pending.count)).byte(0x2f).number(process.limit(RLIMIT_SIGPENDING));
  printMask(out, "\nSigPnd:\t", task.pending.set);
  printMask(out, "ShdPnd:\t", process.pending.set);
  printMask(out, "SigBlk:\t", task.blocked);
  printMask(out, "SigIgn:\t", task.state == DEAD ? 0 : task.handlers.ignored);
  printMask(out, "SigCgt:\t", task.state == DEAD ? 0 : task.handlers.handled);
  printMask(out, "CapInh:\t", who.inheritable);
  printMask(out, "CapPrm:\t", who.permitted);
  printMask(out, "CapEff:\t", who.effective);
  printMask(out, "CapBnd:\t", who.bounding);
  printMask(out, "CapAmb:\t", who.ambient);
  out.text("NoNewPrivs:\t").number(task.noNewPrivileges ? 1 : 0).text("\nSeccomp:\t0\nSeccomp_filters:\t0\n");
  out.text("Cpus_allowed:\t1\nCpus_allowed_list:\t0\nMems_allowed:\t1\nMems_allowed_list:\t0\n");
  out.text("voluntary_ctxt_switches:\t0\nnonvoluntary_ctxt_switches:\t0\n");
}

function printIds(out: TextWriter, label: string, real: u32, effective: u32, saved: u32, fs: u32): void {
  out.text(label).number(real).byte(0x09).number(effective).byte(0x09).number(saved).byte(0x09).number(fs).newline();
}

function printGroups(out: TextWriter, who: Credentials): void {
  out.text("\nGroups:\t");
  const groups = who.groups;
  for (let i = 0; groups != null && i < groups.count; i++) out.number(groups.get(i)).space();
  if (groups == null) out.space();
}

/** Linux grows the descriptor table in powers of two, from 64 on. */
function fdSize(highest: i32): u64 {
  let size: u64 = 64;
  while (<i64>size <= highest) size <<= 1;
  return size;
}

function printMemory(out: TextWriter, task: Task): void {
  const space = task.space;
  const total = space.totalPages << 2;
  const resident = space.residentPages << 2;
  const stack = space.areaAt(space.stackStart);
  kilobytes(out, "VmPeak:\t", total);
  kilobytes(out, "VmSize:\t", total);
  kilobytes(out, "VmLck:\t", 0);
  kilobytes(out, "VmPin:\t", 0);
  kilobytes(out, "VmHWM:\t", resident);
  kilobytes(out, "VmRSS:\t", resident);
  kilobytes(out, "VmData:\t", dataPages(space) << 2);
  kilobytes(out, "VmStk:\t", stack == null ? 0 : stack.pages << 2);
  kilobytes(out, "VmExe:\t", (space.codeEnd - space.codeStart + 1023) >> 10);
  kilobytes(out, "VmSwap:\t", 0);
}

/** Pages that only this process can write, its stack apart. */
function dataPages(space: AddressSpace): u64 {
  let pages: u64 = 0;
  let area = space.firstArea;
  while (area != null) {
    if ((area.protection & PROT_WRITE) != 0 && (area.flags & (MAP_SHARED | MAP_GROWSDOWN)) == 0) pages += area.pages;
    area = area.next;
  }
  return pages;
}

function kilobytes(out: TextWriter, label: string, value: u64): void {
  out.text(label).padded(value, 8).text(" kB\n");
}

function printMask(out: TextWriter, label: string, mask: u64): void {
  out.text(label).hex(mask, 16).newline();
}
