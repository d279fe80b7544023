// SPDX-License-Identifier: MIT
// The device of a terminal goes away (vhangup(2)): its session loses it, and all open files are dead, whoever has them.

import { flushInput } from "./discipline.ts";
import { startOutput } from "./output.ts";
import { sessions } from "./sessions.ts";
import { STANDARD_TERMIOS, TERMIOS2_SIZE } from "./termios.ts";
import { Tty } from "./tty.ts";

export function hangUp(tty: Tty): void {
  tty.hangups++;
  tty.arrived.reset();
  flushInput(tty);
  tty.isStoppedByCall = false;
  tty.deferredLength = 0;
  startOutput(tty, false);
  memory.copy(tty.termios, STANDARD_TERMIOS, TERMIOS2_SIZE);
  sessions().hungUp(tty);
  tty.readable.wake();
  tty.writable.wake();
}
