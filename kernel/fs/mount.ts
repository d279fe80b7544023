// SPDX-License-Identifier: MIT
// The mount tree: which file system (or which part of one) shows at which directory, with what restrictions (mount(2)). There is
// one mount namespace, and mounts are few: they are one list, in the order they were made. The list owns each mount.

import { MS_NOATIME, MS_NODEV, MS_NOEXEC, MS_NOSUID, MS_RDONLY } from "../abi/stat.ts";
import { MAX_MOUNTS } from "../lib/limits.ts";
import { RefCounted } from "../memory/ref-counted.ts";
import { Dentry } from "./dentry.ts";

/** What can be said of a mount: the flags that remounting changes. */
export const MOUNT_FLAGS: u32 = MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_NOATIME;

let first: Mount | null = null;
let last: Mount | null = null;
let lastId: i32 = 0;
let attached: i32 = 0;

export class Mount extends RefCounted {
  id: i32 = ++lastId;
  next: Mount | null = null;
  /** False after umount2(2); paths may still hold it. */
  isAttached: bool = true;

  /** Takes its own references. `parent` and `mountpoint` are null for the root mount and for mounts that nobody can walk into. */
  constructor(
    public root: Dentry,
    public parent: Mount | null,
    public mountpoint: Dentry | null,
    public flags: u32,
  ) {
    super();
    root.retain();
    if (parent != null) parent.retain();
    if (mountpoint != null) {
      mountpoint.retain();
      mountpoint.mounts++;
    }
  }

  has(flag: u32): bool {
    return (this.flags & flag) != 0;
  }

  get isReadOnly(): bool {
    return this.has(MS_RDONLY);
  }

  destroy(): void {
    this.root.release();
    this.leaveParent();
  }

  /** Lets go of where it was mounted. */
  leaveParent(): void {
    const parent = this.parent;
    const mountpoint = this.mountpoint;
    this.parent = null;
    this.mountpoint = null;
    if (mountpoint != null) {
      mountpoint.mounts--;
      mountpoint.release();
    }
    if (parent != null) parent.release();
  }
}

/** Whether there can be another mount; false is ENOSPC. */
export function mayMountMore(): bool {
  return attached < MAX_MOUNTS;
}

/** Shows the tree below `root` at `mountpoint` of `parent`. Needs an admit(). */
export function attachMount(root: Dentry, parent: Mount | null, mountpoint: Dentry | null, flags: u32): Mount {
  const mount = new Mount(root, parent, mountpoint, flags);
  if (last != null) last!.next = mount;
  else first = mount;
  last = mount;
  attached++;
  return mount;
}

/** Takes a mount out of the tree; it lives on for those who still hold it. */
export function detachMount(mount: Mount): void {
  let previous: Mount | null = null;
  let at = first;
  while (at != null && at != mount) {
    previous = at;
    at = at.next;
  }
  assert(at != null, "a mount that is not in the list");
  if (previous != null) previous.next = mount.next;
  else first = mount.next;
  if (last == mount) last = previous;
  attached--;
  mount.next = null;
  mount.isAttached = false;
  mount.leaveParent();
  mount.release();
}

/** Takes a mount and everything mounted inside it out of the tree, the newest first. */
export function detachTree(mount: Mount): void {
  let inner = lastInside(mount);
  while (inner != null) {
    detachMount(inner);
    inner = lastInside(mount);
  }
  detachMount(mount);
}

/** The newest mount that lies somewhere inside `mount`, or null. */
function lastInside(mount: Mount): Mount | null {
  let found: Mount | null = null;
  let at = first;
  while (at != null) {
    let above = at.parent;
    while (above != null && above != mount) above = above.parent;
    if (above != null) found = at;
    at = at.next;
  }
  return found;
}

/** The mount that covers a directory (borrowed), or null. The newest wins. */
export function mountAt(parent: Mount, mountpoint: Dentry): Mount | null {
  let found: Mount | null = null;
  if (mountpoint.mounts == 0) return found;
  let at = first;
  while (at != null) {
    if (at.parent == parent && at.mountpoint == mountpoint) found = at;
    at = at.next;
  }
  return found;
}

/** Whether something is mounted inside `mount`. */
export function hasSubmounts(mount: Mount): bool {
  let at = first;
  while (at != null && at.parent != mount) at = at.next;
  return at != null;
}

export function firstMount(): Mount | null {
  return first;
}
