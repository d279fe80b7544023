// SPDX-License-Identifier: MIT
// One instance of the kernel and the ways in and out of it: calls, the transfer buffer, and what happens when a call does not
// come back. It does not know what the bytes mean.

import { BUFFER_SIZE } from "../../kernel/abi/boundary.ts";
import { BadInputError, KernelPanicError } from "./errors.ts";
import { instantiate, type KernelExports, type KernelImports, type KernelModule, type KernelObserver } from "./kernel-module.ts";

export class KernelPort {
  /** The kernel's own sentence, if it said one before it trapped. */
  panicText = "";
  readonly #kernel: KernelExports;
  readonly #buffer: number;
  readonly #observer: KernelObserver | undefined;
  #failure: unknown; // what ended the machine; every later call throws it again

  constructor(kernel: KernelModule, imports: KernelImports) {
    this.#observer = kernel.observer;
    this.#kernel = instantiateChecked(kernel, imports);
    this.#buffer = this.#kernel.buffer() >>> 0;
  }

  /** Calls the kernel. A trap, or an exception of a callback, leaves it torn: this instance is then dead. */
  call<T>(use: (kernel: KernelExports) => T): T {
    if (this.#failure !== undefined) throw this.#failure;
    try {
      return use(this.#kernel);
    } catch (error) {
      this.#failure = isTrap(error) ? this.#panic(error) : error;
      throw this.#failure;
    }
  }

  /** Puts the parts into the transfer buffer, one after the other. @throws BadInputError when they do not fit */
  put(what: string, ...parts: readonly Uint8Array[]): void {
    const size = parts.reduce((sum, part) => sum + part.length, 0);
    if (size > BUFFER_SIZE) throw new BadInputError(`${what}: expected at most ${BUFFER_SIZE} bytes, found ${size}`);

    const view = this.#view();
    let at = this.#buffer;
    for (const part of parts) {
      view.set(part, at);
      at += part.length;
    }
    this.#observer?.put(size);
  }

  /** The first `len` bytes of the transfer buffer, copied. */
  take(len: number): Uint8Array {
    const bytes = this.copy(this.#buffer, len);
    this.#observer?.taken(bytes);
    return bytes;
  }

  /** A copy of the kernel's memory. */
  copy(address: number, len: number): Uint8Array {
    return this.#view().slice(address >>> 0, (address >>> 0) + len);
  }

  #panic(trap: Error): KernelPanicError {
    return new KernelPanicError(`kernel panic: ${this.panicText || trap.message}`, { cause: trap });
  }

  /** The kernel's memory; never kept, because growing it replaces the buffer. */
  #view(): Uint8Array {
    return new Uint8Array(this.#kernel.memory.buffer);
  }
}

/** A module that fails while its globals are set up cannot say why: its memory is not reachable yet. */
function instantiateChecked(kernel: KernelModule, imports: KernelImports): KernelExports {
  try {
    return instantiate(kernel, imports);
  } catch (error) {
    if (error instanceof BadInputError) throw error;
    throw new KernelPanicError("kernel panic: the module failed while it was instantiated", { cause: error });
  }
}

/** A wasm trap; a stack overflow inside wasm is a RangeError. */
function isTrap(error: unknown): error is Error {
  return error instanceof WebAssembly.RuntimeError || error instanceof RangeError;
}
