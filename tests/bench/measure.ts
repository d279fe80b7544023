// SPDX-License-Identifier: MIT
// Measuring on machines that do other things as well: the two sides of a comparison take turns, each turn gives one ratio, and
// what is reported is the median with its spread. CPU time is taken besides wall time, because a loaded machine distorts it less.

import { readFileSync } from "node:fs";

/** One turn of one side. */
export interface Sample {
  /** How much was done, in the row's unit of work. */
  readonly amount: number;
  readonly wallSeconds: number;
  /** Of this process and of children that have ended; undefined where the system does not say. */
  readonly cpuSeconds: number | undefined;
}

export interface Spread {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

export interface Comparison {
  /** Work per second of wall time. */
  readonly ours: Spread;
  readonly peer: Spread;
  /** ours / peer, turn by turn. */
  readonly ratio: Spread;
  readonly cpuRatio: Spread | undefined;
  /** Work per second of CPU time. */
  readonly cpuOurs: Spread | undefined;
  readonly cpuPeer: Spread | undefined;
}

/** Runs both sides in turns, once to warm up and then `rounds` times. */
export async function compare(ours: () => Work, peer: () => Work, rounds: number): Promise<Comparison> {
  await sample(ours);
  await sample(peer);
  const turns: (readonly [Sample, Sample])[] = [];
  for (let round = 0; round < rounds; round++) {
    const first = round % 2 === 0 ? await sample(ours) : undefined;
    const second = await sample(peer);
    turns.push([first ?? (await sample(ours)), second]);
  }
  const rate = ({ amount, wallSeconds }: Sample) => amount / wallSeconds;
  const cpuRate = ({ amount, cpuSeconds }: Sample) => amount / (cpuSeconds ?? 0);
  const hasCpu = turns.every(([a, b]) => a.cpuSeconds && b.cpuSeconds);
  const perCpu = (value: (a: Sample, b: Sample) => number) => (hasCpu ? spreadOf(turns.map(([a, b]) => value(a, b))) : undefined);
  return {
    ours: spreadOf(turns.map(([a]) => rate(a))),
    peer: spreadOf(turns.map(([, b]) => rate(b))),
    ratio: spreadOf(turns.map(([a, b]) => rate(a) / rate(b))),
    cpuOurs: perCpu((a) => cpuRate(a)),
    cpuPeer: perCpu((_, b) => cpuRate(b)),
    cpuRatio: perCpu((a, b) => cpuRate(a) / cpuRate(b)),
  };
}

/** What a turn does; how much that was. */
type Work = number | Promise<number>;

async function sample(work: () => Work): Promise<Sample> {
  const cpu = cpuSeconds();
  const start = performance.now();
  const amount = await work();
  const wallSeconds = (performance.now() - start) / 1000;
  const after = cpuSeconds();
  return { amount, wallSeconds, cpuSeconds: cpu !== undefined && after !== undefined ? after - cpu : undefined };
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (part: number) => sorted[Math.round((sorted.length - 1) * part)] as number;
  return { median: at(0.5), low: at(0), high: at(1) };
}

// utime, stime, cutime and cstime of proc_pid_stat(5), in ticks of 10 ms.
function cpuSeconds(): number | undefined {
  if (process.platform !== "linux") return undefined;
  const fields = readFileSync("/proc/self/stat", "utf8").replace(/^.*\) /s, "").split(" ");
  const ticks = [11, 12, 13, 14].reduce((sum, index) => sum + Number(fields[index]), 0);
  return ticks / 100;
}
