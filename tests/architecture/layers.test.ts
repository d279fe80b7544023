// SPDX-License-Identifier: MIT
// Holds the lines between the layers (ARCHITECTURE.md): who may import whom, in the kernel and in the host, that kernel/abi
// stays data, and that the list of the kernel's exports is the whole truth.

import { readFileSync, readdirSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";
import { expect, it } from "vitest";
import { EXPORTS, IMPORTS } from "../../host/core/kernel-module.ts";
import { kernel, ROOT } from "../support/kernel.ts";

/** From the lowest to the highest: a file imports from its own layer and from those before it. */
const KERNEL_LAYERS = ["abi", "lib", "memory", "cpu", "file", "tty", "fs", "process", "spawn", "syscall", "trace", "trap", "actor", "class-names", "usage", "state", "input", "kernel", "check", "inspect", "index", "player"];

function sourcesBelow(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts") && !name.endsWith(".d.ts"))
    .map((name) => `${folder}/${name}`);
}

/** What a file imports: paths from the repository's root, or package names. */
function importsOf(file: string): string[] {
  const source = readFileSync(join(ROOT, file), "utf8");
  return [...source.matchAll(/^(?:import|export|\}) .*?\bfrom "([^"]+)";|\bimport\("([^"]+)"\)|^import "([^"]+)"/gm)]
    .map(([, ...groups]) => groups.find((group) => group !== undefined) as string)
    .map((path) => (path.startsWith(".") ? relative(ROOT, normalize(join(ROOT, dirname(file), path))) : path));
}

/** The layer of a file: its folder below kernel/, or its own name when it lies there directly. */
function layerOf(file: string): string {
  return (file.split("/")[1] as string).replace(/\.ts$/, "");
}

it("imports are found, on one line and over several", () => {
  expect(importsOf("host/node/cli.ts")).toEqual(expect.arrayContaining(["commander", "host/core/errors.ts", "host/node/run-command.ts"]));
  expect(sourcesBelow("kernel").flatMap(importsOf).length).toBeGreaterThan(100);
});

it("kernel files import only from their own layer and the lower ones", () => {
  const wrong: string[] = [];
  for (const file of sourcesBelow("kernel")) {
    if (file === "kernel/host.ts") continue; // the wasm imports: usable everywhere, imports nothing
    const layer = KERNEL_LAYERS.indexOf(layerOf(file));
    expect(layer, `${file} belongs to no layer`).toBeGreaterThanOrEqual(0);
    for (const target of importsOf(file)) {
      if (target === "kernel/host.ts" || target === "rt") continue; // "rt": the compiler's own
      const targetLayer = KERNEL_LAYERS.indexOf(layerOf(target));
      if (!target.startsWith("kernel/") || targetLayer < 0 || targetLayer > layer) wrong.push(`${file} imports ${target}`);
    }
  }
  expect(wrong).toEqual([]);
});

it.each([
  { folder: "host/core", allowed: ["host/core/", "kernel/abi/"], packages: false },
  { folder: "host/node", allowed: ["host/core/", "host/node/", "kernel/abi/"], packages: true },
])("$folder imports only from $allowed", ({ folder, allowed, packages }) => {
  const wrong = sourcesBelow(folder).flatMap((file) =>
    importsOf(file)
      .filter((target) => (/^(host|kernel|tests)\//.test(target) ? !allowed.some((prefix) => target.startsWith(prefix)) : !packages))
      .map((target) => `${file} imports ${target}`),
  );
  expect(wrong).toEqual([]);
});

it("kernel/abi holds only integer constants, which both compilers read alike", () => {
  const constant = /^export const _*[A-Z][A-Z0-9_]* = -?[\w\s|()<>+*-]+;(\s*\/\/.*)?$/;
  for (const file of sourcesBelow("kernel/abi")) {
    const lines = readFileSync(join(ROOT, file), "utf8").split("\n");
    const other = lines.filter((line) => line !== "" && !line.startsWith("//") && !constant.test(line));
    expect(other, file).toEqual([]);
  }
});

it("every source file says its licence in its first line", () => {
  const folders = ["kernel", "host", "tests", "scripts", "fixtures/programs"];
  const files = folders.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
      .filter((name) => /\.(ts|mjs|c|h|sh)$/.test(name))
      .map((name) => `${folder}/${name}`),
  );
  const without = files.filter((file) => !/SPDX-License-Identifier: MIT/.test(readFileSync(join(ROOT, file), "utf8").slice(0, 80)));
  expect(without).toEqual([]);
});

it("kernel.wasm exports and imports exactly what host/core/kernel-module.ts lists", () => {
  const { module } = kernel();
  const exported = WebAssembly.Module.exports(module).map(({ name, kind }) => [name, kind]);
  expect(Object.fromEntries(exported)).toEqual(EXPORTS);
  const imported = WebAssembly.Module.imports(module).map(({ module: from, name }) => `${from}.${name}`);
  expect(imported.sort()).toEqual(Object.keys(IMPORTS).map((name) => `spawnlab.${name}`).sort());
});
