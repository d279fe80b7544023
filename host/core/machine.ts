// SPDX-License-Identifier: MIT
// One machine: an instance of the kernel with its console, files, trace and findings. It passes bytes and numbers over the
// boundary and turns what comes back into results or errors. It waits for nothing and knows no clock: front ends drive it by
// step() or run(). Everything is synchronous; callbacks run inside step(), start() and actor calls.

import * as boundary from "../../kernel/abi/boundary.ts";
import { Actor } from "./actor.ts";
import { BadInputError, DeadlockError, KernelPanicError, LimitReachedError } from "./errors.ts";
import { decodeWaitStatus, type ExitStatus } from "./exit-status.ts";
import { explainStart } from "./explain-start.ts";
import { decodeStat, STAT_SIZE, type FileStat } from "./file-stat.ts";
import { file, imagePath, quoted, type ImageEntry, type ImageMount } from "./image.ts";
import type { KernelModule } from "./kernel-module.ts";
import { KernelPort } from "./kernel-port.ts";
import { USAGE, type BootOptions, type Finding, type MachineEvent, type OutputStream, type StartOptions, type Stop, type Usage } from "./machine-types.ts";
import { errnoName } from "./names.ts";
import { profileQuirks } from "./profiles.ts";
import { SnapshotStore, type Snapshot } from "./snapshot.ts";

export type * from "./machine-types.ts";

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

export const DEFAULT_MEMORY_BYTES = 256 * 1024 * 1024;
export const DEFAULT_EPOCH_NS = 1_767_225_600_000_000_000n; // 2026-01-01T00:00:00Z
/** Instructions between two looks at the outside: some 25 ms, and V8 needs the return to install optimised code. */
export const SLICE = 10_000_000n;

export const DEADLOCK_TEXT = "deadlock: every process sleeps, and neither time nor input can wake one";

const NO_TIMER = 2n ** 63n - 1n;
const PAYLOAD_BYTES = 128; // the largest payload: a siginfo
const encoder = new TextEncoder();
const decoder = new TextDecoder();

export class Machine {
  readonly findings: Finding[] = [];
  readonly #port: KernelPort;
  readonly #options: BootOptions;
  #snapshots: SnapshotStore | undefined;

  /**
   * Boots a machine with an empty root directory.
   * @throws BadInputError for an unknown profile or a memory size the kernel refuses
   */
  static boot(kernel: KernelModule, options: BootOptions = {}): Machine {
    return new Machine(kernel, options);
  }

