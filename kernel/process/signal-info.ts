// SPDX-License-Identifier: MIT
// A siginfo as the kernel keeps it, and the ways one comes about (sigaction(2), "The siginfo_t argument to a SA_SIGINFO
// handler"). Senders fill the shared draft; whoever queues it copies it.
//
//   + 0  si_signo i32   + 4  si_errno i32   + 8  si_code i32   + 12 padding
//   +16  kill, rt, SIGCHLD: si_pid i32, si_uid u32     faults: si_addr     timers: si_tid, si_overrun
//   +24  rt, timers: si_value                          SIGCHLD: si_status i32
//   +32  SIGCHLD: si_utime i64   +40 si_stime i64 (clock ticks)            ... the user's struct is 128 bytes

import { SI_KERNEL, SI_USER } from "../abi/signal.ts";
import { PosixTimer } from "./posix-timer.ts";
import { Task } from "./task.ts";

/** Bytes of the user's siginfo_t; what the kernel does not use is zero. */
export const SIGINFO_SIZE: usize = 128;
/** Bytes of it that the kernel keeps. */
export const SIGINFO_KEPT: usize = 48;

export class SignalInfo {
  signo: i32 = 0;
  error: i32 = 0;
  code: i32 = 0;
  padding: i32 = 0;
  pid: i32 = 0;
  uid: u32 = 0;
  value: u64 = 0;
  userTime: i64 = 0;
  systemTime: i64 = 0;
  /** The next one of a queue (pending-signals.ts). */
  next: SignalInfo | null = null;
  /** The timer that it belongs to, if it is a timer's. */
  timer: PosixTimer | null = null;

  /** Address of the SIGINFO_KEPT bytes in the user's layout. */
  get bytes(): usize {
    return changetype<usize>(this);
  }

  /** si_addr, where a fault has it. */
  get address(): u64 {
    return load<u64>(this.bytes, 16);
  }

  clear(): void {
    memory.fill(this.bytes, 0, SIGINFO_KEPT);
  }

  copyFrom(other: SignalInfo): void {
    memory.copy(this.bytes, other.bytes, SIGINFO_KEPT);
  }
}

const draft = new SignalInfo();

/** The shared draft, cleared, for this signal. It lasts until the next one is begun. */
export function draftSignal(signo: i32, code: i32): SignalInfo {
  draft.clear();
  draft.signo = signo;
  draft.code = code;
  return draft;
}

/** What a task sends by kill(2) (SI_USER) or tgkill(2) (SI_TKILL). */
export function draftFrom(sender: Task, signo: i32, code: i32 = SI_USER): SignalInfo {
  const info = draftSignal(signo, code);
  info.pid = sender.process.pid;
  info.uid = sender.credentials.uid;
  return info;
}

/** What the kernel itself sends, a terminal key or SIGPIPE for example. */
export function draftKernel(signo: i32): SignalInfo {
  return draftSignal(signo, SI_KERNEL);
}

/** A fault of the running program. */
export function draftFault(signo: i32, code: i32, address: u64): SignalInfo {
  const info = draftSignal(signo, code);
  store<u64>(info.bytes, address, 16);
  return info;
}
