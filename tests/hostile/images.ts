// SPDX-License-Identifier: MIT
// Damaged images: archives of both formats for the host's readers, and entries that no reader would make for the kernel itself.
// What becomes of one must be a tree or one clear error, and nothing that is accepted may hurt the kernel. A machine gets several,
// so that they meet what the earlier ones left.

import { BadInputError } from "../../host/core/errors.ts";
import { directory, file, type ImageEntry } from "../../host/core/image.ts";
import { Machine } from "../../host/core/machine.ts";
import { readArchive } from "../../host/node/image/archive.ts";
import { gzip } from "../../host/node/image/gzip.ts";
import { FIELDS, HEADER_SIZE } from "../../host/node/image/read-cpio.ts";
import { cpioOf } from "../../host/node/image/write-cpio.ts";
import { tarOf } from "../../host/node/image/write-tar.ts";
import { S_IFBLK, S_IFCHR, S_IFDIR, S_IFIFO, S_IFLNK, S_IFREG, S_IFSOCK } from "../../kernel/abi/stat.ts";
import { checkEnd, Violation, type Kind, type Log } from "./machine.ts";
import type { Random } from "./random.ts";

const IMAGES_PER_MACHINE = 16;
const MEMORY = 4 * 1024 * 1024;
const NAME = "damaged";
const MOST_FILE_BYTES = 20_000;

const BLOCK = 512;
const CHECKSUM = 148;
// name, mode, uid, gid, size, mtime, type, link name, magic, device numbers, prefix: tar(5)
const TAR_FIELDS = [[0, 100], [100, 8], [108, 8], [116, 8], [124, 12], [136, 12], [156, 1], [157, 100], [257, 8], [329, 8], [337, 8], [345, 155]] as const;
const TEXTS = ["../up", "/absolute", "a/../../b", "dir", "dir/", "dir/file/below", "77777777777", "-1", "9", "x".repeat(200), "\0", "\x80\xff\xff\xff\xff", "1", "5", "x", "g"];
const NUMBERS = ["00000000", "ffffffff", "7fffffff", "80000000", "00000001", "0000a1ff", "000081a4", "000041ed", "0000006e", "00001000", "0000zz00", "        "];
const TYPES = [0, S_IFREG, S_IFDIR, S_IFLNK, S_IFCHR, S_IFBLK, S_IFIFO, S_IFSOCK, 0xf000, 0x5000];
const PATHS = ["dir", "dir/file", "hard", "dir/link", "dir/link/below", "fifo", "new/deep/er/path", "", ".", "..", "dir/..", "a//b", "/", "x".repeat(256), "y/".repeat(3000), "null", "proc/x", "dev/null"];

export const images: Kind = {
  name: "images",
  unit: "damaged images",
  size: IMAGES_PER_MACHINE,
  async run({ kernel }, random, log) {
    const machine = Machine.boot(kernel, { memoryBytes: MEMORY, isHeapChecked: true });
    for (let left = IMAGES_PER_MACHINE; left > 0; left--) await enter(machine, random, log);
    checkEnd(machine);
    return IMAGES_PER_MACHINE;
  },
};

/** One image: accepted, or refused with one line that names the culprit. */
async function enter(machine: Machine, random: Random, log: Log): Promise<void> {
  try {
    if (random.chance(0.3)) machine.addEntries(wildEntries(random));
    else machine.addEntries(await readArchive(NAME, await damagedArchive(random)));
    log?.("accepted");
  } catch (error) {
    if (!(error instanceof BadInputError)) throw error;
    log?.(error.message);
    if (!error.message.startsWith(NAME) && !error.message.startsWith("entry")) throw new Violation(`an error that names nothing: ${error.message}`);
    if (error.message.includes("\n") || error.message.length > 1000) throw new Violation(`an error of several lines: ${error.message}`);
  }
}

async function damagedArchive(random: Random): Promise<Uint8Array> {
  const isTar = random.chance(0.5);
  const archive = isTar ? await tarOf(entries(random)) : Buffer.from(cpioOf(entries(random)));
  const isCompressed = random.chance(0.2);
  if (!isCompressed || random.chance(0.3)) for (let left = random.between(1, 3); left > 0; left--) (isTar ? damageTar : damageCpio)(archive, random);
  const packed = isCompressed ? gzip(archive) : archive;
  if (isCompressed) for (let left = random.below(3); left > 0; left--) flipBit(packed, random);
  return random.chance(0.2) ? packed.subarray(0, random.below(packed.length)) : packed;
}

function damageTar(tar: Buffer, random: Random): void {
  if (random.chance(0.2)) return flipBit(tar, random);
  const block = random.below(tar.length / BLOCK) * BLOCK;
  const [at, size] = random.pick(TAR_FIELDS);
  tar.fill(0, block + at, block + at + size);
  tar.write(random.pick(TEXTS).slice(0, size), block + at, "latin1");
  tar.fill(0x20, block + CHECKSUM, block + CHECKSUM + 8);
  const sum = tar.subarray(block, block + BLOCK).reduce((total, byte) => total + byte, 0);
  tar.write(`${sum.toString(8).padStart(6, "0")}\0 `, block + CHECKSUM, "latin1");
}

function damageCpio(cpio: Buffer, random: Random): void {
  if (random.chance(0.2)) return flipBit(cpio, random);
  const headers: number[] = [];
  for (let at = cpio.indexOf("07070"); at >= 0; at = cpio.indexOf("07070", at + HEADER_SIZE)) headers.push(at);
  const header = random.pick(headers);
  if (random.chance(0.3)) cpio.write(random.pick(TEXTS), header + HEADER_SIZE, "latin1"); // its name
  else cpio.write(random.pick(NUMBERS), header + 6 + 8 * random.below(FIELDS.length), "latin1");
}

function flipBit(bytes: Uint8Array, random: Random): void {
  const at = random.below(bytes.length);
  bytes[at] = (bytes[at] as number) ^ (1 << random.below(8));
}

function entries(random: Random): ImageEntry[] {
  const all: ImageEntry[] = [
    directory("dir"),
    file("dir/file", "text\n".repeat(random.below(500))),
    file(`dir/${"long-".repeat(random.below(40))}name`, ""),
    { path: "dir/link", mode: S_IFLNK | 0o777, target: "file" },
    { path: "hard", mode: 0, target: "dir/file" },
    { path: "fifo", mode: S_IFIFO | 0o644 },
    { path: "null", mode: S_IFCHR | 0o666, rdev: 0x103 },
    file("empty", ""),
  ];
  const kept = all.filter(() => random.chance(0.8));
  return kept.some(({ path }) => path === "dir/file") ? kept : kept.filter(({ path }) => path !== "hard");
}

/** Entries straight to the kernel: any type and mode under any name, with a target or data where none belongs. */
function wildEntries(random: Random): ImageEntry[] {
  return Array.from({ length: random.between(1, 6) }, () => ({
    path: random.pick(PATHS),
    mode: random.chance(0.9) ? random.pick(TYPES) | random.below(0o10000) : random.u32(),
    uid: Number(random.boundary() & 0xffffffffn),
    gid: random.below(1000),
    mtimeNs: BigInt.asIntN(64, random.boundary()),
    rdev: random.chance(0.5) ? 0x103 : random.u32(),
    ...(random.chance(0.5) && { target: random.pick(PATHS) }),
    ...(random.chance(0.5) && { data: random.bytes(random.below(MOST_FILE_BYTES)) }),
  }));
}
