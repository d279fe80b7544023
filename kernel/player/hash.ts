// SPDX-License-Identifier: MIT
// What a script compares instead of bytes: FNV-1a of 32 bits twice, from two beginnings. host/core/pack/hash.ts is the same in TypeScript.

const PRIME: u32 = 0x01000193;
const BASIS: u64 = 0x9e3779b9811c9dc5;

/** Goes on from `hash` over bytes of memory. */
export function hashBytes(hash: u64, from: usize, length: usize): u64 {
  let low = <u32>(hash ^ BASIS);
  let high = <u32>((hash ^ BASIS) >> 32);
  for (let i: usize = 0; i < length; i++) {
    const byte: u32 = load<u8>(from + i);
    low = (low ^ byte) * PRIME;
    high = (high ^ byte) * PRIME;
  }
  return (<u64>high << 32) | low;
}
