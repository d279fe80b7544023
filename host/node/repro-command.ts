// SPDX-License-Identifier: MIT
// spawnlab repro: replays reproductions and shows what each step gave beside what was expected.

import { readFileSync } from "node:fs";
import { styleText } from "node:util";
import { BadInputError, MismatchError } from "../core/errors.ts";
import type { ImageEntry } from "../core/image.ts";
import { difference, inspectionText, tasksOf } from "../core/inspection.ts";
import { loadKernel, type KernelModule } from "../core/kernel-module.ts";
import { pack, type Packed } from "../core/pack/pack.ts";
import { profileQuirks } from "../core/profiles.ts";
import { readHeader } from "../core/repro/header.ts";
import { minimize } from "../core/repro/minimize.ts";
import { parse } from "../core/repro/parse.ts";
import { print, printLine, printStatement } from "../core/repro/print.ts";
import { Replay, type StepResult } from "../core/repro/replay.ts";
import { report, verdict, type ReportLine } from "../core/repro/report.ts";
import type { Line, Reproduction } from "../core/repro/syntax.ts";
import { EXIT_FINDING } from "./exit-codes.ts";
import { guestEntries, imageHash, openImage, sampleImage } from "./image/image.ts";
import { writeWhole } from "./image/write-whole.ts";
import { kernelBytes, kernelHash, playerBytes } from "./package-files.ts";
import { runPacked, type Runtime } from "./runtimes.ts";

export interface ReproOptions {
  readonly runtime?: Runtime;
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
    const replayed = replay(opened, kernel, { onLine: options.quiet ? undefined : show });
    if (options.verify) compare(path, replayed, replay(opened, kernel));
    const { results } = replayed;
    const wrong = results.filter(({ holds }) => !holds).length;
    const unexpected = results.filter(({ findings, step }) => findings.length > 0 && step.expectation === undefined).length;
    process.stdout.write(`${path}: ${verdict(results)}\n`);
    if (options.update && (wrong > 0 || results.some(({ step }) => step.expectation === undefined))) update(opened, results);
    mismatches += options.update ? 0 : wrong;
    findings += unexpected;
  }
  if (mismatches > 0) throw new MismatchError(`${mismatches} step${mismatches === 1 ? "" : "s"} gave something else than expected (--update accepts it)`);
  return findings > 0 ? EXIT_FINDING : 0;
}

/** Replays each file as a packed module in a WASI runtime; the first exit status that is not 0. */
export async function runPackedReproductions(paths: readonly string[], runtime: Exclude<Runtime, "native">): Promise<number> {
  for (const path of paths) {
    const status = await runPacked((await packed(path)).module, runtime);
    if (status !== 0) return status;
  }
  return 0;
}

/** Writes one file as a packed module. */
export async function packReproduction(path: string, { output }: { output: string }): Promise<void> {
  const { module } = await packed(path);
  writeWhole(output, module);
  process.stdout.write(`${output}: ${Math.ceil(module.length / 1024)} KiB, a WASI command that replays ${path}\n`);
}

async function packed(path: string): Promise<Packed> {
  const { reproduction, entries } = await open(path);
  return pack(reproduction, path, entries, loadKernel(kernelBytes()), playerBytes());
}

/** Prints (or writes) the smallest reproduction of the failure that a file has. @throws BadInputError for one that does not fail */
export async function minimizeReproduction(path: string, { output }: { output?: string }): Promise<void> {
  const opened = await open(path);
  const kernel = loadKernel(kernelBytes());
  const replayOf = (reproduction: Reproduction) => new Replay(kernel, reproduction, { where: path, image: imageOf(opened) });
  const smallest = minimize(opened.reproduction, { replay: replayOf, onProgress: process.stderr.isTTY ? showProgress : undefined });
  if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");
  if (smallest === undefined) throw new BadInputError(`${path}: expected a step that gives something else than it says or a kernel finding, found neither`);

  // the other steps tell what they give now
  const { results } = replay({ ...opened, reproduction: smallest }, kernel);
  const text = print({ lines: withAnswers(smallest, results.filter(({ holds }) => holds)) });
  if (output === undefined) process.stdout.write(text);
  else writeWhole(output, new TextEncoder().encode(text));
}

function showProgress(tried: number, steps: number): void {
  process.stderr.write(`\r\x1b[K${tried} tried, ${steps} steps left`);
}

