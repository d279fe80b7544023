// SPDX-License-Identifier: MIT
// struct timespec and struct timeval between user memory and nanoseconds (timespec(3)).

import { EFAULT, EINVAL } from "../abi/errno.ts";
import { AddressSpace } from "../memory/address-space.ts";
import { copyIn, copyOut } from "../memory/user.ts";

const NS_PER_SECOND: i64 = 1_000_000_000;
/** Longer times count as this one: 292 years. */
const MOST_SECONDS: i64 = i64.MAX_VALUE / NS_PER_SECOND - 1;
const PAIR = memory.data(16, 8);

/** What readTimespec() or readTimeval() read, in ns. */
export let timespecNs: i64 = 0;

/** Reads a timespec >= 0 into timespecNs: 0, -EFAULT or -EINVAL. */
export function readTimespec(space: AddressSpace, address: u64): i64 {
  return readPair(space, address, NS_PER_SECOND);
}

/** Reads a timeval >= 0 into timespecNs: 0, -EFAULT or -EINVAL. */
export function readTimeval(space: AddressSpace, address: u64): i64 {
  return readPair(space, address, 1_000_000);
}

/** False at a fault. */
export function writeTimespec(space: AddressSpace, address: u64, ns: i64): bool {
  return writePair(space, address, ns, NS_PER_SECOND);
}

/** False at a fault. */
export function writeTimeval(space: AddressSpace, address: u64, ns: i64): bool {
  return writePair(space, address, ns, 1_000_000);
}

function readPair(space: AddressSpace, address: u64, perSecond: i64): i64 {
  if (copyIn(space, PAIR, address, 16) != 16) return -EFAULT;
  const seconds = load<i64>(PAIR);
  const fraction = load<i64>(PAIR, 8);
  if (seconds < 0 || fraction < 0 || fraction >= perSecond) return -EINVAL;
  timespecNs = min(seconds, MOST_SECONDS) * NS_PER_SECOND + fraction * (NS_PER_SECOND / perSecond);
  return 0;
}

function writePair(space: AddressSpace, address: u64, ns: i64, perSecond: i64): bool {
  store<i64>(PAIR, ns / NS_PER_SECOND);
  store<i64>(PAIR, (ns % NS_PER_SECOND) / (NS_PER_SECOND / perSecond), 8);
  return copyOut(space, address, PAIR, 16) == 16;
}
