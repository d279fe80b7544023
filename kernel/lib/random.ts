// SPDX-License-Identifier: MIT
// The machine's only source of randomness: SplitMix64 from the seed given at boot. Not for secrets.

let state: u64 = 0;

export function setSeed(seed: u64): void {
  state = seed;
}

export function nextRandom(): u64 {
  state += 0x9e3779b97f4a7c15;
  let z = state;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

/** Fills kernel memory with random bytes. */
export function randomBytes(to: usize, length: usize): void {
  let i: usize = 0;
  for (; i + 8 <= length; i += 8) store<u64>(to + i, nextRandom());
  for (let rest = nextRandom(); i < length; i++, rest >>= 8) store<u8>(to + i, <u8>rest);
}
