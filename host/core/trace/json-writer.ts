// SPDX-License-Identifier: MIT
// A trace as JSON, one object on each line (record.ts). A call is one object, written when it ends.

import { errnoName, signalName } from "../names.ts";
import { decodeWaitStatus } from "../exit-status.ts";
import { hex, isError } from "./argument.ts";
import type { TraceRecord } from "./record.ts";
import { argumentText, type TracedCall, type TraceStep, type TraceWriter, type UnknownCall } from "./step.ts";

export class JsonWriter implements TraceWriter {
  readonly #print: (line: string) => void;

  constructor(print: (line: string) => void) {
    this.#print = print;
  }

  step(step: TraceStep): void {
    const record = recordOf(step);
    if (record) this.#write(record);
  }

  end(unfinished: readonly TraceStep[], unknown: readonly UnknownCall[]): void {
    for (const step of unfinished) this.step(step);
    for (const { name, number, times } of unknown) this.#write({ event: "unknown-call", call: name, number, times });
  }

  #write(record: TraceRecord): void {
    this.#print(JSON.stringify(record));
  }
}

function recordOf(step: TraceStep): TraceRecord | undefined {
  const { pid, tid } = step.task;
  const since = (startNs: bigint) => ({ time: Number(startNs), duration: Number(step.timeNs - startNs), pid, tid });
  const now = { time: Number(step.timeNs), pid, tid };
  switch (step.kind) {
    case "leave":
      return { event: "call", ...since(step.call.startNs), ...callFields(step.call, step.timeNs) };
    case "born":
      return { event: "born", ...now, parentPid: step.parent.pid, parentTid: step.parent.tid };
    case "action":
      return { event: "action", ...since(step.startNs), index: step.index, text: step.text, ...resultFields(step.result) };
    case "exec": {
      const { isTemplate, result, task } = step;
      return { event: "exec", ...since(step.startNs), program: task.name, isTemplate, ...resultFields(result) };
    }
    case "signal":
      return { event: "signal", ...now, signal: signalName(step.signal), info: step.info };
    case "stopped":
      return { event: "stopped", ...now, signal: signalName(step.signal) };
    case "continued":
      return { event: "continued", ...now };
    case "out-of-memory":
      return { event: "out-of-memory", ...now, residentPages: Number(step.residentPages) };
    case "exited": {
      const status = decodeWaitStatus(step.status);
      const isKilled = status.kind === "killed";
      const [code, signal] = isKilled ? [null, signalName(status.signal)] : [status.code, null];
      return { event: "exited", ...now, code, signal, isLast: step.isLast };
    }
    default:
      return undefined; // parts of a call
  }
}

function callFields(call: TracedCall, endNs: bigint) {
  return {
    call: call.name,
    number: call.number,
    args: call.args.map((argument) => ({ raw: hex(argument.raw), text: argumentText(argument) ?? null })),
    ...resultFields(call.result),
    outcome: call.outcome,
    sleeps: call.sleeps.map(({ fromNs, untilNs = endNs }) => ({ time: Number(fromNs), duration: Number(untilNs - fromNs) })),
  };
}

function resultFields(result: bigint | undefined) {
  if (result === undefined) return { result: null, error: null };
  return { result: result.toString(), error: isError(result) ? errnoName(Number(-result)) : null };
}
