// SPDX-License-Identifier: MIT
// One call of a script: its arguments are in the record in the transfer buffer, and its input follows in the script.

import * as script from "../abi/script.ts";
import { BUFFER } from "../lib/tracing.ts";
import {
  actorCall, actorCreate, actorResult, actorSignals, advanceTo, boot, consoleEof, consoleHangup, consoleInput, consoleResize, consoleSignal,
  exitStatus, imageData, imageEntry, imageMount, leakReport, nextTimer, now, peek, poke, powerOff, retired, run, start, stateHash,
} from "../index.ts";
import { readScript } from "./wasi.ts";

const ARGUMENTS: usize = 48;

/** The result as 64 bits; 0 for calls without one. */
export function call(number: u32, content: u32, length: u32): u64 {
  const a = argument(0);
  const b = argument(1);
  const c = argument(2);
  const d = argument(3);
  const e = argument(4);
  const f = argument(5);
  const g = argument(6);
  const h = argument(7);
  if (length > 0) readScript(BUFFER, content, length); // over the record
  switch (number) {
    case script.SCRIPT_CALL_BOOT: return <u64>boot(<u32>a, b, c, <u32>d, <i64>e);
    case script.SCRIPT_CALL_IMAGE_ENTRY: return <u64>imageEntry(<u32>a, <u32>b, <u32>c, <i64>d, <u32>e, <u32>f, <u32>g);
    case script.SCRIPT_CALL_IMAGE_DATA: return <u64>imageData(<u32>a);
    case script.SCRIPT_CALL_IMAGE_MOUNT: return <u64>imageMount(<u32>a, <u32>b);
    case script.SCRIPT_CALL_START: return <u64>start(<u32>a, <u32>b, <u32>c, <u32>d);
    case script.SCRIPT_CALL_RUN: return <u64>run(a);
    case script.SCRIPT_CALL_NOW: return <u64>now();
    case script.SCRIPT_CALL_NEXT_TIMER: return <u64>nextTimer();
    case script.SCRIPT_CALL_ADVANCE_TO: advanceTo(<i64>a); return 0;
    case script.SCRIPT_CALL_RETIRED: return retired();
    case script.SCRIPT_CALL_EXIT_STATUS: return <u64>exitStatus();
    case script.SCRIPT_CALL_CONSOLE_INPUT: return <u64>consoleInput(<u32>a);
    case script.SCRIPT_CALL_CONSOLE_EOF: consoleEof(); return 0;
    case script.SCRIPT_CALL_CONSOLE_SIGNAL: consoleSignal(<i32>a); return 0;
    case script.SCRIPT_CALL_CONSOLE_HANGUP: consoleHangup(); return 0;
    case script.SCRIPT_CALL_CONSOLE_RESIZE: consoleResize(<i32>a, <i32>b); return 0;
    case script.SCRIPT_CALL_PEEK: return <u64>peek(<i32>a, b, <u32>c);
    case script.SCRIPT_CALL_POKE: return <u64>poke(<i32>a, b, <u32>c);
    case script.SCRIPT_CALL_ACTOR_CREATE: return <u64>actorCreate();
    case script.SCRIPT_CALL_ACTOR_CALL: return <u64>actorCall(<i32>a, <i32>b, c, d, e, f, g, h);
    case script.SCRIPT_CALL_ACTOR_RESULT: return <u64>actorResult(<i32>a);
    case script.SCRIPT_CALL_ACTOR_SIGNALS: return actorSignals(<i32>a);
    case script.SCRIPT_CALL_LEAK_REPORT: return leakReport();
    case script.SCRIPT_CALL_POWER_OFF: powerOff(); return 0;
    case script.SCRIPT_CALL_STATE_HASH: return stateHash();
    default: return <u64>-1;
  }
}

function argument(index: usize): u64 {
  return load<u64>(BUFFER + ARGUMENTS + (index << 3));
}
