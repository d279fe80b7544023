// SPDX-License-Identifier: MIT
// Writes entries as a tar archive, the same bytes for the same entries on every computer: ustar, with a pax header where that
// cannot say it (long names, parts of a second, large numbers).

import { pack, type Header } from "tar-stream";
import * as stat from "../../../kernel/abi/stat.ts";
import { majorOf, minorOf, type ImageEntry } from "../../core/image.ts";

const SECOND_NS = 1_000_000_000n;
const MAX_ID = 0o777777; // what tar-stream's ustar fields hold
const MAX_TIME = 2n ** 31n;

const TYPES: Record<number, Header["type"]> = {
  [stat.S_IFREG]: "file",
  [stat.S_IFDIR]: "directory",
  [stat.S_IFLNK]: "symlink",
  [stat.S_IFIFO]: "fifo",
  [stat.S_IFCHR]: "character-device",
  [stat.S_IFBLK]: "block-device",
};

export async function tarOf(entries: Iterable<ImageEntry>): Promise<Buffer> {
  const archive = pack();
  const collected = collect(archive);
  for (const entry of entries) archive.entry(headerOf(entry), entry.data ?? "");
  archive.finalize();
  return collected;
}

function headerOf(entry: ImageEntry): Partial<Header> & { name: string } {
  const { path, mode, uid = 0, gid = 0, mtimeNs = 0n, rdev = 0, target, data } = entry;
  const seconds = mtimeNs / SECOND_NS;
  const isTimePlain = mtimeNs >= 0n && seconds < MAX_TIME;
  const mtime = new Date(isTimePlain ? Number(seconds) * 1000 : 0);
  if (mode === 0) return { name: path, type: "link", linkname: target, mtime: new Date(0) };

  const pax = {
    ...(uid > MAX_ID && { uid: String(uid) }),
    ...(gid > MAX_ID && { gid: String(gid) }),
    ...((mtimeNs % SECOND_NS !== 0n || !isTimePlain) && { mtime: paxTime(mtimeNs) }),
  };
  const type = TYPES[mode & stat.S_IFMT];
  return {
    name: type !== "directory" ? path : path === "" ? "./" : `${path}/`,
    type,
    mode: mode & 0o7777,
    uid: Math.min(uid, MAX_ID),
    gid: Math.min(gid, MAX_ID),
    mtime,
    linkname: target,
    size: data?.length ?? 0,
    devmajor: majorOf(rdev),
    devminor: minorOf(rdev),
    ...(Object.keys(pax).length > 0 && { pax }),
  };
}

function paxTime(ns: bigint): string {
  const size = ns < 0n ? -ns : ns;
  const fraction = (size % SECOND_NS).toString().padStart(9, "0").replace(/0+$/, "");
  return `${ns < 0n ? "-" : ""}${size / SECOND_NS}${fraction && `.${fraction}`}`;
}

async function collect(archive: AsyncIterable<unknown>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of archive) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks);
}
