// SPDX-License-Identifier: MIT
// Random machine code: several programs at once, each of random instructions between a few that prepare plausible registers,
// run until they are killed or the budget is spent. Some catch the signals that they cause.

import { BadInputError } from "../../host/core/errors.ts";
import { file } from "../../host/core/image.ts";
import type { Machine } from "../../host/core/machine.ts";
import { SA_NODEFER, SIGBUS, SIGFPE, SIGILL, SIGSEGV, SIGTRAP } from "../../kernel/abi/signal.ts";
import { SYS_EXECVE, SYS_RT_SIGACTION, SYS_SETRESUID } from "../../kernel/abi/syscalls.ts";
import { buildElf, CODE, DATA, SEGMENT_END } from "./elf.ts";
import { ECALL, iType, randomCode } from "./instructions.ts";
import { bootMachine, checkEnd, checkInvariants, step, type Kind } from "./machine.ts";
import type { Random } from "./random.ts";

const PROGRAMS_PER_MACHINE = 24;
const STEPS = 24;
const TABLE_SIZE = 32 * 8;
const OP_IMM = 0x13;
const OVERFLOW = 0x300; // where in the data the sigaction of the handlers stands

export const streams: Kind = {
  name: "streams",
  unit: "random instruction streams",
  size: PROGRAMS_PER_MACHINE,
  run(materials, random, log) {
    const files = Array.from({ length: PROGRAMS_PER_MACHINE }, (_, index) => file(`/bin/p${index}`, randomProgram(random), 0o755));
    let machine: Machine;
    try {
      machine = bootMachine(materials, random, log, files);
    } catch (error) {
      if (error instanceof BadInputError) return PROGRAMS_PER_MACHINE; // they do not fit into so little memory
      throw error;
    }
    machine.createActor();
    files.forEach((_, index) => startProgram(machine, `/bin/p${index}`, random.chance(0.3)));
    for (let left = STEPS; left > 0; left--) {
      const budget = random.pick([1, 10, 1000, 10000, 30000]);
      const stop = step(machine, budget);
      log?.(`run(${budget}): ${stop}, ${machine.instructions} instructions so far`);
      if (log !== undefined || random.chance(0.15)) checkInvariants(machine);
      if (stop === "off" || stop === "deadlock") break;
      if (stop === "input") machine.input(random.bytes(50));
    }
    checkEnd(machine);
    return PROGRAMS_PER_MACHINE;
  },
};

/** execve by a new process, which then runs by itself. */
export function startProgram(machine: Machine, path: string, isUser = false): string {
  try {
    const actor = machine.createActor();
    const at = BigInt(actor.memory.address);
    actor.write(at, Buffer.from(`${path}\0`));
    if (isUser) actor.begin(SYS_SETRESUID, [1000n, 1000n, 1000n]);
    return String(actor.begin(SYS_EXECVE, [at, 0n, 0n]));
  } catch (error) {
    if (error instanceof BadInputError) return error.message; // no memory for another process
    throw error;
  }
}

function randomProgram(random: Random): Buffer {
  const table = BigUint64Array.from({ length: TABLE_SIZE / 8 }, () => randomValue(random));
  const data = Buffer.alloc(0x400);
  data.set(new Uint8Array(table.buffer));
  data.set(random.bytes(OVERFLOW - TABLE_SIZE), TABLE_SIZE);
  const handler = CODE + random.below(200) * 4;
  data.set(new Uint8Array(BigUint64Array.of(BigInt(handler), BigInt(SA_NODEFER), 0n).buffer), OVERFLOW);
  const body = randomCode(random, random.between(50, 400));
  return buildElf(random.chance(0.5) ? Buffer.concat([catchSignals(), body]) : body, data);
}

function randomValue(random: Random): bigint {
  switch (random.below(6)) {
    case 0:
      return random.boundary();
    case 1:
      return BigInt(CODE + random.below(1000) * 2);
    case 2:
      return BigInt(SEGMENT_END + random.between(-9, 2));
    case 3:
      return BigInt(random.below(10));
    default:
      return BigInt(DATA + random.below(0x2000));
  }
}

/** rt_sigaction(signal, DATA + OVERFLOW, NULL, 8) for everything that an instruction can cause. */
function catchSignals(): Buffer {
  const lui = (rd: number, value: number) => ((value & ~0xfff) | (rd << 7) | 0x37) >>> 0;
  const words = [SIGILL, SIGTRAP, SIGBUS, SIGFPE, SIGSEGV].flatMap((signal) => [
    ...[iType(OP_IMM, 10, 0, 0, signal), lui(11, DATA), iType(OP_IMM, 11, 0, 11, OVERFLOW), iType(OP_IMM, 12, 0, 0, 0)],
    ...[iType(OP_IMM, 13, 0, 0, 8), iType(OP_IMM, 17, 0, 0, SYS_RT_SIGACTION), ECALL],
  ]);
  return Buffer.from(Uint32Array.from(words, (word) => word >>> 0).buffer);
}
