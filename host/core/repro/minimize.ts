// SPDX-License-Identifier: MIT
// Makes a reproduction as small as it can be while it still fails in the same way: the same kernel finding, or the same step giving the
// same other answer. Removes in stages, large parts first (everything of an actor, halves of the steps, single steps), then what is
// inside a step (items, fields, arguments, flags), files and headers, and again until no single removal is left that keeps the failure
// (Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input", 2002, and its 1-minimality).

import { isHostError } from "../errors.ts";
import type { Replay, StepResult } from "./replay.ts";
import type { Call, Line, Reproduction, Statement, Value } from "./syntax.ts";

/** What must stay: compared as text. */
export type Failure = string;

export interface MinimizeOptions {
  /** Replays a candidate. */
  readonly replay: (candidate: Reproduction) => Replay;
  /** Called after each candidate: how many there were, and how many steps are left. */
  readonly onProgress?: ((tried: number, steps: number) => void) | undefined;
}

/** How a replay fails first, and in which step: a finding, or something else than expected; undefined if it does not. */
export function failureOf(replay: Replay): { failure: Failure; result: StepResult } | undefined {
  for (let result = replay.step(); result !== undefined; result = replay.step()) {
    const failure = failureIn(result);
    if (failure !== undefined) return { failure, result };
  }
  return undefined;
}

function failureIn({ findings, holds, step, actual }: StepResult): Failure | undefined {
  const [finding] = findings;
  if (finding !== undefined) return `finding ${finding.kind}: ${finding.text}`;
  if (holds) return undefined;
  const name = step.statement.kind === "call" ? step.statement.call.name : step.statement.kind;
  return `${name} gives ${actual} and not ${step.expectation}`;
}

/** The smallest that was found, which expects nothing but what the failing step contradicts; undefined if `reproduction` does not fail. */
export function minimize(reproduction: Reproduction, options: MinimizeOptions): Reproduction | undefined {
  const minimizer = new Minimizer(reproduction, options);
  return minimizer.failure === undefined ? undefined : minimizer.run();
}

/** Every reproduction that is smaller by one removal. */
export function* singleRemovals(of: Reproduction): Generator<Reproduction> {
  for (let index = of.lines.length - 1; index >= 0; index--) {
    const line = of.lines[index]!;
    yield without(of, index, 1);
    for (const smaller of smallerLines(line)) yield { lines: of.lines.with(index, smaller) };
  }
}

class Minimizer {
  readonly failure: Failure | undefined;
  readonly #options: MinimizeOptions;
  #best: Reproduction;
  #tried = 0;

