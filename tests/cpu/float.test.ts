// SPDX-License-Identifier: MIT
// Every F and D instruction, every rounding mode, bit for bit. The expected results come from qemu-riscv64; where it is installed they are
// compared one by one, elsewhere by digest (float-golden.json, written by UPDATE_GOLDEN=1).

import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { ILL_ILLOPC, SIGILL } from "../../kernel/abi/signal.ts";
import { ALL, BUILD_TIMEOUT, newHart, STOP_FAULT, STOP_FUEL, type Hart } from "./hart-alone.ts";
import { instructions, vectors, type Instruction } from "./float-vectors.ts";

const GOLDEN = fileURLToPath(new URL("float-golden.json", import.meta.url));
const ORACLE_SOURCE = fileURLToPath(new URL("float-oracle.c", import.meta.url));
const BUILD = fileURLToPath(new URL("../../build/", import.meta.url));
const INPUT_SIZE = 40;
const OUTPUT_SIZE = 24;
const CODE = 0x10000;
const FCSR_AT = 16;
const INEXACT = 1;
const DYNAMIC = 0x7000;

const golden: Record<string, string> = existsSync(GOLDEN) ? JSON.parse(readFileSync(GOLDEN, "utf8")) : {};
const qemu = ["qemu-riscv64-static", "qemu-riscv64"].find((name) => spawnSync(name, ["--version"]).status === 0);
const all = instructions();

let hart: Hart;

beforeAll(async () => {
  hart = await newHart();
  hart.map(CODE, ALL);
}, BUILD_TIMEOUT);

describe("F and D", () => {
  it.each(all)("$name gives the recorded results, also with NX set before and with the mode from frm", (instruction) => {
    const results = resultsOf(instruction);
    expect(digest(results)).toBe(golden[instruction.name]);

    // Another path inside the hart: the machine's own arithmetic serves once inexactness cannot be news.
    const sticky = execute(instruction, instruction.word, INEXACT);
    expect(firstDifference(instruction, sticky, mapFlags(results, (flags) => flags | INEXACT))).toBeUndefined();

    if (!instruction.name.includes(" ")) return;
    const mode = (instruction.word >>> 12) & 7;
    const dynamic = execute(instruction, (instruction.word | DYNAMIC) >>> 0, mode << 5);
    expect(firstDifference(instruction, mapFlags(dynamic, (fcsr) => fcsr & 0x1f), results)).toBeUndefined();
  });

  it.each([5, 6])("rounding mode %i is illegal, in the instruction and in frm", (mode) => {
    const fadd = all.find(({ name }) => name === "fadd.d rne")!.word;
    for (const { word, fcsr } of [{ word: fadd | (mode << 12), fcsr: 0 }, { word: fadd | DYNAMIC, fcsr: mode << 5 }]) {
      hart.assemble(CODE, [word]);
      hart.fcsr = fcsr;
      hart.pc = CODE;
      expect(hart.run(1)).toBe(STOP_FAULT);
      expect(hart.fault).toEqual({ signal: SIGILL, code: ILL_ILLOPC, address: BigInt(CODE) });
    }
  });
});

describe.skipIf(qemu === undefined)("F and D against qemu (needs qemu-riscv64)", () => {
  let results: Map<string, Buffer>;

  beforeAll(() => {
    results = askOracle(buildOracle());
    if (process.env["UPDATE_GOLDEN"] === "1") writeGolden(results);
  }, 300_000);

  it.each(all)("$name gives the same value and flags", (instruction) => {
    expect(firstDifference(instruction, resultsOf(instruction), results.get(instruction.name)!)).toBeUndefined();
  });
});

const known = new Map<string, Buffer>();

/** What the hart makes of an instruction's vectors, all flags clear before each. */
function resultsOf(instruction: Instruction): Buffer {
  const results = known.get(instruction.name) ?? execute(instruction, instruction.word, 0);
  known.set(instruction.name, results);
  return results;
}

