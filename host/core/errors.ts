// SPDX-License-Identifier: MIT
// One class for each kind of failure. host/core throws them; only a front end (the command line, a page) catches them and
// chooses an exit code or a colour by `kind`. Messages are one sentence: where, what was expected, what was found.

/** An argument, an image or a file from outside is not what it must be. Nothing has been changed by then. */
export class BadInputError extends Error {
  readonly kind = "bad-input";
}

/** No program of that name in the image. */
export class ProgramNotFoundError extends Error {
  readonly kind = "program-not-found";
}

/** The program is there, but the kernel cannot execute it. */
export class CannotExecuteError extends Error {
  readonly kind = "cannot-execute";
}

/** The machine used up what the caller granted it (instructions). It can be run on. */
export class LimitReachedError extends Error {
  readonly kind = "limit-reached";
}

/** Everything sleeps for good: no time to wait for and no input that anybody reads. */
export class DeadlockError extends Error {
  readonly kind = "deadlock";
}

/** A replay gave something else than the reproduction expects. */
export class MismatchError extends Error {
  readonly kind = "repro-mismatch";
}

/** The kernel found a bug of its own, or its wasm trapped: the machine is dead. Never a guest's fault. */
export class KernelPanicError extends Error {
  readonly kind = "kernel-panic";
}

export type HostError =
  | BadInputError
  | ProgramNotFoundError
  | CannotExecuteError
  | LimitReachedError
  | DeadlockError
  | MismatchError
  | KernelPanicError;

const CLASSES = [
  BadInputError,
  ProgramNotFoundError,
  CannotExecuteError,
  LimitReachedError,
  DeadlockError,
  MismatchError,
  KernelPanicError,
];

export function isHostError(error: unknown): error is HostError {
  return CLASSES.some((kind) => error instanceof kind);
}