  constructor(reproduction: Reproduction, options: MinimizeOptions) {
    this.#options = options;
    const found = failureOf(options.replay(reproduction));
    this.failure = found?.failure;
    // without what other steps expect: their numbers change as steps before them go
    this.#best = {
      lines: reproduction.lines
        .filter(({ kind }) => kind !== "blank" && kind !== "comment")
        .map((line) => (line.line === found?.result.step.line ? line : withoutExpectation(line))),
    };
  }

  run(): Reproduction {
    this.#dropActors();
    this.#dropRuns();
    while (this.#dropOne());
    return this.#best;
  }

  #dropActors(): void {
    const actors = new Set(this.#best.lines.map(actorOf).filter((actor) => actor !== undefined));
    for (const actor of actors) this.#try({ lines: this.#best.lines.filter((line) => actorOf(line) !== actor) });
  }

  /** Runs of lines, half of all first, then shorter ones, from the end: what comes late is needed by nobody before. */
  #dropRuns(): void {
    for (let size = Math.floor(this.#best.lines.length / 2); size > 1; size = Math.floor(size / 2)) {
      for (let from = this.#best.lines.length - size; from >= 0; from -= size) this.#try(without(this.#best, from, size));
    }
  }

  /** Whether some single removal kept the failure. Goes over the whole file, whatever is removed on the way. */
  #dropOne(): boolean {
    let hasShrunk = false;
    for (let index = this.#best.lines.length - 1; index >= 0; index--) {
      if (this.#try(without(this.#best, index, 1))) {
        hasShrunk = true;
        continue;
      }
      while (this.#shrink(index)) hasShrunk = true;
    }
    return hasShrunk;
  }

  #shrink(index: number): boolean {
    for (const smaller of smallerLines(this.#best.lines[index]!)) {
      if (this.#try({ lines: this.#best.lines.with(index, smaller) })) return true;
    }
    return false;
  }

  #try(candidate: Reproduction): boolean {
    this.#tried++;
    const fails = this.#fails(candidate);
    if (fails) this.#best = candidate;
    this.#options.onProgress?.(this.#tried, this.#best.lines.filter(({ kind }) => kind === "step").length);
    return fails;
  }

  /** In the same way; a candidate that cannot be replayed at all does not. */
  #fails(candidate: Reproduction): boolean {
    try {
      return failureOf(this.#options.replay(candidate))?.failure === this.failure;
    } catch (error) {
      if (isHostError(error)) return false;
      throw error;
    }
  }
}

function without({ lines }: Reproduction, from: number, count: number): Reproduction {
  return { lines: [...lines.slice(0, from), ...lines.slice(from + count)] };
}

function withoutExpectation(line: Line): Line {
  if (line.kind !== "step") return line;
  const { expectation: _, ...rest } = line;
  return rest;
}

function actorOf(line: Line): string | undefined {
  if (line.kind !== "step") return undefined;
  return line.statement.kind === "call" || line.statement.kind === "returns" ? line.statement.actor : undefined;
}

/** The line with one thing less in it. */
function* smallerLines(line: Line): Generator<Line> {
  if (line.kind === "header" && line.words.length > 1) {
    for (let index = line.words.length - 1; index >= 0; index--) yield { ...line, words: line.words.toSpliced(index, 1) };
  }
  if (line.kind !== "step") return;
  for (const statement of smallerStatements(line.statement)) yield { ...line, statement };
}

function* smallerStatements(statement: Statement): Generator<Statement> {
  if (statement.kind === "run") for (const argv of smallerValues(statement.argv)) yield { ...statement, argv };
  if (statement.kind !== "call") return;
  const { times, result, ...plain } = statement;
  if (times !== undefined) yield { ...plain, ...(result === undefined ? {} : { result }) };
  if (result !== undefined) yield { ...plain, ...(times === undefined ? {} : { times }) };
  for (const call of smallerCalls(statement.call)) yield { ...statement, call };
}

/** Without the last argument, or with a smaller one. */
function* smallerCalls(call: Call): Generator<Call> {
  if (call.args.length > 0) yield { ...call, args: call.args.slice(0, -1) };
  for (const [index, value] of call.args.entries()) {
    for (const smaller of smallerValues(value)) yield { ...call, args: call.args.with(index, smaller) };
  }
}

function* smallerValues(value: Value): Generator<Value> {
  switch (value.kind) {
    case "or":
      for (const index of value.terms.keys()) {
        const terms = value.terms.toSpliced(index, 1);
        yield terms.length === 1 ? terms[0]! : { ...value, terms };
      }
      return;
    case "list":
      for (const index of value.items.keys()) yield { ...value, items: value.items.toSpliced(index, 1) };
      for (const [index, item] of value.items.entries()) {
        for (const smaller of smallerValues(item)) yield { ...value, items: value.items.with(index, smaller) };
      }
      return;
    case "struct":
      for (const index of value.fields.keys()) yield { ...value, fields: value.fields.toSpliced(index, 1) };
      for (const [index, field] of value.fields.entries()) {
        for (const smaller of smallerValues(field.value)) yield { ...value, fields: value.fields.with(index, { ...field, value: smaller }) };
      }
      return;
    case "call":
      yield* smallerCalls(value);
      return;
    default:
      return;
  }
}
