// SPDX-License-Identifier: MIT

/** Numbers below a limit, the same for the same seed: xorshift32. */
export function randomBelow(seed: number): (limit: number) => number {
  let state = seed * 2_654_435_769 + 1;
  return (limit) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % limit;
  };
}
