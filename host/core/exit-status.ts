// SPDX-License-Identifier: MIT
// Wait statuses as wait(2) encodes them.

/** How a process ended. `raw` is the wait status itself. */
export type ExitStatus =
  | { readonly kind: "exited"; readonly code: number; readonly raw: number }
  | { readonly kind: "killed"; readonly signal: number; readonly hasDumped: boolean; readonly raw: number };

/** Decodes the status of a process that has ended: never a stopped or continued one. */
export function decodeWaitStatus(raw: number): ExitStatus {
  const signal = raw & 0x7f;
  if (signal === 0) return { kind: "exited", code: (raw >> 8) & 0xff, raw };

  return { kind: "killed", signal, hasDumped: (raw & 0x80) !== 0, raw };
}

/** The number a shell would report: the exit code, or 128 + the signal. */
export function shellStatus(status: ExitStatus): number {
  return status.kind === "exited" ? status.code : 128 + status.signal;
}