/** Runs an instruction on its vectors; the outputs as float-oracle.c writes them. */
function execute(instruction: Instruction, word: number, fcsr: number): Buffer {
  const list = vectors(instruction);
  const out = Buffer.alloc(list.length * OUTPUT_SIZE);
  hart.assemble(CODE, [word]);
  list.forEach(({ f1, f2, f3, x11 }, i) => {
    hart.setF(1, f1);
    hart.setF(2, f2);
    hart.setF(3, f3);
    hart.setF(4, 0n);
    hart.setX(11, x11);
    hart.setX(12, 0n);
    hart.fcsr = fcsr;
    hart.pc = CODE;
    if (hart.run(1) !== STOP_FUEL) throw new Error(`${instruction.name} was not executed`);
    out.writeBigUInt64LE(hart.f(4), i * OUTPUT_SIZE);
    out.writeBigUInt64LE(hart.x(12), i * OUTPUT_SIZE + 8);
    out.writeUInt32LE(hart.fcsr, i * OUTPUT_SIZE + FCSR_AT);
  });
  return out;
}

function mapFlags(outputs: Buffer, change: (fcsr: number) => number): Buffer {
  const changed = Buffer.from(outputs);
  for (let at = FCSR_AT; at < changed.length; at += OUTPUT_SIZE) changed.writeUInt32LE(change(changed.readUInt32LE(at)), at);
  return changed;
}

function digest(outputs: Buffer): string {
  return createHash("sha256").update(outputs).digest("hex").slice(0, 24);
}

function firstDifference(instruction: Instruction, actual: Buffer, expected: Buffer): string | undefined {
  if (actual.equals(expected)) return undefined;
  const list = vectors(instruction);
  const at = list.findIndex((_, i) => !actual.subarray(i * OUTPUT_SIZE, (i + 1) * OUTPUT_SIZE).equals(expected.subarray(i * OUTPUT_SIZE, (i + 1) * OUTPUT_SIZE)));
  const { f1, f2, f3, x11 } = list[at]!;
  return `${instruction.name} on ${[f1, f2, f3, x11].map(hex).join(" ")}: ${show(actual, at)}, expected ${show(expected, at)}`;
}

function show(outputs: Buffer, index: number): string {
  return [0, 8, 16].map((offset) => hex(outputs.readBigUInt64LE(index * OUTPUT_SIZE + offset))).join(" ");
}

function hex(value: bigint): string {
  return value.toString(16);
}

function buildOracle(): string {
  const program = `${BUILD}float-oracle`;
  mkdirSync(BUILD, { recursive: true });
  execFileSync("npx", ["zig", "cc", "-target", "riscv64-linux-musl", "-O1", "-static", ORACLE_SOURCE, "-o", program], { stdio: "inherit" });
  return program;
}

function askOracle(program: string): Map<string, Buffer> {
  const results = new Map<string, Buffer>();
  for (const instruction of all) {
    const list = vectors(instruction);
    const input = Buffer.alloc(list.length * INPUT_SIZE);
    list.forEach(({ f1, f2, f3, x11 }, i) => {
      input.writeUInt32LE(instruction.word, i * INPUT_SIZE);
      [f1, f2, f3, x11].forEach((value, k) => input.writeBigUInt64LE(value, i * INPUT_SIZE + 8 + 8 * k));
    });
    const { stdout, status } = spawnSync(qemu!, [program], { input, maxBuffer: 1 << 26 });
    if (status !== 0) throw new Error(`the oracle failed on ${instruction.name}`);
    results.set(instruction.name, stdout);
  }
  return results;
}

function writeGolden(results: Map<string, Buffer>): void {
  const lines = [...results].map(([name, output]) => `  ${JSON.stringify(name)}: "${digest(output)}"`);
  writeFileSync(GOLDEN, `{\n${lines.join(",\n")}\n}\n`);
}