/** Replays one file under two profiles and shows the steps in which they part. */
export async function compareProfiles(path: string, profiles: readonly string[]): Promise<void> {
  const kernel = loadKernel(kernelBytes());
  const opened = await open(path);
  const runs = profiles.map((profile) => ({ profile, ...replay(opened, kernel, { quirks: profileQuirks(profile) }) }));
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

/** Prints the machine after a step, the last one if none is said, or how it differs between two. @throws BadInputError */
export async function showMachine(path: string, { at, diff }: { at?: number; diff?: readonly [number, number] }): Promise<void> {
  const opened = await open(path);
  const replay = new Replay(loadKernel(kernelBytes()), opened.reproduction, { where: path, image: imageOf(opened) });
  const count = replay.steps.length;
  const wanted = diff ?? [at ?? count];
  const wrong = wanted.find((step) => step > count);
  if (wrong !== undefined) throw new BadInputError(`${path}: expected a step up to ${count}, found ${wrong}`);
  const shown = new Map<number, string[]>();
  for (let step = 0; step <= Math.max(...wanted); step++) {
    if (step > 0) replay.step();
    if (wanted.includes(step)) shown.set(step, inspectionText(tasksOf(replay.machine)));
  }
  for (const step of wanted) process.stdout.write(`# ${step === 0 ? "before the first step" : `${step}: ${printStatement(replay.steps[step - 1]!.statement)}`}\n`);
  const [first = [], second] = wanted.map((step) => shown.get(step)!);
  const lines = second === undefined ? first : difference(first, second);
  process.stdout.write(lines.map((line) => `${line}\n`).join(""));
}

/** @throws BadInputError for a file that cannot be read or is no reproduction, or whose image is another by now */
async function open(path: string): Promise<Opened> {
  const reproduction = parse(readText(path), path);
  const header = readHeader(reproduction, path);
  const build = kernelHash(kernelBytes());
  if (header.kernel !== undefined && header.kernel !== build) {
    process.stderr.write(`spawnlab: ${path}: made with kernel ${header.kernel}, replayed on ${build}: results may differ\n`);
  }
  const entries = await imageEntries(header.image);
  if (header.imageHash !== undefined && header.imageHash !== imageHash(entries)) {
    throw new BadInputError(`${path}: made with image ${header.image} ${header.imageHash}, which is ${imageHash(entries)} by now`);
  }
  return { path, reproduction, entries };
}

/** The image that was opened for a file; a smaller version of the file may name none. */
function imageOf({ entries }: Opened): (name: string) => readonly ImageEntry[] {
  return (name) => (name === "none" ? [] : entries);
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

interface ReplayChoices {
  readonly quirks?: number | undefined;
  readonly onLine?: ((line: ReportLine) => void) | undefined;
}

interface Replayed {
  readonly results: readonly StepResult[];
  readonly state: string;
}

function replay(opened: Opened, kernel: KernelModule, { quirks, onLine }: ReplayChoices = {}): Replayed {
  const { path, reproduction } = opened;
  const replay = new Replay(kernel, reproduction, { where: path, image: imageOf(opened), ...(quirks === undefined ? {} : { boot: { quirks } }) });
  const results: StepResult[] = [];
  let state = "";
  for (const line of report(reproduction, replay)) {
    if (line.result) results.push(line.result);
    if (line.kind === "state") state = line.text;
    onLine?.(line);
  }
  return { results, state };
}

/** Two replays of one file must not differ in anything. */
function compare(path: string, first: Replayed, second: Replayed): void {
  const at = first.results.findIndex(({ actual }, index) => actual !== second.results[index]?.actual);
  const [one, other] = [first.results[at], second.results[at]];
  if (one) throw new MismatchError(`${path}:${one.step.line}: two replays differ: "${one.actual}" and "${other?.actual}"`);
  if (first.state !== second.state) throw new MismatchError(`${path}: two replays differ in their last state: ${first.state}, ${second.state}`);
}

function show({ kind, text, result }: ReportLine): void {
  const isWrong = kind === "mismatch" || result?.holds === false;
  process.stdout.write(`${isWrong ? paint("red", text) : kind === "comment" || kind === "state" ? paint("dim", text) : kind === "finding" ? paint("yellow", text) : text}\n`);
}

function update({ path, reproduction }: Opened, results: readonly StepResult[]): void {
  writeWhole(path, new TextEncoder().encode(print({ lines: withAnswers(reproduction, results) })));
  process.stdout.write(`${path}: updated\n`);
}

/** The lines, in which the steps of these results expect what they gave, if that was anything. */
function withAnswers({ lines }: Reproduction, results: readonly StepResult[]): Line[] {
  const actual = new Map(results.map((result) => [result.step.line, result.actual]));
  return lines.map((line) => {
    const answer = actual.get(line.line);
    if (line.kind !== "step" || answer === undefined) return line;
    const { expectation: _, ...step } = line;
    return answer === "" ? step : { ...step, expectation: answer };
  });
}

function paint(format: "dim" | "red" | "yellow", text: string): string {
  return process.stdout.isTTY ? styleText(format, text) : text;
}
