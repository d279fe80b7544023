// SPDX-License-Identifier: MIT
// Damaged programs: real ELF files with header fields at boundaries, cut off, with flipped bits; and scripts. They are executed
// and made templates; whatever is accepted runs for a while.

import { BadInputError } from "../../host/core/errors.ts";
import type { Machine } from "../../host/core/machine.ts";
import { SYS_SPAWN_TEMPLATE_CREATE } from "../../kernel/abi/spawn-template.ts";
import { ELF_FIELDS, PROGRAM_HEADER_FIELDS } from "./elf.ts";
import { bootMachine, checkEnd, checkInvariants, step, type Kind, type Materials } from "./machine.ts";
import { startProgram } from "./streams.ts";
import type { Random } from "./random.ts";

const FILES_PER_MACHINE = 10;
const PROGRAM_HEADERS_AT = 64;
const PROGRAM_HEADER_SIZE = 56;

export const elfs: Kind = {
  name: "elfs",
  unit: "damaged programs",
  size: FILES_PER_MACHINE,
  run(materials, random, log) {
    const machine = bootMachine(materials, random, log);
    machine.createActor();
    for (let index = 0; index < FILES_PER_MACHINE; index++) {
      const path = `/tmp/elf${index}`;
      if (!writeProgram(machine, path, damaged(materials, random))) continue;
      const template = makeTemplate(machine, path);
      const result = startProgram(machine, path);
      const stop = step(machine, random.pick([1, 100, 3000, 20000]));
      if (log !== undefined || random.chance(0.2)) checkInvariants(machine);
      log?.(`${path}: template ${template}, execve ${result}, run ${stop}`);
      if (stop === "input") machine.endInput();
    }
    checkEnd(machine);
    return FILES_PER_MACHINE;
  },
};

export function damaged({ program }: Materials, random: Random): Buffer {
  const elf = Buffer.from(program(random.pick(["true", "cat", "report", "minimal"])));
  if (random.chance(0.05)) return Buffer.from(`#!${random.pick(["", " ", "/bin/true", "/tmp/elf0", "x".repeat(300), "/bin/cat a b c"])}\n`);
  for (let left = random.between(1, 3); left > 0; left--) damage(elf, random);
  return random.chance(0.15) ? elf.subarray(0, random.below(random.chance(0.5) ? 512 : elf.length)) : elf;
}

function damage(elf: Buffer, random: Random): void {
  const kind = random.below(4);
  if (kind === 0) writeField(elf, random.pick(ELF_FIELDS), 0, random);
  else if (kind === 3) for (let left = random.between(1, 8); left > 0; left--) flipBit(elf, random);
  else writeField(elf, random.pick(PROGRAM_HEADER_FIELDS), PROGRAM_HEADERS_AT + random.below(4) * PROGRAM_HEADER_SIZE, random);
}

function writeField(elf: Buffer, { at, size }: { at: number; size: number }, base: number, random: Random): void {
  const value = Buffer.alloc(8);
  const old = elf.readBigUInt64LE(base + at);
  const isNear = random.chance(0.4);
  value.writeBigUInt64LE(BigInt.asUintN(64, isNear ? old + BigInt(random.pick([-4096, -1, 1, 8, 4095, 4096, 65536])) : random.boundary()));
  value.copy(elf, base + at, 0, size);
}

function flipBit(elf: Buffer, random: Random): void {
  const at = random.below(random.chance(0.6) ? 400 : elf.length);
  elf[at] = (elf[at] as number) ^ (1 << random.below(8));
}

/** False when there is no memory left for it. */
function writeProgram(machine: Machine, path: string, bytes: Uint8Array): boolean {
  try {
    machine.writeFile(path, bytes, 0o755);
    return true;
  } catch (error) {
    if (error instanceof BadInputError) return false;
    throw error;
  }
}

/** spawn_template_create by a new process, which keeps the template to the end. */
function makeTemplate(machine: Machine, path: string): string {
  try {
    const actor = machine.createActor();
    const at = actor.memory.address;
    const args = Buffer.alloc(72);
    args.writeInt32LE(-1, 8);
    args.writeBigUInt64LE(BigInt(at + 128), 16);
    actor.write(BigInt(at), args);
    actor.write(BigInt(at + 128), Buffer.from(`${path}\0`));
    return String(actor.begin(SYS_SPAWN_TEMPLATE_CREATE, [BigInt(at), 72n]));
  } catch (error) {
    if (error instanceof BadInputError) return error.message;
    throw error;
  }
}
