// SPDX-License-Identifier: MIT
// The devices that programs rely on: null(4), full(4), random(4), zero and terminals. Which one a node means is its device number,
// wherever it lies; what terminals do is the business of kernel/tty.

import { EBUSY, EFAULT, EINVAL, EIO, ENOSPC, ENXIO } from "../abi/errno.ts";
import { O_NOCTTY } from "../abi/fcntl.ts";
import { CAP_SYS_ADMIN } from "../abi/prctl.ts";
import { S_IFCHR } from "../abi/stat.ts";
import { File } from "../file/file.ts";
import { Sleeper } from "../file/wait-queue.ts";
import { fail } from "../lib/failure.ts";
import { Outcome } from "../lib/outcome.ts";
import { randomBytes } from "../lib/random.ts";
import { UserBuffer } from "../memory/user-buffer.ts";
import { CONSOLE_DEVICE, consoleTty } from "../tty/console.ts";
import { findPty, PTS_MAJOR } from "../tty/pty.ts";
import { sessions } from "../tty/sessions.ts";
import { TerminalFile } from "../tty/terminal-file.ts";
import { Tty } from "../tty/tty.ts";
import { Credentials } from "./credentials.ts";
import { openMaster } from "./devpts.ts";
import { Inode } from "./inode.ts";
import { InodeFile } from "./inode-file.ts";

const MEMORY_MAJOR: u64 = 1 << 8;
export const NULL_DEVICE: u64 = MEMORY_MAJOR | 3;
export const ZERO_DEVICE: u64 = MEMORY_MAJOR | 5;
export const FULL_DEVICE: u64 = MEMORY_MAJOR | 7;
export const RANDOM_DEVICE: u64 = MEMORY_MAJOR | 8;
export const URANDOM_DEVICE: u64 = MEMORY_MAJOR | 9;
export const TTY_DEVICE: u64 = 5 << 8;
export const PTMX_DEVICE: u64 = (5 << 8) | 2;
const MAJOR_SHIFT: u64 = 8;
const MAJOR_MASK: u64 = 0xfff;

/** An open device; null with `failure`. Preceded by admit(). */
export function openDevice(given: i32, inode: Inode, who: Credentials): File | null {
  const device = inode.rdev;
  const flags = given & ~O_NOCTTY;
  if (inode.type != S_IFCHR) return fail<File>(-ENXIO);
  if (device == NULL_DEVICE) return new NullFile(flags, inode);
  if (device == ZERO_DEVICE) return new ZeroFile(flags, inode);
  if (device == FULL_DEVICE) return new FullFile(flags, inode);
  if (device == RANDOM_DEVICE || device == URANDOM_DEVICE) return new RandomFile(flags, inode);
  if (device == PTMX_DEVICE) return openMaster(flags, who);
  if (device == CONSOLE_DEVICE) return openTerminal(consoleTty(), flags, who);
  if (device == TTY_DEVICE) return openTerminal(sessions().controllingTerminal(), flags, who);
  if (((device >> MAJOR_SHIFT) & MAJOR_MASK) != PTS_MAJOR) return fail<File>(-ENXIO);
  const pty = findPty(device);
  if (pty == null || pty.isLocked) return fail<File>(-EIO);
  const file = openTerminal(pty, flags, who);
  // The console is nobody's by being opened: it is pid 1's.
  if (file != null && file.isReadable && (given & O_NOCTTY) == 0) sessions().opened(pty);
  return file;
}

function openTerminal(tty: Tty | null, flags: i32, who: Credentials): File | null {
  if (tty == null) return fail<File>(-ENXIO);
  if (tty.isMasterGone) return fail<File>(-EIO);
  if (tty.isExclusive && !who.has(CAP_SYS_ADMIN)) return fail<File>(-EBUSY);
  return new TerminalFile(tty, flags);
}

abstract class DeviceFile extends InodeFile {
  get isSeekable(): bool {
    return true;
  }

  readAt(buffer: UserBuffer, offset: i64): Outcome {
    return this.take(buffer);
  }

  writeAt(buffer: UserBuffer, offset: i64): Outcome {
    return this.put(buffer);
  }

  read(self: Sleeper, buffer: UserBuffer): Outcome {
    return this.take(buffer);
  }

  write(self: Sleeper, buffer: UserBuffer): Outcome {
    return this.put(buffer);
  }

  /** The position of these devices stays 0. */
  seek(offset: i64, whence: i32): Outcome {
    return 0;
  }

  sync(): Outcome {
    return -EINVAL;
  }

  /** What reading gives. */
  protected abstract take(buffer: UserBuffer): Outcome;
  /** What writing does. */
  protected put(buffer: UserBuffer): Outcome {
    return <i64>buffer.left;
  }
}

class NullFile extends DeviceFile {
  protected take(buffer: UserBuffer): Outcome {
    return 0;
  }
}

class ZeroFile extends DeviceFile {
  get mapsZeros(): bool {
    return true;
  }

  canMap(): Outcome {
    return 0;
  }

  protected take(buffer: UserBuffer): Outcome {
    return fillWith(buffer, false);
  }
}

class FullFile extends DeviceFile {
  protected take(buffer: UserBuffer): Outcome {
    return fillWith(buffer, false);
  }

  protected put(buffer: UserBuffer): Outcome {
    return -ENOSPC;
  }
}

class RandomFile extends DeviceFile {
  protected take(buffer: UserBuffer): Outcome {
    return fillWith(buffer, true);
  }
}

function fillWith(buffer: UserBuffer, isRandom: bool): Outcome {
  let done: i64 = 0;
  while (buffer.left > 0) {
    const part = <usize>min(buffer.left, <u64>CHUNK);
    if (isRandom) randomBytes(BYTES, part);
    const moved = buffer.copyOut(isRandom ? BYTES : ZEROS, part);
    done += moved;
    if (moved < part) return done > 0 ? done : -EFAULT;
  }
  return done;
}

const CHUNK: usize = 1024;
const BYTES = memory.data(1024);
const ZEROS = memory.data(1024);
