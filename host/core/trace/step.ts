// SPDX-License-Identifier: MIT
// What a trace consists of once it is decoded: steps of tasks, in the order in which they happen. Every format is written from
// these. Times are virtual ns since boot.

/** A task; `pid` is its process (thread group). */
export interface TracedTask {
  readonly tid: number;
  readonly pid: number;
  /** The program that it runs; empty while that is not known. */
  name: string;
}

export interface TracedArgument {
  readonly raw: bigint;
  /** How it reads when the call begins; undefined for what the kernel fills in, and for what does not count. */
  readonly begun: string | undefined;
  /** What the end of the call adds or fills in. */
  ended: string | undefined;
  /** The kernel may fill it in. */
  readonly isStored: boolean;
}

/** One system call, from its begin to its end. */
export interface TracedCall {
  readonly number: number;
  readonly name: string;
  readonly args: readonly TracedArgument[];
  readonly startNs: bigint;
  /** When it slept; without an end while it does. */
  readonly sleeps: { readonly fromNs: bigint; untilNs?: bigint }[];
  /** Undefined if it has none: before its end, if it is made again after a signal, if its task is gone. */
  result: bigint | undefined;
  /** The result as text; "?" and more where there is none. */
  outcome: string;
}

export type TraceStep = { readonly task: TracedTask; readonly timeNs: bigint } & (
  | { readonly kind: "enter"; readonly call: TracedCall }
  | { readonly kind: "block"; readonly call: TracedCall }
  | { readonly kind: "resume"; readonly call: TracedCall }
  /** The call is over, in whatever way. */
  | { readonly kind: "leave"; readonly call: TracedCall }
  /** A parent made this task: with a template (`isTemplate`), or by fork and its like. */
  | { readonly kind: "born"; readonly parent: TracedTask; readonly isTemplate: boolean }
  | { readonly kind: "action"; readonly index: number; readonly startNs: bigint; readonly text: string; readonly result: bigint }
  /** A program was started, or (a template's child only) could not be. */
  | { readonly kind: "exec"; readonly isTemplate: boolean; readonly startNs: bigint; readonly result: bigint }
  | { readonly kind: "signal"; readonly signal: number; readonly info: string }
  | { readonly kind: "stopped"; readonly signal: number }
  | { readonly kind: "continued" }
  /** The process is killed because memory ran out. */
  | { readonly kind: "out-of-memory"; readonly residentPages: bigint }
  /** `status` as wait(2) gives it; `isLast` if the process is gone with this task. */
  | { readonly kind: "exited"; readonly status: number; readonly isLast: boolean }
);

/** A system call that the kernel does not have, and how often it was made. */
export interface UnknownCall {
  readonly number: number;
  readonly name: string;
  readonly times: number;
}

/** A format: it turns steps into lines. */
export interface TraceWriter {
  step(step: TraceStep): void;
  /** The trace is over; `unfinished` calls were under way. */
  end(unfinished: readonly Extract<TraceStep, { kind: "leave" }>[], unknown: readonly UnknownCall[]): void;
}

/** `AT_FDCWD, "/etc", O_RDONLY`, as far as it is known. */
export function argumentTexts(call: TracedCall): string[] {
  return call.args.flatMap((argument) => argumentText(argument) ?? []);
}

export function argumentText({ begun, ended }: TracedArgument): string | undefined {
  return begun === undefined ? ended : begun + (ended ?? "");
}
