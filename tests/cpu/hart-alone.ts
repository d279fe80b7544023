// SPDX-License-Identifier: MIT
// A hart without a kernel, for tests: kernel/cpu compiled together with a flat page table (alone/). Built when its sources change,
// into build/hart-alone.wasm.

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const WASM = "build/hart-alone.wasm";
const STAND_IN = "tests/cpu/alone/flat-memory.ts";
const SOURCES = ["kernel/cpu", "kernel/memory", "kernel/lib", "kernel/abi", "tests/cpu/alone"];

export const STOP_FUEL = 0;
export const STOP_ECALL = 1;
export const STOP_FAULT = 2;

export const READ = 1;
export const WRITE = 2;
export const EXECUTE = 4;
export const ALL = READ | WRITE | EXECUTE;

const F_OFFSET = 256;
const FCSR_OFFSET = 520;

interface Exports {
  memory: WebAssembly.Memory;
  REGISTERS: WebAssembly.Global;
  retired: WebAssembly.Global;
  faultSignal: WebAssembly.Global;
  faultCode: WebAssembly.Global;
  faultAddress: WebAssembly.Global;
  run(fuel: bigint): number;
  retireEcall(): void;
  map(va: bigint, rights: number, frame: number): number;
  protect(va: bigint, rights: number): void;
  unmap(va: bigint): void;
  translate(va: bigint, access: number): number;
  readPc(): bigint;
  writePc(pc: bigint): void;
  clearRegisters(): void;
  clearReservation(): void;
  setTimeOffset(ns: bigint): void;
  expand(instruction: number): number;
  hasCode(frame: number): number;
  dropCode(frame: number): void;
  dropAllCode(): void;
  flushTlb(): void;
}

export class Hart {
  readonly kernel: Exports;
  private view: DataView;

  constructor(module: WebAssembly.Module) {
    const complain = () => { throw new Error("the kernel panicked"); };
    const imports = { env: { abort: complain }, spawnlab: { finding: complain, consoleWrite() {}, trace() {} } };
    this.kernel = new WebAssembly.Instance(module, imports).exports as unknown as Exports;
    this.view = new DataView(this.kernel.memory.buffer);
    this.kernel.clearReservation();
  }

  /** The memory's view, which goes stale when the memory grows. */
  private get memory(): DataView {
    if (this.view.buffer !== this.kernel.memory.buffer) this.view = new DataView(this.kernel.memory.buffer);
    return this.view;
  }

  x(index: number): bigint {
    return this.memory.getBigUint64(this.register(index), true);
  }

  setX(index: number, value: bigint): void {
    if (index !== 0) this.memory.setBigUint64(this.register(index), BigInt.asUintN(64, value), true);
  }

  f(index: number): bigint {
    return this.memory.getBigUint64(this.register(index) + F_OFFSET, true);
  }

  setF(index: number, value: bigint): void {
    this.memory.setBigUint64(this.register(index) + F_OFFSET, value, true);
  }

  get fcsr(): number {
    return this.memory.getUint32(this.kernel.REGISTERS.value + FCSR_OFFSET, true);
  }

  set fcsr(value: number) {
    this.memory.setUint32(this.kernel.REGISTERS.value + FCSR_OFFSET, value, true);
  }

  get pc(): number {
    return Number(this.kernel.readPc());
  }

  set pc(value: number) {
    this.kernel.writePc(BigInt(value));
  }

  get retired(): bigint {
    return this.kernel.retired.value as bigint;
  }

  get fault(): { signal: number; code: number; address: bigint } {
    const { faultSignal, faultCode, faultAddress } = this.kernel;
    return { signal: faultSignal.value, code: faultCode.value, address: BigInt.asUintN(64, faultAddress.value) };
  }

  run(fuel: number): number {
    return this.kernel.run(BigInt(fuel));
  }

  map(va: number, rights: number, pages = 1): void {
    for (let i = 0; i < pages; i++) this.kernel.map(BigInt(va + i * 4096), rights, 0);
  }

  /** Puts bytes into mapped memory as the kernel would: whatever the rights, and dropping decoded code. */
  write(va: number, bytes: ArrayLike<number>): void {
    for (let i = 0; i < bytes.length; i++) this.memory.setUint8(this.address(va + i, true), bytes[i]!);
  }

