// SPDX-License-Identifier: MIT
// User and group ids (credentials(7)). Each call here that succeeds replaces the credential object, but for setresuid, setresgid,
// setfsuid and setfsgid that change nothing: templates tell the difference. Ids of 0xffffffff mean "leave it".

import { EFAULT, EINVAL, ENOMEM, EPERM } from "../abi/errno.ts";
import { CAP_SETGID, CAP_SETUID } from "../abi/prctl.ts";
import { Credentials, GroupList } from "../fs/credentials.ts";
import { NGROUPS_MAX } from "../lib/limits.ts";
import { Outcome } from "../lib/outcome.ts";
import { admit, allocBytes, freeBytes } from "../memory/heap.ts";
import { copyIn, writeUser } from "../memory/user.ts";
import { adjustCapabilities, adjustFileCapabilities } from "../process/capability-rules.ts";
import { Task } from "../process/task.ts";

const KEEP: u32 = 0xffffffff;

export function sysSetuid(self: Task): Outcome {
  const uid = <u32>self.arg(0);
  if (uid == KEEP) return -EINVAL;
  if (!admit()) return -ENOMEM;
  const old = self.credentials;
  const isPrivileged = old.has(CAP_SETUID);
  if (!isPrivileged && uid != old.uid && uid != old.suid) return -EPERM;
  const to = old.copy();
  if (isPrivileged) {
    to.uid = uid;
    to.suid = uid;
  }
  to.euid = uid;
  return commitUsers(self, to);
}

export function sysSetgid(self: Task): Outcome {
  const gid = <u32>self.arg(0);
  if (gid == KEEP) return -EINVAL;
  if (!admit()) return -ENOMEM;
  const old = self.credentials;
  const isPrivileged = old.has(CAP_SETGID);
  if (!isPrivileged && gid != old.gid && gid != old.sgid) return -EPERM;
  const to = old.copy();
  if (isPrivileged) {
    to.gid = gid;
    to.sgid = gid;
  }
  to.egid = gid;
  return commitGroups(self, to);
}

export function sysSetreuid(self: Task): Outcome {
  const real = <u32>self.arg(0);
  const effective = <u32>self.arg(1);
  if (!admit()) return -ENOMEM;
  const old = self.credentials;
  if (!old.has(CAP_SETUID)) {
    if (real != KEEP && real != old.uid && real != old.euid) return -EPERM;
    if (effective != KEEP && effective != old.uid && effective != old.euid && effective != old.suid) return -EPERM;
  }
  const to = old.copy();
  if (real != KEEP) to.uid = real;
  if (effective != KEEP) to.euid = effective;
  if (real != KEEP || (effective != KEEP && effective != old.uid)) to.suid = to.euid;
  return commitUsers(self, to);
}

export function sysSetregid(self: Task): Outcome {
  const real = <u32>self.arg(0);
  const effective = <u32>self.arg(1);
  if (!admit()) return -ENOMEM;
  const old = self.credentials;
  if (!old.has(CAP_SETGID)) {
    if (real != KEEP && real != old.gid && real != old.egid) return -EPERM;
    if (effective != KEEP && effective != old.gid && effective != old.egid && effective != old.sgid) return -EPERM;
  }
  const to = old.copy();
  if (real != KEEP) to.gid = real;
  if (effective != KEEP) to.egid = effective;
  if (real != KEEP || (effective != KEEP && effective != old.gid)) to.sgid = to.egid;
  return commitGroups(self, to);
}

export function sysSetresuid(self: Task): Outcome {
  const old = self.credentials;
  const real = orOld(self.arg(0), old.uid);
  const effective = orOld(self.arg(1), old.euid);
  const saved = orOld(self.arg(2), old.suid);
  if (real == old.uid && effective == old.euid && saved == old.suid && (<u32>self.arg(1) == KEEP || effective == old.fsuid)) return 0;
  if (!old.has(CAP_SETUID) && !(isOwnUser(old, real) && isOwnUser(old, effective) && isOwnUser(old, saved))) return -EPERM;
  if (!admit()) return -ENOMEM;
  const to = old.copy();
  to.uid = real;
  to.euid = effective;
  to.suid = saved;
  return commitUsers(self, to);
}

export function sysSetresgid(self: Task): Outcome {
  const old = self.credentials;
  const real = orOld(self.arg(0), old.gid);
  const effective = orOld(self.arg(1), old.egid);
  const saved = orOld(self.arg(2), old.sgid);
  if (real == old.gid && effective == old.egid && saved == old.sgid && (<u32>self.arg(1) == KEEP || effective == old.fsgid)) return 0;
  if (!old.has(CAP_SETGID) && !(isOwnGroup(old, real) && isOwnGroup(old, effective) && isOwnGroup(old, saved))) return -EPERM;
  if (!admit()) return -ENOMEM;
  const to = old.copy();
  to.gid = real;
  to.egid = effective;
  to.sgid = saved;
  return commitGroups(self, to);
}

