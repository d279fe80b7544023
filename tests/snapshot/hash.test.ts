// SPDX-License-Identifier: MIT
// The state hash: equal for equal runs however they are cut and watched, different as soon as anything is.

import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { file } from "../../host/core/image.ts";
import * as calls from "../../kernel/abi/syscalls.ts";
import { AT_FDCWD, F_SETFD, FD_CLOEXEC, O_CREAT, O_RDWR } from "../../kernel/abi/fcntl.ts";
import { SIG_BLOCK, SIGUSR1, SIGUSR2 } from "../../kernel/abi/signal.ts";
import type { TestActor } from "../support/actor.ts";
import { boot, type TestBootOptions, type TestMachine } from "../support/boot.ts";
import { ROOT } from "../support/kernel.ts";

const PROGRAMS = ["spawnbench", "minimal"].map((name) => file(`/bin/${name}`, readFileSync(`${ROOT}build/programs/riscv64/${name}`), 0o755));

/** Eight workers spawn side by side; the hashes at the end and every 1000 virtual microseconds on the way. */
function spawning(options: TestBootOptions = {}): TestMachine {
  const machine = boot({ entries: PROGRAMS, ...options });
  machine.machine.start({ program: "/bin/spawnbench", argv: ["spawnbench", "-n", "16", "/bin/minimal"] });
  return machine;
}

function hashAtEnd(machine: TestMachine, budget = 1_000_000n): string {
  while (machine.machine.step(budget) === "budget");
  return machine.machine.stateHash();
}

it("is 16 hexadecimal digits, and asking for it changes nothing", () => {
  const { machine } = spawning();
  machine.step(10_000n);
  const hash = machine.stateHash();
  expect(hash).toMatch(/^[0-9a-f]{16}$/);
  expect(machine.stateHash()).toBe(hash);
  const other = spawning();
  other.machine.step(10_000n);
  expect(hashAtEnd(other)).toBe(hashAtEnd(spawning()));
});

it.each([50_000n, 7_777n, 331n])("ticks of %d instructions end in the state that long ones end in", (budget) => {
  expect(hashAtEnd(spawning(), budget)).toBe(hashAtEnd(spawning()));
});

it("a traced run ends in the state of one that is not", () => {
  expect(hashAtEnd(spawning({ isTraced: true }))).toBe(hashAtEnd(spawning()));
});

it("snapshots on the way change nothing", () => {
  const machine = spawning();
  while (machine.machine.step(5_000n) === "budget") machine.machine.snapshot();
  expect(machine.machine.stateHash()).toBe(hashAtEnd(spawning()));
});

it("going back on the way changes nothing", () => {
  const machine = spawning();
  for (;;) {
    const before = machine.machine.snapshot();
    machine.machine.step(9_000n);
    machine.machine.restore(before);
    if (machine.machine.step(4_000n) !== "budget") break;
  }
  expect(machine.machine.stateHash()).toBe(hashAtEnd(spawning()));
});

it.each<{ options: TestBootOptions; what: string }>([
  { what: "the seed", options: { seed: 2 } },
  { what: "the quirks", options: { quirks: 1 } },
  { what: "the memory size", options: { memoryBytes: 128 << 20 } },
  { what: "the epoch", options: { epochNs: 1n } },
  { what: "a byte of a file", options: { entries: [file("/a", "b")] } },
])("another machine in $what has another hash", ({ options }) => {
  const hash = (more: TestBootOptions) => boot({ entries: [file("/a", "a")], ...more }).machine.stateHash();
  expect(hash(options)).not.toBe(hash({}));
  expect(hash({})).toBe(hash({}));
});

/** Pairs of calls that differ in one small thing. */
const DIFFERENCES: Record<string, [(actor: TestActor) => unknown, (actor: TestActor) => unknown]> = {
  "one bit of guest memory": [(a) => write(a, 0x40), (a) => write(a, 0x41)],
  "a descriptor's close-on-exec flag": [(a) => a.must(calls.SYS_FCNTL, open(a), F_SETFD, 0), (a) => a.must(calls.SYS_FCNTL, open(a), F_SETFD, FD_CLOEXEC)],
  "a file position": [(a) => a.must(calls.SYS_LSEEK, open(a), 1, 0), (a) => a.must(calls.SYS_LSEEK, open(a), 2, 0)],
  "a blocked signal": [(a) => block(a, SIGUSR1), (a) => block(a, SIGUSR2)],
  "a pending signal": [(a) => pend(a, SIGUSR1), (a) => pend(a, SIGUSR2)],
  "a file mode": [(a) => a.must(calls.SYS_FCHMOD, open(a), 0o600), (a) => a.must(calls.SYS_FCHMOD, open(a), 0o601)],
  "an mtime": [(a) => touch(a, 5n), (a) => touch(a, 6n)],
  "a working directory": [(a) => a.must(calls.SYS_CHDIR, "/a"), (a) => a.must(calls.SYS_CHDIR, "/b")],
  "a umask": [(a) => a.must(calls.SYS_UMASK, 0o22), (a) => a.must(calls.SYS_UMASK, 0o27)],
  "a byte in a pipe": [(a) => pipe(a, "x"), (a) => pipe(a, "y")],
};

function write(actor: TestActor, value: number): void {
  actor.alloc(8).write(Uint8Array.of(value));
}
function open(actor: TestActor): number {
  return actor.must(calls.SYS_OPENAT, AT_FDCWD, "/f", O_RDWR | O_CREAT, 0o644);
}
function block(actor: TestActor, signal: number): void {
  actor.must(calls.SYS_RT_SIGPROCMASK, SIG_BLOCK, setOf(signal), null, 8);
}
function pend(actor: TestActor, signal: number): void {
  actor.must(calls.SYS_RT_SIGPROCMASK, SIG_BLOCK, setOf(SIGUSR1, SIGUSR2), null, 8);
  actor.must(calls.SYS_KILL, actor.pid, signal);
}
function setOf(...signals: number[]): Uint8Array {
  return new Uint8Array(new BigUint64Array([signals.reduce((set, signal) => set | (1n << BigInt(signal - 1)), 0n)]).buffer);
}
function touch(actor: TestActor, ns: bigint): void {
  actor.must(calls.SYS_UTIMENSAT, open(actor), null, new Uint8Array(new BigInt64Array([1n, 1n, 1n, ns]).buffer), 0);
}
function pipe(actor: TestActor, text: string): void {
  const pair = actor.alloc(8);
  actor.must(calls.SYS_PIPE2, pair, 0);
  actor.must(calls.SYS_WRITE, pair.u32(4), text, 1);
}

it.each(Object.entries(DIFFERENCES))("%s is in it", (_, [one, other]) => {
  const hash = (act: (actor: TestActor) => unknown) => {
    const machine = boot({ entries: [file("/a/x", ""), file("/b/x", "")] });
    act(machine.actor());
    return machine.machine.stateHash();
  };
  expect(hash(one)).toBe(hash(one));
  expect(hash(one)).not.toBe(hash(other));
});
