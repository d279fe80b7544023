// SPDX-License-Identifier: MIT
// The M extension where WebAssembly differs: upper halves of products, and divisions that do not trap.
// Source: ISA vol. I, "M" chapter, table "Semantics for division by zero and division overflow".

export function mulhu(a: u64, b: u64): u64 {
  const aLow = a & 0xffffffff;
  const aHigh = a >> 32;
  const bLow = b & 0xffffffff;
  const bHigh = b >> 32;
  const middle = aHigh * bLow + ((aLow * bLow) >> 32);
  const carried = aLow * bHigh + (middle & 0xffffffff);
  return aHigh * bHigh + (middle >> 32) + (carried >> 32);
}

export function mulh(a: i64, b: i64): i64 {
  return <i64>mulhu(a, b) - ((a >> 63) & b) - ((b >> 63) & a);
}

export function mulhsu(a: i64, b: u64): i64 {
  return <i64>mulhu(a, b) - ((a >> 63) & <i64>b);
}

export function div(a: i64, b: i64): i64 {
  if (b == 0) return -1;
  return b == -1 ? 0 - a : a / b;
}

export function divu(a: u64, b: u64): u64 {
  return b == 0 ? <u64>-1 : a / b;
}

export function rem(a: i64, b: i64): i64 {
  if (b == 0) return a;
  return b == -1 ? 0 : a % b;
}

export function remu(a: u64, b: u64): u64 {
  return b == 0 ? a : a % b;
}

export function divw(a: i32, b: i32): i32 {
  if (b == 0) return -1;
  return b == -1 ? 0 - a : a / b;
}

export function divuw(a: u32, b: u32): i32 {
  return b == 0 ? -1 : <i32>(a / b);
}

export function remw(a: i32, b: i32): i32 {
  if (b == 0) return a;
  return b == -1 ? 0 : a % b;
}

export function remuw(a: u32, b: u32): i32 {
  return <i32>(b == 0 ? a : a % b);
}
