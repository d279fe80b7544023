// SPDX-License-Identifier: MIT
// Snapshots and the way back. That a restored machine is the one of the snapshot is told by the state hash, which reads all of the
// memory and knows nothing of marks.

import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { file } from "../../host/core/image.ts";
import type { Machine } from "../../host/core/machine.ts";
import type { Snapshot } from "../../host/core/snapshot.ts";
import { O_CREAT, O_RDWR, AT_FDCWD } from "../../kernel/abi/fcntl.ts";
import * as calls from "../../kernel/abi/syscalls.ts";
import { boot, type TestMachine } from "../support/boot.ts";
import { ROOT } from "../support/kernel.ts";
import { randomBelow } from "./random.ts";

const PROGRAMS = ["spawnbench", "minimal"].map((name) => file(`/bin/${name}`, readFileSync(`${ROOT}build/programs/riscv64/${name}`), 0o755));
const SEEDS = [1, 2, 3, 4];

function spawning(isHeapChecked = true): TestMachine {
  const machine = boot({ entries: PROGRAMS, isHeapChecked });
  machine.machine.start({ program: "/bin/spawnbench", argv: ["spawnbench", "-n", "8", "/bin/minimal"] });
  return machine;
}

it("goes back to what it was, and from there the same way again", () => {
  const { machine } = spawning();
  machine.step(3_000n);
  const snapshot = machine.snapshot();
  const hash = machine.stateHash();
  const exit = machine.run();
  const end = machine.stateHash();
  machine.restore(snapshot);
  expect(machine.stateHash()).toBe(hash);
  expect(machine.run()).toEqual(exit);
  expect(machine.stateHash()).toBe(end);
});

it.each(SEEDS.flatMap((seed) => [true, false].map((isHeapChecked) => ({ seed, isHeapChecked }))))(
  "any snapshot can follow any other (seed $seed, checking heap: $isHeapChecked)",
  ({ seed, isHeapChecked }) => {
    const { machine } = spawning(isHeapChecked);
    const below = randomBelow(seed);
    const taken: { snapshot: Snapshot; hash: string }[] = [];
    for (let i = 0; i < 60; i++) {
      const choice = below(3);
      if (choice === 0 || taken.length === 0) {
        taken.push({ snapshot: machine.snapshot(), hash: machine.stateHash() });
      } else if (choice === 1) {
        const { snapshot, hash } = taken[below(taken.length)]!;
        machine.restore(snapshot);
        expect(machine.stateHash(), `after ${i} steps`).toBe(hash);
      } else {
        machine.step(BigInt(1 + below(20_000)));
      }
    }
  },
);

it("files, descriptors and output of a machine without a program come back as well", () => {
  const machine = boot();
  const actor = machine.actor();
  const fd = actor.must(calls.SYS_OPENAT, AT_FDCWD, "/f", O_RDWR | O_CREAT, 0o644);
  actor.must(calls.SYS_WRITE, fd, "before", 6);
  const snapshot = machine.machine.snapshot();
  actor.must(calls.SYS_WRITE, fd, " and after", 10);
  actor.must(calls.SYS_CLOSE, fd);
  actor.must(calls.SYS_UNLINKAT, AT_FDCWD, "/f", 0);
  machine.machine.restore(snapshot);
  expect(Buffer.from(machine.machine.readFile("/f")).toString()).toBe("before");
  expect(actor.call(calls.SYS_WRITE, fd, "!", 1)).toBe(1);
  expect(Buffer.from(machine.machine.readFile("/f")).toString()).toBe("before!");
});

it("what a partly filled pipe buffer holds behind its end is no accident of what came before", () => {
  const machine = boot();
  const actor = machine.actor();
  const pair = actor.alloc(8);
  const text = actor.alloc(8);
  text.setU32(0, 0x78);
  const snapshot = machine.machine.snapshot();
  const hashes = [1, 2].map((value) => {
    machine.machine.writeFile("/junk", new Uint8Array(1 << 20).fill(value));
    machine.machine.restore(snapshot);
    actor.must(calls.SYS_PIPE2, pair, 0);
    actor.must(calls.SYS_WRITE, pair.u32(4), text, 1);
    const hash = machine.machine.stateHash();
    machine.machine.restore(snapshot);
    return hash;
  });
  expect(hashes[0]).toBe(hashes[1]);
});

it("memory that grew since the snapshot stays, and belongs to nobody", () => {
  const machine = boot();
  const snapshot = machine.machine.snapshot();
  const hash = machine.machine.stateHash();
  const { frames } = machine.usage();
  machine.machine.writeFile("/big", new Uint8Array(32 << 20));
  machine.machine.restore(snapshot);
  expect(machine.usage().frames).toBe(frames);
  expect(machine.machine.stateHash()).toBe(hash);
  machine.machine.writeFile("/big", new Uint8Array(32 << 20));
  expect(machine.machine.readFile("/big")).toHaveLength(32 << 20);
});

it("code that was written over is decoded anew after the way back", () => {
  const programs = new Map(["minimal", "spawnbench"].map((name, index) => [name, PROGRAMS[1 - index]!.data!]));
  const { machine } = boot({ entries: PROGRAMS });
  const snapshot = machine.snapshot();
  const runs = (): string => {
    machine.start({ program: "/bin/minimal" });
    return `${JSON.stringify(machine.run(), (_, value) => (typeof value === "bigint" ? String(value) : value))} ${machine.stateHash()}`;
  };
  const expected = runs();
  machine.restore(snapshot);
  machine.writeFile("/bin/minimal", programs.get("spawnbench")!, 0o755);
  machine.start({ program: "/bin/minimal" });
  machine.step(2_000n);
  machine.restore(snapshot);
  expect(runs()).toBe(expected);
  machine.restore(snapshot);
});

it("a snapshot costs the pages that were written since the last one", () => {
  const { machine } = boot();
  const first = machine.snapshot();
  expect(first.copied).toBeGreaterThan(50);
  const again = machine.snapshot();
  expect(again.copied).toBeLessThanOrEqual(4); // registers, variables
  expect(machine.restore(first)).toBeLessThanOrEqual(4);
});

it("refuses a snapshot of another machine, and works on", () => {
  const [one, other]: Machine[] = [boot().machine, boot().machine];
  one!.snapshot();
  expect(() => one!.restore(other!.snapshot())).toThrow("another's");
  expect(one!.stateHash()).toMatch(/^[0-9a-f]{16}$/);
});
