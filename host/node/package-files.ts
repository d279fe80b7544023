// SPDX-License-Identifier: MIT
// Where the files of this package are: the kernel, the sample programs, the sample image. The same from a checkout's source
// and from its build.

import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { BadInputError } from "../core/errors.ts";

const root = findRoot(dirname(fileURLToPath(import.meta.url)));

export function packagePath(...parts: string[]): string {
  return join(root, ...parts);
}

export function packageVersion(): string {
  return (JSON.parse(readFileSync(packagePath("package.json"), "utf8")) as { version: string }).version;
}

/** The kernel, or the one that SPAWNLAB_KERNEL names. @throws BadInputError before the first build */
export function kernelBytes(): Uint8Array {
  return builtFile(process.env["SPAWNLAB_KERNEL"] ?? packagePath("build/kernel.wasm"), "no kernel");
}

/** What a packed module is made of. @throws BadInputError before the first build */
export function playerBytes(): Uint8Array {
  return builtFile(packagePath("build/player.wasm"), "no player");
}

/** Names a kernel build: the start of the SHA-256 of kernel.wasm. Builds are reproducible, so it names its source too. */
export function kernelHash(bytes: Uint8Array): string {
  // Only now: loading it takes some milliseconds, and most commands hash nothing.
  const { createHash } = createRequire(import.meta.url)("node:crypto") as typeof import("node:crypto");
  return createHash("sha256").update(bytes).digest("hex").slice(0, 12);
}

function builtFile(path: string, missing: string): Uint8Array {
  if (!existsSync(path)) throw new BadInputError(`${path}: ${missing} there, build it with "npm run build"`);
  return readFileSync(path);
}

function findRoot(from: string): string {
  if (existsSync(join(from, "package.json"))) return from;
  const parent = dirname(from);
  if (parent === from) throw new BadInputError("the package that this command belongs to has no package.json");
  return findRoot(parent);
}
