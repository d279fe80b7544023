// SPDX-License-Identifier: MIT
// Damaged image archives for the host's reader: what it makes of them must be an image or one clear error, and what it accepts
// must not hurt the kernel.

import { gzipSync } from "node:zlib";
import { BadInputError } from "../../host/core/errors.ts";
import { directory, file, type ImageEntry } from "../../host/core/image.ts";
import { Machine } from "../../host/core/machine.ts";
import { readArchive } from "../../host/node/image/archive.ts";
import { tarOf } from "../../host/node/image/write-tar.ts";
import { S_IFCHR, S_IFIFO, S_IFLNK } from "../../kernel/abi/stat.ts";
import { checkEnd, Violation, type Kind } from "./machine.ts";
import type { Random } from "./random.ts";

const BLOCK = 512;
const CHECKSUM = 148;
// name, mode, uid, gid, size, mtime, type, link name, magic, device numbers, prefix: tar(5)
const TAR_FIELDS = [[0, 100], [100, 8], [108, 8], [116, 8], [124, 12], [136, 12], [156, 1], [157, 100], [257, 8], [329, 8], [337, 8], [345, 155]] as const;
const TEXTS = ["../up", "/absolute", "a/../../b", "dir", "dir/", "dir/file/below", "77777777777", "-1", "9", "x".repeat(200), "\0", "\x80\xff\xff\xff\xff", "1", "5", "x", "g"];
const MEMORY = 4 * 1024 * 1024;

export const images: Kind = {
  name: "images",
  unit: "damaged archives",
  async run({ kernel }, random, log) {
    const archive = await damagedArchive(random);
    const machine = Machine.boot(kernel, { memoryBytes: MEMORY, isHeapChecked: true });
    try {
      machine.addEntries(await readArchive("damaged.tar", archive));
      log?.("accepted");
    } catch (error) {
      if (!(error instanceof BadInputError)) throw error;
      log?.(error.message);
      if (!error.message.startsWith("damaged.tar") && !error.message.startsWith("entry")) throw new Violation(`an error that names nothing: ${error.message}`);
      if (error.message.includes("\n") || error.message.length > 1000) throw new Violation(`an error of several lines: ${error.message}`);
    }
    checkEnd(machine);
    return 1;
  },
};

async function damagedArchive(random: Random): Promise<Buffer> {
  const tar = await tarOf(entries(random));
  const isCompressed = random.chance(0.3);
  if (!isCompressed || random.chance(0.3)) for (let left = random.between(1, 3); left > 0; left--) damageTar(tar, random);
  const archive = isCompressed ? gzipSync(tar) : tar;
  if (isCompressed) for (let left = random.below(3); left > 0; left--) flipBit(archive, random);
  return random.chance(0.2) ? archive.subarray(0, random.below(archive.length)) : archive;
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

function flipBit(bytes: Buffer, random: Random): void {
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
  return all.filter(() => random.chance(0.8));
}
