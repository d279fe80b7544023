// SPDX-License-Identifier: MIT
// execve(2): replaces the program of a task. Everything that can fail comes first (file, strings, interpreter, headers); then comes
// the point of no return, after which a failure kills the process with SIGSEGV. Control comes from the exec system calls,
// from a template's child, and from the host's start.

import { PT_INTERP } from "../abi/elf.ts";
import { EIO, ELIBBAD, ELOOP, ENOENT, ENOEXEC, ENOMEM } from "../abi/errno.ts";
import { PROT_READ, PROT_WRITE } from "../abi/mman.ts";
import { RLIMIT_STACK } from "../abi/resource.ts";
import { SIGSEGV, SI_KERNEL } from "../abi/signal.ts";
import { File } from "../file/file.ts";
import { allowWrite, denyWrite, inodeOf, readInode } from "../fs/file-access.ts";
import { openForExec } from "../fs/open.ts";
import { failure } from "../lib/failure.ts";
import { MAX_SCRIPTS } from "../lib/limits.ts";
import { NO_RESULT, Outcome } from "../lib/outcome.ts";
import { AddressSpace } from "../memory/address-space.ts";
import { PAGE_SIZE } from "../memory/frames.ts";
import { admit, free } from "../memory/heap.ts";
import { ElfHeaders, elfError, ELF_HEADER_SIZE, isElf } from "./elf.ts";
import { becomeProgram } from "./exec-commit.ts";
import { interpretScript, isScript, scriptInterpreter } from "./exec-script.ts";
import {
  beginStack, countPointers, environmentDone, pushFileName, pushKernelString, pushUserStrings, reservePointers,
} from "./exec-stack.ts";
import { forceSignal } from "./signal.ts";
import { Task } from "./task.ts";

/** Bytes of a file that decide what it is (BINPRM_BUF_SIZE). */
export const SNIFFED: usize = 256;

/** What one exec gathers before the point of no return. Owns what it refers to. */
export class Program {
  space: AddressSpace;
  argumentCount: i32 = 0;
  environmentCount: i32 = 0;
  /** The file that becomes /proc/self/exe, referenced and denied to writers. */
  file: File;
  headers: ElfHeaders | null = null;
  interpreter: File | null = null;
  interpreterHeaders: ElfHeaders | null = null;

  constructor(space: AddressSpace, file: File) {
    this.space = space;
    this.file = file;
  }

  /** Gives up whatever has not been handed over. */
  dispose(): void {
    const interpreter = this.interpreter;
    if (interpreter != null) {
      allowWrite(interpreter);
      interpreter.release();
    }
    const interpreterHeaders = this.interpreterHeaders;
    if (interpreterHeaders != null) interpreterHeaders.release();
    const headers = this.headers;
    if (headers != null) headers.release();
  }
}

/**
 * Executes an open file. `name`: NUL-terminated kernel string, what AT_EXECFN shows and comm is made of; `argv`, `envp`: user
 * pointers to NULL-terminated arrays, or 0. `cached`: checked headers of this very file, or null to read them. `isHidden`: the new program cannot open the file by `name`, so it cannot be a script.
 * NO_RESULT when the task runs the new program (or died past the point of no return), else -errno and nothing has changed.
 */
export function execFile(self: Task, file: File, name: usize, argv: u64, envp: u64, cached: ElfHeaders | null, isHidden: bool): Outcome {
  if (!admit()) return -ENOMEM;
  const denied = denyWrite(file);
  if (denied < 0) return denied;
  file.retain();
  const program = new Program(new AddressSpace(), file);
  let outcome = gatherStrings(self, program, name, argv, envp);
  if (outcome >= 0) outcome = findHandler(self, program, name, cached, isHidden);
  if (outcome >= 0) outcome = ownTables(self);
  if (outcome < 0) {
    allowWrite(program.file);
    program.file.release();
    program.space.release();
  } else {
    failureAfterCommit = becomeProgram(self, program, name);
    if (failureAfterCommit < 0 && self.work == null) forceSignal(self, SIGSEGV, SI_KERNEL, 0);
    outcome = NO_RESULT;
  }
  program.dispose();
  free(program);
  return outcome;
}

/**
 * Why the last exec failed after its point of no return (the task then has a fatal SIGSEGV pending), or 0. A template's child
 * is left alive for its own work to end it (quirk failure-code-past-no-return).
 */
