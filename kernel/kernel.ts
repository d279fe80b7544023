// SPDX-License-Identifier: MIT
// The machine: boots once, starts pid 1, runs by ticks, powers off. What the exports of index.ts do, in terms of the layers below.

import {
  ACTOR_MEMORY, BOOT_CHECKING_HEAP, BOOT_REAL_TIME, BOOT_STDERR_TTY, BOOT_STDIN_TTY, BOOT_STDOUT_TTY, BOOT_TRACE, BUFFER_SIZE,
  RUN_BUDGET, RUN_DEADLOCK, RUN_FINDING, RUN_IDLE, RUN_INPUT, RUN_OFF,
} from "./abi/boundary.ts";
import { EINVAL, ENOMEM, ESRCH } from "./abi/errno.ts";
import { O_RDWR } from "./abi/fcntl.ts";
import { SYS_CHDIR, SYS_EXECVE, SYS_SETRESGID, SYS_SETRESUID } from "./abi/syscalls.ts";
import { actorCall, prepareActorMemory } from "./actor.ts";
import { retired } from "./cpu/counters.ts";
import { FdTable } from "./file/fd-table.ts";
import { File } from "./file/file.ts";
import { dropStandardInput, StandardStream, stampStandardStreams } from "./file/standard-stream.ts";
import { realTimers } from "./file/timer.ts";
import { NO_DEADLINE } from "./file/wait-queue.ts";
import { Credentials } from "./fs/credentials.ts";
import { FsContext } from "./fs/fs-context.ts";
import { OpenHow } from "./fs/open-how.ts";
import { openAt } from "./fs/open.ts";
import { kernelCredentials, mountFileSystems, newFsContext, unmountFileSystems } from "./fs/root.ts";
import { isInputAwaited, setInputTyped } from "./input.ts";
import { now, setEpoch, skip } from "./lib/clock.ts";
import { effort, spendSkip } from "./lib/effort.ts";
import { LEAST_FRAMES } from "./lib/limits.ts";
import { Outcome } from "./lib/outcome.ts";
import { takeFinding } from "./lib/panic.ts";
import { setQuirks } from "./lib/quirks.ts";
import { setSeed } from "./lib/random.ts";
import { BUFFER, isTracing, setTracing } from "./lib/tracing.ts";
import { AddressSpace } from "./memory/address-space.ts";
import { PAGE_SHIFT, setFrameLimit } from "./memory/frames.ts";
import { admit, checkHeap, drainQuarantine, endStart } from "./memory/heap.ts";
import { copyOut, writeUser } from "./memory/user.ts";
import { createProcess } from "./process/clone.ts";
import { endEverything, exitProcess, isPoweredOff } from "./process/exit.ts";
import { findTask } from "./process/pid.ts";
import { fireCpuTimers } from "./process/process-timers.ts";
import { installProcessFiles } from "./process/procfs.ts";
import { leaveHart, makeRunnable, nextDeadline, takeRunnable, TIME_SLICE, wakeExpired } from "./process/scheduler.ts";
import { SignalHandlers } from "./process/signal-handlers.ts";
import { RUNNABLE, Task } from "./process/task.ts";
import { installTerminalControl, takeTerminal } from "./process/terminal-control.ts";
import { markStaticData } from "./state.ts";
import { runTask } from "./trap.ts";
import { consoleTty, dropConsole, makeConsole } from "./tty/console.ts";
import { recordBaseline } from "./usage.ts";

const STANDARD_STREAMS = 3;
const ANY_TERMINAL: u32 = BOOT_STDIN_TTY | BOOT_STDOUT_TTY | BOOT_STDERR_TTY;
const CONSOLE = memory.data<u8>([0x2f, 0x64, 0x65, 0x76, 0x2f, 0x63, 0x6f, 0x6e, 0x73, 0x6f, 0x6c, 0x65, 0]); // "/dev/console"
const how = new OpenHow();
const POINTER_SIZE: u64 = 8;

let flags: u32 = 0;
let hasBooted: bool = false;
/** The task that has the current slice (owned), and where that ends in retired + effort. */
let running: Task | null = null;
let sliceEnd: u64 = 0;
let isShutDown: bool = false;

