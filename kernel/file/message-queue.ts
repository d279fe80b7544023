// SPDX-License-Identifier: MIT
// The messages that wait in a socket for its reader, oldest first. It owns them, and counts their bytes and what they are charged
// to the sender.

import { ENOBUFS } from "../abi/errno.ts";
import { Outcome } from "../lib/outcome.ts";
import { admit } from "../memory/heap.ts";
import { UserBuffer } from "../memory/user-buffer.ts";
import { Rights } from "./rights.ts";
import { chargeFor, Message } from "./unix-message.ts";
import { UnixSocket } from "./unix-socket.ts";

export class MessageQueue {
  first: Message | null = null;
  /** Bytes not received yet; the reader counts them down. */
  bytes: u64 = 0;
  /** What all messages together count against the sender's SO_SNDBUF. */
  charge: u32 = 0;
  private last: Message | null = null;

  get isEmpty(): bool {
    return this.first == null;
  }

  /**
   * Queues `length` bytes of the claim as one message: 0, -EFAULT or -ENOBUFS. The files (borrowed) fly with it; struct ucred of
   * the sender stands at `sender`.
   */
  add(buffer: UserBuffer, length: usize, rights: Rights | null, sender: usize, isStream: bool): Outcome {
    if (!admit()) return -ENOBUFS;
    const message = new Message();
    const outcome = message.fill(buffer, length);
    if (outcome < 0) {
      message.drop();
      return outcome;
    }
    message.pid = load<i32>(sender);
    message.uid = load<u32>(sender, 4);
    message.gid = load<u32>(sender, 8);
    message.charge = chargeFor(<u32>length, isStream);
    if (rights != null && rights.count > 0) {
      rights.retain();
      rights.takeOff();
      message.rights = rights;
    }
    const last = this.last;
    if (last != null) last.next = message;
    else this.first = message;
    this.last = message;
    this.bytes += length;
    this.charge += message.charge;
    return 0;
  }

  dropFirst(): void {
    const message = this.first!;
    this.first = message.next;
    if (message.next == null) this.last = null;
    this.charge -= message.charge;
    message.drop();
  }

  /** Drops everything, with the files in it. */
  clear(): void {
    while (this.first != null) this.dropFirst();
    this.bytes = 0;
  }

  /** Calls back for each socket that some message carries, as often as it is there. */
  forEachFlying(callback: (socket: UnixSocket) => void): void {
    let message = this.first;
    while (message != null) {
      const rights = message.rights;
      if (rights != null) {
        for (let i = 0; i < rights.count; i++) {
          const file = rights.get(i);
          if (file.isSocket) callback(changetype<UnixSocket>(file));
        }
      }
      message = message.next;
    }
  }
}
