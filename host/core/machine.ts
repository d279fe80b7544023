// SPDX-License-Identifier: MIT
// One machine: an instance of the kernel with its console, files, trace and findings. It passes bytes and numbers over the
// boundary and turns what comes back into results or errors. It waits for nothing and knows no clock: front ends drive it by
// step() or run(). Everything is synchronous; callbacks run inside step(), start() and actor calls.

import * as boundary from "../../kernel/abi/boundary.ts";
import { Actor } from "./actor.ts";
import { BadInputError, DeadlockError, KernelPanicError, LimitReachedError } from "./errors.ts";
import { file, imagePath, type ImageEntry, type ImageMount } from "./image.ts";
import { instantiate, type KernelExports, type KernelModule } from "./kernel-module.ts";
import { errnoName } from "./names.ts";
import { profileQuirks, type ProfileName } from "./profiles.ts";
import { explainStart } from "./explain-start.ts";
import { decodeStat, type FileStat } from "./file-stat.ts";
import { decodeWaitStatus, type ExitStatus } from "./exit-status.ts";

export interface BootOptions {
  /** The set of quirks to boot with; default "documented". */
  readonly profile?: ProfileName;
  /** Quirk bits (kernel/abi/quirks.ts) instead of a profile's. */
  readonly quirks?: number;
  /** Seeds everything random in the guest (AT_RANDOM, getrandom, address layout); default 1. */
  readonly seed?: bigint | number;
  /** Physical memory of the guest in bytes, files included; default 256 MiB. */
  readonly memoryBytes?: number;
  /** CLOCK_REALTIME in ns when virtual time is 0; default 2026-01-01T00:00:00Z, so that runs repeat. */
  readonly epochNs?: bigint;
  /** Poison and quarantine freed kernel objects: slower, names every use after free. */
  readonly isHeapChecked?: boolean;
  /** step() answers "idle" instead of skipping virtual time to the next timer. */
  readonly isRealTime?: boolean;
  /** Which of the guest's standard streams are terminals; default none. */
  readonly terminals?: { readonly stdin?: boolean; readonly stdout?: boolean; readonly stderr?: boolean };
  /** Bytes that the guest wrote to its standard output (1) or error (2). The array is the callee's own. */
  readonly onConsole?: (stream: 1 | 2, bytes: Uint8Array) => void;
  /** Every trace event. `memory` reads the guest's memory as it is at this moment. Costs time: leave it out if unused. */
  readonly onTrace?: (event: TraceEvent, memory: GuestMemory) => void;
  /** A finding, as it is made; `findings` keeps them all. */
  readonly onFinding?: (finding: Finding) => void;
}

export interface StartOptions {
  /** Path in the image, absolute or relative to `cwd`. */
  readonly program: string;
  /** argv, argv[0] included; default [program]. */
  readonly argv?: readonly string[];
  /** Environment as NAME=VALUE; default empty. */
  readonly env?: readonly string[];
  /** Working directory; default "/". */
  readonly cwd?: string;
  readonly uid?: number;
  readonly gid?: number;
}

/** A trace event (kernel/abi/boundary.ts, TRACE_*); `payload` is the start of the transfer buffer, copied. */
export interface TraceEvent {
  readonly event: number;
  readonly tid: number;
  readonly number: number;
  readonly value: bigint;
  readonly payload: Uint8Array;
}

/** Reads a task's memory: fewer bytes than asked at an unmapped page, none for a wild pointer. */
export type GuestMemory = (tid: number, address: bigint, len: number) => Uint8Array;

export interface Finding {
  readonly kind: "panic" | "use-after-free" | "leak" | "warning";
  readonly text: string;
}

/** Why step() came back: "input" waits for input(), "idle" for advanceTo(), "off" is the end, "deadlock" is for good. */
export type Stop = "budget" | "idle" | "input" | "off" | "deadlock" | "finding";

/** What is alive now, by kind: kernel/abi/boundary.ts, USAGE_*. */
export type Usage = Record<keyof typeof USAGE, number>;

