// SPDX-License-Identifier: MIT
// Counts every reference to every frame anew: takes away the references that objects and page tables explain, looks whether any
// is left or too many went, and gives them back.

import { Pipe, PipeBuffer } from "../file/pipe.ts";
import { Chunk } from "../file/unix-message.ts";
import { DirectoryInode } from "../fs/directory.ts";
import { LONG_TARGET, SymlinkInode } from "../fs/special.ts";
import { AddressSpace } from "../memory/address-space.ts";
import { areZeroedFramesClean, changeFrameRefs, forEachReferencedFrame, frameRefs, framesInUse, zeroFrame, ZERO_FRAME_REFS } from "../memory/frames.ts";
import { FrameTree } from "../memory/frame-tree.ts";
import { classOf, forEachObject, forEachSlab } from "../memory/heap.ts";
import { forEachEntry, forEachTable, PTE_FLAGS } from "../memory/page-table.ts";
import { ElfHeaders } from "../process/elf.ts";
import { trampoline } from "../process/trampoline.ts";
import { ActionList } from "../spawn/actions.ts";
import { SpawnTemplate } from "../spawn/template.ts";
import { LineBuffer } from "../tty/line-buffer.ts";
import { wrong } from "./report.ts";

let change: i32 = 0;
let referenced: i32 = 0;

export function checkFrames(): void {
  referenced = 0;
  forEachReferencedFrame(countOne);
  if (referenced != framesInUse()) wrong("frames", "the number in use", framesInUse(), referenced);
  if (!areZeroedFramesClean()) wrong("free frames of zeros", "the cleanness", 0, 1);
  changeExplained(-1);
  forEachReferencedFrame(complain);
  changeExplained(1);
}

function countOne(frame: usize): void {
  referenced++;
}

function complain(frame: usize): void {
  wrong("a frame", "the count of its references beyond the known ones", <i32>frameRefs(frame), 0);
}

function changeExplained(by: i32): void {
  change = by;
  changeFrameRefs(zeroFrame(), by * <i32>ZERO_FRAME_REFS);
  changeOne(trampoline().page(0, false));
  forEachSlab(changeOne);
  forEachObject(changeFramesOf);
}

function changeOne(frame: usize): void {
  if (frame != 0) changeFrameRefs(frame, change);
}

function changeMapped(va: u64, entry: usize): void {
  changeOne(load<u32>(entry) & ~PTE_FLAGS);
}

function changeFramesOf(at: usize): void {
  if (classOf(at) == 0) return;
  const object = changetype<Object>(at);
  if (object instanceof AddressSpace) {
    const root = (object as AddressSpace).root;
    forEachEntry(root, changeMapped);
    forEachTable(root, changeOne);
  } else if (object instanceof FrameTree) {
    (object as FrameTree).forEachFrame(changeOne);
  } else if (object instanceof PipeBuffer) {
    changeOne((object as PipeBuffer).frame);
  } else if (object instanceof Chunk) {
    changeOne((object as Chunk).frame);
  } else if (object instanceof DirectoryInode) {
    changeField(at + offsetof<DirectoryInode>("buckets"));
  } else if (object instanceof SymlinkInode) {
    if (<usize>(object as SymlinkInode).size > LONG_TARGET) changeField(at + offsetof<SymlinkInode>("target"));
  } else if (object instanceof LineBuffer) {
    changeField(at + offsetof<LineBuffer>("frame"));
  } else if (object instanceof ElfHeaders) {
    changeField(at + offsetof<ElfHeaders>("table"));
  } else if (object instanceof ActionList) {
    changeField(at + offsetof<ActionList>("first"));
    changeField(at + offsetof<ActionList>("second"));
  } else if (object instanceof SpawnTemplate) {
    changeField(at + offsetof<SpawnTemplate>("path"));
  }
}

function changeField(field: usize): void {
  changeOne(load<usize>(field));
}
