// SPDX-License-Identifier: MIT
// The benchmarks: what is measured, against which peer, and what is aimed at. A class (what one unit of work is) stands with
// each number, because rates of different classes do not compare.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { execFileSync } from "node:child_process";
import { kernelBytes, packagePath } from "../../host/node/package-files.ts";
import { findQemu, runGuest, runHost } from "./guests.ts";
import { compare, spreadOf, type Spread } from "./measure.ts";
import { busyboxSuite } from "./scripts.ts";
import { snapshots } from "./snapshots.ts";

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
const MOVED_MIB = 512;
const FORKS = 2000;
const FORKS_WITH_COPIES = 200;
const HOST_FORKS = 100;

export const ROWS: readonly Benchmark[] = [
  { name: "guest integer", run: (rounds) => guestSpeed("integer", rounds) },
  { name: "guest float", run: (rounds) => guestSpeed("float", rounds) },
  { name: "spawn", run: spawns },
  { name: "template against vfork", run: templateAgainstVfork },
  { name: "throughput", run: throughput },
  { name: "fork of 64 MiB", run: forks },
  { name: "busybox script suite", run: busyboxSuite },
  { name: "start-up", run: startUp },
  { name: "snapshots", run: snapshots },
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

/** Bytes through a pipe between two processes, and to and from a file whose pages are all in memory. */
async function throughput(rounds: number): Promise<Row[]> {
  const rows: Row[] = [];
  for (const [mode, block, title] of [
    ["pipe", 4 << 10, "pipe, blocks of 4 KiB"], ["pipe", 64 << 10, "pipe, blocks of 64 KiB"],
    ["write", 4 << 10, "file write, blocks of 4 KiB"], ["write", 64 << 10, "file write, blocks of 64 KiB"],
    ["write", 1 << 20, "file write, blocks of 1 MiB"], ["read", 4 << 10, "file read, blocks of 4 KiB"],
    ["read", 64 << 10, "file read, blocks of 64 KiB"], ["read", 1 << 20, "file read, blocks of 1 MiB"],
  ] as const) {
    const args = [mode, String(block), String(MOVED_MIB)];
    rows.push({ name: title, unit: "MiB/s", ...(await compareThroughput(args, args, rounds, MOVED_MIB, MOVED_MIB)), peerName: NATIVE_PEER });
  }
  return rows;
}

/** fork, exit and wait: the pages of the parent are shared, and copied where the child writes. */
async function forks(rounds: number): Promise<Row[]> {
  const rows: Row[] = [];
  for (const [pages, title] of [[0, "fork of 64 MiB, exit, wait"], [1024, "fork of 64 MiB, 4 MiB written"]] as const) {
    const args = (count: number) => ["fork", "64", String(count), String(pages)];
    const count = pages === 0 ? FORKS : FORKS_WITH_COPIES; // so many that touching 64 MiB first does not count
    const result = await compareThroughput(args(count), args(HOST_FORKS), rounds, count, HOST_FORKS);
    rows.push({ name: title, unit: "/s", ...result, peerName: NATIVE_PEER });
  }
  return rows;
}

const NATIVE_PEER = "this computer's Linux, the same program natively";

function compareThroughput(here: readonly string[], there: readonly string[], rounds: number, amountHere: number, amountThere: number) {
  const directory = mkdtempSync(join(tmpdir(), "spawnlab-bench-"));
  const ours = () => runGuest({ throughput: "build/bench/riscv64/throughput" }, "throughput", [...here, "/file"]);
  const peer = () => runHost(packagePath("build/bench/native/throughput"), [...there, join(directory, "file")]);
  const comparison = compare(() => (ours(), amountHere), () => (peer(), amountThere), rounds);
  return comparison.finally(() => rmSync(directory, { recursive: true }));
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
