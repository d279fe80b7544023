// SPDX-License-Identifier: MIT

import { closeSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { BadInputError } from "../../core/errors.ts";

/** Writes a file under another name first, so that a failure leaves nothing behind. @throws BadInputError naming the file */
export function writeWhole(path: string, bytes: Uint8Array): void {
  const unfinished = `${path}.${process.pid}.new`;
  try {
    const fd = openSync(unfinished, "wx");
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
    } finally {
      closeSync(fd);
    }
    renameSync(unfinished, path);
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw new BadInputError(`${path}: cannot be written (${(error as NodeJS.ErrnoException).code ?? error})`);
  }
}
