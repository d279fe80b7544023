// SPDX-License-Identifier: MIT
// The kernel's own checks notice what they are for: numbers of live objects are changed behind its back, one at a time.

import { expect, it } from "vitest";
import { instantiate, type KernelExports } from "../../host/core/kernel-module.ts";
import { ACTOR_MEMORY, BOOT_CHECKING_HEAP } from "../../kernel/abi/boundary.ts";
import { AT_FDCWD, O_CREAT, O_RDWR } from "../../kernel/abi/fcntl.ts";
import { SIGCHLD } from "../../kernel/abi/signal.ts";
import { SYS_CLONE, SYS_OPENAT, SYS_PIPE2 } from "../../kernel/abi/syscalls.ts";
import { kernel } from "../support/kernel.ts";

// kernel/memory/heap.ts: | state, count, class id, size | object ...
const LIVE = 0x4c495645;
const CELL_HEADER = 16;
const CLASS_AT = 8;
const FIRST_FRAME = 0x400000;

/** A machine with two processes, open files and a pipe. */
function bootKernel(): KernelExports {
  const exports = instantiate(kernel(), { consoleWrite: () => {}, trace: () => {}, finding: () => {} });
  expect(exports.boot(0, 1n, 16n << 20n, BOOT_CHECKING_HEAP, 0n)).toBe(0);
  const pid = exports.actorCreate();
  const call = (number: number, ...args: number[]): bigint => {
    const [a0, a1, a2, a3, a4, a5] = Array.from({ length: 6 }, (_, index) => BigInt(args[index] ?? 0));
    return exports.actorCall(pid, number, a0 as bigint, a1 as bigint, a2 as bigint, a3 as bigint, a4 as bigint, a5 as bigint);
  };
  new Uint8Array(exports.memory.buffer, exports.buffer()).set(Buffer.from("/file\0"));
  expect(exports.poke(pid, BigInt(ACTOR_MEMORY), 6)).toBe(6);
  expect(call(SYS_OPENAT, AT_FDCWD, ACTOR_MEMORY, O_CREAT | O_RDWR, 0o600)).toBe(3n);
  expect(call(SYS_PIPE2, ACTOR_MEMORY, 0)).toBe(0n);
  expect(call(SYS_CLONE, SIGCHLD)).toBeGreaterThan(0n);
  return exports;
}

function complaints(exports: KernelExports): string {
  const length = exports.checkInvariants();
  return Buffer.from(exports.memory.buffer, exports.buffer(), length).toString();
}

/** Addresses of live objects with a class of their own. */
function objects({ memory }: KernelExports): number[] {
  const words = new Uint32Array(memory.buffer);
  const found: number[] = [];
  for (let at = FIRST_FRAME; at < memory.buffer.byteLength; at += 16) {
    if (words[at / 4] === LIVE && words[(at + CLASS_AT) / 4] !== 0) found.push(at + CELL_HEADER);
  }
  return found;
}

it("a machine in order has nothing to complain of, before and after power-off", () => {
  const exports = bootKernel();
  expect(complaints(exports)).toBe("");
  exports.powerOff();
  expect(complaints(exports)).toBe("");
});

it("one reference too many to any shared object is noticed", () => {
  const exports = bootKernel();
  const noticed = new Set<string>();
  for (const object of objects(exports)) {
    const first = new Int32Array(exports.memory.buffer, object, 1);
    if (first[0]! < 1 || first[0]! > 1000) continue; // no count of references, which is a shared object's first field
    first[0]!++;
    const [, name] = /^(\w+): its count of references is/m.exec(complaints(exports)) ?? [];
    if (name !== undefined) noticed.add(name);
    first[0]!--;
  }
  const shared = ["AddressSpace", "Credentials", "Dentry", "DirectoryInode", "FdTable", "FsContext", "Mount", "Path", "Pid", "Pipe", "PipeFile"];
  expect([...noticed].sort()).toEqual(expect.arrayContaining([...shared, "Process", "RegularFile", "RegularInode", "SignalHandlers", "Task"]));
  expect(complaints(exports)).toBe("");
});

it("a field that leads to a freed object is noticed, in whichever object", () => {
  const exports = bootKernel();
  const { memory } = exports;
  const all = objects(exports);
  const known = new Set(all);
  let changed = 0;
  for (const object of all) {
    const state = new Uint32Array(memory.buffer, object - CELL_HEADER, 4);
    const [, , , size] = state;
    const fields = new Uint32Array(memory.buffer, object, Math.floor((size as number) / 4));
    const target = fields.find((value) => value !== object && known.has(value));
    if (target === undefined) continue;
    const old = new Uint32Array(memory.buffer, target - CELL_HEADER, 1);
    old[0] = 0xdeadf5ee;
    expect(complaints(exports)).toContain("the address of a freed object in it");
    old[0] = LIVE;
    changed++;
  }
  expect(changed).toBeGreaterThan(50);
  expect(complaints(exports)).toBe("");
});
