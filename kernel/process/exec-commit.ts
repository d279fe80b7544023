// SPDX-License-Identifier: MIT
// The second half of execve(2), past the point of no return: the task becomes the new program. What Linux's begin_new_exec and
// binfmt_elf do: other threads die, memory, handlers, descriptors and credentials change, the image is mapped, and the
// registers start at its entry. A failure in here kills with SIGSEGV.

import {
  AT_BASE, AT_CLKTCK, AT_EGID, AT_ENTRY, AT_EUID, AT_EXECFN, AT_FLAGS, AT_GID, AT_HWCAP, AT_MINSIGSTKSZ, AT_PAGESZ, AT_PHDR, AT_PHENT,
  AT_PHNUM, AT_RANDOM, AT_SECURE, AT_UID,
} from "../abi/auxv.ts";
import { PF_X, PT_GNU_STACK, PT_LOAD } from "../abi/elf.ts";
import { MAP_PRIVATE, PROT_EXEC, PROT_READ, PROT_WRITE } from "../abi/mman.ts";
import { SIGCHLD, SS_DISABLE } from "../abi/signal.ts";
import { clearRegisters, writePc, writeX } from "../cpu/registers.ts";
import { Outcome } from "../lib/outcome.ts";
import { AddressSpace } from "../memory/address-space.ts";
import { PAGE_OFFSET_MASK, PAGE_SIZE } from "../memory/frames.ts";
import { mapPages, PLACE_FIXED, protectPages } from "../memory/mappings.ts";
import { setCurrentSpace } from "../memory/translate.ts";
import { ElfHeaders, PROGRAM_HEADER_SIZE } from "./elf.ts";
import { codeEnd, codeStart, imageBias, imageEnd, loadImage } from "./elf-loader.ts";
import { Program } from "./exec.ts";
import { execCredentials, isSecure } from "./exec-credentials.ts";
import { addAuxiliary, clearAuxiliary, fileNameAddress, finishStack, pushRandom } from "./exec-stack.ts";
import { clearTid, killOtherThreads, releaseVforkParent } from "./exit.ts";
import { DYNAMIC_BASE, INITIAL_STACK, SIGRETURN_TRAMPOLINE, STACK_TOP } from "./layout.ts";
import { setName, Task } from "./task.ts";
import { trampoline } from "./trampoline.ts";

/** Bits of the extensions I, M, A, F, D and C, as Linux puts them into AT_HWCAP. */
const HWCAP_IMAFDC: u64 = 0x112d;
const CLOCK_TICKS: u64 = 100;
const SIGNAL_FRAME_SIZE: u64 = 1024;

const SP = 2;
const SLASH: u8 = 0x2f;

/** The task becomes the program; 0, or -errno for a task that has no program any more and must die. */
export function becomeProgram(self: Task, program: Program, name: usize): Outcome {
  const credentials = execCredentials(self, program.file);
  killOtherThreads(self);
  takeSpace(self, program.space);
  program.space.executable = program.file; // with its reference and its deny-write
  self.handlers.resetHandled();
  self.files.closeOnExec();
  const timers = self.process.timers;
  if (timers != null) timers.deleteTimers();
  self.commitCredentials(credentials);
  self.altStack = 0;
  self.altStackSize = 0;
  self.altStackFlags = SS_DISABLE;
  self.robustList = 0;
  self.isActor = false;
  self.parentDeathSignal = isSecure ? 0 : self.parentDeathSignal;
  self.process.hasExecuted = true;
  self.process.exitSignal = SIGCHLD;
  self.process.isDumpable = !isSecure;
  setName(self, lastComponent(name));
  return startImage(self, program);
}

/** The old memory goes, and a vfork parent that waits for it goes on. */
function takeSpace(self: Task, space: AddressSpace): void {
  clearTid(self);
  const old = self.space;
  self.space = space;
  setCurrentSpace(space);
  old.release();
  releaseVforkParent(self);
}

