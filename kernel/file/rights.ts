// SPDX-License-Identifier: MIT
// Open files on their way through a socket (SCM_RIGHTS, unix(7)). The message that carries them owns a reference to this list,
// which owns one to each file; whoever receives them installs them in a descriptor table.

import { MAX_RIGHTS } from "../lib/limits.ts";
import { allocBytes, freeBytes } from "../memory/heap.ts";
import { RefCounted } from "../memory/ref-counted.ts";
import { File } from "./file.ts";
import { enterFlight, leaveFlight, releaseLater } from "./in-flight.ts";


export class Rights extends RefCounted {
  count: i32 = 0;
  private isFlying: bool = false;
  private files: usize = allocBytes(<usize>MAX_RIGHTS << 2);
  /** The next one of the list in in-flight.ts. */
  nextReleased: Rights | null = null;

  /** Adds a file and takes a reference to it; false when the list is full. */
  add(file: File): bool {
    if (this.count == MAX_RIGHTS) return false;
    file.retain();
    store<usize>(this.files + (<usize>this.count << 2), changetype<usize>(file));
    this.count++;
    return true;
  }

  /** Borrowed. */
  get(index: i32): File {
    return changetype<File>(load<usize>(this.files + (<usize>index << 2)));
  }

  /** A message with it was queued. */
  takeOff(): void {
    this.isFlying = true;
    for (let i = 0; i < this.count; i++) enterFlight(this.get(i));
  }

  /** The message was received, or is dropped. */
  land(): void {
    if (!this.isFlying) return;
    this.isFlying = false;
    for (let i = 0; i < this.count; i++) leaveFlight(this.get(i));
  }

  /** Drops a reference. The files may be sockets with such lists in their queues, so the last one is dropped in a loop. */
  letGo(): void {
    if (this.refs > 1) this.release();
    else releaseLater(this);
  }

  destroy(): void {
    for (let i = 0; i < this.count; i++) this.get(i).release();
    freeBytes(this.files);
  }
}
