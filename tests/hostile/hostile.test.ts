// SPDX-License-Identifier: MIT
// A small campaign of hostile guests with a fixed seed, some of each class; npm run hostile runs larger ones. A finding's text ends
// with the command that shows it again.

import { expect, it } from "vitest";
import { kernel } from "../support/kernel.ts";
import { sample } from "../support/program.ts";
import { KINDS, replayCommand, runCampaign, runOne } from "./campaign.ts";
import type { Kind } from "./machine.ts";
import { OPERATIONS } from "./operations.ts";

const SEED = 20260523;
const materials = () => ({ kernel: kernel(), program: sample });

it.each([
  { name: "streams", cases: 160 },
  { name: "calls", cases: 4000 },
  { name: "elfs", cases: 200 },
  { name: "images", cases: 320 },
  { name: "bombs", cases: 42 },
])("$cases $name of a hostile guest: no panic, no hang, no broken invariant, nothing left", { timeout: 120_000 }, async ({ name, cases }) => {
  const kinds = KINDS.filter((kind) => kind.name === name);
  const { rows, findings } = await runCampaign(materials(), { seed: SEED, cases, kinds, mostFindings: 5 });
  expect(findings.map(({ kind, index, text }) => `${text}: ${replayCommand(kind, index, SEED)}`)).toEqual([]);
  expect(rows[0]?.cases).toBeGreaterThanOrEqual(cases);
});

const alloc = KINDS.find(({ name }) => name === "alloc") as Kind;

// The kinds of allocations take turns from one round over all operations to the next: objects, then frames.
it.each(OPERATIONS.map(({ name }, index) => ({ name, index })))("$name: each of its allocations fails once", { timeout: 120_000 }, async ({ index }) => {
  for (const round of [0, 1]) {
    const outcome = await runOne(materials(), alloc, SEED, index + round * OPERATIONS.length);
    if (typeof outcome !== "number") throw new Error(`${outcome.text}: ${replayCommand(alloc, outcome.index, SEED)}`);
    expect(outcome).toBeGreaterThan(0);
  }
});
