// SPDX-License-Identifier: MIT
// What a file tree cannot say about itself: an image may hold `.spawnlab.json` at its root, which is not part of what the
// guest sees.
//
//   { "mounts": [{ "path": "/ro", "flags": ["ro", "noexec"] }],
//     "owners": [{ "path": "/home/user", "uid": 1000, "gid": 1000 }] }     (the path and everything below it)

import { BadInputError } from "../../core/errors.ts";
import { imagePath, MOUNT_FLAGS, type ImageEntry, type ImageMount } from "../../core/image.ts";

export const MANIFEST_PATH = ".spawnlab.json";

export interface Owner {
  readonly path: string;
  readonly uid: number;
  readonly gid: number;
}

export interface Manifest {
  readonly mounts: readonly ImageMount[];
  readonly owners: readonly Owner[];
}

export const NO_MANIFEST: Manifest = { mounts: [], owners: [] };

/** @throws BadInputError naming `name` and the field */
export function parseManifest(name: string, bytes: Uint8Array): Manifest {
  const wrong = (expected: string) => new BadInputError(`${name}: ${MANIFEST_PATH}: expected ${expected}`);
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    throw wrong(`JSON, found ${(error as Error).message}`);
  }
  if (!isObject(value)) throw wrong("an object");
  const { mounts = [], owners = [], ...unknown } = value;
  const [extra] = Object.keys(unknown);
  if (extra !== undefined) throw wrong(`"mounts" and "owners", found "${extra}"`);
  if (!Array.isArray(mounts) || !Array.isArray(owners)) throw wrong(`"mounts" and "owners" to be lists`);
  return {
    mounts: mounts.map((mount: unknown) => {
      if (!isObject(mount) || typeof mount["path"] !== "string" || !Array.isArray(mount["flags"])) {
        throw wrong(`each of "mounts" to have a path and a list of flags`);
      }
      return { path: mount["path"], flags: mountFlags(mount["flags"], wrong) };
    }),
    owners: owners.map((owner: unknown) => {
      if (!isObject(owner) || typeof owner["path"] !== "string" || !isId(owner["uid"]) || !isId(owner["gid"])) {
        throw wrong(`each of "owners" to have a path, a uid and a gid`);
      }
      return { path: imagePath(owner["path"]), uid: owner["uid"], gid: owner["gid"] };
    }),
  };
}

/** `MS_` bits of flag names. */
export function mountFlags(names: readonly unknown[], wrong: (expected: string) => Error): number {
  return names.reduce<number>((flags, name) => {
    const flag = typeof name === "string" && Object.hasOwn(MOUNT_FLAGS, name) ? MOUNT_FLAGS[name] : undefined;
    if (flag === undefined) throw wrong(`mount flags ${Object.keys(MOUNT_FLAGS).join(", ")}, found ${JSON.stringify(name)}`);
    return flags | flag;
  }, 0);
}

/** The entry with the owner that the last fitting line of the manifest names. */
export function withOwner(entry: ImageEntry, { owners }: Manifest): ImageEntry {
  const owner = owners.findLast(({ path }) => path === "" || entry.path === path || entry.path.startsWith(`${path}/`));
  return owner && entry.mode !== 0 ? { ...entry, uid: owner.uid, gid: owner.gid } : entry;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isId(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) < 2 ** 32 - 1;
}
