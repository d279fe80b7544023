// SPDX-License-Identifier: MIT
// What happens to processes, in the form of strace(1): wait statuses, siginfo, signals delivered, ends.

import * as signals from "../../../kernel/abi/signal.ts";
import { namesOf, signalName } from "../names.ts";
import { pointer } from "./argument.ts";

const CONTINUED = 0xffff;

/** `{WIFEXITED(s) && WEXITSTATUS(s) == 0}`. */
export function waitStatusText(status: number): string {
  const signal = status & 0x7f;
  const high = (status >> 8) & 0xff;
  if (status === CONTINUED) return "{WIFCONTINUED(s)}";
  if ((status & 0xff) === 0x7f) return `{WIFSTOPPED(s) && WSTOPSIG(s) == ${signalName(high)}}`;
  if (signal === 0) return `{WIFEXITED(s) && WEXITSTATUS(s) == ${high}}`;
  return `{WIFSIGNALED(s) && WTERMSIG(s) == ${signalName(signal)}${status & 0x80 ? " && WCOREDUMP(s)" : ""}}`;
}

/** `exited with 0`, `killed by SIGKILL`. */
export function endText(status: number): string {
  const signal = status & 0x7f;
  return signal === 0 ? `exited with ${(status >> 8) & 0xff}` : `killed by ${signalName(signal)}${status & 0x80 ? " (core dumped)" : ""}`;
}

// si_code: negative and 0x80 mean the same for every signal, small ones depend on the signal.
const COMMON_CODES = namesOf(signals, /^SI_/);
const CODES_OF: Record<number, Map<number, string>> = {
  [signals.SIGCHLD]: namesOf(signals, /^CLD_/),
  [signals.SIGSEGV]: namesOf(signals, /^SEGV_/),
  [signals.SIGBUS]: namesOf(signals, /^BUS_/),
  [signals.SIGILL]: namesOf(signals, /^ILL_/),
  [signals.SIGFPE]: namesOf(signals, /^FPE_/),
  [signals.SIGTRAP]: namesOf(signals, /^TRAP_/),
};

const FAULTS = [signals.SIGSEGV, signals.SIGBUS, signals.SIGILL, signals.SIGFPE, signals.SIGTRAP];

/**
 * `{si_signo=SIGCHLD, si_code=CLD_EXITED, si_pid=2, ...}` from the 128 bytes of a siginfo:
 * 0 signo s32, 4 errno s32, 8 code s32, and from 16 on
 *   a child: pid s32, uid u32, status s32, 32 utime, 40 stime;   a fault: address;   a timer: id, overrun, value;
 *   a sender: pid, uid, value
 */
export function siginfoText(view: DataView): string {
  const signo = view.getInt32(0, true);
  const code = view.getInt32(8, true);
  const codeName = (code > 0 && code < signals.SI_KERNEL ? CODES_OF[signo]?.get(code) : COMMON_CODES.get(code)) ?? String(code);
  const parts = [`si_signo=${signalName(signo)}`, `si_code=${codeName}`, ...details(view, signo, code)];
  return `{${parts.join(", ")}}`;
}

function details(view: DataView, signo: number, code: number): string[] {
  const sender = [`si_pid=${view.getInt32(16, true)}`, `si_uid=${view.getUint32(20, true)}`];
  if (signo === signals.SIGCHLD && code > 0) {
    const status = view.getInt32(24, true);
    return [...sender, `si_status=${code === signals.CLD_EXITED ? status : signalName(status)}`];
  }
  if (FAULTS.includes(signo) && code > 0 && code < signals.SI_KERNEL) return [`si_addr=${pointer(view.getBigUint64(16, true))}`];
  if (code === signals.SI_KERNEL) return [];
  if (code === signals.SI_TIMER) return [`si_timerid=${view.getInt32(16, true)}`, `si_overrun=${view.getInt32(20, true)}`];
  if (code === signals.SI_QUEUE) return [...sender, `si_value=${pointer(view.getBigUint64(24, true))}`];
  return sender;
}
