// SPDX-License-Identifier: MIT
// Advisory locks: record locks of a process (fcntl(2), F_SETLK), of an open file description (F_OFD_SETLK), and flock(2). All of
// them stand in one table, hashed by what is locked: an inode, or an open file that has none. A lock never outlives the open
// file it was made through, so the table owns nothing but its entries.

import { EAGAIN, EDEADLK, ENOLCK } from "../abi/errno.ts";
import { F_RDLCK, F_UNLCK } from "../abi/fcntl.ts";
import { MAX_LOCKS } from "../lib/limits.ts";
import { BLOCKED, Outcome } from "../lib/outcome.ts";
import { admit, free } from "../memory/heap.ts";
import { RefCounted } from "../memory/ref-counted.ts";
import { Sleeper, WaitQueue } from "./wait-queue.ts";

/** The end of a lock without one: the largest offset. */
export const LOCK_TO_END: i64 = i64.MAX_VALUE;

/** Processes in a cycle of waiting that is found (Linux's MAX_DEADLK_ITERATIONS). */
const LONGEST_CYCLE = 10;
const BUCKETS: usize = 64;
const table = memory.data(4 * 64, 4);
const changes = new WaitQueue();
/** Entries of the table. */
let locks: i32 = 0;

export class Lock {
  next: Lock | null = null;
  /** Borrowed. */
  target: RefCounted | null = null;
  /** flock(2) locks and record locks do not see each other. */
  isFlock: bool = false;
  /** Address of the descriptor table (process locks) or of the open file. */
  owner: usize = 0;
  /** As F_GETLK reports it: the process, or -1 for a lock of an open file description. */
  pid: i32 = 0;
  /** F_RDLCK, F_WRLCK or F_UNLCK. */
  type: i32 = 0;
  /** First and last byte. */
  start: i64 = 0;
  end: i64 = LOCK_TO_END;

  /** Made by F_SETLK: only those are searched for deadlocks. */
  get isProcessLock(): bool {
    return !this.isFlock && this.pid != -1;
  }

  private overlaps(other: Lock): bool {
    return this.target == other.target && this.isFlock == other.isFlock && this.start <= other.end && other.start <= this.end;
  }

  conflictsWith(other: Lock): bool {
    return this.owner != other.owner && this.overlaps(other) && !(this.type == F_RDLCK && other.type == F_RDLCK);
  }

  /** Same owner and target: the ranges overlap, or touch. */
  isOwnNeighbour(other: Lock): bool {
    if (this.owner != other.owner || this.target != other.target || this.isFlock != other.isFlock) return false;
    return (this.start <= other.end || this.start - 1 == other.end) && (other.start <= this.end || other.start - 1 == this.end);
  }
}

/** The lock that stands in the way of `wanted`, borrowed, or null. */
export function findConflict(wanted: Lock): Lock | null {
  let lock = bucket(wanted.target!);
  while (lock != null && !lock.conflictsWith(wanted)) lock = lock.next;
  return lock;
}

/**
 * Makes the bytes of `wanted` have its type for its owner: 0, or on a conflict -EAGAIN, or when the caller waits BLOCKED; -EDEADLK
 * when processes would wait for each other.
 */
export function setLock(self: Sleeper, wanted: Lock, waits: bool): Outcome {
  const conflict = findConflict(wanted);
  if (wanted.type != F_UNLCK && conflict != null) return waits ? wait(self, wanted, conflict) : -EAGAIN;
  if (!admit() || (wanted.type != F_UNLCK && locks >= MAX_LOCKS)) return -ENOLCK;
  replaceOwn(wanted);
  changes.wake();
  return 0;
}

function wait(self: Sleeper, wanted: Lock, conflict: Lock): Outcome {
  self.lockOwner = 0;
  if (wanted.isProcessLock) {
    if (wouldDeadlock(wanted.owner, conflict.owner)) return -EDEADLK;
    self.lockOwner = wanted.owner;
    self.lockHolder = conflict.owner;
  }
  changes.add(self);
  return BLOCKED;
}

