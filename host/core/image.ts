// SPDX-License-Identifier: MIT
// A file-system image as the kernel takes it: entries in order, parents before children. Reading them from a directory or
// an archive is a front end's work; this file only says what an entry is and how its path must look.

import { MS_NODEV, MS_NOEXEC, MS_NOSUID, MS_RDONLY, S_IFDIR, S_IFREG } from "../../kernel/abi/stat.ts";
import { BadInputError } from "./errors.ts";

const MAX_QUOTED = 200;

export interface ImageEntry {
  /** Relative to the root, without a leading slash; "" is the root itself. */
  readonly path: string;
  /** File type and permissions (inode(7)); 0 for a hard link to `target`. */
  readonly mode: number;
  readonly uid?: number;
  readonly gid?: number;
  readonly mtimeNs?: bigint;
  /** Device number of a character or block device, as deviceNumber() makes it. */
  readonly rdev?: number;
  /** What a symbolic link says, or the path that a hard link shares. */
  readonly target?: string;
  /** Contents of a regular file. */
  readonly data?: Uint8Array;
}

/** A subtree with mount flags of its own (`MS_RDONLY` and others of kernel/abi/stat.ts). */
export interface ImageMount {
  readonly path: string;
  readonly flags: number;
}

/** The flags of a mount by the names that people give them. */
export const MOUNT_FLAGS: Readonly<Record<string, number>> = { ro: MS_RDONLY, noexec: MS_NOEXEC, nosuid: MS_NOSUID, nodev: MS_NODEV };

/** A regular file for an image, owned by root; text becomes UTF-8. */
export function file(path: string, data: Uint8Array | string, permissions = 0o644): ImageEntry {
  const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
  return { path: imagePath(path), mode: S_IFREG | permissions, data: bytes };
}

/** A directory for an image, owned by root. */
export function directory(path: string, permissions = 0o755): ImageEntry {
  return { path: imagePath(path), mode: S_IFDIR | permissions };
}

/** makedev(3) as Linux stores it in 32 bits: 12 bits of major number, 20 of minor number. */
export function deviceNumber(major: number, minor: number): number {
  return ((minor & 0xff) | ((major & 0xfff) << 8) | ((minor & 0xfff00) << 12)) >>> 0;
}

export function majorOf(rdev: number): number {
  return (rdev >>> 8) & 0xfff;
}

export function minorOf(rdev: number): number {
  return (rdev & 0xff) | ((rdev >>> 12) & 0xfff00);
}

/** A name in a message: quoted, on one line, not longer than a person reads. */
export function quoted(name: string): string {
  return JSON.stringify(name.length > MAX_QUOTED ? `${name.slice(0, MAX_QUOTED)}...` : name);
}

/**
 * The path of an entry, relative to the image's root: without `./`, leading, double and trailing slashes.
 * @throws BadInputError for `..`, a NUL byte, or a name that was not UTF-8 and has lost bytes
 */
export function imagePath(path: string): string {
  if (path.includes("\0")) throw new BadInputError(`entry ${quoted(path)}: a path cannot hold a NUL byte`);
  if (path.includes("\ufffd")) throw new BadInputError(`entry ${quoted(path)}: expected a name in UTF-8`);

  const parts = path.split("/").filter((part) => part !== "" && part !== ".");
  if (parts.includes("..")) {
    throw new BadInputError(`entry ${quoted(path)}: expected a path inside the image, found ".."`);
  }
  return parts.join("/");
}
