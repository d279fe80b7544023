// SPDX-License-Identifier: MIT
// Files and names: how many open files, templates and cached pages there are, who writes to an inode and who denies that, how
// many names an inode has, and who has a pipe open.

import { File, openFiles } from "../file/file.ts";
import { PipeFile } from "../file/pipe-file.ts";
import { Pipe } from "../file/pipe.ts";
import { inodeOf } from "../fs/file-access.ts";
import { Dentry } from "../fs/dentry.ts";
import { DirectoryInode } from "../fs/directory.ts";
import { denyWrites, Inode } from "../fs/inode.ts";
import { InodeFile } from "../fs/inode-file.ts";
import { RegularInode } from "../fs/regular.ts";
import { AddressSpace } from "../memory/address-space.ts";
import { FrameTree, framesInTrees } from "../memory/frame-tree.ts";
import { classOf, countOf, forEachObject, setCount } from "../memory/heap.ts";
import { SpawnTemplate, templateCount } from "../spawn/template.ts";
import { expectIn, wrong } from "./report.ts";

let files: i32 = 0;
let templates: i32 = 0;
let cached: u64 = 0;
let denials: i32 = 0;

export function checkFiles(): void {
  files = 0;
  templates = 0;
  cached = 0;
  denials = 0;
  forEachObject(count);
  if (files != openFiles()) wrong("open files", "the number", openFiles(), files);
  if (<u64>templates != templateCount()) wrong("templates", "the number", templateCount(), templates);
  if (cached != framesInTrees()) wrong("cached pages", "the number", framesInTrees(), cached);
  forEachObject(forget);
  forEachObject(countWriters);
  forEachObject(compareWriters);
  if (<u64>denials != denyWrites()) wrong("denials of writing", "the number", denyWrites(), denials);
  forEachObject(forget);
  forEachObject(countNames);
  forEachObject(compareNames);
  forEachObject(forget);
  forEachObject(countEnds);
  forEachObject(compareEnds);
}

function forget(object: usize): void {
  setCount(object, 0);
}

function add(object: usize, count: i32): void {
  setCount(object, countOf(object) + count);
}

function count(at: usize): void {
  if (classOf(at) == 0) return;
  const object = changetype<Object>(at);
  if (object instanceof File) files++;
  if (object instanceof SpawnTemplate) templates++;
  if (object instanceof FrameTree) cached += (object as FrameTree).count;
}

/** Writers count up, programs and templates down; both at once there never are. */
function countWriters(at: usize): void {
  if (classOf(at) == 0) return;
  const object = changetype<Object>(at);
  if (object instanceof InodeFile) {
    const file = object as InodeFile;
    if (file.isCountedWriter) add(changetype<usize>(file.inode), 1);
  } else if (object instanceof AddressSpace) {
    const program = (object as AddressSpace).executable;
    if (program != null) deny(program as File);
  } else if (object instanceof SpawnTemplate) {
    deny((object as SpawnTemplate).executable);
  }
}

function deny(file: File): void {
  add(changetype<usize>(inodeOf(file)), -1);
  denials++;
}

function compareWriters(at: usize): void {
  if (classOf(at) == 0) return;
  const object = changetype<Object>(at);
  if (object instanceof Inode) expectIn(at, "its writers (less who denies writing)", load<i32>(at, offsetof<Inode>("writers")), countOf(at));
}

/** A directory's entries, each owned by the one before it. */
function countNames(at: usize): void {
  if (classOf(at) != idof<DirectoryInode>()) return;
  let entries = 0;
  let entry: Dentry | null = changetype<DirectoryInode>(at).firstEntry;
  while (entry != null) {
    entries++;
    if (entry.inode instanceof DirectoryInode) add(at, 1); // its ".."
    else add(changetype<usize>(entry.inode), 1);
    entry = entry.next;
  }
  expectIn(at, "its number of entries", load<i32>(at, offsetof<DirectoryInode>("count")), entries);
}

function compareNames(at: usize): void {
  if (classOf(at) == idof<RegularInode>()) expectIn(at, "its number of links", changetype<Inode>(at).nlink, countOf(at));
  if (classOf(at) != idof<DirectoryInode>() || changetype<Inode>(at).nlink == 0) return;
  expectIn(at, "its number of links", changetype<Inode>(at).nlink, countOf(at) + 2);
}

const READER: i32 = 1;
const WRITER: i32 = 1 << 16;

function countEnds(at: usize): void {
  if (classOf(at) != idof<PipeFile>()) return;
  const file = changetype<PipeFile>(at);
  if (file.isReadable) add(changetype<usize>(file.pipe), READER);
  if (file.isWritable) add(changetype<usize>(file.pipe), WRITER);
}

function compareEnds(at: usize): void {
  if (classOf(at) != idof<Pipe>()) return;
  const pipe = changetype<Pipe>(at);
  expectIn(at, "its number of readers", pipe.readers, countOf(at) % WRITER);
  expectIn(at, "its number of writers", pipe.writers, countOf(at) / WRITER);
}
