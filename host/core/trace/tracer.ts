// SPDX-License-Identifier: MIT
// Turns trace events into strace-like lines.

import type { GuestMemory, TraceEvent } from "../machine.ts";

export class Tracer {
  readonly #print: (line: string) => void;

  constructor(print: (line: string) => void) {
    this.#print = print;
  }

  handle({ event, tid, number, value }: TraceEvent, _memory: GuestMemory): void {
    this.#print(`[pid ${tid}] event ${event} ${number} ${value}`);
  }
}
