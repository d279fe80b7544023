// SPDX-License-Identifier: MIT
// /proc/PID/limits: the resource limits as a table (getrlimit(2)).

import { RLIMIT_NLIMITS } from "../abi/resource.ts";
import { TextWriter } from "../fs/text-writer.ts";
import { RLIM_INFINITY, ResourceLimits } from "./resource-limits.ts";

/** In the order of their numbers. */
const NAMES: StaticArray<string> = [
  "Max cpu time", "Max file size", "Max data size", "Max stack size", "Max core file size", "Max resident set", "Max processes",
  "Max open files", "Max locked memory", "Max address space", "Max file locks", "Max pending signals", "Max msgqueue size",
  "Max nice priority", "Max realtime priority", "Max realtime timeout",
];
const UNITS: StaticArray<string> = [
  "seconds", "bytes", "bytes", "bytes", "bytes", "bytes", "processes", "files", "bytes", "bytes", "locks", "signals", "bytes", "", "",
  "us",
];
const NAME_WIDTH = 26;
const VALUE_WIDTH = 21;
const UNIT_WIDTH = 10;

export function printLimits(out: TextWriter, limits: ResourceLimits): void {
  printRow(out, "Limit", "Soft Limit");
  out.spaces(VALUE_WIDTH - 10).text("Hard Limit").spaces(VALUE_WIDTH - 10);
  out.text("Units").spaces(UNIT_WIDTH - 5).newline();
  for (let resource = 0; resource < RLIMIT_NLIMITS; resource++) {
    printRow(out, NAMES[resource], "");
    printValue(out, limits.soft(resource));
    printValue(out, limits.hard(resource));
    const unit = UNITS[resource];
    if (unit.length > 0) out.text(unit).spaces(UNIT_WIDTH - unit.length);
    out.newline();
  }
}

function printRow(out: TextWriter, name: string, value: string): void {
  out.text(name).spaces(NAME_WIDTH - name.length).text(value);
}

function printValue(out: TextWriter, value: u64): void {
  const before = out.length;
  if (value == RLIM_INFINITY) out.text("unlimited");
  else out.number(value);
  out.spaces(VALUE_WIDTH - <i32>(out.length - before));
}
