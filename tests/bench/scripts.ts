// SPDX-License-Identifier: MIT
// The busybox script suite (tests/scripts), end to end: one command here, one there, each with its start. A script starts some tens
// of processes, and each of them is a process of qemu's as well; the second row is what is left when a script only computes.

import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { packagePath } from "../../host/node/package-files.ts";
import { ENV, oracle, plantStatic, type Oracle } from "../scripts/runner.ts";
import { compare } from "./measure.ts";
import type { Row } from "./rows.ts";

const FOLDER = "tests/scripts/busybox";
const MAX_ROUNDS = 3; // one takes half a minute

export async function busyboxSuite(rounds: number): Promise<Row[]> {
  const linux = await oracle(plantStatic);
  if (linux === undefined) return [{ name: "busybox script suite", unit: "scripts/s", note: "skipped: see above" }];

  // Time is virtual here: a script that sleeps would be a gift.
  const names = readdirSync(packagePath(FOLDER)).filter((name) => !/\b(sleep|timeout)\b/.test(readFileSync(packagePath(FOLDER, name), "utf8")));
  try {
    const suite = await scripts(linux, names, Math.min(rounds, MAX_ROUNDS));
    const computing = await scripts(linux, Array(8).fill("sieve.sh"), Math.min(rounds, MAX_ROUNDS));
    return [
      { name: "busybox script suite", ...suite, note: `${names.length} scripts: those of ${FOLDER} that do not sleep` },
      { name: "  of it, a script that only computes", ...computing, note: "sieve.sh: no process but the shell" },
    ];
  } finally {
    linux.remove();
  }
}

async function scripts(linux: Oracle, names: readonly string[], rounds: number): Promise<Omit<Row, "name">> {
  const argv = ["sh", "/scripts/suite.sh", ...names.map((name) => `/scripts/busybox/${name}`)];
  const run = ["run", "--root", linux.tree, ...ENV.flatMap((entry) => ["--env", entry]), ...argv];
  const here = () => execFileSync(process.execPath, [packagePath("build/command/spawnlab.cjs"), ...run], { encoding: "utf8" });
  if (here() !== (await linux.run(argv)).stdout) throw new Error("the scripts say something else than under qemu");

  const result = await compare(() => (here(), names.length), async () => (await linux.run(argv), names.length), rounds);
  const peerName = "qemu-riscv64 on this computer's Linux, the same tree";
  return { unit: "scripts/s", ...result, peerName, aim: "at most 3 times slower (ratio 0.33)" };
}
