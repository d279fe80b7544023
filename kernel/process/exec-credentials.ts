// SPDX-License-Identifier: MIT
// Credentials of a new program (execve(2), capabilities(7) "Transformation of capabilities during execve()"): set-user-ID and
// set-group-ID modes, root's capabilities. There are no file capabilities.

import { SECBIT_KEEP_CAPS, SECBIT_NOROOT } from "../abi/prctl.ts";
import { S_ISGID, S_ISUID, S_IXGRP } from "../abi/stat.ts";
import { File } from "../file/file.ts";
import { Credentials } from "../fs/credentials.ts";
import { inodeOf, isOnNosuidMount } from "../fs/file-access.ts";
import { Task } from "./task.ts";

/** Whether the program that the last execCredentials was for must be careful (AT_SECURE, getauxval(3)). */
export let isSecure: bool = false;

/** A new credential object for executing `file`; exec always replaces the old one. */
export function execCredentials(self: Task, file: File): Credentials {
  const old = self.credentials;
  const to = old.copy();
  const inode = inodeOf(file)!;
  const mode = inode.mode;
  if (!self.noNewPrivileges && !isOnNosuidMount(file)) {
    if ((mode & S_ISUID) != 0) to.euid = inode.uid;
    if ((mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP)) to.egid = inode.gid;
  }
  const isChanged = to.euid != old.uid || to.egid != old.gid;
  if (isChanged) to.ambient = 0;
  transformCapabilities(to);
  to.suid = to.euid;
  to.fsuid = to.euid;
  to.sgid = to.egid;
  to.fsgid = to.egid;
  to.securebits &= ~(<u32>SECBIT_KEEP_CAPS);
  isSecure = isChanged || (to.uid != 0 && (to.effective & ~to.ambient) != 0);
  return to;
}

function transformCapabilities(to: Credentials): void {
  const isRoot = (to.securebits & SECBIT_NOROOT) == 0 && (to.euid == 0 || to.uid == 0);
  if (isRoot) {
    to.permitted = to.bounding | to.inheritable;
    to.effective = to.euid == 0 ? to.permitted : to.ambient;
    return;
  }
  to.permitted = to.ambient;
  to.effective = to.ambient;
}
