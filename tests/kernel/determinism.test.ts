// SPDX-License-Identifier: MIT
// The same machine gives the same run, however the host cuts it into ticks.
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { file } from "../../host/core/image.ts";
import { SYS_CLOCK_GETTIME } from "../../kernel/abi/syscalls.ts";
import { CLOCK_PROCESS_CPUTIME_ID } from "../../kernel/abi/time.ts";
import { boot } from "../support/boot.ts";
import { ROOT } from "../support/kernel.ts";
import { TinyProgram } from "../support/tiny-program.ts";

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

it.each([1000n, 97n, 7n])("a program sees the same CPU time with a budget of %d instructions a tick", (budget) => {
  const program = new TinyProgram();
  const time = program.reserve(16);
  for (let i = 0; i < 100; i++) program.call(SYS_CLOCK_GETTIME, CLOCK_PROCESS_CPUTIME_ID, time);
  const entries = [file("/bin/times", program.exit(0).elf(), 0o755)];
  const [expected, actual] = [1_000_000n, budget].map((each) => {
    const { machine, traceLines } = boot({ entries, isTraced: true });
    machine.start({ program: "/bin/times", argv: ["times"] });
    while (machine.step(each) === "budget");
    return traceLines;
  });
  expect(actual).toEqual(expected);
});