export function sysGetresuid(self: Task): Outcome {
  const own = self.credentials;
  return writeThree(self, own.uid, own.euid, own.suid);
}

export function sysGetresgid(self: Task): Outcome {
  const own = self.credentials;
  return writeThree(self, own.gid, own.egid, own.sgid);
}

/** setfsuid(2): the previous id, whether it could be changed or not. */
export function sysSetfsuid(self: Task): Outcome {
  const old = self.credentials;
  const before = old.fsuid;
  const uid = <u32>self.arg(0);
  const isAllowed = old.has(CAP_SETUID) || uid == before || isOwnUser(old, uid);
  if (uid == KEEP || uid == before || !isAllowed || !admit()) return before;
  const to = old.copy();
  to.fsuid = uid;
  adjustFileCapabilities(old, to);
  self.commitCredentials(to);
  return before;
}

/** setfsgid(2): the previous id, whether it could be changed or not. */
export function sysSetfsgid(self: Task): Outcome {
  const old = self.credentials;
  const before = old.fsgid;
  const gid = <u32>self.arg(0);
  const isAllowed = old.has(CAP_SETGID) || gid == before || isOwnGroup(old, gid);
  if (gid == KEEP || gid == before || !isAllowed || !admit()) return before;
  const to = old.copy();
  to.fsgid = gid;
  self.commitCredentials(to);
  return before;
}

/** getgroups(size, list): sorted, as Linux keeps them. */
export function sysGetgroups(self: Task): Outcome {
  const size = self.argInt(0);
  if (size < 0) return -EINVAL;
  const groups = self.credentials.groups;
  const count = groups == null ? 0 : groups.count;
  if (size == 0 || groups == null) return count;
  if (size < count) return -EINVAL;
  for (let i = 0; i < count; i++) {
    if (!writeUser<u32>(self.space, self.arg(1) + (<u64>i << 2), groups.get(i))) return -EFAULT;
  }
  return count;
}

/** setgroups(size, list) */
export function sysSetgroups(self: Task): Outcome {
  const count = self.argInt(0);
  if (!self.credentials.has(CAP_SETGID)) return -EPERM;
  if (count < 0 || count > NGROUPS_MAX) return -EINVAL;
  if (!admit()) return -ENOMEM;
  let groups: GroupList | null = null;
  if (count > 0) {
    const size = <usize>count << 2;
    const entries = allocBytes(size);
    if (copyIn(self.space, entries, self.arg(1), size) != size) {
      freeBytes(entries);
      return -EFAULT;
    }
    sort(entries, count);
    groups = new GroupList(entries, count);
  }
  const to = self.credentials.copy();
  const old = to.groups;
  to.groups = groups;
  if (old != null) old.release();
  self.commitCredentials(to);
  return 0;
}

/** The file system ids follow the effective ones, and capabilities follow root's ids (capabilities(7)). */
function commitUsers(self: Task, to: Credentials): Outcome {
  to.fsuid = to.euid;
  adjustCapabilities(self.credentials, to);
  return commit(self, to);
}

function commitGroups(self: Task, to: Credentials): Outcome {
  to.fsgid = to.egid;
  return commit(self, to);
}

function commit(self: Task, to: Credentials): Outcome {
  const old = self.credentials;
  // Who changed who it is must not be inspected by its former equals (prctl(2), PR_SET_DUMPABLE).
  if (to.euid != old.euid || to.egid != old.egid || to.fsuid != old.fsuid || to.fsgid != old.fsgid) {
    self.process.isDumpable = false;
    self.parentDeathSignal = 0;
  }
  self.commitCredentials(to);
  return 0;
}

function orOld(id: u64, old: u32): u32 {
  return <u32>id == KEEP ? old : <u32>id;
}

function isOwnUser(own: Credentials, uid: u32): bool {
  return uid == own.uid || uid == own.euid || uid == own.suid;
}

function isOwnGroup(own: Credentials, gid: u32): bool {
  return gid == own.gid || gid == own.egid || gid == own.sgid;
}

function writeThree(self: Task, first: u32, second: u32, third: u32): Outcome {
  const isWritten = writeUser<u32>(self.space, self.arg(0), first) && writeUser<u32>(self.space, self.arg(1), second) &&
    writeUser<u32>(self.space, self.arg(2), third);
  return isWritten ? 0 : <i64>-EFAULT;
}

/** Insertion sort: the lists are short and mostly sorted. */
function sort(entries: usize, count: i32): void {
  for (let i = 1; i < count; i++) {
    const value = load<u32>(entries + (<usize>i << 2));
    let at = i;
    for (; at > 0 && load<u32>(entries + (<usize>(at - 1) << 2)) > value; at--) {
      store<u32>(entries + (<usize>at << 2), load<u32>(entries + (<usize>(at - 1) << 2)));
    }
    store<u32>(entries + (<usize>at << 2), value);
  }
}
