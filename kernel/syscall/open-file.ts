// SPDX-License-Identifier: MIT
// What every call on a descriptor does first and last: from the number to the open file, and from what the file answered to the
// call's outcome.

import { SIGPIPE } from "../abi/signal.ts";
import { File } from "../file/file.ts";
import { BLOCKED, Outcome } from "../lib/outcome.ts";
import { draftFrom } from "../process/signal-info.ts";
import { signalTask } from "../process/signal.ts";
import { Task } from "../process/task.ts";

/**
 * The open file (borrowed) for a call that does I/O; null is EBADF: nothing is open there, or it is an O_PATH file (open(2)). A
 * call that runs again after a sleep gets the file it slept in, whatever the descriptor means by now.
 */
export function ioFile(self: Task, fd: i32): File | null {
  const slept = self.sleepsIn;
  if (slept != null) return slept;
  const file = self.files.get(fd);
  return file == null || file.isPathOnly ? null : file;
}

/** As ioFile, for reading (writing): EBADF too when the access mode forbids it. */
export function readableFile(self: Task, fd: i32): File | null {
  const file = ioFile(self, fd);
  return file == null || !file.isReadable ? null : file;
}

export function writableFile(self: Task, fd: i32): File | null {
  const file = ioFile(self, fd);
  return file == null || !file.isWritable ? null : file;
}

/** Passes on what the file answered: keeps the file while the call sleeps, raises SIGPIPE where it says so. */
export function finishIo(self: Task, file: File, outcome: Outcome): Outcome {
  if (self.brokenPipe) {
    self.brokenPipe = false;
    signalTask(self, draftFrom(self, SIGPIPE));
  }
  if (outcome == BLOCKED) self.sleepIn(file);
  return outcome;
}