const STOPS: Record<number, Stop> = {
  [boundary.RUN_BUDGET]: "budget",
  [boundary.RUN_IDLE]: "idle",
  [boundary.RUN_INPUT]: "input",
  [boundary.RUN_OFF]: "off",
  [boundary.RUN_DEADLOCK]: "deadlock",
  [boundary.RUN_FINDING]: "finding",
};

const FINDING_KINDS: Record<number, Finding["kind"]> = {
  [boundary.FINDING_PANIC]: "panic",
  [boundary.FINDING_USE_AFTER_FREE]: "use-after-free",
  [boundary.FINDING_LEAK]: "leak",
  [boundary.FINDING_WARNING]: "warning",
};

const USAGE = {
  frames: boundary.USAGE_FRAMES,
  frameLimit: boundary.USAGE_FRAME_LIMIT,
  objects: boundary.USAGE_OBJECTS,
  tasks: boundary.USAGE_TASKS,
  files: boundary.USAGE_FILES,
  templates: boundary.USAGE_TEMPLATES,
  denyWrites: boundary.USAGE_DENY_WRITES,
  leakedStrings: boundary.USAGE_LEAKED_STRINGS,
  unknownCalls: boundary.USAGE_UNKNOWN_CALLS,
  pageCache: boundary.USAGE_PAGE_CACHE,
};

export const DEFAULT_MEMORY_BYTES = 256 * 1024 * 1024;
export const DEFAULT_EPOCH_NS = 1_767_225_600_000_000_000n; // 2026-01-01T00:00:00Z
/** Instructions between two looks at the outside: some 25 ms, and V8 needs the return to install optimised code. */
export const SLICE = 10_000_000n;

const PAYLOAD_BYTES = 128; // the largest payload: a siginfo
const encoder = new TextEncoder();
const decoder = new TextDecoder();

export class Machine {
  readonly findings: Finding[] = [];
  readonly #kernel: KernelExports;
  readonly #buffer: number;
  readonly #options: BootOptions;
  #failure: unknown; // what ended the machine; every later call throws it again
  #panicText = "";

  /**
   * Boots a machine with an empty root directory.
   * @throws BadInputError for an unknown profile or a memory size the kernel refuses
   */
  static boot(kernel: KernelModule, options: BootOptions = {}): Machine {
    return new Machine(kernel, options);
  }

