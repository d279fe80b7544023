// SPDX-License-Identifier: MIT
// Running and stopping: exact fuel, ecall and ebreak, counters and CSRs; and random instructions, which must never trap the module.

import { beforeEach, describe, expect, it } from "vitest";
import { SIGTRAP, TRAP_BRKPT } from "../../kernel/abi/signal.ts";
import { ALL, BUILD_TIMEOUT, newHart, READ, STOP_ECALL, STOP_FAULT, STOP_FUEL, WRITE, type Hart } from "./hart-alone.ts";
import { randomInstructions } from "../hostile/instructions.ts";
import { Random } from "../hostile/random.ts";

const CODE = 0x10000;
const DATA = 0x20000;
const ECALL = 0x00000073;
const EBREAK = 0x00100073;
const C_EBREAK = 0x9002;
const NOP = 0x00000013;
const SEED = Number(process.env["FUZZ_SEED"] ?? 2026);
const STREAMS = Number(process.env["FUZZ_RUNS"] ?? 100_000);

const csr = (funct3: number, number: number, rd: number, rs1: number) => ((number << 20) | (rs1 << 15) | (funct3 << 12) | (rd << 7) | 0x73) >>> 0;

let hart: Hart;

beforeEach(async () => {
  hart = await newHart();
  hart.map(CODE, ALL, 2);
  hart.map(DATA, READ | WRITE, 2);
}, BUILD_TIMEOUT);

describe("stops", () => {
  it("run(0) and negative fuel execute nothing, not even a fetch", () => {
    hart.pc = 0x300000;
    expect([hart.run(0), hart.run(-5)]).toEqual([STOP_FUEL, STOP_FUEL]);
    expect([hart.pc, hart.retired]).toEqual([0x300000, 0n]);
  });

  it("an ecall stops before it, is not retired, and stops again until the kernel moves on", () => {
    hart.assemble(CODE, [NOP, ECALL, NOP]);
    hart.pc = CODE;
    for (let i = 0; i < 2; i++) expect([hart.run(10), hart.pc, hart.retired]).toEqual([STOP_ECALL, CODE + 4, 1n]);
    hart.kernel.retireEcall();
    expect([hart.pc, hart.retired]).toEqual([CODE + 8, 2n]);
    expect(hart.run(1)).toBe(STOP_FUEL);
    expect([hart.pc, hart.retired]).toEqual([CODE + 12, 3n]);
  });

  it.each([{ name: "ebreak", insn: EBREAK }, { name: "c.ebreak", insn: C_EBREAK }])("$name is SIGTRAP at its own address", ({ insn }) => {
    hart.assemble(CODE, [insn]);
    hart.pc = CODE;
    expect(hart.run(10)).toBe(STOP_FAULT);
    expect(hart.fault).toEqual({ signal: SIGTRAP, code: TRAP_BRKPT, address: BigInt(CODE) });
    expect([hart.pc, hart.retired]).toEqual([CODE, 0n]);
  });

  it("fuel that ends exactly before an ecall or a fault is fuel, not the stop behind it", () => {
    for (const insn of [ECALL, EBREAK]) {
      hart.assemble(CODE, [NOP, insn]);
      hart.pc = CODE;
      expect(hart.run(1)).toBe(STOP_FUEL);
      expect(hart.run(1)).not.toBe(STOP_FUEL);
    }
  });
});

describe("counters and CSRs", () => {
  it("cycle and instret count what was retired before; time is virtual nanoseconds in ticks of 100", () => {
    hart.kernel.setTimeOffset(12_300n);
    hart.assemble(CODE, [NOP, csr(2, 0xc02, 10, 0), csr(2, 0xc00, 11, 0), csr(2, 0xc01, 12, 0)]);
    hart.pc = CODE;
    expect(hart.run(4)).toBe(STOP_FUEL);
    expect([hart.x(10), hart.x(11), hart.x(12)]).toEqual([1n, 2n, 123n]);
  });

  it.each([
    { name: "csrrw", funct3: 1, operand: 0xa5n, after: 0xa5 }, { name: "csrrs", funct3: 2, operand: 0x81n, after: 0xe1 },
    { name: "csrrc", funct3: 3, operand: 0x21n, after: 0x40 }, { name: "csrrwi", funct3: 5, operand: undefined, after: 0x15 },
    { name: "csrrsi", funct3: 6, operand: undefined, after: 0x75 }, { name: "csrrci", funct3: 7, operand: undefined, after: 0x60 },
  ])("$name on fcsr gives the old value and sets the new one", ({ funct3, operand, after }) => {
    hart.fcsr = 0x61;
    hart.setX(11, operand ?? 0n);
    hart.assemble(CODE, [csr(funct3, 3, 10, operand === undefined ? 0x15 : 11)]);
    hart.pc = CODE;
    expect(hart.run(1)).toBe(STOP_FUEL);
    expect([hart.x(10), hart.fcsr]).toEqual([0x61n, after]);
  });

  it("fflags and frm are the two parts of fcsr; bits above 7 do not exist", () => {
    hart.setX(11, 0xffff_ffff_ffff_ffffn);
    hart.setX(12, 0x100n);
    hart.assemble(CODE, [csr(1, 1, 0, 11), csr(2, 3, 13, 0), csr(1, 2, 0, 11), csr(2, 2, 14, 0), csr(1, 3, 0, 12), csr(2, 3, 15, 0)]);
    hart.pc = CODE;
    expect(hart.run(6)).toBe(STOP_FUEL);
    expect([hart.x(13), hart.x(14), hart.x(15)]).toEqual([0x1fn, 7n, 0n]);
  });
});

