// SPDX-License-Identifier: MIT
// Where decoded code comes from: finds or makes the decoded page for a pc, decodes single instructions into it at their first execution,
// and puts together those that lie across two pages.

import { codeFrame, codeOf } from "../memory/code-cache.ts";
import { PAGE_OFFSET_MASK, PAGE_SIZE } from "../memory/frames.ts";
import { CROSSING } from "../memory/layout.ts";
import { addendOf, EXEC_TLB, fillExec, isMapped } from "../memory/tlb.ts";
import { ACCESS_EXEC, translate } from "../memory/translate.ts";
import { expand } from "./compressed.ts";
import { decode } from "./decode.ts";
import { OP_CROSSING, OP_PAGE_END, RECORDS } from "./operations.ts";

const LAST_OFFSET: u32 = <u32>PAGE_SIZE - 2;

/** One record for an instruction across two pages, and an end record behind it. */
export { CROSSING };
/** The decoded page of which CROSSING would be the last record. */
export const CROSSING_PAGE: usize = CROSSING - ((RECORDS - 1) << 4);

/** The decoded page for pc, or 0 with the fault set. */
export function fetchPage(pc: u64): usize {
  if (isMapped(EXEC_TLB, pc)) return addendOf(EXEC_TLB, pc);
  const frame = translate(pc, ACCESS_EXEC);
  if (frame == 0) return 0;
  const code = codeOf(frame);
  fillExec(pc, code);
  return code;
}

/** Decodes the instruction at pc into its record. */
export function decodeRecord(record: usize, pc: u64): void {
  const offset = <u32>(pc & PAGE_OFFSET_MASK);
  const at = codeFrame(record - (offset << 3)) + offset;
  const half = load<u16>(at);
  if ((half & 3) != 3) decode(record, expand(half), 2, offset, true);
  else if (offset == LAST_OFFSET) store<u16>(record, OP_CROSSING);
  else decode(record, load<u32>(at), 4, offset, true);
}

/** Decodes the instruction across two pages at pc into CROSSING; false with the fault set. */
export function decodeCrossing(record: usize, pc: u64): bool {
  const second = fetchFrame(pc + 2);
  if (second == 0) return false;
  const low: u32 = load<u16>(codeFrame(record - (LAST_OFFSET << 3)) + LAST_OFFSET);
  decode(CROSSING, low | (<u32>load<u16>(second) << 16), 4, LAST_OFFSET, false);
  store<u16>(CROSSING, OP_PAGE_END, 32);
  return true;
}

/** Makes no decoded page: that could take away the one being executed. */
function fetchFrame(pc: u64): usize {
  if (isMapped(EXEC_TLB, pc)) return codeFrame(addendOf(EXEC_TLB, pc));
  return translate(pc, ACCESS_EXEC);
}
