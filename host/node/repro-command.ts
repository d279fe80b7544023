// SPDX-License-Identifier: MIT
// spawnlab repro: replays reproductions and shows what each step gave beside what was expected.

import { readFileSync } from "node:fs";
import { styleText } from "node:util";
import { BadInputError, MismatchError } from "../core/errors.ts";
import type { ImageEntry } from "../core/image.ts";
import { loadKernel } from "../core/kernel-module.ts";
import { profileQuirks } from "../core/profiles.ts";
import { readHeader } from "../core/repro/header.ts";
import { parse } from "../core/repro/parse.ts";
import { print, printLine } from "../core/repro/print.ts";
import { Replay, type StepResult } from "../core/repro/replay.ts";
import type { Line, Reproduction } from "../core/repro/syntax.ts";
import { EXIT_FINDING } from "./exit-codes.ts";
import { guestEntries, openImage, sampleImage } from "./image/image.ts";
import { writeWhole } from "./image/write-whole.ts";
import { kernelBytes, kernelHash } from "./package-files.ts";

export interface ReproOptions {
  readonly update?: boolean;
  readonly verify?: boolean;
  readonly quiet?: boolean;
}

interface Opened {
  readonly path: string;
  readonly reproduction: Reproduction;
  readonly entries: readonly ImageEntry[];
}

/** Replays each file; the exit status. @throws MismatchError when a step gives something else than the file expects */
export async function runReproductions(paths: readonly string[], options: ReproOptions): Promise<number> {
  const kernel = loadKernel(kernelBytes());
  let mismatches = 0;
  let findings = 0;
  for (const path of paths) {
    const opened = await open(path);
    const results = replay(opened, kernel);
    if (options.verify) compare(path, results, replay(opened, kernel));
    if (!options.quiet) show(opened.reproduction, results);
    const wrong = results.filter(({ holds }) => !holds).length;
    const unexpected = results.filter(({ findings, step }) => findings.length > 0 && step.expectation === undefined).length;
    process.stdout.write(`${path}: ${verdict(results.length, wrong)}\n`);
    if (options.update && (wrong > 0 || results.some(({ step }) => step.expectation === undefined))) update(opened, results);
    mismatches += options.update ? 0 : wrong;
    findings += unexpected;
  }
  if (mismatches > 0) throw new MismatchError(`${mismatches} step${mismatches === 1 ? "" : "s"} gave something else than expected (--update accepts it)`);
  return findings > 0 ? EXIT_FINDING : 0;
}

/** Replays one file under two profiles and shows the steps in which they part. */
export async function compareProfiles(path: string, profiles: readonly string[]): Promise<void> {
  const kernel = loadKernel(kernelBytes());
  const opened = await open(path);
  const runs = profiles.map((profile) => ({ profile, results: replay(opened, kernel, profileQuirks(profile)) }));
  const width = Math.max(...profiles.map(({ length }) => length));
  const [first] = runs;
  let parted = 0;
  first?.results.forEach(({ step }, index) => {
    const answers = runs.map(({ results }) => results[index]?.actual);
    if (new Set(answers).size === 1) return;
    parted++;
    process.stdout.write(`${path}:${step.line}: ${printLine({ ...step, expectation: undefined } as Line)}\n`);
    runs.forEach(({ profile }, run) => process.stdout.write(`  ${profile.padEnd(width)}  ${answers[run]}\n`));
  });
  process.stdout.write(`${path}: ${profiles.join(" and ")} ${parted === 0 ? "give the same" : `part in ${parted} of ${first?.results.length} steps`}\n`);
}

/** @throws BadInputError for a file that cannot be read or is no reproduction, or whose image is another by now */
async function open(path: string): Promise<Opened> {
  const reproduction = parse(readText(path), path);
  const header = readHeader(reproduction, path);
  const build = kernelHash(kernelBytes());
  if (header.kernel !== undefined && header.kernel !== build) {
    process.stderr.write(`spawnlab: ${path}: made with kernel ${header.kernel}, replayed on ${build}: results may differ\n`);
  }
  return { path, reproduction, entries: await imageEntries(header.image) };
}

async function imageEntries(name: string): Promise<ImageEntry[]> {
  if (name === "none") return [];
  return [...guestEntries(name === "sample" ? sampleImage() : await openImage(name))];
}

function readText(path: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(readFileSync(path));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new BadInputError(`${path}: expected a reproduction, found ${code === "ERR_ENCODING_INVALID_ENCODED_DATA" ? "bytes that are no UTF-8" : `nothing to read (${code})`}`);
  }
}

function replay({ path, reproduction, entries }: Opened, kernel: ReturnType<typeof loadKernel>, quirks?: number): StepResult[] {
  const replay = new Replay(kernel, reproduction, { where: path, image: () => entries, ...(quirks === undefined ? {} : { boot: { quirks } }) });
  const results: StepResult[] = [];
  for (let result = replay.step(); result !== undefined; result = replay.step()) results.push(result);
  return results;
}

/** Two replays of one file must not differ in anything. */
function compare(path: string, first: readonly StepResult[], second: readonly StepResult[]): void {
  const at = first.findIndex(({ actual }, index) => actual !== second[index]?.actual);
  if (at >= 0) throw new MismatchError(`${path}:${first[at]?.step.line}: two replays differ: "${first[at]?.actual}" and "${second[at]?.actual}"`);
}

/** The file with what each step gave; under a step that gave something else, what was expected. */
function show({ lines }: Reproduction, results: readonly StepResult[]): void {
  const byLine = new Map(results.map((result) => [result.step.line, result]));
  for (const line of lines) {
    const result = byLine.get(line.line);
    if (result === undefined) {
      process.stdout.write(`${line.kind === "comment" ? paint("dim", printLine(line)) : printLine(line)}\n`);
      continue;
    }
    const text = printLine({ ...result.step, expectation: result.actual });
    process.stdout.write(`${result.holds ? text : paint("red", text)}\n`);
    if (!result.holds) process.stdout.write(`${paint("red", `${" ".repeat(text.lastIndexOf(` # ${result.actual}`))} ^ expected: ${result.step.expectation}`)}\n`);
    for (const { kind, text } of result.findings) process.stdout.write(`${paint("yellow", `# kernel finding: ${kind}: ${text}`)}\n`);
  }
}

function update({ path, reproduction }: Opened, results: readonly StepResult[]): void {
  const actual = new Map(results.map((result) => [result.step.line, result.actual]));
  const lines = reproduction.lines.map((line) => (line.kind === "step" ? { ...line, expectation: actual.get(line.line) ?? "" } : line));
  writeWhole(path, new TextEncoder().encode(print({ lines })));
  process.stdout.write(`${path}: updated\n`);
}

function verdict(steps: number, wrong: number): string {
  const count = `${steps} step${steps === 1 ? "" : "s"}`;
  return wrong === 0 ? `${count}, all as expected` : `${count}, ${wrong} not as expected`;
}

function paint(format: "dim" | "red" | "yellow", text: string): string {
  return process.stdout.isTTY ? styleText(format, text) : text;
}