/** 0, or -EINVAL for a second boot or too little memory. */
export function bootMachine(quirks: u32, seed: u64, memoryBytes: u64, bootFlags: u32, epochNs: i64): Outcome {
  const frames = memoryBytes >> <u64>PAGE_SHIFT;
  if (hasBooted || frames < LEAST_FRAMES) return -EINVAL;
  hasBooted = true;
  endStart();
  markStaticData();
  flags = bootFlags & ~BOOT_TRACE;
  setFrameLimit(<i32>min(frames, <u64>i32.MAX_VALUE));
  setQuirks(quirks);
  setSeed(seed);
  setEpoch(epochNs);
  if ((flags & BOOT_CHECKING_HEAP) != 0) checkHeap();
  setTracing((bootFlags & BOOT_TRACE) != 0);
  installProcessFiles();
  installTerminalControl();
  stampStandardStreams();
  recordBaseline();
  setInputTyped(isTerminal(0));
  makeConsole((flags & ANY_TERMINAL) != 0, isTerminal(0));
  mountFileSystems();
  return 0;
}

/** A process whose program is the host: root, at /, with the standard streams. Its pid, or -errno (ESRCH: pid 1 is gone). */
export function createActor(): Outcome {
  if (isPoweredOff) return -ESRCH;
  if (!admit()) return -ENOMEM;
  const space = new AddressSpace();
  const files = new FdTable();
  const context = newFsContext();
  openStandardStreams(files, context);
  const hasMemory = prepareActorMemory(space);
  const task = createProcess(space, files, context, new SignalHandlers(), new Credentials());
  if (task == null) return -ENOMEM;
  task.isActor = true;
  if (task.process.isSessionLeader && (flags & ANY_TERMINAL) != 0) takeTerminal(task.process, consoleTty());
  if (hasMemory) return task.tid;
  exitProcess(task.process, 0);
  return -ENOMEM;
}

/** Descriptors 0 to 2: those that are terminals share one open file of /dev/console, as Linux gives to init. */
function openStandardStreams(files: FdTable, context: FsContext): void {
  let terminal: File | null = null;
  if ((flags & ANY_TERMINAL) != 0) {
    how.setPlain(O_RDWR, 0);
    terminal = openAt(context, kernelCredentials(), null, CONSOLE, how);
  }
  for (let stream = 0; stream < STANDARD_STREAMS; stream++) {
    if (!isTerminal(stream)) {
      const file = new StandardStream(stream);
      files.install(file, 0, STANDARD_STREAMS, false);
      file.release();
    } else if (terminal != null) {
      files.install(terminal, 0, STANDARD_STREAMS, false);
    }
  }
  if (terminal != null) terminal.release();
}

function isTerminal(stream: i32): bool {
  return (flags & (<u32>BOOT_STDIN_TTY << stream)) != 0;
}

/**
 * Starts pid 1: an actor that changes directory and user and then executes the program. The buffer holds cwd, program, arguments and
 * environment, each with a NUL. Its pid, or the errno of the step that failed (the machine is then of no further use).
 */
export function startProgram(argumentCount: u32, environmentCount: u32, uid: u32, gid: u32): Outcome {
  const pid = createActor();
  if (pid < 0) return pid;
  const task = findTask(<i32>pid)!;
  const cwd = ACTOR_MEMORY;
  if (copyOut(task.space, cwd, BUFFER, BUFFER_SIZE) != BUFFER_SIZE) return -ENOMEM;
  const program = cwd + lengthAt(0) + 1;
  const argv: u64 = ACTOR_MEMORY + BUFFER_SIZE;
  const envp = argv + (<u64>argumentCount + 1) * POINTER_SIZE;
  let offset = lengthAt(0) + 1;
  offset += lengthAt(offset) + 1;
  offset = writePointers(task, argv, argumentCount, offset);
  writePointers(task, envp, environmentCount, offset);
  const outcome = becomeProgram(<i32>pid, cwd, program, argv, envp, uid, gid);
  if (outcome == 0) return pid;
  endEverything();
  return outcome;
}

function becomeProgram(pid: i32, cwd: u64, program: u64, argv: u64, envp: u64, uid: u32, gid: u32): Outcome {
  const wasTracing = isTracing;
  setTracing(false);
  let outcome = actorCall(pid, SYS_CHDIR, cwd, 0, 0, 0, 0, 0);
  if (outcome == 0 && gid != 0) outcome = actorCall(pid, SYS_SETRESGID, gid, gid, gid, 0, 0, 0);
  if (outcome == 0 && uid != 0) outcome = actorCall(pid, SYS_SETRESUID, uid, uid, uid, 0, 0, 0);
  setTracing(wasTracing);
  if (outcome < 0) return outcome;
  outcome = actorCall(pid, SYS_EXECVE, program, argv, envp, 0, 0, 0);
  const task = findTask(pid);
  return task == null || task.isActor ? outcome : 0;
}

