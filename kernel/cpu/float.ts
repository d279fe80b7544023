// SPDX-License-Identifier: MIT
// F and D arithmetic. Not there yet: every such instruction is illegal.

/** Executes a record of OP_FLOAT; false when it is illegal. */
export function float(record: usize): bool {
  return false;
}
