// SPDX-License-Identifier: MIT
// Decodes trace events into steps (step.ts) and has them written in one of the formats. It keeps the tasks that live and the
// calls under way, and nothing else.

import * as boundary from "../../../kernel/abi/boundary.ts";
import { ENOSYS } from "../../../kernel/abi/errno.ts";
import { SYS_SPAWN_TEMPLATE_SPAWN } from "../../../kernel/abi/spawn-template.ts";
import { SYS_EXECVE, SYS_EXECVEAT } from "../../../kernel/abi/syscalls.ts";
import type { GuestMemory, TraceEvent } from "../machine.ts";
import { callName } from "../names.ts";
import { hasFailed, hex, input, type CallView, type Signature } from "./argument.ts";
import { resultText } from "./errno-text.ts";
import { JsonWriter } from "./json-writer.ts";
import { PerfettoWriter } from "./perfetto-writer.ts";
import { siginfoText } from "./process-events.ts";
import { SIGNATURES } from "./signatures.ts";
import { actionText } from "./spawn.ts";
import type { TracedCall, TracedTask, TraceStep, TraceWriter } from "./step.ts";
import { TextWriter } from "./text-writer.ts";

const WRITERS = { text: TextWriter, json: JsonWriter, perfetto: PerfettoWriter };
export type TraceFormat = keyof typeof WRITERS;
export const TRACE_FORMATS = Object.keys(WRITERS) as TraceFormat[];

const RAW: Signature = { args: Array.from({ length: 6 }, () => input(hex)) };
const RESTART_TEXT = "? ERESTARTSYS (To be restarted if SA_RESTART is set)";
const NAME_SIZE = 16; // comm

interface Task extends TracedTask {
  /** When its last step was. */
  lastNs: bigint;
  call: TracedCall | undefined;
}

/** What a step says, without who and when. */
type Saying = TraceStep extends infer Step ? (Step extends TraceStep ? Omit<Step, "task" | "timeNs"> : never) : never;

export class Tracer {
  readonly #writer: TraceWriter;
  readonly #tasks = new Map<number, Task>(); // by tid
  readonly #unknown = new Map<number, number>(); // calls answered with ENOSYS: how often

  /** `print` gets whole lines, without the newline. */
  constructor(print: (line: string) => void, format: TraceFormat = "text") {
    this.#writer = new WRITERS[format](print);
  }

  /** Give this to the machine as onTrace. */
  readonly handle = (event: TraceEvent, memory: GuestMemory): void => {
    const { tid, number, value, timeNs } = event;
    if (event.event === boundary.TRACE_BORN) return this.#born(tid, number, Number(value), timeNs);
    const task = this.#tasks.get(tid) ?? this.#addTask(tid, tid, "", timeNs);
    const view = new DataView(event.payload.buffer, event.payload.byteOffset, event.payload.length);
    const say = (saying: Saying) => this.#writer.step({ task, timeNs, ...saying } as TraceStep);
    switch (event.event) {
      case boundary.TRACE_ENTER:
        task.call = beginCall(number, timeNs, viewOf(tid, arguments6(view), undefined, memory));
        say({ kind: "enter", call: task.call });
        break;
      case boundary.TRACE_EXIT:
        if (value === BigInt(-ENOSYS)) this.#unknown.set(number, (this.#unknown.get(number) ?? 0) + 1);
        this.#exit(task, value, timeNs, memory);
        break;
      case boundary.TRACE_BLOCKED:
        task.call?.sleeps.push({ fromNs: timeNs });
        if (task.call) say({ kind: "block", call: task.call });
        break;
      case boundary.TRACE_RESUMED:
        wake(task.call, timeNs);
        if (task.call) say({ kind: "resume", call: task.call });
        break;
      case boundary.TRACE_RESTARTED:
        this.#leave(task, RESTART_TEXT, timeNs);
        break;
      case boundary.TRACE_SIGNAL:
        say({ kind: "signal", signal: number, info: siginfoText(view) });
        break;
      case boundary.TRACE_EXITED:
        this.#leave(task, "?", timeNs);
        say({ kind: "exited", status: Number(value), isLast: number === 1 });
        this.#tasks.delete(tid);
        break;
      case boundary.TRACE_STOPPED:
        say({ kind: "stopped", signal: number });
        break;
      case boundary.TRACE_CONTINUED:
        say({ kind: "continued" });
        break;
      case boundary.TRACE_OUT_OF_MEMORY:
        say({ kind: "out-of-memory", residentPages: value });
        break;
      case boundary.TRACE_ACTION: {
        const text = actionText(view, viewOf(tid, [], value, memory));
        say({ kind: "action", index: number, startNs: task.lastNs, text, result: value });
        break;
      }
      case boundary.TRACE_EXEC:
        if (value === 0n) task.name = textOf(event.payload.subarray(0, NAME_SIZE)) || task.name;
        say({ kind: "exec", isTemplate: true, startNs: task.lastNs, result: value });
        break;
    }
    task.lastNs = timeNs;
  };