/** Length of the buffer's string at `offset`. */
function lengthAt(offset: u32): u32 {
  let end = offset;
  while (end < <u32>BUFFER_SIZE && load<u8>(BUFFER + end) != 0) end++;
  return end - offset;
}

/** Writes pointers to `count` strings from `offset` on, and a NULL; the offset behind the last string. */
function writePointers(task: Task, array: u64, count: u32, offset: u32): u32 {
  for (let i: u32 = 0; i < count; i++) {
    writeUser<u64>(task.space, array + <u64>i * POINTER_SIZE, ACTOR_MEMORY + <u64>offset);
    offset += lengthAt(offset) + 1;
  }
  writeUser<u64>(task.space, array + <u64>count * POINTER_SIZE, 0);
  return offset;
}

/**
 * The scheduler tick: runs at most `budget` guest instructions (a little more when a call ends the budget), fewer where the
 * kernel works for the guest (lib/effort.ts). Why it stopped, RUN_*. Budgets do not change what happens: a task whose slice a
 * tick cuts goes on in the next one, and timers are looked at between slices only.
 */
export function tick(budget: u64): i32 {
  const end = retired + effort + budget;
  while (true) {
    if (takeFinding()) return RUN_FINDING;
    if (isPoweredOff) return RUN_OFF;
    if (running == null && !takeNext()) {
      const reason = idle();
      if (reason != RUN_BUDGET || retired + effort >= end) return reason;
      continue;
    }
    if (retired + effort >= end) return RUN_BUDGET;
    runSlice(min(sliceEnd, end));
  }
}

/** What budgets count, since boot. */
export function workDone(): u64 {
  return retired + effort;
}

/** The task that has the current slice (borrowed), or null. */
export function runningTask(): Task | null {
  return running;
}

/** Gives the next runnable task a slice; false when there is none. */
function takeNext(): bool {
  wakeDue();
  running = takeRunnable();
  sliceEnd = retired + effort + TIME_SLICE;
  return running != null;
}

/** Runs the task that has the slice up to `end`; if that is the slice's end, or it has stopped by itself, the next one follows. */
function runSlice(end: u64): void {
  const task = running!;
  if (task.state == RUNNABLE) runTask(task, <i64>(end - retired - effort));
  const isCut = task.state == RUNNABLE && retired + effort >= end && retired + effort < sliceEnd;
  if (isCut) return;
  running = null;
  fireCpuTimers(task);
  if (task.state == RUNNABLE) makeRunnable(task);
  task.release();
}

/**
 * Nobody can run: skips to the next timer (RUN_BUDGET: go on), or says what the machine waits for. While somebody waits for
 * input no time is skipped, so that input is never late: the host advances time when it knows that none will come.
 */
function idle(): i32 {
  if (isInputAwaited()) return RUN_INPUT;
  const next = nextTimer();
  if (next == NO_DEADLINE) return RUN_DEADLOCK;
  if ((flags & BOOT_REAL_TIME) != 0) return RUN_IDLE;
  advanceTo(next);
  spendSkip();
  return RUN_BUDGET;
}

/** When the next sleeper or timer is due, in virtual ns, or NO_DEADLINE. */
export function nextTimer(): i64 {
  return min(nextDeadline(), realTimers.nextDue);
}

export function advanceTo(ns: i64): void {
  const gap = ns - now();
  if (gap > 0) skip(gap);
}

function wakeDue(): void {
  const time = now();
  if (nextDeadline() <= time) wakeExpired(time);
  realTimers.fire(time);
}

/** Ends all processes and drops the file systems, once: afterwards nothing is left but leaks. */
export function shutDown(): void {
  if (isShutDown) return;
  isShutDown = true;
  leaveHart();
  endEverything();
  let task = running != null ? running : takeRunnable();
  running = null;
  while (task != null) {
    task.release();
    task = takeRunnable();
  }
  dropConsole();
  dropStandardInput();
  unmountFileSystems();
  drainQuarantine();
}
