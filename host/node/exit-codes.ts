// SPDX-License-Identifier: MIT
// The exit codes of the command line where they are not the program's own: above what programs usually return, and 124 to 127
// as timeout(1), env(1) and the shell use them. A new kind of error without an exit code does not compile.

import type { HostError } from "../core/errors.ts";

export const EXIT_CODE = {
  "repro-mismatch": 120,
  "kernel-panic": 121,
  deadlock: 123,
  "limit-reached": 124,
  "bad-input": 125,
  "cannot-execute": 126,
  "program-not-found": 127,
} as const satisfies Record<HostError["kind"], number>;

/** The program ended, but the kernel reported a fault of its own (or of its profile's code) on the way. */
export const EXIT_FINDING = 122;
/** The terminal went away, and the program did not end by that. */
export const EXIT_HANGUP = 129;
export const EXIT_INTERRUPTED = 130;
/** What a shell reports for a program that SIGPIPE ended: here, our own standard output went away. */
export const EXIT_PIPE = 141;

export const EXIT_CODE_HELP = `Exit status:
  the program's own; 128+N if signal N killed it; otherwise
  121  the kernel panicked: a bug of spawnlab, please report it
  122  the program ended, but the kernel found a fault in itself (see standard error)
  123  deadlock: every process sleeps, and neither time nor input can wake one
  124  --max-instructions reached
  125  bad option, file or image; nothing has been run or written
  126  PROGRAM cannot be executed (not a riscv64 ELF, no permission, interpreter missing)
  127  PROGRAM not found in the image
  129  the terminal went away
  130  ended by repeated Ctrl-C`;
