// SPDX-License-Identifier: MIT
// mount(2) and umount2(2), as far as one mount namespace without further file systems goes: bind mounts, and remounting to change
// flags. Changes of propagation have nothing to act on and succeed.

import { EBUSY, EINVAL, ENODEV, ENOMEM, ENOSPC, ENOTDIR, EPERM } from "../abi/errno.ts";
import { AT_FDCWD } from "../abi/fcntl.ts";
import { CAP_SYS_ADMIN } from "../abi/prctl.ts";
import { MS_BIND, MS_REMOUNT } from "../abi/stat.ts";
import { attachMount, detachMount, detachTree, hasSubmounts, mayMountMore, MOUNT_FLAGS } from "../fs/mount.ts";
import { FOLLOW, walk, walk2 } from "../fs/walk.ts";
import { Outcome } from "../lib/outcome.ts";
import { admit } from "../memory/heap.ts";
import { Task } from "../process/task.ts";
import { walkUserPath } from "../process/user-path.ts";

const MS_REC: u32 = 1 << 14;
/** MS_UNBINDABLE, MS_PRIVATE, MS_SLAVE, MS_SHARED. */
const PROPAGATION: u32 = 15 << 17;
const MAGIC: u32 = 0xc0ed0000;
const MAGIC_MASK: u32 = 0xffff0000;

const MNT_FORCE = 1;
const MNT_DETACH = 2;
const MNT_EXPIRE = 4;
const UMOUNT_NOFOLLOW = 8;
/** References to a mount that nobody uses: the list's, and the walk's that found it. */
const UNUSED_REFS = 2;

export function sysMount(self: Task): Outcome {
  let flags = <u32>self.arg(3);
  if ((flags & MAGIC_MASK) == MAGIC) flags &= ~MAGIC_MASK;
  if (!admit()) return -ENOMEM;
  let outcome = walkUserPath(self, walk, AT_FDCWD, self.arg(1), FOLLOW);
  if (outcome == 0 && walk.file != null) outcome = -EINVAL;
  if (outcome == 0) outcome = self.credentials.has(CAP_SYS_ADMIN) ? mountAtWalk(self, flags) : -EPERM;
  walk.reset();
  walk2.reset();
  return outcome;
}

function mountAtWalk(self: Task, flags: u32): Outcome {
  if ((flags & MS_REMOUNT) != 0) return remount(flags);
  if ((flags & MS_BIND) != 0) return bind(self);
  if ((flags & PROPAGATION) != 0) return 0;
  return self.arg(2) == 0 ? -EINVAL : -ENODEV;
}

function remount(flags: u32): Outcome {
  const mount = walk.mount!;
  if (walk.dentry != mount.root) return -EINVAL;
  mount.flags = flags & MOUNT_FLAGS;
  return 0;
}

/** The new mount has the flags of the one that the source is seen through; MS_REMOUNT changes them (mount(2)). */
function bind(self: Task): Outcome {
  if (self.arg(0) == 0) return -EINVAL;
  const outcome = walkUserPath(self, walk2, AT_FDCWD, self.arg(0), FOLLOW);
  if (outcome != 0) return outcome;
  if (walk2.file != null || !walk2.mount!.isAttached) return -EINVAL;
  if (walk2.inode.isDirectory != walk.inode.isDirectory) return -ENOTDIR;
  if (!mayMountMore()) return -ENOSPC;
  attachMount(walk2.dentry!, walk.mount, walk.dentry, walk2.mount!.flags);
  return 0;
}

export function sysUmount2(self: Task): Outcome {
  const flags = <u32>self.arg(1);
  if ((flags & ~(MNT_FORCE | MNT_DETACH | MNT_EXPIRE | UMOUNT_NOFOLLOW)) != 0) return -EINVAL;
  if ((flags & MNT_EXPIRE) != 0) return -EINVAL;
  let outcome = walkUserPath(self, walk, AT_FDCWD, self.arg(0), (flags & UMOUNT_NOFOLLOW) != 0 ? 0 : FOLLOW);
  if (outcome == 0) outcome = unmount(self, (flags & MNT_DETACH) != 0);
  walk.reset();
  return outcome;
}

function unmount(self: Task, isLazy: bool): Outcome {
  const mount = walk.mount;
  if (mount == null || walk.dentry != mount.root || mount.parent == null || !mount.isAttached) return -EINVAL;
  if (!self.credentials.has(CAP_SYS_ADMIN)) return -EPERM;
  if (isLazy) {
    detachTree(mount);
    return 0;
  }
  if (hasSubmounts(mount) || mount.refs > UNUSED_REFS) return -EBUSY;
  detachMount(mount);
  return 0;
}
