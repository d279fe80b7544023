// SPDX-License-Identifier: MIT
// A trace as `strace -f` writes it: one line for each call. A call that sleeps, or that another task interrupts, is shown
// `<unfinished ...>` and later `<... resumed>`.

import { signalName } from "../names.ts";
import { resultText } from "./errno-text.ts";
import { endText } from "./process-events.ts";
import {
  argumentText, type TracedArgument, type TracedCall, type TraceStep, type TraceWriter, type UnknownCall,
} from "./step.ts";

/** A call under way. */
interface OpenCall {
  readonly call: TracedCall;
  /** The call as far as it is known before it ends: up to the first argument that the kernel fills in. */
  readonly text: string;
  /** How many arguments are wholly in the text; the next one may have begun. */
  readonly shown: number;
  /** What an unfinished line ends in: a comma before an argument that is not known yet. */
  readonly separator: string;
  /** Its line is not yet written. */
  isLineOpen: boolean;
}

export class TextWriter implements TraceWriter {
  readonly #print: (line: string) => void;
  readonly #open = new Map<number, OpenCall>(); // by tid

  constructor(print: (line: string) => void) {
    this.#print = print;
  }

  step(step: TraceStep): void {
    const { tid } = step.task;
    if (step.kind === "born" || (step.kind === "exec" && !step.isTemplate)) return; // the parent's or the own call says it
    for (const other of this.#open.keys()) if (other !== tid) this.#interrupt(other);
    switch (step.kind) {
      case "enter":
        return void this.#open.set(tid, openCall(step.call));
      case "leave":
        return this.#leave(tid, step.call);
      case "block":
        return this.#interrupt(tid);
      case "resume":
        return; // its end, or another sleep, follows
      case "signal":
        this.#interrupt(tid);
        return this.#line(tid, `--- ${signalName(step.signal)} ${step.info} ---`);
      case "exited":
        return this.#line(tid, `+++ ${endText(step.status)} +++`);
      case "stopped":
        return this.#line(tid, `--- stopped by ${signalName(step.signal)} ---`);
      case "continued":
        return this.#line(tid, "--- continued ---");
      case "out-of-memory":
        this.#interrupt(tid);
        return this.#line(tid, `--- out of memory: killed for its ${step.residentPages} pages ---`);
      case "action":
        return this.#line(tid, `=> ${step.text} = ${resultText(step.result)}`);
      case "exec":
        return this.#line(tid, `=> exec = ${resultText(step.result)}`);
    }
  }

  end(_unfinished: unknown, unknown: readonly UnknownCall[]): void {
    for (const { number, name, times } of unknown) {
      this.#print(`${name} (${number}) is not provided: ENOSYS, ${times} time${times === 1 ? "" : "s"}`);
    }
  }

  /** Ends a call's line, or writes the line that resumes it. */
  #leave(tid: number, call: TracedCall): void {
    const open = this.#open.get(tid);
    if (open === undefined) return;
    this.#open.delete(tid);
    const rest = `${call.result === undefined ? "" : restOf(open)}) = ${call.outcome}`;
    if (open.isLineOpen) return this.#line(tid, `${open.text}${rest}`);

    const unshown = rest.startsWith(open.separator) ? rest.slice(open.separator.length) : rest;
    this.#line(tid, `<... ${call.name} resumed>${unshown}`);
  }

  #interrupt(tid: number): void {
    const open = this.#open.get(tid);
    if (open === undefined || !open.isLineOpen) return;
    open.isLineOpen = false;
    this.#line(tid, `${open.text}${open.separator} <unfinished ...>`);
  }

  #line(tid: number, text: string): void {
    this.#print(`[pid ${tid}] ${text}`);
  }
}

function openCall(call: TracedCall): OpenCall {
  const { args } = call;
  const firstStored = args.findIndex(({ isStored }) => isStored);
  const shown = firstStored < 0 ? args.length : firstStored;
  const text = appendArguments(`${call.name}(`, args.slice(0, shown + 1).map(({ begun }) => begun));
  const isNextUnknown = shown > 0 && shown < args.length && args[shown]?.begun === undefined;
  return { call, text, shown, separator: isNextUnknown ? ", " : "", isLineOpen: true };
}

/** What the end of a call adds to its text. */
function restOf({ call, text, shown }: OpenCall): string {
  const [next, ...later] = call.args.slice(shown) as [TracedArgument?, ...TracedArgument[]];
  const isBegun = next?.begun !== undefined; // then it stands in the text already
  const start = isBegun ? `${text}${next.ended ?? ""}` : text;
  const whole = appendArguments(start, [isBegun ? undefined : next?.ended, ...later.map(argumentText)]);
  return whole.slice(text.length);
}

/** Adds arguments to `name(a, b`; those that are left out leave no comma. */
function appendArguments(text: string, args: readonly (string | undefined)[]): string {
  let whole = text;
  for (const argument of args) {
    if (argument === undefined) continue;
    whole += whole.endsWith("(") ? argument : `, ${argument}`;
  }
  return whole;
}
