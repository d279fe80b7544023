// SPDX-License-Identifier: MIT
// eventfd(2): a counter that is read and written like a file, eight bytes at a time.

import { EAGAIN, EFAULT, EINVAL } from "../abi/errno.ts";
import { POLLIN, POLLOUT } from "../abi/poll.ts";
import { BLOCKED, Outcome } from "../lib/outcome.ts";
import { UserBuffer } from "../memory/user-buffer.ts";
import { AnonInodeFile } from "./anon-inode.ts";
import { Sleeper, WaitQueue } from "./wait-queue.ts";

const LARGEST: u64 = 0xfffffffffffffffe;
const VALUE_SIZE: usize = 8;
const value = memory.data(8, 8);

export class EventFile extends AnonInodeFile {
  private readable: WaitQueue = new WaitQueue();
  private writable: WaitQueue = new WaitQueue();

  /** `isSemaphore`: each read takes 1 and not everything. */
  constructor(
    flags: i32,
    private count: u64,
    private isSemaphore: bool,
  ) {
    super(flags);
  }

  protected get label(): string {
    return "[eventfd]";
  }

  read(self: Sleeper, buffer: UserBuffer): Outcome {
    if (buffer.left < VALUE_SIZE) return -EINVAL;
    if (this.count == 0) return this.wait(self, this.readable);
    const taken = this.isSemaphore ? 1 : this.count;
    this.count -= taken;
    this.writable.wake();
    store<u64>(value, taken);
    return buffer.copyOut(value, VALUE_SIZE) == VALUE_SIZE ? <i64>VALUE_SIZE : -EFAULT;
  }

  write(self: Sleeper, buffer: UserBuffer): Outcome {
    if (buffer.left < VALUE_SIZE) return -EINVAL;
    if (buffer.copyIn(value, VALUE_SIZE) != VALUE_SIZE) return -EFAULT;
    const added = load<u64>(value);
    if (added > LARGEST) return -EINVAL;
    if (added > LARGEST - this.count) return this.wait(self, this.writable);
    this.count += added;
    this.readable.wake();
    return VALUE_SIZE;
  }

  poll(self: Sleeper | null): u32 {
    if (self != null) {
      this.readable.add(self);
      this.writable.add(self);
    }
    return (this.count > 0 ? POLLIN : 0) | (this.count < LARGEST ? POLLOUT : 0);
  }

  destroy(): void {
    this.readable.close();
    this.writable.close();
    super.destroy();
  }

  private wait(self: Sleeper, queue: WaitQueue): Outcome {
    if (this.isNonBlocking) return -EAGAIN;
    queue.add(self);
    return BLOCKED;
  }
}
