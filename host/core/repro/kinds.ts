// SPDX-License-Identifier: MIT
// What arguments of calls mean: numbers, strings, structures, lists of structures, memory for results. A wild pointer can be given
// for all of them as a number, and memory of any content as bytes(...), at_end(...).
//
//   bytes(u64(1), s32(-1), "text", zero(8), pointer(["a", "b"]))     packed without padding; a string without its NUL
//   at_end(...)   the same, at the end of the mapped memory: what lies behind it faults

import { ACTOR_MEMORY, ACTOR_MEMORY_SIZE } from "../../../kernel/abi/boundary.ts";
import type { Encoder, Kind, View } from "./encode.ts";
import type { Call, Value } from "./syntax.ts";

const WIDTHS: Record<string, number> = { u8: 1, u16: 2, u32: 4, s32: 4, u64: 8, s64: 8 };

/** A number; a string or a list of strings is passed by address, as a path or argv. */
export const plain: Kind = { encode: encodePlain };

/** A number that is the size of what argument `index` points at, unless something else is said. */
export function sizeOf(index: number): Kind {
  return { encode: encodePlain, absent: (encoder) => BigInt(encoder.sizeOf(index)) };
}

/** A number that is `value` unless something else is said. */
export function defaultsTo(value: bigint | number): Kind {
  return { encode: encodePlain, absent: () => BigInt(value) };
}

/** Memory that the call fills in, seen through `view`. */
export function result(view: View): Kind {
  return { encode: (value, encoder) => (value.kind === "output" ? encoder.output(value, view) : encodePlain(value, encoder)) };
}

/** Memory that the call fills in, as many bytes as argument `size` says; the call's result tells how many it filled. */
export function buffer(size: number, show: (bytes: DataView, result: bigint) => string): Kind {
  const view = (encoder: Encoder): View => ({ size: Math.min(Number(encoder.argument(size)), 1 << 16), values: () => [], show });
  return { encode: (value, encoder) => (value.kind === "output" ? encoder.output(value, view(encoder)) : encodePlain(value, encoder)) };
}

export interface StructField {
  readonly name: string;
  readonly type: string;
  readonly kind: Kind;
}

/** `field("flags", "u64")` */
export function field(name: string, type: keyof typeof WIDTHS, kind: Kind = plain): StructField {
  return { name, type, kind };
}

/** A pointer to a structure: `{name: value, ...}`, what is left out is 0. `tail` is what follows it, for calls with a size. */
export function struct(...fields: StructField[]): Kind {
  return {
    encode(value, encoder) {
      if (value.kind !== "struct") return encodePlain(value, encoder);
      return encoder.place(packStruct(value, fields, encoder), value);
    },
  };
}

/** A pointer to structures in a row. */
export function structs(...fields: StructField[]): Kind {
  return {
    encode(value, encoder) {
      if (value.kind !== "list") return encodePlain(value, encoder);
      return encoder.place(concat(value.items.map((item) => packStruct(item, fields, encoder))), value);
    },
  };
}

/** A pointer to numbers in a row. */
export function numbers(type: keyof typeof WIDTHS): Kind {
  return {
    encode(value, encoder) {
      if (value.kind !== "list") return encodePlain(value, encoder);
      return encoder.place(concat(value.items.map((item) => packNumber(item, type, encoder))), value);
    },
  };
}

/** A pointer to a signal set: `[SIGINT, SIGTERM]`. */
export const sigset: Kind = {
  encode(value, encoder) {
    if (value.kind !== "list") return encodePlain(value, encoder);
    const set = value.items.reduce((bits, item) => bits | (1n << (encoder.integer(item) - 1n)), 0n);
    return encoder.place(bytesOf(set, 8), value);
  },
};

/** A pointer to a struct timespec: `10ms`. */
export const timespec: Kind = {
  encode(value, encoder) {
    if (value.kind !== "duration") return encodePlain(value, encoder);
    const ns = encoder.integer(value);
    return encoder.place(concat([bytesOf(ns / 1_000_000_000n, 8), bytesOf(ns % 1_000_000_000n, 8)]), value);
  },
};

/** Numbers of `type` in a row, in brackets if there is more than one. */
export function numbersView(type: keyof typeof WIDTHS, count = 1): View {
  const width = WIDTHS[type]!;
  const values = (bytes: DataView): bigint[] => Array.from({ length: count }, (_, index) => numberAt(bytes, index * width, type));
  return {
    size: width * count,
    values,
    show: (bytes) => (count === 1 ? String(values(bytes)[0]) : `[${values(bytes).join(", ")}]`),
  };
}