  private constructor(kernel: KernelModule, options: BootOptions) {
    this.#options = options;
    this.#port = new KernelPort(kernel, {
      consoleWrite: (stream, address, len) => this.#options.onConsole?.(stream as OutputStream, this.#port.copy(address, len)),
      trace: (event, tid, number, value) => this.#trace(event, tid, number, value),
      finding: (kind, address, len) => this.#found(kind, decoder.decode(this.#port.copy(address, len))),
    });
    const memoryBytes = options.memoryBytes ?? DEFAULT_MEMORY_BYTES;
    const result = this.#port.call((kernel) =>
        kernel.boot(
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
      this.#port.put(entry.path, path, target);
      const { mode, uid = 0, gid = 0, mtimeNs = this.#options.epochNs ?? DEFAULT_EPOCH_NS, rdev = 0 } = entry;
      this.#checkEntry(
        entry.path,
        this.#port.call((kernel) => kernel.imageEntry(mode, uid, gid, mtimeNs, rdev, path.length, target.length)),
      );
      this.#addData(entry.path, entry.data ?? new Uint8Array());
    }
  }

  /** Gives a subtree mount flags of its own. @throws BadInputError when the path is missing */
  mount({ path, flags }: ImageMount): void {
    const len = this.#putPath(path);
    this.#checkEntry(path, this.#port.call((kernel) => kernel.imageMount(len, flags)));
  }

  /**
   * A file of the image or one that a program wrote: whole, or at least its first `wanted` bytes.
   * @throws BadInputError for a missing or not regular file
   */
  readFile(path: string, wanted = Infinity): Uint8Array {
    const chunks: Uint8Array[] = [];
    for (let offset = 0n; ; ) {
      if (offset >= wanted) return concat(chunks);
      const count = this.#fileRead(path, offset);
      if (count < 0) throw new BadInputError(`"${path}" in the image: ${errnoName(-count)}`);
      if (count === 0) return concat(chunks);
      chunks.push(this.#port.take(count));
      offset += BigInt(count);
    }
  }

  /** A regular file, owned by root. The directories above it are made where they are missing. */
  writeFile(path: string, data: Uint8Array | string, permissions = 0o644): void {
    this.addEntries([file(path, data, permissions)]);
  }

  /** stat(2) as root; undefined where nothing is. Symbolic links are followed. */
  stat(path: string): FileStat | undefined {
    const len = this.#putPath(path);
    const result = this.#port.call((kernel) => kernel.fileStat(len));
    return result < 0n ? undefined : decodeStat(this.#port.take(STAT_SIZE));
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

    this.#port.put("arguments and environment", encoder.encode(strings.map((text) => `${text}\0`).join("")));
    const result = this.#port.call((kernel) => kernel.start(argv.length, env.length, uid, gid));
    if (result < 0n) throw explainStart(this, program, cwd, Number(-result));
    this.#tell({ kind: "start", options });
  }

  /** Runs at most `budget` guest instructions: one tick of the scheduler. @throws KernelPanicError */
  step(budget: bigint = SLICE): Stop {
    const reason = this.#port.call((kernel) => kernel.run(budget));
    const stop = STOPS[reason];
    if (stop === undefined) throw new KernelPanicError(`run() returned ${reason}, which the boundary does not name`);
    this.#tell({ kind: "tick", stop });
    return stop;
  }

  /**
   * Runs until pid 1 is gone, with the input given so far and end of file after it. Virtual time is skipped, not waited for.
   * @throws LimitReachedError after `maxInstructions`, DeadlockError, KernelPanicError
   */
  run({ maxInstructions }: { maxInstructions?: bigint | number } = {}): ExitStatus {
    const limit = maxInstructions === undefined ? undefined : this.instructions + BigInt(maxInstructions);
    let hasEnded = false; // the input
    for (;;) {
      const left = limit === undefined ? SLICE : limit - this.instructions;
      if (left <= 0n) throw new LimitReachedError(`the program did not end within ${maxInstructions} instructions`);

      const stop = this.step(left < SLICE ? left : SLICE);
      if (stop === "off") return this.exitStatus;
      if (stop === "deadlock") throw new DeadlockError(DEADLOCK_TEXT);
      if (stop === "input" && !hasEnded) this.endInput();
      else if (stop === "idle" || stop === "input") this.advanceTo(this.nextTimer ?? this.now);
      hasEnded ||= stop === "input";
    }
  }

  /**
   * Gives bytes to the guest's standard input: where that is a terminal, as they are typed, Ctrl-C and CR included. How many were
   * taken (its buffer is finite: offer the rest later).
   */
  input(bytes: Uint8Array): number {
    let taken = 0;
    while (taken < bytes.length) {
      const chunk = bytes.subarray(taken, taken + boundary.BUFFER_SIZE);
      this.#port.put("chunk", chunk);
      const count = this.#port.call((kernel) => kernel.consoleInput(chunk.length));
      taken += count;
      if (count < chunk.length) break;
    }
    if (taken > 0) this.#tell({ kind: "input", bytes: bytes.subarray(0, taken) });
    return taken;
  }

  /** End of file on the guest's standard input, after what was given. A terminal stays otherwise what it was. */
  endInput(): void {
    this.#port.call((kernel) => kernel.consoleEof());
    this.#tell({ kind: "eof" });
  }

  /** The host's terminal has gone away: the session gets SIGHUP, reads find the end of the file, writes fail (vhangup(2)). */
  hangUp(): void {
    this.#port.call((kernel) => kernel.consoleHangup());
    this.#tell({ kind: "hangup" });
  }

  /** A signal from outside to the terminal's foreground process group, or to pid 1's without a terminal. */
  signal(signal: number): void {
    this.#port.call((kernel) => kernel.consoleSignal(signal));
    this.#tell({ kind: "signal", signal });
  }

  /** The size of the guest's terminal in characters, 24 rows of 80 at first; the foreground hears of a change by SIGWINCH. */
  resize(rows: number, columns: number): void {
    this.#port.call((kernel) => kernel.consoleResize(rows, columns));
    this.#tell({ kind: "resize", rows, columns });
  }

  /** Virtual time in ns since boot. */
  get now(): bigint {
    return this.#port.call((kernel) => kernel.now());
  }

  /** When the next timer is due in virtual ns; undefined without one. */
  get nextTimer(): bigint | undefined {
    const ns = this.#port.call((kernel) => kernel.nextTimer());
    return ns === NO_TIMER ? undefined : ns;
  }

  /** Moves virtual time forward to `ns`; for machines booted with isRealTime. */
  advanceTo(ns: bigint): void {
    const gap = ns - this.now;
    if (gap <= 0n) return;
    this.#port.call((kernel) => kernel.advanceTo(ns));
    this.#tell({ kind: "advance", ns: gap });
  }

  /** Guest instructions retired since boot. */
  get instructions(): bigint {
    return BigInt.asUintN(64, this.#port.call((kernel) => kernel.retired()));
  }

  /** What the budgets of step() count, since boot: instructions, and what the kernel does for programs in instructions' worth. */
  get work(): bigint {
    return BigInt.asUintN(64, this.#port.call((kernel) => kernel.work()));
  }

  /** How pid 1 ended; meaningful once step() said "off". */
  get exitStatus(): ExitStatus {
    return decodeWaitStatus(this.#port.call((kernel) => kernel.exitStatus()));
  }

  /** A process whose program is the caller: it makes system calls one by one. The first is pid 1 if nothing was started. */
  createActor(): Actor {
    const pid = this.#port.call((kernel) => kernel.actorCreate());
    if (pid < 0) throw new BadInputError(`no further process: ${errnoName(-pid)}`);
    return this.actor(pid);
  }

  /** The actor of a pid: one that createActor() made, or a child that an actor forked. */
  actor(pid: number): Actor {
    return new Actor(pid, {
      call: (number, [a0 = 0n, a1 = 0n, a2 = 0n, a3 = 0n, a4 = 0n, a5 = 0n]) =>
        this.#port.call((kernel) => kernel.actorCall(pid, number, a0, a1, a2, a3, a4, a5)),
      result: () => this.#port.call((kernel) => kernel.actorResult(pid)),
      signals: () => BigInt.asUintN(64, this.#port.call((kernel) => kernel.actorSignals(pid))),
      read: (address, len) => this.peek(pid, address, len),
      write: (address, bytes) => this.poke(pid, address, bytes),
    });
  }

  /** A copy of guest memory; short where the first unmapped page begins. */
  peek(tid: number, address: bigint, len: number): Uint8Array {
    const chunks: Uint8Array[] = [];
    for (let done = 0; done < len; ) {
      const wanted = Math.min(len - done, boundary.BUFFER_SIZE);
      const count = this.#port.call((kernel) => kernel.peek(tid, BigInt.asUintN(64, address + BigInt(done)), wanted));
      chunks.push(this.#port.take(count));
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
      this.#port.put("chunk", chunk);
      const count = this.#port.call((kernel) =>
        kernel.poke(tid, BigInt.asUintN(64, address + BigInt(done)), chunk.length),
      );
      done += count;
      if (count < chunk.length) break;
    }
    return done;
  }

  usage(): Usage {
    const entries = Object.entries(USAGE).map(([name, kind]) => [name, Number(this.#port.call((kernel) => kernel.usage(kind)))]);
    return Object.fromEntries(entries) as Usage;
  }

  /** One line for each kind of live kernel object. */
  leakReport(): string {
    const len = this.#port.call((kernel) => kernel.leakReport());
    return decoder.decode(this.#port.take(len));
  }

  /**
   * For tests: looks at everything that is alive in the kernel, and gives one line for each invariant that does not hold
   * (reference counts, page tables, queues, the process tree, counts of links and writers). Changes nothing; costs some ten
   * microseconds and more the more is alive.
   */
  checkInvariants(): string {
    const len = this.#port.call((kernel) => kernel.checkInvariants());
    return decoder.decode(this.#port.take(len));
  }

  /** What the task with the lowest tid above `after` is, in the lines of kernel/inspect.ts; "" if there is none (inspection.ts). */
  inspectTask(after: number): string {
    const len = this.#port.call((kernel) => kernel.inspectTask(after));
    return decoder.decode(this.#port.take(len));
  }

  /** A task's first open descriptor from `from` on, likewise. */
  inspectFile(tid: number, from: number): string {
    const len = this.#port.call((kernel) => kernel.inspectFile(tid, from));
    return decoder.decode(this.#port.take(len));
  }

  /**
   * For tests of running out of memory: `count` allocations of these kinds (ALLOCATION_* of kernel/abi/boundary.ts) succeed and
   * the next one fails, once: a call answers ENOMEM then, or a program that needed the page is killed. A negative count ends it.
   * Returns what was left of the last count: it is negative when that failure has happened.
   */
  failAllocation(count: number, kinds: number = boundary.ALLOCATION_OBJECTS): number {
    return Number(this.#port.call((kernel) => kernel.failAllocation(BigInt(count), kinds)));
  }

  /**
   * A hash over everything that decides what happens next: guest memory, files, tasks, the kernel's objects. Equal in equal runs of one
   * kernel build on any engine, however the host cuts them into ticks, traces them, takes snapshots or goes back. Findings and
   * output that left the machine are not in it.
   */
  stateHash(): string {
    return BigInt.asUintN(64, this.#port.call((kernel) => kernel.stateHash())).toString(16).padStart(16, "0");
  }

  /** The state now, for restore(); shares what has not changed with the machine's other snapshots. */
  snapshot(): Snapshot {
    return this.#port.call((kernel) => (this.#snapshots ??= new SnapshotStore(kernel)).take());
  }

  /**
   * Goes back, or forward, to a snapshot of this machine; how many pages that wrote. `findings` stay, as does what onConsole and onTrace
   * were told: who keeps output with the state keeps its length with the snapshot. A panicked machine stays dead.
   * @throws BadInputError for a snapshot of another machine
   */
  restore(snapshot: Snapshot): number {
    const store = this.#snapshots;
    if (store === undefined || snapshot.of !== store) throw new BadInputError("restore: expected a snapshot of this machine, found another's");
    return this.#port.call(() => store.restore(snapshot));
  }

  /** Ends every process and releases everything. */
  powerOff(): void {
    this.#port.call((kernel) => kernel.powerOff());
  }

  #tell(event: MachineEvent): void {
    this.#options.onEvent?.(event);
  }

  #found(number: number, text: string): void {
    const finding: Finding = { kind: FINDING_KINDS[number] ?? "warning", text };
    if (finding.kind === "panic") this.#port.panicText = text;
    this.findings.push(finding);
    this.#options.onFinding?.(finding);
  }

  #trace(event: number, tid: number, number: number, value: bigint): void {
    const payload = this.#port.take(PAYLOAD_BYTES);
    this.#options.onTrace?.({ event, tid, number, value, payload, timeNs: this.now }, (task, address, len) => this.peek(task, address, len));
  }

  #fileRead(path: string, offset: bigint): number {
    const len = this.#putPath(path);
    return Number(this.#port.call((kernel) => kernel.fileRead(len, offset)));
  }

  #addData(name: string, data: Uint8Array): void {
    for (let at = 0; at < data.length; at += boundary.BUFFER_SIZE) {
      const chunk = data.subarray(at, at + boundary.BUFFER_SIZE);
      this.#port.put("chunk", chunk);
      this.#checkEntry(name, this.#port.call((kernel) => kernel.imageData(chunk.length)));
    }
  }

  #checkEntry(name: string, result: bigint): void {
    if (result >= 0n) return;
    const reason = errnoName(Number(-result));
    if (reason === "ENOMEM") {
      const size = this.#options.memoryBytes ?? DEFAULT_MEMORY_BYTES;
      throw new BadInputError(`entry ${quoted(name)}: the image is larger than the machine's memory of ${size} bytes`);
    }
    throw new BadInputError(`entry ${quoted(name)}: ${reason}`);
  }

  #putPath(path: string): number {
    const bytes = encoder.encode(path);
    this.#port.put(path, bytes);
    return bytes.length;
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
