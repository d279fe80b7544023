// SPDX-License-Identifier: MIT
// Which F and D instructions are tried on which operands. Deterministic: float-golden.json has a digest of the results per instruction.

/** A pseudo-random generator (xorshift128), so that a seed names a sequence. */
export class Random {
  private readonly state: Uint32Array;

  constructor(seed: number) {
    this.state = Uint32Array.of(seed ^ 0x9e3779b9, seed + 0x7f4a7c15, ~seed, 0x2545f491);
    for (let i = 0; i < 20; i++) this.u32();
  }

  u32(): number {
    const s = this.state;
    let t = s[3]!;
    t ^= t << 11;
    t ^= t >>> 8;
    s[3] = s[2]!;
    s[2] = s[1]!;
    s[1] = s[0]!;
    s[0] = t ^ s[0]! ^ (s[0]! >>> 19);
    return s[0]!;
  }

  below(limit: number): number {
    return this.u32() % limit;
  }

  pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)]!;
  }

  u64(): bigint {
    return (BigInt(this.u32()) << 32n) | BigInt(this.u32());
  }
}

export interface Instruction {
  name: string;
  word: number;
  /** What the operands are drawn from. */
  operands: "none" | "single" | "double" | "integer";
  count: 1 | 2 | 3;
}

export interface Vector {
  f1: bigint;
  f2: bigint;
  f3: bigint;
  x11: bigint;
}

const MODES = ["rne", "rtz", "rdn", "rup", "rmm"];

/** Every instruction of F and D but loads and stores, with every static rounding mode. */
export function instructions(): Instruction[] {
  const list: Instruction[] = [];
  for (const [format, suffix] of [[0, "s"], [1, "d"]] as const) {
    const own = format === 0 ? "single" : "double";
    const other = format === 0 ? "double" : "single";
    const add = (name: string, funct5: number, rs2: number, rm: number, operands: Instruction["operands"], count: 1 | 2 | 3) => {
      const rs1 = operands === "integer" ? 11 : 1;
      const rd = ["fle", "flt", "feq", "fclass", "fmv.x", "fcvt.w", "fcvt.wu", "fcvt.l", "fcvt.lu"].includes(name) ? 12 : 4;
      const word = ((funct5 << 27) | (format << 25) | (rs2 << 20) | (rs1 << 15) | (rm << 12) | (rd << 7) | 0x53) >>> 0;
      list.push({ name: `${name}.${suffix}`, word, operands, count });
    };
    const addRounded = (name: string, funct5: number, rs2: number, operands: Instruction["operands"], count: 1 | 2 | 3) => {
      MODES.forEach((mode, rm) => {
        add(name, funct5, rs2, rm, operands, count);
        list.at(-1)!.name += ` ${mode}`;
      });
    };
    ["fadd", "fsub", "fmul", "fdiv"].forEach((name, funct5) => addRounded(name, funct5, 2, own, 2));
    addRounded("fsqrt", 0x0b, 0, own, 1);
    ["fsgnj", "fsgnjn", "fsgnjx"].forEach((name, rm) => add(name, 0x04, 2, rm, own, 2));
    ["fmin", "fmax"].forEach((name, rm) => add(name, 0x05, 2, rm, own, 2));
    ["fle", "flt", "feq"].forEach((name, rm) => add(name, 0x14, 2, rm, own, 2));
    add("fclass", 0x1c, 0, 1, own, 1);
    add("fmv.x", 0x1c, 0, 0, own, 1);
    add("fmv.f", 0x1e, 0, 0, "integer", 1);
    ["fcvt.w", "fcvt.wu", "fcvt.l", "fcvt.lu"].forEach((name, rs2) => addRounded(name, 0x18, rs2, own, 1));
    ["fcvt.from.w", "fcvt.from.wu", "fcvt.from.l", "fcvt.from.lu"].forEach((name, rs2) => addRounded(name, 0x1a, rs2, "integer", 1));
    addRounded("fcvt.from.f", 0x08, format ^ 1, other, 1);
    ["fmadd", "fmsub", "fnmsub", "fnmadd"].forEach((name, op) => MODES.forEach((mode, rm) => {
      const word = ((3 << 27) | (format << 25) | (2 << 20) | (1 << 15) | (rm << 12) | (4 << 7) | 0x43 | (op << 2)) >>> 0;
      list.push({ name: `${name}.${suffix} ${mode}`, word, operands: own, count: 3 });
    }));
  }
  return list;
}