  read(va: number, length: number): Uint8Array {
    return Uint8Array.from({ length }, (_, i) => this.memory.getUint8(this.address(va + i, false)));
  }

  readU64(va: number): bigint {
    return this.read(va, 8).reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
  }

  writeU64(va: number, value: bigint): void {
    this.write(va, Array.from({ length: 8 }, (_, i) => Number((BigInt.asUintN(64, value) >> BigInt(8 * i)) & 255n)));
  }

  /** Puts instructions, 32 bits each, or 16 where the low two bits are not 11. */
  assemble(va: number, instructions: readonly number[]): void {
    const bytes = instructions.flatMap((insn) => Array.from({ length: (insn & 3) === 3 ? 4 : 2 }, (_, i) => (insn >>> (8 * i)) & 255));
    this.write(va, bytes);
  }

  private address(va: number, drop: boolean): number {
    for (const access of [0, 1, 2]) {
      const frame = this.kernel.translate(BigInt(va), access);
      if (frame === 0) continue;
      if (drop) this.kernel.dropCode(frame);
      return (frame >>> 0) + (va & 4095);
    }
    throw new Error(`address 0x${va.toString(16)} is not mapped in this test`);
  }

  private register(index: number): number {
    return this.kernel.REGISTERS.value + 8 * index;
  }
}

/** Milliseconds. */
export const BUILD_TIMEOUT = 120_000;

let compiled: WebAssembly.Module | undefined;

/** A new hart with empty memory. The first one of a test file may have to be compiled: give the hook BUILD_TIMEOUT. */
export async function newHart(): Promise<Hart> {
  compiled ??= await WebAssembly.compile(await build());
  return new Hart(compiled);
}

async function build(): Promise<Uint8Array<ArrayBuffer>> {
  const stamp = `${ROOT}${WASM}.sources`;
  const digest = digestOfSources();
  if (!existsSync(ROOT + WASM) || !existsSync(stamp) || readFileSync(stamp, "utf8") !== digest) {
    mkdirSync(`${ROOT}build`, { recursive: true });
    writeReplacing(ROOT + WASM, await compile());
    writeReplacing(stamp, digest);
  }
  return new Uint8Array(readFileSync(ROOT + WASM));
}

async function compile(): Promise<Uint8Array> {
  let wasm: Uint8Array | undefined;
  const { error, stderr } = await asc.main([
    "tests/cpu/alone/index.ts", "--outFile", "hart-alone.wasm", "--optimizeLevel", "3", "--shrinkLevel", "0",
    "--runtime", "kernel/memory/runtime", "--transform", `${ROOT}scripts/asc-explicit-memory.mjs`,
    "--initialMemory", "128", "--maximumMemory", "65536", "--enable", "bulk-memory,sign-extension,nontrapping-f2i",
  ], {
    readFile(name) {
      if (name.endsWith("asconfig.json")) return null; // that one is the kernel's
      const path = ROOT + (name === "kernel/memory/translate.ts" ? STAND_IN : name);
      return existsSync(path) ? readFileSync(path, "utf8") : null;
    },
    writeFile(_name, contents) { wasm = contents as Uint8Array; },
    listFiles: () => [],
  });
  if (error !== null || wasm === undefined) throw new Error(`asc: ${error?.message ?? "no output"}\n${stderr.toString()}`);
  return wasm;
}

function digestOfSources(): string {
  const hash = createHash("sha256");
  for (const folder of SOURCES) {
    for (const file of filesIn(folder)) hash.update(file).update(readFileSync(ROOT + file));
  }
  return hash.digest("hex");
}

function filesIn(folder: string): string[] {
  return readdirSync(ROOT + folder).filter((name) => name.endsWith(".ts")).sort().map((name) => `${folder}/${name}`);
}

/** Test files run in several workers: none may see half a file. */
function writeReplacing(path: string, contents: string | Uint8Array): void {
  const temporary = `${path}.${process.pid}`;
  writeFileSync(temporary, contents);
  renameSync(temporary, path);
}
