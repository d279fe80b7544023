// SPDX-License-Identifier: MIT
// From the values of one call to registers and memory of the actor that makes it, and back: what the call stored, with the names
// the reproduction gives to it. What an argument means is a Kind (kinds.ts); which call has which is calls.ts.

import { BadInputError } from "../errors.ts";
import { CONSTANTS } from "./constants.ts";
import { printValue } from "./print.ts";
import type { Field, Position, Value } from "./syntax.ts";
import { errorAt, stringBytes } from "./tokens.ts";
import type { CallSignature } from "./calls.ts";

/** What an argument means. */
export interface Kind {
  /** The value of its register or field. What it points at is placed in the actor's memory. */
  encode(value: Value, encoder: Encoder): bigint;
  /** What it is when the reproduction leaves it out, beside the fields of its structure that are given; 0 where this is missing. */
  absent?(encoder: Encoder, siblings: ReadonlyMap<string, Field>): bigint;
}

/** How memory that a call fills in reads. `result` is what the call gave. */
export interface View {
  readonly size: number;
  /** One value for each name; empty where a name cannot stand for it. */
  values(bytes: DataView): bigint[];
  show(bytes: DataView, result: bigint): string;
}

export interface Output {
  readonly names: readonly string[];
  readonly address: number;
  readonly view: View;
}

/** What results are called; undefined where the call that was to give it has failed. */
export type Names = ReadonlyMap<string, bigint | undefined>;

/** A step that has no place in this run, although the text is right: an earlier one has not given what it builds on. */
export class NotMade extends Error {}

/** Where a call may put things. */
export interface Window {
  readonly address: number;
  readonly size: number;
}

const NO_FIELDS: ReadonlyMap<string, Field> = new Map();
const UNITS: Record<string, bigint> = { ns: 1n, us: 1_000n, ms: 1_000_000n, s: 1_000_000_000n };

export interface Write {
  readonly address: number;
  readonly bytes: Uint8Array;
}

export class Encoder {
  readonly outputs: Output[] = [];
  /** What must stand in the actor's memory when the call is made. */
  readonly writes: Write[] = [];
  readonly #args: readonly Value[];
  readonly #sizes: (number | undefined)[] = [];
  readonly #names: Names;
  readonly #window: Window;
  readonly #where: string;
  #used = 0;

  constructor(args: readonly Value[], names: Names, window: Window, where: string) {
    this.#args = args;
    this.#names = names;
    this.#window = window;
    this.#where = where;
  }

  /** The call's registers. */
  encode(signature: CallSignature): bigint[] {
    return signature.map((kind, index) => {
      const value = this.#args[index];
      return BigInt.asUintN(64, value === undefined ? (kind.absent?.(this, NO_FIELDS) ?? 0n) : kind.encode(value, this));
    });
  }

  /** A number: written, named, or several or-ed together. */
  integer(value: Value): bigint {
    switch (value.kind) {
      case "number":
        return numberOf(value.text);
      case "duration":
        return durationNs(value.text);
      case "or":
        return value.terms.reduce((sum, term) => sum | this.integer(term), 0n);
      case "name": {
        const number = value.name === "null" ? 0n : (this.#names.get(value.name) ?? CONSTANTS.get(value.name));
        if (number === undefined && this.#names.has(value.name)) throw new NotMade(`${value.name} has no value`);
        if (number === undefined) throw this.error(value, "the name of an earlier result or a constant of Linux");
        return number;
      }
      default:
        throw this.error(value, "a number");
    }
  }

  /** The number that argument `index` is. */
  argument(index: number): bigint {
    const value = this.#args[index];
    return value === undefined ? 0n : this.integer(value);
  }

  /** How many bytes argument `index` points at: what a size that is left out is. */
  sizeOf(index: number): number {
    return this.#sizes[index] ?? 0;
  }

  /** Places bytes in the call's memory; their address. `size` is what a size that is left out says of them. */
  place(bytes: Uint8Array, value: Value, size = bytes.length): bigint {
    const at = (this.#used + 15) & ~15;
    if (at + bytes.length > this.#window.size) throw this.error(value, `arguments of at most ${this.#window.size} bytes for one call`);
    this.#used = at + bytes.length;
    return this.placeAt(this.#window.address + at, bytes, value, size);
  }

  /** Places bytes at a certain address. */
  placeAt(address: number, bytes: Uint8Array, value: Value, size = bytes.length): bigint {
    const index = this.#args.indexOf(value);
    if (index >= 0) this.#sizes[index] = size;
    this.writes.push({ address, bytes });
    return BigInt(address);
  }

  /** Zeroed memory for a result of the call. */
  output(value: Extract<Value, { kind: "output" }>, view: View): bigint {
    const address = this.place(new Uint8Array(view.size), value);
    this.outputs.push({ names: value.names, address: Number(address), view });
    return address;
  }

  /** The bytes of a string value, without a NUL. */
  string(value: Extract<Value, { kind: "string" }>): Uint8Array {
    return stringBytes(value.text);
  }

  error(value: Value | Field, expected: string): BadInputError {
    return this.errorAt(value, expected, "kind" in value ? printValue(value) : `${value.name}: ${printValue(value.value)}`);
  }

  errorAt(at: Position, expected: string, found: string): BadInputError {
    return errorAt(this.#where, at, expected, found);
  }
}

/** A number as the text writes it: decimal, 0x hexadecimal, 0 octal; all may be negative. */
export function numberOf(text: string): bigint {
  const digits = text.replace("-", "");
  const value = /^0[0-7]+$/.test(digits) ? BigInt(`0o${digits.slice(1)}`) : BigInt(digits);
  return text.startsWith("-") ? -value : value;
}

export function durationNs(text: string): bigint {
  const [, count = "0", unit = "ns"] = /^(\d+)(\w+)$/.exec(text) ?? [];
  return BigInt(count) * UNITS[unit]!;
}
