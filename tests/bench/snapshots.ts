// SPDX-License-Identifier: MIT
// What snapshots cost: taking one and going back after a case that starts a program, which spawns another one in three ways;
// one step back in a recorded run; the state hash. No peer: nothing else does this, so aims stand in its place.

import { readFileSync } from "node:fs";
import { file, loadKernel, Machine, Timeline } from "../../host/core/index.ts";
import { kernelBytes } from "../../host/node/package-files.ts";
import type { Row } from "./rows.ts";

const CASES = 400;
const TICKS = 1000;
const TICK = 10_000n;
const MICRO = 1000; // per millisecond of performance.now()

export function snapshots(): Promise<Row[]> {
  const { taken, restored, pagesTaken, pagesRestored } = costOfCases();
  const { back, hash, held } = costOfTimeTravel();
  return Promise.resolve([
    { name: "snapshot after a spawn", unit: "us", ours: spread(taken), aim: "20 us", note: `${spread(pagesTaken).median} pages of 4 KiB copied` },
    { name: "restore after a spawn", unit: "us", ours: spread(restored), aim: "20 us", note: `${spread(pagesRestored).median} pages written` },
    { name: "one tick back", unit: "us", ours: spread(back), aim: "10 ms", note: `${TICKS} ticks of ${TICK} instructions; ${held}` },
    { name: "state hash", unit: "us", ours: spread(hash) },
  ]);
}

function boot(): Machine {
  const machine = Machine.boot(loadKernel(kernelBytes()));
  machine.addEntries(["spawnbench", "minimal"].map((name) => file(`/bin/${name}`, readFileSync(`build/programs/riscv64/${name}`), 0o755)));
  return machine;
}

function start(machine: Machine, spawns: number): void {
  machine.start({ program: "/bin/spawnbench", argv: ["spawnbench", "-n", String(spawns), "/bin/minimal"] });
}

function costOfCases(): Record<"taken" | "restored" | "pagesTaken" | "pagesRestored", number[]> {
  const machine = boot();
  const base = machine.snapshot();
  const cost = { taken: [] as number[], restored: [] as number[], pagesTaken: [] as number[], pagesRestored: [] as number[] };
  for (let i = 0; i < CASES; i++) {
    start(machine, 1);
    machine.run();
    if (i % 2 === 0) {
      cost.restored.push(time(() => cost.pagesRestored.push(machine.restore(base))));
    } else {
      cost.taken.push(time(() => cost.pagesTaken.push(machine.snapshot().copied)));
      machine.restore(base);
    }
  }
  return cost;
}

function costOfTimeTravel(): { back: number[]; hash: number[]; held: string } {
  const machine = boot();
  start(machine, TICKS * 10);
  const timeline = new Timeline(machine);
  for (let i = 0; i < TICKS; i++) timeline.append(() => void machine.step(TICK));
  const back: number[] = [];
  const hash: number[] = [];
  while (timeline.index > 0) {
    back.push(time(() => timeline.back()));
    if (timeline.index % 10 === 0) hash.push(time(() => machine.stateHash()));
  }
  const { bytes, snapshots: count } = timeline.cost;
  return { back, hash, held: `${count} snapshots hold ${(bytes / 2 ** 20).toFixed(1)} MiB` };
}

function time(work: () => unknown): number {
  const begin = performance.now();
  work();
  return (performance.now() - begin) * MICRO;
}

/** Median with quartiles; the first tenth warms up. */
function spread(values: readonly number[]): { median: number; low: number; high: number } {
  const sorted = values.slice(Math.floor(values.length / 10)).sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.floor((sorted.length - 1) * share)] as number;
  return { median: at(0.5), low: at(0.25), high: at(0.75) };
}
