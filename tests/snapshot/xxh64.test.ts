// SPDX-License-Identifier: MIT
// The hash of memory is the XXH64 of its specification: known values of others' implementations, one for each path through it.

import { readFileSync } from "node:fs";
import asc from "assemblyscript/asc";
import { expect, it } from "vitest";
import { ROOT } from "../support/kernel.ts";

const TEXT = 1024;
const SOURCE = `${readFileSync(`${ROOT}kernel/lib/hash.ts`, "utf8")}\nexport function hash(length: usize): u64 { return xxh64(${TEXT}, length, 0); }`;

it.each([
  ["", "ef46db3751d8e999"],
  ["a", "d24ec4f1a98c6e5b"],
  ["abc", "44bc2cf5ad770999"],
  ["Nobody inspects the spammish repetition", "fbcea83c8a378bf1"],
])("XXH64 of %j is %s", async (text, expected) => {
  const { binary, error } = await asc.compileString(SOURCE, { runtime: "stub", optimizeLevel: 3, initialMemory: 1 });
  expect(error).toBeNull();
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(binary as Uint8Array<ArrayBuffer>));
  const { hash, memory } = exports as { hash(length: number): bigint; memory: WebAssembly.Memory };
  new Uint8Array(memory.buffer).set(new TextEncoder().encode(text), TEXT);
  expect(BigInt.asUintN(64, hash(text.length)).toString(16).padStart(16, "0")).toBe(expected);
});
