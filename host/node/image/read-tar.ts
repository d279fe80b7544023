// SPDX-License-Identifier: MIT
// A tar archive (ustar, GNU or pax; gzip too) as an image. It refuses what an archive from elsewhere may not do: name a place
// outside the image, be cut off, or be damaged.

import { gunzipSync } from "node:zlib";
import { extract, type Header } from "tar-stream";
import * as stat from "../../../kernel/abi/stat.ts";
import { BadInputError } from "../../core/errors.ts";
import { imagePath, type ImageEntry } from "../../core/image.ts";

const BLOCK = 512;
/** More than any guest can hold; a bound against archives that unpack without end. */
const MAX_UNPACKED = 2 ** 31;

const TYPES: Record<string, number> = {
  file: stat.S_IFREG,
  "contiguous-file": stat.S_IFREG,
  directory: stat.S_IFDIR,
  symlink: stat.S_IFLNK,
  fifo: stat.S_IFIFO,
  "character-device": stat.S_IFCHR,
  "block-device": stat.S_IFBLK,
};

/** @throws BadInputError naming `name` for an archive that is damaged or leaves the image */
export async function readTar(name: string, bytes: Buffer): Promise<ImageEntry[]> {
  const tar = isGzip(bytes) ? gunzip(name, bytes) : bytes;
  if (tar.length < BLOCK) throw new BadInputError(`${name}: expected a tar archive, found ${tar.length} bytes`);

  const entries: ImageEntry[] = [];
  const archive = extract();
  archive.end(tar);
  try {
    for await (const source of archive) {
      const chunks: Buffer[] = [];
      // A directory has no contents; if its header claims some, tar-stream neither delivers nor ends them.
      if (source.header.type !== "directory") for await (const chunk of source) chunks.push(chunk as Buffer);
      entries.push(entryOf(source.header, Buffer.concat(chunks)));
    }
  } catch (error) {
    if (error instanceof BadInputError) throw new BadInputError(`${name}: ${error.message}`);
    throw new BadInputError(`${name}: expected a sound tar archive, found damage (${(error as Error).message})`);
  }
  // An archive ends in zero blocks: without one it was cut off between two entries.
  if (!tar.subarray(-BLOCK).every((byte) => byte === 0)) {
    throw new BadInputError(`${name}: truncated, the mark of an archive's end is missing`);
  }
  return entries;
}

export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

function gunzip(name: string, bytes: Buffer): Buffer {
  try {
    return gunzipSync(bytes, { maxOutputLength: MAX_UNPACKED });
  } catch (error) {
    throw new BadInputError(`${name}: expected a sound gzip stream, found damage (${(error as Error).message})`);
  }
}

function entryOf(header: Header, data: Buffer): ImageEntry {
  const path = imagePath(header.name, false);
  if (header.type === "link") {
    return { path, mode: 0, target: imagePath(header.linkname ?? "", false) };
  }

  const type = TYPES[header.type ?? ""];
  if (type === undefined) throw new BadInputError(`entry "${path}": a tar entry of type "${header.type}" is not supported`);
  return {
    path,
    mode: type | ((header.mode ?? 0o644) & 0o7777),
    uid: header.uid ?? 0,
    gid: header.gid ?? 0,
    mtimeNs: BigInt(header.mtime?.getTime() ?? 0) * 1_000_000n,
    rdev: ((header.devmajor ?? 0) << 8) | (header.devminor ?? 0),
    target: type === stat.S_IFLNK ? (header.linkname ?? "") : undefined,
    data: type === stat.S_IFREG ? data : undefined,
  };
}
