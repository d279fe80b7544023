// SPDX-License-Identifier: MIT
// memfd_create(2): a regular file that is in no directory. Its name shows in /proc as "/memfd:NAME (deleted)".

import { O_LARGEFILE, O_RDWR } from "../abi/fcntl.ts";
import { S_IFREG } from "../abi/stat.ts";
import { Credentials } from "./credentials.ts";
import { Dentry } from "./dentry.ts";
import { Path } from "./path.ts";
import { RegularInode } from "./regular.ts";
import { RegularFile } from "./regular-file.ts";
import { memoryFileMount } from "./root.ts";

/** `name`: "memfd:" and the caller's name, at most 255 bytes. Needs an admit(). The file does not count as a writer (ETXTBSY). */
export function openMemoryFile(who: Credentials, name: usize, length: i32): RegularFile {
  const mount = memoryFileMount();
  const inode = new RegularInode(mount.root.inode.fileSystem, S_IFREG | 0o777);
  inode.uid = who.fsuid;
  inode.gid = who.fsgid;
  inode.nlink = 0;
  const dentry = new Dentry(null, name, length, inode);
  dentry.isDeleted = true;
  const path = new Path(mount, dentry);
  dentry.release();
  const file = new RegularFile(O_RDWR | O_LARGEFILE, inode, who);
  file.place = path;
  return file;
}
