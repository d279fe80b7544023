// SPDX-License-Identifier: MIT
// npm run hostile: cases from hostile guests, as many as asked for. The cases run in a worker, so that this thread notices when
// one of them does not come back. Exit status: 0 all held, 1 something did not, 2 bad arguments.
//   npm run hostile -- [--cases N] [--seconds S] [--seed N] [--kind NAME]... [--failures N]
//   npm run hostile -- --seed N --replay KIND:INDEX             one unit again, with everything it does

import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { loadKernel } from "../../host/core/kernel-module.ts";
import { kernelBytes, packagePath } from "../../host/node/package-files.ts";
import { KINDS, replayCommand, runCampaign, runUnit, type Failure } from "./campaign.ts";
import type { Kind, Materials } from "./machine.ts";

interface Request {
  readonly seed: number;
  readonly cases: number;
  readonly seconds: number | undefined;
  readonly kinds: readonly string[];
  readonly failures: number;
  readonly replay: { readonly kind: string; readonly index: number } | undefined;
}

type Message =
  | { type: "unit"; kind: string; index: number; counts: Record<string, number> }
  | { type: "line"; text: string }
  | { type: "failure"; kind: string; index: number; text: string; stack: string }
  | { type: "end"; counts: Record<string, number>; slowest: string };

/** A unit takes milliseconds; one that takes this long on a busy machine does not come back. */
const HANG_SECONDS = 30;
const PROGRESS_SECONDS = 5;

if (isMainThread) supervise(readRequest());
else await work(workerData as Request);

function readRequest(): Request {
  try {
    const { values } = parseArgs({
      options: {
        cases: { type: "string", default: "100000" },
        seconds: { type: "string" },
        seed: { type: "string", default: "1" },
        kind: { type: "string", multiple: true, default: KINDS.map(({ name }) => name) },
        failures: { type: "string", default: "10" },
        replay: { type: "string" },
      },
    });
    const [kind = "", index] = values.replay?.split(":") ?? [];
    const kinds = values.replay === undefined ? values.kind : [kind];
    kinds.forEach(kindOf);
    return {
      seed: integer("--seed", values.seed),
      cases: integer("--cases", values.cases),
      seconds: values.seconds === undefined ? undefined : integer("--seconds", values.seconds),
      kinds,
      failures: integer("--failures", values.failures),
      replay: values.replay === undefined ? undefined : { kind, index: integer("--replay KIND:INDEX", index ?? "") },
    };
  } catch (error) {
    process.stderr.write(`hostile: ${(error as Error).message}\n`);
    process.exit(2);
  }
}

function supervise(request: Request): void {
  const worker = new Worker(new URL(import.meta.url), { workerData: request });
  const start = performance.now();
  let unit = { kind: "", index: 0 };
  let counts: Record<string, number> = {};
  let lastSign = start;
  let lastReport = start;
  let failures = 0;
  let slowest = "";
  let hasEnded = false;
  const say = (text: string) => process.stderr.write(`${text}\n`);
  const fail = (text: string, { kind, index } = unit) => {
    failures++;
    say(`FAILED ${kind}:${index}: ${text}\n  again: ${replayCommand(kind, index, request.seed)}`);
  };

  worker.on("message", (message: Message) => {
    lastSign = performance.now();
    if (message.type === "line") process.stdout.write(`${message.text}\n`);
    if (message.type === "unit") ({ counts, ...unit } = message);
    if (message.type === "failure") fail(`${message.text}\n${message.stack}`, message);
    if (message.type !== "end") return;
    ({ counts, slowest } = message);
    hasEnded = true;
  });
  worker.on("error", (error) => {
    say(`hostile: the worker failed: ${error.stack}`);
    process.exit(1);
  });
  worker.on("exit", () => {
    if (!hasEnded) fail("it never settled: something waits for what does not come");
    if (request.replay === undefined) say(`${summary(counts)} in ${((performance.now() - start) / 1000).toFixed(0)} s, seed ${request.seed}; slowest unit ${slowest}`);
    say(failures === 0 ? "everything held" : `${failures} different failures`);
    process.exit(failures === 0 ? 0 : 1);
  });
  setInterval(() => {
    const time = performance.now();
    if (time - lastSign > HANG_SECONDS * 1000) {
      fail(`nothing for ${HANG_SECONDS} s: the host hangs`);
      process.exit(1);
    }
    if (time - lastReport < PROGRESS_SECONDS * 1000 || request.replay) return;
    lastReport = time;
    say(`${((time - start) / 1000).toFixed(0)} s: ${summary(counts)}`);
  }, 1000).unref();
}

async function work(request: Request): Promise<void> {
  const post = (message: Message) => parentPort?.postMessage(message);
  const materials = loadMaterials();
  const { seed, cases, seconds, failures: mostFailures } = request;
  if (request.replay) {
    const kind = kindOf(request.replay.kind);
    post({ type: "unit", ...request.replay, counts: {} });
    const outcome = await runUnit(materials, kind, seed, request.replay.index, (text) => post({ type: "line", text }));
    if (typeof outcome !== "number") post({ type: "failure", ...plain(outcome) });
    post({ type: "end", counts: {}, slowest: "" });
    return;
  }
  const { counts, failures, slowest } = await runCampaign(materials, {
    ...{ seed, cases, seconds, mostFailures, kinds: request.kinds.map(kindOf) },
    onUnit: (kind, index, counts) => post({ type: "unit", kind: kind.name, index, counts: byName(counts) }),
  });
  for (const failure of failures) post({ type: "failure", ...plain(failure) });
  post({ type: "end", counts: byName(counts), slowest: `${slowest.kind}:${slowest.index}, ${slowest.ms.toFixed(0)} ms` });
}

function loadMaterials(): Materials {
  const programs = packagePath("build/programs/riscv64");
  return { kernel: loadKernel(kernelBytes()), program: (name) => readFileSync(`${programs}/${name}`) };
}

function plain({ kind, index, text, stack }: Failure): { kind: string; index: number; text: string; stack: string } {
  return { kind: kind.name, index, text, stack };
}

function byName(counts: ReadonlyMap<Kind, number>): Record<string, number> {
  return Object.fromEntries([...counts].map(([kind, count]) => [kind.name, count]));
}

function summary(counts: Record<string, number>): string {
  const parts = Object.entries(counts).map(([name, count]) => `${count} ${kindOf(name).unit}`);
  return `${Object.values(counts).reduce((sum, count) => sum + count, 0)} cases (${parts.join(", ")})`;
}

function kindOf(name: string): Kind {
  const kind = KINDS.find((one) => one.name === name);
  if (kind) return kind;
  throw new Error(`unknown kind "${name}": expected ${KINDS.map((one) => one.name).join(", ")}`);
}

function integer(what: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new Error(`${what}: expected a number, found "${text}"`);
  return Number(text);
}
