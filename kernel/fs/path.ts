// SPDX-License-Identifier: MIT
// A place in the tree: a dentry, seen through a mount. What a path string leads to, and what an open file remembers. Printing one
// as a path is here; reading one is walk.ts.

import { ENAMETOOLONG } from "../abi/errno.ts";
import { Place } from "../file/file.ts";
import { PATH_MAX } from "../lib/limits.ts";
import { Dentry } from "./dentry.ts";
import { Inode } from "./inode.ts";
import { Mount } from "./mount.ts";

const SLASH: u8 = 0x2f;

export class Path extends Place {
  mount: Mount;
  dentry: Dentry;

  /** Takes its own references. Needs an admit(). */
  constructor(mount: Mount, dentry: Dentry) {
    super();
    mount.retain();
    dentry.retain();
    this.mount = mount;
    this.dentry = dentry;
  }

  get inode(): Inode {
    return this.dentry.inode;
  }

  is(other: Path): bool {
    return this.dentry == other.dentry && this.mount == other.mount;
  }

  destroy(): void {
    this.dentry.release();
    this.mount.release();
  }
}

/** Whether the last formatPath() ended at `root`, not outside of it (after chroot(2) or a lazy umount2(2)). */
export let wasReachable: bool = true;

/**
 * Writes a place as an absolute path as seen from `root`, without NUL, at most `max` (<= PATH_MAX) bytes, with " (deleted)" if its
 * name is gone (as readlink of /proc/self/exe). The length, or -ENAMETOOLONG.
 */
export function formatPath(path: Path, root: Path, out: usize, max: usize): i32 {
  const length = formatName(path, root, out, max);
  if (length < 0 || !path.dentry.isDeleted) return length;
  if (<usize>length + 10 > max) return -ENAMETOOLONG;
  for (let i = 0; i < 10; i++) store<u8>(out + <usize>(length + i), <u8>DELETED.charCodeAt(i));
  return length + 10;
}

/** As formatPath, without the mark of a deleted name. */
export function formatName(path: Path, root: Path, out: usize, max: usize): i32 {
  const end = SCRATCH + PATH_MAX;
  let at = end;
  let mount = path.mount;
  let dentry = path.dentry;
  wasReachable = true;
  while (dentry != root.dentry || mount != root.mount) {
    if (dentry == mount.root) {
      const parent = mount.parent;
      const mountpoint = mount.mountpoint;
      if (parent == null || mountpoint == null) {
        wasReachable = false;
        break;
      }
      mount = parent;
      dentry = mountpoint;
      continue;
    }
    const above = dentry.parent;
    at = prepend(at, dentry);
    if (at == 0) return -ENAMETOOLONG;
    // A file that never had a place in the tree (memfd_create(2)).
    if (above == null) {
      wasReachable = false;
      break;
    }
    dentry = above;
  }
  if (at == end) store<u8>(--at, SLASH);
  if (end - at > max) return -ENAMETOOLONG;
  memory.copy(out, at, end - at);
  return <i32>(end - at);
}

/** Puts "/name" in front of `at`; 0 when there is no room. */
function prepend(at: usize, dentry: Dentry): usize {
  const length = <usize>dentry.length;
  if (at - SCRATCH < length + 1) return 0;
  // Names are short, and this is on every spawn's way: bytes, not a bulk copy.
  for (let i = length; i > 0; i--) store<u8>(--at, load<u8>(dentry.name + i - 1));
  store<u8>(--at, SLASH);
  return at;
}

const DELETED = " (deleted)";
const SCRATCH = memory.data(4096);
