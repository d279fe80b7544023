// SPDX-License-Identifier: MIT
// From the tree of a reproduction to its text, in one form: parse() and print() are inverse.

import { VERSION_LINE } from "./parse.ts";
import type { Call, Line, Reproduction, Statement, Value } from "./syntax.ts";

/** Expectations begin in this column where the step leaves room. */
const EXPECTATION_COLUMN = 72;

export function print({ lines }: Reproduction): string {
  return `${[VERSION_LINE, ...lines.map(printLine)].join("\n")}\n`;
}

export function printLine(line: Line): string {
  switch (line.kind) {
    case "blank":
      return "";
    case "comment":
      return `#${line.text}`;
    case "header":
      return [line.key, ...line.words].join(" ");
    case "file":
      return `file ${line.path} ${line.mode} ${line.encoding} ${line.data}`;
    case "step": {
      const text = printStatement(line.statement);
      return line.expectation === undefined ? text : withExpectation(text, line.expectation);
    }
  }
}

/** A step with what it gave, if that was anything. */
export function printStep({ statement }: Extract<Line, { kind: "step" }>, actual: string): string {
  const text = printStatement(statement);
  return actual === "" ? text : withExpectation(text, actual);
}

/** A step and what it gives. */
export function withExpectation(step: string, expectation: string): string {
  return `${step.padEnd(EXPECTATION_COLUMN)} # ${expectation}`;
}

export function printStatement(statement: Statement): string {
  switch (statement.kind) {
    case "call":
      return `${statement.actor}: ${statement.times ? `${statement.times} times ` : ""}${statement.result ? `${statement.result} = ` : ""}${printCall(statement.call)}`;
    case "returns":
      return `${statement.actor}: returns`;
    case "run":
      return ["run", ...[statement.program, statement.argv, ...(statement.options ? [statement.options] : [])].map(printValue)].join(" ");
    case "input":
      return `input ${statement.text ?? "eof"}`;
    case "signal":
      return `signal ${statement.signal}`;
    case "resize":
      return `resize ${statement.rows} ${statement.columns}`;
    case "tick":
      return statement.work === undefined ? "tick" : `tick ${statement.work}`;
    case "hangup":
    case "output":
    case "instructions":
    case "leaks":
      return statement.kind;
    case "advance":
      return `advance ${statement.duration}`;
  }
}

export function printValue(value: Value): string {
  switch (value.kind) {
    case "number":
    case "duration":
    case "string":
      return value.text;
    case "name":
      return value.name;
    case "output":
      return value.isList ? `&[${value.names.join(", ")}]` : `&${value.names[0]}`;
    case "or":
      return value.terms.map(printValue).join("|");
    case "list":
      return `[${value.items.map(printValue).join(", ")}]`;
    case "struct":
      return `{${value.fields.map((field) => `${field.name}: ${printValue(field.value)}`).join(", ")}}`;
    case "call":
      return printCall(value);
  }
}

function printCall({ name, args }: Call): string {
  return `${name}(${args.map(printValue).join(", ")})`;
}
