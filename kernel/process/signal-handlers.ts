// SPDX-License-Identifier: MIT
// The signal dispositions of a process (sigaction(2)): a table that threads, and processes cloned with CLONE_SIGHAND, share.

import { allocBytes, freeBytes } from "../memory/heap.ts";
import { RefCounted } from "../memory/ref-counted.ts";
import { signalBit } from "./pending-signals.ts";

export const NSIG = 64;
export const SIG_DFL: u64 = 0;
export const SIG_IGN: u64 = 1;
/** struct sigaction of riscv64: handler, flags, mask (there is no sa_restorer). */
export const ACTION_SIZE: usize = 24;

export class SignalHandlers extends RefCounted {
  /** Signals set to SIG_IGN. */
  ignored: u64 = 0;
  /** Signals with a handler. */
  handled: u64 = 0;
  private table: usize = allocBytes(<usize>NSIG * ACTION_SIZE);

  copy(): SignalHandlers {
    const to = new SignalHandlers();
    memory.copy(to.table, this.table, <usize>NSIG * ACTION_SIZE);
    to.ignored = this.ignored;
    to.handled = this.handled;
    return to;
  }

  /** Address of the signal's struct sigaction. */
  action(signo: i32): usize {
    return this.table + <usize>(signo - 1) * ACTION_SIZE;
  }

  handler(signo: i32): u64 {
    return load<u64>(this.action(signo));
  }

  flags(signo: i32): u32 {
    return <u32>load<u64>(this.action(signo), 8);
  }

  mask(signo: i32): u64 {
    return load<u64>(this.action(signo), 16);
  }

  set(signo: i32, handler: u64, flags: u64, mask: u64): void {
    const at = this.action(signo);
    store<u64>(at, handler);
    store<u64>(at, flags, 8);
    store<u64>(at, mask, 16);
    const bit = signalBit(signo);
    this.ignored &= ~bit;
    this.handled &= ~bit;
    if (handler == SIG_IGN) this.ignored |= bit;
    else if (handler != SIG_DFL) this.handled |= bit;
  }

  /** Back to SIG_DFL: a fault that must kill, SA_RESETHAND, or the SIGDEFAULT action of a template. */
  reset(signo: i32): void {
    this.set(signo, SIG_DFL, 0, 0);
  }

  /** What execve(2) and CLONE_CLEAR_SIGHAND do: handled signals become default, ignored ones stay ignored; flags and masks go. */
  resetHandled(): void {
    memory.fill(this.table, 0, <usize>NSIG * ACTION_SIZE);
    this.handled = 0;
    for (let rest = this.ignored; rest != 0; rest &= rest - 1) store<u64>(this.action(<i32>ctz(rest) + 1), SIG_IGN);
  }

  destroy(): void {
    freeBytes(this.table);
  }
}
