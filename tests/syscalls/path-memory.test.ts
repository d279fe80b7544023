// SPDX-License-Identifier: MIT
// Calls on paths when memory runs out: ENOMEM, or the call's ordinary result, and nothing is lost or left half done (the check
// after each test says so).

import { expect, it } from "vitest";
import { ENOMEM } from "../../kernel/abi/errno.ts";
import { AT_FDCWD, O_CREAT, O_DIRECTORY, O_RDONLY, O_RDWR, O_TMPFILE, O_TRUNC, O_WRONLY } from "../../kernel/abi/fcntl.ts";
import { MS_BIND } from "../../kernel/abi/stat.ts";
import {
  SYS_CHDIR, SYS_CHROOT, SYS_FACCESSAT, SYS_LINKAT, SYS_MEMFD_CREATE, SYS_MKDIRAT, SYS_MKNODAT, SYS_MOUNT, SYS_OPENAT, SYS_READ, SYS_RENAMEAT2,
  SYS_SYMLINKAT, SYS_TRUNCATE, SYS_WRITE,
} from "../../kernel/abi/syscalls.ts";
import { file } from "../../host/core/image.ts";
import type { TestActor } from "../support/actor.ts";
import { boot } from "../support/boot.ts";

it.each([
  { call: "open", run: (a: TestActor) => a.call(SYS_OPENAT, AT_FDCWD, "/f", O_RDONLY) },
  { call: "open that creates", run: (a: TestActor) => a.call(SYS_OPENAT, AT_FDCWD, "/new", O_CREAT | O_WRONLY, 0o644) },
  { call: "open that truncates", run: (a: TestActor) => a.call(SYS_OPENAT, AT_FDCWD, "/f", O_TRUNC | O_RDWR) },
  { call: "open of a directory", run: (a: TestActor) => a.call(SYS_OPENAT, AT_FDCWD, "/", O_DIRECTORY) },
  { call: "open of a temporary file", run: (a: TestActor) => a.call(SYS_OPENAT, AT_FDCWD, "/", O_TMPFILE | O_RDWR, 0o600) },
  { call: "open in /proc", run: (a: TestActor) => a.call(SYS_OPENAT, AT_FDCWD, "/proc/self/fd/0", O_RDONLY) },
  { call: "reading in /proc", run: (a: TestActor) => a.call(SYS_READ, a.open("/proc/self/status", O_RDONLY), a.alloc(64), 64) },
  { call: "mkdir", run: (a: TestActor) => a.call(SYS_MKDIRAT, AT_FDCWD, "/d", 0o755) },
  { call: "mknod", run: (a: TestActor) => a.call(SYS_MKNODAT, AT_FDCWD, "/p", 0o10644, 0) },
  { call: "symlink", run: (a: TestActor) => a.call(SYS_SYMLINKAT, "x".repeat(3000), AT_FDCWD, "/l") },
  { call: "link", run: (a: TestActor) => a.call(SYS_LINKAT, AT_FDCWD, "/f", AT_FDCWD, "/g", 0) },
  { call: "rename", run: (a: TestActor) => a.call(SYS_RENAMEAT2, AT_FDCWD, "/f", AT_FDCWD, "/g", 0) },
  { call: "chdir", run: (a: TestActor) => a.call(SYS_CHDIR, "/proc/self") },
  { call: "chroot", run: (a: TestActor) => a.call(SYS_CHROOT, "/") },
  { call: "access", run: (a: TestActor) => a.call(SYS_FACCESSAT, AT_FDCWD, "/f", 4) },
  { call: "memfd_create", run: (a: TestActor) => a.call(SYS_MEMFD_CREATE, "x", 0) },
  { call: "mount", run: (a: TestActor) => a.call(SYS_MOUNT, "/", "/proc", null, MS_BIND, null) },
])("$call, with each of its allocations failing", ({ run }) => {
  for (let count = 0; ; count++) {
    const machine = boot({ entries: [file("/f", "text")] });
    const actor = machine.actor();
    machine.machine.failAllocation(count);
    let result = -ENOMEM;
    try {
      result = run(actor);
    } catch (error) {
      expect(String(error)).toContain("ENOMEM"); // in the preparations
    }
    machine.machine.failAllocation(-1);
    if (result !== -ENOMEM) {
      expect(result).toBeGreaterThanOrEqual(0);
      expect(count).toBeGreaterThan(0);
      return;
    }
  }
});

it("a file that fills memory ends in ENOMEM, and deleting it gives the memory back", () => {
  const machine = boot({ memoryBytes: 8 << 20 });
  const actor = machine.actor();
  const chunk = actor.alloc(65536);
  const fd = actor.open("/big", O_CREAT | O_RDWR, 0o644);
  let written = 0;
  let count = 0;
  while ((count = actor.call(SYS_WRITE, fd, chunk, 65536)) > 0) written += count;

  expect(count).toBe(-ENOMEM);
  expect(written).toBeGreaterThan(4 << 20);
  actor.close(fd);
  actor.must(SYS_TRUNCATE, "/big", 0);
  expect(actor.write(actor.open("/small", O_CREAT | O_WRONLY, 0o644), "fits")).toBe(4);
});
