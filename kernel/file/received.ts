// SPDX-License-Identifier: MIT
// What a receive on a socket finds besides bytes: files, the sender, whether a packet was cut. The socket fills it in, the system
// call that received takes it (one at a time: handlers are atomic).

import { Rights } from "./rights.ts";
import { Message } from "./unix-message.ts";

export class Received {
  /** Owned by who takes it, or null. */
  rights: Rights | null = null;
  hasSender: bool = false;
  pid: i32 = 0;
  uid: u32 = 0;
  gid: u32 = 0;
  /** A datagram was longer than the claim. */
  isTruncated: bool = false;

  clear(): void {
    this.rights = null;
    this.hasSender = false;
    this.isTruncated = false;
  }

  isFrom(message: Message): bool {
    return this.pid == message.pid && this.uid == message.uid && this.gid == message.gid;
  }

  noteSender(message: Message): void {
    if (this.hasSender) return;
    this.hasSender = true;
    this.pid = message.pid;
    this.uid = message.uid;
    this.gid = message.gid;
  }
}

export const received = new Received();
