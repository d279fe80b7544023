// SPDX-License-Identifier: MIT
// The A extension: LR/SC and AMOs. With a single hart every instruction is atomic; a reservation ends at an SC, a context switch or a
// signal. Misaligned addresses are SIGBUS, as Linux reports a misaligned-access trap. Source: ISA vol. I, "A" chapter.

import { BUS_ADRALN, SIGBUS } from "../abi/signal.ts";
import { setFault } from "../memory/translate.ts";
import { readable, writable } from "./access.ts";
import { FUNCTION, OP_AMO_W, OP_LR_D, OP_LR_W, OP_SC_D, OP_SC_W, RD, RS1, RS2 } from "./operations.ts";
import { clearReservation, isReserved, REGISTERS, reserve } from "./registers.ts";

/** Executes a record of OP_LR_W to OP_AMO_D; false with the fault set. */
export function atomic(record: usize, operation: i32): bool {
  const va = load<u64>(REGISTERS + load<u16>(record, RS1));
  const isWord = operation == OP_LR_W || operation == OP_SC_W || operation == OP_AMO_W;
  if ((va & (isWord ? 3 : 7)) != 0) {
    setFault(SIGBUS, BUS_ADRALN, va);
    return false;
  }
  if (operation == OP_LR_W || operation == OP_LR_D) return loadReserved(record, va, isWord);
  if (operation == OP_SC_W || operation == OP_SC_D) return storeConditional(record, va, isWord);
  return modify(record, va, isWord);
}

function loadReserved(record: usize, va: u64, isWord: bool): bool {
  const at = readable(va);
  if (at == 0) return false;
  setRd(record, isWord ? <i64>load<i32>(at) : load<i64>(at));
  reserve(va);
  return true;
}

/** An SC that has no reservation does not touch memory, and so does not fault. */
function storeConditional(record: usize, va: u64, isWord: bool): bool {
  const succeeds = isReserved(va);
  if (succeeds) {
    const at = writable(va);
    if (at == 0) return false;
    if (isWord) store<u32>(at, <u32>rs2(record));
    else store<u64>(at, rs2(record));
  }
  clearReservation();
  setRd(record, succeeds ? 0 : 1);
  return true;
}

/** Needs write access from the start: a read-only page faults even if the old value could be read. */
function modify(record: usize, va: u64, isWord: bool): bool {
  const at = writable(va);
  if (at == 0) return false;
  const operand = rs2(record);
  const funct5 = load<u16>(record, FUNCTION);
  if (isWord) {
    const old = load<i32>(at);
    store<i32>(at, combineWord(funct5, old, <i32>operand));
    setRd(record, old);
  } else {
    const old = load<i64>(at);
    store<i64>(at, combine(funct5, old, operand));
    setRd(record, old);
  }
  return true;
}

function combine(funct5: u32, old: i64, operand: i64): i64 {
  switch (funct5 >> 2) {
    case 0: return funct5 == 0 ? old + operand : operand; // amoadd, amoswap
    case 1: return old ^ operand;
    case 2: return old | operand;
    case 3: return old & operand;
    case 4: return min(old, operand);
    case 5: return max(old, operand);
    case 6: return <i64>min(<u64>old, <u64>operand);
    default: return <i64>max(<u64>old, <u64>operand);
  }
}

function combineWord(funct5: u32, old: i32, operand: i32): i32 {
  switch (funct5 >> 2) {
    case 6: return <i32>min(<u32>old, <u32>operand);
    case 7: return <i32>max(<u32>old, <u32>operand);
    default: return <i32>combine(funct5, old, operand);
  }
}

function rs2(record: usize): i64 {
  return load<i64>(REGISTERS + load<u16>(record, RS2));
}

function setRd(record: usize, value: i64): void {
  store<i64>(REGISTERS + load<u16>(record, RD), value);
}
