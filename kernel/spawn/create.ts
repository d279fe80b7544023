// SPDX-License-Identifier: MIT
// spawn_template_create: from an executable to a template fd. The order of the checks is part of the interface.

import { E2BIG, EACCES, EBADF, EFAULT, EINVAL, ENFILE, ENOMEM } from "../abi/errno.ts";
import { QUIRK_NO_ELF_CACHE, QUIRK_RELATIVE_PATH_LEAK, QUIRK_RELATIVE_PATHS_ACCEPTED } from "../abi/quirks.ts";
import { RLIMIT_NOFILE } from "../abi/resource.ts";
import { SPAWN_TEMPLATE_CREATE_ARGS_SIZE, SPAWN_TEMPLATE_CREATE_CLOEXEC } from "../abi/spawn-template.ts";
import { File } from "../file/file.ts";
import { allowWrite, denyWrite } from "../fs/file-access.ts";
import { mayOpenMore, openForExec } from "../fs/open.ts";
import { fail, failure } from "../lib/failure.ts";
import { Outcome } from "../lib/outcome.ts";
import { hasQuirk } from "../lib/quirks.ts";
import { allocKernelFrame, PAGE_SIZE, releaseFrame } from "../memory/frames.ts";
import { admit } from "../memory/heap.ts";
import { copyInString, copyInStruct } from "../memory/user.ts";
import { elfError, ElfHeaders } from "../process/elf.ts";
import { Task } from "../process/task.ts";
import { checkExecutable, refusesReading, SpawnTemplate } from "./template.ts";

const SLASH: u8 = 0x2f;

let leaked: u64 = 0;

/** Path strings that the quirk relative-path-leak has lost. */
export function leakedStrings(): u64 {
  return leaked;
}

/** The call; `at` and `size`: struct spawn_template_create_args in user memory. */
export function createTemplate(self: Task, at: u64, size: u64): Outcome {
  const checked = readArguments(self, at, size);
  if (checked < 0) return checked;
  if (!admit()) return -ENOMEM;
  const execfd = load<i32>(ARGS, 8);
  const filename = load<u64>(ARGS, 16);
  const path: usize = filename == 0 ? 0 : copyPath(self, filename);
  if (filename != 0 && path == 0) return failure;
  const file = path != 0 ? openPath(self, path) : openDescriptor(self, execfd);
  const outcome = file == null ? failure : install(self, file, path);
  if (outcome < 0 && path != 0) releaseFrame(path);
  return outcome;
}

/** Checks 1 to 6: the struct. 0 or -errno. */
function readArguments(self: Task, at: u64, size: u64): Outcome {
  if (size < <u64>SPAWN_TEMPLATE_CREATE_ARGS_SIZE) return -EINVAL;
  if (size > PAGE_SIZE) return -E2BIG;
  const copied = copyInStruct(self.space, ARGS, SPAWN_TEMPLATE_CREATE_ARGS_SIZE, at, <usize>size);
  if (copied < 0) return copied;
  if ((load<u64>(ARGS) & ~(<u64>SPAWN_TEMPLATE_CREATE_CLOEXEC)) != 0) return -EINVAL;
  const reserved = load<u64>(ARGS, 40) | load<u64>(ARGS, 48) | load<u64>(ARGS, 56) | load<u64>(ARGS, 64);
  if (load<u32>(ARGS, 12) != 0 || reserved != 0) return -EINVAL;
  if (load<u64>(ARGS, 24) != 0 || load<u64>(ARGS, 32) != 0) return -EINVAL;
  const hasPath = load<u64>(ARGS, 16) != 0;
  const hasDescriptor = load<i32>(ARGS, 8) >= 0;
  return hasPath != hasDescriptor ? 0 : -EINVAL;
}

/** The path in a frame of its own, or 0 with `failure`. */
function copyPath(self: Task, filename: u64): usize {
  const path = allocKernelFrame();
  if (path == 0) {
    fail<File>(-ENOMEM);
    return 0;
  }
  const length = copyInString(self.space, path, filename, PAGE_SIZE);
  if (length >= 0 && (load<u8>(path) == SLASH || hasQuirk(QUIRK_RELATIVE_PATHS_ACCEPTED))) return path;
  fail<File>(length == -EFAULT ? -EFAULT : -EINVAL); // too long is EINVAL as well
  if (length >= 0 && hasQuirk(QUIRK_RELATIVE_PATH_LEAK)) leaked++;
  else releaseFrame(path);
  return 0;
}

/** The executable by path, denied to writers (a new reference), or null with `failure`. */
function openPath(self: Task, path: usize): File | null {
  // The empty path, where it gets this far, names the working directory, which is no regular file.
  if (load<u8>(path) == 0) return fail<File>(-EACCES);
  const file = openForExec(self.fs, self.credentials, null, path, true);
  if (file == null) return null;
  const outcome = denyWrite(file);
  if (outcome < 0) {
    file.release();
    return fail<File>(outcome);
  }
  if (file.canMap() >= 0) return file;
  allowWrite(file);
  file.release();
  return fail<File>(-EACCES);
}

/** The executable by descriptor, denied to writers (a new reference), or null with `failure`. */
function openDescriptor(self: Task, fd: i32): File | null {
  const file = self.files.get(fd);
  if (file == null || file.isPathOnly) return fail<File>(-EBADF);
  const allowed = checkExecutable(file, self.credentials);
  if (allowed < 0) return fail<File>(allowed);
  const denied = denyWrite(file);
  if (denied < 0) return fail<File>(denied);
  file.retain();
  return file;
}

/** Reads the headers, makes the template and gives it a descriptor. Consumes `file`; `path` only on success. */
function install(self: Task, file: File, path: usize): Outcome {
  let headers: ElfHeaders | null = null;
  let outcome: Outcome = 0;
  if (!hasQuirk(QUIRK_NO_ELF_CACHE)) {
    // Access mode 3 (neither read nor write) passes every check until the headers are to be read.
    if (refusesReading(file)) {
      outcome = -EINVAL;
    } else {
      headers = ElfHeaders.read(file);
      if (headers == null) outcome = elfError;
    }
  }
  if (outcome < 0) {
    allowWrite(file);
    file.release();
    return outcome;
  }
  const template = new SpawnTemplate(file, self.credentials, path, headers);
  const closeOnExec = (load<u64>(ARGS) & SPAWN_TEMPLATE_CREATE_CLOEXEC) != 0;
  const fd = giveDescriptor(self, template, closeOnExec);
  if (fd < 0) template.keepPath();
  template.release();
  return fd;
}

function giveDescriptor(self: Task, template: SpawnTemplate, closeOnExec: bool): i32 {
  const limit = self.process.limit(RLIMIT_NOFILE);
  const free = self.files.probe(0, limit);
  if (free < 0) return free;
  return mayOpenMore(self.credentials) ? self.files.install(template, 0, limit, closeOnExec) : -ENFILE;
}

const ARGS = memory.data(72, 8);
