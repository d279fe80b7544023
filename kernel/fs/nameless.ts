// SPDX-License-Identifier: MIT
// chmod(2) and chown(2) on what lives in no file system: pipes, sockets, anonymous inodes.

import { EPERM } from "../abi/errno.ts";
import { CAP_CHOWN, CAP_FOWNER } from "../abi/prctl.ts";
import { S_IFMT } from "../abi/stat.ts";
import { File } from "../file/file.ts";
import { realtime } from "../lib/clock.ts";
import { Outcome } from "../lib/outcome.ts";
import { UNCHANGED } from "./attributes.ts";
import { Credentials } from "./credentials.ts";

export function changeNamelessMode(file: File, who: Credentials, mode: u32): Outcome {
  const attributes = file.attributes();
  if (attributes == null || (attributes.uid != who.fsuid && !who.has(CAP_FOWNER))) return -EPERM;
  attributes.mode = (attributes.mode & S_IFMT) | (mode & 0o7777);
  attributes.changed = realtime();
  return 0;
}

export function changeNamelessOwner(file: File, who: Credentials, uid: u32, gid: u32): Outcome {
  const attributes = file.attributes();
  if (attributes == null) return -EPERM;
  const owns = attributes.uid == who.fsuid;
  if (!who.has(CAP_CHOWN)) {
    if (uid != UNCHANGED && !(owns && uid == attributes.uid)) return -EPERM;
    if (gid != UNCHANGED && !(owns && (gid == attributes.gid || who.inGroup(gid)))) return -EPERM;
  }
  if (uid != UNCHANGED) attributes.uid = uid;
  if (gid != UNCHANGED) attributes.gid = gid;
  attributes.changed = realtime();
  return 0;
}
