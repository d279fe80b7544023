// SPDX-License-Identifier: MIT
// Loads, stores and fetches: alignment, page borders, rights, faults, code that changes, reservations.

import { beforeEach, describe, expect, it } from "vitest";
import { BUS_ADRALN, SEGV_ACCERR, SEGV_MAPERR, SIGBUS, SIGSEGV } from "../../kernel/abi/signal.ts";
import { ALL, BUILD_TIMEOUT, EXECUTE, newHart, READ, STOP_FAULT, STOP_FUEL, WRITE, type Hart } from "./hart-alone.ts";

const CODE = 0x10000;
const DATA = 0x20000;
const PAGE = 4096;
const [X10, X11, X12] = [10, 11, 12];

const loads = [
  { name: "lb", funct3: 0, size: 1, extend: (value: bigint) => BigInt.asIntN(8, value) },
  { name: "lh", funct3: 1, size: 2, extend: (value: bigint) => BigInt.asIntN(16, value) },
  { name: "lw", funct3: 2, size: 4, extend: (value: bigint) => BigInt.asIntN(32, value) },
  { name: "ld", funct3: 3, size: 8, extend: (value: bigint) => value },
  { name: "lbu", funct3: 4, size: 1, extend: (value: bigint) => BigInt.asUintN(8, value) },
  { name: "lhu", funct3: 5, size: 2, extend: (value: bigint) => BigInt.asUintN(16, value) },
  { name: "lwu", funct3: 6, size: 4, extend: (value: bigint) => BigInt.asUintN(32, value) },
];
const stores = [{ name: "sb", funct3: 0, size: 1 }, { name: "sh", funct3: 1, size: 2 }, { name: "sw", funct3: 2, size: 4 }, { name: "sd", funct3: 3, size: 8 }];

const load = (funct3: number, rd: number, rs1: number, imm = 0) => ((imm << 20) | (rs1 << 15) | (funct3 << 12) | (rd << 7) | 0x03) >>> 0;
const store = (funct3: number, rs2: number, rs1: number, imm = 0) =>
  (((imm >> 5) << 25) | (rs2 << 20) | (rs1 << 15) | (funct3 << 12) | ((imm & 31) << 7) | 0x23) >>> 0;
const addi = (rd: number, rs1: number, imm: number) => ((imm << 20) | (rs1 << 15) | (rd << 7) | 0x13) >>> 0;
const amo = (funct5: number, funct3: number, rd: number, rs1: number, rs2: number) =>
  ((funct5 << 27) | (rs2 << 20) | (rs1 << 15) | (funct3 << 12) | (rd << 7) | 0x2f) >>> 0;
const LR = 2;
const SC = 3;
const FENCE_I = 0x0000100f;

let hart: Hart;

beforeEach(async () => {
  hart = await newHart();
  hart.map(CODE, ALL, 2);
  hart.map(DATA, READ | WRITE, 2);
  for (let i = 0; i < 2 * PAGE; i++) if (i < 64 || Math.abs(i - PAGE) < 64) hart.write(DATA + i, [(i * 37 + 129) & 255]);
}, BUILD_TIMEOUT);

/** Executes instructions one after another from CODE on; where and why it stopped. */
function execute(instructions: number[], at = CODE, count = instructions.length): number {
  hart.assemble(at, instructions);
  hart.pc = at;
  return hart.run(count);
}

describe("loads", () => {
  it.each(loads)("$name reads and extends at every alignment, and across a page border", ({ funct3, size, extend }) => {
    for (const start of [DATA, DATA + PAGE - 16]) {
      for (let offset = 0; offset < 24; offset++) {
        const bytes = hart.read(start + offset, size);
        const value = bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
        for (const _again of ["miss", "hit"]) {
          hart.setX(X10, BigInt(start));
          expect(execute([load(funct3, X11, X10, offset)])).toBe(STOP_FUEL);
          expect(hart.x(X11)).toBe(BigInt.asUintN(64, extend(value)));
        }
      }
    }
  });

  it.each(loads)("$name into x0 still faults, and changes nothing when it does not", ({ funct3 }) => {
    hart.setX(X10, BigInt(DATA));
    expect(execute([load(funct3, 0, X10)])).toBe(STOP_FUEL);
    expect(hart.x(0)).toBe(0n);
    hart.setX(X10, 0x300000n);
    expect(execute([load(funct3, 0, X10)])).toBe(STOP_FAULT);
    expect(hart.fault).toEqual({ signal: SIGSEGV, code: SEGV_MAPERR, address: 0x300000n });
  });

  it("flw boxes and fsw stores what is in a box, whatever the box", () => {
    const flw = (load(2, 1, X10) & ~0x7f) | 0x07;
    const fsw = (store(2, 2, X10, 8) & ~0x7f) | 0x27;
    hart.writeU64(DATA, 0x11223344_7fa00001n);
    hart.writeU64(DATA + 8, 0n);
    hart.setX(X10, BigInt(DATA));
    hart.setF(2, 0x0123456789abcdefn);
    expect(execute([flw, fsw])).toBe(STOP_FUEL);
    expect(hart.f(1)).toBe(0xffffffff_7fa00001n);
    expect(hart.readU64(DATA + 8)).toBe(0x89abcdefn);
  });
});

