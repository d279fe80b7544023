// SPDX-License-Identifier: MIT
// What a machine has written to its console, until somebody asks for it as text.

import type { OutputStream } from "../machine-types.ts";
import { quote } from "./tokens.ts";

const LABELS: Record<OutputStream, string> = { 0: "terminal ", 1: "", 2: "stderr " };
const STREAMS = [0, 1, 2] as const;

export class OutputLog {
  readonly #chunks: { stream: OutputStream; bytes: Uint8Array }[] = [];

  readonly put = (stream: OutputStream, bytes: Uint8Array): void => {
    this.#chunks.push({ stream, bytes });
  };

  /** How many chunks are there. */
  get length(): number {
    return this.#chunks.length;
  }

  /** The first `count` chunks as text, and forgets them: `"text"`, with a label unless it is standard output; `""` for nothing. */
  take(count = this.#chunks.length): string {
    const chunks = this.#chunks.splice(0, count);
    const texts = STREAMS.flatMap((stream) => {
      const own = chunks.filter((chunk) => chunk.stream === stream);
      return own.length === 0 ? [] : [LABELS[stream] + quote(joined(own))];
    });
    return texts.length === 0 ? '""' : texts.join(" ");
  }
}

function joined(chunks: readonly { bytes: Uint8Array }[]): Uint8Array {
  const whole = new Uint8Array(chunks.reduce((sum, { bytes }) => sum + bytes.length, 0));
  chunks.reduce((at, { bytes }) => (whole.set(bytes, at), at + bytes.length), 0);
  return whole;
}
