// SPDX-License-Identifier: MIT
// What a task is and has, as lines in the transfer buffer for a host that wants to look: a keyword and fields, numbers in decimal, a path
// at the end. Changes nothing that a guest can see, and needs no memory; but paths are put together in scratch memory, which the state hash
// covers. host/core/inspection.ts reads it.

import { File } from "./file/file.ts";
import { NO_DEADLINE } from "./file/wait-queue.ts";
import { inodeOf, pathOf } from "./fs/file-access.ts";
import { formatPath, Path } from "./fs/path.ts";
import { decimal } from "./lib/decimal.ts";
import { PATH_MAX, PID_MAX } from "./lib/limits.ts";
import { BUFFER } from "./lib/tracing.ts";
import { findTask } from "./process/pid.ts";
import { stateLetter } from "./process/proc-text.ts";
import { DEAD, NAME_SIZE, SLEEPING, Task } from "./process/task.ts";
import { SpawnChild } from "./spawn/child.ts";
import { SpawnTemplate } from "./spawn/template.ts";

/** What stands for a byte that would end a line. */
const REPLACEMENT: u8 = 0x3f;
const SPACE: u8 = 0x20;
const NEWLINE: u8 = 0x0a;

// @ts-ignore: decorator
@derived
let at: usize = BUFFER;

/** The task with the lowest tid above `after`, dead ones that wait to be reaped included; the length, 0 if there is none. */
export function inspectTask(after: i32): u32 {
  at = BUFFER;
  let tid = max(after, 0) + 1;
  while (tid < PID_MAX && findTask(tid) == null) tid++;
  const task = findTask(tid);
  if (task == null) return 0;
  writeIdentity(task);
  if (task.state != DEAD) {
    writeWait(task);
    writeContext(task);
    writeSignals(task);
  }
  return length();
}

/** The first open descriptor of a task from `from` on; the length, 0 if there is none. */
export function inspectFile(tid: i32, from: i32): u32 {
  at = BUFFER;
  const task = findTask(tid);
  if (task == null || task.state == DEAD || from < 0) return 0;
  const fd = task.files.next(from);
  if (fd < 0) return 0;
  const file = task.files.get(fd)!;
  begin("fd").number(fd).number(task.files.isCloseOnExec(fd) ? 1 : 0).number(file.flags).number(file.position);
  writeFileName(task, file);
  if (file instanceof SpawnTemplate) writeTemplate(task, file as SpawnTemplate);
  return length();
}

/** task TID PID PPID GROUP SESSION STATE IS-ACTOR, name NAME, ids RUID EUID RGID EGID CREDENTIALS */
function writeIdentity(task: Task): void {
  const process = task.process;
  const who = task.credentials;
  begin("task").number(task.tid).number(process.pid).number(process.parentPid).number(process.group.number).number(process.session.number);
  line.word(stateLetter(task)).number(task.isActor ? 1 : 0).end();
  let size: usize = 0;
  while (size < NAME_SIZE && load<u8>(task.name + size) != 0) size++;
  begin("name").bytes(task.name, size).end();
  begin("ids").number(who.uid).number(who.euid).number(who.gid).number(who.egid).number(changetype<usize>(who)).end();
}

/** What it sleeps in: call NUMBER DEADLINE-NS VFORK-PID (-1 and 0: none), action INDEX of a template's child, sleeps-in PATH */
function writeWait(task: Task): void {
  const work = task.work;
  if (work instanceof SpawnChild) begin("action").number((work as SpawnChild).position).end();
  else if (task.hasCall) {
    begin("call").number(task.call).number(task.deadline == NO_DEADLINE ? -1 : task.deadline).number(task.vforkPid).end();
  }
  const file = task.sleepsIn;
  if (task.state != SLEEPING || file == null) return;
  begin("sleeps-in");
  writeFileName(task, file);
}

function writeContext(task: Task): void {
  begin("umask").number(task.fs.umask).end();
  begin("cwd").path(task.fs.cwd, task.fs.root).end();
}

/** Sets, bit signo - 1. */
function writeSignals(task: Task): void {
  begin("blocked").number(task.blocked).end();
  begin("pending").number(task.pending.set | task.process.pending.set).end();
  begin("ignored").number(task.handlers.ignored).end();
  begin("handled").number(task.handlers.handled).end();
}

/** template INODE SIZE MODE DENIALS IS-UNCHANGED CREDENTIALS PATH */
function writeTemplate(task: Task, template: SpawnTemplate): void {
  const inode = inodeOf(template.executable)!;
  begin("template").number(inode.ino).number(inode.size).number(inode.mode).number(inode.writeDenials);
  line.number(template.isUnchanged ? 1 : 0).number(changetype<usize>(template.credentials));
  writeFileName(task, template.executable);
}

function writeFileName(task: Task, file: File): void {
  const path = pathOf(file);
  if (path != null) {
    line.path(path, task.fs.root).end();
    return;
  }
  store<u8>(at++, SPACE);
  at += file.nameless(at);
  line.end();
}

function length(): u32 {
  return <u32>(at - BUFFER);
}

function begin(keyword: string): Line {
  line.text(keyword);
  return line;
}

class Line {
  text(text: string): void {
    for (let i = 0; i < text.length; i++) store<u8>(at++, <u8>text.charCodeAt(i));
  }

  word(text: string): Line {
    store<u8>(at++, SPACE);
    this.text(text);
    return this;
  }

  number(value: i64): Line {
    store<u8>(at++, SPACE);
    at += decimal(at, <u64>value);
    return this;
  }

  bytes(from: usize, size: usize): Line {
    store<u8>(at++, SPACE);
    memory.copy(at, from, size);
    return this.skip(size);
  }

  path(path: Path, root: Path): Line {
    store<u8>(at++, SPACE);
    const size = formatPath(path, root, at, PATH_MAX - 1);
    return this.skip(<usize>max(size, 0));
  }

  end(): void {
    store<u8>(at++, NEWLINE);
  }

  private skip(size: usize): Line {
    for (let i: usize = 0; i < size; i++) if (load<u8>(at + i) == NEWLINE) store<u8>(at + i, REPLACEMENT);
    at += size;
    return this;
  }
}

const line = new Line();
