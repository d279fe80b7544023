// SPDX-License-Identifier: MIT
// Seeded random numbers for the hostile guests: the same seed gives the same cases on every computer. Values lean to the
// places where kernels break: powers of two and their neighbours, the ends of types and of the address space.

/** sfc32 by Chris Doty-Humphrey (public domain): small, fast, good enough to look for mistakes. */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #count = 1;

  /** A stream of its own for each (seed, kind, index). */
  constructor(seed: number, kind: string, index: number) {
    this.#a = seed | 0;
    this.#b = index | 0;
    this.#c = [...kind].reduce((hash, char) => (Math.imul(hash, 31) + char.charCodeAt(0)) | 0, 7);
    for (let i = 0; i < 12; i++) this.u32();
  }

  u32(): number {
    const t = (((this.#a + this.#b) | 0) + this.#count) | 0;
    this.#count = (this.#count + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (this.#c << 21) | (this.#c >>> 11);
    this.#c = (this.#c + t) | 0;
    return t >>> 0;
  }

  u64(): bigint {
    return (BigInt(this.u32()) << 32n) | BigInt(this.u32());
  }

  /** 0 <= result < bound */
  below(bound: number): number {
    return Math.floor((this.u32() / 2 ** 32) * bound);
  }

  /** from <= result <= to */
  between(from: number, to: number): number {
    return from + this.below(to - from + 1);
  }

  chance(probability: number): boolean {
    return this.u32() < probability * 2 ** 32;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T;
  }

  bytes(length: number): Uint8Array {
    const words = Uint32Array.from({ length: Math.ceil(length / 4) }, () => this.u32());
    return new Uint8Array(words.buffer, 0, length);
  }

  /** A number that somebody may have forgotten, as 64 bits. */
  boundary(): bigint {
    if (this.chance(0.4)) return BigInt(this.below(20));
    if (this.chance(0.1)) return this.u64();
    const power = 1n << BigInt(this.below(64));
    const near = power + BigInt(this.between(-2, 2));
    return BigInt.asUintN(64, this.chance(0.3) ? -near : near);
  }
}
