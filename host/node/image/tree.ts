// SPDX-License-Identifier: MIT
// The file tree that an archive's entries make when they are unpacked one after the other: a later one replaces an earlier one
// of the same name, missing directories are made, and symbolic links on the way are followed, as dpkg and initramfs do. Listed
// by name it is the same image whatever archive it came from, and in whatever order that was written.

import { S_IFDIR, S_IFLNK, S_IFMT } from "../../../kernel/abi/stat.ts";
import { BadInputError } from "../../core/errors.ts";
import { imagePath, quoted, type ImageEntry } from "../../core/image.ts";

const MAX_LINKS = 40; // path_resolution(7)

class Directory {
  readonly names = new Map<string, Directory | File>();
  entry: ImageEntry;

  constructor(entry: ImageEntry = { path: "", mode: S_IFDIR | 0o755, mtimeNs: 0n }) {
    this.entry = entry;
  }
}

/** Anything else; hard links are several names for one. */
class File {
  readonly entry: ImageEntry;

  constructor(entry: ImageEntry) {
    this.entry = entry;
  }
}

/**
 * The entries of the tree: parents first, then by name; of the names of one file the first has its contents.
 * @throws BadInputError naming an entry that what was before it rules out
 */
export function unpack(entries: Iterable<ImageEntry>): ImageEntry[] {
  const root = new Directory();
  for (const entry of entries) {
    const problem = add(root, entry);
    if (problem !== undefined) throw new BadInputError(`entry ${quoted(entry.path)}: ${problem}`);
  }
  return [...list("", root, new Map())];
}

/** Undefined, or what was expected and found. */
function add(root: Directory, entry: ImageEntry): string | undefined {
  const isDirectory = (entry.mode & S_IFMT) === S_IFDIR;
  const parts = imagePath(entry.path).split("/");
  const name = parts.pop() as string;
  if (name === "") {
    if (!isDirectory) return "expected the root to be a directory";
    root.entry = entry;
    return undefined;
  }

  const parent = walk(root, parts);
  if (typeof parent === "string") return parent;
  const existing = parent.names.get(name);
  if (isDirectory) {
    if (existing instanceof Directory) existing.entry = entry;
    else if (!leadsToDirectory(root, existing, [...parts, name])) parent.names.set(name, new Directory(entry));
    return undefined;
  }
  if (existing instanceof Directory && existing.names.size > 0) {
    return "expected no directory of that name, found one with files in it";
  }
  const { mode, target = "" } = entry;
  const file = mode === 0 ? linkedFile(root, target) : new File(entry);
  if (file === undefined) return `expected a link to a file before it, found no file ${quoted(target)}`;
  parent.names.set(name, file);
  return undefined;
}

function linkedFile(root: Directory, path: string): File | undefined {
  const parts = imagePath(path).split("/");
  const name = parts.pop() as string;
  const parent = walk(root, parts, false);
  const file = typeof parent === "string" ? undefined : parent.names.get(name);
  return file instanceof File ? file : undefined;
}

/** A symbolic link to a directory stays where a package says "directory": so does /bin in a system with merged /usr. */
function leadsToDirectory(root: Directory, existing: File | undefined, parts: readonly string[]): boolean {
  return existing !== undefined && isLink(existing) && walk(root, parts, false) instanceof Directory;
}

/** The directory at a path, or what is wrong. What is missing on the way is made if `isMade`. */
function walk(root: Directory, parts: readonly string[], isMade = true): Directory | string {
  const way = [root];
  const left = [...parts];
  let links = 0;
  for (let part = left.shift(); part !== undefined; part = left.shift()) {
    if (part === "" || part === ".") continue;
    if (part === "..") {
      if (way.length > 1) way.pop();
      continue;
    }
    const { names } = way.at(-1) as Directory;
    if (isMade && !names.has(part)) names.set(part, new Directory());
    const next = names.get(part);
    if (next instanceof Directory) {
      way.push(next);
    } else if (next && isLink(next)) {
      if (++links > MAX_LINKS) return `expected a directory at ${quoted(part)}, found a loop of symbolic links`;
      const target = next.entry.target ?? "";
      if (target.startsWith("/")) way.length = 1;
      left.unshift(...target.split("/"));
    } else {
      return `expected a directory at ${quoted(part)}, found ${next ? "a file" : "nothing"}`;
    }
  }
  return way.at(-1) as Directory;
}

function isLink({ entry }: File): boolean {
  return (entry.mode & S_IFMT) === S_IFLNK;
}

function* list(path: string, node: Directory | File, seen: Map<File, string>): Generator<ImageEntry> {
  if (node instanceof File) {
    const first = seen.get(node);
    if (first === undefined) seen.set(node, path);
    yield first === undefined ? { ...node.entry, path } : { path, mode: 0, target: first };
    return;
  }
  yield { ...node.entry, path };
  const names = [...node.names].sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [name, child] of names) yield* list(path === "" ? name : `${path}/${name}`, child, seen);
}
