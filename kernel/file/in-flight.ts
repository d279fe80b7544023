// SPDX-License-Identifier: MIT
// Files on their way through sockets: counts them, lets go of them one after the other, and finds the sockets that only the
// queues of each other refer to (sent over themselves, then closed), which nobody can ever receive (unix(7)).
//
// A socket in flight whose every reference is a flight is a candidate. A candidate with a flight that starts in the queue of
// something else is reachable, and so is what reachable candidates have in their queues. The queues of the others are emptied.

import { File } from "./file.ts";
import { Rights } from "./rights.ts";
import { UnixSocket } from "./unix-socket.ts";

/** Files in flight now, each time it is underway counted. */
export let filesInFlight: i32 = 0;

/** Sockets in flight, linked through nextInFlight (borrowed: their flights own them). */
let sockets: UnixSocket | null = null;
let socketCount: i32 = 0;
/** Sockets whose descriptors were closed since the last search. */
let closesSinceSearch: i32 = 0;
/** A search looks at every socket in flight, so among many it waits for this fraction of closes: a close stays cheap. */
const SEARCH_SHIFT = 6;
let pending: Rights | null = null;
let isReleasing: bool = false;

export function enterFlight(file: File): void {
  filesInFlight++;
  if (!file.isSocket) return;
  const socket = changetype<UnixSocket>(file);
  if (socket.flights++ > 0) return;
  socketCount++;
  const first = sockets;
  socket.nextInFlight = first;
  if (first != null) first.previousInFlight = socket;
  sockets = socket;
}

export function leaveFlight(file: File): void {
  filesInFlight--;
  if (!file.isSocket) return;
  const socket = changetype<UnixSocket>(file);
  if (--socket.flights > 0) return;
  socketCount--;
  const next = socket.nextInFlight;
  const previous = socket.previousInFlight;
  if (next != null) next.previousInFlight = previous;
  if (previous != null) previous.nextInFlight = next;
  else sockets = next;
  socket.nextInFlight = null;
  socket.previousInFlight = null;
}

/** Drops the last reference to a list that has landed. A chain of sockets in the queues of sockets is taken apart in a loop. */
export function releaseLater(rights: Rights): void {
  rights.nextReleased = pending;
  pending = rights;
  if (!isReleasing) releasePending();
}

/** A descriptor of a socket was closed: perhaps nobody can receive some of those in flight any more. */
export function socketClosed(): void {
  if (++closesSinceSearch > socketCount >> SEARCH_SHIFT) collectUnreachable();
}

/** Frees what nobody can receive any more. */
export function collectUnreachable(): void {
  if (sockets == null || isReleasing) return;
  closesSinceSearch = 0;
  let candidate = sockets;
  while (candidate != null) {
    candidate.isCandidate = candidate.refs == candidate.flights;
    candidate.flightsFromCandidates = 0;
    candidate = candidate.nextInFlight;
  }
  candidate = sockets;
  while (candidate != null) {
    if (candidate.isCandidate) candidate.queue.forEachFlying(countFlight);
    candidate = candidate.nextInFlight;
  }
  keepReachable();
  emptyTheRest();
}

function countFlight(socket: UnixSocket): void {
  socket.flightsFromCandidates++;
}

/** Sockets found reachable whose queues are still to be looked at, linked through nextReachable. */
let reachable: UnixSocket | null = null;

function markReachable(socket: UnixSocket): void {
  if (!socket.isCandidate) return;
  socket.isCandidate = false;
  socket.nextReachable = reachable;
  reachable = socket;
}

function keepReachable(): void {
  let socket = sockets;
  while (socket != null) {
    if (socket.flights > socket.flightsFromCandidates) markReachable(socket);
    socket = socket.nextInFlight;
  }
  while (reachable != null) {
    const next = reachable!;
    reachable = next.nextReachable;
    next.queue.forEachFlying(markReachable);
  }
}

/** Emptying a queue ends flights, so that the list changes: starts over after each one. The sockets go when all is done. */
function emptyTheRest(): void {
  isReleasing = true;
  let socket = sockets;
  while (socket != null) {
    if (socket.isCandidate && !socket.queue.isEmpty) {
      socket.queue.clear();
      socket = sockets;
    } else {
      socket = socket.nextInFlight;
    }
  }
  isReleasing = false;
  releasePending();
}

function releasePending(): void {
  isReleasing = true;
  while (pending != null) {
    const rights = pending!;
    pending = rights.nextReleased;
    rights.release();
  }
  isReleasing = false;
}
