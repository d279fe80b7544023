// SPDX-License-Identifier: MIT
// A tar archive (ustar, GNU or pax; several behind each other too) as entries. It refuses what an archive from elsewhere may
// not do: name a place outside the image, be cut off, or be damaged.

import { extract, type Header } from "tar-stream";
import * as stat from "../../../kernel/abi/stat.ts";
import { BadInputError } from "../../core/errors.ts";
import { deviceNumber, imagePath, quoted, type ImageEntry } from "../../core/image.ts";

const BLOCK = 512;
const SECOND_NS = 1_000_000_000n;

const TYPES: Record<string, number> = {
  file: stat.S_IFREG,
  "contiguous-file": stat.S_IFREG,
  directory: stat.S_IFDIR,
  symlink: stat.S_IFLNK,
  fifo: stat.S_IFIFO,
  "character-device": stat.S_IFCHR,
  "block-device": stat.S_IFBLK,
};

/** An archive without entries is zeros only. */
export function isTar(bytes: Uint8Array): boolean {
  const magic = String.fromCharCode(...bytes.subarray(257, 262));
  return magic === "ustar" || (bytes.length >= 2 * BLOCK && isZeroBlock(bytes, 0));
}

/** Contents are parts of `bytes`. @throws BadInputError naming `name` and the offset for what is damaged or leaves the image */
export async function readTar(name: string, bytes: Uint8Array): Promise<ImageEntry[]> {
  const entries: ImageEntry[] = [];
  let end = 0; // of the last entry
  const archive = extract();
  archive.end(bytes);
  try {
    for await (const source of archive) {
      const header = source.header as Header & { byteOffset: number };
      const size = header.type === "directory" ? 0 : (header.size ?? 0); // whatever a directory's header claims
      // the contents are passed over here and taken from `bytes`; those of a directory tar-stream neither delivers nor ends
      if (header.type !== "directory") for await (const chunk of source) void chunk;
      entries.push(entryOf(header, bytes.subarray(header.byteOffset, header.byteOffset + size)));
      end = header.byteOffset + Math.ceil(size / BLOCK) * BLOCK;
    }
  } catch (error) {
    const { message } = error as Error;
    const reason = error instanceof BadInputError ? message : `expected a sound tar archive, found damage (${message})`;
    throw new BadInputError(`${name}: at offset ${Math.min(end, bytes.length)} or behind it: ${reason}`);
  }
  if (!isZeroBlock(bytes, end)) {
    throw new BadInputError(`${name}: at offset ${end}: truncated, expected the zeros that end an archive`);
  }
  return entries;
}

function isZeroBlock(bytes: Uint8Array, at: number): boolean {
  const block = bytes.subarray(at, at + BLOCK);
  return block.length === BLOCK && block.every((byte) => byte === 0);
}

function entryOf(header: Header, data: Uint8Array): ImageEntry {
  const path = imagePath(header.name);
  if (header.type === "link") return { path, mode: 0, target: imagePath(header.linkname ?? "") };

  const pax = (header.pax ?? {}) as Record<string, string>;
  const type = TYPES[header.type ?? ""];
  const wrong = (problem: string) => new BadInputError(`entry ${quoted(path)}: ${problem}`);
  if (type === undefined) throw wrong(`a tar entry of type "${header.type ?? "unknown"}" is not supported`);
  if (Object.keys(pax).some((key) => key.startsWith("GNU.sparse."))) throw wrong("a sparse file (tar -S) is not supported");
  const id = (value: number) => {
    if (Number.isInteger(value) && value >= 0 && value < 2 ** 32) return value;
    throw wrong(`expected a user and a group from 0 to 2^32-1, found ${value}`);
  };
  return {
    path,
    mode: type | ((header.mode ?? 0o644) & 0o7777),
    uid: id(Number(pax["uid"] ?? header.uid ?? 0)),
    gid: id(Number(pax["gid"] ?? header.gid ?? 0)),
    mtimeNs: paxTime(pax["mtime"]) ?? (BigInt(header.mtime?.getTime() ?? 0) / 1000n) * SECOND_NS,
    rdev: deviceNumber(header.devmajor ?? 0, header.devminor ?? 0),
    target: type === stat.S_IFLNK ? (header.linkname ?? "") : undefined,
    data: type === stat.S_IFREG ? data : undefined,
  };
}

/** Seconds with any number of digits behind the point, in ns. */
function paxTime(text = ""): bigint | undefined {
  const [, sign, seconds, fraction = ""] = /^(-?)(\d+)(?:\.(\d*))?$/.exec(text) ?? [];
  if (seconds === undefined) return undefined;
  const ns = BigInt(seconds) * SECOND_NS + BigInt(fraction.slice(0, 9).padEnd(9, "0"));
  return sign ? -ns : ns;
}
