// SPDX-License-Identifier: MIT
// What terminals have to ask of processes, sessions and process groups, which they do not know: the process layer registers the
// answers (process/terminal-control.ts).

import { Sleeper } from "../file/wait-queue.ts";
import { Outcome } from "../lib/outcome.ts";
import { AddressSpace } from "../memory/address-space.ts";
import { Tty } from "./tty.ts";

export abstract class Sessions {
  /** The controlling terminal of the process that makes the call (borrowed), or null. */
  abstract controllingTerminal(): Tty | null;
  /** A process opened the terminal for reading, without O_NOCTTY: a session leader without a terminal gets it (setsid(2)). */
  abstract opened(tty: Tty): void;
  /**
   * Whether the caller may read (SIGTTIN) or change (SIGTTOU) the terminal, being in the foreground: 0; -EIO; or BLOCKED, after the
   * signal was sent to its group.
   */
  abstract mayUse(self: Sleeper, tty: Tty, signo: i32): Outcome;
  /** What a key, or another size, sends to the foreground group. */
  abstract signalForeground(tty: Tty, signo: i32): void;
  /** TIOCGPGRP and its like (ioctl_tty(2)); `isMaster`: through the master of a pseudo-terminal. -ENOTTY: not one of them. */
  abstract ioctl(self: Sleeper, space: AddressSpace, tty: Tty, isReadable: bool, isMaster: bool, request: u32, argument: u64): Outcome;
  /** The terminal's device is gone: its session loses it, and the leader gets SIGHUP and SIGCONT. */
  abstract hungUp(tty: Tty): void;
  /** CAP_SYS_ADMIN. */
  abstract isAdministrator(self: Sleeper): bool;
}

let registered: Sessions | null = null;

export function registerSessions(answers: Sessions): void {
  registered = answers;
}

export function sessions(): Sessions {
  return registered!;
}
