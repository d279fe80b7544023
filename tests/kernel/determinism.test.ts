// SPDX-License-Identifier: MIT
// The same machine gives the same run, however the host cuts it into ticks.
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { file } from "../../host/core/image.ts";
import { boot } from "../support/boot.ts";
import { ROOT } from "../support/kernel.ts";

const BUDGETS = [1_000_000n, 50_000n, 7_777n, 331n];
const SLICED = ["spawnbench", "minimal"].map((name) => file(`/bin/${name}`, readFileSync(`${ROOT}build/programs/riscv64/${name}`), 0o755));

/** What a run of eight workers that spawn side by side looks like from outside: every call in order, and the instructions. */
function runWith(budget: bigint): { lines: readonly string[]; instructions: bigint; output: string } {
  const machine = boot({ entries: SLICED, isTraced: true });
  machine.machine.start({ program: "/bin/spawnbench", argv: ["spawnbench", "-n", "16", "/bin/minimal"] });
  while (machine.machine.step(budget) === "budget");
  return { lines: machine.traceLines, instructions: machine.machine.instructions, output: machine.output() };
}

it.each(BUDGETS.slice(1))("a budget of %d instructions a tick changes nothing", (budget) => {
  const expected = runWith(BUDGETS[0]!);
  const actual = runWith(budget);
  expect(actual.output).toBe(expected.output);
  expect(actual.instructions).toBe(expected.instructions);
  expect(actual.lines).toEqual(expected.lines);
});
