// SPDX-License-Identifier: MIT
// Time travel: the steps that a machine has made, and the way to any of them. A step is whatever its caller calls one: a function that
// does the same to the machine each time, a tick or an input as a rule. Snapshots are taken on the way, and a seek goes to the one before
// and repeats the rest. Their memory is bounded: when they hold too much, every second one goes.

import type { Machine } from "./machine.ts";
import { newPages, PAGE_SIZE, type Snapshot } from "./snapshot.ts";

/** What a step does. Repeating it in the same state must do the same. */
export type Step = (machine: Machine) => void;

export interface TimelineOptions {
  /** Guest instructions between two snapshots, at first; default 100,000, well under a millisecond. */
  readonly instructionsBetween?: bigint;
  /** Steps between two snapshots at most, at first: steps that run nothing have a cost too. Default 32. */
  readonly stepsBetween?: number;
  /** What all snapshots may hold together, in bytes; default 64 MiB. The first one stays whatever it holds. */
  readonly memoryBytes?: number;
}

interface Keyframe {
  readonly index: number;
  readonly instructions: bigint;
  readonly snapshot: Snapshot;
}

export class Timeline {
  readonly machine: Machine;
  readonly #steps: Step[] = [];
  #keyframes: Keyframe[];
  #index = 0;
  #instructionsBetween: bigint;
  #stepsBetween: number;
  readonly #memoryBytes: number;
  #heldBytes = 0;

  /** Begins at the state that the machine has now: step 0. From now on only the timeline moves the machine. */
  constructor(machine: Machine, { instructionsBetween = 100_000n, stepsBetween = 32, memoryBytes = 64 << 20 }: TimelineOptions = {}) {
    this.machine = machine;
    this.#instructionsBetween = instructionsBetween;
    this.#stepsBetween = stepsBetween;
    this.#memoryBytes = memoryBytes;
    this.#keyframes = [{ index: 0, instructions: machine.instructions, snapshot: machine.snapshot() }];
    this.#heldBytes = bytesOf(this.#keyframes);
  }

  /** How many steps lie behind the state that the machine has. */
  get index(): number {
    return this.#index;
  }

  /** How many steps are known. */
  get length(): number {
    return this.#steps.length;
  }

  /** What the snapshots hold, in bytes, and how many there are. */
  get cost(): { bytes: number; snapshots: number } {
    return { bytes: this.#heldBytes, snapshots: this.#keyframes.length };
  }

  /** Makes a step that is new: what was known of the future is forgotten, as it is another one now. */
  append(step: Step): void {
    this.#steps.length = this.#index;
    if ((this.#keyframes.at(-1) as Keyframe).index > this.#index) {
      this.#keyframes = this.#keyframes.filter(({ index }) => index <= this.#index);
      this.#heldBytes = bytesOf(this.#keyframes);
    }
    this.#make(step);
    this.#steps.push(step);
  }

  /** Repeats the next known step; false at the end. */
  step(): boolean {
    const step = this.#steps[this.#index];
    if (step === undefined) return false;
    this.#make(step);
    return true;
  }

  /** One step back; false at the beginning. */
  back(): boolean {
    if (this.#index === 0) return false;
    this.seek(this.#index - 1);
    return true;
  }

  /** Brings the machine to the state after `index` steps. @throws RangeError for a step that is not known */
  seek(index: number): void {
    if (!Number.isInteger(index) || index < 0 || index > this.length) {
      throw new RangeError(`step ${index}: expected 0 to ${this.length}`);
    }
    const from = this.#keyframes.findLast((keyframe) => keyframe.index <= index) as Keyframe;
    if (index < this.#index || from.index > this.#index) {
      this.machine.restore(from.snapshot);
      this.#index = from.index;
    }
    while (this.#index < index) this.step();
  }

  /** What `look` says of the state after `index` steps; the machine is then again where it was. */
  stateAt<T>(index: number, look: (machine: Machine) => T): T {
    const here = this.#index;
    this.seek(index);
    try {
      return look(this.machine);
    } finally {
      this.seek(here);
    }
  }

  #make(step: Step): void {
    step(this.machine);
    this.#index++;
    const newest = this.#keyframes.at(-1) as Keyframe;
    if (this.#index <= newest.index) return;
    const { instructions } = this.machine;
    const isFar = instructions - newest.instructions >= this.#instructionsBetween;
    if (!isFar && this.#index - newest.index < this.#stepsBetween) return;
    const snapshot = this.machine.snapshot();
    this.#keyframes.push({ index: this.#index, instructions, snapshot });
    this.#heldBytes += newPages(newest.snapshot, snapshot) * PAGE_SIZE;
    if (this.#heldBytes > this.#memoryBytes) this.#thin();
  }

  /** Every second snapshot goes, and from now on they are taken half as often. */
  #thin(): void {
    this.#instructionsBetween *= 2n;
    this.#stepsBetween *= 2;
    this.#keyframes = this.#keyframes.filter((_, index) => index % 2 === 0);
    this.#heldBytes = bytesOf(this.#keyframes);
  }
}

/** What they hold together: each has those of its predecessor's pages that did not change since. */
function bytesOf(keyframes: readonly Keyframe[]): number {
  return keyframes.reduce((sum, { snapshot }, index) => sum + newPages(keyframes[index - 1]?.snapshot, snapshot) * PAGE_SIZE, 0);
}
