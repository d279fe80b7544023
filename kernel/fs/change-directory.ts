// SPDX-License-Identifier: MIT
// Moving a process's working or root directory: chdir(2), fchdir(2), chroot(2) once the place is known.

import { EBADF, ENOTDIR, EPERM } from "../abi/errno.ts";
import { CAP_SYS_CHROOT } from "../abi/prctl.ts";
import { File } from "../file/file.ts";
import { Outcome } from "../lib/outcome.ts";
import { Credentials } from "./credentials.ts";
import { pathOf } from "./file-access.ts";
import { FsContext } from "./fs-context.ts";
import { Path } from "./path.ts";
import { MAY_EXEC, permission } from "./permission.ts";

/** The FCHDIR action of spawn templates: unlike fchdir(2) it takes no O_PATH file. */
export function changeDirectory(context: FsContext, who: Credentials, file: File | null): Outcome {
  if (file == null || file.isPathOnly) return -EBADF;
  return changeToFile(context, who, file);
}

/** fchdir(2). */
export function changeToFile(context: FsContext, who: Credentials, file: File): Outcome {
  const path = pathOf(file);
  return path == null ? -ENOTDIR : changeTo(context, who, path);
}

/** chdir(2). */
export function changeTo(context: FsContext, who: Credentials, path: Path): Outcome {
  if (!path.inode.isDirectory) return -ENOTDIR;
  const denied = permission(path.inode, who, MAY_EXEC);
  if (denied == 0) context.setCwd(path);
  return denied;
}

/** chroot(2): the working directory stays where it is. */
export function changeRoot(context: FsContext, who: Credentials, path: Path): Outcome {
  if (!path.inode.isDirectory) return -ENOTDIR;
  const denied = permission(path.inode, who, MAY_EXEC);
  if (denied != 0) return denied;
  if (!who.has(CAP_SYS_CHROOT)) return -EPERM;
  context.setRoot(path);
  return 0;
}
