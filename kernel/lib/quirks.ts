// SPDX-License-Identifier: MIT
// The profile of this machine: a set of quirks (abi/quirks.ts), fixed at boot.

let quirks: u32 = 0;

export function setQuirks(set: u32): void {
  quirks = set;
}

export function hasQuirk(quirk: u32): bool {
  return (quirks & quirk) != 0;
}
