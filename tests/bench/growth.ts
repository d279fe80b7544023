// SPDX-License-Identifier: MIT
// npm run growth: what a spawn costs as one thing grows from small to very large (curves.ts), as tables and as a picture.
//   npm run growth -- [--passes N] [--only CURVE] [--out FILE.svg]

import { mkdirSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { dirname } from "node:path";
import { parseArgs } from "node:util";
import { drawCurves, METHOD_NAMES } from "./chart.ts";
import { CURVES, measureCurve, type MeasuredCurve, type Series } from "./curves.ts";

const { passes, only, out } = readOptions();
const machine = `${cpus()[0]?.model.trim()}, Node ${process.version}`;
console.log(`µs per spawn of a minimal static program, exec and wait included; ${machine}; lower quartiles of ${passes} passes with 5 turns each`);
console.log("slope: of the last step on logarithmic axes, 0 is flat and 1 linear");

const measured: MeasuredCurve[] = [];
for (const curve of CURVES) {
  if (only !== undefined && curve.name !== only) continue;
  const result = measureCurve(curve, passes, (problem) => console.error(`growth: ${problem}`));
  measured.push(result);
  print(result);
}
mkdirSync(dirname(out), { recursive: true });
writeFileSync(out, drawCurves(measured, `${machine}; npm run growth`));
console.log(`\nwritten: ${out}`);

function readOptions(): { passes: number; only: string | undefined; out: string } {
  try {
    const { values } = parseArgs({
      options: { passes: { type: "string", default: "3" }, only: { type: "string" }, out: { type: "string", default: "build/growth.svg" } },
    });
    if (!/^[1-9]\d{0,3}$/.test(values.passes)) throw new Error(`--passes: expected a number from 1 to 9999, found "${values.passes}"`);
    const names = CURVES.map(({ name }) => name);
    if (values.only !== undefined && !names.includes(values.only)) {
      throw new Error(`--only: expected one of ${names.join(", ")}, found "${values.only}"`);
    }
    return { passes: Number(values.passes), only: values.only, out: values.out };
  } catch (error) {
    console.error(`growth: ${(error as Error).message}`);
    process.exit(2);
  }
}

function print({ title, sizes, series, sentence }: MeasuredCurve): void {
  const cell = (text: string) => text.padStart(8);
  console.log(`\n${title.padEnd(34)}${sizes.map((size) => cell(size.toLocaleString("en"))).join("")}${cell("slope")}`);
  for (const { method, isLinux, costs } of series) {
    const name = `  ${METHOD_NAMES[method]}${isLinux ? ", Linux" : ""}`;
    const cost = (value?: number) => cell(value === undefined ? "-" : value < 100 ? value.toFixed(1) : value.toFixed(0));
    console.log(`${name.padEnd(34)}${costs.map(cost).join("")}${cell(slope(sizes, costs)?.toFixed(2) ?? "-")}`);
  }
  console.log(`  ${sentence}`);
}

function slope(sizes: readonly number[], costs: Series["costs"]): number | undefined {
  const [size, before] = [sizes.at(-1), sizes.at(-2)];
  const [cost, costBefore] = [costs.at(-1), costs.at(-2)];
  if (size === undefined || before === undefined || cost === undefined || costBefore === undefined) return undefined;
  return Math.log(cost / costBefore) / Math.log(size / before);
}
