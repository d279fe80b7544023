// SPDX-License-Identifier: MIT
// Builds build/player.wasm: the kernel and kernel/player in one WASI command with an empty script, into which `spawnlab repro pack` puts
// one. What the kernel imports from its host is bound to kernel/player/host.ts, and reading the script becomes a memory.init.

import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import asc from "assemblyscript/asc";

const root = join(import.meta.dirname, "..");
const { default: binaryen } = await import(createRequire(import.meta.resolve("assemblyscript")).resolve("binaryen"));

const module = binaryen.readBinary(await compile());
const { BulkMemory, BulkMemoryOpt, MutableGlobals, NontrappingFPToInt, SignExt } = binaryen.Features;
module.setFeatures(BulkMemory | BulkMemoryOpt | MutableGlobals | NontrappingFPToInt | SignExt);
const functions = Array.from({ length: module.getNumFunctions() }, (_, index) => binaryen.getFunctionInfo(module.getFunctionByIndex(index)));

for (const name of ["consoleWrite", "trace", "finding"]) {
  const { value } = binaryen.getExportInfo(module.getExport(name));
  define("spawnlab", name, (args) => module.call(value, args, binaryen.none));
}
addEmptySegment("script");
define("script", "read", ([to, offset, length]) => module.memory.init("script", to, offset, length));

const exports = Array.from({ length: module.getNumExports() }, (_, index) => binaryen.getExportInfo(module.getExportByIndex(index)).name);
exports.filter((name) => name !== "_start" && name !== "memory").forEach((name) => module.removeExport(name)); // a WASI command has no others

if (!module.validate()) throw new Error("build-player: the module is not valid");
writeFileSync(join(root, "build/player.new.wasm"), module.emitBinary());
renameSync(join(root, "build/player.new.wasm"), join(root, "build/player.wasm"));

async function compile() {
  const { options } = JSON.parse(readFileSync(join(root, "asconfig.json"), "utf8"));
  const flags = Object.entries(options).flatMap(([name, value]) => [value].flat().flatMap((item) => [`--${name}`, String(item)]));
  const transforms = ["asc-explicit-memory.mjs", "asc-state.mjs"].flatMap((name) => ["--transform", join(root, "scripts", name)]);
  const entries = ["kernel/player/index.ts", "kernel/player/host.ts"];
  let compiled;
  const { error, stderr } = await asc.main([...entries, "--config", "none", "--baseDir", root, ...transforms, ...flags, "--outFile", "player.wasm"], {
    writeFile: (_, contents) => (compiled = contents),
  });
  if (error) throw new Error(`build-player: ${stderr}`);
  return compiled;
}

/** Gives an imported function a body. */
function define(from, base, body) {
  const { name, params, results } = functions.find((info) => info.module === from && info.base === base);
  const args = binaryen.expandType(params).map((type, index) => module.local.get(index, type));
  module.removeFunction(name);
  module.addFunction(name, params, results, [], body(args));
}

/** A passive data segment; binaryen's JavaScript has no function of its own for it. */
function addEmptySegment(name) {
  const [text, memory] = [cString(name), cString("0")];
  binaryen._BinaryenAddDataSegment(module.ptr, text, memory, true, 0, 0, 0);
  binaryen._free(text);
  binaryen._free(memory);
}

function cString(text) {
  const bytes = new TextEncoder().encode(`${text}\0`);
  const address = binaryen._malloc(bytes.length);
  bytes.forEach((byte, index) => binaryen.__i32_store8(address + index, byte));
  return address;
}
