// SPDX-License-Identifier: MIT
// A guest that consists of memory and trace events, for testing traces without a machine.

import * as boundary from "../../kernel/abi/boundary.ts";
import { Tracer, type TraceFormat } from "../../host/core/trace/tracer.ts";

export type Arg = number | bigint | string | Uint8Array | null;

export class FakeGuest {
  readonly lines: string[] = [];
  readonly tracer: Tracer;
  readonly #pieces: { address: number; bytes: Uint8Array }[] = [];
  #next = 0x1000;
  #timeNs = 0n;

  constructor(format: TraceFormat = "text") {
    this.tracer = new Tracer((line) => this.lines.push(line), format);
  }

  /** Puts bytes into memory, followed by an unmapped byte; their address. */
  place(bytes: Uint8Array | string): number {
    const data = typeof bytes === "string" ? Buffer.from(`${bytes}\0`) : bytes;
    const address = this.#next;
    this.#pieces.push({ address, bytes: data });
    this.#next += (data.length + 32) & ~15;
    return address;
  }

  /** A vector of strings, ended by a null pointer. */
  placeStrings(...texts: string[]): number {
    const pointers = [...texts.map((text) => this.place(text)), 0];
    return this.place(new Uint8Array(BigUint64Array.from(pointers, BigInt).buffer));
  }

  enter(tid: number, call: number, ...args: Arg[]): void {
    const values = Array.from({ length: 6 }, (_, index) => this.#value(args[index] ?? 0));
    this.event(boundary.TRACE_ENTER, tid, call, 0, new Uint8Array(BigUint64Array.from(values).buffer));
  }

  exit(tid: number, call: number, result: number | bigint): void {
    this.event(boundary.TRACE_EXIT, tid, call, result);
  }

  /** A whole call of pid 1; its line without the prefix. */
  call(call: number, args: Arg[], result: number | bigint): string {
    this.enter(1, call, ...args);
    this.exit(1, call, result);
    return (this.lines.at(-1) ?? "").replace("[pid 1] ", "");
  }

  event(event: number, tid: number, number: number, value: number | bigint = 0, payload: Uint8Array = new Uint8Array()): void {
    const padded = new Uint8Array(128);
    padded.set(payload);
    const traced = { event, tid, number, value: BigInt(value), payload: padded, timeNs: (this.#timeNs += 10n) };
    this.tracer.handle(traced, (_, address, len) => this.#read(address, len));
  }

  #value(arg: Arg): bigint {
    if (arg === null) return 0n;
    if (typeof arg === "string" || arg instanceof Uint8Array) return BigInt(this.place(arg));
    return BigInt.asUintN(64, BigInt(arg));
  }

  #read(address: bigint, len: number): Uint8Array {
    const piece = this.#pieces.find((one) => address >= one.address && address < one.address + one.bytes.length);
    if (piece === undefined) return new Uint8Array();
    const from = Number(address) - piece.address;
    return Uint8Array.from(piece.bytes.subarray(from, from + len));
  }
}
