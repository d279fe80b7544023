// SPDX-License-Identifier: MIT
// A file that is executed cannot be written, and a file that is open for writing cannot be executed (open(2), execve(2): ETXTBSY).

import { expect, it } from "vitest";
import { ETXTBSY } from "../../kernel/abi/errno.ts";
import { AT_FDCWD, O_RDONLY, O_RDWR, O_TRUNC, O_WRONLY } from "../../kernel/abi/fcntl.ts";
import { SIGKILL } from "../../kernel/abi/signal.ts";
import { SYS_EXECVE, SYS_FCHMODAT, SYS_KILL, SYS_OPENAT, SYS_RENAMEAT2, SYS_TRUNCATE } from "../../kernel/abi/syscalls.ts";
import { file } from "../../host/core/image.ts";
import { boot } from "../support/boot.ts";
import { sample } from "../support/program.ts";

const bootWithSleep = () => boot({ entries: [file("/bin/sleep", sample("sleep"), 0o755)] });

it("as long as a program runs, its file cannot be opened for writing or truncated, but read, renamed and changed in mode", () => {
  const actor = bootWithSleep().actor();
  const child = actor.fork();
  child.start(SYS_EXECVE, "/bin/sleep", child.strings(["sleep", "1000"]), null);

  for (const flags of [O_WRONLY, O_RDWR, O_RDONLY | O_TRUNC]) {
    expect(actor.call(SYS_OPENAT, AT_FDCWD, "/bin/sleep", flags)).toBe(-ETXTBSY);
  }
  expect(actor.call(SYS_TRUNCATE, "/bin/sleep", 0)).toBe(-ETXTBSY);
  expect(actor.call(SYS_OPENAT, AT_FDCWD, "/bin/sleep", O_RDONLY)).toBe(3);
  expect(actor.call(SYS_FCHMODAT, AT_FDCWD, "/bin/sleep", 0o700)).toBe(0);
  expect(actor.call(SYS_RENAMEAT2, AT_FDCWD, "/bin/sleep", AT_FDCWD, "/bin/nap", 0)).toBe(0);

  actor.must(SYS_KILL, child.pid, SIGKILL);
  actor.wait(child.pid);
  expect(actor.call(SYS_OPENAT, AT_FDCWD, "/bin/nap", O_WRONLY)).toBe(4);
});

it("a writer keeps a program from starting, even one that writes nothing", () => {
  const actor = bootWithSleep().actor();
  const fd = actor.open("/bin/sleep", O_WRONLY);
  const child = actor.fork();

  expect(child.call(SYS_EXECVE, "/bin/sleep", child.strings(["sleep", "0"]), null)).toBe(-ETXTBSY);
  child.close(fd);
  expect(child.call(SYS_EXECVE, "/bin/sleep", child.strings(["sleep", "0"]), null)).toBe(-ETXTBSY);
  actor.close(fd);
  child.start(SYS_EXECVE, "/bin/sleep", child.strings(["sleep", "0"]), null);
  expect(actor.wait(child.pid)).toBe(0);
});