  /** Once, after the last event: calls under way, and the system calls that this kernel does not have. */
  end(): void {
    const unfinished = [...this.#tasks.values()].flatMap((task) =>
      task.call ? { kind: "leave" as const, task, timeNs: task.lastNs, call: { ...task.call, outcome: "?" } } : [],
    );
    const unknown = [...this.#unknown].sort((a, b) => a[0] - b[0]);
    this.#writer.end(unfinished, unknown.map(([number, times]) => ({ number, name: nameOf(number), times })));
  }

  #addTask(tid: number, pid: number, name: string, timeNs: bigint): Task {
    const task: Task = { tid, pid, name, lastNs: timeNs, call: undefined };
    this.#tasks.set(tid, task);
    return task;
  }

  #born(tid: number, pid: number, parentTid: number, timeNs: bigint): void {
    const parent = this.#tasks.get(parentTid) ?? this.#addTask(parentTid, parentTid, "", timeNs);
    const task = this.#addTask(tid, pid, parent.name, timeNs);
    const isTemplate = parent.call?.number === SYS_SPAWN_TEMPLATE_SPAWN;
    this.#writer.step({ kind: "born", task, timeNs, parent, isTemplate });
  }

  #exit(task: Task, value: bigint, timeNs: bigint, memory: GuestMemory): void {
    const call = task.call;
    if (call === undefined) return;
    const view = viewOf(task.tid, call.args.map(({ raw }) => raw), value, memory);
    const signature = signatureOf(call.number);
    signature.args.forEach((argument, index) => {
      const shown = call.args[index];
      if (shown) shown.ended = argument.exit?.(shown.raw, view);
    });
    call.result = value;
    this.#leave(task, hasFailed(view) ? resultText(value) : (signature.result?.(value, view) ?? resultText(value)), timeNs);

    const path = call.args[call.number === SYS_EXECVE ? 0 : 1]?.begun;
    if (value !== 0n || ![SYS_EXECVE, SYS_EXECVEAT].includes(call.number)) return;
    task.name = path?.match(/([^/"]+)"(?:\.\.\.)?$/)?.[1] ?? task.name;
    this.#writer.step({ kind: "exec", task, timeNs, isTemplate: false, startNs: call.startNs, result: value });
  }

  #leave(task: Task, outcome: string, timeNs: bigint): void {
    const call = task.call;
    if (call === undefined) return;
    wake(call, timeNs);
    call.outcome = outcome;
    task.call = undefined;
    this.#writer.step({ kind: "leave", task, timeNs, call });
  }
}

function beginCall(number: number, startNs: bigint, view: CallView): TracedCall {
  const args = signatureOf(number).args.map((argument, index) => {
    const raw = view.args[index] ?? 0n;
    return { raw, begun: argument.enter?.(raw, view), ended: undefined, isStored: argument.exit !== undefined };
  });
  return { number, name: nameOf(number), args, startNs, sleeps: [], result: undefined, outcome: "?" };
}

function arguments6(payload: DataView): bigint[] {
  return Array.from({ length: 6 }, (_, index) => payload.getBigUint64(index * 8, true));
}

function wake(call: TracedCall | undefined, timeNs: bigint): void {
  const sleep = call?.sleeps.at(-1);
  if (sleep) sleep.untilNs ??= timeNs;
}

function signatureOf(number: number): Signature {
  return SIGNATURES[number] ?? RAW;
}

function nameOf(number: number): string {
  return callName(number) ?? `syscall_${hex(BigInt(number))}`;
}

function textOf(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
}

function viewOf(tid: number, args: readonly bigint[], result: bigint | undefined, memory: GuestMemory): CallView {
  return { args, result, read: (address, len) => memory(tid, address, len) };
}
