// SPDX-License-Identifier: MIT
// Archives by format: recognised by what is in them, written by the name of the file.

import { BadInputError } from "../../core/errors.ts";
import type { ImageEntry } from "../../core/image.ts";
import { gunzip, gzip, isGzip } from "./gzip.ts";
import { isCpio, readCpio } from "./read-cpio.ts";
import { isTar, readTar } from "./read-tar.ts";
import { unpack } from "./tree.ts";
import { cpioOf } from "./write-cpio.ts";
import { tarOf } from "./write-tar.ts";

type Write = (entries: Iterable<ImageEntry>) => Promise<Uint8Array>;

const WRITERS: Record<string, Write> = {
  ".tar": tarOf,
  ".tar.gz": async (entries) => gzip(await tarOf(entries)),
  ".cpio": async (entries) => cpioOf(entries),
  ".cpio.gz": async (entries) => gzip(cpioOf(entries)),
};

/**
 * The tree in a tar or cpio archive, gzip or not; contents are parts of the unpacked archive.
 * @throws BadInputError naming `name`, and the offset (in the unpacked archive) where it is damaged or cut off
 */
export async function readArchive(name: string, bytes: Uint8Array): Promise<ImageEntry[]> {
  const archive = isGzip(bytes) ? gunzip(name, bytes) : bytes;
  const entries = await readEntries(name, archive);
  try {
    return unpack(entries);
  } catch (error) {
    if (!(error instanceof BadInputError)) throw error;
    throw new BadInputError(`${name}: ${error.message}`);
  }
}

async function readEntries(name: string, archive: Uint8Array): Promise<ImageEntry[]> {
  if (isTar(archive)) return readTar(name, archive);
  if (isCpio(archive)) return readCpio(name, archive);
  const found = archive.length === 0 ? "an empty file" : "another kind of file";
  throw new BadInputError(`${name}: expected a tar or cpio archive, found ${found}`);
}

/** The writer for a file's name. Its bytes depend on the entries alone. @throws BadInputError for a name of no known format */
export function writerFor(path: string): Write {
  const format = Object.keys(WRITERS).find((suffix) => path.endsWith(suffix));
  if (format === undefined) {
    throw new BadInputError(`--output: expected a name that ends in ${Object.keys(WRITERS).join(", ")}, found "${path}"`);
  }
  return WRITERS[format] as Write;
}
