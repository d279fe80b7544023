// SPDX-License-Identifier: MIT
// The objects of a trace in JSON, one on each line; docs/trace-formats.md explains every field. Times and durations are virtual
// ns. What may be larger than a JavaScript number holds exactly is text: registers in hexadecimal, results in decimal.

interface Common {
  /** When it began, in ns since boot. */
  readonly time: number;
  /** The process (thread group) and the task in it. */
  readonly pid: number;
  readonly tid: number;
}

/** A result: decimal text and, for -1 to -4095, the name of the error. Null where there is none. */
interface Result {
  readonly result: string | null;
  readonly error: string | null;
}

/** One of the two. */
interface Ending {
  readonly code: number | null;
  readonly signal: string | null;
}

export interface CallRecord extends Common, Result {
  readonly event: "call";
  readonly duration: number;
  readonly call: string;
  readonly number: number;
  readonly args: readonly { readonly raw: string; readonly text: string | null }[];
  /** The result as the text format has it. */
  readonly outcome: string;
  readonly sleeps: readonly { readonly time: number; readonly duration: number }[];
}

export interface ActionRecord extends Common, Result {
  readonly event: "action";
  readonly duration: number;
  readonly index: number;
  readonly text: string;
}

export interface ExecRecord extends Common, Result {
  readonly event: "exec";
  readonly duration: number;
  readonly program: string;
  /** The program of a spawn template, started by the kernel. */
  readonly isTemplate: boolean;
}

export type TraceRecord =
  | CallRecord
  | ActionRecord
  | ExecRecord
  | (Common & { readonly event: "born"; readonly parentPid: number; readonly parentTid: number })
  | (Common & { readonly event: "signal"; readonly signal: string; readonly info: string })
  | (Common & { readonly event: "stopped"; readonly signal: string })
  | (Common & { readonly event: "continued" })
  | (Common & { readonly event: "out-of-memory"; readonly residentPages: number })
  | (Common & ({ readonly event: "exited"; readonly isLast: boolean } & Ending))
  | { readonly event: "unknown-call"; readonly call: string; readonly number: number; readonly times: number };