/** comm is what follows the last slash of the name. */
function lastComponent(name: usize): usize {
  let last = name;
  for (let at = name; load<u8>(at) != 0; at++) if (load<u8>(at) == SLASH) last = at + 1;
  return last;
}

function startImage(self: Task, program: Program): Outcome {
  const space = program.space;
  const headers = program.headers!;
  let outcome = adjustStack(space, headers);
  if (outcome < 0) return outcome;
  outcome = loadImage(space, program.file, headers, DYNAMIC_BASE);
  if (outcome < 0) return outcome;
  const bias = imageBias;
  space.codeStart = codeStart;
  space.codeEnd = codeEnd;
  space.breakStart = (imageEnd + PAGE_OFFSET_MASK) & ~PAGE_OFFSET_MASK;
  space.break = space.breakStart;
  const entry = headers.entry + bias;
  const phdr = programHeadersAddress(headers, bias);
  let start = entry;
  let base: u64 = 0;
  const interpreterHeaders = program.interpreterHeaders;
  if (interpreterHeaders != null) {
    outcome = loadImage(space, program.interpreter!, interpreterHeaders, 0);
    if (outcome < 0) return outcome;
    base = imageBias;
    start = interpreterHeaders.entry + base;
  }
  const flags = MAP_PRIVATE;
  outcome = mapPages(space, SIGRETURN_TRAMPOLINE, PAGE_SIZE, PLACE_FIXED, PROT_READ | PROT_EXEC, flags, trampoline(), 0);
  if (outcome < 0) return outcome;
  fillAuxiliary(self, headers, entry, phdr, base);
  const sp = finishStack(program.argumentCount, program.environmentCount);
  if (sp < 0) return sp;
  clearRegisters();
  writeX(SP, sp);
  writePc(start);
  return 0;
}

/** PT_GNU_STACK may ask for an executable stack. */
function adjustStack(space: AddressSpace, headers: ElfHeaders): Outcome {
  const index = headers.find(PT_GNU_STACK);
  if (index < 0 || (headers.flagsOf(index) & PF_X) == 0) return 0;
  return protectPages(space, STACK_TOP - INITIAL_STACK, STACK_TOP, PROT_READ | PROT_WRITE | PROT_EXEC);
}

/** Where the program headers are in memory: in the segment whose file range holds them; 0 if none does. */
function programHeadersAddress(headers: ElfHeaders, bias: u64): u64 {
  const offset = headers.tableOffset;
  for (let i = 0; i < headers.count; i++) {
    if (headers.typeOf(i) != PT_LOAD) continue;
    const start = headers.offsetOf(i);
    if (offset >= start && offset < start + headers.fileSizeOf(i)) return headers.addressOf(i) + (offset - start) + bias;
  }
  return 0;
}

function fillAuxiliary(self: Task, headers: ElfHeaders, entry: u64, phdr: u64, base: u64): void {
  const credentials = self.credentials;
  clearAuxiliary();
  addAuxiliary(AT_HWCAP, HWCAP_IMAFDC);
  addAuxiliary(AT_PAGESZ, PAGE_SIZE);
  addAuxiliary(AT_CLKTCK, CLOCK_TICKS);
  addAuxiliary(AT_PHDR, phdr);
  addAuxiliary(AT_PHENT, PROGRAM_HEADER_SIZE);
  addAuxiliary(AT_PHNUM, headers.count);
  addAuxiliary(AT_BASE, base);
  addAuxiliary(AT_FLAGS, 0);
  addAuxiliary(AT_ENTRY, entry);
  addAuxiliary(AT_UID, credentials.uid);
  addAuxiliary(AT_EUID, credentials.euid);
  addAuxiliary(AT_GID, credentials.gid);
  addAuxiliary(AT_EGID, credentials.egid);
  addAuxiliary(AT_SECURE, isSecure ? 1 : 0);
  addAuxiliary(AT_RANDOM, pushRandom());
  addAuxiliary(AT_MINSIGSTKSZ, SIGNAL_FRAME_SIZE);
  addAuxiliary(AT_EXECFN, fileNameAddress());
}
