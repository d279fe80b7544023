// SPDX-License-Identifier: MIT
// A piece of an actor's memory with readers and writers at byte offsets, all little endian as the guest is.

/** The memory an area lies in. */
export interface AreaOwner {
  peek(address: number | bigint, len: number): Uint8Array;
  poke(address: number | bigint, bytes: Uint8Array): void;
}

export class Area {
  readonly address: number;
  readonly size: number;
  readonly #owner: AreaOwner;

  constructor(owner: AreaOwner, address: number, size: number) {
    this.#owner = owner;
    this.address = address;
    this.size = size;
  }

  bytes(offset = 0, len = this.size - offset): Buffer {
    return Buffer.from(this.#owner.peek(this.address + offset, len));
  }

  write(bytes: Uint8Array, offset = 0): void {
    this.#owner.poke(this.address + offset, bytes);
  }

  /** The bytes up to the first NUL, or `len` of them. */
  text(offset = 0, len?: number): string {
    const bytes = this.bytes(offset, len ?? this.size - offset);
    const end = len === undefined ? bytes.indexOf(0) : -1;
    return bytes.subarray(0, end < 0 ? bytes.length : end).toString("latin1");
  }

  u16(offset: number): number {
    return this.bytes(offset, 2).readUInt16LE();
  }

  u32(offset: number): number {
    return this.bytes(offset, 4).readUInt32LE();
  }

  s32(offset: number): number {
    return this.bytes(offset, 4).readInt32LE();
  }

  u64(offset: number): bigint {
    return this.bytes(offset, 8).readBigUInt64LE();
  }

  s64(offset: number): bigint {
    return this.bytes(offset, 8).readBigInt64LE();
  }

  setU32(offset: number, value: number): void {
    this.write(new Uint8Array(Uint32Array.of(value).buffer), offset);
  }

  setU64(offset: number, value: number | bigint): void {
    this.write(new Uint8Array(BigUint64Array.of(BigInt.asUintN(64, BigInt(value))).buffer), offset);
  }
}
