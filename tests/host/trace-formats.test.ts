// SPDX-License-Identifier: MIT
// The trace formats besides text: JSON says what the text says, a timeline is one that viewers load, and neither changes the run.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { once } from "node:events";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { directory, file, type ImageEntry } from "../../host/core/image.ts";
import type { CallRecord, TraceRecord } from "../../host/core/trace/record.ts";
import type { TraceFormat } from "../../host/core/trace/tracer.ts";
import { sampleImage } from "../../host/node/image/image.ts";
import * as b from "../../kernel/abi/boundary.ts";
import { O_RDONLY } from "../../kernel/abi/fcntl.ts";
import { MAP_ANONYMOUS, MAP_PRIVATE, PROT_READ, PROT_WRITE } from "../../kernel/abi/mman.ts";
import { SYS_GETPID, SYS_MMAP, SYS_READ } from "../../kernel/abi/syscalls.ts";
import { boot } from "../support/boot.ts";
import { spawnlab, startSpawnlab, TIMEOUT_MS } from "../support/cli.ts";
import { FakeGuest } from "../support/fake-guest.ts";
import { ROOT } from "../support/kernel.ts";
import { runProgram, sample } from "../support/program.ts";

const tools = ["cat", "echo", "sleep", "false", "true"].map((name) => file(`/bin/${name}`, sample(name), 0o755));

/** Runs with much in them: templates, pipes that block, jobs, signals, a fault of a program, an exec that fails. */
const RUNS: { name: string; program: string; args: string[]; entries: ImageEntry[] }[] = [
  { name: "agent", program: "agent", args: [], entries: [...sampleImage().entries] },
  {
    name: "a shell with jobs",
    program: "sh",
    args: ["-c", "echo hi | cat; sleep 5 & sleep 1; kill $!; wait; /bin/none; false || true > /tmp/x"],
    entries: [...tools, directory("/tmp", 0o1777)],
  },
];

const env = ["PATH=/bin"];

function traced({ program, args, entries }: (typeof RUNS)[number], traceFormat: TraceFormat): string[] {
  return runProgram(program, { args, entries, env, isTraced: true, traceFormat }).machine.endTrace();
}

const records = (lines: readonly string[]) => lines.map((line) => JSON.parse(line) as TraceRecord);

/** What each kind of object consists of: docs/trace-formats.md. */
const isTime = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0;
const isText = (value: unknown) => typeof value === "string";
const isTextOrNull = (value: unknown) => value === null || isText(value);
const isFlag = (value: unknown) => typeof value === "boolean";
const isHex = (value: unknown) => isText(value) && /^0x[0-9a-f]+$|^0$/.test(value as string);
const isDecimalOrNull = (value: unknown) => value === null || (isText(value) && /^-?\d+$/.test(value as string));
const isListOf = (fields: Fields) => (value: unknown) => Array.isArray(value) && value.every((item) => problems(item as object, fields).length === 0);
type Fields = Record<string, (value: unknown) => boolean>;
const common = { event: isText, time: isTime, pid: isTime, tid: isTime };
const result = { result: isDecimalOrNull, error: isTextOrNull };
const FIELDS: { [E in TraceRecord["event"]]: Record<keyof Extract<TraceRecord, { event: E }>, Fields[string]> } = {
  call: {
    ...common, ...result, duration: isTime, call: isText, number: isTime, args: isListOf({ raw: isHex, text: isTextOrNull }), outcome: isText,
    sleeps: isListOf({ time: isTime, duration: isTime }),
  },
  action: { ...common, ...result, duration: isTime, index: isTime, text: isText },
  exec: { ...common, ...result, duration: isTime, program: isText, isTemplate: isFlag },
  born: { ...common, parentPid: isTime, parentTid: isTime },
  signal: { ...common, signal: isText, info: isText },
  stopped: { ...common, signal: isText },
  continued: common,
  "out-of-memory": { ...common, residentPages: isTime },
  exited: { ...common, code: (value) => value === null || isTime(value), signal: isTextOrNull, isLast: isFlag },
  "unknown-call": { event: isText, call: isText, number: isTime, times: isTime },
};

/** Fields that are missing, too many, or not what they should be. */
function problems(value: object, fields: Fields): string[] {
  const names = new Set([...Object.keys(value), ...Object.keys(fields)]);
  return [...names].filter((name) => !fields[name]?.((value as Record<string, unknown>)[name]));
}

