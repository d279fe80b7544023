// SPDX-License-Identifier: MIT
// Time travel: whatever way leads to a step, the state there is that of a straight run.

import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { file } from "../../host/core/image.ts";
import type { Machine } from "../../host/core/machine.ts";
import { Timeline, type TimelineOptions } from "../../host/core/timeline.ts";
import { boot } from "../support/boot.ts";
import { ROOT } from "../support/kernel.ts";
import { randomBelow } from "./random.ts";

const PROGRAMS = ["spawnbench", "minimal"].map((name) => file(`/bin/${name}`, readFileSync(`${ROOT}build/programs/riscv64/${name}`), 0o755));
const STEPS = 120;
const TICK = 700n;

function started(): Machine {
  const { machine } = boot({ entries: PROGRAMS });
  machine.start({ program: "/bin/spawnbench", argv: ["spawnbench", "-n", "8", "/bin/minimal"] });
  return machine;
}

const tick = (machine: Machine): void => void machine.step(TICK);

/** The state hash after each number of ticks. */
function straight(): string[] {
  const machine = started();
  const hashes = [machine.stateHash()];
  for (let i = 0; i < STEPS; i++) {
    tick(machine);
    hashes.push(machine.stateHash());
  }
  return hashes;
}

function recorded(options?: TimelineOptions): Timeline {
  const timeline = new Timeline(started(), options);
  for (let i = 0; i < STEPS; i++) timeline.append(tick);
  return timeline;
}

it.each<{ what: string; seed: number; options: TimelineOptions }>([
  { what: "few snapshots", seed: 1, options: {} },
  { what: "one for each step", seed: 2, options: { stepsBetween: 1 } },
  { what: "so little memory that they are thinned", seed: 3, options: { stepsBetween: 1, memoryBytes: 1 << 20 } },
  { what: "no memory at all", seed: 4, options: { stepsBetween: 1, memoryBytes: 0 } },
])("random seeks find the states of a straight run, with $what (seed $seed)", ({ seed, options }) => {
  const hashes = straight();
  const timeline = recorded(options);
  const below = randomBelow(seed);
  for (let i = 0; i < 60; i++) {
    const choice = below(4);
    if (choice === 0) timeline.back();
    else if (choice === 1) timeline.step();
    else timeline.seek(below(STEPS + 1));
    expect(timeline.machine.stateHash(), `at step ${timeline.index}`).toBe(hashes[timeline.index]);
  }
});

it("looking at another step leaves the machine where it is", () => {
  const hashes = straight();
  const timeline = recorded();
  timeline.seek(50);
  expect(timeline.stateAt(7, (machine) => machine.stateHash())).toBe(hashes[7]);
  expect(timeline.stateAt(STEPS, (machine) => machine.stateHash())).toBe(hashes[STEPS]);
  expect(timeline.index).toBe(50);
  expect(timeline.machine.stateHash()).toBe(hashes[50]);
});

it("a new step in the past begins another future", () => {
  const timeline = recorded({ stepsBetween: 4 });
  timeline.seek(10);
  timeline.append((machine) => machine.writeFile("/new", "x"));
  expect(timeline.length).toBe(11);
  for (let i = 0; i < 20; i++) timeline.append(tick);
  const hash = timeline.machine.stateHash();
  timeline.seek(0);
  expect(timeline.machine.stat("/new")).toBeUndefined();
  timeline.seek(31);
  expect(timeline.machine.stat("/new")).toBeDefined();
  expect(timeline.stateAt(31, (machine) => machine.stateHash())).not.toBe(straight()[31]);
  expect(hash).toMatch(/^[0-9a-f]{16}$/);
});

it("keeps its snapshots below its limit, or has only the first", () => {
  const unlimited = recorded({ stepsBetween: 1 });
  const limit = unlimited.cost.bytes >> 1;
  const { bytes, snapshots } = recorded({ stepsBetween: 1, memoryBytes: limit }).cost;
  expect(bytes).toBeLessThanOrEqual(limit);
  expect(snapshots).toBeGreaterThan(1);
  expect(unlimited.cost.snapshots).toBe(STEPS + 1);
  expect(recorded({ stepsBetween: 1, memoryBytes: 0 }).cost.snapshots).toBe(1);
});

it("ends at both ends, and refuses steps beyond", () => {
  const timeline = recorded();
  expect(timeline.step()).toBe(false);
  expect(() => timeline.seek(STEPS + 1)).toThrow(RangeError);
  expect(() => timeline.seek(-1)).toThrow("expected 0 to 120");
  timeline.seek(0);
  expect(timeline.back()).toBe(false);
});
