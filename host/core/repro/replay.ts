// SPDX-License-Identifier: MIT
// Replays a reproduction, one step at a time. After every step the machine runs until nothing in it can move without a new step:
// a call that sleeps then has the result "blocked", and virtual time stands still until the reproduction advances it. Steps that are not
// an actor's are in machine-steps.ts.

import type { Actor, ActorResult } from "../actor.ts";
import type { ImageEntry } from "../image.ts";
import type { KernelModule } from "../kernel-module.ts";
import { Machine, type BootOptions, type Finding } from "../machine.ts";
import { errnoName, signalName } from "../names.ts";
import { SHORT_CALLS, signatureOf } from "./calls.ts";
import { CALL_NUMBERS } from "./constants.ts";
import { Encoder, NotMade, type Output, type Window } from "./encode.ts";
import { readHeader, type Header } from "./header.ts";
import { MachineSteps } from "./machine-steps.ts";
import { OutputLog } from "./output-log.ts";
import { printStatement } from "./print.ts";
import type { Call, Line, Reproduction, Statement, Value } from "./syntax.ts";
import { errorAt } from "./tokens.ts";

export type Step = Extract<Line, { kind: "step" }>;

export interface StepResult {
  readonly step: Step;
  /** What the step gave, in the form of an expectation. */
  readonly actual: string;
  /** False where there is an expectation, and it is another. */
  readonly holds: boolean;
  readonly findings: readonly Finding[];
}

export interface ReplayOptions {
  /** What errors call the file. */
  readonly where: string;
  /** The entries of an image by the name in the header; inline files come on top. */
  readonly image: (name: string) => readonly ImageEntry[];
  readonly boot?: Pick<BootOptions, "onTrace" | "onFinding" | "quirks">;
}

interface Player {
  readonly actor: Actor;
  readonly window: Window;
  /** The call that has not returned yet. */
  pending?: { readonly call: Call; readonly outputs: readonly Output[]; readonly result: string | undefined };
}

/** Where each actor's call puts what its arguments point at: actors may share memory, so each has its own part. */
const WINDOWS = 16;

export class Replay {
  readonly machine: Machine;
  readonly header: Header;
  readonly steps: readonly Step[];
  readonly #where: string;
  readonly #names = new Map<string, bigint | undefined>();
  readonly #players = new Map<string, Player>();
  readonly #steps: MachineSteps;
  #next = 0;

  /** @throws BadInputError for a header that cannot be */
  constructor(kernel: KernelModule, reproduction: Reproduction, options: ReplayOptions) {
    this.#where = options.where;
    this.header = readHeader(reproduction, options.where);
    this.steps = reproduction.lines.filter((line): line is Step => line.kind === "step");
    const { quirks, seed, isHeapChecked, memoryBytes, terminals, recorded, mounts, entries } = this.header;
    const output = new OutputLog();
    this.machine = Machine.boot(kernel, {
      ...{ quirks, seed, isHeapChecked, terminals, isRealTime: recorded !== "virtual-time" },
      ...(memoryBytes === undefined ? {} : { memoryBytes }),
      onConsole: output.put,
      ...options.boot,
    });
    this.machine.addEntries(options.image(this.header.image));
    mounts.forEach((mount) => this.machine.mount(mount));
    this.machine.addEntries(entries);
    this.#steps = new MachineSteps(this.machine, output, recorded !== undefined, options.where);
  }

  /** How many steps have been made. */
  get position(): number {
    return this.#next;
  }

  /** Makes the next step; undefined after the last. @throws BadInputError for a step that cannot be made, LimitReachedError */
  step(): StepResult | undefined {
    const step = this.steps[this.#next];
    if (step === undefined) return undefined;
    this.#next++;
    const before = this.machine.findings.length;
    const text = this.#tryToMake(step);
    const findings = this.machine.findings.slice(before);
    const actual = [text, ...findings.map(({ kind }) => `finding ${kind}`)].filter((part) => part !== "").join(", ");
    return { step, actual, holds: (step.expectation ?? actual) === actual, findings };
  }

  #tryToMake(step: Step): string {
    try {
      return this.#make(step.statement, step);
    } catch (error) {
      if (!(error instanceof NotMade)) throw error;
      return `not made: ${error.message}`;
    }
  }