/** The text trace with each call in one piece, where it ended. */
function wholeLines(lines: readonly string[]): string[] {
  const begun = new Map<string, string>();
  return lines.flatMap((line) => {
    const [, pid = "", text = ""] = /^\[pid (\d+)\] ([^]*)$/.exec(line) ?? [];
    if (text.endsWith(" <unfinished ...>")) {
      begun.set(pid, text.slice(0, -" <unfinished ...>".length));
      return [];
    }
    const whole = text.replace(/^<\.\.\. \w+ resumed>/, () => begun.get(pid) ?? "?");
    return [`${pid}: ${whole.replace(/, \) = \?/, ") = ?")}`]; // an argument that never came
  });
}

/** The same from JSON. */
function linesOf(record: TraceRecord): string[] {
  if (record.event === "unknown-call") return [];
  const say = (text: string) => [`${record.tid}: ${text}`];
  switch (record.event) {
    case "call": {
      const text = record.args.flatMap(({ text }) => text ?? []).join(", ");
      return say(`${record.call}(${text}) = ${record.outcome}`);
    }
    case "action":
      return say(`=> ${record.text} = ${record.error ? `-1 ${record.error}` : record.result}`);
    case "exec":
      return record.isTemplate ? say(`=> exec = ${record.error ? `-1 ${record.error}` : record.result}`) : [];
    case "signal":
      return say(`--- ${record.signal} ${record.info} ---`);
    case "stopped":
      return say(`--- stopped by ${record.signal} ---`);
    case "continued":
      return say("--- continued ---");
    case "out-of-memory":
      return say(`--- out of memory: killed for its ${record.residentPages} pages ---`);
    case "exited":
      return say(`+++ ${record.signal ? `killed by ${record.signal}` : `exited with ${record.code}`} +++`);
    case "born":
      return [];
  }
}

describe.each(RUNS)("$name", (run) => {
  it("as JSON: each line is an object with the documented fields", () => {
    for (const record of records(traced(run, "json"))) expect(problems(record, FIELDS[record.event]), JSON.stringify(record)).toEqual([]);
  });

  it("as JSON says what the text says, in the order in which calls end", () => {
    const withoutExplanation = (line: string) => line.replace(/^(\d+: =>.* -1 E\w+) \(.*\)$/, "$1");
    const text = wholeLines(traced(run, "text")).map(withoutExplanation);
    expect(records(traced(run, "json")).flatMap(linesOf)).toEqual(text);
  });

  it("takes as long, and does the same, with a trace and without", () => {
    const { program, args, entries } = run;
    const outcome = (traceFormat?: TraceFormat) => {
      const isTraced = traceFormat !== undefined;
      const { machine, stdout, stderr, status, instructions } = runProgram(program, { args, entries, env, isTraced, traceFormat });
      return { stdout, stderr, status, instructions, now: machine.machine.now };
    };
    const plain = outcome();
    for (const format of ["text", "json", "perfetto"] as const) expect(outcome(format), format).toEqual(plain);
  });

  it("as JSON: calls last from begin to end, sleeps lie in them, and tasks are born before they do anything", () => {
    const known = new Set([1]);
    for (const record of records(traced(run, "json"))) {
      if (record.event === "unknown-call") continue;
      if (record.event === "born") known.add(record.tid);
      expect(known, JSON.stringify(record)).toContain(record.tid);
      if (record.event !== "call") continue;
      for (const sleep of record.sleeps) {
        expect(sleep.time).toBeGreaterThanOrEqual(record.time);
        expect(sleep.time + sleep.duration).toBeLessThanOrEqual(record.time + record.duration);
      }
    }
  });

  it("as a timeline is one that viewers load", () => {
    const lines = traced(run, "perfetto");
    const events = JSON.parse(lines.join("\n")) as TimelineEvent[];
    const slices = slicesOf(events);
    const calls = records(traced(run, "json")).filter((record): record is CallRecord => record.event === "call");
    const place = (ts: number, pid: number, tid: number, name: string) => `${tid}/${pid} ${ts} ${name}`;
    expect(slices.filter(({ cat }) => cat === "call").map(({ ts, pid, tid, name }) => place(ts, pid, tid, name)).sort()).toEqual(
      calls.map(({ time, pid, tid, call }) => place(time / 1000, pid, tid, call)).sort(),
    );
    expect(slices.filter(({ cat }) => cat === "blocked").length).toBe(calls.flatMap(({ sleeps }) => sleeps).length);

    const named = events.filter(({ ph }) => ph === "M");
    expect(new Set(named.filter(({ name }) => name === "thread_name").map(({ tid }) => tid))).toEqual(new Set(events.map(({ tid }) => tid)));
    expect(new Set(named.filter(({ name }) => name === "process_name").map(({ pid }) => pid))).toEqual(new Set(events.map(({ pid }) => pid)));

    // arrows: from inside a call of the parent to the beginning of the child's first slice
    const starts = events.filter(({ ph }) => ph === "s");
    expect(starts.length).toBeGreaterThan(2);
    for (const start of starts) {
      const [end, ...others] = events.filter(({ ph, id }) => ph === "f" && id === start.id);
      expect(others).toEqual([]);
      expect(slices.some((slice) => slice.cat === "call" && slice.tid === start.tid && slice.ts <= start.ts && start.ts <= slice.end)).toBe(true);
      expect(slices.find(({ tid }) => tid === end?.tid)?.ts).toBe(end?.ts);
    }
  });

  it("as a timeline can be cut off after any line, as a crash would leave it", () => {
    const lines = traced(run, "perfetto");
    for (let count = 1; count < lines.length; count += 17) {
      expect(JSON.parse(`${lines.slice(0, count).join("\n")}]`)).toHaveLength(count - 1); // viewers add the bracket
    }
  });
});