export let failureAfterCommit: Outcome = 0;

/** A new program shares neither descriptors nor signal handlers. */
function ownTables(self: Task): Outcome {
  if (!admit()) return -ENOMEM;
  if (self.files.refs > 1) {
    const files = self.files.clone();
    if (files == null) return -ENOMEM;
    self.files.release();
    self.files = files;
  }
  if (self.handlers.refs > 1) {
    const handlers = self.handlers.copy();
    self.handlers.release();
    self.handlers = handlers;
  }
  return 0;
}

/** Builds the strings of the new stack: file name, environment, arguments. */
function gatherStrings(self: Task, program: Program, name: usize, argv: u64, envp: u64): Outcome {
  const argumentCount = countPointers(self.space, argv);
  if (argumentCount < 0) return argumentCount;
  const environmentCount = countPointers(self.space, envp);
  if (environmentCount < 0) return environmentCount;
  let outcome = beginStack(program.space, self.process.limit(RLIMIT_STACK), PROT_READ | PROT_WRITE);
  if (outcome < 0) return outcome;
  // Without arguments there is one all the same, the empty string (Linux 5.18 and later).
  program.argumentCount = max(<i32>argumentCount, 1);
  program.environmentCount = <i32>environmentCount;
  outcome = reservePointers(program.argumentCount + program.environmentCount);
  if (outcome < 0) return outcome;
  outcome = pushFileName(name, stringLength(name));
  if (outcome < 0) return outcome;
  outcome = pushUserStrings(self.space, envp, program.environmentCount);
  if (outcome < 0) return outcome;
  environmentDone();
  return argumentCount == 0 ? pushKernelString(name, 0) : pushUserStrings(self.space, argv, <i32>argumentCount);
}

/** Follows scripts to a binary, and reads what the binary asks for. */
function findHandler(self: Task, program: Program, name: usize, cached: ElfHeaders | null, isHidden: bool): Outcome {
  if (cached != null) {
    cached.retain();
    program.headers = cached;
    return findInterpreter(self, program);
  }
  let scriptName = name;
  for (let depth = 0; ; depth++) {
    memory.fill(HEAD, 0, SNIFFED);
    const got = readInode(inodeOf(program.file)!, 0, HEAD, SNIFFED);
    if (got < 0) return got;
    if (!isScript(HEAD)) break;
    if (isHidden) return -ENOENT;
    if (depth == MAX_SCRIPTS) return -ELOOP;
    const outcome = interpretScript(self, program, HEAD, scriptName);
    if (outcome < 0) return outcome;
    scriptName = scriptInterpreter;
  }
  if (!isElf(HEAD)) return -ENOEXEC;
  const headers = ElfHeaders.read(program.file);
  if (headers == null) return elfError;
  program.headers = headers;
  return program.file.canMap() < 0 ? <i64>-ENOEXEC : findInterpreter(self, program);
}

/** Opens and reads the PT_INTERP program, if there is one. */
function findInterpreter(self: Task, program: Program): Outcome {
  const headers = program.headers!;
  const index = headers.find(PT_INTERP);
  if (index < 0) return 0;
  const size = headers.fileSizeOf(index);
  if (size < 2 || size > PAGE_SIZE) return -ENOEXEC;
  if (readInode(inodeOf(program.file)!, <i64>headers.offsetOf(index), PATH, <usize>size) != <i32>size) return -EIO;
  if (load<u8>(PATH + <usize>size - 1) != 0) return -ENOEXEC;
  const file = openForExec(self.fs, self.credentials, null, PATH, true);
  if (file == null) return failure;
  const denied = denyWrite(file);
  if (denied < 0) {
    file.release();
    return denied;
  }
  program.interpreter = file;
  if (readInode(inodeOf(file)!, 0, HEAD, ELF_HEADER_SIZE) != <i32>ELF_HEADER_SIZE) return -EIO;
  const interpreterHeaders = ElfHeaders.read(file);
  if (interpreterHeaders == null) return elfError == -ENOMEM ? elfError : <i64>-ELIBBAD;
  program.interpreterHeaders = interpreterHeaders;
  return 0;
}

/** Length of a NUL-terminated kernel string. */
export function stringLength(string: usize): usize {
  let length: usize = 0;
  while (load<u8>(string + length) != 0) length++;
  return length;
}

const HEAD = memory.data(256, 8);
const PATH = memory.data(4096, 8);
