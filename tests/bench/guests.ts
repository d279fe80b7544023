// SPDX-License-Identifier: MIT
// What the benchmarks run: programs inside machines of this process, and the same programs outside, under qemu or natively.

import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { directory, file } from "../../host/core/image.ts";
import { loadKernel } from "../../host/core/kernel-module.ts";
import { Machine } from "../../host/core/machine.ts";
import { kernelBytes, packagePath } from "../../host/node/package-files.ts";

const kernel = loadKernel(kernelBytes());

export interface GuestRun {
  readonly output: string;
  readonly instructions: number;
}

export interface GuestOptions {
  readonly memoryBytes?: number;
  /** Working directory, made if it is missing; default "/". */
  readonly cwd?: string;
  /** Each write of the program, when it happens. */
  readonly onOutput?: (text: string) => void;
}

/** Runs /bin/NAME with arguments in a fresh machine that holds the named files. @throws when it fails */
export function runGuest(files: Record<string, string>, name: string, args: readonly string[], options: GuestOptions = {}): GuestRun {
  const { cwd = "/", onOutput, ...boot } = options;
  let output = "";
  const onConsole = (_: number, bytes: Uint8Array) => {
    const text = Buffer.from(bytes).toString();
    onOutput?.(text);
    output += text;
  };
  const machine = Machine.boot(kernel, { ...boot, onConsole });
  machine.addEntries(Object.entries(files).map(([guest, host]) => file(`/bin/${guest}`, readFileSync(packagePath(host)), 0o755)));
  machine.addEntries([directory(cwd)]);
  machine.start({ program: `/bin/${name}`, argv: [name, ...args], cwd });
  const exit = machine.run();
  if (exit.kind !== "exited" || exit.code !== 0) throw new Error(`${name} in the machine: ${JSON.stringify(exit)} ${output}`);
  return { output, instructions: Number(machine.instructions) };
}

/** Runs a program of this computer; its standard output. @throws when it fails */
export function runHost(path: string, args: readonly string[], cwd?: string): string {
  return execFileSync(path, args, { encoding: "utf8", cwd });
}

/** Where qemu's user mode is, or undefined. */
export function findQemu(): string | undefined {
  return ["qemu-riscv64-static", "qemu-riscv64"].find((name) => spawnSync(name, ["--version"]).status === 0);
}
