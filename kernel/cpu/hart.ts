// SPDX-License-Identifier: MIT
// The interpreter: runs decoded records on the live registers (registers.ts) for an exact number of instructions. It knows no task and
// no system call; it stops with pc on what it cannot do. Called by the scheduler's tick.
//
// `ip` walks over records: one (16 bytes) for a 2-byte instruction, two for a 4-byte one. Near branches move it; everything that
// leaves the page goes through `target`, the outer loop and the instruction TLB. An instruction whose fast path fails leaves the
// switch by `break` and is done by step().

import { addendOf, EXEC_TLB, fetchEpoch, isMapped, READ_TLB, TLB_ADDEND, TLB_MASK, TLB_PAGE, TLB_SHIFT, WRITE_TLB } from "../memory/tlb.ts";
import { retired, setRetired } from "./counters.ts";
import { CROSSING, CROSSING_PAGE, fetchPage } from "./fetch.ts";
import {
  fmaToNearest, isBoxed, isExtremeDouble, isExtremeSingle, isHugeDouble, isHugeSingle, isInexact, isInexactToNearest,
} from "./float-fast.ts";
import { BOX, SIGN } from "./float-value.ts";
import { div, divu, divuw, divw, mulh, mulhsu, mulhu, rem, remu, remuw, remw } from "./multiply.ts";
import {
  IMM, OP_ADD, OP_ADDI, OP_ADDIW, OP_ADDW, OP_AND, OP_ANDI, OP_AUIPC, OP_BEQ, OP_BEQZ, OP_BEQZ_FAR, OP_BEQ_FAR, OP_BGE, OP_BGEU,
  OP_BGEU_FAR, OP_BGE_FAR, OP_BLT, OP_BLTU, OP_BLTU_FAR, OP_BLT_FAR, OP_BNE, OP_BNEZ, OP_BNEZ_FAR, OP_BNE_FAR, OP_C_ADD, OP_C_ADDI,
  OP_C_ADDIW, OP_C_ADDW, OP_C_AND, OP_C_ANDI, OP_C_BEQZ, OP_C_BEQZ_FAR, OP_C_BNEZ, OP_C_BNEZ_FAR, OP_C_LD, OP_C_LI, OP_C_LW, OP_C_MV,
  OP_C_NOP, OP_C_OR, OP_C_SD, OP_C_SLLI, OP_C_SRAI, OP_C_SRLI, OP_C_SUB, OP_C_SUBW, OP_C_SW, OP_C_XOR, OP_DIV, OP_DIVU, OP_DIVUW,
  OP_DIVW, OP_FABS_D, OP_FADD_D, OP_FADD_S, OP_FCVT_D_L, OP_FCVT_D_S, OP_FCVT_D_W, OP_FCVT_L_D, OP_FCVT_S_D, OP_FCVT_W_D, OP_FDIV_D,
  OP_FDIV_S, OP_FEQ_D, OP_FLE_D, OP_FLT_D, OP_FLW, OP_FMADD_D, OP_FMSUB_D, OP_FMUL_D, OP_FMUL_S, OP_FNEG_D, OP_FNMADD_D, OP_FNMSUB_D,
  OP_FSQRT_D, OP_FSUB_D, OP_FSUB_S, OP_J, OP_JAL, OP_JALR, OP_JAL_FAR, OP_JR, OP_J_FAR, OP_LB, OP_LBU, OP_LD, OP_LH, OP_LHU, OP_LI,
  OP_LW, OP_LWU, OP_MUL, OP_MULH, OP_MULHSU, OP_MULHU, OP_MULW, OP_MV, OP_NOP, OP_OR, OP_ORI, OP_REM, OP_REMU, OP_REMUW, OP_REMW, OP_SB,
  OP_SD, OP_SH, OP_SLL, OP_SLLI, OP_SLLIW, OP_SLLW, OP_SLT, OP_SLTI, OP_SLTIU, OP_SLTU, OP_SRA, OP_SRAI, OP_SRAIW, OP_SRAW, OP_SRL,
  OP_SRLI, OP_SRLIW, OP_SRLW, OP_SUB, OP_SUBW, OP_SW, OP_XOR, OP_XORI, RD, RS1, RS2, RS3,
} from "./operations.ts";
import { readPc, REGISTERS, writePc } from "./registers.ts";
import { step, STEP_CROSSING, STEP_DECODED, STEP_ECALL, STEP_FAULT, STEP_PAGE_END } from "./step.ts";