  private constructor(kernel: KernelModule, options: BootOptions) {
    this.#options = options;
    this.#kernel = instantiate(kernel, {
      consoleWrite: (stream, address, len) => this.#options.onConsole?.(stream === 2 ? 2 : 1, this.#copyOut(address, len)),
      trace: (event, tid, number, value) => this.#trace(event, tid, number, value),
      finding: (kind, address, len) => this.#found(kind, decoder.decode(this.#copyOut(address, len))),
    });
    this.#buffer = this.#kernel.buffer() >>> 0;
    const memoryBytes = options.memoryBytes ?? DEFAULT_MEMORY_BYTES;
    const result = this.#enter(() =>
      this.#kernel.boot(
        options.quirks ?? profileQuirks(options.profile ?? "documented"),
        BigInt.asUintN(64, BigInt(options.seed ?? 1)),
        BigInt(memoryBytes),
        bootFlags(options),
        options.epochNs ?? DEFAULT_EPOCH_NS,
      ),
    );
    if (result < 0) throw new BadInputError(`memory of ${memoryBytes} bytes: ${errnoName(-result)}`);
  }

  /**
   * Puts entries into the file system: before or after start().
   * @throws BadInputError naming the entry, also when the image does not fit into the machine's memory
   */
  addEntries(entries: Iterable<ImageEntry>): void {
    for (const entry of entries) {
      const path = encoder.encode(`/${imagePath(entry.path)}`);
      const target = encoder.encode(entry.target ?? "");
      const fill = this.#fill(entry.path, path, target);
      const { mode, uid = 0, gid = 0, mtimeNs = this.#options.epochNs ?? DEFAULT_EPOCH_NS, rdev = 0 } = entry;
      this.#checkEntry(
        entry.path,
        this.#enter(() => this.#kernel.imageEntry(mode, uid, gid, mtimeNs, rdev, fill, target.length)),
      );
      this.#addData(entry.path, entry.data ?? new Uint8Array());
    }
  }

  /** Gives a subtree mount flags of its own. @throws BadInputError when the path is missing */
  mount({ path, flags }: ImageMount): void {
    const len = this.#fill(path, encoder.encode(path));
    this.#checkEntry(path, this.#enter(() => this.#kernel.imageMount(len, flags)));
  }

  /** A file of the image or one that a program wrote. @throws BadInputError for a missing or not regular file */
  readFile(path: string): Uint8Array {
    const chunks: Uint8Array[] = [];
    for (let offset = 0n; ; ) {
      const count = this.#fileRead(path, offset);
      if (count < 0) throw new BadInputError(`"${path}" in the image: ${errnoName(-count)}`);
      if (count === 0) return concat(chunks);
      chunks.push(this.#copyOut(this.#buffer, count));
      offset += BigInt(count);
    }
  }

  /** A regular file, owned by root. The directories above it are made where they are missing. */
  writeFile(path: string, data: Uint8Array | string, permissions = 0o644): void {
    this.addEntries([file(path, data, permissions)]);
  }

  /** stat(2) as root; undefined where nothing is. Symbolic links are followed. */
  stat(path: string): FileStat | undefined {
    const len = this.#fill(path, encoder.encode(path));
    const result = this.#enter(() => this.#kernel.fileStat(len));
    return result < 0n ? undefined : decodeStat(this.#copyOut(this.#buffer, PAYLOAD_BYTES));
  }

  /**
   * Makes pid 1 from a program of the image; step() or run() then runs it.
   * @throws ProgramNotFoundError, CannotExecuteError saying what is wrong with the file, BadInputError for a missing working
   * directory or for arguments and environment over 64 KiB
   */
  start(options: StartOptions): void {
    const { program, argv = [program], env = [], cwd = "/", uid = 0, gid = 0 } = options;
    const strings = [cwd, program, ...argv, ...env];
    const nul = strings.find((text) => text.includes("\0"));
    if (nul !== undefined) throw new BadInputError(`${JSON.stringify(nul)}: an argument cannot hold a NUL byte`);

    this.#fill("arguments and environment", encoder.encode(strings.map((text) => `${text}\0`).join("")));
    const result = this.#enter(() => this.#kernel.start(argv.length, env.length, uid, gid));
    if (result < 0n) throw explainStart(this, program, cwd, Number(-result));
  }

  /** Runs at most `budget` guest instructions: one tick of the scheduler. @throws KernelPanicError */
  step(budget: bigint = SLICE): Stop {
    const reason = this.#enter(() => this.#kernel.run(budget));
    const stop = STOPS[reason];
    if (stop === undefined) throw new KernelPanicError(`run() returned ${reason}, which the boundary does not name`);
    return stop;
  }

  /**
   * Runs until pid 1 is gone, with the input given so far and end of file after it. Virtual time is skipped, not waited for.
   * @throws LimitReachedError after `maxInstructions`, DeadlockError, KernelPanicError
   */
  run({ maxInstructions }: { maxInstructions?: bigint | number } = {}): ExitStatus {
    const limit = maxInstructions === undefined ? undefined : this.instructions + BigInt(maxInstructions);
    for (;;) {
      const left = limit === undefined ? SLICE : limit - this.instructions;
      if (left <= 0n) throw new LimitReachedError(`the program did not end within ${maxInstructions} instructions`);

      const stop = this.step(left < SLICE ? left : SLICE);
      if (stop === "off") return this.exitStatus;
      if (stop === "input") this.endInput();
      if (stop === "deadlock") throw new DeadlockError("every process sleeps, and neither time nor input can wake one");
      if (stop === "idle") this.advanceTo(this.nextTimer ?? this.now);
    }
  }

  /** Gives bytes to the guest's standard input; how many were taken (its buffer is finite: offer the rest later). */
  input(bytes: Uint8Array): number {
    let taken = 0;
    while (taken < bytes.length) {
      const chunk = bytes.subarray(taken, taken + boundary.BUFFER_SIZE);
      this.#view().set(chunk, this.#buffer);
      const count = this.#enter(() => this.#kernel.consoleInput(chunk.length));
      taken += count;
      if (count < chunk.length) break;
    }
    return taken;
  }

  /** End of file on the guest's standard input, after what was given. */
  endInput(): void {
    this.#enter(() => this.#kernel.consoleEof());
  }

  /** A key's signal (SIGINT, SIGQUIT, SIGTSTP), SIGWINCH or SIGHUP to the console's foreground process group. */
  signal(signal: number): void {
    this.#enter(() => this.#kernel.consoleSignal(signal));
  }

  resize(rows: number, columns: number): void {
    this.#enter(() => this.#kernel.consoleResize(rows, columns));
  }

  /** Virtual time in ns since boot. */
  get now(): bigint {
    return this.#enter(() => this.#kernel.now());
  }

  /** When the next timer is due in virtual ns; undefined without one. */
  get nextTimer(): bigint | undefined {
    const ns = this.#enter(() => this.#kernel.nextTimer());
    return ns < 0n ? undefined : ns;
  }

  /** Moves virtual time forward to `ns`; for machines booted with isRealTime. */
  advanceTo(ns: bigint): void {
    this.#enter(() => this.#kernel.advanceTo(ns));
  }

  /** Guest instructions retired since boot. */
  get instructions(): bigint {
    return BigInt.asUintN(64, this.#enter(() => this.#kernel.retired()));
  }

  /** How pid 1 ended; meaningful once step() said "off". */
  get exitStatus(): ExitStatus {
    return decodeWaitStatus(this.#enter(() => this.#kernel.exitStatus()));
  }

  /** A process whose program is the caller: it makes system calls one by one. The first is pid 1 if nothing was started. */
  createActor(): Actor {
    const pid = this.#enter(() => this.#kernel.actorCreate());
    if (pid < 0) throw new BadInputError(`no further process: ${errnoName(-pid)}`);
    return this.actor(pid);
  }

  /** The actor of a pid: one that createActor() made, or a child that an actor forked. */
  actor(pid: number): Actor {
    return new Actor(pid, {
      call: (number, [a0 = 0n, a1 = 0n, a2 = 0n, a3 = 0n, a4 = 0n, a5 = 0n]) =>
        this.#enter(() => this.#kernel.actorCall(pid, number, a0, a1, a2, a3, a4, a5)),
      result: () => this.#enter(() => this.#kernel.actorResult(pid)),
      signals: () => BigInt.asUintN(64, this.#enter(() => this.#kernel.actorSignals(pid))),
      read: (address, len) => this.peek(pid, address, len),
      write: (address, bytes) => this.poke(pid, address, bytes),
    });
  }

  /** A copy of guest memory; short where the first unmapped page begins. */
  peek(tid: number, address: bigint, len: number): Uint8Array {
    const chunks: Uint8Array[] = [];
    for (let done = 0; done < len; ) {
      const wanted = Math.min(len - done, boundary.BUFFER_SIZE);
      const count = this.#enter(() => this.#kernel.peek(tid, BigInt.asUintN(64, address + BigInt(done)), wanted));
      chunks.push(this.#copyOut(this.#buffer, count));
      done += count;
      if (count < wanted) break;
    }
    return concat(chunks);
  }

  /** Writes guest memory; how many bytes before the first page that is not mapped. */
  poke(tid: number, address: bigint, bytes: Uint8Array): number {
    let done = 0;
    while (done < bytes.length) {
      const chunk = bytes.subarray(done, done + boundary.BUFFER_SIZE);
      this.#view().set(chunk, this.#buffer);
      const count = this.#enter(() =>
        this.#kernel.poke(tid, BigInt.asUintN(64, address + BigInt(done)), chunk.length),
      );
      done += count;
      if (count < chunk.length) break;
    }
    return done;
  }

  usage(): Usage {
    const entries = Object.entries(USAGE).map(([name, kind]) => [name, Number(this.#enter(() => this.#kernel.usage(kind)))]);
    return Object.fromEntries(entries) as Usage;
  }

  /** One line for each kind of live kernel object. */
  leakReport(): string {
    const len = this.#enter(() => this.#kernel.leakReport());
    return decoder.decode(this.#copyOut(this.#buffer, len));
  }

  /** Ends every process and releases everything. */
  powerOff(): void {
    this.#enter(() => this.#kernel.powerOff());
  }

  /** Calls the kernel; a trap, a panic or an exception of a callback ends this machine. */
  #enter<T>(call: () => T): T {
    if (this.#failure !== undefined) throw this.#failure;
    try {
      return call();
    } catch (error) {
      this.#failure = isTrap(error) ? this.#panicError(error) : error;
      throw this.#failure;
    }
  }

  #panicError(trap: Error): KernelPanicError {
    return new KernelPanicError(`kernel panic: ${this.#panicText || trap.message}`, { cause: trap });
  }

  #found(number: number, text: string): void {
    const finding: Finding = { kind: FINDING_KINDS[number] ?? "warning", text };
    if (finding.kind === "panic") this.#panicText = text;
    this.findings.push(finding);
    this.#options.onFinding?.(finding);
  }

  #trace(event: number, tid: number, number: number, value: bigint): void {
    const payload = this.#copyOut(this.#buffer, PAYLOAD_BYTES);
    this.#options.onTrace?.({ event, tid, number, value, payload }, (task, address, len) => this.peek(task, address, len));
  }

  #fileRead(path: string, offset: bigint): number {
    const len = this.#fill(path, encoder.encode(path));
    return Number(this.#enter(() => this.#kernel.fileRead(len, offset)));
  }

  #addData(name: string, data: Uint8Array): void {
    for (let at = 0; at < data.length; at += boundary.BUFFER_SIZE) {
      const chunk = data.subarray(at, at + boundary.BUFFER_SIZE);
      this.#view().set(chunk, this.#buffer);
      this.#checkEntry(name, this.#enter(() => this.#kernel.imageData(chunk.length)));
    }
  }

  #checkEntry(name: string, result: bigint): void {
    if (result >= 0n) return;
    const reason = errnoName(Number(-result));
    if (reason === "ENOMEM") {
      const size = this.#options.memoryBytes ?? DEFAULT_MEMORY_BYTES;
      throw new BadInputError(`entry "${name}": the image is larger than the machine's memory of ${size} bytes`);
    }
    throw new BadInputError(`entry "${name}": ${reason}`);
  }

  /** Puts the parts into the transfer buffer, one after the other; the length of the first. */
  #fill(what: string, first: Uint8Array, second: Uint8Array = new Uint8Array()): number {
    if (first.length + second.length > boundary.BUFFER_SIZE) {
      throw new BadInputError(`${what}: expected at most ${boundary.BUFFER_SIZE} bytes, found ${first.length + second.length}`);
    }
    this.#view().set(first, this.#buffer);
    this.#view().set(second, this.#buffer + first.length);
    return first.length;
  }

  #copyOut(address: number, len: number): Uint8Array {
    return this.#view().slice(address >>> 0, (address >>> 0) + len);
  }

  /** The kernel's memory; never kept, because growing it replaces the buffer. */
  #view(): Uint8Array {
    return new Uint8Array(this.#kernel.memory.buffer);
  }
}

function bootFlags({ onTrace, isHeapChecked, isRealTime, terminals }: BootOptions): number {
  return (
    (onTrace ? boundary.BOOT_TRACE : 0) |
    (isHeapChecked ? boundary.BOOT_CHECKING_HEAP : 0) |
    (isRealTime ? boundary.BOOT_REAL_TIME : 0) |
    (terminals?.stdin ? boundary.BOOT_STDIN_TTY : 0) |
    (terminals?.stdout ? boundary.BOOT_STDOUT_TTY : 0) |
    (terminals?.stderr ? boundary.BOOT_STDERR_TTY : 0)
  );
}

/** A wasm trap; a stack overflow inside wasm is a RangeError. */
function isTrap(error: unknown): error is Error {
  return error instanceof WebAssembly.RuntimeError || error instanceof RangeError;
}

function concat(chunks: readonly Uint8Array[]): Uint8Array {
  const [only] = chunks;
  if (chunks.length === 1 && only !== undefined) return only;
  const whole = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}