  #make(statement: Statement, line: Line): string {
    switch (statement.kind) {
      case "call":
        return this.#calls(statement);
      case "returns":
        return this.#returns(statement.actor);
      case "leaks":
        this.#expectEnd();
        return this.#steps.make(statement, line);
      default:
        return this.#steps.make(statement, line);
    }
  }

  /** What the last one of repeated calls gives. */
  #calls({ actor, times = "1", call, result }: Extract<Statement, { kind: "call" }>): string {
    if (call.name === "signals") return this.#signals(actor);
    for (let left = Number(times); left > 1; left--) this.#call(actor, call, undefined);
    return this.#call(actor, call, result);
  }

  #call(name: string, call: Call, result: string | undefined): string {
    for (const bound of boundNames(call, result)) if (!this.#names.has(bound)) this.#names.set(bound, undefined);
    const player = this.#player(name);
    if (player.pending) throw new NotMade(`${name} is in a call`);
    const short = SHORT_CALLS[call.name];
    const number = short?.number ?? CALL_NUMBERS.get(call.name);
    if (number === undefined) throw errorAt(this.#where, call, "a system call, fork or signals", call.name);
    const args = [...(short?.args ?? []).map((name): Value => ({ line: call.line, column: call.column, kind: "name", name })), ...call.args];
    const signature = signatureOf(number);
    if (args.length > signature.length) throw errorAt(this.#where, args[signature.length]!, `at most ${signature.length} arguments`, String(args.length));

    const encoder = new Encoder(args, this.#names, player.window, this.#where);
    const registers = encoder.encode(signature);
    for (const { address, bytes } of encoder.writes) player.actor.write(BigInt(address), bytes);
    player.pending = { call, outputs: encoder.outputs, result };
    const immediate = player.actor.begin(number, registers);
    this.#steps.settle(call);
    return this.#finish(player, immediate === "blocked" ? player.actor.result() : immediate);
  }

  #returns(name: string): string {
    const player = this.#players.get(name);
    if (!player?.pending) throw new NotMade(`${name} is in no call`);
    return this.#finish(player, player.actor.result());
  }

  /** What has become of a call; binds the names of its results. */
  #finish(player: Player, result: ActorResult): string {
    if (result === "blocked" || player.pending === undefined) return "blocked";
    const { outputs, call, result: name } = player.pending;
    delete player.pending;
    for (const bound of boundNames(call, name)) this.#names.set(bound, undefined);
    if (result === "gone") return "gone";
    const hasFailed = result < 0n && result > -4096n;
    if (name !== undefined && !hasFailed) this.#names.set(name, result);
    const texts = outputs.map((output) => this.#outputText(output, player.actor, result, hasFailed));
    return [hasFailed ? errnoName(Number(-result)) : resultText(result), ...texts.filter((text) => text !== "")].join(" ");
  }

  /** Of a call that has failed only what it has stored nevertheless: the memory was zero before. */
  #outputText({ names, address, view }: Output, actor: Actor, result: bigint, hasFailed: boolean): string {
    const bytes = actor.read(BigInt(address), view.size);
    if (hasFailed && bytes.every((byte) => byte === 0)) return "";
    if (bytes.length < view.size) return "unreadable";
    const data = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const values = view.values(data);
    names.forEach((name, index) => values[index] !== undefined && this.#names.set(name, values[index]));
    const [first] = names;
    if (names.length > 1) return names.map((name, index) => `${name}=${values[index] ?? "none"}`).join(" ");
    return first === "_" ? view.show(data, result) : `${first}=${view.show(data, result)}`;
  }

  /** The actor of a name: of a process that fork() or clone() gave this name, or a new child of pid 1. */
  #player(name: string): Player {
    const known = this.#players.get(name);
    if (known) return known;
    const pid = this.#names.get(name);
    if (pid === undefined && this.#names.has(name)) throw new NotMade(`${name} has no value`);
    const actor = pid === undefined ? this.machine.createActor() : this.machine.actor(Number(pid));
    const size = actor.memory.size / WINDOWS / 2; // the upper half is left to at_end()
    const player: Player = { actor, window: { address: actor.memory.address + (this.#players.size % WINDOWS) * size, size } };
    this.#players.set(name, player);
    return player;
  }

  #signals(name: string): string {
    const set = this.#player(name).actor.takeSignals();
    const members = Array.from({ length: 64 }, (_, index) => index + 1).filter((signal) => (set >> BigInt(signal - 1)) & 1n);
    return `[${members.map(signalName).join(", ")}]`;
  }

  /** The machine is off after leaks. */
  #expectEnd(): void {
    const next = this.steps[this.#next];
    if (next) throw errorAt(this.#where, next, "no step after leaks, which ends every process", printStatement(next.statement));
  }
}

/** The names that a call gives to its results. */
function boundNames(call: Call, result: string | undefined): string[] {
  return [...(result === undefined ? [] : [result]), ...call.args.flatMap(outputNames)];
}

function outputNames(value: Value): readonly string[] {
  switch (value.kind) {
    case "output":
      return value.names;
    case "struct":
      return value.fields.flatMap((field) => outputNames(field.value));
    case "list":
      return value.items.flatMap(outputNames);
    case "call":
      return value.args.flatMap(outputNames);
    default:
      return [];
  }
}

function resultText(result: bigint): string {
  return result > 0xffff_ffffn || result < 0n ? `0x${BigInt.asUintN(64, result).toString(16)}` : String(result);
}
