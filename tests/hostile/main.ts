// SPDX-License-Identifier: MIT
// npm run hostile: cases from hostile guests, as many as asked for, and a table of what was done. They run in a worker, so that this
// thread notices when one of them does not come back. Exit status: 0 all held, 1 something did not, 2 bad arguments.

import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { loadKernel } from "../../host/core/kernel-module.ts";
import { kernelBytes, packagePath } from "../../host/node/package-files.ts";
import { KINDS, replayCommand, runCampaign, runOne, type Finding, type Row } from "./campaign.ts";
import type { Kind, Materials } from "./machine.ts";

const HELP = `npm run hostile -- [--class NAME]... [--cases N] [--seconds S] [--seed N] [--findings N]
npm run hostile -- --class NAME --case N [--seed N]

Guests that mean harm. Whatever they do, the kernel must not panic or trap, the host must not hang, every invariant must hold, and
nothing may be left after power-off.

  --class NAME    ${KINDS.map(({ name }) => name).join(", ")}; default all, in turn
  --cases N       cases of each class, default 10000
  --seconds S     ends after S seconds, whatever is missing then
  --seed N        default 1; the same seed gives the same cases
  --findings N    ends after N different findings, default 10
  --case N        the run that has this case once more, with everything it does

Exit status: 0 all held, 1 something did not, 2 bad arguments.
`;

interface Request {
  readonly seed: number;
  readonly cases: number;
  readonly seconds: number | undefined;
  readonly kinds: readonly string[];
  readonly findings: number;
  /** The case to see again. */
  readonly only: number | undefined;
}

type Message =
  | { type: "run"; kind: string; index: number; rows: readonly Row[] }
  | { type: "line"; text: string }
  | { type: "finding"; kind: string; index: number; text: string; stack: string }
  | { type: "end"; rows: readonly Row[] };

/** A run takes milliseconds; one that takes this long on a busy machine does not come back. */
const HANG_SECONDS = 60;
const PROGRESS_SECONDS = process.stderr.isTTY ? 1 : 30;

if (isMainThread) supervise(readRequest());
else await work(workerData as Request);

function readRequest(): Request {
  try {
    const { values } = parseArgs({
      options: {
        help: { type: "boolean" },
        class: { type: "string", multiple: true },
        cases: { type: "string", default: "10000" },
        seconds: { type: "string" },
        seed: { type: "string", default: "1" },
        findings: { type: "string", default: "10" },
        case: { type: "string" },
      },
    });
    if (values.help) {
      process.stdout.write(HELP);
      process.exit(0);
    }
    const kinds = values.class ?? KINDS.map(({ name }) => name);
    kinds.forEach(kindOf);
    if (values.case !== undefined && values.class?.length !== 1) throw new Error("--case: expected one --class with it");
    return {
      seed: integer("--seed", values.seed),
      cases: integer("--cases", values.cases),
      seconds: values.seconds === undefined ? undefined : integer("--seconds", values.seconds),
      kinds,
      findings: integer("--findings", values.findings),
      only: values.case === undefined ? undefined : integer("--case", values.case),
    };
  } catch (error) {
    process.stderr.write(`hostile: ${(error as Error).message}\n`);
    process.exit(2);
  }
}

