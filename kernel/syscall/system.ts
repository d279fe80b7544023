// SPDX-License-Identifier: MIT
// What the machine is: uname, sysinfo, getrandom, getcpu, personality, and riscv64's own calls (riscv_hwprobe(2),
// riscv_flush_icache(2)).

import { EFAULT, EINVAL } from "../abi/errno.ts";
import { now } from "../lib/clock.ts";
import { MAX_COUNT } from "../lib/limits.ts";
import { Outcome } from "../lib/outcome.ts";
import { randomBytes } from "../lib/random.ts";
import { DOMAIN_NAME, MACHINE, NODE_NAME, RELEASE, SYSTEM_NAME, VERSION } from "../lib/system-name.ts";
import { frameLimit, freeFrames, PAGE_SIZE } from "../memory/frames.ts";
import { copyIn, copyOut, writeUser } from "../memory/user.ts";
import { nextProcess } from "../process/pid.ts";
import { Task } from "../process/task.ts";

/** Bytes of each of the six strings of struct utsname. */
const FIELD: usize = 65;
const UTSNAME = memory.data(390);
const SYSINFO_SIZE: usize = 112;
const SYSINFO = memory.data(112, 8);
const RANDOM_PIECE: usize = 256;
const RANDOM = memory.data(256, 8);
const PAIR = memory.data(16, 8);

const GRND_RANDOM: u64 = 2;
const GRND_INSECURE: u64 = 4;
const GRND_ALL: u64 = 7;

/** personality(2): asks without changing. */
const PERSONALITY_QUERY: u32 = 0xffffffff;

// riscv_hwprobe keys and what this hart answers.
const KEY_BASE_BEHAVIOR: i64 = 3;
const KEY_IMA_EXT_0: i64 = 4;
const KEY_CPUPERF_0: i64 = 5;
const LAST_KEY: i64 = 6;
const BASE_BEHAVIOR_IMA: u64 = 1;
const EXT_FD_AND_C: u64 = 3;
const MISALIGNED_FAST: u64 = 3;
const FLUSH_ICACHE_LOCAL: u64 = 1;

/** uname(buf) */
export function sysUname(self: Task): Outcome {
  memory.fill(UTSNAME, 0, 6 * FIELD);
  copyText(UTSNAME, SYSTEM_NAME);
  copyText(UTSNAME + FIELD, NODE_NAME);
  copyText(UTSNAME + 2 * FIELD, RELEASE);
  copyText(UTSNAME + 3 * FIELD, VERSION);
  copyText(UTSNAME + 4 * FIELD, MACHINE);
  copyText(UTSNAME + 5 * FIELD, DOMAIN_NAME);
  return copyOut(self.space, self.arg(0), UTSNAME, 6 * FIELD) == 6 * FIELD ? 0 : <i64>-EFAULT;
}

/** sysinfo(info) */
export function sysSysinfo(self: Task): Outcome {
  memory.fill(SYSINFO, 0, SYSINFO_SIZE);
  store<i64>(SYSINFO, now() / 1_000_000_000);
  store<u64>(SYSINFO, <u64>frameLimit() * PAGE_SIZE, 32);
  store<u64>(SYSINFO, <u64>freeFrames() * PAGE_SIZE, 40);
  let processes = 0;
  let process = nextProcess(0);
  while (process != null) {
    processes++;
    process = nextProcess(process.pid);
  }
  store<u16>(SYSINFO, <u16>processes, 80);
  store<u32>(SYSINFO, 1, 104); // unit of the sizes: bytes
  return copyOut(self.space, self.arg(0), SYSINFO, SYSINFO_SIZE) == SYSINFO_SIZE ? 0 : <i64>-EFAULT;
}

/** getrandom(buf, buflen, flags): from the machine's seed, so never short of entropy. */
export function sysGetrandom(self: Task): Outcome {
  const flags = self.arg(2);
  if ((flags & ~GRND_ALL) != 0 || (flags & (GRND_RANDOM | GRND_INSECURE)) == (GRND_RANDOM | GRND_INSECURE)) return -EINVAL;
  const length = min(self.arg(1), MAX_COUNT);
  let done: u64 = 0;
  while (done < length) {
    const piece = <usize>min<u64>(length - done, RANDOM_PIECE);
    randomBytes(RANDOM, piece);
    const copied = copyOut(self.space, self.arg(0) + done, RANDOM, piece);
    done += copied;
    if (copied < piece) return done > 0 ? <i64>done : <i64>-EFAULT;
  }
  return done;
}

/** getcpu(cpu, node, unused) */
export function sysGetcpu(self: Task): Outcome {
  if (self.arg(0) != 0 && !writeUser<u32>(self.space, self.arg(0), 0)) return -EFAULT;
  return self.arg(1) == 0 || writeUser<u32>(self.space, self.arg(1), 0) ? 0 : <i64>-EFAULT;
}

/** personality(persona): kept for whoever asks; nothing depends on it. */
export function sysPersonality(self: Task): Outcome {
  const before = self.personality;
  const wanted = <u32>self.arg(0);
  if (wanted != PERSONALITY_QUERY) self.personality = wanted;
  return before;
}

/** riscv_hwprobe(pairs, pair_count, cpusetsize, cpus, flags): each pair's key gets its value, an unknown one becomes -1. */
export function sysRiscvHwprobe(self: Task): Outcome {
  if (self.arg(4) != 0) return -EINVAL;
  const count = self.arg(1);
  let at = self.arg(0);
  for (let i: u64 = 0; i < count; i++) {
    if (copyIn(self.space, PAIR, at, 16) != 16) return -EFAULT;
    const key = load<i64>(PAIR);
    store<u64>(PAIR, hardwareValue(key), 8);
    if (key < 0 || key > LAST_KEY) store<i64>(PAIR, -1);
    if (copyOut(self.space, at, PAIR, 16) != 16) return -EFAULT;
    at += 16;
  }
  return 0;
}

/** riscv_flush_icache(start, end, flags): stores already make decoded code stale. */
export function sysRiscvFlushIcache(self: Task): Outcome {
  return (self.arg(2) & ~FLUSH_ICACHE_LOCAL) != 0 ? <i64>-EINVAL : 0;
}

function hardwareValue(key: i64): u64 {
  if (key == KEY_BASE_BEHAVIOR) return BASE_BEHAVIOR_IMA;
  if (key == KEY_IMA_EXT_0) return EXT_FD_AND_C;
  return key == KEY_CPUPERF_0 ? MISALIGNED_FAST : 0;
}

function copyText(to: usize, text: string): void {
  for (let i = 0; i < text.length; i++) store<u8>(to + i, <u8>text.charCodeAt(i));
}
