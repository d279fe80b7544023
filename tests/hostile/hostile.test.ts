// SPDX-License-Identifier: MIT
// A small campaign of hostile guests with a fixed seed, one of each kind; npm run hostile runs larger ones. A failure's message
// is the command that shows it again.

import { expect, it } from "vitest";
import { kernel } from "../support/kernel.ts";
import { sample } from "../support/program.ts";
import { KINDS, replayCommand, runCampaign } from "./campaign.ts";

const SEED = 20260523;

it.each([
  { name: "calls", cases: 4000 },
  { name: "programs", cases: 160 },
  { name: "elfs", cases: 200 },
  { name: "images", cases: 60 },
])("$cases $name of a hostile guest: no panic, no hang, nothing left", { timeout: 120_000 }, async ({ name, cases }) => {
  const kinds = KINDS.filter((kind) => kind.name === name);
  const { counts, failures } = await runCampaign({ kernel: kernel(), program: sample }, { seed: SEED, cases, kinds, mostFailures: 5 });
  expect(failures.map((failure) => `${failure.text}: ${replayCommand(name, failure.index, SEED)}`)).toEqual([]);
  expect([...counts.values()][0]).toBeGreaterThanOrEqual(cases);
});