/** The fuel is used up; pc is on the next instruction. */
export const STOP_FUEL = 0;
/** pc is on an ecall, which is not retired: the kernel moves pc and counts it (retireEcall). */
export const STOP_ECALL = 1;
/** pc is on an instruction that cannot be executed; memory/translate.ts has the signal. */
export const STOP_FAULT = 2;

/** Instructions per inner call: engines replace a slow first version of a function only when it is called again. */
const SLICE: i64 = 1 << 20;

/** No pc is odd. */
const NO_TARGET: u64 = 1;

const BYTE: u64 = 0;
const HALF: u64 = 1;
const WORD: u64 = 3;
const DOUBLE: u64 = 7;

/** Executes at most `fuel` instructions; gives a STOP_*. `retired` grows by exactly what was executed. */
export function run(fuel: i64): i32 {
  let stop = STOP_FUEL;
  const end = retired + <u64>max(fuel, 0);
  while (stop == STOP_FUEL && retired < end) stop = execute(<i32>min(<i64>(end - retired), SLICE));
  return stop;
}

/** Moves past an ecall: it is one instruction, and only the kernel knows when it is done. */
export function retireEcall(): void {
  writePc(readPc() + 4);
  setRetired(retired + 1);
}

function execute(budget: i32): i32 {
  let fuel = budget;
  const end = retired + <u64>budget;
  let target = readPc();

  while (true) {
    // Go to target.
    let code: usize;
    if (isMapped(EXEC_TLB, target)) {
      code = addendOf(EXEC_TLB, target);
    } else {
      writePc(target);
      setRetired(end - fuel);
      if (fuel == 0) return STOP_FUEL;
      code = fetchPage(target);
      if (code == 0) return STOP_FAULT;
    }
    const page = target & TLB_PAGE;
    let ip = code + (<usize>(<u32>target & 0xfff) << 3);
    target = NO_TARGET;

    while (true) {
      if (fuel == 0) {
        writePc(pcOf(ip, code, page));
        setRetired(end);
        return STOP_FUEL;
      }
      fuel--;
      switch (<i32>load<u16>(ip)) {
        case OP_LI: setRd(ip, imm(ip)); ip += 32; continue;
        case OP_C_LI: setRd(ip, imm(ip)); ip += 16; continue;
        case OP_MV: setRd(ip, rs1(ip)); ip += 32; continue;
        case OP_C_MV: setRd(ip, rs1(ip)); ip += 16; continue;
        case OP_ADDI: setRd(ip, rs1(ip) + imm(ip)); ip += 32; continue;
        case OP_C_ADDI: setRd(ip, rs1(ip) + imm(ip)); ip += 16; continue;
        case OP_ADDIW: setRdWord(ip, <i32>rs1(ip) + <i32>imm(ip)); ip += 32; continue;
        case OP_C_ADDIW: setRdWord(ip, <i32>rs1(ip) + <i32>imm(ip)); ip += 16; continue;
        case OP_SLLI: setRd(ip, rs1(ip) << imm(ip)); ip += 32; continue;
        case OP_C_SLLI: setRd(ip, rs1(ip) << imm(ip)); ip += 16; continue;
        case OP_SRLI: setRd(ip, rs1(ip) >> imm(ip)); ip += 32; continue;
        case OP_C_SRLI: setRd(ip, rs1(ip) >> imm(ip)); ip += 16; continue;
        case OP_SRAI: setRd(ip, <u64>(<i64>rs1(ip) >> <i64>imm(ip))); ip += 32; continue;
        case OP_C_SRAI: setRd(ip, <u64>(<i64>rs1(ip) >> <i64>imm(ip))); ip += 16; continue;
        case OP_ANDI: setRd(ip, rs1(ip) & imm(ip)); ip += 32; continue;
        case OP_C_ANDI: setRd(ip, rs1(ip) & imm(ip)); ip += 16; continue;
        case OP_ADD: setRd(ip, rs1(ip) + rs2(ip)); ip += 32; continue;
        case OP_C_ADD: setRd(ip, rs1(ip) + rs2(ip)); ip += 16; continue;
        case OP_SUB: setRd(ip, rs1(ip) - rs2(ip)); ip += 32; continue;
        case OP_C_SUB: setRd(ip, rs1(ip) - rs2(ip)); ip += 16; continue;
        case OP_XOR: setRd(ip, rs1(ip) ^ rs2(ip)); ip += 32; continue;
        case OP_C_XOR: setRd(ip, rs1(ip) ^ rs2(ip)); ip += 16; continue;
        case OP_OR: setRd(ip, rs1(ip) | rs2(ip)); ip += 32; continue;
        case OP_C_OR: setRd(ip, rs1(ip) | rs2(ip)); ip += 16; continue;
        case OP_AND: setRd(ip, rs1(ip) & rs2(ip)); ip += 32; continue;
        case OP_C_AND: setRd(ip, rs1(ip) & rs2(ip)); ip += 16; continue;
        case OP_ADDW: setRdWord(ip, <i32>rs1(ip) + <i32>rs2(ip)); ip += 32; continue;
        case OP_C_ADDW: setRdWord(ip, <i32>rs1(ip) + <i32>rs2(ip)); ip += 16; continue;
        case OP_SUBW: setRdWord(ip, <i32>rs1(ip) - <i32>rs2(ip)); ip += 32; continue;
        case OP_C_SUBW: setRdWord(ip, <i32>rs1(ip) - <i32>rs2(ip)); ip += 16; continue;
        case OP_LW: {
          const va = rs1(ip) + imm(ip);
          if (readMisses(va, WORD)) break;
          setRd(ip, <u64><i64>load<i32>(readHost(va)));
          ip += 32;
          continue;
        }
        case OP_C_LW: {
          const va = rs1(ip) + imm(ip);
          if (readMisses(va, WORD)) break;
          setRd(ip, <u64><i64>load<i32>(readHost(va)));
          ip += 16;
          continue;
        }
        case OP_LD: {
          const va = rs1(ip) + imm(ip);
          if (readMisses(va, DOUBLE)) break;
          setRd(ip, load<u64>(readHost(va)));
          ip += 32;
          continue;
        }
        case OP_C_LD: {
          const va = rs1(ip) + imm(ip);
          if (readMisses(va, DOUBLE)) break;
          setRd(ip, load<u64>(readHost(va)));
          ip += 16;
          continue;
        }
        case OP_SW: {
          const va = rs1(ip) + imm(ip);
          if (writeMisses(va, WORD)) break;
          store<u32>(writeHost(va), <u32>rs2(ip));
          ip += 32;
          continue;
        }
        case OP_C_SW: {
          const va = rs1(ip) + imm(ip);
          if (writeMisses(va, WORD)) break;
          store<u32>(writeHost(va), <u32>rs2(ip));
          ip += 16;
          continue;
        }
        case OP_SD: {
          const va = rs1(ip) + imm(ip);
          if (writeMisses(va, DOUBLE)) break;
          store<u64>(writeHost(va), <u64>rs2(ip));
          ip += 32;
          continue;
        }
        case OP_C_SD: {
          const va = rs1(ip) + imm(ip);
          if (writeMisses(va, DOUBLE)) break;
          store<u64>(writeHost(va), <u64>rs2(ip));
          ip += 16;
          continue;
        }
        case OP_BEQZ: ip += rs1(ip) == 0 ? near(ip) : 32; continue;
        case OP_C_BEQZ: ip += rs1(ip) == 0 ? near(ip) : 16; continue;
        case OP_BNEZ: ip += rs1(ip) != 0 ? near(ip) : 32; continue;
        case OP_C_BNEZ: ip += rs1(ip) != 0 ? near(ip) : 16; continue;
        case OP_BEQZ_FAR:
          if (rs1(ip) == 0) target = page + imm(ip);
          else { ip += 32; continue; }
          break;
        case OP_C_BEQZ_FAR:
          if (rs1(ip) == 0) target = page + imm(ip);
          else { ip += 16; continue; }
          break;
        case OP_BNEZ_FAR:
          if (rs1(ip) != 0) target = page + imm(ip);
          else { ip += 32; continue; }
          break;
        case OP_C_BNEZ_FAR:
          if (rs1(ip) != 0) target = page + imm(ip);
          else { ip += 16; continue; }
          break;
        case OP_NOP: ip += 32; continue;
        case OP_C_NOP: ip += 16; continue;
        case OP_J_FAR: target = page + imm(ip); break;
        case OP_JAL:
          setRd(ip, page + link(ip));
          ip += near(ip);
          continue;
        case OP_JAL_FAR:
          setRd(ip, page + link(ip));
          target = page + imm(ip);
          break;
        case OP_JR: target = (rs1(ip) + imm(ip)) & ~1; break;
        case OP_JALR:
          target = (rs1(ip) + imm(ip)) & ~1; // before rd, which may be rs1
          setRd(ip, page + link(ip));
          break;
        case OP_BEQ: ip += rs1(ip) == rs2(ip) ? near(ip) : 32; continue;
        case OP_BNE: ip += rs1(ip) != rs2(ip) ? near(ip) : 32; continue;
        case OP_BLT: ip += <i64>rs1(ip) < <i64>rs2(ip) ? near(ip) : 32; continue;
        case OP_BGE: ip += <i64>rs1(ip) >= <i64>rs2(ip) ? near(ip) : 32; continue;
        case OP_BLTU: ip += rs1(ip) < rs2(ip) ? near(ip) : 32; continue;
        case OP_BGEU: ip += rs1(ip) >= rs2(ip) ? near(ip) : 32; continue;
        case OP_BEQ_FAR:
          if (rs1(ip) == rs2(ip)) target = page + imm(ip);
          else { ip += 32; continue; }
          break;
        case OP_BNE_FAR:
          if (rs1(ip) != rs2(ip)) target = page + imm(ip);
          else { ip += 32; continue; }
          break;
        case OP_BLT_FAR:
          if (<i64>rs1(ip) < <i64>rs2(ip)) target = page + imm(ip);
          else { ip += 32; continue; }
          break;
        case OP_BGE_FAR:
          if (<i64>rs1(ip) >= <i64>rs2(ip)) target = page + imm(ip);
          else { ip += 32; continue; }
          break;
        case OP_BLTU_FAR:
          if (rs1(ip) < rs2(ip)) target = page + imm(ip);
          else { ip += 32; continue; }
          break;
        case OP_BGEU_FAR:
          if (rs1(ip) >= rs2(ip)) target = page + imm(ip);
          else { ip += 32; continue; }
          break;
        case OP_AUIPC: setRd(ip, page + imm(ip)); ip += 32; continue;
        case OP_SLTI: setRd(ip, u64(<i64>rs1(ip) < <i64>imm(ip))); ip += 32; continue;
        case OP_SLTIU: setRd(ip, u64(rs1(ip) < imm(ip))); ip += 32; continue;
        case OP_XORI: setRd(ip, rs1(ip) ^ imm(ip)); ip += 32; continue;
        case OP_ORI: setRd(ip, rs1(ip) | imm(ip)); ip += 32; continue;
        case OP_SLLIW: setRdWord(ip, <i32>rs1(ip) << <i32>imm(ip)); ip += 32; continue;
        case OP_SRLIW: setRdWord(ip, <i32>(<u32>rs1(ip) >> <u32>imm(ip))); ip += 32; continue;
        case OP_SRAIW: setRdWord(ip, <i32>rs1(ip) >> <i32>imm(ip)); ip += 32; continue;
        case OP_SLL: setRd(ip, rs1(ip) << rs2(ip)); ip += 32; continue;
        case OP_SLT: setRd(ip, u64(<i64>rs1(ip) < <i64>rs2(ip))); ip += 32; continue;
        case OP_SLTU: setRd(ip, u64(rs1(ip) < rs2(ip))); ip += 32; continue;
        case OP_SRL: setRd(ip, rs1(ip) >> rs2(ip)); ip += 32; continue;
        case OP_SRA: setRd(ip, <u64>(<i64>rs1(ip) >> <i64>rs2(ip))); ip += 32; continue;
        case OP_SLLW: setRdWord(ip, <i32>rs1(ip) << <i32>rs2(ip)); ip += 32; continue;
        case OP_SRLW: setRdWord(ip, <i32>(<u32>rs1(ip) >> <u32>rs2(ip))); ip += 32; continue;
        case OP_SRAW: setRdWord(ip, <i32>rs1(ip) >> <i32>rs2(ip)); ip += 32; continue;
        case OP_LB: {
          const va = rs1(ip) + imm(ip);
          if (readMisses(va, BYTE)) break;
          setRd(ip, <u64><i64>load<i8>(readHost(va)));
          ip += 32;
          continue;
        }
        case OP_LH: {
          const va = rs1(ip) + imm(ip);
          if (readMisses(va, HALF)) break;
          setRd(ip, <u64><i64>load<i16>(readHost(va)));
          ip += 32;
          continue;
        }
        case OP_LBU: {
          const va = rs1(ip) + imm(ip);
          if (readMisses(va, BYTE)) break;
          setRd(ip, load<u8>(readHost(va)));
          ip += 32;
          continue;
        }
        case OP_LHU: {
          const va = rs1(ip) + imm(ip);
          if (readMisses(va, HALF)) break;
          setRd(ip, load<u16>(readHost(va)));
          ip += 32;
          continue;
        }
        case OP_LWU: {
          const va = rs1(ip) + imm(ip);
          if (readMisses(va, WORD)) break;
          setRd(ip, load<u32>(readHost(va)));
          ip += 32;
          continue;
        }
        case OP_SB: {
          const va = rs1(ip) + imm(ip);
          if (writeMisses(va, BYTE)) break;
          store<u8>(writeHost(va), <u8>rs2(ip));
          ip += 32;
          continue;
        }
        case OP_SH: {
          const va = rs1(ip) + imm(ip);
          if (writeMisses(va, HALF)) break;
          store<u16>(writeHost(va), <u16>rs2(ip));
          ip += 32;
          continue;
        }
        case OP_FLW: {
          const va = rs1(ip) + imm(ip);
          if (readMisses(va, WORD)) break;
          setRd(ip, load<u32>(readHost(va)) | BOX);
          ip += 32;
          continue;
        }
        case OP_MUL: setRd(ip, rs1(ip) * rs2(ip)); ip += 32; continue;
        case OP_MULH: setRd(ip, <u64>mulh(<i64>rs1(ip), <i64>rs2(ip))); ip += 32; continue;
        case OP_MULHSU: setRd(ip, <u64>mulhsu(<i64>rs1(ip), rs2(ip))); ip += 32; continue;
        case OP_MULHU: setRd(ip, mulhu(rs1(ip), rs2(ip))); ip += 32; continue;
        case OP_DIV: setRd(ip, <u64>div(<i64>rs1(ip), <i64>rs2(ip))); ip += 32; continue;
        case OP_DIVU: setRd(ip, divu(rs1(ip), rs2(ip))); ip += 32; continue;
        case OP_REM: setRd(ip, <u64>rem(<i64>rs1(ip), <i64>rs2(ip))); ip += 32; continue;
        case OP_REMU: setRd(ip, remu(rs1(ip), rs2(ip))); ip += 32; continue;
        case OP_MULW: setRdWord(ip, <i32>rs1(ip) * <i32>rs2(ip)); ip += 32; continue;
        case OP_DIVW: setRdWord(ip, divw(<i32>rs1(ip), <i32>rs2(ip))); ip += 32; continue;
        case OP_DIVUW: setRdWord(ip, divuw(<u32>rs1(ip), <u32>rs2(ip))); ip += 32; continue;
        case OP_REMW: setRdWord(ip, remw(<i32>rs1(ip), <i32>rs2(ip))); ip += 32; continue;
        case OP_REMUW: setRdWord(ip, remuw(<u32>rs1(ip), <u32>rs2(ip))); ip += 32; continue;
        case OP_FADD_D: {
          const result = double(ip, RS1) + double(ip, RS2);
          if (!isInexactToNearest() || isHugeDouble(result)) break;
          setRd(ip, reinterpret<u64>(result));
          ip += 32;
          continue;
        }
        case OP_FSUB_D: {
          const result = double(ip, RS1) - double(ip, RS2);
          if (!isInexactToNearest() || isHugeDouble(result)) break;
          setRd(ip, reinterpret<u64>(result));
          ip += 32;
          continue;
        }
        case OP_FMUL_D: {
          const result = double(ip, RS1) * double(ip, RS2);
          if (!isInexactToNearest() || isExtremeDouble(result)) break;
          setRd(ip, reinterpret<u64>(result));
          ip += 32;
          continue;
        }
        case OP_FDIV_D: {
          const result = double(ip, RS1) / double(ip, RS2);
          if (!isInexactToNearest() || isExtremeDouble(result)) break;
          setRd(ip, reinterpret<u64>(result));
          ip += 32;
          continue;
        }
        case OP_FADD_S: {
          if (!isBoxed(rs1(ip) & rs2(ip))) break;
          const result = single(ip, RS1) + single(ip, RS2);
          if (!isInexactToNearest() || isHugeSingle(result)) break;
          setRd(ip, BOX | <u64>reinterpret<u32>(result));
          ip += 32;
          continue;
        }
        case OP_FSUB_S: {
          if (!isBoxed(rs1(ip) & rs2(ip))) break;
          const result = single(ip, RS1) - single(ip, RS2);
          if (!isInexactToNearest() || isHugeSingle(result)) break;
          setRd(ip, BOX | <u64>reinterpret<u32>(result));
          ip += 32;
          continue;
        }
        case OP_FMUL_S: {
          if (!isBoxed(rs1(ip) & rs2(ip))) break;
          const result = single(ip, RS1) * single(ip, RS2);
          if (!isInexactToNearest() || isExtremeSingle(result)) break;
          setRd(ip, BOX | <u64>reinterpret<u32>(result));
          ip += 32;
          continue;
        }
        case OP_FDIV_S: {
          if (!isBoxed(rs1(ip) & rs2(ip))) break;
          const result = single(ip, RS1) / single(ip, RS2);
          if (!isInexactToNearest() || isExtremeSingle(result)) break;
          setRd(ip, BOX | <u64>reinterpret<u32>(result));
          ip += 32;
          continue;
        }
        case OP_FSQRT_D: {
          const result = sqrt(double(ip, RS1));
          if (!isInexactToNearest() || isExtremeDouble(result)) break;
          setRd(ip, reinterpret<u64>(result));
          ip += 32;
          continue;
        }
        case OP_FMADD_D: {
          const result = fmaToNearest(double(ip, RS1), double(ip, RS2), double(ip, RS3));
          if (!isInexactToNearest() || result != result) break;
          setRd(ip, reinterpret<u64>(result));
          ip += 32;
          continue;
        }
        case OP_FMSUB_D: {
          const result = fmaToNearest(double(ip, RS1), double(ip, RS2), -double(ip, RS3));
          if (!isInexactToNearest() || result != result) break;
          setRd(ip, reinterpret<u64>(result));
          ip += 32;
          continue;
        }
        case OP_FNMSUB_D: {
          const result = fmaToNearest(-double(ip, RS1), double(ip, RS2), double(ip, RS3));
          if (!isInexactToNearest() || result != result) break;
          setRd(ip, reinterpret<u64>(result));
          ip += 32;
          continue;
        }
        case OP_FNMADD_D: {
          const result = fmaToNearest(-double(ip, RS1), double(ip, RS2), -double(ip, RS3));
          if (!isInexactToNearest() || result != result) break;
          setRd(ip, reinterpret<u64>(result));
          ip += 32;
          continue;
        }
        case OP_FEQ_D: {
          const a = double(ip, RS1);
          const b = double(ip, RS2);
          if (a != a || b != b) break;
          setRd(ip, u64(a == b));
          ip += 32;
          continue;
        }
        case OP_FLT_D: {
          const a = double(ip, RS1);
          const b = double(ip, RS2);
          if (a != a || b != b) break;
          setRd(ip, u64(a < b));
          ip += 32;
          continue;
        }
        case OP_FLE_D: {
          const a = double(ip, RS1);
          const b = double(ip, RS2);
          if (a != a || b != b) break;
          setRd(ip, u64(a <= b));
          ip += 32;
          continue;
        }
        case OP_FCVT_D_W: setRd(ip, reinterpret<u64>(<f64><i32>rs1(ip))); ip += 32; continue;
        case OP_FCVT_D_L:
          if (!isInexactToNearest()) break;
          setRd(ip, reinterpret<u64>(<f64><i64>rs1(ip)));
          ip += 32;
          continue;
        case OP_FCVT_W_D: {
          const a = double(ip, RS1);
          if (!isInexact() || !(abs(a) < 2147483648.0)) break;
          setRdWord(ip, <i32>a);
          ip += 32;
          continue;
        }
        case OP_FCVT_L_D: {
          const a = double(ip, RS1);
          if (!isInexact() || !(abs(a) < 9223372036854775808.0)) break;
          setRd(ip, <u64><i64>a);
          ip += 32;
          continue;
        }
        case OP_FCVT_S_D: {
          const result = <f32>double(ip, RS1);
          if (!isInexactToNearest() || isExtremeSingle(result)) break;
          setRd(ip, BOX | <u64>reinterpret<u32>(result));
          ip += 32;
          continue;
        }
        case OP_FCVT_D_S: {
          const result = <f64>single(ip, RS1);
          if (!isBoxed(rs1(ip)) || isHugeDouble(result)) break;
          setRd(ip, reinterpret<u64>(result));
          ip += 32;
          continue;
        }
        case OP_FNEG_D: setRd(ip, rs1(ip) ^ SIGN); ip += 32; continue;
        case OP_FABS_D: setRd(ip, rs1(ip) & ~SIGN); ip += 32; continue;
        case OP_J: ip += near(ip); continue;
        default: break;
      }
      if (target != NO_TARGET) break;

      const pc = pcOf(ip, code, page);
      const epoch = fetchEpoch;
      fuel++;
      writePc(pc);
      setRetired(end - fuel);
      const outcome = step(ip);
      if (outcome == STEP_DECODED) continue;
      if (outcome == STEP_ECALL) return STOP_ECALL;
      if (outcome == STEP_FAULT) return STOP_FAULT;
      if (outcome == STEP_CROSSING) {
        ip = CROSSING;
        code = CROSSING_PAGE;
        continue;
      }
      target = pc;
      if (outcome == STEP_PAGE_END) break;
      fuel--;
      target = pc + outcome;
      if (epoch != fetchEpoch) break; // this very code may have changed
      target = NO_TARGET;
      ip += outcome << 3;
    }
  }
}

