// SPDX-License-Identifier: MIT
// A replay as text: the file, with what each step gave. The same lines come from the command line and from a packed module.

import { printLine, printStep } from "./print.ts";
import type { Replay, StepResult } from "./replay.ts";
import type { Reproduction } from "./syntax.ts";

export interface ReportLine {
  readonly kind: "text" | "comment" | "step" | "mismatch" | "finding" | "state";
  readonly text: string;
  /** For a step: what came of it. */
  readonly result?: StepResult;
}

/** Makes the steps one after the other and gives the lines as they come about, and the hash of the machine's state at the end. */
export function* report({ lines }: Reproduction, replay: Replay): Generator<ReportLine> {
  for (const line of lines) {
    if (line.kind !== "step") {
      yield { kind: line.kind === "comment" ? "comment" : "text", text: printLine(line) };
      continue;
    }
    const result = replay.step()!;
    const text = printStep(line, result.actual);
    yield { kind: "step", text, result };
    if (!result.holds) yield { kind: "mismatch", text: `${" ".repeat(text.length - result.actual.length - 2)}^ expected: ${line.expectation}` };
    for (const { kind, text } of result.findings) yield { kind: "finding", text: `# kernel finding: ${kind}: ${text}` };
  }
  yield { kind: "state", text: `# state ${replay.machine.stateHash()}` };
}

/** `10 steps, all as expected` */
export function verdict(results: readonly StepResult[]): string {
  const wrong = results.filter(({ holds }) => !holds).length;
  const count = `${results.length} step${results.length === 1 ? "" : "s"}`;
  return wrong === 0 ? `${count}, all as expected` : `${count}, ${wrong} not as expected`;
}
