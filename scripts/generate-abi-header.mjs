// SPDX-License-Identifier: MIT
// Writes the C headers that come from kernel/abi/*.ts, so that every number is written down once:
//   build/include/spawn_template_abi.h  the constants of the two proposed calls
//   build/include/abi_names.h           errno, signal and auxiliary vector names, for printing
// and puts fixtures/programs/spawn_template.h beside them: build/include is all that a user's C program needs (-I).
// scripts/build-programs.mjs calls it; it also runs alone.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { argv } from "node:process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const includeDirectory = join(root, "build/include");

/** Writes the headers that changed and returns the directory they are in. */
export function generateAbiHeaders() {
  mkdirSync(includeDirectory, { recursive: true });
  writeIfChanged("spawn_template_abi.h", spawnTemplateHeader());
  writeIfChanged("abi_names.h", namesHeader());
  writeIfChanged("spawn_template.h", readFileSync(join(root, "fixtures/programs/spawn_template.h"), "utf8"));
  return includeDirectory;
}

function spawnTemplateHeader() {
  // SYS_SPAWN_TEMPLATE_CREATE is spelled __NR_spawn_template_create in Linux headers.
  const spelling = (name) => (name.startsWith("SYS_") ? `__NR_${name.slice(4).toLowerCase()}` : name);
  const lines = constantsOf("spawn-template").map(({ name, text }) => `#define ${spelling(name)} ${text}`);
  return header("SPAWN_TEMPLATE_ABI_H", "kernel/abi/spawn-template.ts", lines);
}

function namesHeader() {
  return header("ABI_NAMES_H", "kernel/abi/errno.ts, signal.ts and auxv.ts", [
    ...nameTable("errno_names", constantsOf("errno")),
    ...nameTable("signal_names", constantsOf("signal").filter(({ name }) => /^SIG[A-Z0-9]+$/.test(name))),
    ...nameTable("auxv_names", constantsOf("auxv").filter(({ name }) => name.startsWith("AT_"))),
  ]);
}

/** A C array from value to name; where two names share a value (EAGAIN, EWOULDBLOCK) the first one is printed. */
function nameTable(table, constants) {
  const first = new Map();
  for (const { name, value } of constants) if (!first.has(value)) first.set(value, name);
  const entries = [...first].map(([value, name]) => `    [${value}] = "${name}",`);
  return [`static const char *const ${table}[] = {`, ...entries, "};"];
}

function constantsOf(file) {
  const path = join(root, "kernel/abi", `${file}.ts`);
  return [...readFileSync(path, "utf8").matchAll(/^export const (\w+) = ([^;]+);/gm)].map(([, name, text]) => {
    const value = Number(text);
    if (!Number.isInteger(value)) throw new Error(`${path}: ${name} = ${text}: expected one integer, C headers are made from it`);
    return { name, text, value };
  });
}

function header(guard, source, lines) {
  return [
    "// SPDX-License-Identifier: MIT",
    `// Generated from ${source} by scripts/generate-abi-header.mjs: change it there.`,
    `#ifndef ${guard}`,
    `#define ${guard}`,
    "",
    ...lines,
    "",
    "#endif",
    "",
  ].join("\n");
}

function writeIfChanged(name, text) {
  const path = join(includeDirectory, name);
  if (existsSync(path) && readFileSync(path, "utf8") === text) return;
  writeFileSync(path, text);
}

if (argv[1] === fileURLToPath(import.meta.url)) generateAbiHeaders();
