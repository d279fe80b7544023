// SPDX-License-Identifier: MIT
// A campaign of hostile cases: runs of each class in turn, each from a seed of its own, until there were enough cases or the
// time is over. A finding is data: which run, what happened, and how to see exactly that again.

import { allocations } from "./alloc.ts";

import { bombs } from "./bombs.ts";
import { calls } from "./calls.ts";
import { elfs } from "./elfs.ts";
import { images } from "./images.ts";
import type { Kind, Log, Materials } from "./machine.ts";
import { Random } from "./random.ts";
import { streams } from "./streams.ts";

export const KINDS: readonly Kind[] = [streams, calls, elfs, images, bombs, allocations];

export interface CampaignOptions {
  readonly seed: number;
  /** A class ends after this many cases. */
  readonly cases: number;
  /** Everything ends after this many seconds; never, if undefined. */
  readonly seconds?: number | undefined;
  readonly kinds?: readonly Kind[] | undefined;
  /** Ends after this many different findings; default 1. */
  readonly mostFindings?: number | undefined;
  /** Called before each run. */
  readonly onRun?: ((kind: Kind, index: number, rows: readonly Row[]) => void) | undefined;
  readonly now?: () => number;
}

/** What was done of one class. */
export interface Row {
  readonly name: string;
  cases: number;
  runs: number;
  ms: number;
  /** Runs that found something, like findings counted each time. */
  findings: number;
  /** The longest run: where a host may hang one day. */
  slowest: { index: number; ms: number };
}

export interface Finding {
  readonly kind: Kind;
  readonly index: number;
  readonly text: string;
  readonly stack: string;
}

export interface CampaignResult {
  readonly rows: readonly Row[];
  /** The first of each. */
  readonly findings: readonly Finding[];
}

export async function runCampaign(materials: Materials, options: CampaignOptions): Promise<CampaignResult> {
  const { seed, cases, seconds, kinds = KINDS, mostFindings = 1, onRun, now = () => performance.now() } = options;
  const rows = kinds.map(({ name }): Row => ({ name, cases: 0, runs: 0, ms: 0, findings: 0, slowest: { index: 0, ms: 0 } }));
  const findings = new Map<string, Finding>();
  const end = seconds === undefined ? Infinity : now() + seconds * 1000;
  for (let index = 0; rows.some((row) => row.cases < cases); index++) {
    for (const [place, kind] of kinds.entries()) {
      const row = rows[place] as Row;
      if (row.cases >= cases) continue;
      if (now() >= end || findings.size >= mostFindings) return { rows, findings: [...findings.values()] };
      onRun?.(kind, index, rows);
      const start = now();
      const outcome = await runOne(materials, kind, seed, index);
      count(row, index, now() - start, typeof outcome === "number" ? outcome : 1);
      if (typeof outcome === "number") continue;
      row.findings++;
      if (!findings.has(keyOf(outcome))) findings.set(keyOf(outcome), outcome);
    }
  }
  return { rows, findings: [...findings.values()] };
}

function count(row: Row, index: number, ms: number, cases: number): void {
  row.cases += cases;
  row.runs++;
  row.ms += ms;
  if (ms > row.slowest.ms) row.slowest = { index, ms };
}

/** One run; how many cases it was, or its finding. */
export async function runOne(materials: Materials, kind: Kind, seed: number, index: number, log?: Log): Promise<number | Finding> {
  try {
    return await kind.run(materials, new Random(seed, kind.name, index), log, index);
  } catch (error) {
    const { message, stack = "", cause } = error as Error;
    return { kind, index, text: message, stack: cause instanceof Error ? (cause.stack ?? "") : stack };
  }
}

/** How to see one run again: named by its first case, counted as if each run had its class's size. */
export function replayCommand({ name, size }: Kind, index: number, seed: number): string {
  return `npm run hostile -- --class ${name} --case ${index * size} --seed ${seed}`;
}

/** Findings that look alike are one: the same sentence from the same place. */
function keyOf({ text, stack }: Finding): string {
  const frames = stack.split("\n").filter((line) => line.includes("wasm")).slice(0, 3).join("");
  return text.replaceAll(/\d+/g, "N") + frames.replaceAll(/:0x[0-9a-f]+|\(.*\/|:\d+/g, "");
}
