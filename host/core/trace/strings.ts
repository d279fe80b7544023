// SPDX-License-Identifier: MIT
// Strings and bytes in the form of strace(1): C escapes, `...` after what is cut off, an address for what cannot be read.

import { pointer, type CallView } from "./argument.ts";

/** Longer data is cut, as strace's -s does by default. Paths are shown whole. */
export const MAX_STRING = 32;
const PATH_MAX = 4096;
const MAX_ITEMS = 32;

const ESCAPES: Record<number, string> = {
  7: "\\a",
  8: "\\b",
  9: "\\t",
  10: "\\n",
  11: "\\v",
  12: "\\f",
  13: "\\r",
  34: '\\"',
  92: "\\\\",
};

/** `"text\n"`; at most MAX_STRING bytes, then `...`. */
export function quote(bytes: Uint8Array, limit = MAX_STRING): string {
  const shown = bytes.subarray(0, limit);
  const text = [...shown].map((byte, index) => escape(byte, shown[index + 1])).join("");
  return `"${text}"${bytes.length > limit ? "..." : ""}`;
}

/** A path: a NUL-terminated string of the guest, whole. */
export function path(address: bigint, call: CallView): string {
  return cString(address, call, PATH_MAX);
}

/** A NUL-terminated string of the guest, cut after `limit` bytes. */
export function cString(address: bigint, call: CallView, limit = MAX_STRING): string {
  if (address === 0n) return "NULL";
  const bytes = call.read(address, limit + 1);
  const end = bytes.indexOf(0);
  if (end >= 0) return quote(bytes.subarray(0, end), limit);
  return bytes.length > limit ? quote(bytes, limit) : pointer(address);
}

/** `len` bytes of the guest. */
export function data(address: bigint, len: bigint, call: CallView): string {
  if (address === 0n) return "NULL";
  if (len <= 0n) return '""';
  const wanted = len > BigInt(MAX_STRING) ? MAX_STRING + 1 : Number(len);
  const bytes = call.read(address, wanted);
  return bytes.length === 0 ? pointer(address) : quote(bytes);
}

/** `["echo", "hi"]`: a vector of strings that ends in a null pointer, as argv. */
export function stringVector(address: bigint, call: CallView): string {
  if (address === 0n) return "NULL";
  const { pointers, isWhole } = pointersAt(address, call, MAX_ITEMS);
  if (pointers.length === 0 && !isWhole) return pointer(address);
  const items = pointers.map((item) => cString(item, call));
  return `[${[...items, ...(isWhole ? [] : ["..."])].join(", ")}]`;
}

/** The address and the number of variables: an environment is counted, not shown. */
export function environment(address: bigint, call: CallView): string {
  if (address === 0n) return "NULL";
  const { pointers, isWhole } = pointersAt(address, call, 4096);
  if (!isWhole) return pointer(address);
  return `${pointer(address)} /* ${pointers.length} var${pointers.length === 1 ? "" : "s"} */`;
}

function pointersAt(address: bigint, call: CallView, limit: number): { pointers: bigint[]; isWhole: boolean } {
  const pointers: bigint[] = [];
  for (let index = 0; index < limit; index++) {
    const bytes = call.read(address + BigInt(index * 8), 8);
    if (bytes.length < 8) break;
    const item = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true);
    if (item === 0n) return { pointers, isWhole: true };
    pointers.push(item);
  }
  return { pointers, isWhole: false };
}

function escape(byte: number, next: number | undefined): string {
  const known = ESCAPES[byte];
  if (known !== undefined) return known;
  if (byte >= 0x20 && byte < 0x7f) return String.fromCharCode(byte);
  // an octal escape is written in full when a digit follows it
  const isDigitNext = next !== undefined && next >= 0x30 && next <= 0x37;
  return `\\${byte.toString(8).padStart(isDigitNext ? 3 : 1, "0")}`;
}