const made = new Map<number, Vector[]>();

/** The operands for an instruction, the same for all rounding modes: pairs of corner cases, then random numbers that interact. */
export function vectors(instruction: Instruction): Vector[] {
  const key = (instruction.word & ~0x7000) >>> 0;
  const list = made.get(key) ?? makeVectors(instruction, new Random(key));
  made.set(key, list);
  return list;
}

function makeVectors(instruction: Instruction, random: Random): Vector[] {
  const list: Vector[] = [];
  const push = (f1: bigint, f2 = 0n, f3 = 0n) => list.push({ f1, f2, f3, x11: 0n });
  if (instruction.operands === "integer") {
    for (const x11 of integers(random)) list.push({ f1: 0n, f2: 0n, f3: 0n, x11 });
    return list;
  }
  const format = instruction.operands === "double" ? DOUBLE : SINGLE;
  const corners = cornersOf(format);
  if (instruction.count === 1) {
    corners.forEach((a) => push(a));
    for (let i = 0; i < 1000; i++) push(format.box(anyNumber(random, format)));
  } else if (instruction.count === 2) {
    for (const a of corners) for (const b of corners) push(a, b);
    for (let i = 0; i < 1500; i++) {
      const a = anyNumber(random, format);
      push(format.box(a), format.box(related(random, format, a)));
    }
  } else {
    for (let i = 0; i < 3000; i++) push(random.pick(corners), random.pick(corners), random.pick(corners));
    for (let i = 0; i < 3000; i++) push(...interactingTriple(random, format));
  }
  return list;
}

interface Format {
  fractionBits: bigint;
  exponentBits: bigint;
  box(bits: bigint): bigint;
}

const DOUBLE: Format = { fractionBits: 52n, exponentBits: 11n, box: (bits) => bits };
const SINGLE: Format = { fractionBits: 23n, exponentBits: 8n, box: (bits) => 0xffffffff00000000n | bits };

function pack(format: Format, sign: bigint, exponent: bigint, fraction: bigint): bigint {
  return (sign << (format.fractionBits + format.exponentBits)) | (exponent << format.fractionBits) | fraction;
}

function cornersOf(format: Format): bigint[] {
  const { fractionBits, exponentBits } = format;
  const ones = (1n << fractionBits) - 1n;
  const quiet = 1n << (fractionBits - 1n);
  const top = (1n << exponentBits) - 1n;
  const bias = top >> 1n;
  const positive = [
    pack(format, 0n, 0n, 0n), pack(format, 0n, 0n, 1n), pack(format, 0n, 0n, 2n), pack(format, 0n, 0n, quiet), pack(format, 0n, 0n, ones),
    pack(format, 0n, 1n, 0n), pack(format, 0n, 1n, 1n), pack(format, 0n, 1n, ones), pack(format, 0n, 2n, 0n),
    pack(format, 0n, bias, 0n), pack(format, 0n, bias, 1n), pack(format, 0n, bias, quiet), pack(format, 0n, bias - 1n, 0n),
    pack(format, 0n, bias - 1n, ones), pack(format, 0n, bias - 2n, ones), pack(format, 0n, bias + 1n, quiet), pack(format, 0n, bias + 1n, quiet >> 1n),
    pack(format, 0n, bias + fractionBits, 1n), pack(format, 0n, bias - fractionBits - 1n, 0n), pack(format, 0n, bias + 31n, 0n),
    pack(format, 0n, bias + 30n, ones), pack(format, 0n, bias + 32n, 0n), pack(format, 0n, bias + 63n, 0n), pack(format, 0n, bias + 62n, ones),
    pack(format, 0n, bias + 63n, ones), pack(format, 0n, bias + 64n, 0n), pack(format, 0n, top - 1n, 0n), pack(format, 0n, top - 1n, ones),
    pack(format, 0n, top, 0n), pack(format, 0n, top, 1n), pack(format, 0n, top, quiet), pack(format, 0n, top, quiet | 5n),
  ];
  const both = positive.flatMap((bits) => [bits, bits | pack(format, 1n, 0n, 0n)]).map(format.box);
  // Integers around the limits of the conversions that only double precision has; single precision has boxes that are none.
  if (format === DOUBLE) return [...both, 0x41dfffffffe00000n, 0x41dfffffffc00000n, 0xc1e0000000100000n, 0xc1e0000000200000n, 0x41efffffffe00000n, 0x41effffffff00000n];
  return [...both, 0x000000003f800000n, 0xfffffffe3f800000n, 0x7fffffff00000000n, 0x3ff0000000000000n];
}

