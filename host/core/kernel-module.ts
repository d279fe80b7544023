// SPDX-License-Identifier: MIT
// The boundary as the host sees it: every export and import of kernel.wasm, once, with its type. A module is checked against
// the two lists when it is loaded, so that a kernel of another build fails here with its reason and not later with a trap.
// The meaning of each call stands with the kernel (kernel/index.ts, kernel/host.ts).

import { BOUNDARY_VERSION } from "../../kernel/abi/boundary.ts";
import { BadInputError } from "./errors.ts";

/** kernel/index.ts. Lengths are bytes in the transfer buffer, times virtual nanoseconds. */
export interface KernelExports {
  readonly memory: WebAssembly.Memory;
  boundaryVersion(): number;
  buffer(): number;
  boot(quirks: number, seed: bigint, memoryBytes: bigint, flags: number, epochNs: bigint): number;
  imageEntry(
    mode: number,
    uid: number,
    gid: number,
    mtimeNs: bigint,
    rdev: number,
    pathLen: number,
    targetLen: number,
  ): bigint;
  imageData(len: number): bigint;
  imageMount(pathLen: number, flags: number): bigint;
  fileRead(pathLen: number, offset: bigint): bigint;
  fileStat(pathLen: number): bigint;
  start(argc: number, envc: number, uid: number, gid: number): bigint;
  run(budget: bigint): number;
  now(): bigint;
  nextTimer(): bigint;
  advanceTo(ns: bigint): void;
  retired(): bigint;
  work(): bigint;
  exitStatus(): number;
  consoleInput(len: number): number;
  consoleEof(): void;
  consoleSignal(signal: number): void;
  consoleHangup(): void;
  consoleResize(rows: number, columns: number): void;
  peek(tid: number, address: bigint, len: number): number;
  poke(tid: number, address: bigint, len: number): number;
  actorCreate(): number;
  actorCall(
    tid: number,
    call: number,
    a0: bigint,
    a1: bigint,
    a2: bigint,
    a3: bigint,
    a4: bigint,
    a5: bigint,
  ): bigint;
  actorResult(tid: number): bigint;
  actorSignals(tid: number): bigint;
  usage(kind: number): bigint;
  leakReport(): number;
  checkInvariants(): number;
  inspectTask(after: number): number;
  inspectFile(tid: number, from: number): number;
  failAllocation(count: bigint, kinds: number): bigint;
  stateAddress(kind: number): number;
  saveState(): number;
  loadState(): void;
  forgetCode(frame: number): void;
  stateHash(): bigint;
  powerOff(): void;
}

/** kernel/host.ts. */
export interface KernelImports {
  consoleWrite(stream: number, address: number, len: number): void;
  trace(event: number, tid: number, number: number, value: bigint): void;
  finding(kind: number, address: number, len: number): void;
}

export const IMPORT_MODULE = "spawnlab";

export const EXPORTS: Record<keyof KernelExports, "function" | "memory"> = {
  memory: "memory",
  boundaryVersion: "function",
  buffer: "function",
  boot: "function",
  imageEntry: "function",
  imageData: "function",
  imageMount: "function",
  fileRead: "function",
  fileStat: "function",
  start: "function",
  run: "function",
  now: "function",
  nextTimer: "function",
  advanceTo: "function",
  retired: "function",
  work: "function",
  exitStatus: "function",
  consoleInput: "function",
  consoleEof: "function",
  consoleSignal: "function",
  consoleHangup: "function",
  consoleResize: "function",
  peek: "function",
  poke: "function",
  actorCreate: "function",
  actorCall: "function",
  actorResult: "function",
  actorSignals: "function",
  usage: "function",
  leakReport: "function",
  checkInvariants: "function",
  inspectTask: "function",
  inspectFile: "function",
  failAllocation: "function",
  stateAddress: "function",
  saveState: "function",
  loadState: "function",
  forgetCode: "function",
  stateHash: "function",
  powerOff: "function",
};

export const IMPORTS: Record<keyof KernelImports, "function"> = {
  consoleWrite: "function",
  trace: "function",
  finding: "function",
};

/** A compiled kernel that has been checked. One serves any number of machines. */
export interface KernelModule {
  readonly module: WebAssembly.Module;
  readonly observer?: KernelObserver;
}

/** Stands between an instance and its host, and sees everything that crosses the boundary. */
export interface KernelObserver {
  imports(imports: KernelImports): KernelImports;
  exports(exports: KernelExports): KernelExports;
  /** The first `length` bytes of the transfer buffer are for the next call. */
  put(length: number): void;
  /** The latest call left these bytes in the transfer buffer. */
  taken(bytes: Uint8Array): void;
}

/**
 * Compiles kernel.wasm and checks its exports and imports.
 * @throws BadInputError when the bytes are no wasm module or not this boundary's kernel
 */
export function loadKernel(bytes: Uint8Array): KernelModule {
  let module: WebAssembly.Module;
  try {
    module = new WebAssembly.Module(bytes);
  } catch (error) {
    throw new BadInputError(`kernel.wasm: not a WebAssembly module (${(error as Error).message})`);
  }

  const exported = new Map(WebAssembly.Module.exports(module).map(({ name, kind }) => [name, kind]));
  for (const [name, kind] of Object.entries(EXPORTS)) {
    if (exported.get(name) === kind) continue;
    throw new BadInputError(`kernel.wasm: expected an exported ${kind} "${name}", found ${exported.get(name) ?? "none"}`);
  }
  for (const { module: from, name, kind } of WebAssembly.Module.imports(module)) {
    if (from === IMPORT_MODULE && Object.hasOwn(IMPORTS, name) && kind === "function") continue;
    throw new BadInputError(`kernel.wasm: imports an unknown ${kind} "${from}.${name}"`);
  }
  return { module };
}

/** A fresh instance, nothing booted yet. @throws BadInputError for another version of the boundary */
export function instantiate(kernel: KernelModule, imports: KernelImports): KernelExports {
  const seen = kernel.observer?.imports(imports) ?? imports;
  const instance = new WebAssembly.Instance(kernel.module, { [IMPORT_MODULE]: { ...seen } });
  const exports = instance.exports as unknown as KernelExports;
  const version = exports.boundaryVersion();
  if (version !== BOUNDARY_VERSION) {
    throw new BadInputError(`kernel.wasm: expected version ${BOUNDARY_VERSION} of the boundary, found ${version}`);
  }
  return kernel.observer?.exports(exports) ?? exports;
}
