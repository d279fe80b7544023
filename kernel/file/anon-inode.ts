// SPDX-License-Identifier: MIT
// Files that are handles on kernel objects (eventfd, pidfd, spawn template): all of them share one inode without a file type,
// so chmod and chown through one shows on every other one.

import { EINVAL } from "../abi/errno.ts";
import { SEEK_HOLE } from "../abi/fcntl.ts";
import { Outcome } from "../lib/outcome.ts";
import { RefCounted } from "../memory/ref-counted.ts";
import { ANON_INODE_DEVICE, Attributes } from "./attributes.ts";
import { File } from "./file.ts";

const shared = new Attributes(ANON_INODE_DEVICE, 0o600, 0, 0);

/** What locks on any of them are locks of: the shared inode. */
class SharedInode extends RefCounted {}
const inode = new SharedInode();

/** Subclasses name themselves in `label`, "[eventfd]" for example. */
export abstract class AnonInodeFile extends File {
  protected abstract get label(): string;

  /** Its position stays 0 (noop_llseek). */
  seek(offset: i64, whence: i32): Outcome {
    return <u32>whence > <u32>SEEK_HOLE ? -EINVAL : 0;
  }

  lockTarget(): RefCounted {
    return inode;
  }

  attributes(): Attributes | null {
    return shared;
  }

  nameless(out: usize): usize {
    const length = writeAscii(out, "anon_inode:");
    return length + writeAscii(out + length, this.label);
  }
}

/** Writes a static ASCII string at `out`; its length. */
export function writeAscii(out: usize, text: string): usize {
  for (let i = 0; i < text.length; i++) store<u8>(out + i, <u8>text.charCodeAt(i));
  return text.length;
}
