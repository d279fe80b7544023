// SPDX-License-Identifier: MIT
// What /proc/PID shows of a process's memory: its mappings (proc_pid_maps(5)), and the strings that exec left on its stack.

import { PROT_EXEC, PROT_READ, PROT_WRITE } from "../abi/mman.ts";
import { File } from "../file/file.ts";
import { pathOf } from "../fs/file-access.ts";
import { formatPath } from "../fs/path.ts";
import { rootOfTree } from "../fs/root.ts";
import { TextWriter } from "../fs/text-writer.ts";
import { PATH_MAX } from "../lib/limits.ts";
import { Outcome } from "../lib/outcome.ts";
import { AddressSpace } from "../memory/address-space.ts";
import { MemoryArea } from "../memory/memory-area.ts";
import { SharedMemory } from "../memory/shared-memory.ts";
import { copyIn } from "../memory/user.ts";
import { currentTask } from "./scheduler.ts";
import { Task } from "./task.ts";

/** Names start in this column. */
const NAME_COLUMN = 73;
const CHUNK: usize = 512;
const BYTES = memory.data(512);
const PATH = memory.data(4096);

export function printCommandLine(out: TextWriter, space: AddressSpace): Outcome {
  return printRange(out, space, space.argumentsStart, space.argumentsEnd);
}

export function printEnvironment(out: TextWriter, space: AddressSpace): Outcome {
  return printRange(out, space, space.environmentStart, space.environmentEnd);
}

export function printAuxiliary(out: TextWriter, space: AddressSpace): Outcome {
  return printRange(out, space, space.auxiliaryStart, space.auxiliaryEnd);
}

/** The bytes as they are now: a program may have overwritten or unmapped them. */
function printRange(out: TextWriter, space: AddressSpace, start: u64, end: u64): Outcome {
  while (start < end) {
    const part = <usize>min<u64>(CHUNK, end - start);
    const got = copyIn(space, BYTES, start, part);
    out.bytes(BYTES, got);
    if (got < part) break;
    start += part;
  }
  return 0;
}

export function printMaps(out: TextWriter, task: Task): Outcome {
  const space = task.space;
  let area = space.firstArea;
  while (area != null) {
    printArea(out, space, area);
    area = area.next;
  }
  return 0;
}

/** "start-end perms offset dev inode      name" */
function printArea(out: TextWriter, space: AddressSpace, area: MemoryArea): void {
  const start = out.length;
  const protection = area.protection;
  out.hex(area.start, 8).byte(0x2d).hex(area.end, 8).space();
  out.text((protection & PROT_READ) != 0 ? "r" : "-").text((protection & PROT_WRITE) != 0 ? "w" : "-");
  out.text((protection & PROT_EXEC) != 0 ? "x" : "-").text(area.isShared ? "s" : "p").space();
  const source = area.source;
  const file: File | null = source instanceof File ? (source as File) : null;
  const path = file != null ? pathOf(file) : null;
  out.hex(source == null ? 0 : area.offset, 8).space();
  out.hex(0, 2).byte(0x3a).hex(path != null ? path.inode.fileSystem.device : source != null ? 1 : 0, 2).space();
  out.number(path != null ? path.inode.ino : source instanceof SharedMemory ? (source as SharedMemory).ino : 0).space();
  if (path != null) {
    out.spaces(NAME_COLUMN - <i32>(out.length - start));
    const self = currentTask();
    const length = formatPath(path, self == null ? rootOfTree() : self.fs.root, PATH, PATH_MAX);
    if (length > 0) out.escaped(PATH, <usize>length);
  } else {
    const name = nameOf(space, area);
    if (name.length > 0) out.spaces(NAME_COLUMN - <i32>(out.length - start)).text(name);
  }
  out.newline();
}

function nameOf(space: AddressSpace, area: MemoryArea): string {
  if (area.source != null) return "/dev/zero (deleted)";
  const isHeap = space.break > area.start && area.end > space.breakStart;
  if (isHeap) return "[heap]";
  return area.start <= space.stackStart && area.end > space.stackStart ? "[stack]" : "";
}
