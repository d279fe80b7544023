// SPDX-License-Identifier: MIT
// The directory that the path of an *at() call is relative to (openat(2), "The rationale for openat()").

import { EBADF, ENOTDIR } from "../abi/errno.ts";
import { AT_FDCWD } from "../abi/fcntl.ts";
import { FdTable } from "../file/fd-table.ts";
import { Outcome } from "../lib/outcome.ts";
import { pathOf } from "./file-access.ts";
import { Path } from "./path.ts";

const SLASH: u8 = 0x2f;

/** Why the last baseOf() gave null: 0 means the working directory (or an absolute path), else -errno. */
export let baseError: Outcome = 0;

/** The place a descriptor stands for (borrowed), for a path in kernel memory; an absolute path does not look at it. */
export function baseOf(files: FdTable, fd: i32, path: usize): Path | null {
  baseError = 0;
  if (fd == AT_FDCWD || load<u8>(path) == SLASH) return null;
  const file = files.get(fd);
  if (file == null) {
    baseError = -EBADF;
    return null;
  }
  const base = pathOf(file);
  if (base == null) baseError = -ENOTDIR;
  return base;
}
