// SPDX-License-Identifier: MIT
// A tree with Debian's busybox and bash for riscv64, and what a script in it does on this computer's Linux, under qemu's user mode.

import { execFile, execFileSync } from "node:child_process";
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packagePath } from "../../host/node/package-files.ts";
import { missing, tool } from "../support/tools.ts";

export const SCRIPTS = packagePath("tests/scripts");
export const ENV = ["PATH=/bin", "HOME=/tmp", "LC_ALL=C"];
export const CWD = "/tmp";

export interface Outcome {
  readonly stdout: string;
  readonly stderr: string;
  /** What a shell would say: the exit code, or 128 + the signal. */
  readonly status: number;
}

export interface Oracle {
  /** A directory: the root file system, for both sides. */
  readonly tree: string;
  run(argv: readonly string[]): Promise<Outcome>;
  remove(): void;
}

/** Undefined (after a line on standard error) where something of it is missing. */
export async function oracle(): Promise<Oracle | undefined> {
  const [busybox, bash, qemu, unshare] = [tool("busybox"), tool("bash"), tool("qemu"), tool("unshare")];
  if (!busybox || !bash || !qemu || !unshare) return undefined;

  const tree = plantTree(busybox, bash, qemu);
  const remove = () => rmSync(tree, { recursive: true });
  const run = (argv: readonly string[]) =>
    new Promise<Outcome>((resolve) => {
      const inside = ["sh", join(SCRIPTS, "under-qemu.sh"), tree, qemu, ...argv];
      const child = execFile(unshare, ["-Urmpf", "--kill-child", ...inside], (_, stdout, stderr) => {
        resolve({ stdout, stderr, status: child.exitCode ?? -1 });
      });
      child.stdin?.end();
    });
  const probe = await run(["true"]);
  if (probe.status === 0) return { tree, run, remove };
  remove();
  return missing(`a user namespace with binfmt_misc (Linux 6.7 or later, unprivileged user namespaces allowed): ${probe.stderr.trim()}`);
}

/** bin with a link for every applet; scripts; and the folders that both sides fill themselves. */
function plantTree(busybox: string, bash: string, qemu: string): string {
  const tree = mkdtempSync(join(tmpdir(), "spawnlab-scripts-"));
  for (const name of ["bin", "dev", "etc", "proc", "scripts", "tmp"]) mkdirSync(join(tree, name));
  copyFileSync(busybox, join(tree, "bin/busybox"));
  copyFileSync(bash, join(tree, "bin/bash"));
  const applets = execFileSync(qemu, [busybox, "--list"], { encoding: "utf8" }).trim().split("\n");
  for (const applet of applets) if (applet !== "busybox") symlinkSync("busybox", join(tree, "bin", applet));
  writeFileSync(join(tree, "etc/passwd"), "root:x:0:0:root:/root:/bin/sh\n");
  writeFileSync(join(tree, "etc/group"), "root:x:0:\n");
  for (const name of ["busybox", "bash", "suite.sh"]) cpSync(join(SCRIPTS, name), join(tree, "scripts", name), { recursive: true });
  return tree;
}
