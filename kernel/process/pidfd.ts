// SPDX-License-Identifier: MIT
// The file behind a pidfd (pidfd_open(2)): refers to a process for as long as it is open, reaped or not. Polling it tells the
// end of the process; waiting, signalling and fetching descriptors are system calls of their own (syscall/pidfd.ts).

import { POLLHUP, POLLIN, POLLRDNORM } from "../abi/poll.ts";
import { File } from "../file/file.ts";
import { Sleeper } from "../file/wait-queue.ts";
import { decimal } from "../lib/decimal.ts";
import { Process } from "./process.ts";

export class PidFile extends File {
  /** Takes its own reference to the process. */
  constructor(readonly process: Process, flags: i32) {
    super(flags);
    process.retain();
  }

  poll(self: Sleeper | null): u32 {
    const process = this.process;
    if (self != null && !process.isReaped) process.endEvents.add(self);
    if (process.isReaped) return POLLIN | POLLRDNORM | POLLHUP;
    return process.isZombie ? POLLIN | POLLRDNORM : 0;
  }

  nameless(out: usize): usize {
    return copyText(out, "anon_inode:[pidfd]");
  }

  information(out: usize): usize {
    const process = this.process;
    let length = copyText(out, "Pid:\t");
    length += process.isReaped ? copyText(out + length, "-1") : decimal(out + length, process.pid);
    length += copyText(out + length, "\nNSpid:\t");
    length += process.isReaped ? copyText(out + length, "-1") : decimal(out + length, process.pid);
    return length + copyText(out + length, "\n");
  }

  destroy(): void {
    super.destroy();
    this.process.release();
  }
}

/** The file as a pidfd, or null. */
export function asPidFile(file: File | null): PidFile | null {
  return file != null && file instanceof PidFile ? changetype<PidFile>(file) : null;
}

/** Copies static ASCII text; its length. */
function copyText(out: usize, text: string): usize {
  for (let i = 0; i < text.length; i++) store<u8>(out + i, <u8>text.charCodeAt(i));
  return text.length;
}
