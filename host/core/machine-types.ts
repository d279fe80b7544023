// SPDX-License-Identifier: MIT
// What goes into a machine and what comes out of it, as types: options, events, findings, counts.

import * as boundary from "../../kernel/abi/boundary.ts";
import type { ProfileName } from "./profiles.ts";

export interface BootOptions {
  /** The set of quirks to boot with; default "documented". */
  readonly profile?: ProfileName;
  /** Quirk bits (kernel/abi/quirks.ts) instead of a profile's. */
  readonly quirks?: number;
  /** Seeds everything random in the guest (AT_RANDOM, getrandom, address layout); default 1. */
  readonly seed?: bigint | number;
  /** Physical memory of the guest in bytes, files included; default 256 MiB. */
  readonly memoryBytes?: number;
  /** CLOCK_REALTIME in ns when virtual time is 0; default 2026-01-01T00:00:00Z, so that runs repeat. */
  readonly epochNs?: bigint;
  /** Poison and quarantine freed kernel objects: slower, names every use after free. */
  readonly isHeapChecked?: boolean;
  /** step() answers "idle" instead of skipping virtual time to the next timer. */
  readonly isRealTime?: boolean;
  /**
   * Which of the guest's standard streams are the terminal; default none. It is a whole terminal (line editing, echo, signals from
   * keys, job control), controlled by pid 1: give it raw keys by input(), and show what it writes as it comes.
   */
  readonly terminals?: { readonly stdin?: boolean; readonly stdout?: boolean; readonly stderr?: boolean };
  /** Bytes that the guest wrote to its terminal (0), standard output (1) or error (2). The array is the callee's own. */
  readonly onConsole?: (stream: OutputStream, bytes: Uint8Array) => void;
  /** Every trace event. `memory` reads the guest's memory as it is at this moment. Costs time: leave it out if unused. */
  readonly onTrace?: (event: TraceEvent, memory: GuestMemory) => void;
  /** A finding, as it is made; `findings` keeps them all. */
  readonly onFinding?: (finding: Finding) => void;
  /** Everything that is done to the machine from its start on, just after it was done. */
  readonly onEvent?: (event: MachineEvent) => void;
}

/** The terminal, standard output, standard error. */
export type OutputStream = 0 | 1 | 2;

export interface StartOptions {
  /** Path in the image, absolute or relative to `cwd`. */
  readonly program: string;
  /** argv, argv[0] included; default [program]. */
  readonly argv?: readonly string[];
  /** Environment as NAME=VALUE; default empty. */
  readonly env?: readonly string[];
  /** Working directory; default "/". */
  readonly cwd?: string;
  readonly uid?: number;
  readonly gid?: number;
}

/**
 * What a host does to a machine that has its files: a machine of the same build to which the same is done in the same order has the same run.
 * (Two ticks are the same as one that goes as far.) Actors and later changes of files are not told.
 */
export type MachineEvent =
  | { readonly kind: "start"; readonly options: StartOptions }
  | { readonly kind: "tick"; readonly stop: Stop }
  /** The bytes that were taken. */
  | { readonly kind: "input"; readonly bytes: Uint8Array }
  | { readonly kind: "eof" }
  | { readonly kind: "signal"; readonly signal: number }
  | { readonly kind: "resize"; readonly rows: number; readonly columns: number }
  | { readonly kind: "hangup" }
  /** So many ns forward. */
  | { readonly kind: "advance"; readonly ns: bigint };

/** A trace event (kernel/abi/boundary.ts, TRACE_*); `payload` is the start of the transfer buffer, copied. */
export interface TraceEvent {
  readonly event: number;
  readonly tid: number;
  readonly number: number;
  readonly value: bigint;
  readonly payload: Uint8Array;
  /** Virtual ns since boot. */
  readonly timeNs: bigint;
}

/** Reads a task's memory: fewer bytes than asked at an unmapped page, none for a wild pointer. */
export type GuestMemory = (tid: number, address: bigint, len: number) => Uint8Array;

export interface Finding {
  readonly kind: "panic" | "use-after-free" | "leak" | "warning";
  readonly text: string;
}

/** Why step() came back: "input" waits for input(), "idle" for advanceTo(), "off" is the end, "deadlock" is for good. */
export type Stop = "budget" | "idle" | "input" | "off" | "deadlock" | "finding";

/** What usage() counts: kernel/abi/boundary.ts, USAGE_*. */
export const USAGE = {
  frames: boundary.USAGE_FRAMES,
  frameLimit: boundary.USAGE_FRAME_LIMIT,
  objects: boundary.USAGE_OBJECTS,
  tasks: boundary.USAGE_TASKS,
  files: boundary.USAGE_FILES,
  templates: boundary.USAGE_TEMPLATES,
  denyWrites: boundary.USAGE_DENY_WRITES,
  leakedStrings: boundary.USAGE_LEAKED_STRINGS,
  unknownCalls: boundary.USAGE_UNKNOWN_CALLS,
  pageCache: boundary.USAGE_PAGE_CACHE,
};

/** What is alive now, by kind. */
export type Usage = Record<keyof typeof USAGE, number>;
