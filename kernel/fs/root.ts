// SPDX-License-Identifier: MIT
// The tree from boot to power-off: ramfs at /, devfs at /dev, devpts at /dev/pts, procfs at /proc, and the hidden file system of
// memfd_create(2).

import { DEVPTS_SUPER_MAGIC, PROC_SUPER_MAGIC, RAMFS_MAGIC, S_IFDIR, TMPFS_MAGIC } from "../abi/stat.ts";
import { free } from "../memory/heap.ts";
import { RefCounted } from "../memory/ref-counted.ts";
import { finishImage } from "./boot-image.ts";
import { createInode } from "./create.ts";
import { Credentials } from "./credentials.ts";
import { Dentry } from "./dentry.ts";
import { makeDevfs } from "./devfs.ts";
import { devptsMount, dropDevpts, makeDevpts, useDevpts } from "./devpts.ts";
import { DirectoryInode } from "./directory.ts";
import { FileSystem } from "./file-system.ts";
import { FsContext } from "./fs-context.ts";
import { attachMount, detachMount, firstMount, Mount } from "./mount.ts";
import { Path } from "./path.ts";
import { makeProcfs } from "./procfs.ts";

let ramfs: FileSystem | null = null;
let devfs: FileSystem | null = null;
let devpts: FileSystem | null = null;
let procfs: FileSystem | null = null;
let memfs: FileSystem | null = null;
let rootPath: Path | null = null;
let memfdMount: Mount | null = null;
let bootCredentials: Credentials | null = null;

/** Builds the tree; once, at boot. */
export function mountFileSystems(): void {
  ramfs = new FileSystem("ramfs", RAMFS_MAGIC);
  devfs = new FileSystem("devtmpfs", TMPFS_MAGIC);
  devpts = new FileSystem("devpts", DEVPTS_SUPER_MAGIC);
  procfs = new FileSystem("proc", PROC_SUPER_MAGIC);
  memfs = new FileSystem("tmpfs", TMPFS_MAGIC);
  bootCredentials = new Credentials();

  const root = new Dentry(null, 0, 0, new DirectoryInode(ramfs!, S_IFDIR | 0o755));
  const rootMount = attachMount(root, null, null, 0);
  rootPath = new Path(rootMount, root);
  const dev = mountBelow(rootMount, root, DEV, makeDevfs(devfs!));
  useDevpts(mountBelow(dev, dev.root, PTS, makeDevpts(devpts!)));
  mountBelow(rootMount, root, PROC, makeProcfs(procfs!));
  root.release();

  const hidden = new Dentry(null, 0, 0, new DirectoryInode(memfs!, S_IFDIR | 0o700));
  memfdMount = new Mount(hidden, null, null, 0);
  hidden.release();
}

/** Drops the tree and all that is in it, at power-off. Only what somebody still holds stays. */
export function unmountFileSystems(): void {
  finishImage();
  dropDevpts();
  rootPath!.release();
  rootPath = null;
  memfdMount!.release();
  memfdMount = null;
  bootCredentials!.release();
  bootCredentials = null;
  // Each mount's parent comes before it in the list, so the newest go first.
  for (let mount = lastMount(); mount != null; mount = lastMount()) {
    const root = mount.root;
    root.retain();
    detachMount(mount);
    if (root.parent == null && root.inode instanceof DirectoryInode) emptyTree(root);
    root.release();
  }
  free(ramfs!);
  free(devfs!);
  free(devpts!);
  free(procfs!);
  free(memfs!);
}

/** Visits what the tree is held by, besides its mounts. */
export function forEachRoot(visit: (root: RefCounted) => void): void {
  if (rootPath != null) visit(rootPath!);
  if (memfdMount != null) visit(memfdMount!);
  if (bootCredentials != null) visit(bootCredentials!);
  const terminals = devptsMount();
  if (terminals != null) visit(terminals);
}

/** The root of the tree (borrowed). */
export function rootOfTree(): Path {
  return rootPath!;
}

/** root's credentials, for what the kernel does itself (borrowed). */
export function kernelCredentials(): Credentials {
  return bootCredentials!;
}

/** The mount that memory files are seen through (borrowed); nobody can walk into it. */
export function memoryFileMount(): Mount {
  return memfdMount!;
}

/** The context of the first process: root and working directory are /. Needs an admit(). */
export function newFsContext(): FsContext {
  return new FsContext(rootPath!, rootPath!);
}

function mountBelow(mount: Mount, root: Dentry, name: usize, tree: Dentry): Mount {
  let length = 0;
  while (load<u8>(name + <usize>length) != 0) length++;
  const mountpoint = createInode(root, bootCredentials!, name, length, S_IFDIR | 0o755, 0)!;
  const made = attachMount(tree, mount, mountpoint, 0);
  mountpoint.release();
  tree.release();
  return made;
}

function lastMount(): Mount | null {
  let mount = firstMount();
  while (mount != null && mount.next != null) mount = mount.next;
  return mount;
}

/** Removes everything below a directory, leaves first; a loop, because trees can be deeper than a stack. */
function emptyTree(root: Dentry): void {
  let at = root;
  while (true) {
    const inode = at.inode as DirectoryInode;
    const entry = inode.firstEntry;
    if (entry != null && entry.inode instanceof DirectoryInode && !entry.inode.isEmpty) {
      at = entry;
      continue;
    }
    if (entry != null) {
      entry.isDeleted = true;
      inode.remove(entry);
      continue;
    }
    if (at == root) return;
    at = at.parent!;
  }
}

const DEV = memory.data<u8>([0x64, 0x65, 0x76, 0]);
const PTS = memory.data<u8>([0x70, 0x74, 0x73, 0]);
const PROC = memory.data<u8>([0x70, 0x72, 0x6f, 0x63, 0]);