describe("stores", () => {
  it.each(stores)("$name writes its bytes and no others at every alignment, and across a page border", ({ funct3, size }) => {
    const value = 0x8899aabbccddeeffn;
    for (const start of [DATA + 8, DATA + PAGE - 16]) {
      for (let offset = 0; offset < 24; offset++) {
        const before = hart.read(start - 8, 48);
        hart.setX(X10, BigInt(start));
        hart.setX(X11, value);
        expect(execute([store(funct3, X11, X10, offset)])).toBe(STOP_FUEL);
        for (let i = 0; i < size; i++) before[8 + offset + i] = Number((value >> BigInt(8 * i)) & 255n);
        expect(hart.read(start - 8, 48)).toEqual(before);
      }
    }
  });

  it.each(stores.filter(({ size }) => size > 1))("$name across a page border writes nothing when the second page refuses", ({ funct3, size }) => {
    for (const refuse of [() => hart.kernel.protect(BigInt(DATA + PAGE), READ), () => hart.kernel.unmap(BigInt(DATA + PAGE))]) {
      refuse();
      const start = DATA + PAGE - size + 1;
      const before = hart.read(start, size - 1);
      hart.setX(X10, BigInt(start));
      hart.setX(X11, ~0n);
      expect(execute([store(funct3, X11, X10)])).toBe(STOP_FAULT);
      expect(hart.fault.address).toBe(BigInt(DATA + PAGE));
      expect(hart.read(start, size - 1)).toEqual(before);
      expect(hart.pc).toBe(CODE);
    }
  });
});

describe("faults", () => {
  const faults = [
    { what: "a load from nowhere", insn: load(3, X11, X10), address: 0x300008n, code: SEGV_MAPERR },
    { what: "a store to nowhere", insn: store(3, X11, X10), address: 0x300008n, code: SEGV_MAPERR },
    { what: "a load from the null page", insn: load(0, X11, X10), address: 0n, code: SEGV_MAPERR },
    { what: "a load beyond user addresses", insn: load(3, X11, X10), address: 0xffffffff80000000n, code: SEGV_MAPERR },
    { what: "a load at 2^38", insn: load(3, X11, X10), address: 1n << 38n, code: SEGV_MAPERR },
    { what: "a load that would alias a mapped page modulo 2^32", insn: load(3, X11, X10), address: (1n << 32n) + BigInt(DATA), code: SEGV_MAPERR },
    { what: "a store to a page that can only be read", insn: store(0, X11, X10), address: 0x40123n, code: SEGV_ACCERR },
    { what: "a load from a page that can only be executed", insn: load(0, X11, X10), address: 0x41123n, code: SEGV_ACCERR },
    { what: "an amo on a page that can only be read", insn: amo(0, 3, X12, X10, X11), address: 0x40100n, code: SEGV_ACCERR },
    { what: "an lr from nowhere", insn: amo(LR, 3, X12, X10, 0), address: 0x300008n, code: SEGV_MAPERR },
  ];

  it.each(faults)("$what", ({ insn, address, code }) => {
    hart.map(0x40000, READ);
    hart.map(0x41000, EXECUTE);
    hart.setX(X10, address);
    hart.setX(X11, 77n);
    hart.setX(X12, 88n);
    const retired = hart.retired;
    expect(execute([addi(0, 0, 0), insn, addi(X12, 0, 1)])).toBe(STOP_FAULT);
    expect(hart.fault).toEqual({ signal: SIGSEGV, code, address });
    expect(hart.pc).toBe(CODE + 4);
    expect(hart.retired - retired).toBe(1n);
    expect([hart.x(X11), hart.x(X12)]).toEqual([77n, 88n]);
  });

  it.each([
    { what: "unmapped", address: 0x300000, code: SEGV_MAPERR },
    { what: "not executable", address: DATA, code: SEGV_ACCERR },
  ])("a jump to a page that is $what retires; the fetch faults", ({ address, code }) => {
    hart.setX(X10, BigInt(address));
    const retired = hart.retired;
    expect(execute([0x00050067], CODE, 10)).toBe(STOP_FAULT); // jr x10
    expect(hart.fault).toEqual({ signal: SIGSEGV, code, address: BigInt(address) });
    expect(hart.pc).toBe(address);
    expect(hart.retired - retired).toBe(1n);
  });

  it("a page that becomes readable is read, and one that stops being is not", () => {
    hart.setX(X10, 0x50000n);
    expect(execute([load(3, X11, X10)])).toBe(STOP_FAULT);
    hart.map(0x50000, READ);
    expect(execute([load(3, X11, X10)])).toBe(STOP_FUEL);
    hart.kernel.unmap(0x50000n);
    expect(execute([load(3, X11, X10)])).toBe(STOP_FAULT);
  });

  it("flushing the TLB forgets more pages than its journal holds", () => {
    for (let i = 0; i < 300; i++) {
      hart.map(0x100000 + i * PAGE, READ);
      hart.setX(X10, BigInt(0x100000 + i * PAGE));
      expect(execute([load(3, X11, X10)])).toBe(STOP_FUEL);
    }
    hart.kernel.flushTlb();
    for (let i = 0; i < 300; i++) {
      hart.kernel.unmap(BigInt(0x100000 + i * PAGE));
      hart.setX(X10, BigInt(0x100000 + i * PAGE));
      expect(execute([load(3, X11, X10)])).toBe(STOP_FAULT);
    }
  });
});

