// SPDX-License-Identifier: MIT
// The page that signal handlers return to (riscv64 has no SA_RESTORER; Linux has these instructions in the vdso). One frame,
// mapped into every program.

import { allocPromisedFrame, PAGE_SIZE } from "../memory/frames.ts";
import { PageSource } from "../memory/page-source.ts";

const LI_A7_RT_SIGRETURN: u32 = 0x08b00893; // addi a7, zero, 139
const ECALL: u32 = 0x00000073;

class Trampoline extends PageSource {
  private frame: usize = 0;

  page(index: u64, forWrite: bool): usize {
    if (index != 0) return 0;
    if (this.frame == 0) {
      this.frame = allocPromisedFrame();
      memory.fill(this.frame, 0, PAGE_SIZE);
      store<u32>(this.frame, LI_A7_RT_SIGRETURN);
      store<u32>(this.frame, ECALL, 4);
    }
    return this.frame;
  }
}

const shared = new Trampoline();

/** The trampoline's page (borrowed). */
export function trampoline(): PageSource {
  return shared;
}
