// SPDX-License-Identifier: MIT
// The machine of a hostile guest, and what must hold whatever the guest does: no panic and no trap (they arrive as exceptions),
// no finding, no more frames than granted, no more instructions than asked for, and nothing left after power-off.

import { directory, file, type ImageEntry } from "../../host/core/image.ts";
import type { KernelModule } from "../../host/core/kernel-module.ts";
import { Machine } from "../../host/core/machine.ts";
import {
  PROFILE_DOCUMENTED, PROFILE_PATCH_06, PROFILE_RFC_V1, QUIRK_RELATIVE_PATH_LEAK, QUIRK_VFORK_KILL_FREES_CONTEXT,
} from "../../kernel/abi/quirks.ts";
import { MS_NOEXEC, MS_RDONLY, S_IFIFO, S_IFLNK } from "../../kernel/abi/stat.ts";
import type { Random } from "./random.ts";

/** What cases are made of. */
export interface Materials {
  readonly kernel: KernelModule;
  /** The bytes of a sample program (fixtures/programs). */
  readonly program: (name: string) => Uint8Array;
}

/** One class of cases. Cases come in runs of some `size`, a machine each mostly. */
export interface Kind {
  readonly name: string;
  /** What one case is, for the summary. */
  readonly unit: string;
  /** Cases of a run, about. */
  readonly size: number;
  /** Does run `index`, from that and `random` alone, and says how many cases it was. */
  run(materials: Materials, random: Random, log: Log, index: number): number | Promise<number>;
}

/** Tells what happens, for a replay; nobody listens otherwise. */
export type Log = ((line: string) => void) | undefined;

/** A promise of the kernel or of the host that did not hold. */
export class Violation extends Error {}

// Two quirks are bugs on purpose, and are tested where their rules are.
const BUGS_ON_PURPOSE = QUIRK_RELATIVE_PATH_LEAK | QUIRK_VFORK_KILL_FREES_CONTEXT;
const MIB = 1024 * 1024;
/** A little more than a call or the end of a slice may cost beyond the budget. */
const BUDGET_SLACK = 64n;

export function bootMachine({ kernel, program }: Materials, random: Random, log: Log, more: readonly ImageEntry[] = []): Machine {
  const memoryBytes = random.pick([1, 1.5, 2, 4, 16, 64]) * MIB;
  const isHeapChecked = random.chance(0.6);
  const quirks = random.pick([PROFILE_DOCUMENTED, PROFILE_DOCUMENTED, PROFILE_RFC_V1, PROFILE_PATCH_06]) & ~BUGS_ON_PURPOSE;
  const stdin = random.chance(0.3);
  log?.(`boot: ${memoryBytes / MIB} MiB, quirks 0x${quirks.toString(16)}${isHeapChecked ? ", checking heap" : ""}`);
  const machine = Machine.boot(kernel, { memoryBytes, isHeapChecked, quirks, seed: random.u32(), terminals: { stdin, stdout: stdin && random.chance(0.8) } });
  machine.addEntries([...treeOf(program), ...more]);
  machine.mount({ path: "/ro", flags: MS_RDONLY });
  machine.mount({ path: "/noexec", flags: MS_NOEXEC });
  return machine;
}

/** run(budget), checked. */
export function step(machine: Machine, budget: number): string {
  const before = machine.instructions;
  const stop = machine.step(BigInt(budget));
  const ran = machine.instructions - before;
  if (ran > BigInt(budget) + BUDGET_SLACK) throw new Violation(`run(${budget}) ran ${ran} instructions`);
  checkRunning(machine);
  return stop;
}

export function checkRunning(machine: Machine): void {
  const finding = machine.findings.find(({ kind }) => kind !== "warning"); // warnings are what a profile's code says itself
  if (finding) throw new Violation(`finding (${finding.kind}): ${finding.text}`);
  const { frames, frameLimit } = machine.usage();
  if (frames > frameLimit) throw new Violation(`${frames} frames in use of ${frameLimit}`);
}

/** Everything that is alive fits together. */
export function checkInvariants(machine: Machine): void {
  const broken = machine.checkInvariants();
  if (broken !== "") throw new Violation(`invariants: ${broken.trim().replaceAll("\n", "; ")}`);
}

/** Power off, and nothing may be left. */
export function checkEnd(machine: Machine): void {
  machine.failAllocation(-1);
  checkInvariants(machine);
  machine.powerOff();
  checkRunning(machine);
  checkInvariants(machine);
  const { tasks, files, templates, denyWrites, pageCache } = machine.usage();
  const left = machine.leakReport();
  if (left !== "") throw new Violation(`left after power-off: ${left.trim().replaceAll("\n", ", ")}`);
  const counts = { tasks, files, templates, denyWrites, pageCache };
  if (Object.values(counts).some((count) => count !== 0)) throw new Violation(`counts after power-off: ${JSON.stringify(counts)}`);
}

function* treeOf(program: Materials["program"]): Generator<ImageEntry> {
  yield directory("tmp", 0o1777);
  yield directory("dev");
  yield directory("proc");
  for (const name of ["true", "minimal", "cat", "report"]) yield file(`bin/${name}`, program(name), 0o755);
  yield file("bin/script", "#!/bin/cat -x\nhello\n", 0o755);
  yield file("bin/loop", "#!/bin/loop\n", 0o755);
  yield file("bin/broken", program("true").slice(0, 100), 0o755);
  yield file("ro/file", "read me", 0o666);
  yield file("noexec/true", program("true"), 0o755);
  yield file("etc/passwd", "root:x:0:0:root:/root:/bin/sh\n");
  yield file("tmp/a", "some text\n".repeat(1000), 0o666);
  yield { path: "tmp/link", mode: S_IFLNK | 0o777, target: "a" };
  yield { path: "tmp/dangling", mode: S_IFLNK | 0o777, target: "../nowhere/at/all" };
  yield { path: "tmp/self", mode: S_IFLNK | 0o777, target: "self" };
  yield { path: "tmp/fifo", mode: S_IFIFO | 0o666 };
}
