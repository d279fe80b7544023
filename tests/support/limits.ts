// SPDX-License-Identifier: MIT
// The kernel's limits by name, read from kernel/lib/limits.ts: asc compiles that file, tsc does not know its types.

import { readFileSync } from "node:fs";
import { ROOT } from "./kernel.ts";

const DECLARATION = /^export const (\w+)(?:: \w+)? = (.+);$/gm;

export const limits: ReadonlyMap<string, number> = new Map(
  [...readFileSync(`${ROOT}kernel/lib/limits.ts`, "utf8").matchAll(DECLARATION)].map(([, name, value]) => [name!, valueOf(value!)]),
);

export function limitOf(name: string): number {
  const limit = limits.get(name);
  if (limit === undefined) throw new Error(`kernel/lib/limits.ts has no ${name}`);
  return limit;
}

/** A number, a product or a shift. */
function valueOf(text: string): number {
  if (text === "i64.MAX_VALUE") return 2 ** 63;
  const [left, operator, right] = text.split(" ") as [string, string?, string?];
  const value = operator === "<<" ? Number(left) * 2 ** Number(right) : operator === "*" ? Number(left) * Number(right) : Number(left);
  if (!Number.isFinite(value)) throw new Error(`kernel/lib/limits.ts: what is ${text}?`);
  return value;
}
