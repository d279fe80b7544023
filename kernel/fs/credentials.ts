// SPDX-License-Identifier: MIT
// Who acts: ids and capabilities of a task (credentials(7), capabilities(7)). Immutable once shared: a call that changes
// credentials copies them, changes the copy and commits it, as Linux does. Templates compare the object's identity.

import { NGROUPS_MAX } from "../lib/limits.ts";
import { freeBytes } from "../memory/heap.ts";
import { RefCounted } from "../memory/ref-counted.ts";

/** All capabilities that exist, CAP_CHOWN .. CAP_CHECKPOINT_RESTORE. */
export const CAP_FULL: u64 = (1 << 41) - 1;

export class Credentials extends RefCounted {
  uid: u32 = 0;
  gid: u32 = 0;
  euid: u32 = 0;
  egid: u32 = 0;
  suid: u32 = 0;
  sgid: u32 = 0;
  fsuid: u32 = 0;
  fsgid: u32 = 0;
  effective: u64 = CAP_FULL;
  permitted: u64 = CAP_FULL;
  inheritable: u64 = 0;
  bounding: u64 = CAP_FULL;
  ambient: u64 = 0;
  securebits: u32 = 0;
  /** Supplementary groups, or null for none. */
  groups: GroupList | null = null;

  /** A private copy with one reference. */
  copy(): Credentials {
    const to = new Credentials();
    to.uid = this.uid;
    to.gid = this.gid;
    to.euid = this.euid;
    to.egid = this.egid;
    to.suid = this.suid;
    to.sgid = this.sgid;
    to.fsuid = this.fsuid;
    to.fsgid = this.fsgid;
    to.effective = this.effective;
    to.permitted = this.permitted;
    to.inheritable = this.inheritable;
    to.bounding = this.bounding;
    to.ambient = this.ambient;
    to.securebits = this.securebits;
    const groups = this.groups;
    if (groups != null) groups.retain();
    to.groups = groups;
    return to;
  }

  has(capability: i32): bool {
    return ((this.effective >> <u64>capability) & 1) != 0;
  }

  /** Whether the group is the file system group or a supplementary one. */
  inGroup(gid: u32): bool {
    if (gid == this.fsgid) return true;
    const groups = this.groups;
    return groups != null && groups.contains(gid);
  }

  destroy(): void {
    const groups = this.groups;
    if (groups != null) groups.release();
  }
}

/** Supplementary groups: an immutable shared list. */
export class GroupList extends RefCounted {
  count: i32 = 0;
  private at: usize = 0;

  /** `entries`: address of a slab object of 4 * count bytes that the list now owns, or 0. */
  constructor(entries: usize, count: i32) {
    super();
    this.at = entries;
    this.count = count;
  }

  get(index: i32): u32 {
    return load<u32>(this.at + (<usize>index << 2));
  }

  contains(gid: u32): bool {
    for (let i = 0; i < this.count; i++) if (this.get(i) == gid) return true;
    return false;
  }

  destroy(): void {
    if (this.at != 0) freeBytes(this.at);
  }
}