describe("code", () => {
  const border = CODE + PAGE - 2;

  it("runs over a page border, and through a 4-byte instruction that lies across it", () => {
    hart.assemble(border, [addi(X11, 0, 5), addi(X12, X11, 6)]);
    hart.pc = border;
    expect(hart.run(2)).toBe(STOP_FUEL);
    expect([hart.x(X11), hart.x(X12), hart.pc]).toEqual([5n, 11n, border + 8]);
  });

  it("across a page border may branch, jump, link and load", () => {
    hart.assemble(border, [0xffdff0ef]); // jal x1, -4
    hart.pc = border;
    expect(hart.run(1)).toBe(STOP_FUEL);
    expect([hart.pc, hart.x(1)]).toEqual([border - 4, BigInt(border + 4)]);
    hart.assemble(border, [0x00000863]); // beq x0, x0, 16
    hart.pc = border;
    expect(hart.run(1)).toBe(STOP_FUEL);
    expect(hart.pc).toBe(border + 16);
    hart.assemble(border, [load(3, X11, X10)]);
    hart.setX(X10, BigInt(DATA + 1));
    hart.pc = border;
    expect(hart.run(1)).toBe(STOP_FUEL);
    expect([hart.x(X11), hart.pc]).toEqual([hart.readU64(DATA + 1), border + 4]);
  });

  it("across a page border faults at the second page's address when that cannot be executed", () => {
    hart.assemble(border, [addi(X11, 0, 5)]);
    hart.kernel.protect(BigInt(CODE + PAGE), READ | WRITE);
    hart.pc = border;
    expect(hart.run(1)).toBe(STOP_FAULT);
    expect(hart.fault).toEqual({ signal: SIGSEGV, code: SEGV_ACCERR, address: BigInt(CODE + PAGE) });
    expect(hart.pc).toBe(border);
  });

  it("follows a second page that is replaced under an instruction across the border", () => {
    hart.assemble(border, [addi(X11, 0, 5)]);
    hart.pc = border;
    hart.run(1);
    hart.write(border + 2, [0x70, 0x00]); // the immediate becomes 7
    hart.pc = border;
    hart.run(1);
    expect(hart.x(X11)).toBe(7n);
  });

  it("has other instructions when entered in the middle of one", () => {
    hart.assemble(CODE, [0x00010513 | (0x4585 << 16)]); // lui-like halves: the upper one is c.li x11, 1
    hart.pc = CODE + 2;
    expect(hart.run(1)).toBe(STOP_FUEL);
    expect([hart.x(X11), hart.pc]).toEqual([1n, CODE + 4]);
    hart.pc = CODE;
    expect(hart.run(1)).toBe(STOP_FUEL);
    expect(hart.pc).toBe(CODE + 4);
  });

  it.each([{ fence: [FENCE_I] }, { fence: [] }])("that stores over the next instruction executes the new one (fence.i: $fence)", ({ fence }) => {
    const at = CODE + 4 + 4 * fence.length;
    hart.assemble(CODE, [store(2, X11, X10), ...fence, addi(X12, 0, 1)]);
    hart.pc = at;
    hart.run(1); // decoded
    expect(hart.x(X12)).toBe(1n);
    hart.setX(X10, BigInt(at));
    hart.setX(X11, BigInt(addi(X12, 0, 2)));
    hart.pc = CODE;
    expect(hart.run(2 + fence.length)).toBe(STOP_FUEL);
    expect(hart.x(X12)).toBe(2n);
  });

  it("patched again and again in a loop of its own page runs every version", () => {
    // x12 += n, where n is the immediate that the loop itself increments: sw x11, 8(x10); x11 += 1 << 20; addi x12, x12, n; j back
    hart.assemble(CODE, [store(2, X11, X10, 8), 0x00d585b3, addi(X12, X12, 0), 0xff5ff06f]);
    hart.setX(X10, BigInt(CODE));
    hart.setX(X11, BigInt(addi(X12, X12, 1)));
    hart.setX(13, 1n << 20n);
    hart.setX(X12, 0n);
    hart.pc = CODE;
    expect(hart.run(4 * 100)).toBe(STOP_FUEL);
    expect(hart.x(X12)).toBe(5050n);
  });

  it("written through another mapping of its frame is seen", () => {
    const frame = hart.kernel.translate(BigInt(CODE), 0);
    hart.kernel.map(0x60000n, READ | WRITE, frame);
    hart.setX(X10, 0x60000n);
    for (const value of [1, 2, 3]) {
      hart.setX(X11, BigInt(addi(X12, 0, value)));
      expect(execute([store(2, X11, X10)], CODE + PAGE)).toBe(STOP_FUEL);
      hart.pc = CODE;
      expect(hart.run(1)).toBe(STOP_FUEL);
      expect(hart.x(X12)).toBe(BigInt(value));
    }
  });

  it("of more pages than the cache holds is decoded again", () => {
    const pages = 1100;
    hart.map(0x400000, ALL, pages);
    const toNextPage = [addi(X11, X11, 1), 0x00001517, 0xffc50067]; // auipc x10, 1; jr -4(x10)
    for (let i = 0; i < pages; i++) hart.assemble(0x400000 + i * PAGE, toNextPage);
    for (const round of [1, 2]) {
      hart.pc = 0x400000;
      expect(hart.run(3 * pages)).toBe(STOP_FUEL);
      expect(hart.x(X11)).toBe(BigInt(round * pages));
    }
  });
});

