// SPDX-License-Identifier: MIT
// Writes an image as .tar.gz, the same bytes for the same input on every computer: the entries as they come (sorted by name),
// times of the files and none of the moment, and a gzip header that names neither a time nor an operating system.

import { closeSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { pack, type Header } from "tar-stream";
import * as stat from "../../../kernel/abi/stat.ts";
import { BadInputError } from "../../core/errors.ts";
import type { ImageEntry } from "../../core/image.ts";

const GZIP_OS_BYTE = 9; // RFC 1952 2.3: the operating system
const GZIP_OS_UNKNOWN = 255;

const TYPES: Record<number, Header["type"]> = {
  [stat.S_IFREG]: "file",
  [stat.S_IFDIR]: "directory",
  [stat.S_IFLNK]: "symlink",
  [stat.S_IFIFO]: "fifo",
  [stat.S_IFCHR]: "character-device",
  [stat.S_IFBLK]: "block-device",
};

export async function tarGzip(entries: Iterable<ImageEntry>): Promise<Buffer> {
  const bytes = gzipSync(await tarOf(entries), { level: 9 });
  bytes[GZIP_OS_BYTE] = GZIP_OS_UNKNOWN;
  return bytes;
}

/** The archive before it is compressed. */
export async function tarOf(entries: Iterable<ImageEntry>): Promise<Buffer> {
  const archive = pack();
  const collected = collect(archive);
  for (const entry of entries) {
    if (entry.path !== "") archive.entry(headerOf(entry), entry.data ?? "");
  }
  archive.finalize();
  return collected;
}

/** Writes a file under another name first, so that a failure leaves nothing behind. @throws BadInputError naming the file */
export function writeWhole(path: string, bytes: Uint8Array): void {
  const unfinished = `${path}.${process.pid}.new`;
  try {
    const fd = openSync(unfinished, "wx");
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
    } finally {
      closeSync(fd);
    }
    renameSync(unfinished, path);
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw new BadInputError(`${path}: cannot be written (${(error as NodeJS.ErrnoException).code ?? error})`);
  }
}

function headerOf({ path, mode, uid = 0, gid = 0, mtimeNs = 0n, rdev = 0, target, data }: ImageEntry): Partial<Header> & { name: string } {
  const mtime = new Date(Number(mtimeNs / 1_000_000_000n) * 1000);
  if (mode === 0) return { name: path, type: "link", linkname: target, mtime };

  const type = TYPES[mode & stat.S_IFMT];
  return {
    name: type === "directory" ? `${path}/` : path,
    type,
    mode: mode & 0o7777,
    uid,
    gid,
    mtime,
    linkname: target,
    size: data?.length ?? 0,
    devmajor: rdev >> 8,
    devminor: rdev & 0xff,
  };
}

async function collect(archive: AsyncIterable<unknown>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of archive) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks);
}
