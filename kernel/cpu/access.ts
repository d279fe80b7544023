// SPDX-License-Identifier: MIT
// Guest memory accesses that the hart's fast path leaves: TLB misses, misaligned ones, ones across two pages. Each is all or nothing:
// a store changes no byte when any of its pages refuses.

import { dropCode } from "../memory/code-cache.ts";
import { PAGE_OFFSET_MASK, PAGE_SIZE } from "../memory/frames.ts";
import { addendOf, fillRead, fillWrite, isMapped, READ_TLB, TLB_PAGE, WRITE_TLB } from "../memory/tlb.ts";
import { ACCESS_READ, ACCESS_WRITE, translate } from "../memory/translate.ts";

/** What loadGuest read, zero-extended; for the instruction at hand. */
// @ts-ignore: decorator
@derived
export let loaded: u64 = 0;

/** Reads `size` bytes (1, 2, 4 or 8) into `loaded`; false with the fault set. */
export function loadGuest(va: u64, size: u32): bool {
  const first = readable(va);
  if (first == 0) return false;
  const within = bytesInPage(va);
  if (size <= within) {
    loaded = loadBytes(first, size);
    return true;
  }
  const second = readable(va + within);
  if (second == 0) return false;
  loaded = loadSplit(first, within, second, size);
  return true;
}

/** Writes the low `size` bytes of `value`; false with the fault set and nothing written. */
export function storeGuest(va: u64, size: u32, value: u64): bool {
  const first = writable(va);
  if (first == 0) return false;
  const within = bytesInPage(va);
  if (size <= within) {
    storeBytes(first, size, value);
    return true;
  }
  const second = writable(va + within);
  if (second == 0) return false;
  for (let i: u32 = 0; i < size; i++) {
    store<u8>(i < within ? first + i : second + (i - within), <u8>(value >> (i << 3)));
  }
  return true;
}

/** The linear-memory address behind va for reading, or 0 with the fault set. */
export function readable(va: u64): usize {
  if (!isMapped(READ_TLB, va)) {
    const frame = translate(va, ACCESS_READ);
    if (frame == 0) return 0;
    fillRead(va, frame);
  }
  return <usize>((<u32>va) + addendOf(READ_TLB, va));
}

/** The linear-memory address behind va for writing, or 0 with the fault set. Code decoded from there is dropped. */
export function writable(va: u64): usize {
  if (!isMapped(WRITE_TLB, va)) {
    const frame = translate(va, ACCESS_WRITE);
    if (frame == 0) return 0;
    dropCode(frame);
    fillWrite(va, frame);
  }
  return <usize>((<u32>va) + addendOf(WRITE_TLB, va));
}

function bytesInPage(va: u64): u32 {
  return <u32>(PAGE_SIZE - <usize>(va & PAGE_OFFSET_MASK));
}

function loadBytes(at: usize, size: u32): u64 {
  switch (size) {
    case 1: return load<u8>(at);
    case 2: return load<u16>(at);
    case 4: return load<u32>(at);
    default: return load<u64>(at);
  }
}

function loadSplit(first: usize, within: u32, second: usize, size: u32): u64 {
  let value: u64 = 0;
  for (let i: u32 = 0; i < size; i++) {
    value |= <u64>load<u8>(i < within ? first + i : second + (i - within)) << (i << 3);
  }
  return value;
}

function storeBytes(at: usize, size: u32, value: u64): void {
  switch (size) {
    case 1: store<u8>(at, <u8>value); break;
    case 2: store<u16>(at, <u16>value); break;
    case 4: store<u32>(at, <u32>value); break;
    default: store<u64>(at, value); break;
  }
}
