// SPDX-License-Identifier: MIT
// A packed module's program: a kernel and a script (abi/script.ts) in one WASI command. It does to the kernel what the host did when the
// module was packed, compares what comes of it, and prints what the host would have printed. It has no memory of its own: records
// pass through the kernel's transfer buffer, so that the machine lies where it lies in kernel.wasm.

import "../memory/frames.ts";
import {
  SCRIPT_CALL, SCRIPT_END, SCRIPT_FAILURE, SCRIPT_HEADER_SIZE, SCRIPT_MAGIC, SCRIPT_PRINT, SCRIPT_RECORD_SIZE, SCRIPT_VERSION,
} from "../abi/script.ts";
import { BUFFER_SIZE } from "../abi/boundary.ts";
import { BUFFER } from "../lib/tracing.ts";
import { call } from "./call.ts";
import { hashBytes } from "./hash.ts";
import { outputHash } from "./host.ts";
import { fd_write, proc_exit, readScript, sched_yield } from "./wasi.ts";

/** Where text is put in the transfer buffer: behind what fd_write(2) needs. */
const TEXT: usize = BUFFER + 16;
const TEXT_SIZE: u32 = BUFFER_SIZE - 16;

const EXIT_MISMATCH = 120;
const EXIT_DAMAGED = 125;

/** Where the text of the latest FAILURE record is in the script. */
@derived
let failureAt: u32 = 0;
@derived
let failureLength: u32 = 0;

export function _start(): void {
  let at: u32 = SCRIPT_HEADER_SIZE;
  const end = checkedEnd();
  if (end == 0) {
    say("spawnlab: the packed script is damaged: its checksum is another\n");
    proc_exit(EXIT_DAMAGED);
    return;
  }
  while (at < end) {
    readScript(BUFFER, at, SCRIPT_RECORD_SIZE);
    const kind = load<u32>(BUFFER);
    const length = load<u32>(BUFFER, 4);
    const content = at + SCRIPT_RECORD_SIZE;
    at = content + length;
    switch (kind) {
      case SCRIPT_PRINT:
        print(content, length);
        break;
      case SCRIPT_FAILURE:
        failureAt = content;
        failureLength = length;
        break;
      case SCRIPT_CALL:
        if (doCall(content, length)) break;
        print(failureAt, failureLength);
        proc_exit(EXIT_MISMATCH);
        return;
      case SCRIPT_END:
        proc_exit(load<u32>(BUFFER, 8));
        return;
    }
  }
}

/** Where the records end; 0 for a script that is not what was packed. */
function checkedEnd(): u32 {
  readScript(BUFFER, 0, SCRIPT_HEADER_SIZE);
  if (load<u64>(BUFFER) != SCRIPT_MAGIC || load<u32>(BUFFER, 12) != SCRIPT_VERSION) return 0;
  const end: u32 = SCRIPT_HEADER_SIZE + load<u32>(BUFFER, 8);
  const checksum = load<u64>(BUFFER, 16);
  let hash: u64 = 0;
  for (let at: u32 = SCRIPT_HEADER_SIZE; at < end; at += BUFFER_SIZE) {
    const part = min<u32>(end - at, BUFFER_SIZE);
    readScript(BUFFER, at, part);
    hash = hashBytes(hash, BUFFER, part);
  }
  return hash == checksum ? end : 0;
}

/** Does a call; whether everything that came of it is as it was. */
function doCall(content: u32, length: u32): bool {
  sched_yield();
  const number = load<u32>(BUFFER, 8);
  const outputLength = load<u32>(BUFFER, 12);
  const result = load<u64>(BUFFER, 16);
  const hash = load<u64>(BUFFER, 24);
  const consoleHash = load<u64>(BUFFER, 32);
  const found = call(number, content, length);
  return found == result && hashBytes(0, BUFFER, outputLength) == hash && outputHash == consoleHash;
}

/** Text of the script to standard output. */
function print(from: u32, length: u32): void {
  for (let at: u32 = 0; at < length; at += TEXT_SIZE) {
    const part = min(length - at, TEXT_SIZE);
    readScript(TEXT, from + at, part);
    writeText(part);
  }
}

function say(sentence: string): void {
  for (let i = 0; i < sentence.length; i++) store<u8>(TEXT + i, <u8>sentence.charCodeAt(i));
  writeText(sentence.length);
}

/** A reader that takes less than all gets the rest with the next try. */
function writeText(length: u32): void {
  let done: u32 = 0;
  while (done < length) {
    store<u32>(BUFFER, <u32>TEXT + done);
    store<u32>(BUFFER, length - done, 4);
    if (fd_write(1, BUFFER, 1, BUFFER + 8) != 0) return; // nobody reads: the exit code is left
    done += load<u32>(BUFFER, 8);
  }
}