describe("reservations", () => {
  const data = BigInt(DATA);

  it.each([{ name: "w", funct3: 2 }, { name: "d", funct3: 3 }])("sc.$name stores after an lr of the same address, once", ({ funct3 }) => {
    hart.setX(X10, data);
    hart.setX(X11, 42n);
    expect(execute([amo(LR, funct3, X12, X10, 0), amo(SC, funct3, 13, X10, X11), amo(SC, funct3, 14, X10, X11)])).toBe(STOP_FUEL);
    expect([hart.x(13), hart.x(14)]).toEqual([0n, 1n]);
    expect(BigInt.asUintN(32, hart.readU64(DATA))).toBe(42n);
  });

  it("sc fails without a reservation, at another address, and after a context switch; memory stays", () => {
    const before = hart.readU64(DATA);
    hart.setX(X10, data);
    hart.setX(X11, 42n);
    hart.setX(15, data + 8n);
    expect(execute([amo(SC, 3, 12, X10, X11), amo(LR, 3, 13, 15, 0), amo(SC, 3, 13, X10, X11), amo(LR, 3, 14, X10, 0)])).toBe(STOP_FUEL);
    hart.kernel.clearReservation();
    expect(execute([amo(SC, 3, 14, X10, X11)], CODE + 0x100)).toBe(STOP_FUEL);
    expect([hart.x(12), hart.x(13), hart.x(14)]).toEqual([1n, 1n, 1n]);
    expect(hart.readU64(DATA)).toBe(before);
  });

  it("stay across ordinary instructions and separate runs", () => {
    hart.setX(X10, data);
    hart.setX(X11, 7n);
    hart.assemble(CODE, [amo(LR, 3, X12, X10, 0), addi(X11, X11, 1), amo(SC, 3, 13, X10, X11)]);
    hart.pc = CODE;
    for (let i = 0; i < 3; i++) expect(hart.run(1)).toBe(STOP_FUEL);
    expect([hart.x(13), hart.readU64(DATA)]).toEqual([0n, 8n]);
  });

  it.each([
    { name: "lr.w", insn: amo(LR, 2, X12, X10, 0), by: 2n }, { name: "lr.d", insn: amo(LR, 3, X12, X10, 0), by: 4n },
    { name: "sc.d", insn: amo(SC, 3, X12, X10, X11), by: 4n }, { name: "amoadd.w", insn: amo(0, 2, X12, X10, X11), by: 1n },
    { name: "amoadd.d", insn: amo(0, 3, X12, X10, X11), by: 4n },
  ])("$name at a misaligned address is SIGBUS", ({ insn, by }) => {
    hart.setX(X10, data + by);
    expect(execute([insn])).toBe(STOP_FAULT);
    expect(hart.fault).toEqual({ signal: SIGBUS, code: BUS_ADRALN, address: data + by });
  });
});
