// SPDX-License-Identifier: MIT
// The frame that a signal handler runs on, exactly as Linux lays it out for riscv64, and the way back (sigreturn(2)). The
// handler returns to SIGRETURN_TRAMPOLINE, which makes the rt_sigreturn call. All addresses are claims: a frame that cannot be
// written or read is the caller's SIGSEGV.
//
//   sp + 0     siginfo        128 bytes
//      + 128   ucontext       uc_flags u64, uc_link u64, uc_stack {sp u64, flags i32, padding, size u64}
//      + 168     uc_sigmask   u64, then 120 unused bytes (room for 1024 signals)
//      + 304     mcontext     pc, x1 .. x31 (256 bytes)
//      + 560                  f0 .. f31, fcsr u32; the rest of a union of 528 bytes, zero (no extension contexts)
//      + 1088  ---- end, 16-byte aligned

import { SS_AUTODISARM, SS_DISABLE, SS_ONSTACK } from "../abi/signal.ts";
import {
  clearReservation, F_OFFSET, FCSR_OFFSET, readPc, readX, REGISTERS, writeFcsr, writePc, writeX, X_OFFSET,
} from "../cpu/registers.ts";
import { copyIn, copyOut } from "../memory/user.ts";
import { SIGRETURN_TRAMPOLINE } from "./layout.ts";
import { SIGINFO_KEPT, SignalInfo } from "./signal-info.ts";
import { UNBLOCKABLE } from "./signal.ts";
import { Task } from "./task.ts";


const FRAME_SIZE: usize = 1088;
const UCONTEXT: usize = 128;
const UC_STACK: usize = UCONTEXT + 16;
const UC_SIGMASK: usize = UCONTEXT + 40;
const MCONTEXT: usize = UCONTEXT + 176;
const FP_STATE: usize = MCONTEXT + 256;
const RA = 1;
const SP = 2;
const A0 = 10;

const frame = memory.data(1088, 16);

/** Writes the frame and turns the registers to the handler; false when the stack cannot take it. */
export function pushSignalFrame(self: Task, info: SignalInfo, handler: u64, useAltStack: bool, mask: u64): bool {
  const sp = readX(SP);
  const top = useAltStack && self.altStackFlags != SS_DISABLE && !isOnAltStack(self, sp) ? self.altStack + self.altStackSize : sp;
  const at = (top - FRAME_SIZE) & ~15;
  // Running off the alternate stack must not hit what lies below it.
  if (isOnAltStack(self, top) && !isOnAltStack(self, at)) return false;

  memory.fill(frame, 0, FRAME_SIZE);
  memory.copy(frame, info.bytes, SIGINFO_KEPT);
  storeStack(self, frame + UC_STACK, sp);
  store<u64>(frame, mask, UC_SIGMASK);
  memory.copy(frame + MCONTEXT, REGISTERS + X_OFFSET, 256);
  store<u64>(frame, readPc(), MCONTEXT);
  memory.copy(frame + FP_STATE, REGISTERS + F_OFFSET, 256);
  store<u32>(frame + FP_STATE, load<u32>(REGISTERS, FCSR_OFFSET), 256);
  if (copyOut(self.space, at, frame, FRAME_SIZE) != FRAME_SIZE) return false;

  if ((self.altStackFlags & <u32>SS_AUTODISARM) != 0 && useAltStack) disableAltStack(self);
  writeX(RA, SIGRETURN_TRAMPOLINE);
  writeX(SP, at);
  writeX(A0, <u64>info.signo);
  writeX(A0 + 1, at);
  writeX(A0 + 2, at + UCONTEXT);
  writePc(handler);
  clearReservation();
  return true;
}

/** rt_sigreturn: puts back registers, mask and alternate stack from the frame that sp points at; false when it is unreadable. */
export function popSignalFrame(self: Task): bool {
  if (copyIn(self.space, frame, readX(SP), FRAME_SIZE) != FRAME_SIZE) return false;
  self.blocked = load<u64>(frame, UC_SIGMASK) & ~UNBLOCKABLE;
  memory.copy(REGISTERS + X_OFFSET + 8, frame + MCONTEXT + 8, 248);
  writePc(load<u64>(frame, MCONTEXT));
  memory.copy(REGISTERS + F_OFFSET, frame + FP_STATE, 256);
  writeFcsr(load<u32>(frame + FP_STATE, 256));
  setAltStack(self, frame + UC_STACK, readX(SP));
  clearReservation();
  return true;
}

/** Writes the alternate stack as a stack_t of 24 bytes, as a thread with this stack pointer sees it. */
export function storeStack(self: Task, at: usize, sp: u64): void {
  store<u64>(at, self.altStack);
  const autodisarm = self.altStackFlags & <u32>SS_AUTODISARM;
  const state: u32 = self.altStackSize == 0 ? SS_DISABLE : isOnAltStack(self, sp) ? SS_ONSTACK : 0;
  store<u32>(at, state | autodisarm, 8);
  store<u32>(at, 0, 12);
  store<u64>(at, self.altStackSize, 16);
}

/** What sigaltstack(2) refuses, sigreturn ignores. */
function setAltStack(self: Task, at: usize, sp: u64): void {
  const flags = load<u32>(at, 8);
  if (isOnAltStack(self, sp)) return;
  if ((flags & ~<u32>SS_AUTODISARM) == SS_DISABLE) {
    disableAltStack(self);
    return;
  }
  self.altStack = load<u64>(at);
  self.altStackSize = load<u64>(at, 16);
  self.altStackFlags = flags & <u32>SS_AUTODISARM;
}

export function disableAltStack(self: Task): void {
  self.altStack = 0;
  self.altStackSize = 0;
  self.altStackFlags = SS_DISABLE;
}

/** Whether a thread with this stack pointer runs on its alternate stack. One that disarms itself is never in use. */
export function isOnAltStack(self: Task, sp: u64): bool {
  if ((self.altStackFlags & <u32>SS_AUTODISARM) != 0) return false;
  return sp > self.altStack && sp - self.altStack <= self.altStackSize;
}
