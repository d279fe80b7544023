// SPDX-License-Identifier: MIT
// One record out of line: what the loop in hart.ts does not do itself, because it is rare (system instructions, first executions, page
// ends) or because its fast path failed (memory). pc and the retired count are up to date when it is called.

import { ILL_ILLOPC, SIGILL, SIGTRAP, TRAP_BRKPT } from "../abi/signal.ts";
import { setFault } from "../memory/translate.ts";
import { loaded, loadGuest, storeGuest } from "./access.ts";
import { atomic } from "./atomic.ts";
import { accessCsr } from "./csr.ts";
import { float } from "./float.ts";
import { decodeCrossing, decodeRecord } from "./fetch.ts";
import {
  IMM, lengthOf, OP_AMO_D, OP_AMO_W, OP_C_LD, OP_C_LW, OP_C_SD, OP_C_SW, OP_CROSSING, OP_CSR, OP_EBREAK, OP_ECALL, OP_FADD_D, OP_FADD_S,
  OP_FCVT_D_L, OP_FCVT_D_S, OP_FCVT_D_W, OP_FCVT_L_D, OP_FCVT_S_D, OP_FCVT_W_D, OP_FDIV_D, OP_FDIV_S, OP_FEQ_D, OP_FLE_D, OP_FLOAT,
  OP_FLT_D, OP_FLW, OP_FMADD_D, OP_FMSUB_D, OP_FMUL_D, OP_FMUL_S, OP_FNMADD_D, OP_FNMSUB_D, OP_FSQRT_D, OP_FSUB_D, OP_FSUB_S, OP_LB,
  OP_LBU, OP_LD, OP_LH, OP_LHU, OP_LR_D, OP_LR_W, OP_LW, OP_LWU, OP_PAGE_END, OP_SB, OP_SC_D, OP_SC_W, OP_SD, OP_SH, OP_SW, OP_UNDECODED,
  RD, RS1, RS2,
} from "./operations.ts";
import { readPc, REGISTERS } from "./registers.ts";

// What step() gives when it has not executed an instruction.
/** The record is decoded now. */
export const STEP_DECODED = -1;
/** The next instruction starts the next page. */
export const STEP_PAGE_END = -2;
/** The instruction is in the record CROSSING. */
export const STEP_CROSSING = -3;
/** It is an ecall. */
export const STEP_ECALL = -4;
/** It faults (memory/translate.ts has the signal). */
export const STEP_FAULT = -5;

const BOX: u64 = 0xffffffff00000000;

/** Executes a record; gives the length of its instruction, 2 or 4, or a STEP_*. */
export function step(record: usize): i32 {
  const operation = <i32>load<u16>(record);
  switch (operation) {
    case OP_UNDECODED:
      decodeRecord(record, readPc());
      return STEP_DECODED;
    case OP_PAGE_END: return STEP_PAGE_END;
    case OP_CROSSING: return decodeCrossing(record, readPc()) ? STEP_CROSSING : STEP_FAULT;
    case OP_ECALL: return STEP_ECALL;
    case OP_EBREAK:
      setFault(SIGTRAP, TRAP_BRKPT, readPc());
      return STEP_FAULT;
    case OP_CSR: return accessCsr(record) ? lengthOf(operation) : illegal();
    case OP_LB: return loadGuest(address(record), 1) ? setRd(record, <u64><i64><i8>loaded) : STEP_FAULT;
    case OP_LH: return loadGuest(address(record), 2) ? setRd(record, <u64><i64><i16>loaded) : STEP_FAULT;
    case OP_LW: case OP_C_LW: return loadGuest(address(record), 4) ? setRd(record, <u64><i64><i32>loaded) : STEP_FAULT;
    case OP_LD: case OP_C_LD: return loadGuest(address(record), 8) ? setRd(record, loaded) : STEP_FAULT;
    case OP_LBU: return loadGuest(address(record), 1) ? setRd(record, loaded) : STEP_FAULT;
    case OP_LHU: return loadGuest(address(record), 2) ? setRd(record, loaded) : STEP_FAULT;
    case OP_LWU: return loadGuest(address(record), 4) ? setRd(record, loaded) : STEP_FAULT;
    case OP_FLW: return loadGuest(address(record), 4) ? setRd(record, loaded | BOX) : STEP_FAULT;
    case OP_SB: return storeRs2(record, 1);
    case OP_SH: return storeRs2(record, 2);
    case OP_SW: case OP_C_SW: return storeRs2(record, 4);
    case OP_SD: case OP_C_SD: return storeRs2(record, 8);
    case OP_LR_W: case OP_LR_D: case OP_SC_W: case OP_SC_D: case OP_AMO_W: case OP_AMO_D:
      return atomic(record, operation) ? lengthOf(operation) : STEP_FAULT;
    case OP_FADD_D: case OP_FSUB_D: case OP_FMUL_D: case OP_FDIV_D: case OP_FADD_S: case OP_FSUB_S: case OP_FMUL_S: case OP_FDIV_S:
    case OP_FSQRT_D: case OP_FMADD_D: case OP_FMSUB_D: case OP_FNMSUB_D: case OP_FNMADD_D:
    case OP_FEQ_D: case OP_FLT_D: case OP_FLE_D: case OP_FCVT_D_W: case OP_FCVT_D_L: case OP_FCVT_W_D: case OP_FCVT_L_D:
    case OP_FCVT_S_D: case OP_FCVT_D_S: case OP_FLOAT:
      return float(record) ? lengthOf(operation) : illegal();
    default: return illegal();
  }
}

function illegal(): i32 {
  setFault(SIGILL, ILL_ILLOPC, readPc());
  return STEP_FAULT;
}

function address(record: usize): u64 {
  return load<u64>(REGISTERS + load<u16>(record, RS1)) + load<u64>(record, IMM);
}

function setRd(record: usize, value: u64): i32 {
  store<u64>(REGISTERS + load<u16>(record, RD), value);
  return lengthOf(load<u16>(record));
}

function storeRs2(record: usize, size: u32): i32 {
  return storeGuest(address(record), size, load<u64>(REGISTERS + load<u16>(record, RS2))) ? lengthOf(load<u16>(record)) : STEP_FAULT;
}
