// SPDX-License-Identifier: MIT
// Turns trace events into strace-like lines, as `strace -f` would write them: a call that sleeps, or that another task
// interrupts, is shown `<unfinished ...>` and later `<... resumed>`. It keeps the calls under way and nothing else.

import * as boundary from "../../../kernel/abi/boundary.ts";
import { ENOSYS } from "../../../kernel/abi/errno.ts";
import { SIGNATURES } from "./signatures.ts";
import type { GuestMemory, TraceEvent } from "../machine.ts";
import { callName, errnoName, signalName } from "../names.ts";
import { hasFailed, hex, input, type CallView, type Signature } from "./argument.ts";
import { errnoText } from "./errno-text.ts";
import { endText, siginfoText } from "./process-events.ts";
import { actionText } from "./spawn.ts";

/** A call under way. */
interface OpenCall {
  readonly number: number;
  readonly args: readonly bigint[];
  /** The call as far as it is known before it ends: up to the first argument that the kernel fills in. */
  readonly text: string;
  /** How many arguments are wholly in the text; the next one may have begun. */
  readonly shown: number;
  /** What an unfinished line ends in: a comma before an argument that is not known yet. */
  readonly separator: string;
  /** Its line is not yet written. */
  isLineOpen: boolean;
}

const RAW: Signature = { args: Array.from({ length: 6 }, () => input(hex)) };
const RESTART_TEXT = "? ERESTARTSYS (To be restarted if SA_RESTART is set)";

export class Tracer {
  readonly #print: (line: string) => void;
  readonly #open = new Map<number, OpenCall>(); // by tid
  readonly #unknown = new Map<number, number>(); // calls answered with ENOSYS: how often

  /** `print` gets whole lines, without the newline. */
  constructor(print: (line: string) => void) {
    this.#print = print;
  }

  /** Give this to the machine as onTrace. */
  readonly handle = (event: TraceEvent, memory: GuestMemory): void => {
    const { tid, number, value } = event;
    const view = new DataView(event.payload.buffer, event.payload.byteOffset, event.payload.length);
    this.#interruptOthers(tid);
    switch (event.event) {
      case boundary.TRACE_ENTER:
        return this.#enter(tid, number, view, memory);
      case boundary.TRACE_EXIT:
        return this.#exit(tid, number, value, memory);
      case boundary.TRACE_BLOCKED:
        return this.#interrupt(tid);
      case boundary.TRACE_RESUMED:
        return; // its end, or another sleep, follows
      case boundary.TRACE_RESTARTED:
        return this.#finish(tid, ") = ", RESTART_TEXT);
      case boundary.TRACE_SIGNAL:
        this.#interrupt(tid);
        return this.#line(tid, `--- ${signalName(number)} ${siginfoText(view)} ---`);
      case boundary.TRACE_EXITED:
        this.#finish(tid, ") = ", "?");
        return this.#line(tid, `+++ ${endText(Number(value))} +++`);
      case boundary.TRACE_STOPPED:
        return this.#line(tid, `--- stopped by ${signalName(number)} ---`);
      case boundary.TRACE_CONTINUED:
        return this.#line(tid, "--- continued ---");
      case boundary.TRACE_ACTION:
        return this.#line(tid, `=> ${actionText(view, viewOf(tid, [], value, memory))} = ${resultText(value)}`);
      case boundary.TRACE_EXEC:
        return this.#line(tid, `=> exec = ${resultText(value)}`);
    }
  };

  /** Lines about the whole run: the system calls that this kernel does not have. */
  summary(): string[] {
    return [...this.#unknown]
      .sort((a, b) => a[0] - b[0])
      .map(([number, times]) => `${nameOf(number)} (${number}) is not provided: ENOSYS, ${times} time${times === 1 ? "" : "s"}`);
  }

  #enter(tid: number, number: number, payload: DataView, memory: GuestMemory): void {
    const args = Array.from({ length: 6 }, (_, index) => payload.getBigUint64(index * 8, true));
    const view = viewOf(tid, args, undefined, memory);
    const signature = signatureOf(number);
    const firstExit = signature.args.findIndex((argument) => argument.exit !== undefined);
    const shown = firstExit < 0 ? signature.args.length : firstExit;

    const parts = signature.args.slice(0, shown + 1).map((argument, index) => argument.enter?.(args[index] ?? 0n, view));
    const text = appendArguments(`${nameOf(number)}(`, parts);
    const isNextUnknown = shown > 0 && shown < signature.args.length && parts[shown] === undefined;
    this.#open.set(tid, { number, args, text, shown, separator: isNextUnknown ? ", " : "", isLineOpen: true });
  }

  #exit(tid: number, number: number, value: bigint, memory: GuestMemory): void {
    if (value === BigInt(-ENOSYS)) this.#unknown.set(number, (this.#unknown.get(number) ?? 0) + 1);
    const call = this.#open.get(tid);
    if (call === undefined) return;

    const view = viewOf(tid, call.args, value, memory);
    const signature = signatureOf(call.number);
    const [begun, ...later] = signature.args.slice(call.shown).map((argument, index) => {
      const raw = call.args[call.shown + index] ?? 0n;
      return { enter: argument.enter?.(raw, view), exit: argument.exit?.(raw, view) };
    });
    const isBegun = begun?.enter !== undefined; // then it stands in the text already
    const text = appendArguments(isBegun ? `${call.text}${begun.exit ?? ""}` : call.text, [
      isBegun ? undefined : begun?.exit,
      ...later.map(({ enter, exit }) => (enter === undefined ? exit : enter + (exit ?? ""))),
    ]);
    const result = hasFailed(view) ? resultText(value) : (signature.result?.(value, view) ?? resultText(value));
    this.#finish(tid, `${text.slice(call.text.length)}) = `, result);
  }

  /** Ends a call's line, or writes the line that resumes it. */
  #finish(tid: number, rest: string, result: string): void {
    const call = this.#open.get(tid);
    if (call === undefined) return;
    this.#open.delete(tid);
    if (call.isLineOpen) return this.#line(tid, `${call.text}${rest}${result}`);

    const unshown = rest.startsWith(call.separator) ? rest.slice(call.separator.length) : rest;
    this.#line(tid, `<... ${nameOf(call.number)} resumed>${unshown}${result}`);
  }

  #interruptOthers(tid: number): void {
    for (const other of this.#open.keys()) if (other !== tid) this.#interrupt(other);
  }

  #interrupt(tid: number): void {
    const call = this.#open.get(tid);
    if (call === undefined || !call.isLineOpen) return;
    call.isLineOpen = false;
    this.#line(tid, `${call.text}${call.separator} <unfinished ...>`);
  }

  #line(tid: number, text: string): void {
    this.#print(`[pid ${tid}] ${text}`);
  }
}

function signatureOf(number: number): Signature {
  return SIGNATURES[number] ?? RAW;
}

function nameOf(number: number): string {
  return callName(number) ?? `syscall_${hex(BigInt(number))}`;
}

/** `3`, or `-1 ENOENT (No such file or directory)`. */
function resultText(value: bigint): string {
  if (value >= 0n || value <= -4096n) return value.toString();
  const number = Number(-value);
  const text = errnoText(number);
  return `-1 ${errnoName(number)}${text ? ` (${text})` : ""}`;
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

function viewOf(tid: number, args: readonly bigint[], result: bigint | undefined, memory: GuestMemory): CallView {
  return { args, result, read: (address, len) => memory(tid, address, len) };
}
