// SPDX-License-Identifier: MIT
// A campaign of hostile cases: units of each kind in turn, each from a seed of its own, until there were enough cases or the
// time is over. A failure is data: which unit, what happened, and how to see exactly that again.

import { calls } from "./calls.ts";
import { elfs } from "./elfs.ts";
import { images } from "./images.ts";
import type { Kind, Log, Materials } from "./machine.ts";
import { programs } from "./programs.ts";
import { Random } from "./random.ts";

export const KINDS: readonly Kind[] = [calls, programs, elfs, images];

export interface CampaignOptions {
  readonly seed: number;
  /** Ends after this many cases. */
  readonly cases: number;
  /** Ends after this many seconds; never, if undefined. */
  readonly seconds?: number | undefined;
  readonly kinds?: readonly Kind[] | undefined;
  /** Ends after this many different failures; default 1. */
  readonly mostFailures?: number | undefined;
  /** Called before each unit. */
  readonly onUnit?: ((kind: Kind, index: number, counts: ReadonlyMap<Kind, number>) => void) | undefined;
  readonly now?: () => number;
}

export interface Failure {
  readonly kind: Kind;
  readonly index: number;
  readonly text: string;
  readonly stack: string;
}

export interface CampaignResult {
  readonly counts: ReadonlyMap<Kind, number>;
  readonly failures: readonly Failure[];
  /** The unit that took longest: where a host may hang one day. */
  readonly slowest: { readonly kind: string; readonly index: number; readonly ms: number };
}

export async function runCampaign(materials: Materials, options: CampaignOptions): Promise<CampaignResult> {
  const { seed, cases, seconds, kinds = KINDS, mostFailures = 1, onUnit, now = () => performance.now() } = options;
  const counts = new Map<Kind, number>(kinds.map((kind) => [kind, 0]));
  const failures = new Map<string, Failure>();
  const end = seconds === undefined ? Infinity : now() + seconds * 1000;
  let slowest = { kind: "", index: 0, ms: 0 };
  let done = 0;
  for (let index = 0; done < cases && now() < end; index++) {
    for (const kind of kinds) {
      onUnit?.(kind, index, counts);
      const start = now();
      const outcome = await runUnit(materials, kind, seed, index);
      const ms = now() - start;
      if (ms > slowest.ms) slowest = { kind: kind.name, index, ms };
      const count = typeof outcome === "number" ? outcome : 1;
      counts.set(kind, (counts.get(kind) ?? 0) + count);
      done += count;
      if (typeof outcome === "number") continue;
      if (!failures.has(keyOf(outcome))) failures.set(keyOf(outcome), outcome);
      if (failures.size >= mostFailures) return { counts, failures: [...failures.values()], slowest };
    }
  }
  return { counts, failures: [...failures.values()], slowest };
}

/** One unit, by its name; how many cases it was, or its failure. */
export async function runUnit(materials: Materials, kind: Kind, seed: number, index: number, log?: Log): Promise<number | Failure> {
  try {
    return await kind.run(materials, new Random(seed, kind.name, index), log);
  } catch (error) {
    const { message, stack = "", cause } = error as Error;
    return { kind, index, text: message, stack: cause instanceof Error ? (cause.stack ?? "") : stack };
  }
}

/** How to see one unit again. */
export function replayCommand(kind: string, index: number, seed: number): string {
  return `npm run hostile -- --seed ${seed} --replay ${kind}:${index}`;
}

/** Failures that look alike are one: the same sentence from the same place. */
function keyOf({ text, stack }: Failure): string {
  const frames = stack.split("\n").filter((line) => line.includes("wasm")).slice(0, 3).join("");
  return text.replaceAll(/\d+/g, "N") + frames.replaceAll(/:0x[0-9a-f]+|\(.*\/|:\d+/g, "");
}
