// SPDX-License-Identifier: MIT
// Keys that send signals: from the host's console to its foreground process group.

import { NSIG } from "./signal-handlers.ts";
import { consoleForegroundGroup } from "../file/console.ts";
import { findPid } from "./pid.ts";
import { signalProcess } from "./signal.ts";
import { draftKernel } from "./signal-info.ts";

export function signalConsole(signo: i32): void {
  const group = findPid(consoleForegroundGroup());
  if (group == null || signo < 1 || signo > NSIG) return;
  let process = group.members;
  while (process != null) {
    const next = process.nextInGroup;
    signalProcess(process, draftKernel(signo));
    process = next;
  }
}
