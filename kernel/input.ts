// SPDX-License-Identifier: MIT
// Standard input and signals from outside: to the terminal if standard input is one, else to the pipe or to pid 1.

import { endStandardInput, giveStandardInput, isStandardInputAwaited } from "./file/standard-stream.ts";
import { findPid } from "./process/pid.ts";
import { NSIG } from "./process/signal-handlers.ts";
import { signalGroup } from "./process/terminal-control.ts";
import { consoleTty, endConsoleTyping, isConsoleAwaited, typeAtConsole } from "./tty/console.ts";
import { sessions } from "./tty/sessions.ts";

let isTyped: bool = false;

/** At boot: whether standard input is the terminal. */
export function setInputTyped(isTerminal: bool): void {
  isTyped = isTerminal;
}

/** How many bytes there was room for. */
export function giveInput(from: usize, length: usize): i32 {
  return isTyped ? typeAtConsole(from, length) : giveStandardInput(from, length);
}

/** No more comes after what was given. */
export function endInput(): void {
  if (isTyped) endConsoleTyping();
  else endStandardInput();
}

/** Whether somebody sleeps until there is input. */
export function isInputAwaited(): bool {
  return isTyped ? isConsoleAwaited() : isStandardInputAwaited();
}

/** To the terminal's foreground group; without a terminal that has one, to pid 1's. */
export function signalConsole(signo: i32): void {
  if (signo < 1 || signo > NSIG) return;
  const tty = consoleTty();
  if (tty.foreground != null) {
    sessions().signalForeground(tty, signo);
    return;
  }
  const group = findPid(1);
  if (group != null) signalGroup(group, signo);
}
