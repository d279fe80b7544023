// SPDX-License-Identifier: MIT
// The stack that a new program starts with: strings, pointers to them, and the auxiliary vector (ABI: riscv-elf-psabi-doc, process
// initialization; order of strings as Linux has it). Built in the new address space while the old one still exists.
//
//   sp -> argc | argv[0..argc-1] 0 | envp[..] 0 | auxv | padding | 16 random bytes | argv strings | envp strings | file name | 0 (8)

import { E2BIG, EFAULT, ENOMEM } from "../abi/errno.ts";
import { MAP_ANONYMOUS, MAP_GROWSDOWN, MAP_PRIVATE } from "../abi/mman.ts";
import { LEAST_ARGUMENTS, MAX_ARGUMENT, MAX_ARGUMENTS } from "../lib/limits.ts";
import { Outcome } from "../lib/outcome.ts";
import { randomBytes } from "../lib/random.ts";
import { AddressSpace } from "../memory/address-space.ts";
import { PAGE_OFFSET_MASK, PAGE_SIZE } from "../memory/frames.ts";
import { mapPages, PLACE_FIXED } from "../memory/mappings.ts";
import { ACCESS_READ } from "../memory/translate.ts";
import { copyIn, copyOut, writeUser } from "../memory/user.ts";
import { INITIAL_STACK, LEAST_STACK_GAP, MOST_STACK_GAP, STACK_TOP } from "./layout.ts";

const RANDOM_BYTES: usize = 16;

let space: AddressSpace | null = null;
let pointer: u64 = 0;
let room: u64 = 0;
/** Addresses found on the way, for /proc and the pointer arrays. */
let argumentsStart: u64 = 0;
let environmentStart: u64 = 0;
let fileName: u64 = 0;

/** Maps the stack into a new space; 0 or -ENOMEM. `limit`: RLIMIT_STACK in bytes. */
export function beginStack(newSpace: AddressSpace, limit: u64, protection: i32): Outcome {
  space = newSpace;
  newSpace.stackLimit = limit;
  newSpace.mapTop = (STACK_TOP - min(max(limit, LEAST_STACK_GAP), MOST_STACK_GAP)) & ~PAGE_OFFSET_MASK;
  const flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_GROWSDOWN;
  const start = STACK_TOP - INITIAL_STACK;
  const outcome = mapPages(newSpace, start, INITIAL_STACK, PLACE_FIXED, protection, flags, null, 0);
  pointer = STACK_TOP - 8;
  room = min(max(limit / 4, LEAST_ARGUMENTS), MAX_ARGUMENTS);
  return outcome < 0 ? outcome : 0;
}

/** Reserves the room of the pointer arrays (each string also costs a pointer). */
export function reservePointers(count: u64): Outcome {
  if (count * 8 > room) return -E2BIG;
  room -= count * 8;
  return 0;
}

/** Pushes the file name (AT_EXECFN), `length` bytes of kernel memory. */
export function pushFileName(bytes: usize, length: usize): Outcome {
  const outcome = pushKernelString(bytes, length);
  fileName = pointer;
  environmentStart = pointer;
  argumentsStart = pointer;
  return outcome;
}

/** Pushes one kernel string with a NUL below everything so far. */
export function pushKernelString(bytes: usize, length: usize): Outcome {
  const size = <u64>length + 1;
  if (size > room) return -E2BIG;
  room -= size;
  pointer -= size;
  if (copyOut(space!, pointer, bytes, length) != length || !writeUser<u8>(space!, pointer + length, 0)) return -ENOMEM;
  argumentsStart = pointer;
  return 0;
}

/** Pushes the strings that `count` pointers at `array` in the old space point to, the last one first. */
export function pushUserStrings(old: AddressSpace, array: u64, count: i32): Outcome {
  for (let i = count - 1; i >= 0; i--) {
    if (copyIn(old, WORD, array + (<u64>i << 3), 8) != 8) return -EFAULT;
    const outcome = pushUserString(old, load<u64>(WORD));
    if (outcome < 0) return outcome;
  }
  return 0;
}

/** Takes the first argument, the lowest string, off again; a script's interpreter takes its place. */
export function dropFirstArgument(): Outcome {
  const length = stringLength(space!, pointer);
  if (length < 0) return length;
  pointer += <u64>length + 1;
  argumentsStart = pointer;
  return 0;
}

/** What was pushed so far is the environment; arguments come next. */
export function environmentDone(): void {
  environmentStart = pointer;
}

