// SPDX-License-Identifier: MIT
// The hash of names: FNV-1a, 32 bits. The same bytes hash alike in every run, so nothing depends on addresses.

export function fnv1a(bytes: usize, length: usize): u32 {
  let hash: u32 = 0x811c9dc5;
  for (let i: usize = 0; i < length; i++) hash = (hash ^ load<u8>(bytes + i)) * 0x01000193;
  return hash;
}
