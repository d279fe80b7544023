// SPDX-License-Identifier: MIT
// A directory on this computer as an image: modes, times, links, FIFOs and devices as they are. Owners are not taken over
// (whoever made the checkout means nothing inside the image): everything belongs to root unless the manifest says otherwise.

import { lstatSync, readdirSync, readFileSync, readlinkSync, type BigIntStats } from "node:fs";
import { join } from "node:path";
import { BadInputError } from "../../core/errors.ts";
import type { ImageEntry } from "../../core/image.ts";

/** Sorted by name, so that the same tree is the same image everywhere. @throws BadInputError naming the file */
export function* readDirectory(root: string): Generator<ImageEntry> {
  yield* walk(root, "", new Map());
}

/** `seen` maps an inode with several names to the first of them. */
function* walk(root: string, path: string, seen: Map<string, string>): Generator<ImageEntry> {
  const place = join(root, path);
  const stat = attempt(place, () => lstatSync(place, { bigint: true }));
  const common = { path, mode: Number(stat.mode), mtimeNs: stat.mtimeNs };

  if (stat.isDirectory()) {
    yield common;
    const names = attempt(place, () => readdirSync(place)).sort();
    for (const name of names) yield* walk(root, path === "" ? name : `${path}/${name}`, seen);
    return;
  }
  const first = stat.nlink > 1n ? rememberName(seen, stat, path) : undefined;
  if (first !== undefined) yield { path, mode: 0, target: first };
  else if (stat.isSymbolicLink()) yield { ...common, target: attempt(place, () => readlinkSync(place)) };
  else if (stat.isFile()) yield { ...common, data: attempt(place, () => readFileSync(place)) };
  else if (stat.isFIFO()) yield common;
  else if (stat.isCharacterDevice() || stat.isBlockDevice()) yield { ...common, rdev: Number(stat.rdev) };
  else throw new BadInputError(`${place}: expected a file, directory, link, FIFO or device, found a socket`);
}

function rememberName(seen: Map<string, string>, stat: BigIntStats, path: string): string | undefined {
  const key = `${stat.dev}:${stat.ino}`;
  const first = seen.get(key);
  if (first === undefined) seen.set(key, path);
  return first;
}

function attempt<T>(place: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw new BadInputError(`${place}: cannot be read (${(error as NodeJS.ErrnoException).code ?? error})`);
  }
}