interface TimelineEvent {
  readonly ph: "B" | "E" | "X" | "M" | "i" | "s" | "f";
  readonly name: string;
  readonly cat: string;
  readonly ts: number;
  readonly dur?: number;
  readonly pid: number;
  readonly tid: number;
  readonly id?: number;
  readonly args?: Record<string, string>;
}
type Slice = TimelineEvent & { end: number };

/** Pairs up begins and ends; checks order and nesting on each track on the way. */
function slicesOf(events: readonly TimelineEvent[]): Slice[] {
  const slices: Slice[] = [];
  const open = new Map<number, Slice[]>();
  const last = new Map<number, number>();
  for (const event of events) {
    expect(Number.isSafeInteger(event.pid) && Number.isSafeInteger(event.tid)).toBe(true);
    if (event.ph === "M") continue;
    const stack = open.get(event.tid) ?? [];
    open.set(event.tid, stack);
    expect(event.ts, JSON.stringify(event)).toBeGreaterThanOrEqual(last.get(event.tid) ?? 0);
    last.set(event.tid, event.ts + (event.dur ?? 0));
    if (event.ph === "B") {
      const slice = { ...event, end: Infinity };
      slices.push(slice);
      stack.push(slice);
    } else if (event.ph === "E") {
      const slice = stack.pop();
      expect(slice, `an end without a begin: ${JSON.stringify(event)}`).toBeDefined();
      if (slice) slice.end = event.ts;
    } else if (event.ph === "X") {
      expect(event.dur).toBeGreaterThanOrEqual(0);
      expect(stack.at(-1)?.cat, "actions lie in their spawn").toBe("spawn");
    }
  }
  for (const [tid, stack] of open) expect(stack, `slices of ${tid} that do not end`).toEqual([]);
  return slices;
}

it("shows the phases of a spawn on the child's track: born, each action, exec, program", () => {
  const events = JSON.parse(traced(RUNS[0] as (typeof RUNS)[number], "perfetto").join("\n")) as TimelineEvent[];
  const child = events.filter(({ tid, ph }) => tid === 2 && ph !== "M").slice(0, 12).map(({ ph, name }) => `${ph} ${name}`);
  expect(child).toEqual([
    "B spawn",
    "f child",
    "X {FCHDIR 8}",
    'X {OPEN "/dev/null" O_RDONLY -> 0}',
    "X {DUP2 5 -> 1}",
    "X {DUP2 7 -> 2}",
    "X {SIGDEFAULT [PIPE]}",
    "X {SIGMASK []}",
    "X exec",
    "E undefined",
    "B wc",
    expect.stringMatching(/^B \w+/),
  ]);
});

