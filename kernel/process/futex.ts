// SPDX-License-Identifier: MIT
// Who waits for a word of user memory (futex(2)). A private futex is known by its address space and address, a shared one by
// the frame behind it. A waiter is woken once and then told so; what a spurious wake or a signal does is the caller's.

import { WaitQueue } from "../file/wait-queue.ts";
import { AddressSpace } from "../memory/address-space.ts";
import { ACCESS_READ } from "../memory/translate.ts";
import { Task } from "./task.ts";

const BUCKETS = 64;
const buckets = new StaticArray<WaitQueue>(BUCKETS);
for (let i = 0; i < BUCKETS; i++) buckets[i] = new WaitQueue();

// The key that was computed last.
let keySpace: usize = 0;
let keyAddress: u64 = 0;

/** Puts the task on the queue of a futex; false when the address cannot be read. */
export function waitForFutex(self: Task, address: u64, isShared: bool, bits: u32): bool {
  if (!computeKey(self.space, address, isShared)) return false;
  self.futexSpace = keySpace;
  self.futexAddress = keyAddress;
  self.futexBits = bits;
  self.wasFutexWoken = false;
  bucket().add(self);
  return true;
}

/** Wakes up to `count` waiters that share a bit with `bits`, first come first; how many, or -1 when the address cannot be read. */
export function wakeFutex(space: AddressSpace, address: u64, isShared: bool, count: i32, bits: u32): i32 {
  if (!computeKey(space, address, isShared)) return -1;
  let woken = 0;
  let node = bucket().head;
  while (node != null && woken < count) {
    const task = changetype<Task>(node.sleeper!);
    node = node.next;
    if (task.futexSpace != keySpace || task.futexAddress != keyAddress || (task.futexBits & bits) == 0) continue;
    task.wasFutexWoken = true;
    task.wake();
    woken++;
  }
  return woken;
}

/** Moves up to `count` waiters of one futex to another; how many, or -1 when an address cannot be read. */
export function requeueFutex(space: AddressSpace, address: u64, target: u64, isShared: bool, count: i32): i32 {
  if (!computeKey(space, target, isShared)) return -1;
  const targetSpace = keySpace;
  const targetAddress = keyAddress;
  const targetQueue = bucket();
  if (!computeKey(space, address, isShared)) return -1;
  const from = bucket();
  if (targetSpace == keySpace && targetAddress == keyAddress) return 0;
  let moved = 0;
  let node = from.head;
  while (node != null && moved < count) {
    const task = changetype<Task>(node.sleeper!);
    node = node.next;
    if (task.futexSpace != keySpace || task.futexAddress != keyAddress) continue;
    task.leaveQueues();
    task.futexSpace = targetSpace;
    task.futexAddress = targetAddress;
    targetQueue.add(task);
    moved++;
  }
  return moved;
}

function computeKey(space: AddressSpace, address: u64, isShared: bool): bool {
  keySpace = changetype<usize>(space);
  keyAddress = address;
  if (!isShared) return true;
  const frame = space.translate(address, ACCESS_READ);
  if (frame == 0) return false;
  // A private page that fork still shares has one frame but two futexes.
  const area = space.areaAt(address);
  if (area == null || !area.isShared) return true;
  keySpace = frame;
  keyAddress = address & 4095;
  return true;
}

function bucket(): WaitQueue {
  return buckets[<i32>((keySpace >> 4) ^ <usize>(keyAddress >> 2)) & (BUCKETS - 1)];
}
