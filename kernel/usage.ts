// SPDX-License-Identifier: MIT
// What is alive: counts for the host, and a leak report against the state before boot. Every kernel object is a slab object of
// a class, so what leaked has a name.

import {
  USAGE_DENY_WRITES, USAGE_FILES, USAGE_FRAME_LIMIT, USAGE_FRAMES, USAGE_LEAKED_STRINGS, USAGE_OBJECTS, USAGE_PAGE_CACHE, USAGE_TASKS,
  USAGE_TEMPLATES, USAGE_UNKNOWN_CALLS,
} from "./abi/boundary.ts";
import { openFiles } from "./file/file.ts";
import { denyWrites } from "./fs/inode.ts";
import { BUFFER } from "./lib/tracing.ts";
import { framesInTrees } from "./memory/frame-tree.ts";
import { frameLimit, framesInUse, zeroFrame } from "./memory/frames.ts";
import { liveObjects, liveObjectsOfClass } from "./memory/heap.ts";
import { className } from "./class-names.ts";
import { taskCount } from "./process/task.ts";
import { trampoline } from "./process/trampoline.ts";
import { leakedStrings } from "./spawn/create.ts";
import { templateCount } from "./spawn/template.ts";
import { unknownCallCount } from "./trap.ts";

export function usageOf(kind: i32): u64 {
  switch (kind) {
    case USAGE_FRAMES:
      return framesInUse();
    case USAGE_FRAME_LIMIT:
      return frameLimit();
    case USAGE_OBJECTS:
      return liveObjects();
    case USAGE_TASKS:
      return taskCount();
    case USAGE_FILES:
      return openFiles();
    case USAGE_TEMPLATES:
      return templateCount();
    case USAGE_DENY_WRITES:
      return denyWrites();
    case USAGE_LEAKED_STRINGS:
      return leakedStrings();
    case USAGE_UNKNOWN_CALLS:
      return unknownCallCount();
    case USAGE_PAGE_CACHE:
      return framesInTrees();
    default:
      return 0;
  }
}

const CLASSES: u32 = 512;
const baseline = memory.data(4 * 512, 4);
let baselineFrames: i32 = 0;

/** Remembers what is alive before boot; what the kernel keeps for ever exists from here on. */
export function recordBaseline(): void {
  zeroFrame();
  trampoline().page(0, false);
  baselineFrames = framesInUse();
  for (let id: u32 = 0; id < CLASSES; id++) store<i32>(baseline + (<usize>id << 2), liveObjectsOfClass(id));
}

/** One line per class with more live objects than before boot, and one for frames: "Task: 2". Its length in the buffer. */
export function writeLeakReport(): u32 {
  let at = BUFFER;
  for (let id: u32 = 0; id < CLASSES; id++) {
    const extra = liveObjectsOfClass(id) - load<i32>(baseline + (<usize>id << 2));
    if (extra != 0) at = writeLine(at, className(id), id, extra);
  }
  const frames = framesInUse() - baselineFrames;
  if (frames != 0) at = writeLine(at, "frames", 0, frames);
  return <u32>(at - BUFFER);
}

function writeLine(to: usize, name: string, id: u32, count: i32): usize {
  let at = to;
  for (let i = 0; i < name.length; i++) store<u8>(at++, <u8>name.charCodeAt(i));
  if (id != 0 && name.length == 0) at = writeNumber(at, <i32>id);
  store<u16>(at, 0x203a); // ": "
  at = writeNumber(at + 2, count);
  store<u8>(at, 10);
  return at + 1;
}

function writeNumber(to: usize, value: i32): usize {
  let at = to;
  if (value < 0) store<u8>(at++, 0x2d);
  let rest = abs(value);
  let digits = 1;
  for (let more = rest / 10; more > 0; more /= 10) digits++;
  for (let i = digits; i > 0; i--, rest /= 10) store<u8>(at + <usize>i - 1, <u8>(0x30 + (rest % 10)));
  return at + <usize>digits;
}
