// SPDX-License-Identifier: MIT
// Why pid 1 could not be started, as an error that names the file and what was expected of it. Called with the kernel's errno
// after the fact; it only reads the image.

import * as errno from "../../kernel/abi/errno.ts";
import { S_IFDIR, S_IFMT, S_IFREG } from "../../kernel/abi/stat.ts";
import { elfProblem, interpreterOf, scriptInterpreterOf } from "./elf.ts";
import { BadInputError, CannotExecuteError, ProgramNotFoundError, type HostError } from "./errors.ts";
import type { FileStat } from "./file-stat.ts";
import { errnoName } from "./names.ts";

/** The part of a machine that is looked at. */
export interface ImageView {
  stat(path: string): FileStat | undefined;
  readFile(path: string): Uint8Array;
}

export function explainStart(image: ImageView, program: string, cwd: string, number: number): HostError {
  const directory = image.stat(cwd);
  if (directory === undefined || (directory.mode & S_IFMT) !== S_IFDIR) {
    const found = directory ? "a file" : "nothing";
    return new BadInputError(`working directory "${cwd}": expected a directory in the image, found ${found}`);
  }

  const path = program.startsWith("/") ? program : `${cwd}/${program}`;
  const stat = image.stat(path);
  if (stat === undefined) {
    if (number === errno.ENOENT) return new ProgramNotFoundError(`"${program}": no such file in the image`);
    return new CannotExecuteError(`"${program}": ${errnoName(number)}`);
  }
  if ((stat.mode & S_IFMT) !== S_IFREG) {
    return new CannotExecuteError(`"${program}": expected a regular file, found ${typeName(stat)}`);
  }
  if (number === errno.ENOMEM) return new CannotExecuteError(`"${program}": does not fit into the machine's memory`);
  if (number === errno.EACCES && (stat.mode & 0o111) === 0) {
    return new CannotExecuteError(`"${program}": expected an executable file, found mode 0${(stat.mode & 0o7777).toString(8)}`);
  }

  const bytes = image.readFile(path);
  const interpreter = scriptInterpreterOf(bytes) ?? interpreterOf(bytes);
  if (interpreter !== undefined && image.stat(interpreter) === undefined) {
    return new CannotExecuteError(`"${program}": its interpreter "${interpreter}" is not in the image`);
  }
  const problem = scriptInterpreterOf(bytes) === undefined ? elfProblem(bytes) : undefined;
  return new CannotExecuteError(`"${program}": ${problem ?? errnoName(number)}`);
}

function typeName(stat: FileStat): string {
  return (stat.mode & S_IFMT) === S_IFDIR ? "a directory" : `a file of mode 0${stat.mode.toString(8)}`;
}
