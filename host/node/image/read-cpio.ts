// SPDX-License-Identifier: MIT
// A cpio archive in the "newc" format (magic 070701, or 070702 with checksums) as entries, as cpio(5) and Linux's
// Documentation/driver-api/early-userspace/buffer-format.rst describe it. As in an initramfs several archives may follow each
// other, with zeros between them, and later ones may be compressed.
//
//   110 bytes: magic 6, then thirteen numbers of 8 hexadecimal digits (FIELDS); the name with its NUL; the contents.
//   Name and contents are each padded to a multiple of 4 from the archive's beginning.

import { S_IFBLK, S_IFCHR, S_IFDIR, S_IFIFO, S_IFLNK, S_IFMT, S_IFREG } from "../../../kernel/abi/stat.ts";
import { BadInputError } from "../../core/errors.ts";
import { deviceNumber, imagePath, quoted, type ImageEntry } from "../../core/image.ts";
import { gunzip, isGzip } from "./gzip.ts";

export const TRAILER = "TRAILER!!!";
export const HEADER_SIZE = 110;
/** In the order of the header. */
export const FIELDS = [
  "ino", "mode", "uid", "gid", "nlink", "mtime", "size", "devmajor", "devminor", "rdevmajor", "rdevminor", "namesize", "check",
] as const;
export type CpioHeader = Record<(typeof FIELDS)[number], number>;

const MAGIC = /^07070[12]$/;
const OLD_MAGIC = /^070707|^\xc7\x71|^\x71\xc7/;
const PATH_MAX = 4096;
const TYPES = [S_IFREG, S_IFDIR, S_IFLNK, S_IFCHR, S_IFBLK, S_IFIFO];

export function isCpio(bytes: Uint8Array): boolean {
  return MAGIC.test(latin1(bytes.subarray(0, 6))) || OLD_MAGIC.test(latin1(bytes.subarray(0, 6)));
}

/** @throws BadInputError naming `name` and the offset for an archive that is damaged or leaves the image */
export function readCpio(name: string, bytes: Uint8Array): ImageEntry[] {
  const entries: ImageEntry[] = [];
  const rest = readArchives(name, bytes, entries);
  // Once: there are gzip files that unpack to themselves.
  if (rest.length > 0 && readArchives(`${name}, unpacked`, gunzip(name, rest), entries).length > 0) {
    throw new BadInputError(`${name}: expected a cpio archive inside of gzip, found gzip again`);
  }
  return entries;
}

/** Adds what the archives hold, one after the other; what is left begins as gzip does. */
function readArchives(name: string, bytes: Uint8Array, entries: ImageEntry[]): Uint8Array {
  for (let at = 0; at < bytes.length; ) {
    if (bytes[at] === 0) at++;
    else if (isGzip(bytes.subarray(at))) return bytes.subarray(at);
    else at += new Archive(name, bytes.subarray(at), at).read(entries);
  }
  return new Uint8Array();
}

/** One of the archives, from its first header to its trailer; `offset` is its place in the file. */
class Archive {
  readonly #links = new Map<string, { path: string; index: number }>(); // files with several names, by device and inode
  readonly #name: string;
  readonly #bytes: Uint8Array;
  readonly #offset: number;
  #at = 0;

  constructor(name: string, bytes: Uint8Array, offset: number) {
    this.#name = name;
    this.#bytes = bytes;
    this.#offset = offset;
  }

  /** Adds the archive's entries; its size. */
  read(entries: ImageEntry[]): number {
    for (;;) {
      const start = this.#at;
      const header = this.#header();
      const path = this.#path(header, start);
      const data = this.#take(header.size, start, `${header.size} bytes of ${quoted(path)}`);
      if (path === TRAILER) return this.#at;

      // GNU cpio sums up files only
      const isChecked = header.hasChecksum && (header.mode & S_IFMT) === S_IFREG;
      if (isChecked && sum(data) !== header.check) {
        throw this.#wrong(start, `check sum ${header.check} of ${quoted(path)}`, `${sum(data)}`);
      }
      this.#add(entries, header, this.#checked(start, () => imagePath(path)), data, start);
    }
  }