export function bytesOf(value: bigint, width: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt.asUintN(64, value), true);
  return bytes.subarray(0, width);
}

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  parts.reduce((at, part) => (whole.set(part, at), at + part.length), 0);
  return whole;
}

function encodePlain(value: Value, encoder: Encoder): bigint {
  switch (value.kind) {
    case "string": {
      const bytes = encoder.string(value);
      return encoder.place(concat([bytes, new Uint8Array(1)]), value, bytes.length);
    }
    case "list": {
      const pointers = value.items.map((item) => encodePlain(item, encoder));
      return encoder.place(concat([...pointers, 0n].map((pointer) => bytesOf(pointer, 8))), value);
    }
    case "call":
      return encodeMemory(value, encoder);
    case "output":
      throw encoder.error(value, "a number: what this argument stores is not known (give memory with bytes(...))");
    case "struct":
      throw encoder.error(value, "a number: the structure of this argument is not known (give it with bytes(...))");
    default:
      return encoder.integer(value);
  }
}

/** bytes(...) and at_end(...). */
function encodeMemory(call: Call, encoder: Encoder): bigint {
  if (call.name !== "bytes" && call.name !== "at_end") throw encoder.error(call, "bytes(...) or at_end(...)");
  const bytes = concat(call.args.map((part) => packPart(part, encoder)));
  return call.name === "bytes" ? encoder.place(bytes, call) : encoder.placeAt(ACTOR_MEMORY + ACTOR_MEMORY_SIZE - bytes.length, bytes, call);
}

function packPart(part: Value, encoder: Encoder): Uint8Array {
  if (part.kind === "string") return encoder.string(part);
  const [argument] = part.kind === "call" && part.args.length === 1 ? part.args : [];
  if (part.kind !== "call" || argument === undefined) throw encoder.error(part, 'u8(N) to u64(N), s32(N), s64(N), zero(COUNT), pointer(VALUE) or a string');
  if (part.name === "zero") return new Uint8Array(Number(encoder.integer(argument) & 0xffffn));
  if (part.name === "pointer") return bytesOf(encodePlain(argument, encoder), 8);
  if (WIDTHS[part.name] === undefined) throw encoder.error(part, "u8, u16, u32, s32, u64, s64, zero or pointer");
  return packNumber(argument, part.name, encoder);
}

/** A number must fit its field, as signed or unsigned. */
function packNumber(value: Value, type: string, encoder: Encoder): Uint8Array {
  return checkedBytes(encoder.integer(value), value, type, encoder);
}

function checkedBytes(number: bigint, value: Value, type: string, encoder: Encoder): Uint8Array {
  const width = WIDTHS[type]!;
  const bits = width * 8;
  if (BigInt.asUintN(bits, number) !== number && BigInt.asIntN(bits, number) !== number) throw encoder.error(value, `a number of ${bits} bits`);
  return bytesOf(number, width);
}

function packStruct(value: Value, fields: readonly StructField[], encoder: Encoder): Uint8Array {
  if (value.kind !== "struct") throw encoder.error(value, `a structure {${fields.map(({ name }) => name).join(", ")}}`);
  const given = new Map(value.fields.map((item) => [item.name, item]));
  const known = [...fields.map(({ name }) => name), "tail"];
  const unknown = value.fields.find((item, index) => !known.includes(item.name) || value.fields.findIndex(({ name }) => name === item.name) < index);
  if (unknown) throw encoder.error(unknown, `each of the fields ${known.join(", ")} at most once`);

  const parts = fields.map(({ name, type, kind }) => {
    const item = given.get(name);
    return item ? checkedBytes(kind.encode(item.value, encoder), item.value, type, encoder) : bytesOf(kind.absent?.(encoder, given) ?? 0n, WIDTHS[type]!);
  });
  const tail = given.get("tail");
  return concat(tail ? [...parts, packPart(tail.value, encoder)] : parts);
}

function numberAt(bytes: DataView, at: number, type: string): bigint {
  const unsigned = bytes.getBigUint64.bind(bytes);
  switch (type) {
    case "s32":
      return BigInt(bytes.getInt32(at, true));
    case "u32":
      return BigInt(bytes.getUint32(at, true));
    case "s64":
      return bytes.getBigInt64(at, true);
    default:
      return unsigned(at, true);
  }
}
