// SPDX-License-Identifier: MIT
// The only wasm exports. No logic: each line forwards. Lengths are bytes in the transfer buffer, times virtual nanoseconds;
// strings are UTF-8. The host's side of this list is host/core/kernel-module.ts.

// First of all: what the static objects of other modules are allocated from.
import "./memory/frames.ts";
import { actorCall as callActor, actorResult as resultOfActor, actorSignals as signalsOfActor } from "./actor.ts";
import { BOUNDARY_VERSION } from "./abi/boundary.ts";
import { checkAll } from "./check/invariants.ts";
import { retired as retiredInstructions } from "./cpu/counters.ts";
import { appendData, enterFile, mountAgain, readFile, statFile } from "./fs/boot-image.ts";
import { endInput, giveInput, signalConsole } from "./input.ts";
import { inspectFile as describeFile, inspectTask as describeTask } from "./inspect.ts";
import { advanceTo as advance, bootMachine, createActor, nextTimer as nextDue, shutDown, startProgram, tick, workDone } from "./kernel.ts";
import { now as virtualTime } from "./lib/clock.ts";
import { BUFFER } from "./lib/tracing.ts";
import { finalStatus } from "./process/exit.ts";
import { failAllocation as failAfter } from "./memory/frames.ts";
import { peekTask, pokeTask } from "./process/task-memory.ts";
import { hangUpConsole, resizeConsole } from "./tty/console.ts";
import { forgetCode as forget, loadState as loadIt, saveState as save, stateAddress as addressOfState, stateHash as hashState } from "./state.ts";
import { usageOf, writeLeakReport } from "./usage.ts";

/** Version of this list (abi/boundary.ts). */
export function boundaryVersion(): i32 {
  return BOUNDARY_VERSION;
}

/** Address of the transfer buffer of BUFFER_SIZE bytes. */
export function buffer(): usize {
  return BUFFER;
}

/** Boots, once: `quirks` (abi/quirks.ts), `flags` BOOT_*, `epochNs` CLOCK_REALTIME at virtual time 0. 0 or -errno. */
export function boot(quirks: u32, seed: u64, memoryBytes: u64, flags: u32, epochNs: i64): i32 {
  return <i32>bootMachine(quirks, seed, memoryBytes, flags, epochNs);
}

/**
 * Adds a file to the tree. Buffer: path, then target. `mode` with the file type, or 0 for a hard link to `target`; a symbolic
 * link points to `target`. Missing parent directories are made. 0 or -errno (ENOMEM: larger than memory).
 */
export function imageEntry(mode: u32, uid: u32, gid: u32, mtimeNs: i64, rdev: u32, pathLen: u32, targetLen: u32): i64 {
  return enterFile(mode, uid, gid, mtimeNs, rdev, BUFFER, pathLen, BUFFER + pathLen, targetLen);
}

/** Appends buffer[0..len) to the regular file entered last. 0 or -errno. */
export function imageData(len: u32): i64 {
  return appendData(BUFFER, len);
}

/** Gives the subtree at the path in the buffer mount flags of its own (MS_RDONLY, MS_NOEXEC, ...). 0 or -errno. */
export function imageMount(pathLen: u32, flags: u32): i64 {
  return mountAgain(BUFFER, pathLen, flags);
}

/** Reads up to BUFFER_SIZE bytes of a regular file (path in the buffer) into the buffer; how many, or -errno. */
export function fileRead(pathLen: u32, offset: u64): i64 {
  return readFile(BUFFER, pathLen, offset, BUFFER);
}

/** Puts a file's struct stat (128 bytes) into the buffer; 0 or -errno. */
export function fileStat(pathLen: u32): i64 {
  return statFile(BUFFER, pathLen, BUFFER);
}

/** Starts pid 1. Buffer: cwd, program, argv[0..argc), envp[0..envc), each with a NUL. Its pid or -errno. */
export function start(argc: u32, envc: u32, uid: u32, gid: u32): i64 {
  return startProgram(argc, envc, uid, gid);
}

/** Runs at most `budget` guest instructions; why it stopped (RUN_*). */
export function run(budget: u64): i32 {
  return tick(budget);
}

/** Virtual time since boot. */
export function now(): i64 {
  return virtualTime();
}

/** When the next sleeper wakes, or i64 maximum. */
export function nextTimer(): i64 {
  return nextDue();
}

