// SPDX-License-Identifier: MIT
// Numbers as text in kernel memory.

/** Writes a number in decimal at `out`; how many bytes (at most 20). */
export function decimal(out: usize, value: u64): usize {
  let digits: usize = 1;
  for (let rest = value / 10; rest > 0; rest /= 10) digits++;
  for (let i = digits; i > 0; i--) {
    store<u8>(out + i - 1, <u8>(0x30 + value % 10));
    value /= 10;
  }
  return digits;
}
