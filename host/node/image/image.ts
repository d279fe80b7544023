// SPDX-License-Identifier: MIT
// Opens an image by its path: a directory or an archive, or the built-in sample image.

import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { BadInputError } from "../../core/errors.ts";
import { directory, file, imagePath, type ImageEntry } from "../../core/image.ts";
import { packagePath } from "../package-files.ts";
import { MANIFEST_PATH, NO_MANIFEST, parseManifest, withOwner, type Manifest } from "./manifest.ts";
import { readDirectory } from "./read-directory.ts";

export interface Image {
  /** For messages. */
  readonly name: string;
  /** Everything that was found, parents before children. Files of a directory are read as they are asked for. */
  readonly entries: Iterable<ImageEntry>;
  readonly manifest: Manifest;
}

/** @throws BadInputError naming the path for what is neither a directory nor a sound archive */
export async function openImage(path: string): Promise<Image> {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) throw new BadInputError(`${path}: expected a directory or an archive, found nothing`);
  if (stat.isDirectory()) {
    const manifestPath = `${path}/${MANIFEST_PATH}`;
    const manifest = existsSync(manifestPath) ? parseManifest(path, readFileSync(manifestPath)) : NO_MANIFEST;
    return { name: path, entries: readDirectory(path), manifest };
  }

  const { readArchive } = await import("./archive.ts"); // only now: a start should not wait for it
  const entries = await readArchive(path, readBytes(path));
  const written = entries.find((entry) => entry.path === MANIFEST_PATH)?.data;
  const manifest = written ? parseManifest(path, written) : NO_MANIFEST;
  return { name: path, entries, manifest };
}

function readBytes(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new BadInputError(`${path}: cannot be read (${(error as NodeJS.ErrnoException).code ?? error})`);
  }
}

/** Names what is in an image: the start of a SHA-256 over everything that makes a difference to the guest. */
export function imageHash(entries: readonly ImageEntry[]): string {
  const { createHash } = createRequire(import.meta.url)("node:crypto") as typeof import("node:crypto"); // only now, as kernelHash() does
  const hash = createHash("sha256");
  const sorted = entries.map((entry) => ({ ...entry, path: imagePath(entry.path) })).sort((a, b) => (a.path < b.path ? -1 : 1));
  for (const { path, mode, uid = 0, gid = 0, mtimeNs = 0n, rdev = 0, target = "", data = new Uint8Array() } of sorted) {
    hash.update(`${JSON.stringify([path, mode, uid, gid, String(mtimeNs), rdev, target, data.length])}\n`).update(data);
  }
  return hash.digest("hex").slice(0, 12);
}

/** What the guest gets to see: the manifest applied and taken out. */
export function* guestEntries({ entries, manifest }: Image): Generator<ImageEntry> {
  for (const entry of entries) if (entry.path !== MANIFEST_PATH) yield withOwner(entry, manifest);
}

/** fixtures/images/README.md says what is in it. */
export function sampleImage(): Image {
  return { name: "the sample image", entries: sampleEntries(), manifest: NO_MANIFEST };
}

function* sampleEntries(): Generator<ImageEntry> {
  const programs = packagePath("build/programs/riscv64");
  if (!existsSync(programs)) throw new BadInputError(`${programs}: no sample programs there, build them with "npm run build"`);
  // A checkout's times mean nothing, nor do its permissions for others: it is the same image on every computer.
  for (const { mtimeNs: _, ...entry } of readDirectory(packagePath("fixtures/images/sample"))) yield { ...entry, mode: entry.mode & ~0o022 };
  yield directory("tmp", 0o1777);
  yield directory("root", 0o700);
  yield directory("dev");
  yield directory("proc");
  yield directory("bin");
  for (const name of readdirSync(programs).sort()) yield file(`bin/${name}`, readFileSync(`${programs}/${name}`), 0o755);
}

