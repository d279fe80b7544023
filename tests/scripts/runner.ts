// SPDX-License-Identifier: MIT
// Trees with Debian's programs for riscv64, and what a script in one does on this computer's Linux, under qemu's user mode.

import { execFile, execFileSync } from "node:child_process";
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packagePath } from "../../host/node/package-files.ts";
import { tool } from "../support/tools.ts";

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

/** `plant` fills a tree, or answers false. Undefined (after a line on standard error) where something is missing. */
export async function oracle(plant: (tree: string, qemu: string) => boolean): Promise<Oracle | undefined> {
  const [qemu, unshare] = [tool("qemu"), tool("unshare")];
  if (qemu === undefined || unshare === undefined) return undefined;

  const tree = mkdtempSync(join(tmpdir(), "spawnlab-scripts-"));
  const remove = () => rmSync(tree, { recursive: true });
  const run = (argv: readonly string[]) =>
    new Promise<Outcome>((resolve) => {
      const inside = ["sh", join(SCRIPTS, "under-qemu.sh"), tree, qemu, ...argv];
      const child = execFile(unshare, ["-Urmpf", "--kill-child", ...inside], (_, stdout, stderr) => {
        resolve({ stdout, stderr, status: child.exitCode ?? -1 });
      });
      child.stdin?.end();
    });
  if (plant(tree, qemu)) {
    for (const name of ["dev", "etc", "proc", "scripts", "tmp"]) mkdirSync(join(tree, name), { recursive: true });
    writeFileSync(join(tree, "etc/passwd"), "root:x:0:0:root:/root:/bin/sh\n");
    writeFileSync(join(tree, "etc/group"), "root:x:0:\n");
    for (const name of ["busybox", "bash", "debian", "suite.sh"]) cpSync(join(SCRIPTS, name), join(tree, "scripts", name), { recursive: true });
    const probe = await run(["true"]);
    if (probe.status === 0) return { tree, run, remove };
    // no package brings this: it is no error in continuous integration either
    process.stderr.write(`tests skipped: user namespaces with binfmt_misc (Linux 6.7 or later) are missing: ${probe.stderr.trim()}\n`);
  }
  remove();
  return undefined;
}

/** Static busybox, with a link for every applet, and static bash. */
export function plantStatic(tree: string, qemu: string): boolean {
  const [busybox, bash] = [tool("busybox"), tool("bash")];
  if (busybox === undefined || bash === undefined) return false;
  mkdirSync(join(tree, "bin"));
  copyFileSync(busybox, join(tree, "bin/busybox"));
  copyFileSync(bash, join(tree, "bin/bash"));
  const applets = execFileSync(qemu, [busybox, "--list"], { encoding: "utf8" }).trim().split("\n");
  for (const applet of applets) if (applet !== "busybox") symlinkSync("busybox", join(tree, "bin", applet));
  return true;
}

/** A system of dynamic programs: dash, coreutils, findutils and others with their libraries. */
export function plantDynamic(tree: string): boolean {
  if (tool("debianTools") === undefined) return false;
  const isNeeded = (path: string) => !/\/usr\/(share|lib\/(systemd|[^/]+\/(gconv|perl)))\//.test(path);
  cpSync(packagePath("build/debian/root"), tree, { recursive: true, verbatimSymlinks: true, filter: isNeeded });
  symlinkSync("gawk", join(tree, "usr/bin/awk")); // as the package's own script does
  return true;
}
