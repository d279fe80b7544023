// SPDX-License-Identifier: MIT
// A trace for ui.perfetto.dev and chrome://tracing, in the JSON array form of Chrome's trace event format (one event on each
// line; both load a file that was cut off). Each task is a track: slices for the programs it runs, in them its calls, in those
// the time they slept; a template's child has its actions in a slice "spawn". Arrows lead from parents to children.
//
// Slices are pairs of events "B" and "E", so that nothing waits for its end, and nest because a track ends them in reverse order.

import { signalName } from "../names.ts";
import { resultText } from "./errno-text.ts";
import { endText } from "./process-events.ts";
import { argumentTexts, type TracedTask, type TraceStep, type TraceWriter, type UnknownCall } from "./step.ts";

/** What a slice shows; the outermost is a program or a spawn. */
type Category = "program" | "spawn" | "call" | "blocked";
type Args = Record<string, string>;

export class PerfettoWriter implements TraceWriter {
  readonly #print: (line: string) => void;
  readonly #open = new Map<TracedTask, Category[]>(); // the slices of a track, the innermost last
  readonly #named = new Set<number>(); // tracks, by tid
  #arrows = 0;
  #lastNs = 0n;
  #separator = "";

  constructor(print: (line: string) => void) {
    this.#print = print;
    print("[");
  }

  step(step: TraceStep): void {
    const { task, timeNs } = step;
    if (timeNs > this.#lastNs) this.#lastNs = timeNs;
    switch (step.kind) {
      case "enter":
        return this.#begin(task, "call", step.call.name);
      case "block":
        return this.#begin(task, "blocked", "blocked");
      case "resume":
        return this.#end(task, "blocked");
      case "leave":
        return this.#end(task, "call", { arguments: argumentTexts(step.call).join(", "), result: step.call.outcome });
      case "born":
        return this.#born(step);
      case "action":
        return this.#whole(task, step.text, step.startNs, { result: resultText(step.result) });
      case "exec":
        return this.#exec(step);
      case "signal":
        return this.#instant(task, signalName(step.signal), { info: step.info });
      case "stopped":
        return this.#instant(task, "stopped", { signal: signalName(step.signal) });
      case "continued":
        return this.#instant(task, "continued");
      case "out-of-memory":
        return this.#instant(task, "out of memory", { residentPages: String(step.residentPages) });
      case "exited":
        this.#endAll(task, { end: endText(step.status) });
        return this.#name(task, `${task.name} (child)`);
    }
  }

  end(unfinished: readonly Extract<TraceStep, { kind: "leave" }>[], unknown: readonly UnknownCall[]): void {
    for (const step of unfinished) this.step(step);
    for (const task of [...this.#open.keys()]) {
      this.#endAll(task, { end: "still there at the end of the trace" });
      this.#name(task, task.name);
    }
    for (const { name, times } of unknown) {
      this.#event({ ph: "i", s: "g", name: `${name} is not provided`, ...this.#at(), args: { times } });
    }
    this.#print("]");
  }

  /** An arrow from the parent's call to the child's first slice. */
  #born({ task, parent, isTemplate }: Extract<TraceStep, { kind: "born" }>): void {
    const arrow = { cat: "child", name: "child", id: ++this.#arrows };
    this.#event({ ph: "s", ...arrow, ...this.#at(parent) });
    if (isTemplate) this.#begin(task, "spawn", "spawn");
    else this.#begin(task, "program", `${parent.name} (child)`);
    this.#event({ ph: "f", bp: "e", ...arrow, ...this.#at(task) });
  }

  #exec({ task, isTemplate, startNs, result }: Extract<TraceStep, { kind: "exec" }>): void {
    if (isTemplate) this.#whole(task, "exec", startNs, { result: resultText(result) });
    if (result !== 0n) return;
    this.#endAll(task);
    this.#name(task, task.name);
    this.#begin(task, "program", task.name);
  }

  #begin(task: TracedTask, category: Category, name: string): void {
    const open = this.#open.get(task) ?? [];
    this.#open.set(task, open);
    open.push(category);
    this.#event({ ph: "B", name, cat: category, ...this.#at(task) });
  }

  /** Ends the innermost slice of a category and what is in it. */
  #end(task: TracedTask, category: Category, args?: Args): void {
    const open = this.#open.get(task) ?? [];
    if (!open.includes(category)) return;
    for (let ended: Category | undefined; ended !== category; ) {
      ended = open.pop();
      this.#event({ ph: "E", ...this.#at(task), ...(ended === category && args && { args }) });
    }
  }

  #endAll(task: TracedTask, args?: Args): void {
    const outermost = this.#open.get(task)?.[0];
    if (outermost) this.#end(task, outermost, args);
    this.#open.delete(task);
  }

  /** A slice that is over. */
  #whole(task: TracedTask, name: string, startNs: bigint, args: Args): void {
    const dur = microseconds(this.#lastNs - startNs);
    this.#event({ ph: "X", name, cat: "spawn", ...this.#at(task), ts: microseconds(startNs), dur, args });
  }

  #instant(task: TracedTask, name: string, args?: Args): void {
    this.#event({ ph: "i", s: "t", name, cat: "signal", ...this.#at(task), ...(args && { args }) });
  }

  /** The label of a track: the first program that it started, as most viewers take one only. */
  #name(task: TracedTask, name: string): void {
    const { pid, tid } = task;
    if (this.#named.has(tid)) return;
    this.#named.add(tid);
    if (tid === pid) this.#event({ ph: "M", name: "process_name", pid, tid, args: { name } });
    this.#event({ ph: "M", name: "thread_name", pid, tid, args: { name } });
  }

  #at(task?: TracedTask) {
    return { ts: microseconds(this.#lastNs), pid: task?.pid ?? 1, tid: task?.tid ?? 1 };
  }

  #event(event: object): void {
    this.#print(this.#separator + JSON.stringify(event));
    this.#separator = ",";
  }
}

/** The format's unit, with fractions. */
function microseconds(ns: bigint): number {
  return Number(ns) / 1000;
}