// @ts-ignore: decorator
@inline
function pcOf(ip: usize, code: usize, page: u64): u64 {
  return page + <u64>((ip - code) >> 3);
}

// @ts-ignore: decorator
@inline
function rs1(ip: usize): u64 {
  return load<u64>(<usize>load<u16>(ip, RS1), REGISTERS);
}

// @ts-ignore: decorator
@inline
function rs2(ip: usize): u64 {
  return load<u64>(<usize>load<u16>(ip, RS2), REGISTERS);
}

// @ts-ignore: decorator
@inline
function imm(ip: usize): u64 {
  return load<u64>(ip, IMM);
}

// @ts-ignore: decorator
@inline
function setRd(ip: usize, value: u64): void {
  store<u64>(<usize>load<u16>(ip, RD), value, REGISTERS);
}

// @ts-ignore: decorator
@inline
function setRdWord(ip: usize, value: i32): void {
  store<i64>(<usize>load<u16>(ip, RD), <i64>value, REGISTERS);
}

// @ts-ignore: decorator
@inline
function double(ip: usize, field: usize): f64 {
  return load<f64>(<usize>load<u16>(ip + field), REGISTERS);
}

// @ts-ignore: decorator
@inline
function single(ip: usize, field: usize): f32 {
  return load<f32>(<usize>load<u16>(ip + field), REGISTERS);
}

