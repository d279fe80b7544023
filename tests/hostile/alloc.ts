// SPDX-License-Identifier: MIT
// Allocation failure at every n-th allocation of a call: n = 0, 1, 2, ... until the call needs no more. Each failure is an error
// that the man page has for it, or the kill of somebody whose page it was; after an error everything that the caller can see is as
// before, and with memory the same call works.

import { directory, file } from "../../host/core/image.ts";
import { Machine } from "../../host/core/machine.ts";
import { ALLOCATION_FRAMES, ALLOCATION_OBJECTS } from "../../kernel/abi/boundary.ts";
import { PF_R, PT_INTERP } from "../../kernel/abi/elf.ts";
import { ENOMEM } from "../../kernel/abi/errno.ts";
import { AT_FDCWD, F_GETFD, O_RDONLY } from "../../kernel/abi/fcntl.ts";
import { S_IFLNK } from "../../kernel/abi/stat.ts";
import * as n from "../../kernel/abi/syscalls.ts";
import { WNOHANG } from "../../kernel/abi/wait.ts";
import { codeSegment, elf, exitCode, exits } from "../support/elf-builder.ts";
import { Guest, resultText, type Result } from "./guest.ts";
import { checkEnd, checkInvariants, checkRunning, Violation, type Kind, type Log, type Materials } from "./machine.ts";
import { OPERATIONS, type Operation } from "./operations.ts";

const MEMORY = 16 * 1024 * 1024;
const MOST_ALLOCATIONS = 500;
const SEEN_DESCRIPTORS = 16;
const STATUS_OF_CHILD = 7;
const KINDS = [ALLOCATION_OBJECTS, ALLOCATION_FRAMES, ALLOCATION_OBJECTS | ALLOCATION_FRAMES] as const;

export const allocations: Kind = {
  name: "alloc",
  unit: "failed allocations",
  size: 20,
  run(materials, random, log, index) {
    const operation = OPERATIONS[index % OPERATIONS.length] as Operation;
    const kinds = KINDS[Math.floor(index / OPERATIONS.length) % KINDS.length] as number;
    const isHeapChecked = random.chance(0.7);
    log?.(`${operation.name}, allocations of kinds ${kinds}`);
    for (let count = 0; count < MOST_ALLOCATIONS; count++) {
      if (!failOne(materials, operation, count, kinds, isHeapChecked, log)) return count + 1;
    }
    throw new Violation(`${operation.name}: ${MOST_ALLOCATIONS} allocations were not enough`);
  },
};

