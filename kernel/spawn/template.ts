// SPDX-License-Identifier: MIT
// A spawn template: one pinned executable, who made the template, what the file looked like then, and its ELF headers. It is an
// open file (README, "The template fd"); the pinned file is denied to writers as long as the template lives.

import { EACCES, ESTALE } from "../abi/errno.ts";
import { FINDING_WARNING } from "../abi/boundary.ts";
import { O_ACCMODE, O_RDWR } from "../abi/fcntl.ts";
import { QUIRK_NO_STALE_CHECK, QUIRK_UNREADABLE_EXECFD_WARNS } from "../abi/quirks.ts";
import { AnonInodeFile } from "../file/anon-inode.ts";
import { File } from "../file/file.ts";
import { Credentials } from "../fs/credentials.ts";
import { allowWrite, inodeOf, isOnNoexecMount } from "../fs/file-access.ts";
import { FsContext } from "../fs/fs-context.ts";
import { inodeForExec } from "../fs/open.ts";
import { mayExecute } from "../fs/permission.ts";
import { Inode } from "../fs/inode.ts";
import { Outcome } from "../lib/outcome.ts";
import { report } from "../lib/panic.ts";
import { hasQuirk } from "../lib/quirks.ts";
import { free } from "../memory/heap.ts";
import { releaseFrame } from "../memory/frames.ts";
import { ElfHeaders } from "../process/elf.ts";

let templates: u64 = 0;
let hasWarned: bool = false;

/** Templates that exist now. */
export function templateCount(): u64 {
  return templates;
}

export class SpawnTemplate extends AnonInodeFile {
  /** The executable (owned), with one deny-write. */
  executable: File;
  /** The creator's credential object (owned): who may spawn is decided by its identity. */
  credentials: Credentials;
  /** What the file looked like at creation (owned). */
  private identity: FileIdentity;
  /** The path it was made by, a frame with a NUL-terminated string (owned); 0 for a template made from an fd. */
  private path: usize;
  /** Checked headers, or null with the quirk no-elf-cache. */
  headers: ElfHeaders | null;

  /** Takes over the references to `executable` (with its deny-write), `path` and `headers`; retains `credentials`. */
  constructor(executable: File, credentials: Credentials, path: usize, headers: ElfHeaders | null) {
    super(O_RDWR);
    credentials.retain();
    this.executable = executable;
    this.credentials = credentials;
    this.path = path;
    this.headers = headers;
    this.identity = new FileIdentity(inodeOf(executable)!);
    templates++;
  }

  protected get label(): string {
    return "spawn_template";
  }

  /** F_GETFL says read-write, yet nothing can be written: write(2) is EBADF, a shared writable mapping EACCES. */
  get isWritable(): bool {
    return false;
  }

  /** Whether the executable is what it was; its path may still lead elsewhere (check()). */
  get isUnchanged(): bool {
    return this.identity.isOf(inodeOf(this.executable)!);
  }

  /** It found no descriptor: the path stays its creator's. */
  keepPath(): void {
    this.path = 0;
  }

  /** 0, or -ESTALE when the executable is not what it was, or its path leads elsewhere. `context`, `credentials`: the caller's. */
  check(context: FsContext, credentials: Credentials): Outcome {
    if (hasQuirk(QUIRK_NO_STALE_CHECK)) return 0;
    const pinned = inodeOf(this.executable)!;
    if (!this.isUnchanged || !mayBeExecuted(this.executable, credentials)) return -ESTALE;
    if (this.path == 0) return 0;
    const named = inodeForExec(context, credentials, this.path);
    if (named == null) return -ESTALE;
    named.release(); // the pinned one is the only one with that identity
    return named == pinned ? 0 : -ESTALE;
  }

  destroy(): void {
    allowWrite(this.executable);
    this.executable.release();
    this.credentials.release();
    free(this.identity);
    if (this.path != 0) releaseFrame(this.path);
    const headers = this.headers;
    if (headers != null) headers.release();
    templates--;
    super.destroy();
  }
}

/** Whether an open file may be made a template of: executable and mappable. 0 or -EACCES. */
export function checkExecutable(file: File, credentials: Credentials): Outcome {
  return mayBeExecuted(file, credentials) && file.canMap() >= 0 ? 0 : -EACCES;
}

/** Whether an open file is regular, on no noexec mount, and has x permission for these credentials. */
function mayBeExecuted(file: File, credentials: Credentials): bool {
  const inode = inodeOf(file);
  return inode != null && inode.isRegular && !isOnNoexecMount(file) && mayExecute(inode, credentials);
}

/**
 * Whether the kernel cannot read the file's headers: it was opened with access mode 3, neither for reading nor for writing. The
 * series' code goes through a kernel_read() that also complains, once per boot.
 */
export function refusesReading(file: File): bool {
  if ((file.flags & O_ACCMODE) != O_ACCMODE) return false;
  if (hasQuirk(QUIRK_UNREADABLE_EXECFD_WARNS) && !hasWarned) {
    hasWarned = true;
    report(FINDING_WARNING, "kernel_read: the file is not open for reading (spawn_template_create with an execfd of access mode 3)");
  }
  return true;
}

/** Device, inode number and what moves with every change of a file. */
class FileIdentity {
  private device: u64;
  private ino: u64;
  private size: i64;
  private mode: u32;
  private uid: u32;
  private gid: u32;
  private ctime: i64;
  private mtime: i64;

  constructor(inode: Inode) {
    this.device = inode.fileSystem.device;
    this.ino = inode.ino;
    this.size = inode.size;
    this.mode = inode.mode;
    this.uid = inode.uid;
    this.gid = inode.gid;
    this.ctime = inode.ctime;
    this.mtime = inode.mtime;
  }

  isOf(inode: Inode): bool {
    return (
      this.device == inode.fileSystem.device &&
      this.ino == inode.ino &&
      this.size == inode.size &&
      this.mode == inode.mode &&
      this.uid == inode.uid &&
      this.gid == inode.gid &&
      this.ctime == inode.ctime &&
      this.mtime == inode.mtime
    );
  }
}
