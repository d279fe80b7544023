// SPDX-License-Identifier: MIT
// The text of the files in /proc that are about the whole machine (proc(5)). There is one hart, no swap and no disk.

import { idleTime, now, realtime, systemTime, userTime } from "../lib/clock.ts";
import { RELEASE, SYSTEM_NAME, VERSION } from "../lib/system-name.ts";
import { frameLimit, freeFrames } from "../memory/frames.ts";
import { slabFrames } from "../memory/heap.ts";
import { processes } from "./proc-tasks.ts";
import { cachedFrames } from "./regular.ts";
import { TextWriter } from "./text-writer.ts";

// In the order of their names in procfs.ts.
const CMDLINE = 0;
const CPUINFO = 1;
const FILESYSTEMS = 2;
const LOADAVG = 3;
const MEMINFO = 4;
const STAT = 5;
const UPTIME = 6;

/** Clock ticks of 10 ms (sysconf(3), _SC_CLK_TCK). */
const TICK_NS: i64 = 10_000_000;
const SECOND_NS: i64 = 1_000_000_000;

export function printSystemFile(out: TextWriter, kind: i32): void {
  switch (kind) {
    case CMDLINE:
      out.newline();
      return;
    case CPUINFO:
      printCpuinfo(out);
      return;
    case FILESYSTEMS:
      out.text("nodev\ttmpfs\nnodev\tproc\nnodev\tdevtmpfs\nnodev\tdevpts\nnodev\tramfs\n");
      return;
    case LOADAVG:
      out.text("0.00 0.00 0.00 ").number(processes().running()).byte(0x2f).number(processes().total());
      out.space().number(processes().newestPid()).newline();
      return;
    case MEMINFO:
      printMeminfo(out);
      return;
    case STAT:
      printStat(out);
      return;
    case UPTIME:
      out.seconds(<u64>now()).space().seconds(<u64>idleTime()).newline();
      return;
    default:
      out.text(SYSTEM_NAME).text(" version ").text(RELEASE).text(" (spawnlab) ").text(VERSION).newline();
  }
}

function printCpuinfo(out: TextWriter): void {
  out.text("processor\t: 0\nhart\t\t: 0\nisa\t\t: rv64imafdc_zicntr_zicsr_zifencei\nmmu\t\t: sv39\n");
  out.text("uarch\t\t: spawnlab\nmvendorid\t: 0x0\nmarchid\t\t: 0x0\nmimpid\t\t: 0x0\n\n");
}

function printMeminfo(out: TextWriter): void {
  const total = <u64>frameLimit() * 4;
  const free = <u64>freeFrames() * 4;
  line(out, "MemTotal:       ", total);
  line(out, "MemFree:        ", free);
  line(out, "MemAvailable:   ", free);
  line(out, "Buffers:        ", 0);
  line(out, "Cached:         ", cachedFrames() * 4);
  line(out, "SwapCached:     ", 0);
  line(out, "Active:         ", total - free);
  line(out, "Inactive:       ", 0);
  line(out, "SwapTotal:      ", 0);
  line(out, "SwapFree:       ", 0);
  line(out, "Dirty:          ", 0);
  line(out, "Writeback:      ", 0);
  line(out, "Shmem:          ", cachedFrames() * 4);
  line(out, "Slab:           ", slabFrames() * 4);
  line(out, "SReclaimable:   ", 0);
  line(out, "SUnreclaim:     ", slabFrames() * 4);
  line(out, "CommitLimit:    ", total);
}

function line(out: TextWriter, label: string, kilobytes: u64): void {
  out.text(label).padded(kilobytes, 8).text(" kB").newline();
}

function printStat(out: TextWriter): void {
  printTimes(out.text("cpu  "));
  printTimes(out.text("cpu0 "));
  out.text("intr 0\nctxt 0\nbtime ").number(<u64>((realtime() - now()) / SECOND_NS));
  out.text("\nprocesses ").number(processes().newestPid());
  out.text("\nprocs_running ").number(processes().running());
  out.text("\nprocs_blocked 0\nsoftirq 0 0 0 0 0 0 0 0 0 0 0\n");
}

/** user, nice, system, idle, and six kinds that do not occur. */
function printTimes(out: TextWriter): void {
  out.number(<u64>(userTime() / TICK_NS)).text(" 0 ").number(<u64>(systemTime() / TICK_NS)).space();
  out.number(<u64>(idleTime() / TICK_NS)).text(" 0 0 0 0 0 0\n");
}
