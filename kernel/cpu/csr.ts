// SPDX-License-Identifier: MIT
// Zicsr as a user-mode program sees it: the floating-point CSRs, and Zicntr's counters. Every other CSR is an illegal instruction.
// One instruction takes one cycle, which is one nanosecond of virtual time; the time CSR ticks at 10 MHz.

import { FUNCTION, RD, RS1, RS1_FIELD, WHICH } from "./operations.ts";
import { retired, timeOffsetNs } from "./counters.ts";
import { readFcsr, REGISTERS, writeFcsr } from "./registers.ts";

const CSR_FFLAGS = 0x001;
const CSR_FRM = 0x002;
const CSR_FCSR = 0x003;
const CSR_CYCLE = 0xc00;
const CSR_TIME = 0xc01;
const CSR_INSTRET = 0xc02;

const NS_PER_TICK: u64 = 100;

const WRITE = 1;
const SET = 2;
const IMMEDIATE_FORM = 4;

/** Executes a record of OP_CSR; false when it is illegal. */
export function accessCsr(record: usize): bool {
  const csr = <i32>load<u16>(record, WHICH);
  const funct3 = <i32>load<u16>(record, FUNCTION);
  const source = <i32>load<u16>(record, RS1_FIELD);
  const operation = funct3 & 3;
  const writes = operation == WRITE || source != 0;
  if (!exists(csr) || (writes && csr >= CSR_CYCLE)) return false;
  const old = read(csr);
  const operand = (funct3 & IMMEDIATE_FORM) != 0 ? <u64>source : load<u64>(REGISTERS + load<u16>(record, RS1));
  if (writes) write(csr, <u32>(operation == WRITE ? operand : operation == SET ? old | operand : old & ~operand));
  store<u64>(REGISTERS + load<u16>(record, RD), old);
  return true;
}

function exists(csr: i32): bool {
  return (csr >= CSR_FFLAGS && csr <= CSR_FCSR) || (csr >= CSR_CYCLE && csr <= CSR_INSTRET);
}

function read(csr: i32): u64 {
  switch (csr) {
    case CSR_FFLAGS: return readFcsr() & 0x1f;
    case CSR_FRM: return readFcsr() >> 5;
    case CSR_FCSR: return readFcsr();
    case CSR_TIME: return (timeOffsetNs + retired) / NS_PER_TICK;
    default: return retired;
  }
}

function write(csr: i32, value: u32): void {
  switch (csr) {
    case CSR_FFLAGS: writeFcsr((readFcsr() & 0xe0) | (value & 0x1f)); break;
    case CSR_FRM: writeFcsr((readFcsr() & 0x1f) | ((value & 7) << 5)); break;
    default: writeFcsr(value); break;
  }
}