function anyNumber(random: Random, format: Format): bigint {
  const exponentMask = (1n << format.exponentBits) - 1n;
  const bias = exponentMask >> 1n;
  const exponent = random.below(3) === 0 ? random.u64() & exponentMask : bias - 40n + BigInt(random.below(110));
  return pack(format, BigInt(random.below(2)), exponent, fraction(random, format));
}

/** Random, or sparse, or mostly ones: what makes ties and carries. */
function fraction(random: Random, format: Format): bigint {
  const mask = (1n << format.fractionBits) - 1n;
  const bit = () => 1n << BigInt(random.below(Number(format.fractionBits)));
  switch (random.below(4)) {
    case 0: return (bit() | bit()) & mask;
    case 1: return ~(bit() | bit()) & mask;
    case 2: return (random.u64() << BigInt(random.below(Number(format.fractionBits)))) & mask;
    default: return random.u64() & mask;
  }
}

/** A number whose exponent is close to that of another, or any. */
function related(random: Random, format: Format, to: bigint): bigint {
  const other = anyNumber(random, format);
  if (random.below(4) === 0) return other;
  const exponentMask = (1n << format.exponentBits) - 1n;
  const exponent = ((to >> format.fractionBits) & exponentMask) + BigInt(random.below(Number(format.fractionBits) * 2 + 8)) - format.fractionBits - 4n;
  const limited = exponent < 0n ? 0n : exponent > exponentMask ? exponentMask : exponent;
  return pack(format, BigInt(random.below(2)), limited, fraction(random, format));
}

/** c near -a*b, so that digits cancel, or related to it. */
function interactingTriple(random: Random, format: Format): [bigint, bigint, bigint] {
  const a = anyNumber(random, format);
  const b = anyNumber(random, format);
  const exponentMask = (1n << format.exponentBits) - 1n;
  const bias = exponentMask >> 1n;
  const exponent = ((a >> format.fractionBits) & exponentMask) + ((b >> format.fractionBits) & exponentMask) - bias;
  const near = exponent < 0n ? 0n : exponent > exponentMask ? exponentMask : exponent;
  const product = pack(format, 0n, near, fraction(random, format));
  if (random.below(3) === 0) {
    const rounded = format === DOUBLE ? bitsOf(-numberOf(a) * numberOf(b)) : BigInt(singleBits(-singleOf(a) * singleOf(b)));
    const nudge = BigInt(random.below(3)) - 1n;
    const c = BigInt.asUintN(Number(format.fractionBits + format.exponentBits) + 1, rounded + nudge);
    return [format.box(a), format.box(b), format.box(c)];
  }
  return [format.box(a), format.box(b), format.box(related(random, format, product))];
}

function integers(random: Random): bigint[] {
  const list: bigint[] = [];
  for (let bit = 0n; bit < 64n; bit++) {
    const power = 1n << bit;
    for (const value of [power, power - 1n, power + 1n, -power, power | (power >> 24n), power | (power >> 25n), power | (power >> 53n), power | (power >> 54n) | 1n]) {
      list.push(BigInt.asUintN(64, value));
    }
  }
  for (let i = 0; i < 500; i++) list.push(random.u64() >> BigInt(random.below(64)));
  return list;
}

const scratch = new DataView(new ArrayBuffer(8));

function numberOf(bits: bigint): number {
  scratch.setBigUint64(0, bits);
  return scratch.getFloat64(0);
}

function bitsOf(value: number): bigint {
  scratch.setFloat64(0, Number.isNaN(value) ? 0 : value); // engines choose NaN payloads
  return scratch.getBigUint64(0);
}

function singleOf(bits: bigint): number {
  scratch.setUint32(0, Number(bits));
  return scratch.getFloat32(0);
}

function singleBits(value: number): number {
  scratch.setFloat32(0, Number.isNaN(value) ? 0 : value);
  return scratch.getUint32(0);
}