it.each([
  { format: "text" as const, line: /^\[pid 2\] --- out of memory: killed for its \d{4} pages ---$/ },
  { format: "json" as const, line: /^\{"event":"out-of-memory","time":\d+,"pid":2,"tid":2,"residentPages":\d{4}\}$/ },
  { format: "perfetto" as const, line: /^,\{"ph":"i","s":"t","name":"out of memory",.*"pid":2,"tid":2,/ },
])("says in $format who is killed when memory runs out", ({ format, line }) => {
  const size = 32 * 2 ** 20;
  const machine = boot({ memoryBytes: size / 2, isTraced: true, traceFormat: format });
  const parent = machine.actor();
  const child = parent.fork();
  const zero = child.open("/dev/zero", O_RDONLY);
  const address = child.must(SYS_MMAP, 0, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  child.call(SYS_READ, zero, address, size);
  expect(machine.endTrace()).toContainEqual(expect.stringMatching(line));
});

it("docs/trace-formats.md names every object and every field", () => {
  const text = readFileSync(`${ROOT}docs/trace-formats.md`, "utf8");
  const words = new Set([...text.matchAll(/`([^`\n]+)`/g)].map(([, word]) => word));
  for (const [event, fields] of Object.entries(FIELDS)) {
    for (const name of [event, ...Object.keys(fields)]) expect(words, `${event}: ${name}`).toContain(name);
  }
});

it("keeps calls that were under way at the end", () => {
  for (const format of ["json", "perfetto"] as const) {
    const guest = new FakeGuest(format);
    guest.enter(1, SYS_READ, 3, "", 2);
    guest.event(b.TRACE_BLOCKED, 1, SYS_READ);
    guest.enter(2, SYS_GETPID);
    guest.tracer.end();
    if (format === "json") {
      expect(records(guest.lines)).toMatchObject([
        { tid: 1, call: "read", result: null, error: null, outcome: "?", sleeps: [{ time: 20, duration: 0 }] },
        { tid: 2, call: "getpid", result: null, duration: 0 },
      ]);
    } else {
      const slices = slicesOf(JSON.parse(guest.lines.join("\n")) as TimelineEvent[]);
      expect(slices.map(({ name, end }) => [name, end])).toEqual([["read", 0.03], ["blocked", 0.03], ["getpid", 0.03]]);
    }
  }
});

it("writes what a number cannot hold as text", () => {
  const guest = new FakeGuest("json");
  guest.call(9999, [-1, 2n ** 63n], -(2n ** 63n));
  expect(records(guest.lines)[0]).toMatchObject({
    args: [{ raw: "0xffffffffffffffff" }, { raw: "0x8000000000000000" }, ...Array.from({ length: 4 }, () => ({ raw: "0" }))],
    result: "-9223372036854775808",
    error: null,
  });
});

describe("on the command line", () => {
  let place: string;
  beforeEach(() => void (place = mkdtempSync(join(tmpdir(), "spawnlab-trace-"))));
  afterEach(() => rmSync(place, { recursive: true }));

  it("--trace-format json goes to standard error or into a file", () => {
    const onScreen = spawnlab(["run", "--trace-format", "json", "echo", "hi"]);
    expect(onScreen).toMatchObject({ status: 0, stdout: "hi\n" });
    expect(records(onScreen.stderr.trim().split("\n")).at(-1)).toMatchObject({ event: "exited", code: 0, signal: null, isLast: true });
    const path = join(place, "trace");
    expect(spawnlab(["run", `--trace=${path}`, "--trace-format", "json", "echo", "hi"])).toEqual({ status: 0, stdout: "hi\n", stderr: "" });
    expect(readFileSync(path, "utf8")).toBe(onScreen.stderr);
  });

  it.each([
    { what: "--max-instructions", args: ["--max-instructions", "5000", "ls", "-l", "/"], status: 124 },
    { what: "a deadlock", args: ["sh", "-c", "kill -STOP $$"], status: 123 },
    { what: "a program that is not there", args: ["none"], status: 127 },
  ])("a timeline is whole after $what", ({ args, status }) => {
    const path = join(place, "trace");
    expect(spawnlab(["run", `--trace=${path}`, "--trace-format", "perfetto", ...args]).status).toBe(status);
    slicesOf(JSON.parse(readFileSync(path, "utf8")) as TimelineEvent[]);
  });

  it("a timeline is whole after Ctrl-C that ends the machine", async () => {
    const path = join(place, "trace");
    const program = join(place, "ignores-interrupt");
    expect(spawnlab(["cc", "tests/host/ignores-interrupt.c", "-o", program]).status).toBe(0);
    const child = startSpawnlab(["run", "--real-time", `--trace=${path}`, "--trace-format", "perfetto", "--host-file", program]);
    await once(child.stdout as NodeJS.ReadableStream, "data");
    const exit = once(child, "exit");
    for (let times = 0; times < 3; times++) {
      child.kill("SIGINT");
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect(await exit).toEqual([130, null]);
    slicesOf(JSON.parse(readFileSync(path, "utf8")) as TimelineEvent[]);
  }, TIMEOUT_MS);

  it.each([
    { args: ["--trace-format", "perfetto"], text: "--trace-format perfetto: expected --trace=FILE as well, a file for the timeline" },
    { args: ["--trace=/dev/full", "--trace-format", "json"], text: "--trace=/dev/full: cannot be written (ENOSPC)" },
    { args: ["--trace-format", "xml"], text: "argument 'xml' is invalid. Allowed choices are text, json, perfetto." },
  ])("$args is refused in one line", ({ args, text }) => {
    const { status, stderr, stdout } = spawnlab(["run", ...args, "true"]);
    expect({ status, stdout }).toEqual({ status: 125, stdout: "" });
    expect(stderr).toContain(text);
    expect(stderr).toMatch(/^spawnlab: [^\n]+\n$/);
  });
});
