// SPDX-License-Identifier: MIT
// Why a function that answers with an object answered with null. Read `failure` at once: the next failing function sets it anew.

import { Outcome } from "./outcome.ts";

/** -errno (or BLOCKED) of the function that returned null last. */
export let failure: Outcome = 0;

/** `return fail<File>(-ENOENT);` */
export function fail<T>(outcome: Outcome): T | null {
  failure = outcome;
  return null;
}
