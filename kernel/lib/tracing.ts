// SPDX-License-Identifier: MIT
// Whether the host wants trace events (BOOT_TRACE), and the transfer buffer that carries their payloads (abi/boundary.ts).
// Events come from around system-call dispatch, from signal delivery, from exits and stops, and from a template's child.

/** The buffer that kernel and host pass bytes through (BUFFER_SIZE). */
export const BUFFER: usize = memory.data(65536, 4096);

/** The host's wish, not part of the state. */
// @ts-ignore: decorator
@derived
export let isTracing: bool = false;

export function setTracing(on: bool): void {
  isTracing = on;
}
