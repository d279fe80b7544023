// SPDX-License-Identifier: MIT
// Where the lines of a trace go: in order with the guest's own output, or into a file, which is a whole one of its format
// however the run ends.

import { closeSync, openSync, writeSync } from "node:fs";
import { BadInputError } from "../core/errors.ts";
import type { TraceFormat, Tracer } from "../core/trace/tracer.ts";
import type { OutputStreams } from "./streams.ts";

export interface TraceOutput {
  readonly tracer: Tracer;
  end(): void;
}

/** `where`: true for standard error, or a file. @throws BadInputError when that cannot be written, then or later */
export async function openTrace(where: true | string, format: TraceFormat, output: OutputStreams): Promise<TraceOutput> {
  const { Tracer } = await import("../core/trace/tracer.ts"); // only now: a start should not wait for it
  const encoder = new TextEncoder();
  if (where === true) {
    const tracer = new Tracer((line) => output.write(2, encoder.encode(`${line}\n`)), format);
    return { tracer, end: () => tracer.end() };
  }

  const failing = <T>(action: () => T): T => {
    try {
      return action();
    } catch (error) {
      throw new BadInputError(`--trace=${where}: cannot be written (${(error as NodeJS.ErrnoException).code ?? error})`);
    }
  };
  const fd = failing(() => openSync(where, "w"));
  let isOpen = true;
  const print = (line: string) => {
    try {
      if (isOpen) failing(() => writeSync(fd, `${line}\n`));
    } catch (error) {
      isOpen = false; // the rest would fail as well
      throw error;
    }
  };
  const tracer = new Tracer(print, format);
  const end = () => {
    process.off("exit", end);
    tracer.end();
    if (isOpen) closeSync(fd);
    isOpen = false;
  };
  process.on("exit", end); // Ctrl-C pressed often enough ends us without coming back
  return { tracer, end };
}
