// SPDX-License-Identifier: MIT
// A host gets control back after the work it granted, whatever the guest spends it on.

import { expect, it } from "vitest";
import { file } from "../../host/core/image.ts";
import { boot } from "../support/boot.ts";
import { sample } from "../support/program.ts";

it("moving data uses up a tick's budget, not only instructions do", () => {
  const test = boot({ entries: [file("/bin/cat", sample("cat"), 0o755)], isHeapChecked: false });
  const { machine } = test;
  machine.start({ program: "/bin/cat", argv: ["cat", "/dev/zero"] });
  const budget = 1_000_000;
  expect(machine.step(BigInt(budget))).toBe("budget");
  const bytesPerInstruction = test.output().length / budget; // each byte is moved twice, in and out
  expect(bytesPerInstruction).toBeGreaterThan(1);
  expect(bytesPerInstruction).toBeLessThan(16);
});
