// SPDX-License-Identifier: MIT
// The two calls when memory runs out: each of their allocations fails once. The answer is one that the interface names, nothing is
// lost (the check after each test says so), and with memory the same call works.

import { describe, expect, it } from "vitest";
import { ENOMEM, ESTALE } from "../../kernel/abi/errno.ts";
import { O_RDONLY } from "../../kernel/abi/fcntl.ts";
import { SIGSEGV } from "../../kernel/abi/signal.ts";
import { file } from "../../host/core/image.ts";
import { boot } from "../support/boot.ts";
import { exits } from "../support/elf-builder.ts";
import { PROFILES } from "../support/profiles.ts";
import { create, spawn, template, waitFor } from "../support/spawn-calls.ts";

const MOST_ALLOCATIONS = 200;
const entries = [file("/child", exits(7), 0o755)];

describe.each(PROFILES)("in %s", (profile) => {
  it.each(["path", "descriptor"])("create by %s with a failing allocation is ENOMEM and leaves no descriptor", (source) => {
    for (let count = 0; count < MOST_ALLOCATIONS; count++) {
      const machine = boot({ profile, entries });
      const actor = machine.actor();
      const from = source === "path" ? "/child" : { execfd: actor.open("/child", O_RDONLY) };
      const before = machine.usage();
      machine.machine.failAllocation(count);
      const fd = create(actor, from);
      machine.machine.failAllocation(-1);
      if (fd >= 0) {
        expect(count).toBeGreaterThan(0);
        return;
      }
      expect(fd).toBe(-ENOMEM);
      const { files, templates, denyWrites } = machine.usage();
      expect({ files, templates, denyWrites }).toEqual({ files: before.files, templates: 0, denyWrites: before.denyWrites });
      expect(create(actor, from)).toBeGreaterThan(0);
    }
    throw new Error("no allocation count was enough");
  });

  // Reopening the path may be what fails: any failure of that is ESTALE. What fails in the child is its exit status, 1,
  // unshifted in the series' code; past exec's point of no return it is SIGSEGV as documented (quirk failure-code-past-no-return).
  it("spawn with a failing allocation is ENOMEM, ESTALE or a child that says so", () => {
    for (let count = 0; count < MOST_ALLOCATIONS; count++) {
      const machine = boot({ profile, entries });
      const actor = machine.actor();
      const fd = template(actor, "/child");
      const before = machine.usage();
      machine.machine.failAllocation(count);
      const pid = spawn(actor, fd);
      machine.machine.failAllocation(-1);
      if (pid < 0) {
        expect([-ENOMEM, -ESTALE]).toContain(pid);
        const { tasks, files } = machine.usage();
        expect({ tasks, files }).toEqual({ tasks: before.tasks, files: before.files });
        expect(waitFor(actor, spawn(actor, fd))).toBe(7 << 8);
        continue;
      }
      const status = waitFor(actor, pid);
      if (status === 7 << 8) {
        expect(count).toBeGreaterThan(0);
        return;
      }
      expect(profile === "documented" ? [1 << 8, SIGSEGV] : [1]).toContain(status);
    }
    throw new Error("no allocation count was enough");
  });
});
