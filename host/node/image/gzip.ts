// SPDX-License-Identifier: MIT
// gzip (RFC 1952): unpacked with a bound, packed to the same bytes on every computer.

import { gunzipSync, gzipSync } from "node:zlib";
import { BadInputError } from "../../core/errors.ts";

const OS_BYTE = 9; // RFC 1952 2.3: the operating system
const OS_UNKNOWN = 255;
/** More than any guest can hold; a bound against archives that unpack without end. */
const MAX_UNPACKED = 2 ** 31;

export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/** @throws BadInputError naming `name` */
export function gunzip(name: string, bytes: Uint8Array): Buffer {
  try {
    return gunzipSync(bytes, { maxOutputLength: MAX_UNPACKED });
  } catch (error) {
    throw new BadInputError(`${name}: expected a sound gzip stream, found damage (${(error as Error).message})`);
  }
}

/** The header names neither a time nor an operating system. */
export function gzip(bytes: Uint8Array): Buffer {
  const packed = gzipSync(bytes);
  packed[OS_BYTE] = OS_UNKNOWN;
  return packed;
}
