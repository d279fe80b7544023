// SPDX-License-Identifier: MIT
// The profiles by name: sets of quirks that are fixed at boot. Names are made from kernel/abi/quirks.ts.

import * as quirks from "../../kernel/abi/quirks.ts";
import { BadInputError } from "./errors.ts";
import { namesOf } from "./names.ts";

export const PROFILES = {
  documented: quirks.PROFILE_DOCUMENTED,
  "rfc-v1": quirks.PROFILE_RFC_V1,
  "patch-06": quirks.PROFILE_PATCH_06,
} as const;

export type ProfileName = keyof typeof PROFILES;

export const PROFILE_NAMES = Object.keys(PROFILES) as ProfileName[];

/** The quirks of a profile, by name; BadInputError for a name that is none. */
export function profileQuirks(name: string): number {
  if (!Object.hasOwn(PROFILES, name)) {
    throw new BadInputError(`unknown profile "${name}": expected ${PROFILE_NAMES.join(", ")}`);
  }
  return PROFILES[name as ProfileName];
}

/** `unshifted-exit` and so on, for each bit that is set. */
export function quirkNames(bits: number): string[] {
  return [...namesOf(quirks, "QUIRK_")]
    .filter(([bit]) => (bits & bit) !== 0)
    .sort((a, b) => a[0] - b[0])
    .map(([, name]) => name.slice("QUIRK_".length).toLowerCase().replaceAll("_", "-"));
}
