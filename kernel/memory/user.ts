// SPDX-License-Identifier: MIT
// Moving bytes between kernel and user memory. A user address is only a claim until it is translated, page by page, with the
// rights of the mapping (a kernel copy faults pages in exactly as the program's own access would).

import { E2BIG, EFAULT, ENAMETOOLONG } from "../abi/errno.ts";
import { spendBytes } from "../lib/effort.ts";
import { AddressSpace } from "./address-space.ts";
import { dropCode, frameTag } from "./code-cache.ts";
import { PAGE_OFFSET_MASK, PAGE_SIZE } from "./frames.ts";
import { USER_END } from "./page-table.ts";
import { ACCESS_READ, ACCESS_WRITE } from "./translate.ts";

/** Whether the range lies in the user half, mapped or not (Linux's access_ok). */
export function isUserRange(address: u64, length: u64): bool {
  return address <= USER_END && length <= USER_END - address;
}

/** Copies user memory to `to`; how many bytes came before a fault (`length` when all is well). */
export function copyIn(space: AddressSpace, to: usize, from: u64, length: usize): usize {
  let done: usize = 0;
  while (done < length) {
    const page = space.translate(from, ACCESS_READ);
    if (page == 0) break;
    const offset = <usize>(from & PAGE_OFFSET_MASK);
    const part = min(length - done, PAGE_SIZE - offset);
    memory.copy(to + done, page + offset, part);
    spendBytes(part);
    done += part;
    from += part;
  }
  return done;
}

/** Copies kernel memory to user memory; how many bytes went before a fault (`length` when all is well). */
export function copyOut(space: AddressSpace, to: u64, from: usize, length: usize): usize {
  let done: usize = 0;
  while (done < length) {
    const page = space.translate(to, ACCESS_WRITE);
    if (page == 0) break;
    const offset = <usize>(to & PAGE_OFFSET_MASK);
    const part = min(length - done, PAGE_SIZE - offset);
    if (frameTag(page) != 0) dropCode(page);
    memory.copy(page + offset, from + done, part);
    spendBytes(part);
    done += part;
    to += part;
  }
  return done;
}

/** Stores one integer in user memory; false is EFAULT. */
export function writeUser<T>(space: AddressSpace, address: u64, value: T): bool {
  store<T>(WORD, value);
  return copyOut(space, address, WORD, sizeof<T>()) == sizeof<T>();
}

/** Zeroes user memory; false at a fault. */
export function clearUser(space: AddressSpace, address: u64, length: u64): bool {
  while (length > 0) {
    const page = space.translate(address, ACCESS_WRITE);
    if (page == 0) return false;
    const offset = <usize>(address & PAGE_OFFSET_MASK);
    const part = <usize>min(length, <u64>(PAGE_SIZE - offset));
    memory.fill(page + offset, 0, part);
    spendBytes(part);
    address += part;
    length -= part;
  }
  return true;
}

/**
 * Copies a NUL-terminated string with its NUL into `max` bytes at `to`. Its length without the NUL, -EFAULT, or -ENAMETOOLONG
 * when there is no NUL within `max` bytes.
 */
export function copyInString(space: AddressSpace, to: usize, from: u64, max: usize): i32 {
  let done: usize = 0;
  while (done < max) {
    const page = space.translate(from, ACCESS_READ);
    if (page == 0) return -EFAULT;
    const offset = <usize>(from & PAGE_OFFSET_MASK);
    const part = min(max - done, PAGE_SIZE - offset);
    for (let i: usize = 0; i < part; i++) {
      const byte = load<u8>(page + offset + i);
      store<u8>(to + done + i, byte);
      if (byte == 0) return <i32>(done + i);
    }
    done += part;
    from += part;
  }
  return -ENAMETOOLONG;
}

/**
 * Copies an extensible struct of `size` user bytes into `known` bytes at `to` (copy_struct_from_user): what the caller does not
 * give is zero; bytes that the kernel does not know must be zero. 0, -EFAULT or -E2BIG.
 */
export function copyInStruct(space: AddressSpace, to: usize, known: usize, from: u64, size: usize): i32 {
  if (size < known) memory.fill(to + size, 0, known - size);
  // The tail is looked at first, as Linux does.
  for (let at = known; at < size; at++) {
    if (copyIn(space, WORD, from + at, 1) != 1) return -EFAULT;
    if (load<u8>(WORD) != 0) return -E2BIG;
  }
  const length = min(size, known);
  return copyIn(space, to, from, length) == length ? 0 : -EFAULT;
}

const WORD = memory.data(8, 8);
