// SPDX-License-Identifier: MIT
// The live registers of the running thread, at a fixed address. The scheduler copies the block in and out of tasks;
// nothing else of a hart belongs to a thread except the LR reservation, which a switch ends (clearReservation()).
//
//   REGISTERS + 0      x0..x31   u64 each; x0 is never written
//             + 256    f0..f31   u64 each; single precision is NaN-boxed (ISA vol. I, "NaN Boxing of Narrower Values")
//             + 512    pc        u64
//             + 520    fcsr      u32: frm << 5 | fflags; u32 spare
//             + 528    ---- end of what a context switch copies
//             + 528    sink      u64, takes what is written to x0
//             + 536    reserved  u64, address of the LR reservation; odd when there is none

/** Bytes of a thread's architectural state. */
export const REGISTERS_SIZE: usize = 528;
export const REGISTERS: usize = memory.data(544, 1024);

// Offsets into the block; decoded instructions name registers by them.
export const X_OFFSET: u32 = 0;
export const F_OFFSET: u32 = 256;
export const PC_OFFSET: usize = 512;
export const FCSR_OFFSET: usize = 520;
export const SINK_OFFSET: u32 = 528;
export const RESERVED_OFFSET: usize = 536;

const NO_RESERVATION: u64 = 1;

export function readX(index: u32): u64 {
  return load<u64>(REGISTERS + X_OFFSET + (<usize>(index & 31) << 3));
}

/** Writing x0 does nothing. */
export function writeX(index: u32, value: u64): void {
  if ((index & 31) != 0) store<u64>(REGISTERS + X_OFFSET + (<usize>(index & 31) << 3), value);
}

export function readF(index: u32): u64 {
  return load<u64>(REGISTERS + F_OFFSET + (<usize>(index & 31) << 3));
}

export function writeF(index: u32, value: u64): void {
  store<u64>(REGISTERS + F_OFFSET + (<usize>(index & 31) << 3), value);
}

export function readPc(): u64 {
  return load<u64>(REGISTERS, PC_OFFSET);
}

/** Bit 0 is cleared, as a jump would. */
export function writePc(pc: u64): void {
  store<u64>(REGISTERS, pc & ~1, PC_OFFSET);
}

export function readFcsr(): u32 {
  return load<u32>(REGISTERS, FCSR_OFFSET);
}

export function writeFcsr(value: u32): void {
  store<u32>(REGISTERS, value & 0xff, FCSR_OFFSET);
}

/** Adds accrued exceptions. */
export function raiseFlags(flags: u32): void {
  store<u32>(REGISTERS, readFcsr() | flags, FCSR_OFFSET);
}

/** Every register zero, rounding to nearest: what execve(2) starts with. */
export function clearRegisters(): void {
  memory.fill(REGISTERS, 0, REGISTERS_SIZE);
}

export function reserve(address: u64): void {
  store<u64>(REGISTERS, address, RESERVED_OFFSET);
}

export function isReserved(address: u64): bool {
  return load<u64>(REGISTERS, RESERVED_OFFSET) == address;
}

/** Ends the LR reservation: every SC does, and so do context switches and signal delivery. */
export function clearReservation(): void {
  store<u64>(REGISTERS, NO_RESERVATION, RESERVED_OFFSET);
}
