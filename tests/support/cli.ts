// SPDX-License-Identifier: MIT
// Runs the built command line as a user does.

import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { ROOT } from "./kernel.ts";

/** The first compilation on a computer builds musl, and other tests may be doing the same. */
export const TIMEOUT_MS = 300_000;

const CLI = `${ROOT}build/command/spawnlab.cjs`;

export interface CliResult {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export function spawnlab(args: readonly string[], input: string | Uint8Array = "", cwd = ROOT): CliResult {
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, ...args], {
    cwd,
    input,
    encoding: "latin1",
    maxBuffer: 2 ** 28,
    timeout: TIMEOUT_MS,
  });
  return { status, stdout, stderr };
}

/** Starts the command line and leaves it running. */
export function startSpawnlab(args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [CLI, ...args], { cwd: ROOT, stdio: ["pipe", "pipe", "pipe"] });
}

/** The command line in a shell's pipeline: `script` says $spawnlab where it should run. */
export function shell(script: string): CliResult {
  const { status, stdout, stderr } = spawnSync("bash", ["-c", script], {
    cwd: ROOT,
    env: { ...process.env, spawnlab: `${process.execPath} ${CLI}` },
    encoding: "latin1",
    timeout: TIMEOUT_MS,
  });
  return { status, stdout, stderr };
}
