// SPDX-License-Identifier: MIT
// The guest's standard streams on those of this process: raw bytes, no more read than the guest wants, nothing lost when the
// reader of our output is slow. Knows Node's streams and nothing of the machine.

import type { OutputStream } from "../core/machine.ts";
import { EXIT_CODE, EXIT_HANGUP, EXIT_PIPE } from "./exit-codes.ts";
import { type Terminal, withoutReturns } from "./terminal.ts";

/** Terminal, standard output and error, in the order in which the guest (and the trace) wrote to them. */
export class OutputStreams {
  readonly #queue: { stream: NodeJS.WriteStream; bytes: Uint8Array }[] = [];
  readonly #terminal: Terminal;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  write(stream: OutputStream, bytes: Uint8Array): void {
    const screen = this.#terminal.screen;
    if (stream === 1) this.#queue.push({ stream: process.stdout, bytes });
    else if (stream === 2) this.#queue.push({ stream: process.stderr, bytes });
    else if (screen !== undefined) this.#queue.push({ stream: screen, bytes: withoutReturns(bytes) });
  }

  /** Hands over what was written; waits while the reader is behind. */
  async flush(): Promise<void> {
    for (const { stream, bytes } of this.#queue.splice(0)) {
      if (!stream.write(bytes)) await new Promise((resolve) => stream.once("drain", resolve));
    }
  }
}

/** Standard input, asked for chunk by chunk: a guest that does not read leaves it to whoever comes after. */
export class InputStream {
  #pending: Promise<void> | undefined;
  #chunk: Uint8Array | undefined;
  #iterator: AsyncIterator<Uint8Array> | undefined;
  isEnded = false;

  /** Begins to read, if it is not doing so; what arrives stands in take(). */
  request(): void {
    if (this.isEnded || this.#chunk !== undefined) return;
    this.#iterator ??= process.stdin[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
    this.#pending ??= this.#iterator.next().then(
      ({ value, done }) => this.#arrived(done ? undefined : value),
      // a standard input that cannot be read (closed, a directory) is an empty one
      () => this.#arrived(undefined),
    );
  }

  /**
   * Settles when there is something to take(), or at the end; undefined when nothing was asked for, or when what was put back still
   * waits because the guest has no room.
   */
  arrival(hasRoom: boolean): Promise<void> | undefined {
    if (this.#chunk === undefined) return this.#pending;
    return hasRoom ? Promise.resolve() : undefined;
  }

  /** What has arrived and was not taken yet. */
  take(): Uint8Array | undefined {
    const chunk = this.#chunk;
    this.#chunk = undefined;
    return chunk;
  }

  /** Gives back what the guest's console had no room for. */
  putBack(chunk: Uint8Array): void {
    if (chunk.length > 0) this.#chunk = chunk;
  }

  close(): void {
    if (this.#iterator !== undefined) process.stdin.destroy();
  }

  #arrived(chunk: Uint8Array | undefined): void {
    this.#pending = undefined;
    if (chunk === undefined) this.isEnded = true;
    else this.#chunk = chunk;
  }
}

/** Ends this process when its output cannot be written: as SIGPIPE would when the reader has gone, with a line otherwise. */
export function endOnOutputErrors(): void {
  process.stderr.on("error", () => process.exit(EXIT_PIPE));
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(EXIT_PIPE);
    if (error.code === "EIO" && process.stdout.isTTY) process.exit(EXIT_HANGUP);
    process.stderr.write(`spawnlab: standard output: cannot be written (${error.code})\n`);
    process.exit(EXIT_CODE["bad-input"]);
  });
}
