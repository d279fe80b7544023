// SPDX-License-Identifier: MIT
// Turns a run into a reproduction while it runs: each thing that the host does to the machine becomes a step, and how far the machine ran in
// between a tick. Nothing else enters a machine, so the replay is the same run: the same output, end and instructions.

import type { Machine, MachineEvent, StartOptions, Stop } from "../machine.ts";
import { signalName } from "../names.ts";
import { restText } from "./machine-steps.ts";
import { OutputLog } from "./output-log.ts";
import { VERSION_LINE } from "./parse.ts";
import { withExpectation } from "./print.ts";
import { quote } from "./tokens.ts";

const encoder = new TextEncoder();
/** A replay gives a step up after twice this. */
const LONGEST_TICK = 1_000_000_000n;

export class Recorder {
  /** What the machine writes goes here as well. */
  readonly output = new OutputLog();
  readonly #write: (line: string) => void;
  #machine: Machine | undefined;
  /** Where the latest tick step ends. */
  #workWritten = 0n;
  #findingsWritten = 0;
  /** The machine has run since then: how far, what it does now, and what it has written and found on the way. */
  #tick: { readonly work: bigint; readonly step: string; readonly rest: string; readonly chunks: number; readonly findings: number } | undefined;
  #instructions = 0n;

  /** `write` takes the lines of the reproduction as they come about, the first ones at once. */
  constructor(header: readonly string[], write: (line: string) => void) {
    this.#write = write;
    for (const line of [VERSION_LINE, ...header, ""]) write(line);
  }

  /** The machine that is recorded, before anything has happened to it but entries and mounts, which the header has. */
  attach(machine: Machine): void {
    this.#machine = machine;
  }

  readonly handle = (event: MachineEvent): void => {
    if (this.#machine === undefined) return;
    if (event.kind === "tick") return this.#ran(this.#machine, event.stop);
    this.#flush();
    this.#write(stepOf(event));
  };

  /** After the last event, or after the kernel's panic: the replay then panics in the last tick. */
  end(): void {
    this.#flush();
    if (this.#machine?.findings.some(({ kind }) => kind === "panic")) return this.#write("tick");
    this.#writeOutput();
    this.#write(withExpectation("instructions", String(this.#instructions)));
  }

  #ran(machine: Machine, stop: Stop): void {
    const isCut = stop === "budget" || stop === "finding";
    this.#instructions = machine.instructions;
    this.#tick = {
      work: machine.work,
      step: isCut ? `tick ${machine.work}` : "tick",
      rest: isCut ? "runs" : restText(machine, stop),
      chunks: this.output.length,
      findings: machine.findings.length,
    };
    if (machine.work - this.#workWritten > LONGEST_TICK) this.#flush();
  }

  #flush(): void {
    if (this.#tick === undefined) return;
    const { work, step, rest, chunks, findings } = this.#tick;
    const found = this.#machine!.findings.slice(this.#findingsWritten, findings).map(({ kind }) => `finding ${kind}`);
    this.#tick = undefined;
    this.#workWritten = work;
    this.#findingsWritten = findings;
    this.#write(withExpectation(step, [rest, ...found].join(", ")));
    this.#writeOutput(chunks);
  }

  #writeOutput(chunks = this.output.length): void {
    if (chunks > 0) this.#write(withExpectation("output", this.output.take(chunks)));
  }
}

function stepOf(event: Exclude<MachineEvent, { kind: "tick" }>): string {
  switch (event.kind) {
    case "start":
      return runStep(event.options);
    case "input":
      return `input ${quote(event.bytes)}`;
    case "eof":
      return "input eof";
    case "advance":
      return `advance ${event.ns}ns`;
    case "signal":
      return `signal ${signalName(event.signal)}`;
    case "resize":
      return `resize ${event.rows} ${event.columns}`;
    case "hangup":
      return "hangup";
  }
}

function runStep({ program, argv = [program], env = [], cwd = "/", uid = 0, gid = 0 }: StartOptions): string {
  const options = [`env: ${strings(env)}`, `cwd: ${string(cwd)}`, ...(uid === 0 && gid === 0 ? [] : [`uid: ${uid}`, `gid: ${gid}`])];
  return `run ${string(program)} ${strings(argv)} {${options.join(", ")}}`;
}

function strings(texts: readonly string[]): string {
  return `[${texts.map(string).join(", ")}]`;
}

function string(text: string): string {
  return quote(encoder.encode(text));
}
