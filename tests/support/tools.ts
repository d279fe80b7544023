// SPDX-License-Identifier: MIT
// System tools that some tests compare with. Where one is missing those tests are skipped with a line that says so; with
// SPAWNLAB_REQUIRE_TOOLS=1 (continuous integration) a missing tool is an error.

import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { packagePath } from "../../host/node/package-files.ts";

const TOOLS = {
  /** qemu's user mode: the oracle for instructions and programs. */
  qemu: { name: "qemu-riscv64-static", from: "Debian package qemu-user-static" },
  /** glibc's compiler for riscv64. */
  gcc: { name: "riscv64-linux-gnu-gcc", from: "Debian package gcc-riscv64-linux-gnu" },
  /** GNU cpio: the other side of cpio images. */
  cpio: { name: "cpio", from: "Debian package cpio" },
  /** A riscv64 busybox with all its applets. */
  busybox: { name: packagePath("build/riscv64/root/usr/bin/busybox"), from: "scripts/fetch-riscv64.sh build/riscv64 busybox-static" },
  /** A riscv64 bash. */
  bash: { name: packagePath("build/riscv64/root/usr/bin/bash-static"), from: "scripts/fetch-riscv64.sh build/riscv64 bash-static" },
  /** Dynamic programs of Debian. */
  debian: {
    name: packagePath("build/debian/root/usr/bin/bash"),
    from: "scripts/fetch-riscv64.sh --with-dependencies build/debian bash coreutils grep sed base-passwd passwd",
  },
  /** More of them: dash, findutils, tar, gawk. */
  debianTools: { name: packagePath("build/debian/root/usr/bin/gawk"), from: "packages: .ci/run" },
  /** Runs programs in namespaces of their own. */
  unshare: { name: "unshare", from: "Debian package util-linux" },
} as const;

/** The path of a tool; undefined (after a line on standard error) if it is missing. Use with it.skipIf(path === undefined). */
export function tool(which: keyof typeof TOOLS): string | undefined {
  const { name, from } = TOOLS[which];
  const folders = name.includes("/") ? [""] : (process.env["PATH"] ?? "").split(delimiter).filter(Boolean);
  const found = folders.map((folder) => join(folder, name)).find(isExecutable);
  return found ?? missing(`${name} (${from})`);
}

/** Says what is missing, or throws in continuous integration. */
export function missing(what: string): undefined {
  const message = `${what} is missing`;
  if (process.env["SPAWNLAB_REQUIRE_TOOLS"] === "1") throw new Error(message);
  process.stderr.write(`tests skipped: ${message}\n`);
  return undefined;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
