// SPDX-License-Identifier: MIT
// Puts a script into player.wasm: its last data segment, which scripts/build-player.mjs left empty, becomes the script. WebAssembly core
// specification, "Binary Format": sections are an id byte, a size, contents; numbers are LEB128.

import { BadInputError } from "../errors.ts";

const HEADER_SIZE = 8;
const DATA_SECTION = 11;
const PASSIVE = 1;

/** @throws BadInputError for a module that is not build/player.wasm */
export function withScript(player: Uint8Array, script: Uint8Array): Uint8Array {
  for (let at = HEADER_SIZE; at < player.length; ) {
    const id = player[at];
    const size = readNumber(player, at + 1);
    const end = size.end + size.value;
    // the empty segment is the last two bytes of the section: passive, without bytes
    if (id === DATA_SECTION && player[end - 2] === PASSIVE && player[end - 1] === 0) {
      const contents = [player.subarray(size.end, end - 1), numberBytes(script.length), script];
      const length = contents.reduce((sum, part) => sum + part.length, 0);
      return concat([player.subarray(0, at + 1), numberBytes(length), ...contents, player.subarray(end)]);
    }
    at = end;
  }
  throw new BadInputError("player.wasm: expected a module that ends its data with an empty segment");
}

/** LEB128, unsigned. */
function readNumber(bytes: Uint8Array, at: number): { value: number; end: number } {
  for (let value = 0, shift = 0; ; shift += 7) {
    const byte = bytes[at++] ?? 0;
    value += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) return { value, end: at };
  }
}

function numberBytes(value: number): Uint8Array {
  const bytes: number[] = [];
  for (; value >= 0x80; value = Math.floor(value / 128)) bytes.push((value % 128) | 0x80);
  return Uint8Array.from([...bytes, value]);
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  parts.reduce((at, part) => (whole.set(part, at), at + part.length), 0);
  return whole;
}
