// SPDX-License-Identifier: MIT
// From a user address to its frame, for the address space that runs now; and why the last translation failed.

import { SIGKILL } from "../abi/signal.ts";
import { AddressSpace } from "./address-space.ts";
import { flushTlb } from "./tlb.ts";

export const ACCESS_READ = 0;
export const ACCESS_WRITE = 1;
export const ACCESS_EXEC = 2;

/** si_signo, si_code and si_addr of the last failed translation; SIGKILL when memory is exhausted. */
export let faultSignal: i32 = 0;
export let faultCode: i32 = 0;
export let faultAddress: u64 = 0;

let current: AddressSpace | null = null;

export function setFault(signal: i32, code: i32, address: u64): void {
  faultSignal = signal;
  faultCode = code;
  faultAddress = address;
}

/** No frame was left for the page. */
export function setOutOfMemory(address: u64): void {
  isOutOfMemory = true;
  setFault(SIGKILL, 0, address);
}

/** Whether a translation has failed for lack of memory since clearOutOfMemory(). */
export let isOutOfMemory: bool = false;

export function clearOutOfMemory(): void {
  isOutOfMemory = false;
}

/** The address space that the hart's accesses go to (borrowed), or null. */
export function currentSpace(): AddressSpace | null {
  return current;
}

export function setCurrentSpace(space: AddressSpace | null): void {
  if (space == current) return;
  current = space;
  flushTlb();
}

/** The address of the frame behind the page of `va`, faulting it in; 0 with the fault set. */
export function translate(va: u64, access: i32): usize {
  return current!.translate(va, access);
}
