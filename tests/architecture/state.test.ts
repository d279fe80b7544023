// SPDX-License-Identifier: MIT
// The module's variables are outside of linear memory, so a snapshot has only those that loadVariables() sets (kernel/state.ts). Which
// ones it sets is read from the compiled kernel: a variable is either among them or says @derived in the source.

import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { expect, it } from "vitest";
import { ROOT } from "../support/kernel.ts";

const { default: binaryen } = await import(createRequire(import.meta.resolve("assemblyscript")).resolve("binaryen"));

/** Names of the variables of kernel.wasm, and of those that the function with the most loads into variables sets. */
function variables(): { all: string[]; restored: Set<string> } {
  const module = binaryen.readBinary(new Uint8Array(readFileSync(process.env.SPAWNLAB_KERNEL ?? `${ROOT}build/kernel.wasm`)));
  const text: string = module.emitText();
  module.dispose();
  const all = [...text.matchAll(/^ \(global (\S+) \(mut /gm)].map(([, name]) => name as string);
  const setBy = text.split(/^ \(func /m).map((body) => new Set([...body.matchAll(/\(global\.set (\S+)\s+\(i(?:32|64)\.load/g)].map(([, name]) => name as string)));
  const restored = setBy.reduce((most, names) => (names.size > most.size ? names : most));
  return { all, restored };
}

/** Variables that the sources say are no part of the state. */
function derived(): string[] {
  return readdirSync(`${ROOT}kernel`, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .filter((name) => !name.startsWith("player/")) // not in kernel.wasm
    .flatMap((name) => [...readFileSync(`${ROOT}kernel/${name}`, "utf8").matchAll(/^@derived\n(?:export )?let (\w+)/gm)].map(([, variable]) => `${name}: ${variable}`));
}

it("every variable of the kernel is restored, or is derived", () => {
  const { all, restored } = variables();
  expect(all.length).toBeGreaterThan(100);
  expect(all.filter((name) => !restored.has(name)).length).toBeLessThanOrEqual(derived().length);
  expect(derived().length).toBeLessThan(12);
});
