// SPDX-License-Identifier: MIT
// The benchmarks: what is measured, against which peer, and what is aimed at. A class (what one unit of work is) stands with
// each number, because rates of different classes do not compare.

import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { execFileSync } from "node:child_process";
import { kernelBytes, packagePath } from "../../host/node/package-files.ts";
import { findQemu, runGuest, runHost } from "./guests.ts";
import { compare, spreadOf, type Spread } from "./measure.ts";

export interface Row {
  readonly name: string;
  readonly unit: string;
  readonly ours?: Spread;
  readonly peer?: Spread;
  readonly peerName?: string;
  readonly ratio?: Spread;
  readonly cpuOurs?: Spread | undefined;
  readonly cpuPeer?: Spread | undefined;
  readonly cpuRatio?: Spread | undefined;
  readonly aim?: string;
  readonly note?: string;
}

export interface Benchmark {
  readonly name: string;
  run(rounds: number): Promise<Row[]>;
}

const MILLION = 1e6;
const MIN_QEMU_ROUNDS = 400; // about two seconds of qemu, so that neither its start nor our engine's warm-up counts

const SPAWNERS = { spawnbench: "build/programs/riscv64/spawnbench", minimal: "build/programs/riscv64/minimal" };
const SPAWNS = 60000;
const HOST_SPAWNS = 2000;

export const ROWS: readonly Benchmark[] = [
  { name: "guest integer", run: (rounds) => guestSpeed("integer", rounds) },
  { name: "guest float", run: (rounds) => guestSpeed("float", rounds) },
  { name: "spawn", run: spawns },
  { name: "template against vfork", run: templateAgainstVfork },
  { name: "start-up", run: startUp },
  { name: "size", run: kernelSize },
];

/** One static program, here and under qemu's JIT; instructions counted here, where the count is exact. */
async function guestSpeed(name: string, rounds: number): Promise<Row[]> {
  const path = `build/bench/riscv64/${name}`;
  const work = name === "integer" ? MIN_QEMU_ROUNDS : MIN_QEMU_ROUNDS / 2;
  const qemu = findQemu();
  const title = `guest ${name} code`;
  const ours = (count: number) => runGuest({ [name]: path }, name, [String(count)]);
  const small = ours(1);
  const perRound = (ours(3).instructions - small.instructions) / 2;
  if (qemu === undefined) return [{ name: title, unit: "MIPS", note: "skipped: qemu-riscv64 is missing (Debian package qemu-user-static)" }];

  if (runHost(qemu, [packagePath(path), "1"]) !== small.output) throw new Error(`${name}: another result than qemu's`);
  const here = Math.ceil(work / 4); // the interpreter is slower: less work for the same time
  const result = await compare(
    () => ours(here).instructions / MILLION,
    () => (runHost(qemu, [packagePath(path), String(work)]), (work * perRound) / MILLION),
    rounds,
  );
  return [{
    ...{ name: title, unit: "MIPS", ...result, peerName: "qemu-riscv64 (JIT), the same static binary" },
    aim: name === "integer" ? "at least 400 MIPS; at most 8 times slower than qemu (ratio 0.125)" : "reported",
  }];
}

/** Spawns of a minimal static child, waited for: in the machine by each method, on the host by posix_spawn's way. */
async function spawns(rounds: number): Promise<Row[]> {
  const native = packagePath("build/programs/native/spawnbench");
  const rows: Row[] = [];
  for (const [method, title] of [["template", "template"], ["vfork", "vfork+exec"], ["fork", "fork+exec"]] as const) {
    const result = await compare(
      () => spawnInside(method, SPAWNS),
      () => (runHost(native, ["-m", "posix_spawn", "-n", String(HOST_SPAWNS)]), HOST_SPAWNS),
      rounds,
    );
    rows.push({
      ...{ name: `spawn by ${title}`, unit: "/s", ...result },
      peerName: "this computer's Linux: clone3(VM|VFORK)+execve as posix_spawn(3) does, the same program natively",
      ...(method === "template" ? { aim: "at least 50,000/s and 3 times the peer" } : {}),
    });
  }
  return rows;
}

function spawnInside(method: string, count: number, flags: readonly string[] = []): number {
  runGuest(SPAWNERS, "spawnbench", [...flags, "-m", method, "-n", String(count), "/bin/minimal"]);
  return count;
}

/** Bare, and wired as a launcher wires its children (spawnbench -w): three descriptors, a signal action, a mask, the rest closed. */
async function templateAgainstVfork(rounds: number): Promise<Row[]> {
  const rows: Row[] = [];
  for (const [title, flags] of [["bare", []], ["wired", ["-w"]]] as const) {
    const time = await compare(() => spawnInside("template", SPAWNS, flags), () => spawnInside("vfork", SPAWNS, flags), rounds);
    const instructions = (method: string) => {
      const of = (count: number) => runGuest(SPAWNERS, "spawnbench", [...flags, "-m", method, "-n", String(count), "/bin/minimal"]).instructions;
      return (of(300) - of(100)) / 200;
    };
    const [template, vfork] = [instructions("template"), instructions("vfork")];
    rows.push(
      {
        ...{ name: `template against vfork+exec, ${title}`, unit: "/s", ...time, peerName: "vfork+exec in the same machine" },
        aim: "measurably cheaper (ratio over 1)",
      },
      {
        ...{ name: "  in guest instructions", unit: "per spawn", ours: spreadOf([template]), peer: spreadOf([vfork]), ratio: spreadOf([template / vfork]) },
        ...{ peerName: "vfork+exec; parent and child together, exact", aim: "fewer (ratio under 1)" },
      },
    );
  }
  return rows;
}

/** The whole command, end to end, against Node doing nothing. In starts per second; the times stand in the note. */
async function startUp(rounds: number): Promise<Row[]> {
  const start = (args: readonly string[]) => (execFileSync(process.execPath, args), 1);
  const result = await compare(
    () => start([packagePath("build/command/spawnlab.cjs"), "run", "/bin/true"]),
    () => start(["-e", "0"]),
    rounds * 2,
  );
  const ms = ({ median }: Spread) => (1000 / median).toFixed(0);
  return [{
    ...{ name: "start-up: spawnlab run /bin/true", unit: "starts/s", ...result, peerName: "node -e 0" },
    ...{ note: `${ms(result.ours)} ms end to end, of which Node itself takes ${ms(result.peer)} ms`, aim: "under 150 ms" },
  }];
}

async function kernelSize(): Promise<Row[]> {
  const bytes = kernelBytes();
  const kib = (size: number) => spreadOf([size / 1024]);
  const hostBytes = ["core/machine.js", "core/kernel-port.js", "core/kernel-module.js"].reduce((sum, name) => sum + readFileSync(packagePath("build/host", name)).length, 0);
  return [{
    ...{ name: "kernel.wasm", unit: "KiB", ours: kib(bytes.length), aim: "under 300 KiB" },
    note: `${(gzipSync(bytes, { level: 9 }).length / 1024).toFixed(0)} KiB with gzip; the host code that every embedder needs is ${(hostBytes / 1024).toFixed(0)} KiB`,
  }];
}
