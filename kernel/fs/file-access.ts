// SPDX-License-Identifier: MIT
// What exec, the loader and mmap ask of an open file: its inode, its mount, and keeping writers away while it is executed.

import { ETXTBSY } from "../abi/errno.ts";
import { MS_NOEXEC, MS_NOSUID } from "../abi/stat.ts";
import { File } from "../file/file.ts";
import { Outcome } from "../lib/outcome.ts";
import { Inode } from "./inode.ts";
import { Path } from "./path.ts";
import { RegularInode } from "./regular.ts";

/** The place where a file was opened (borrowed), or null if it has none. */
export function pathOf(file: File): Path | null {
  const place = file.place;
  return place == null ? null : (place as Path);
}

/** The inode of a file that was opened at a place (borrowed), or null. */
export function inodeOf(file: File): Inode | null {
  const path = pathOf(file);
  return path == null ? null : path.inode;
}

/** Reads a regular file into kernel memory; how many bytes there were, fewer at its end. */
export function readInode(inode: Inode, offset: i64, to: usize, length: usize): i32 {
  if (offset < 0 || !inode.isRegular || !(inode instanceof RegularInode)) return 0;
  return <i32>(inode as RegularInode).readKernel(offset, to, length);
}

/** Keeps writers away from an open file: 0, or -ETXTBSY while there is one. Every success needs an allowWrite(). */
export function denyWrite(file: File): Outcome {
  const inode = inodeOf(file);
  return inode == null ? -ETXTBSY : inode.denyWrite();
}

export function allowWrite(file: File): void {
  inodeOf(file)!.allowWrite();
}

/** Whether the file lies on a mount from which nothing may be executed. */
export function isOnNoexecMount(file: File): bool {
  const path = pathOf(file);
  return path != null && path.mount.has(MS_NOEXEC);
}

/** Whether set-user-ID bits count where the file lies. */
export function isOnNosuidMount(file: File): bool {
  const path = pathOf(file);
  return path != null && path.mount.has(MS_NOSUID);
}
