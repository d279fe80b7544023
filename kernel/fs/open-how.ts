// SPDX-License-Identifier: MIT
// struct open_how (openat2(2)): what may be asked for when a file is opened. openat2 and the OPEN action of spawn templates check
// every bit; openat ignores what it does not know, as it always has.

import { EAGAIN, EINVAL } from "../abi/errno.ts";
import {
  O_ACCMODE, O_APPEND, O_ASYNC, O_CLOEXEC, O_CREAT, O_DIRECT, O_DIRECTORY, O_DSYNC, O_EXCL, O_LARGEFILE, O_NOATIME, O_NOCTTY,
  O_NOFOLLOW, O_NONBLOCK, O_PATH, O_SYNC, O_TMPFILE, O_TRUNC, RESOLVE_BENEATH, RESOLVE_CACHED, RESOLVE_IN_ROOT,
  RESOLVE_NO_MAGICLINKS, RESOLVE_NO_SYMLINKS, RESOLVE_NO_XDEV,
} from "../abi/fcntl.ts";
import { Outcome } from "../lib/outcome.ts";
import { DIRECTORY, FOLLOW } from "./walk.ts";

/** struct open_how: flags u64, mode u64, resolve u64. */
export const OPEN_HOW_SIZE: usize = 24;

const TMPFILE_BIT = O_TMPFILE & ~O_DIRECTORY;
const VALID_FLAGS: u64 =
  O_ACCMODE |
  O_CREAT |
  O_EXCL |
  O_NOCTTY |
  O_TRUNC |
  O_APPEND |
  O_NONBLOCK |
  O_SYNC |
  O_DSYNC |
  O_ASYNC |
  O_DIRECT |
  O_LARGEFILE |
  O_DIRECTORY |
  O_NOFOLLOW |
  O_NOATIME |
  O_CLOEXEC |
  O_PATH |
  TMPFILE_BIT;
const PATH_FLAGS: u64 = O_DIRECTORY | O_NOFOLLOW | O_PATH | O_CLOEXEC;
const VALID_RESOLVE: u64 =
  RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_SYMLINKS | RESOLVE_BENEATH | RESOLVE_IN_ROOT | RESOLVE_CACHED;
const VALID_MODE: u64 = 0o7777;

export class OpenHow {
  flags: i32 = 0;
  mode: u32 = 0;
  private resolve: u32 = 0;

  /** open(2), openat(2): unknown bits do not matter. 0 or -errno. */
  setPlain(flags: i32, mode: u32): Outcome {
    let known = <u64>(<u32>flags) & VALID_FLAGS;
    if ((known & O_PATH) != 0) known &= PATH_FLAGS;
    const makes = (known & (O_CREAT | TMPFILE_BIT)) != 0;
    return this.set(known, makes ? <u64>mode & VALID_MODE : 0, 0);
  }

  /** A struct open_how in kernel memory, of which every bit counts. 0 or -errno. */
  setFrom(struct: usize): Outcome {
    return this.set(load<u64>(struct), load<u64>(struct, 8), load<u64>(struct, 16));
  }

  private set(flags: u64, mode: u64, resolve: u64): Outcome {
    if ((flags & ~VALID_FLAGS) != 0 || (resolve & ~VALID_RESOLVE) != 0) return -EINVAL;
    if ((resolve & RESOLVE_BENEATH) != 0 && (resolve & RESOLVE_IN_ROOT) != 0) return -EINVAL;
    const makes = (flags & (O_CREAT | TMPFILE_BIT)) != 0;
    if (makes ? (mode & ~VALID_MODE) != 0 : mode != 0) return -EINVAL;
    if ((flags & (O_DIRECTORY | O_CREAT)) == (O_DIRECTORY | O_CREAT)) return -EINVAL;
    if ((flags & TMPFILE_BIT) != 0) {
      if ((flags & O_DIRECTORY) == 0 || (flags & O_ACCMODE) == 0) return -EINVAL;
    }
    if ((flags & O_PATH) != 0 && (flags & ~PATH_FLAGS) != 0) return -EINVAL;
    if ((resolve & RESOLVE_CACHED) != 0 && (flags & (O_TRUNC | O_CREAT | TMPFILE_BIT)) != 0) return -EAGAIN;
    this.flags = <i32>flags;
    this.mode = <u32>mode;
    this.resolve = <u32>resolve;
    return 0;
  }

  get closesOnExec(): bool {
    return (this.flags & O_CLOEXEC) != 0;
  }

  /** Absolute paths, too, start at the base (RESOLVE_IN_ROOT). */
  get isInRoot(): bool {
    return (this.resolve & RESOLVE_IN_ROOT) != 0;
  }

  get isPathOnly(): bool {
    return (this.flags & O_PATH) != 0;
  }

  get makesTemporary(): bool {
    return (this.flags & TMPFILE_BIT) != 0;
  }

  /** What a walk has to know (walk.ts). */
  get walkFlags(): u32 {
    let flags = this.resolve;
    if ((this.flags & O_NOFOLLOW) == 0) flags |= FOLLOW;
    if ((this.flags & O_DIRECTORY) != 0) flags |= DIRECTORY;
    return flags;
  }
}