describe("random instructions", () => {
  it("give the same state in one run as in runs of one instruction", async () => {
    const other = await newHart();
    other.map(CODE, ALL, 2);
    other.map(DATA, READ | WRITE, 2);
    const random = new Random(SEED, "hart", 0);
    for (let i = 0; i < 1500; i++) {
      const stream = randomStream(random);
      for (const each of [hart, other]) prepare(each, stream, new Random(i, "registers", 0));
      const stop = hart.run(40);
      let fuel = 40;
      let single = STOP_FUEL;
      while (fuel-- > 0 && single === STOP_FUEL) single = other.run(1);
      expect(single, `stream ${i} of seed ${SEED}`).toBe(stop);
      expect(stateOf(other), `stream ${i} of seed ${SEED}`).toEqual(stateOf(hart));
    }
  }, 60_000);

  it(`never trap the module: ${STREAMS} streams (FUZZ_RUNS, FUZZ_SEED)`, () => {
    const random = new Random(SEED, "hart", 0);
    let executed = 0n;
    for (let i = 0; i < STREAMS; i++) {
      prepare(hart, randomStream(random), random);
      const before = hart.retired;
      const stop = hart.run(50);
      expect(stop).toBeLessThanOrEqual(STOP_FAULT);
      expect(hart.retired - before <= 50n).toBe(true);
      if (stop === STOP_FUEL) expect(hart.retired - before).toBe(50n);
      executed += hart.retired - before;
    }
    expect(executed > BigInt(STREAMS)).toBe(true); // most streams get somewhere
    expect(hart.x(0)).toBe(0n);
  }, 300_000);
});

const OPCODES = [0x03, 0x07, 0x0f, 0x13, 0x17, 0x1b, 0x23, 0x27, 0x2f, 0x33, 0x37, 0x3b, 0x43, 0x47, 0x4b, 0x4f, 0x53, 0x53, 0x63, 0x67, 0x6f, 0x73];

/** What hostile guests run, or halfwords and words of any kind with more of those that are legal. */
function randomStream(random: Random): number[] {
  if (random.chance(0.5)) return Array.from({ length: 12 }, () => randomInstructions(random)).flat().map((word) => word >>> 0);
  return Array.from({ length: 16 }, () => {
    switch (random.below(8)) {
      case 0: return random.u32();
      case 1: case 2: return (random.u32() & 0xffff & ~3) | random.below(3);
      default: return ((random.u32() & ~0x7f) | random.pick(OPCODES) & 0x7f) & (random.below(2) === 0 ? -1 : 0x01ffffff);
    }
  }).map((word) => word >>> 0);
}

/** At the end of a page, so that some streams run over its border; registers point into memory or are anything. */
function prepare(on: Hart, stream: number[], random: Random): void {
  const at = CODE + 0x1000 - 2 * random.below(24);
  on.assemble(at, stream);
  for (let x = 1; x < 32; x++) {
    const kind = random.below(4);
    on.setX(x, kind === 0 ? random.u64() : BigInt(kind === 1 ? at : DATA + 0xff0) + BigInt(random.below(32)));
    on.setF(x, kind === 0 ? random.u64() : BigInt(random.u32()) | 0xffffffff00000000n);
  }
  on.fcsr = random.below(256);
  on.pc = at;
}

function stateOf(of: Hart): unknown {
  return {
    pc: of.pc,
    fcsr: of.fcsr,
    retired: of.retired,
    x: Array.from({ length: 32 }, (_, i) => of.x(i)),
    f: Array.from({ length: 32 }, (_, i) => of.f(i)),
    fault: of.fault,
    data: Buffer.from(of.read(DATA + 0xe00, 0x400)).toString("hex"),
  };
}
