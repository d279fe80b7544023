// SPDX-License-Identifier: MIT
// Programs that are a list of system calls, built without a compiler: each call's result is stored in the program's memory, and
// the program then exits, or sleeps so that a test can look at what it has found.

import { ET_EXEC, PF_R, PF_W } from "../../kernel/abi/elf.ts";
import { SYS_EXIT_GROUP, SYS_PPOLL } from "../../kernel/abi/syscalls.ts";
import type { TestMachine } from "./boot.ts";
import { addi, CODE_ADDRESS, codeSegment, ECALL, elf, ld, li, LOOP, sd, type ElfFields, type Segment } from "./elf-builder.ts";

const RESULTS = 0x100000;
const MOST_RESULTS = 256; // what an sd offset reaches
const DATA = RESULTS + MOST_RESULTS * 8;
const DATA_SIZE = 0x8000;

const SP = 2;
const S0 = 8;
const A0 = 10;
const A7 = 17;

/** A constant; a string (its address); the result of an earlier call. */
export type TinyArgument = number | bigint | string | { readonly resultOf: number };

export class TinyProgram {
  // The first result is the stack pointer at the start.
  readonly #code: number[] = [...li(S0, RESULTS), sd(SP, S0, 0)];
  readonly #data = Buffer.alloc(DATA_SIZE);
  #dataEnd = 0;
  #results = 1;

  /** Appends a system call; the index of its result. */
  call(number: number, ...args: TinyArgument[]): number {
    args.forEach((value, index) => this.#code.push(...this.#load(A0 + index, value)));
    this.#code.push(...li(A7, number), ECALL);
    if (this.#results === MOST_RESULTS) throw new Error("a tiny program has 255 results at most");
    this.#code.push(sd(A0, S0, this.#results * 8));
    return this.#results++;
  }

  /** Zeroed memory; its address. */
  reserve(size: number): number {
    const at = (this.#dataEnd + 15) & ~15;
    if (at + size > DATA_SIZE) throw new Error("a tiny program has 32 KiB of data at most");
    this.#dataEnd = at + size;
    return DATA + at;
  }

  bytes(bytes: Uint8Array): number {
    const address = this.reserve(bytes.length);
    this.#data.set(bytes, address - DATA);
    return address;
  }

  exit(code: number): this {
    this.#code.push(...li(A0, code), ...li(A7, SYS_EXIT_GROUP), ECALL);
    return this;
  }

  /** exit_group with the low byte of an earlier result. */
  exitWith(resultOf: number): this {
    this.#code.push(...this.#load(A0, { resultOf }), ...li(A7, SYS_EXIT_GROUP), ECALL);
    return this;
  }

  /** Sleeps until a signal kills it. */
  park(): this {
    for (let register = A0; register < A0 + 4; register++) this.#code.push(addi(register, 0, 0));
    this.#code.push(...li(A7, SYS_PPOLL), ECALL, LOOP);
    return this;
  }

  get segments(): Segment[] {
    const data = Buffer.concat([Buffer.alloc(DATA - RESULTS), this.#data.subarray(0, this.#dataEnd)]);
    return [codeSegment(this.#code), { flags: PF_R | PF_W, address: RESULTS, data }];
  }

  /** The ELF file; it is position dependent whatever `fields` say. */
  elf(fields: ElfFields = {}): Buffer {
    return elf({ type: ET_EXEC, entry: CODE_ADDRESS, segments: this.segments, ...fields });
  }

  /** The results so far of a process that runs this program. */
  results(test: TestMachine, pid: number): bigint[] {
    const bytes = Buffer.from(test.machine.peek(pid, BigInt(RESULTS), this.#results * 8));
    return Array.from({ length: bytes.length / 8 }, (_, index) => bytes.readBigInt64LE(index * 8));
  }

  #load(register: number, value: TinyArgument): number[] {
    if (typeof value === "object") return [ld(register, S0, value.resultOf * 8)];
    return li(register, typeof value === "string" ? this.bytes(Buffer.from(`${value}\0`)) : value);
  }
}

