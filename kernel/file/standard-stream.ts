// SPDX-License-Identifier: MIT
// Standard streams that are no terminals: pipes to the host, as pid 1 finds them. What the host gives is read, what is written goes
// to the host. Terminals are tty/console.ts's business.

import { EAGAIN, EFAULT, ENOTTY } from "../abi/errno.ts";
import { O_RDONLY, O_WRONLY } from "../abi/fcntl.ts";
import { FIONREAD } from "../abi/ioctl.ts";
import { POLLHUP, POLLIN, POLLOUT, POLLRDNORM, POLLWRNORM } from "../abi/poll.ts";
import { S_IFIFO } from "../abi/stat.ts";
import { consoleWrite } from "../host.ts";
import { BLOCKED, Outcome } from "../lib/outcome.ts";
import { AddressSpace } from "../memory/address-space.ts";
import { UserBuffer } from "../memory/user-buffer.ts";
import { writeUser } from "../memory/user.ts";
import { Attributes, PIPE_DEVICE } from "./attributes.ts";
import { File } from "./file.ts";
import { bracketed } from "./pipe-file.ts";
import { Pipe } from "./pipe.ts";
import { Sleeper } from "./wait-queue.ts";

const BOUNCE_SIZE: usize = 4096;
const bounce = memory.data(4096, 8);

/** The host is the writer of this pipe. */
const input = new Pipe(new Attributes(PIPE_DEVICE, S_IFIFO | 0o600, 0, 0));
const outputAttributes = new Attributes(PIPE_DEVICE, S_IFIFO | 0o600, 0, 0);
const errorAttributes = new Attributes(PIPE_DEVICE, S_IFIFO | 0o600, 0, 0);
let isInputOver: bool = false;

/** At boot, when the clock is set. */
export function stampStandardStreams(): void {
  input.attributes!.stamp();
  outputAttributes.stamp();
  errorAttributes.stamp();
}

/** Bytes for standard input; how many there was room for. */
export function giveStandardInput(from: usize, length: usize): i32 {
  if (isInputOver || length == 0) return 0;
  const taken = input.put(UserBuffer.ofKernel(from, length), false, true);
  if (taken > 0) input.readable.wake();
  return <i32>max(taken, 0);
}

/** End of file after what was given. */
export function endStandardInput(): void {
  isInputOver = true;
  input.readable.wake();
}

/** Whether somebody sleeps until there is input. */
export function isStandardInputAwaited(): bool {
  return !input.readable.isEmpty;
}

/** At power-off: drops input that nobody read. */
export function dropStandardInput(): void {
  input.reset();
}

/** Standard stream 0, 1 or 2 with one reference. Preceded by admit(). */
export class StandardStream extends File {
  constructor(private readonly stream: i32) {
    super(stream == 0 ? O_RDONLY : O_WRONLY);
  }

  reopen(flags: i32): File | null {
    const file = new StandardStream(this.stream);
    file.flags = flags;
    return file;
  }

  read(self: Sleeper, buffer: UserBuffer): Outcome {
    if (buffer.left == 0) return 0;
    if (!input.isEmpty) return input.take(buffer);
    if (isInputOver) return 0;
    if (this.isNonBlocking) return -EAGAIN;
    input.readable.add(self);
    return BLOCKED;
  }

  write(self: Sleeper, buffer: UserBuffer): Outcome {
    let done: i64 = 0;
    while (buffer.left > 0) {
      const part = <usize>min(buffer.left, <u64>BOUNCE_SIZE);
      const moved = buffer.copyIn(bounce, part);
      if (moved > 0) consoleWrite(this.stream == 2 ? 2 : 1, bounce, moved);
      done += moved;
      if (moved < part) return done > 0 ? done : -EFAULT;
    }
    return done;
  }

  poll(self: Sleeper | null): u32 {
    let events: u32 = 0;
    if (this.isReadable) {
      if (!input.isEmpty) events |= POLLIN | POLLRDNORM;
      else if (isInputOver) events |= POLLHUP;
      if (self != null) input.readable.add(self);
    }
    if (this.isWritable) events |= POLLOUT | POLLWRNORM;
    return events;
  }

  ioctl(self: Sleeper, space: AddressSpace, request: u32, argument: u64): Outcome {
    if (request != FIONREAD || !this.isReadable) return -ENOTTY;
    return writeUser<i32>(space, argument, <i32>input.length) ? 0 : -EFAULT;
  }

  attributes(): Attributes | null {
    return this.stream == 0 ? input.attributes : this.stream == 1 ? outputAttributes : errorAttributes;
  }

  nameless(out: usize): usize {
    return bracketed(out, "pipe:[", this.attributes()!.inode);
  }
}
