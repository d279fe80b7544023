// SPDX-License-Identifier: MIT
// The busybox script suite (tests/scripts), end to end: one command here, one there, each with its start. Every script starts some
// tens of processes, so it is process creation as much as instructions.

import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { packagePath } from "../../host/node/package-files.ts";
import { ENV, oracle } from "../scripts/runner.ts";
import { compare } from "./measure.ts";
import type { Row } from "./rows.ts";

const SCRIPTS = "tests/scripts/busybox";

export async function busyboxSuite(rounds: number): Promise<Row[]> {
  const common = { name: "busybox script suite", unit: "scripts/s" };
  const linux = await oracle();
  if (linux === undefined) return [{ ...common, note: "skipped: see above" }];

  try {
    // Time is virtual here: a script that sleeps would be a gift.
    const names = readdirSync(packagePath(SCRIPTS)).filter((name) => !/\b(sleep|timeout)\b/.test(readFileSync(packagePath(SCRIPTS, name), "utf8")));
    const argv = ["sh", "/scripts/suite.sh", ...names.map((name) => `/scripts/busybox/${name}`)];
    const run = ["run", "--root", linux.tree, ...ENV.flatMap((entry) => ["--env", entry]), ...argv];
    const here = () => execFileSync(process.execPath, [packagePath("build/command/spawnlab.cjs"), ...run], { encoding: "utf8" });
    if (here() !== (await linux.run(argv)).stdout) throw new Error("the suite says something else than under qemu");

    const result = await compare(() => (here(), names.length), async () => (await linux.run(argv), names.length), rounds);
    return [{
      ...{ ...common, ...result, peerName: "qemu-riscv64 on this computer's Linux, the same tree; a process of qemu for each process" },
      ...{ note: `${names.length} scripts: those of ${SCRIPTS} that do not sleep`, aim: "at most 3 times slower (ratio 0.33)" },
    }];
  } finally {
    linux.remove();
  }
}
