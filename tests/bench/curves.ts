// SPDX-License-Identifier: MIT
// What can be large while a program is started, and what a spawn then costs: here by each method, and on this computer's Linux by
// the same program (guest/growth.c). Methods take turns; a figure is the lower quartile of the turns, because what else this computer
// does can only add. Here a turn is timed by the host's clock between two lines of the program's output, because the guest's own clock
// counts instructions; on Linux by the program.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packagePath } from "../../host/node/package-files.ts";
import { runGuest, runHost } from "./guests.ts";

export interface Curve {
  /** As guest/growth.c names it. */
  readonly name: string;
  readonly title: string;
  readonly sizes: readonly number[];
  /** Why the lines look as they do. */
  readonly sentence: string;
}

const DECADES = [10, 30, 100, 300, 1000, 3000, 10000];

export const CURVES: readonly Curve[] = [
  {
    ...{ name: "descriptors", title: "open descriptors", sizes: DECADES },
    sentence: "fork and vfork copy the table and close it again at exec, linear as on Linux; a template without actions takes three of it.",
  },
  {
    ...{ name: "processes", title: "live child processes", sizes: DECADES },
    sentence: "Nothing that a spawn does depends on how many others there are: flat, as on Linux.",
  },
  {
    ...{ name: "memory", title: "touched memory of the parent, MiB", sizes: [1, 2, 4, 8, 16, 32, 64, 128] },
    sentence: "fork shares each page and gives it up again, linear as on Linux; vfork and templates leave memory alone.",
  },
  {
    ...{ name: "actions", title: "dup2 actions", sizes: [0, 1, 4, 16, 64, 256] },
    sentence: "One after the other: linear. An action costs less than the system call that it stands for.",
  },
  {
    ...{ name: "depth", title: "directories above the program", sizes: [1, 4, 16, 64, 256, 1024] },
    sentence: "Each name on the path is looked up, also for a template's staleness check: linear, as on Linux.",
  },
  {
    ...{ name: "entries", title: "other files in its directory", sizes: DECADES },
    sentence: "Names are found by hash: flat, as on Linux.",
  },
];

/** One line of a chart: a method here or on Linux, its cost in µs per spawn at each size; undefined where it could not be measured. */
export interface Series {
  readonly method: string;
  readonly isLinux: boolean;
  readonly costs: readonly (number | undefined)[];
}

export interface MeasuredCurve extends Curve {
  readonly series: readonly Series[];
}

const METHODS = ["template", "vfork", "fork"];
const LINUX_METHODS = ["vfork", "fork"]; // it has no templates

const SPAWNS = 100; // in one turn of a method; the first turn after a start warms up and does not count
const LINUX_SPAWNS = 20;
const TURNS = 5; // of each method in one run of the program
const MEMORY_BYTES = 2 ** 31;

/**
 * Measures a curve in so many passes over its sizes, so that a busy moment of this computer does not hit one size alone.
 * `onProblem` hears why a size could not be measured on Linux.
 */
export function measureCurve(curve: Curve, passes: number, onProblem: (text: string) => void): MeasuredCurve {
  const here: Turn[][] = curve.sizes.map(() => []);
  const linux: Turn[][] = curve.sizes.map(() => []);
  for (let pass = 0; pass < passes; pass++) {
    for (const [i, size] of curve.sizes.entries()) {
      here[i]?.push(...runHere(curve.name, size));
      if (process.platform === "linux") linux[i]?.push(...runLinux(curve.name, size, onProblem));
    }
  }
  const series = (methods: readonly string[], turns: Turn[][], isLinux: boolean) =>
    methods.map((method) => ({ method, isLinux, costs: turns.map((all) => lowerQuartile(method, all)) }));
  return { ...curve, series: [...series(METHODS, here, false), ...series(LINUX_METHODS, linux, true)] };
}

/** One turn: what one spawn took on average. */
interface Turn {
  readonly method: string;
  readonly us: number;
}

function runHere(curve: string, size: number): Turn[] {
  const turns: Turn[] = [];
  let before = 0;
  const onOutput = (text: string) => {
    const us = (performance.now() - before) * 1000;
    if (text !== "ready\n") turns.push({ method: text.split(" ")[0] as string, us: us / SPAWNS });
    before = performance.now();
  };
  const files = { growth: "build/bench/riscv64/growth", minimal: "build/programs/riscv64/minimal" };
  const args = [curve, String(size), String(SPAWNS), String(TURNS + 1), "/bin/minimal", ...METHODS];
  runGuest(files, "growth", args, { memoryBytes: MEMORY_BYTES, cwd: "/growth", onOutput });
  return turns.slice(METHODS.length);
}

function runLinux(curve: string, size: number, onProblem: (text: string) => void): Turn[] {
  const cwd = mkdtempSync(join(tmpdir(), "spawnlab-growth-"));
  try {
    const minimal = packagePath("build/programs/native/minimal");
    const args = [curve, String(size), String(LINUX_SPAWNS), String(TURNS + 1), minimal, ...LINUX_METHODS];
    const [, ...lines] = runHost(packagePath("build/bench/native/growth"), args, cwd).trim().split("\n");
    const turns = lines.map((line) => line.split(" ")).map(([method, ns]) => ({ method: method as string, us: Number(ns) / 1000 / LINUX_SPAWNS }));
    return turns.slice(LINUX_METHODS.length);
  } catch (error) {
    onProblem(`${curve} ${size} on this computer's Linux: ${(error as Error).message.trim()}`);
    return [];
  } finally {
    rmSync(cwd, { recursive: true, force: true });
  }
}

function lowerQuartile(wanted: string, turns: readonly Turn[]): number | undefined {
  const costs = turns.filter(({ method }) => method === wanted).map(({ us }) => us);
  return costs.toSorted((a, b) => a - b)[costs.length >> 2];
}
