// SPDX-License-Identifier: MIT
// The mount table as /proc/mounts and /proc/PID/mountinfo show it (proc_pid_mountinfo(5)), as seen from a root directory.

import { MS_NODEV, MS_NOEXEC, MS_NOSUID } from "../abi/stat.ts";
import { PATH_MAX } from "../lib/limits.ts";
import { Outcome } from "../lib/outcome.ts";
import { admit } from "../memory/heap.ts";
import { ENOMEM } from "../abi/errno.ts";
import { Dentry } from "./dentry.ts";
import { firstMount, Mount } from "./mount.ts";
import { formatName, Path, wasReachable } from "./path.ts";
import { TextWriter } from "./text-writer.ts";

const SLASH: u8 = 0x2f;
const PATH = memory.data(4096);

/** fstab-like lines: device, mount point, type, options, 0 0. */
export function printMounts(out: TextWriter, root: Path): Outcome {
  let mount = firstMount();
  while (mount != null) {
    if (!admit()) return -ENOMEM;
    const length = formatMountpoint(mount, root);
    if (length > 0) {
      const name = mount.root.inode.fileSystem.name;
      out.text(name).space().escaped(PATH, <usize>length).space().text(name).space();
      printOptions(out, mount);
      out.text(" 0 0").newline();
    }
    mount = mount.next;
  }
  return 0;
}

/** "36 35 0:3 /subtree /mount/point rw,relatime - type source super-options" */
export function printMountinfo(out: TextWriter, root: Path): Outcome {
  let mount = firstMount();
  while (mount != null) {
    if (!admit()) return -ENOMEM;
    if (formatMountpoint(mount, root) > 0) {
      const parent = mount.parent;
      const fileSystem = mount.root.inode.fileSystem;
      out.number(mount.id).space().number(parent == null ? mount.id : parent.id);
      out.text(" 0:").number(fileSystem.device).space();
      printSubtree(out, mount.root);
      const length = formatMountpoint(mount, root);
      out.space().escaped(PATH, <usize>length).space();
      printOptions(out, mount);
      out.text(" - ").text(fileSystem.name).space().text(fileSystem.name).text(" rw").newline();
    }
    mount = mount.next;
  }
  return 0;
}

/** The mount's place, into PATH: its length, or 0 when it cannot be seen from `root`. */
function formatMountpoint(mount: Mount, root: Path): i32 {
  const path = new Path(mount, mount.root);
  const length = formatName(path, root, PATH, PATH_MAX);
  path.release();
  return wasReachable ? max(length, 0) : 0;
}

/** Which directory of its file system a mount shows; only its end if that is longer than a path can be. */
function printSubtree(out: TextWriter, root: Dentry): void {
  const end = PATH + PATH_MAX;
  let at = end;
  let dentry = root;
  let parent = dentry.parent;
  while (parent != null && at - PATH > <usize>dentry.length) {
    at -= <usize>dentry.length;
    memory.copy(at, dentry.name, <usize>dentry.length);
    store<u8>(--at, SLASH);
    dentry = parent;
    parent = dentry.parent;
  }
  if (at == end) store<u8>(--at, SLASH);
  out.escaped(at, end - at);
}

function printOptions(out: TextWriter, mount: Mount): void {
  out.text(mount.isReadOnly ? "ro" : "rw");
  if (mount.has(MS_NOSUID)) out.text(",nosuid");
  if (mount.has(MS_NODEV)) out.text(",nodev");
  if (mount.has(MS_NOEXEC)) out.text(",noexec");
  out.text(",relatime");
}
