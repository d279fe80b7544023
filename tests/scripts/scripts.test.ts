// SPDX-License-Identifier: MIT
// Debian's programs for riscv64, unmodified: a script does in the kernel what it does on Linux under qemu's user mode. Each file in
// busybox/, bash/ and debian/ is about one topic, starts in an empty /tmp, and prints only what must be the same on every machine.
// qemu is no Linux where it makes vfork a fork (xargs does not hear of a failed exec) and in what /proc says of its processes.

import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { shellStatus } from "../../host/core/exit-status.ts";
import type { ImageEntry } from "../../host/core/image.ts";
import { readDirectory } from "../../host/node/image/read-directory.ts";
import { boot } from "../support/boot.ts";
import { CWD, ENV, oracle, plantDynamic, plantStatic, SCRIPTS, type Outcome } from "./runner.ts";

const TIMEOUT_MS = 600_000; // of no meaning for the result: qemu is slow to start on a busy computer

function inKernel(entries: readonly ImageEntry[], argv: readonly [string, ...string[]]): Outcome {
  const test = boot({ entries });
  test.machine.start({ program: `/bin/${argv[0]}`, argv, env: ENV, cwd: CWD });
  test.machine.endInput();
  const status = shellStatus(test.machine.run({ maxInstructions: 4_000_000_000 }));
  return { stdout: test.output(1), stderr: test.output(2), status };
}

for (const { plant, suites } of [
  { plant: plantStatic, suites: [{ folder: "busybox", shell: "sh" }, { folder: "bash", shell: "bash" }] },
  { plant: plantDynamic, suites: [{ folder: "debian", shell: "dash" }] },
]) {
  const linux = await oracle(plant);
  afterAll(() => linux?.remove());
  const entries = linux ? [...readDirectory(linux.tree)] : [];

  describe.skipIf(linux === undefined).each(suites)("a script for $folder does in the kernel what it does under qemu", ({ folder, shell }) => {
    it.each(readdirSync(join(SCRIPTS, folder)))("%s", async (name) => {
      const argv = [shell, `/scripts/${folder}/${name}`] as const;
      const running = linux?.run(argv); // beside the kernel
      const actual = inKernel(entries, argv);
      const expected = await running;
      expect(expected?.stdout).not.toBe("");
      expect(actual).toEqual(expected);
    }, TIMEOUT_MS);
  });
}