/** Whether `holder` waits, through others or not, for `owner`. Everybody who waits stands on one queue. */
function wouldDeadlock(owner: usize, holder: usize): bool {
  for (let i = 0; i < LONGEST_CYCLE && holder != 0; i++) {
    holder = holderThatBlocks(holder);
    if (holder == owner) return true;
  }
  return false;
}

function holderThatBlocks(owner: usize): usize {
  let node = changes.first;
  while (node != null) {
    if (node.sleeper!.lockOwner == owner) return node.sleeper!.lockHolder;
    node = node.next;
  }
  return 0;
}

/**
 * Drops every lock of an owner on the target: when the process that uses a descriptor table closes a descriptor of it (fcntl(2)),
 * and when an open file goes, which owns its flock and OFD locks.
 */
export function releaseLocks(target: RefCounted, owner: usize): void {
  let lock = bucket(target);
  if (lock == null) return;
  let previous: Lock | null = null;
  while (lock != null) {
    const next: Lock | null = lock.next;
    if (lock.owner == owner && lock.target == target) unlink(previous, lock);
    else previous = lock;
    lock = next;
  }
  changes.wake();
}

/** Cuts the owner's old locks out of the wanted range, joins neighbours of the same type, and enters the rest. */
function replaceOwn(wanted: Lock): void {
  let start = wanted.start;
  let end = wanted.end;
  let previous: Lock | null = null;
  let lock = bucket(wanted.target!);
  while (lock != null) {
    const next: Lock | null = lock.next;
    if (!lock.isOwnNeighbour(wanted)) {
      previous = lock;
    } else if (lock.type == wanted.type) {
      start = min(start, lock.start);
      end = max(end, lock.end);
      unlink(previous, lock);
    } else {
      if (lock.start < wanted.start && lock.end > wanted.end) enter(lock, wanted.end + 1, lock.end);
      if (lock.start < wanted.start) {
        lock.end = min(lock.end, wanted.start - 1);
        previous = lock;
      } else if (lock.end > wanted.end) {
        lock.start = max(lock.start, wanted.end + 1);
        previous = lock;
      } else {
        unlink(previous, lock);
      }
    }
    lock = next;
  }
  if (wanted.type != F_UNLCK) enter(wanted, start, end);
}

/**
 * A lock like `model` with this range. F_GETLK reports the first one in the way, so their order shows: the owners as they came, each
 * owner's locks by where they start.
 */
function enter(model: Lock, start: i64, end: i64): void {
  locks++;
  const lock = new Lock();
  lock.target = model.target;
  lock.isFlock = model.isFlock;
  lock.owner = model.owner;
  lock.pid = model.pid;
  lock.type = model.type;
  lock.start = start;
  lock.end = end;
  let previous: Lock | null = null;
  let at = bucket(lock.target!);
  let isPastOwn = false;
  while (at != null) {
    const isOwn = at.owner == lock.owner && at.target == lock.target && at.isFlock == lock.isFlock;
    if (isOwn ? at.start > start : isPastOwn) break;
    isPastOwn = isPastOwn || isOwn;
    previous = at;
    at = at.next;
  }
  lock.next = at;
  if (previous != null) previous.next = lock;
  else setBucket(lock.target!, lock);
}

function unlink(previous: Lock | null, lock: Lock): void {
  if (previous != null) previous.next = lock.next;
  else setBucket(lock.target!, lock.next);
  locks--;
  free(lock);
}

function slotOf(target: RefCounted): usize {
  return table + (((changetype<usize>(target) >> 4) & (BUCKETS - 1)) << 2);
}

function bucket(target: RefCounted): Lock | null {
  return changetype<Lock | null>(load<usize>(slotOf(target)));
}

function setBucket(target: RefCounted, lock: Lock | null): void {
  store<usize>(slotOf(target), changetype<usize>(lock));
}
