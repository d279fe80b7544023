// SPDX-License-Identifier: MIT
// What a change of user ids does to capabilities (capabilities(7), "Effect of user ID changes on capabilities").

import {
  CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, CAP_FOWNER, CAP_FSETID, CAP_LINUX_IMMUTABLE, CAP_MAC_OVERRIDE, CAP_MKNOD,
  SECBIT_KEEP_CAPS, SECBIT_NO_SETUID_FIXUP,
} from "../abi/prctl.ts";
import { Credentials } from "../fs/credentials.ts";

/** The capabilities that belong to the file system user id. */
const FILE_CAPABILITIES: u64 = (1 << CAP_CHOWN) | (1 << CAP_DAC_OVERRIDE) | (1 << CAP_DAC_READ_SEARCH) | (1 << CAP_FOWNER) |
  (1 << CAP_FSETID) | (1 << CAP_LINUX_IMMUTABLE) | (1 << CAP_MKNOD) | (<u64>1 << CAP_MAC_OVERRIDE);

/** After setuid, setreuid or setresuid. */
export function adjustCapabilities(old: Credentials, to: Credentials): void {
  if ((to.securebits & SECBIT_NO_SETUID_FIXUP) != 0) return;
  const wasRoot = old.uid == 0 || old.euid == 0 || old.suid == 0;
  const isRoot = to.uid == 0 || to.euid == 0 || to.suid == 0;
  if (wasRoot && !isRoot) {
    if ((to.securebits & SECBIT_KEEP_CAPS) == 0) {
      to.permitted = 0;
      to.effective = 0;
    }
    to.ambient = 0;
  }
  if (old.euid == 0 && to.euid != 0) to.effective = 0;
  else if (old.euid != 0 && to.euid == 0) to.effective = to.permitted;
}

/** After setfsuid. */
export function adjustFileCapabilities(old: Credentials, to: Credentials): void {
  if ((to.securebits & SECBIT_NO_SETUID_FIXUP) != 0) return;
  if (old.fsuid == 0 && to.fsuid != 0) to.effective &= ~FILE_CAPABILITIES;
  else if (old.fsuid != 0 && to.fsuid == 0) to.effective |= to.permitted & FILE_CAPABILITIES;
}
