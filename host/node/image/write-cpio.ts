// SPDX-License-Identifier: MIT
// Writes entries as a cpio archive in the newc format (read-cpio.ts): inodes numbered as they come, the contents of a file
// with several names beside the last of them, as GNU cpio does it. It has whole seconds and no place for other times than
// 1970 to 2106.

import { S_IFDIR, S_IFMT } from "../../../kernel/abi/stat.ts";
import { BadInputError } from "../../core/errors.ts";
import { majorOf, minorOf, quoted, type ImageEntry } from "../../core/image.ts";
import { FIELDS, TRAILER, type CpioHeader } from "./read-cpio.ts";

const BLOCK = 512; // the archive's size is a multiple of it, as GNU cpio's
const encoder = new TextEncoder();

export function cpioOf(entries: Iterable<ImageEntry>): Uint8Array {
  const all = [...entries];
  const files = filesOf(all);
  const pieces: Uint8Array[] = [];
  let size = 0;
  const put = (bytes: Uint8Array, multiple: number) => {
    const padding = -(size + bytes.length) & (multiple - 1);
    pieces.push(bytes, new Uint8Array(padding));
    size += bytes.length + padding;
  };

  for (const { path, mode } of all) {
    const file = files.get(path) as File;
    const isDirectory = (mode & S_IFMT) === S_IFDIR;
    file.namesLeft--;
    const contents = file.namesLeft === 0 ? (file.entry.data ?? encoder.encode(file.entry.target ?? "")) : new Uint8Array();
    const fields = { ...headerOf(file.entry), ino: file.ino, nlink: isDirectory ? 2 : file.names, size: contents.length };
    put(headerBytes(path === "" ? "." : path, fields), 4);
    put(contents, 4);
  }
  put(headerBytes(TRAILER, { nlink: 1 }), BLOCK);
  return Buffer.concat(pieces);
}

interface File {
  readonly entry: ImageEntry;
  readonly ino: number;
  names: number;
  namesLeft: number;
}

/** The file behind each path: one for all names of it. */
function filesOf(entries: readonly ImageEntry[]): Map<string, File> {
  const files = new Map<string, File>();
  for (const entry of entries) {
    const file = entry.mode === 0 ? files.get(entry.target ?? "") : { entry, ino: files.size + 1, names: 0, namesLeft: 0 };
    if (file === undefined) throw new Error(`link before its file: ${entry.path}`); // readers do not make such entries
    file.names++;
    file.namesLeft++;
    files.set(entry.path, file);
  }
  return files;
}

function headerOf({ path, mode, uid = 0, gid = 0, mtimeNs = 0n, rdev = 0 }: ImageEntry): Partial<CpioHeader> {
  const mtime = Number(mtimeNs / 1_000_000_000n);
  if (mtime < 0 || mtime >= 2 ** 32) {
    throw new BadInputError(`entry ${quoted(path)}: expected a time from 1970 to 2106 for a cpio, found ${mtime} s`);
  }
  return { mode, uid, gid, mtime, rdevmajor: majorOf(rdev), rdevminor: minorOf(rdev) };
}

function headerBytes(name: string, fields: Partial<CpioHeader>): Uint8Array {
  const bytes = encoder.encode(`${name}\0`);
  const numbers: Partial<CpioHeader> = { ...fields, namesize: bytes.length };
  const digits = FIELDS.map((field) => (numbers[field] ?? 0).toString(16).padStart(8, "0"));
  return Buffer.concat([encoder.encode(`070701${digits.join("")}`), bytes]);
}
