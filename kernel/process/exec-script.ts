// SPDX-License-Identifier: MIT
// Scripts: a first line "#! interpreter [argument]" (execve(2), "Interpreter scripts"). The interpreter takes the script's place, and
// its name, the argument and the script's name take the place of argv[0].

import { ENOEXEC } from "../abi/errno.ts";
import { allowWrite, denyWrite } from "../fs/file-access.ts";
import { openForExec } from "../fs/open.ts";
import { failure } from "../lib/failure.ts";
import { Outcome } from "../lib/outcome.ts";
import { Program, SNIFFED, stringLength } from "./exec.ts";
import { dropFirstArgument, pushKernelString } from "./exec-stack.ts";
import { Task } from "./task.ts";

/** The path of the interpreter that interpretScript found last. */
export const scriptInterpreter = memory.data(260, 8);
const ARGUMENT = memory.data(260, 8);

const SPACE: u8 = 32;
const TAB: u8 = 9;
const NEWLINE: u8 = 10;

export function isScript(head: usize): bool {
  return load<u16>(head) == 0x2123; // "#!"
}

/** Puts the script's interpreter in the program's place. `head`: its first bytes; `name`: the script, as it was executed. */
export function interpretScript(self: Task, program: Program, head: usize, name: usize): Outcome {
  let outcome = parse(head);
  if (outcome < 0) return outcome;
  // The name may be the last interpreter's path, which the pushes below still need.
  outcome = dropFirstArgument();
  if (outcome < 0) return outcome;
  program.argumentCount--;
  outcome = pushKernelString(name, stringLength(name));
  if (outcome < 0) return outcome;
  program.argumentCount++;
  if (load<u8>(ARGUMENT) != 0) {
    outcome = pushKernelString(ARGUMENT, stringLength(ARGUMENT));
    if (outcome < 0) return outcome;
    program.argumentCount++;
  }
  memory.copy(scriptInterpreter, PARSED, 260);
  outcome = pushKernelString(scriptInterpreter, stringLength(scriptInterpreter));
  if (outcome < 0) return outcome;
  program.argumentCount++;
  return replaceFile(self, program);
}

function replaceFile(self: Task, program: Program): Outcome {
  const file = openForExec(self.fs, self.credentials, null, scriptInterpreter, true);
  if (file == null) return failure;
  const denied = denyWrite(file);
  if (denied < 0) {
    file.release();
    return denied;
  }
  allowWrite(program.file);
  program.file.release();
  program.file = file;
  return 0;
}

/** Splits the first line into interpreter and the one optional argument; a name cut off by the end of the buffer is ENOEXEC. */
function parse(head: usize): Outcome {
  let end = head + 2;
  const limit = head + SNIFFED - 1;
  while (end < limit && load<u8>(end) != NEWLINE && load<u8>(end) != 0) end++;
  const isCut = end == limit;
  let at = head + 2;
  while (at < end && isBlank(load<u8>(at))) at++;
  const name = at;
  while (at < end && !isBlank(load<u8>(at))) at++;
  if (at == name || (isCut && at == end)) return -ENOEXEC;
  copyPart(PARSED, name, at);
  while (at < end && isBlank(load<u8>(at))) at++;
  while (end > at && isBlank(load<u8>(end - 1))) end--;
  copyPart(ARGUMENT, at, end);
  return 0;
}

function copyPart(to: usize, from: usize, end: usize): void {
  memory.copy(to, from, end - from);
  store<u8>(to + (end - from), 0);
}

function isBlank(byte: u8): bool {
  return byte == SPACE || byte == TAB;
}

const PARSED = memory.data(260, 8);
