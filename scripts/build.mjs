// SPDX-License-Identifier: MIT
// Builds what is out of date and nothing else: node scripts/build.mjs [kernel|player|host|command|programs|debug|all]...
// A step is up to date when the contents of its inputs are those it was last built from (build/.built-from/STEP) and its
// result is still there. Results appear by renaming, so that a reader never sees half a file.

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
process.chdir(root);

const steps = {
  kernel: {
    does: "kernel: kernel/*.ts -> build/kernel.wasm (asc)",
    inputs: ["kernel", "asconfig.json", "scripts/asc-explicit-memory.mjs", "scripts/asc-state.mjs", "package-lock.json"],
    result: "build/kernel.wasm",
    build() {
      asc("--target", "release", "--outFile", "build/kernel.new.wasm");
      renameSync("build/kernel.new.wasm", "build/kernel.wasm");
    },
  },
  player: {
    does: "player: the kernel and kernel/player, for packed modules -> build/player.wasm (asc, binaryen)",
    inputs: ["kernel", "asconfig.json", "scripts/asc-explicit-memory.mjs", "scripts/build-player.mjs", "package-lock.json"],
    result: "build/player.wasm",
    build: () => run("scripts/build-player.mjs", []),
  },
  debug: {
    does: "kernel with names and text: build/kernel.debug.wasm (asc)",
    inputs: ["kernel", "asconfig.json", "scripts/asc-explicit-memory.mjs", "scripts/asc-state.mjs", "package-lock.json"],
    result: "build/kernel.debug.wasm",
    build: () => asc("--target", "debug"),
  },
  host: {
    does: "host: host/**/*.ts -> build/host (tsc)",
    inputs: ["host", "kernel/abi", "tsconfig.json", "tsconfig.base.json", "package-lock.json"],
    result: "build/host/node/cli.js",
    build: () => run("node_modules/typescript/bin/tsc", ["--build"]),
  },
  command: {
    does: "command: host/node -> build/command (rolldown): a few files start faster than thirty modules",
    inputs: ["host", "kernel/abi", "package-lock.json"],
    result: "build/command/spawnlab.cjs",
    build() {
      run("node_modules/rolldown/bin/cli.mjs", [
        "host/node/cli.ts", "--dir", "build/command", "--format", "cjs", "--platform", "node",
        "--entry-file-names", "spawnlab.cjs", "--chunk-file-names", "[name].cjs", "--external", "@wasmer/sdk",
      ], "ignore"); // a table of what it wrote
      chmodSync("build/command/spawnlab.cjs", 0o755);
    },
  },
  programs: {
    does: "programs: fixtures/programs/*.c -> build/programs (zig cc)",
    inputs: ["fixtures/programs", "kernel/abi", "scripts/build-programs.mjs", "scripts/generate-abi-header.mjs", "package-lock.json"],
    result: "build/programs",
    build: () => run("scripts/build-programs.mjs", []),
  },
};
const all = ["kernel", "player", "host", "command", "programs"];

const asked = process.argv.slice(2);
for (const name of asked.length === 0 || asked.includes("all") ? all : asked) {
  if (!Object.hasOwn(steps, name)) fail(`build: expected one of ${Object.keys(steps).join(", ")}, all; found "${name}"`);
  bringUpToDate(name, steps[name]);
}

function bringUpToDate(name, step) {
  const stamp = `build/.built-from/${name}`;
  const inputs = digest(step.inputs);
  if (existsSync(step.result) && existsSync(stamp) && readFileSync(stamp, "utf8") === inputs) return;

  const start = Date.now();
  console.error(`building ${step.does}`);
  mkdirSync(dirname(stamp), { recursive: true });
  rmSync(stamp, { force: true });
  step.build();
  writeFileSync(stamp, inputs);
  console.error(`built ${name} in ${((Date.now() - start) / 1000).toFixed(1)} s`);
}

/** A hash over the names and contents of files and folders. */
function digest(paths) {
  const hash = createHash("sha256");
  for (const path of paths.flatMap(filesBelow)) hash.update(`${path}\0`).update(readFileSync(path)).update("\0");
  return hash.digest("hex");
}

function filesBelow(path) {
  if (!existsSync(path)) return [];
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path).sort().flatMap((name) => filesBelow(join(path, name)));
}

function asc(...args) {
  const transforms = ["asc-explicit-memory.mjs", "asc-state.mjs"].map((name) => join(root, "scripts", name)); // asc resolves relative ones as packages
  run("node_modules/assemblyscript/bin/asc.js", [...transforms.flatMap((path) => ["--transform", path]), ...args]);
}

function run(script, args, stdout = 2) {
  const { status, error } = spawnSync(process.execPath, [script, ...args], { stdio: ["ignore", stdout, 2] });
  if (error || status !== 0) fail(`build: ${script} failed${error ? `: ${error.message}` : ` with status ${status}`}`);
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