/** Lets virtual time pass, for hosts that follow real time. */
export function advanceTo(ns: i64): void {
  advance(ns);
}

/** Guest instructions retired since boot. */
export function retired(): u64 {
  return retiredInstructions;
}

/** What the budgets of run() count, since boot: a machine that has come so far by other budgets is the same machine. */
export function work(): u64 {
  return workDone();
}

/** Wait status of pid 1, after RUN_OFF. */
export function exitStatus(): i32 {
  return finalStatus;
}

/** Gives buffer[0..len) to the guest's standard input, typed if that is a terminal; how many bytes it took. */
export function consoleInput(len: u32): i32 {
  return giveInput(BUFFER, len);
}

export function consoleEof(): void {
  endInput();
}

/** Sends a signal to the console's foreground process group, or to pid 1's where there is no terminal. */
export function consoleSignal(signal: i32): void {
  signalConsole(signal);
}

/** The host's terminal has gone away. */
export function consoleHangup(): void {
  hangUpConsole();
}

/** The terminal's size in characters; the foreground hears of a change by SIGWINCH. */
export function consoleResize(rows: i32, columns: i32): void {
  resizeConsole(<u16>rows, <u16>columns);
}

/** Copies a task's memory into the buffer; how many bytes, fewer at an unmapped page. */
export function peek(tid: i32, address: u64, len: u32): i32 {
  return peekTask(tid, address, BUFFER, len);
}

/** Copies the buffer into a task's memory; how many bytes. */
export function poke(tid: i32, address: u64, len: u32): i32 {
  return pokeTask(tid, address, BUFFER, len);
}

/** Makes an actor (actor.ts); its pid or -errno. */
export function actorCreate(): i32 {
  return <i32>createActor();
}

/** A system call by an actor: result, -errno, ACTOR_BLOCKED or ACTOR_GONE. */
export function actorCall(tid: i32, call: i32, a0: u64, a1: u64, a2: u64, a3: u64, a4: u64, a5: u64): i64 {
  return callActor(tid, call, a0, a1, a2, a3, a4, a5);
}

/** The result of an actor's blocked call, or ACTOR_BLOCKED still. */
export function actorResult(tid: i32): i64 {
  return resultOfActor(tid);
}

/** Signals (bit signo - 1) whose handlers would have run in the actor since last asked. */
export function actorSignals(tid: i32): u64 {
  return signalsOfActor(tid);
}

/** A count of what is alive (USAGE_*). */
export function usage(kind: i32): u64 {
  return usageOf(kind);
}

/** What is alive beyond what was before boot, a line per class, into the buffer; its length. */
export function leakReport(): u32 {
  return writeLeakReport();
}

/**
 * For tests, between two other calls: counts every reference anew and looks whether all that is alive fits together. One line per
 * broken invariant into the buffer; its length, 0 when all hold (check/invariants.ts).
 */
export function checkInvariants(): u32 {
  return checkAll();
}

/**
 * For tests: of the allocations of these kinds (ALLOCATION_*) the one after the next `count` ones fails, once; a negative count
 * ends it. What was left of the count before: negative when the failure has happened.
 */
export function failAllocation(count: i64, kinds: u32): i64 {
  return failAfter(count, kinds);
}

/** Where a part of the state lies (STATE_*). */
export function stateAddress(kind: i32): usize {
  return addressOfState(kind);
}

/** Puts the whole state into linear memory, for the host to copy; where its frames end. */
export function saveState(): usize {
  return save();
}

/** Continues from the state that the host has put into linear memory. */
export function loadState(): void {
  loadIt();
}

/** The host changes this frame, which has a code tag. */
export function forgetCode(frame: usize): void {
  forget(frame);
}

/** A hash over everything that decides what happens next (state.ts). */
export function stateHash(): u64 {
  return hashState();
}

/** What the task with the lowest tid above `after` is, into the buffer (inspect.ts); its length, 0 if there is none. */
export function inspectTask(after: i32): u32 {
  return describeTask(after);
}

/** A task's first descriptor from `from` on, likewise. */
export function inspectFile(tid: i32, from: i32): u32 {
  return describeFile(tid, from);
}

/** Kills everything and drops the file systems. */
export function powerOff(): void {
  shutDown();
}