function pushUserString(old: AddressSpace, address: u64): Outcome {
  const length = stringLength(old, address);
  if (length < 0) return length;
  const size = <u64>length + 1;
  if (size > room) return -E2BIG;
  room -= size;
  pointer -= size;
  argumentsStart = pointer;
  for (let done: u64 = 0; done < size; ) {
    const page = old.translate(address + done, ACCESS_READ);
    if (page == 0) return -EFAULT;
    const offset = <usize>((address + done) & PAGE_OFFSET_MASK);
    const part = <usize>min(size - done, <u64>(PAGE_SIZE - offset));
    if (copyOut(space!, pointer + done, page + offset, part) != part) return -ENOMEM;
    done += part;
  }
  return 0;
}

function stringLength(old: AddressSpace, address: u64): Outcome {
  let length: u64 = 0;
  while (length < MAX_ARGUMENT) {
    const page = old.translate(address + length, ACCESS_READ);
    if (page == 0) return -EFAULT;
    for (let at = page + <usize>((address + length) & PAGE_OFFSET_MASK); at < page + PAGE_SIZE; at++, length++) {
      if (load<u8>(at) == 0) return length < MAX_ARGUMENT ? <i64>length : -E2BIG;
    }
  }
  return -E2BIG;
}

/** How many pointers a NULL-terminated user array has; 0 for a NULL array; -EFAULT, -E2BIG. */
export function countPointers(old: AddressSpace, array: u64): Outcome {
  if (array == 0) return 0;
  for (let count: i64 = 0; count < <i64>(MAX_ARGUMENTS / 8); count++) {
    if (copyIn(old, WORD, array + (<u64>count << 3), 8) != 8) return -EFAULT;
    if (load<u64>(WORD) == 0) return count;
  }
  return -E2BIG;
}

/** The auxiliary vector as (type, value) pairs in kernel memory, written by exec. */
export const AUXILIARY: usize = memory.data(16 * 24, 8);
let auxiliaryCount: i32 = 0;

export function clearAuxiliary(): void {
  auxiliaryCount = 0;
}

export function addAuxiliary(type: u64, value: u64): void {
  const at = AUXILIARY + (<usize>auxiliaryCount << 4);
  store<u64>(at, type);
  store<u64>(at, value, 8);
  auxiliaryCount++;
}

/** Address of the file name string (AT_EXECFN) in the new space. */
export function fileNameAddress(): u64 {
  return fileName;
}

/** Pushes 16 random bytes (AT_RANDOM) below the strings and returns their address. */
export function pushRandom(): u64 {
  randomBytes(WORD, RANDOM_BYTES);
  pointer = (pointer & ~15) - RANDOM_BYTES;
  copyOut(space!, pointer, WORD, RANDOM_BYTES);
  return pointer;
}

/** Writes vector, pointers and argc; the stack pointer to start with, or -ENOMEM. The auxiliary vector is complete but for its end. */
export function finishStack(argumentCount: i32, environmentCount: i32): Outcome {
  addAuxiliary(0, 0);
  const stack = space!;
  const words = 1 + argumentCount + 1 + environmentCount + 1 + 2 * auxiliaryCount;
  const sp = (pointer - (<u64>words << 3)) & ~15;
  stack.argumentsStart = argumentsStart;
  stack.argumentsEnd = environmentStart;
  stack.environmentStart = environmentStart;
  stack.environmentEnd = fileName;
  stack.stackStart = sp;
  if (!writeUser<u64>(stack, sp, argumentCount)) return -ENOMEM;
  let at = sp + 8;
  if (!writePointers(at, argumentsStart, argumentCount)) return -ENOMEM;
  at += <u64>(argumentCount + 1) << 3;
  if (!writePointers(at, environmentStart, environmentCount)) return -ENOMEM;
  at += <u64>(environmentCount + 1) << 3;
  const size = <usize>auxiliaryCount << 4;
  stack.auxiliaryStart = at;
  stack.auxiliaryEnd = at + size;
  if (copyOut(stack, at, AUXILIARY, size) != size) return -ENOMEM;
  space = null;
  return <i64>sp;
}

/** Writes pointers to `count` consecutive strings, and a NULL. */
function writePointers(at: u64, strings: u64, count: i32): bool {
  const stack = space!;
  let string = strings;
  for (let i = 0; i < count; i++) {
    if (!writeUser<u64>(stack, at + (<u64>i << 3), string)) return false;
    const length = stringLength(stack, string);
    if (length < 0) return false;
    string += <u64>length + 1;
  }
  return writeUser<u64>(stack, at + (<u64>count << 3), 0);
}

const WORD = memory.data(16, 8);
