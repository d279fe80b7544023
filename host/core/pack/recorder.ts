// SPDX-License-Identifier: MIT
// Writes a script (kernel/abi/script.ts) while a machine is used: it stands between a host and an instance of the kernel and notes each
// call, what the host had put into the transfer buffer for it, and what came of it. Questions that change nothing need no record.

import { BUFFER_SIZE } from "../../../kernel/abi/boundary.ts";
import * as abi from "../../../kernel/abi/script.ts";
import type { KernelExports, KernelImports, KernelObserver } from "../kernel-module.ts";
import { namesOf } from "../names.ts";
import { hashBytes } from "./hash.ts";

/** The record's number of each export, from the names of the constants: IMAGE_ENTRY is imageEntry. */
const CALLS = new Map([...namesOf(abi, "SCRIPT_CALL_")].map(([number, name]) => [camelCase(name.slice("SCRIPT_CALL_".length)), number]));
const UNCOUNTED = ["buffer", "boundaryVersion"];
const ARGUMENTS = 48;

export class ScriptRecorder implements KernelObserver {
  readonly #records: Uint8Array[] = [];
  #kernel: KernelExports | undefined;
  #input = 0;
  #latestCall: DataView | undefined;
  #consoleHash = 0n;

  imports(imports: KernelImports): KernelImports {
    const bytes = (address: number, len: number) => new Uint8Array(this.#kernel!.memory.buffer).subarray(address >>> 0, (address >>> 0) + len);
    return {
      ...imports,
      consoleWrite: (stream, address, len) => {
        this.#consoleHash = hashBytes(BigInt.asUintN(64, this.#consoleHash + BigInt(stream)), bytes(address, len));
        imports.consoleWrite(stream, address, len);
      },
      finding: (kind, address, len) => {
        this.#consoleHash = hashBytes(BigInt.asUintN(64, this.#consoleHash + 16n + BigInt(kind)), bytes(address, len));
        imports.finding(kind, address, len);
      },
    };
  }

  exports(kernel: KernelExports): KernelExports {
    this.#kernel = kernel;
    const functions = kernel as unknown as Record<string, (...args: unknown[]) => unknown>;
    const recorded = Object.entries(functions).flatMap(([name, call]) =>
      typeof call === "function" && !UNCOUNTED.includes(name) ? [[name, (...args: (number | bigint)[]) => this.#call(CALLS.get(name), call, args)]] : []);
    return { ...kernel, ...Object.fromEntries(recorded) };
  }

  /** Text for the standard output of whoever runs the script. */
  print(text: string): void {
    this.#text(abi.SCRIPT_PRINT, text);
  }

  /** What is printed instead of all that follows, if a later call gives something else. */
  onFailure(text: string): void {
    this.#text(abi.SCRIPT_FAILURE, text);
  }

  /** The whole script, which ends with this exit code. */
  finish(exitCode: number): Uint8Array {
    this.#add(abi.SCRIPT_END).setUint32(8, exitCode, true);
    const length = this.#records.reduce((sum, record) => sum + record.length, 0);
    const script = new Uint8Array(abi.SCRIPT_HEADER_SIZE + length);
    this.#records.reduce((at, record) => (script.set(record, at), at + record.length), abi.SCRIPT_HEADER_SIZE);
    const view = new DataView(script.buffer);
    view.setBigUint64(0, BigInt(abi.SCRIPT_MAGIC), true);
    view.setUint32(8, length, true);
    view.setUint32(12, abi.SCRIPT_VERSION, true);
    view.setBigUint64(16, checksum(script.subarray(abi.SCRIPT_HEADER_SIZE)), true);
    return script;
  }

  put(length: number): void {
    this.#input = length;
  }

  taken(bytes: Uint8Array): void {
    this.#latestCall?.setUint32(12, bytes.length, true);
    this.#latestCall?.setBigUint64(24, hashBytes(0n, bytes), true);
  }

  /** Without a `number` it is a question, which needs no record. */
  #call(number: number | undefined, call: (...args: unknown[]) => unknown, args: readonly (number | bigint)[]): unknown {
    const at = this.#kernel!.buffer() >>> 0;
    const input = new Uint8Array(this.#kernel!.memory.buffer).slice(at, at + this.#input);
    this.#input = 0;
    const result = call(...args);
    this.#latestCall = undefined;
    if (number === undefined) return result;
    this.#latestCall = this.#add(abi.SCRIPT_CALL, input);
    this.#latestCall.setUint32(8, number, true);
    this.#latestCall.setBigUint64(16, BigInt.asUintN(64, BigInt((result as number | bigint | undefined) ?? 0)), true);
    this.taken(new Uint8Array());
    this.#latestCall.setBigUint64(32, this.#consoleHash, true);
    args.forEach((value, index) => this.#latestCall!.setBigUint64(ARGUMENTS + index * 8, BigInt.asUintN(64, BigInt(value)), true));
    return result;
  }

  #text(kind: number, text: string): void {
    this.#add(kind, new TextEncoder().encode(text));
  }

  /** The new record's fields. */
  #add(kind: number, content: Uint8Array = new Uint8Array()): DataView {
    const record = new Uint8Array(abi.SCRIPT_RECORD_SIZE + content.length);
    const view = new DataView(record.buffer);
    view.setUint32(0, kind, true);
    view.setUint32(4, content.length, true);
    record.set(content, abi.SCRIPT_RECORD_SIZE);
    this.#records.push(record);
    return view;
  }
}

/** In parts of the transfer buffer's size, as the player does it. */
function checksum(records: Uint8Array): bigint {
  let hash = 0n;
  for (let at = 0; at < records.length; at += BUFFER_SIZE) hash = hashBytes(hash, records.subarray(at, at + BUFFER_SIZE));
  return hash;
}

function camelCase(name: string): string {
  return name.toLowerCase().replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}
