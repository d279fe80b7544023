// SPDX-License-Identifier: MIT
// spawnlab image build|list.

import { resolve, sep } from "node:path";
import * as stat from "../../kernel/abi/stat.ts";
import { BadInputError } from "../core/errors.ts";
import { majorOf, minorOf, type ImageEntry } from "../core/image.ts";
import { openImage } from "./image/image.ts";
import { writerFor } from "./image/archive.ts";
import { unpack } from "./image/tree.ts";
import { writeWhole } from "./image/write-whole.ts";

/**
 * Makes an archive, in the format of its name, of directories and other archives, each laid over those before it. It is written
 * only when it is whole.
 */
export async function buildImage(sources: readonly string[], { output }: { output: string }): Promise<void> {
  const write = writerFor(output);
  const around = sources.find((source) => resolve(output).startsWith(resolve(source) + sep));
  if (around !== undefined) {
    throw new BadInputError(`--output: ${output} lies inside ${around} and would become part of the next image`);
  }
  const entries: ImageEntry[] = [];
  for (const source of sources) entries.push(...(await openImage(source)).entries);
  writeWhole(output, await write(unpack(entries)));
}

/** One line for each entry, as `tar tv` writes them. */
export async function* listImage(path: string): AsyncGenerator<string> {
  const { entries } = await openImage(path);
  for (const entry of entries) yield line(entry);
}

const TYPE_LETTERS: Record<number, string> = {
  [stat.S_IFREG]: "-",
  [stat.S_IFDIR]: "d",
  [stat.S_IFLNK]: "l",
  [stat.S_IFIFO]: "p",
  [stat.S_IFCHR]: "c",
  [stat.S_IFBLK]: "b",
};

function line({ path, mode, uid = 0, gid = 0, mtimeNs = 0n, rdev = 0, target, data }: ImageEntry): string {
  const name = printable(`/${path}`);
  if (mode === 0) return `h--------- ${" ".repeat(32)}${name} link to ${printable(`/${target}`)}`;

  const isDevice = [stat.S_IFCHR, stat.S_IFBLK].includes(mode & stat.S_IFMT);
  const size = isDevice ? `${majorOf(rdev)},${minorOf(rdev)}` : String(data?.length ?? 0);
  const time = new Date(Number(mtimeNs / 1_000_000n)).toISOString().slice(0, 16).replace("T", " ");
  const owner = `${uid}/${gid}`;
  const columns = [modeText(mode), owner.padEnd(5), size.padStart(9 - Math.max(0, owner.length - 5)), time, name];
  return `${columns.join(" ")}${target === undefined ? "" : ` -> ${printable(target)}`}`;
}

/** A name as tar(1) lists it: one line, and nothing that a terminal would obey. */
function printable(name: string): string {
  return name.replace(/[\0-\x1f\x7f-\x9f\\]/g, (letter) =>
    letter === "\\" ? "\\\\" : letter === "\n" ? "\\n" : `\\${letter.charCodeAt(0).toString(8).padStart(3, "0")}`,
  );
}

/** `-rwsr-xr-x`, as ls(1). */
function modeText(mode: number): string {
  const letters = [...(TYPE_LETTERS[mode & stat.S_IFMT] ?? "?"), ..."rwxrwxrwx"].map((letter, index) =>
    index === 0 || mode & (1 << (9 - index)) ? letter : "-",
  );
  const special = (bit: number, at: number, letter: string) => {
    if (mode & bit) letters[at] = letters[at] === "x" ? letter : letter.toUpperCase();
  };
  special(stat.S_ISUID, 3, "s");
  special(stat.S_ISGID, 6, "s");
  special(stat.S_ISVTX, 9, "t");
  return letters.join("");
}