/** The call with allocation `count` failing, on a machine of its own; false when the call did not come to it. */
function failOne({ kernel, program }: Materials, operation: Operation, count: number, kinds: number, isHeapChecked: boolean, log: Log): boolean {
  const machine = bootMachine(kernel, program, isHeapChecked);
  machine.createActor(); // pid 1
  const guest = new Guest(machine);
  const caller = operation.isExec ? guest.fork() : guest;
  const [number, ...values] = operation.prepare(caller);
  const args = caller.marshal(values);
  const before = visible(machine, caller);
  machine.failAllocation(count, kinds);
  const result = caller.make(number, args);
  const hasFailed = machine.failAllocation(-1) < 0;
  const status = operation.isSpawn && typeof result === "number" && result > 0 ? childStatus(guest, result) : undefined;
  log?.(`${count}: ${resultText(result)}${status === undefined ? "" : `, the child's status 0x${status.toString(16)}`}${hasFailed ? "" : ", which needed no more"}`);
  const complain = (text: string) => {
    throw new Violation(`${operation.name}, allocation ${count} of kinds ${kinds} failing: ${text}`);
  };
  checkRunning(machine);
  checkInvariants(machine);
  if (typeof result === "number" && result < 0) {
    const { errors = [ENOMEM] } = operation;
    if (!hasFailed || !errors.includes(-result)) complain(`the result is ${resultText(result)}`);
    const after = visible(machine, caller);
    if (after !== before) complain(`${resultText(result)}, and yet what the caller sees changed:\n${changes(before, after)}`);
    const again = caller.make(number, args);
    if (!hasWorked(operation, again)) complain(`with memory the result is ${resultText(again)}`);
  } else if (!hasWorked(operation, result) && !(hasFailed && result === "gone" && (kinds & ALLOCATION_FRAMES) !== 0)) {
    complain(`the result is ${resultText(result)}`);
  }
  if (status !== undefined && status !== STATUS_OF_CHILD << 8 && !hasFailed) complain(`the child's status is 0x${status.toString(16)}`);
  checkEnd(machine);
  return hasFailed;
}

function hasWorked(operation: Operation, result: Result): boolean {
  return operation.isExec ? result === "gone" : typeof result === "number" && result >= 0;
}

function bootMachine(kernel: Materials["kernel"], program: Materials["program"], isHeapChecked: boolean): Machine {
  const machine = Machine.boot(kernel, { memoryBytes: MEMORY, isHeapChecked });
  const interpreted = elf({ segments: [{ type: PT_INTERP, flags: PF_R, address: 0x3f000, data: Buffer.from("/bin/interpreter\0") }, codeSegment(exitCode(1))], entry: 0x40000 });
  machine.addEntries([
    directory("proc"),
    directory("tmp"),
    file("bin/exits", exits(STATUS_OF_CHILD), 0o755),
    file("bin/interpreter", elf({ segments: [codeSegment(exitCode(STATUS_OF_CHILD), 0x80000)] }), 0o755),
    file("bin/dynamic", interpreted, 0o755),
    file("bin/true", program("true"), 0o755),
    file("bin/script", "#!/bin/exits with an argument\n", 0o755),
    file("tmp/a", "some text"),
    { path: "tmp/link", mode: S_IFLNK | 0o777, target: "a" },
  ]);
  return machine;
}

/** What a process can see of itself and of the tree, as text. */
function visible(machine: Machine, guest: Guest): string {
  const { tasks, files, templates, denyWrites } = machine.usage();
  const descriptors = Array.from({ length: SEEN_DESCRIPTORS }, (_, fd) => guest.try(n.SYS_FCNTL, fd, F_GETFD));
  const directoryText = list(guest, "/tmp");
  const children = resultText(guest.try(n.SYS_WAIT4, -1, 0, WNOHANG, 0));
  const status = readAll(guest, "/proc/self/status").replace(/^(Vm|Rss|voluntary|nonvoluntary|FDSize).*\n/gm, "");
  const maps = joined(readAll(guest, "/proc/self/maps"));
  return [JSON.stringify({ tasks, files, templates, denyWrites }), descriptors.join(), directoryText, children, status, maps, readAll(guest, "/tmp/a")].join("\n");
}

/** Mappings that continue each other as one: a call that fails after it split one leaves it split, as on Linux. */
function joined(maps: string): string {
  const lines: string[] = [];
  for (const line of maps.split("\n")) {
    const last = lines.at(-1);
    const [, end, rest] = /^\w+-(\w+) (.*)$/.exec(last ?? "") ?? [];
    if (last !== undefined && end !== undefined && line.startsWith(`${end}-`) && line.endsWith(` ${rest}`)) {
      lines[lines.length - 1] = `${last.split("-")[0]}-${line.slice(line.indexOf("-") + 1)}`;
    } else {
      lines.push(line);
    }
  }
  return lines.join("\n");
}

function changes(before: string, after: string): string {
  const [old, now] = [before, after].map((text) => text.split("\n")) as [string[], string[]];
  return [...old.filter((line) => !now.includes(line)).map((line) => `- ${line}`), ...now.filter((line) => !old.includes(line)).map((line) => `+ ${line}`)].join("\n");
}

function list(guest: Guest, path: string): string {
  const fd = guest.must(n.SYS_OPENAT, AT_FDCWD, path, O_RDONLY);
  const room = guest.place(new Uint8Array(4096));
  const length = guest.must(n.SYS_GETDENTS64, fd, room, 4096);
  guest.must(n.SYS_CLOSE, fd);
  return guest.read(room, length).toString("latin1").replaceAll(/[^ -~]+/g, " ");
}

function readAll(guest: Guest, path: string): string {
  const fd = guest.try(n.SYS_OPENAT, AT_FDCWD, path, O_RDONLY);
  if (typeof fd !== "number" || fd < 0) return `${path}: ${resultText(fd)}`;
  const room = guest.place(new Uint8Array(8192));
  const length = guest.must(n.SYS_READ, fd, room, 8192);
  guest.must(n.SYS_CLOSE, fd);
  return guest.read(room, length).toString();
}

function childStatus(guest: Guest, pid: number): number | undefined {
  const at = guest.place(new Uint8Array(8));
  const result = guest.try(n.SYS_WAIT4, pid, at, 0, 0);
  return result === pid ? guest.read(at, 4).readInt32LE(0) : undefined;
}