/** How far a taken near branch moves. */
// @ts-ignore: decorator
@inline
function near(ip: usize): usize {
  return load<usize>(ip, IMM);
}

/** The page offset of the instruction behind a linking jump. */
// @ts-ignore: decorator
@inline
function link(ip: usize): u64 {
  return <u64>load<u16>(ip, RS2);
}

/** Whether the TLB lacks the page, or va is not aligned: `low` has the bits that alignment clears. */
// @ts-ignore: decorator
@inline
function readMisses(va: u64, low: u64): bool {
  return load<u64>(<usize>(va >> TLB_SHIFT) & TLB_MASK, READ_TLB) != (va & (TLB_PAGE | low));
}

// @ts-ignore: decorator
@inline
function writeMisses(va: u64, low: u64): bool {
  return load<u64>(<usize>(va >> TLB_SHIFT) & TLB_MASK, WRITE_TLB) != (va & (TLB_PAGE | low));
}

// @ts-ignore: decorator
@inline
function readHost(va: u64): usize {
  return <usize>va + <usize>load<u32>(<usize>(va >> TLB_SHIFT) & TLB_MASK, READ_TLB + TLB_ADDEND);
}

// @ts-ignore: decorator
@inline
function writeHost(va: u64): usize {
  return <usize>va + <usize>load<u32>(<usize>(va >> TLB_SHIFT) & TLB_MASK, WRITE_TLB + TLB_ADDEND);
}
