// SPDX-License-Identifier: MIT
// What path names mean to a process: its root directory, its working directory and its umask. Shared between tasks with CLONE_FS,
// copied otherwise.

import { RefCounted } from "../memory/ref-counted.ts";
import { Path } from "./path.ts";

export class FsContext extends RefCounted {
  root: Path;
  cwd: Path;
  umask: u32 = 0o022;

  /** Takes its own references to both. Needs an admit(). */
  constructor(root: Path, cwd: Path) {
    super();
    root.retain();
    cwd.retain();
    this.root = root;
    this.cwd = cwd;
  }

  /** A private copy with one reference. Needs an admit(). */
  copy(): FsContext {
    const to = new FsContext(this.root, this.cwd);
    to.umask = this.umask;
    return to;
  }

  setRoot(path: Path): void {
    path.retain();
    this.root.release();
    this.root = path;
  }

  setCwd(path: Path): void {
    path.retain();
    this.cwd.release();
    this.cwd = path;
  }

  destroy(): void {
    this.root.release();
    this.cwd.release();
  }
}
