// SPDX-License-Identifier: MIT
// /dev/pts: one node for each pseudo-terminal whose master is open (pty(7)). Masters are made here, by opening /dev/ptmx, because
// the node belongs to whoever does that. Programs can add and remove nothing.

import { ENOMEM, ENOSPC } from "../abi/errno.ts";
import { S_IFCHR, S_IFDIR } from "../abi/stat.ts";
import { File } from "../file/file.ts";
import { decimal } from "../lib/decimal.ts";
import { fail } from "../lib/failure.ts";
import { admit } from "../memory/heap.ts";
import { RefCounted } from "../memory/ref-counted.ts";
import { MasterFile, newPty } from "../tty/pty.ts";
import { Credentials } from "./credentials.ts";
import { newInode } from "./create.ts";
import { Dentry } from "./dentry.ts";
import { DirectoryInode } from "./directory.ts";
import { FileSystem } from "./file-system.ts";
import { Mount } from "./mount.ts";
import { Path } from "./path.ts";
import { dropEntry } from "./remove.ts";

/** Who may use a terminal: its owner, and the group tty to write. */
const MODE: u32 = S_IFCHR | 0o620;
const GROUP_TTY: u32 = 5;
const name = memory.data(16);

/** Owned, from boot to power-off. */
let mount: Mount | null = null;

/** Nobody but the kernel changes what is in it. */
class TerminalDirectory extends DirectoryInode {
  get canHoldEntries(): bool {
    return false;
  }
}

/** The root of the file system, with one reference. For boot only: memory is there. */
export function makeDevpts(fileSystem: FileSystem): Dentry {
  return new Dentry(null, 0, 0, new TerminalDirectory(fileSystem, S_IFDIR | 0o755));
}

/** Where it is mounted at boot; takes its own reference. */
export function useDevpts(at: Mount): void {
  at.retain();
  mount = at;
}

/** Where that is (borrowed), from boot to power-off. */
export function devptsMount(): Mount | null {
  return mount;
}

export function dropDevpts(): void {
  mount!.release();
  mount = null;
}

/** A name in /dev/pts, which goes with its last reference. */
class TerminalName extends RefCounted {
  /** Takes the entry over. */
  constructor(readonly entry: Dentry) {
    super();
  }

  destroy(): void {
    dropEntry(this.entry);
    this.entry.release();
  }
}

/** Opens /dev/ptmx: a new pseudo-terminal, and its name. Null with `failure`. */
export function openMaster(flags: i32, who: Credentials): File | null {
  const pty = admit() ? newPty() : null;
  if (pty == null) return fail<File>(-ENOSPC);
  if (!admit()) {
    pty.leaveMaster();
    pty.release();
    return fail<File>(-ENOMEM);
  }
  const directory = mount!.root;
  const inode = newInode(directory.inode.fileSystem, MODE, pty.device);
  inode.uid = who.fsuid;
  inode.gid = GROUP_TTY;
  const entry = new Dentry(directory, name, <i32>decimal(name, pty.number), inode);
  (directory.inode as DirectoryInode).add(entry);
  return new MasterFile(pty, new TerminalName(entry), flags);
}

/** TIOCGPTPEER: opens the terminal of a master by its node, even where no path leads to it. Null with `failure`. */
export function openPeer(master: MasterFile, flags: i32, who: Credentials): File | null {
  if (!admit()) return fail<File>(-ENOMEM);
  const path = new Path(mount!, (master.name as TerminalName).entry);
  const file = path.inode.open(flags, path, who);
  if (file != null) file.place = path;
  else path.release();
  return file;
}