  #header(): CpioHeader & { hasChecksum: boolean } {
    const start = this.#at;
    const magic = latin1(this.#bytes.subarray(start, start + 6));
    if (OLD_MAGIC.test(magic)) throw this.#wrong(start, `the newc format ("cpio -H newc")`, "an older format");
    if (magic.length === 6 && !MAGIC.test(magic)) throw this.#wrong(start, "a header (070701 or 070702)", quoted(magic));
    const text = latin1(this.#take(HEADER_SIZE, start, "a header, or the trailer", false));
    const numbers = FIELDS.map((field, index) => {
      const digits = text.slice(6 + index * 8, 14 + index * 8);
      if (!/^[0-9a-f]{8}$/i.test(digits)) throw this.#wrong(start, `8 hexadecimal digits for "${field}"`, quoted(digits));
      return [field, parseInt(digits, 16)];
    });
    return { ...(Object.fromEntries(numbers) as CpioHeader), hasChecksum: magic.endsWith("2") };
  }

  #path({ namesize }: CpioHeader, start: number): string {
    if (namesize < 1 || namesize > PATH_MAX) throw this.#wrong(start, `a name of 1 to ${PATH_MAX} bytes`, `${namesize}`);
    const bytes = this.#take(namesize, start, "a name");
    if (bytes.indexOf(0) !== namesize - 1) {
      throw this.#wrong(start, "a name that ends in its only NUL", quoted(latin1(bytes)));
    }
    return this.#checked(start, () => utf8(bytes.subarray(0, -1)));
  }

  /** Several names of one file: any of the entries may carry the contents, usually the last. */
  #add(entries: ImageEntry[], header: CpioHeader, path: string, data: Uint8Array, start: number): void {
    const { ino, devmajor, devminor, nlink, uid, gid, rdevmajor, rdevminor } = header;
    const type = header.mode & S_IFMT;
    if (!TYPES.includes(type)) {
      const found = `mode 0${header.mode.toString(8)}`;
      throw this.#wrong(start, `a file, directory, link, FIFO or device ${quoted(path)}`, found);
    }
    const key = `${devmajor}:${devminor}:${ino}`;
    const first = nlink > 1 && type !== S_IFDIR ? this.#links.get(key) : undefined;
    if (first !== undefined) {
      if (type === S_IFREG && data.length > 0) entries[first.index] = { ...(entries[first.index] as ImageEntry), data };
      entries.push({ path, mode: 0, target: first.path });
      return;
    }
    if (nlink > 1 && type !== S_IFDIR) this.#links.set(key, { path, index: entries.length });
    entries.push({
      path,
      mode: type | (header.mode & 0o7777),
      uid,
      gid,
      mtimeNs: BigInt(header.mtime) * 1_000_000_000n,
      rdev: deviceNumber(rdevmajor, rdevminor),
      target: type === S_IFLNK ? this.#checked(start, () => utf8(data)) : undefined,
      data: type === S_IFREG ? data : undefined,
    });
  }

  /** The next bytes, and what pads them to a multiple of 4. */
  #take(length: number, start: number, expected: string, isPadded = true): Uint8Array {
    const bytes = this.#bytes.subarray(this.#at, this.#at + length);
    if (bytes.length < length) throw this.#wrong(start, expected, `the end of the archive after ${bytes.length} bytes of it`);
    this.#at += length;
    if (isPadded) this.#at = Math.min((this.#at + 3) & ~3, this.#bytes.length);
    return bytes;
  }

  #checked<T>(start: number, action: () => T): T {
    try {
      return action();
    } catch (error) {
      if (!(error instanceof BadInputError)) throw error;
      throw new BadInputError(`${this.#name}: at offset ${this.#offset + start}: ${error.message}`);
    }
  }

  #wrong(at: number, expected: string, found: string): BadInputError {
    return new BadInputError(`${this.#name}: at offset ${this.#offset + at}: expected ${expected}, found ${found}`);
  }
}

function sum(bytes: Uint8Array): number {
  let total = 0;
  for (const byte of bytes) total = (total + byte) >>> 0;
  return total;
}

function latin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

function utf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new BadInputError(`expected a name in UTF-8, found ${quoted(latin1(bytes))}`);
  }
}
