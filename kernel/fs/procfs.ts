// SPDX-License-Identifier: MIT
import { S_IFDIR } from "../abi/stat.ts";
import { Dentry } from "./dentry.ts";
import { DirectoryInode } from "./directory.ts";
import { FileSystem } from "./file-system.ts";

export function makeProcfs(fileSystem: FileSystem): Dentry {
  return new Dentry(null, 0, 0, new DirectoryInode(fileSystem, S_IFDIR | 0o555));
}
