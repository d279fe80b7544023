// SPDX-License-Identifier: MIT
// kernel/player/hash.ts in TypeScript.

const PRIME = 0x01000193;
const BASIS = 0x9e3779b9811c9dc5n;

/** Goes on from `hash` over bytes. */
export function hashBytes(hash: bigint, bytes: Uint8Array): bigint {
  const start = hash ^ BASIS;
  let low = Number(start & 0xffff_ffffn) | 0;
  let high = Number(start >> 32n) | 0;
  for (const byte of bytes) {
    low = Math.imul(low ^ byte, PRIME);
    high = Math.imul(high ^ byte, PRIME);
  }
  return (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
}
