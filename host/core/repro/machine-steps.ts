// SPDX-License-Identifier: MIT
// The steps of a reproduction that are not an actor's: what happens to the machine as a whole. In a file that somebody wrote, the machine
// runs after each of them until nothing moves; in a recording it runs in "tick" steps alone, exactly as far as it did.

import * as signals from "../../../kernel/abi/signal.ts";
import { LimitReachedError } from "../errors.ts";
import type { Machine, StartOptions, Stop } from "../machine.ts";
import { durationNs, numberOf } from "./encode.ts";
import type { OutputLog } from "./output-log.ts";
import type { Field, Position, Statement, Value } from "./syntax.ts";
import { errorAt, stringBytes } from "./tokens.ts";
import { statusView } from "./views.ts";

export type MachineStatement = Exclude<Statement, { kind: "call" | "returns" }>;

/** Guest instructions that one step may take. */
const STEP_LIMIT = 2_000_000_000n;
const RESTS: Partial<Record<Stop, string>> = { input: "waits for input", idle: "sleeps", deadlock: "waits" };

export class MachineSteps {
  readonly #machine: Machine;
  readonly #output: OutputLog;
  readonly #where: string;
  readonly #isRecording: boolean;

  constructor(machine: Machine, output: OutputLog, isRecording: boolean, where: string) {
    this.#machine = machine;
    this.#output = output;
    this.#isRecording = isRecording;
    this.#where = where;
  }

  /** What the step gives. @throws BadInputError, LimitReachedError */
  make(statement: MachineStatement, at: Position): string {
    switch (statement.kind) {
      case "run":
        this.#machine.start(this.#startOptions(statement));
        return this.#after(at);
      case "input":
        return this.#input(statement.text, at);
      case "advance":
        this.#machine.advanceTo(this.#machine.now + durationNs(statement.duration));
        return this.#after(at);
      case "signal":
        this.#machine.signal(this.#signal(statement.signal, at));
        return this.#after(at);
      case "resize":
        this.#machine.resize(Number(numberOf(statement.rows)), Number(numberOf(statement.columns)));
        return this.#after(at);
      case "hangup":
        this.#machine.hangUp();
        return this.#after(at);
      case "tick":
        return statement.work === undefined ? this.settle(at) : this.#runUpTo(numberOf(statement.work));
      case "output":
        return this.#output.take();
      case "instructions":
        return String(this.#machine.instructions);
      case "leaks":
        return this.#leaks();
    }
  }

  /** Runs until nothing moves; what the machine does then. */
  settle(at: Position): string {
    const limit = this.#machine.work + STEP_LIMIT;
    for (;;) {
      const stop = this.#machine.step();
      if (stop !== "budget" && stop !== "finding") return restText(this.#machine, stop);
      if (this.#machine.work > limit) throw new LimitReachedError(`${this.#where}:${at.line}: the machine is not at rest after ${STEP_LIMIT} instructions`);
    }
  }

  #after(at: Position): string {
    return this.#isRecording ? "" : this.settle(at);
  }

  #input(text: string | undefined, at: Position): string {
    const bytes = stringBytes(text ?? '""');
    if (text === undefined) this.#machine.endInput();
    const taken = this.#machine.input(bytes);
    const rest = this.#after(at);
    return taken === bytes.length ? rest : [`${taken} bytes taken`, rest].filter((part) => part !== "").join(", ");
  }

  /** Up to where the recorded run looked at the outside. That is exact: `work` is what a tick's budget counts. */
  #runUpTo(work: bigint): string {
    let stop: Stop = "budget";
    while (this.#machine.work < work && (stop === "budget" || stop === "finding")) stop = this.#machine.step(work - this.#machine.work);
    if (stop !== "budget" && stop !== "finding") return restText(this.#machine, stop);
    return this.#machine.work === work ? "runs" : `runs, at ${this.#machine.work}`;
  }

  #leaks(): string {
    this.#machine.powerOff();
    const { leakedStrings } = this.#machine.usage();
    const left = [...(leakedStrings > 0 ? [`strings: ${leakedStrings}`] : []), ...this.#machine.leakReport().split("\n").filter((text) => text !== "")];
    return left.length === 0 ? "nothing" : left.join(", ");
  }

  #startOptions({ program, argv, options }: Extract<Statement, { kind: "run" }>): StartOptions {
    const fields = options?.kind === "struct" ? options.fields : [];
    const unknown = fields.find(({ name }) => !["env", "cwd", "uid", "gid"].includes(name));
    if (options !== undefined && options.kind !== "struct") throw errorAt(this.#where, options, "{env: [...], cwd: ..., uid: ..., gid: ...}", options.kind);
    if (unknown) throw errorAt(this.#where, unknown, "env, cwd, uid or gid", unknown.name);
    return { program: this.#text(program), argv: this.#texts(argv), ...Object.assign({}, ...fields.map((field) => this.#startOption(field))) };
  }

  #startOption({ name, value }: Field): StartOptions | Record<string, unknown> {
    if (name === "env") return { env: this.#texts(value) };
    if (name === "cwd") return { cwd: this.#text(value) };
    if (value.kind !== "number") throw errorAt(this.#where, value, "a number", value.kind);
    return { [name]: Number(numberOf(value.text)) };
  }

  #signal(name: string, at: Position): number {
    const number = Object.entries(signals).find(([constant]) => constant === name && /^SIG(?!_)/.test(name))?.[1];
    if (number === undefined) throw errorAt(this.#where, at, "a signal such as SIGINT", name);
    return number;
  }

  #text(value: Value): string {
    if (value.kind !== "string") throw errorAt(this.#where, value, "a string", value.kind);
    return new TextDecoder().decode(stringBytes(value.text));
  }

  #texts(value: Value): string[] {
    if (value.kind !== "list") throw errorAt(this.#where, value, "a list of strings", value.kind);
    return value.items.map((item) => this.#text(item));
  }
}

/** What a machine does that step() has left, other than for its budget: how pid 1 ended, or what everybody waits for. */
export function restText(machine: Machine, stop: Stop): string {
  if (stop !== "off") return RESTS[stop] ?? "runs";
  const bytes = new DataView(new ArrayBuffer(4));
  bytes.setInt32(0, machine.exitStatus.raw, true);
  return statusView.show(bytes, 1n);
}
