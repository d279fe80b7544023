// SPDX-License-Identifier: MIT
// boot(): the machine of a test. Every machine booted in a test is powered off after it, and what is then still alive is
// compared with a machine on which nothing ever ran: a difference fails the test with the kernel's own leak report. A kernel
// finding that the test did not take with takeFindings() fails it as well.

import { afterEach, expect } from "vitest";
import type { ImageEntry } from "../../host/core/image.ts";
import { Machine, type BootOptions, type Finding, type OutputStream, type Usage } from "../../host/core/machine.ts";
import { Tracer, type TraceFormat } from "../../host/core/trace/tracer.ts";
import { TestActor } from "./actor.ts";
import { kernel } from "./kernel.ts";

export interface TestBootOptions extends Omit<BootOptions, "onConsole" | "onTrace"> {
  /** Files to put into the image before anything runs: host/core/image.ts, file() and directory(). */
  readonly entries?: readonly ImageEntry[];
  /** Collect strace-like lines in `traceLines`. */
  readonly isTraced?: boolean;
  /** Their format; endTrace() completes those that have an end. */
  readonly traceFormat?: TraceFormat;
  /** The test leaves something alive on purpose (a quirk that leaks) and checks that itself. */
  readonly isLeakExpected?: boolean;
}

// A child that shares its parent's memory allocates this far behind what the parent has used when it was made.
const CHILD_GAP = 256 * 1024;

const booted = new Set<TestMachine>();

/** A fresh machine with a checking heap. The first actor() is pid 1 and root. */
export function boot(options: TestBootOptions = {}): TestMachine {
  const machine = new TestMachine(options);
  booted.add(machine);
  return machine;
}

afterEach(() => {
  const machines = [...booted];
  booted.clear();
  for (const machine of machines) machine.verify();
});

export class TestMachine {
  readonly machine: Machine;
  readonly traceLines: string[] = [];
  readonly #options: TestBootOptions;
  readonly #tracer: Tracer | undefined;
  readonly #output: Record<OutputStream, Uint8Array[]> = { 0: [], 1: [], 2: [] };

  constructor(options: TestBootOptions) {
    const tracer = options.isTraced ? new Tracer((line) => this.traceLines.push(line), options.traceFormat) : undefined;
    this.#tracer = tracer;
    this.#options = options;
    this.machine = Machine.boot(kernel(), {
      isHeapChecked: true,
      ...options,
      onConsole: (stream, bytes) => this.#output[stream].push(bytes),
      onTrace: tracer && ((event, memory) => tracer.handle(event, memory)),
    });
    this.machine.addEntries(options.entries ?? []);
  }

  endTrace(): string[] {
    this.#tracer?.end();
    return this.traceLines;
  }

  /** A new process that makes the system calls it is told to: pid 1 first, then children of pid 1. */
  actor(): TestActor {
    return new TestActor(this, this.machine.createActor());
  }

  /** The actor for a process that `parent` made by fork or clone. */
  adopt(pid: number, parent: TestActor): TestActor {
    return new TestActor(this, this.machine.actor(pid), parent.nextAddress + CHILD_GAP);
  }

  /** Runs until nothing moves without new calls or input. Sleeps are over at once: virtual time is skipped. */
  settle(maxInstructions = 2_000_000_000n): void {
    const limit = this.machine.instructions + maxInstructions;
    for (let tick = 0; ; tick++) {
      const stop = this.machine.step();
      const timer = stop === "input" ? this.machine.nextTimer : undefined; // a reader of the console with a timeout
      if (timer !== undefined) this.machine.advanceTo(timer);
      else if (stop !== "budget" && stop !== "finding") return;
      if (this.machine.instructions > limit || tick > 1000) throw new Error(`the machine does not settle: ${stop}`);
    }
  }

  /** What was written to the terminal (0), standard output or error so far, as text. */
  output(stream: OutputStream = 1): string {
    return Buffer.concat(this.#output[stream]).toString();
  }

  usage(): Usage {
    return this.machine.usage();
  }

  /** The findings so far; taking them says that the test expects them. */
  takeFindings(): Finding[] {
    return this.machine.findings.splice(0);
  }

  /** Called after each test: what is alive fits together, and nothing but what an empty machine has is alive at power-off. */
  verify(): void {
    if (!this.#options.isLeakExpected) expect(this.machine.checkInvariants(), "broken invariants").toBe("");
    this.machine.powerOff();
    expect(this.takeFindings(), "kernel findings that the test did not expect").toEqual([]);
    if (this.#options.isLeakExpected) return;

    const usage = countable(this.usage());
    expect(usage, `leaked kernel objects:\n${this.machine.leakReport()}`).toEqual(emptyUsage(this.#options));
  }
}

const emptyUsages = new Map<string, Partial<Usage>>();

/** What a machine holds after booting and powering off with nothing in between. */
function emptyUsage({ quirks, profile, memoryBytes, isHeapChecked = true }: TestBootOptions): Partial<Usage> {
  const key = JSON.stringify([quirks, profile, memoryBytes, isHeapChecked]);
  let usage = emptyUsages.get(key);
  if (usage === undefined) {
    const machine = Machine.boot(kernel(), { quirks, profile, memoryBytes, isHeapChecked });
    machine.powerOff();
    usage = countable(machine.usage());
    emptyUsages.set(key, usage);
  }
  return usage;
}

/** Unknown calls are a statistic, not a resource. */
function countable({ unknownCalls: _, ...usage }: Usage): Partial<Usage> {
  return usage;
}