function supervise(request: Request): void {
  const worker = new Worker(new URL(import.meta.url), { workerData: request });
  const start = performance.now();
  let current = { kind: request.kinds[0] as string, index: 0 };
  let rows: readonly Row[] = [];
  let lastSign = start;
  let lastReport = start;
  let findings = 0;
  let hasEnded = false;
  const say = (text: string) => process.stderr.write(`${text}\n`);
  const found = (text: string, { kind, index } = current) => {
    findings++;
    say(`FOUND in ${kind}: ${text}\n  again: ${replayCommand(kindOf(kind), index, request.seed)}`);
  };

  worker.on("message", (message: Message) => {
    lastSign = performance.now();
    if (message.type === "line") process.stdout.write(`${message.text}\n`);
    if (message.type === "run") ({ rows, ...current } = message);
    if (message.type === "finding") found(`${message.text}\n${message.stack}`, message);
    if (message.type !== "end") return;
    ({ rows } = message);
    hasEnded = true;
  });
  worker.on("error", (error) => {
    say(`hostile: the worker failed: ${error.stack}`);
    process.exit(1);
  });
  worker.on("exit", () => {
    if (!hasEnded) found("it never settled: something waits for what does not come");
    if (request.only === undefined) process.stdout.write(`${table(rows)}\nseed ${request.seed}, ${seconds(performance.now() - start)} s\n`);
    say(findings === 0 ? "everything held" : `${findings} different findings`);
    process.exit(findings === 0 ? 0 : 1);
  });
  setInterval(() => {
    const time = performance.now();
    if (time - lastSign > HANG_SECONDS * 1000) {
      found(`nothing for ${HANG_SECONDS} s: the host hangs`);
      process.exit(1);
    }
    if (time - lastReport < PROGRESS_SECONDS * 1000 || request.only !== undefined) return;
    lastReport = time;
    const text = `${seconds(time - start)} s: ${rows.map(({ name, cases }) => `${name} ${cases}`).join(", ")}`;
    if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
    else say(text);
  }, 500).unref();
}

async function work(request: Request): Promise<void> {
  const post = (message: Message) => parentPort?.postMessage(message);
  const materials = loadMaterials();
  const { seed, cases, seconds, findings: mostFindings, only } = request;
  const kinds = request.kinds.map(kindOf);
  const plain = ({ kind, index, text, stack }: Finding) => ({ kind: kind.name, index, text, stack });
  if (only !== undefined) {
    const kind = kinds[0] as Kind;
    const index = Math.floor(only / kind.size);
    post({ type: "run", kind: kind.name, index, rows: [] });
    const outcome = await runOne(materials, kind, seed, index, (text) => post({ type: "line", text }));
    if (typeof outcome !== "number") post({ type: "finding", ...plain(outcome) });
    return post({ type: "end", rows: [] });
  }
  const result = await runCampaign(materials, {
    ...{ seed, cases, seconds, mostFindings, kinds },
    onRun: (kind, index, rows) => post({ type: "run", kind: kind.name, index, rows }),
  });
  for (const finding of result.findings) post({ type: "finding", ...plain(finding) });
  post({ type: "end", rows: result.rows });
}

function loadMaterials(): Materials {
  const programs = packagePath("build/programs/riscv64");
  const bytes = new Map<string, Uint8Array>();
  const program = (name: string): Uint8Array => {
    if (!bytes.has(name)) bytes.set(name, readFileSync(`${programs}/${name}`));
    return bytes.get(name) as Uint8Array;
  };
  return { kernel: loadKernel(kernelBytes()), program };
}

function table(rows: readonly Row[]): string {
  const head = ["class", "cases", "", "per second", "slowest run", "findings"];
  const lines = rows.map(({ name, cases, ms, findings, slowest }) => {
    const kind = kindOf(name);
    return [name, String(cases), kind.unit, (cases / (ms / 1000)).toFixed(0), `--case ${slowest.index * kind.size}, ${slowest.ms.toFixed(0)} ms`, String(findings)];
  });
  const widths = head.map((text, column) => Math.max(text.length, ...lines.map((line) => (line[column] as string).length)));
  const isNumber = (column: number) => column === 1 || column === 3 || column === 5;
  const format = (line: readonly string[]) =>
    line.map((text, column) => (isNumber(column) ? text.padStart(widths[column] as number) : text.padEnd(widths[column] as number))).join("  ").trimEnd();
  return [head, ...lines].map(format).join("\n");
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(0);
}

function kindOf(name: string): Kind {
  const kind = KINDS.find((one) => one.name === name);
  if (kind) return kind;
  throw new Error(`unknown class "${name}": expected ${KINDS.map((one) => one.name).join(", ")}`);
}

function integer(what: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new Error(`${what}: expected a number, found "${text}"`);
  return Number(text);
}
