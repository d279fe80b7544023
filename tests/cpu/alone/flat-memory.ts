// SPDX-License-Identifier: MIT
// AssemblyScript. Stands in for kernel/memory/translate.ts: one table of 2^14 pages from address 0 on, filled by the test.

import { SEGV_ACCERR, SEGV_MAPERR, SIGSEGV } from "../abi/signal.ts";
import { allocFrame, PAGE_SIZE } from "./frames.ts";
import { flushTlbPage } from "./tlb.ts";

export const ACCESS_READ = 0;
export const ACCESS_WRITE = 1;
export const ACCESS_EXEC = 2;

export let faultSignal: i32 = 0;
export let faultCode: i32 = 0;
export let faultAddress: u64 = 0;

const PAGES: u64 = 1 << 14;
const table: usize = memory.data(4 << 14, 4);

export function setFault(signal: i32, code: i32, address: u64): void {
  faultSignal = signal;
  faultCode = code;
  faultAddress = address;
}

/** Maps a page: rights are bits 1 << ACCESS_*; frame 0 takes a fresh one. Returns the frame. */
export function map(va: u64, rights: u32, frame: usize): usize {
  if (frame == 0) {
    frame = allocFrame();
    memory.fill(frame, 0, PAGE_SIZE);
  }
  store<u32>(entry(va), <u32>frame | rights);
  flushTlbPage(va);
  return frame;
}

export function protect(va: u64, rights: u32): void {
  store<u32>(entry(va), (load<u32>(entry(va)) & ~7) | rights);
  flushTlbPage(va);
}

export function unmap(va: u64): void {
  store<u32>(entry(va), 0);
  flushTlbPage(va);
}

export function translate(va: u64, access: i32): usize {
  const found = va >> 12 < PAGES ? load<u32>(entry(va)) : 0;
  if (found == 0) {
    setFault(SIGSEGV, SEGV_MAPERR, va);
    return 0;
  }
  if ((found & (1 << access)) == 0) {
    setFault(SIGSEGV, SEGV_ACCERR, va);
    return 0;
  }
  return <usize>found & ~4095;
}

function entry(va: u64): usize {
  return table + (<usize>(va >> 12) << 2);
}
