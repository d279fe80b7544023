// SPDX-License-Identifier: MIT
// What a trace knows about a system call's argument: how it reads when the call begins and when it ends. An argument that
// the kernel fills in has only an ending; one that is a structure with results inside has both, as strace(1) shows them.

/** One call of one task, while it is being formatted. `result` is undefined until it has ended. */
export interface CallView {
  readonly args: readonly bigint[];
  readonly result: bigint | undefined;
  /** Guest memory, short at the first unmapped page. */
  read(address: bigint, len: number): Uint8Array;
}

/** The text of one argument; undefined leaves it out (a mode without O_CREAT). */
export type Show = (value: bigint, call: CallView) => string | undefined;

export interface Argument {
  readonly enter?: Show;
  readonly exit?: Show;
}

export interface Signature {
  readonly args: readonly Argument[];
  /** How a result that is no error reads; decimal where this is missing. */
  readonly result?: Show;
}

/** An argument that the caller fills in. */
export function input(enter: Show): Argument {
  return { enter };
}

/** An argument that the kernel fills in: an address if the call failed. */
export function output(show: Show): Argument {
  return { exit: (value, call) => (hasFailed(call) || value === 0n ? pointer(value) : show(value, call)) };
}

export function hasFailed(call: CallView): boolean {
  return call.result !== undefined && isError(call.result);
}

/** Whether a result is -errno. */
export function isError(result: bigint): boolean {
  return result < 0n && result > -4096n;
}

export function pointer(value: bigint): string {
  return value === 0n ? "NULL" : `0x${value.toString(16)}`;
}

export function hex(value: bigint): string {
  return value === 0n ? "0" : `0x${value.toString(16)}`;
}

export function signed(value: bigint): string {
  return BigInt.asIntN(64, value).toString();
}

export function unsigned(value: bigint): string {
  return value.toString();
}

/** An int: the upper half of the register does not count. */
export function int(value: bigint): string {
  return BigInt.asIntN(32, value).toString();
}

export function toInt(value: bigint): number {
  return Number(BigInt.asIntN(32, value));
}

export function octal(value: bigint): string {
  const digits = BigInt.asUintN(32, value).toString(8);
  return digits === "0" ? "000" : `0${digits}`;
}

/** Little-endian fields of a structure in guest memory; undefined where it is not wholly mapped. */
export function structAt(call: CallView, address: bigint, size: number): DataView | undefined {
  if (address === 0n) return undefined;
  const bytes = call.read(address, size);
  return bytes.length < size ? undefined : new DataView(bytes.buffer, bytes.byteOffset, size);
}

/** `[7]` for a pointer to an int that the kernel stored. */
export function intAt(call: CallView, address: bigint): string {
  const view = structAt(call, address, 4);
  return view ? `[${view.getInt32(0, true)}]` : pointer(address);
}
