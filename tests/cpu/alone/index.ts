// SPDX-License-Identifier: MIT
// AssemblyScript. The hart compiled without the rest of the kernel, over flat-memory.ts in place of the address spaces: what the
// tests in tests/cpu drive. hart-alone.ts builds it.

import { retireEcall, run } from "../../../kernel/cpu/hart.ts";
import { retired, setTimeOffset } from "../../../kernel/cpu/counters.ts";
import { REGISTERS, clearRegisters, clearReservation, readPc, writePc } from "../../../kernel/cpu/registers.ts";
import { expand } from "../../../kernel/cpu/compressed.ts";
import { dropAllCode, dropCode, hasCode } from "../../../kernel/memory/code-cache.ts";
import { flushTlb } from "../../../kernel/memory/tlb.ts";
import { faultAddress, faultCode, faultSignal, map, protect, translate, unmap } from "../../../kernel/memory/translate.ts";

// asc does not know `export ... from` with a file extension.
export {
  clearRegisters, clearReservation, dropAllCode, dropCode, expand, faultAddress, faultCode, faultSignal, flushTlb, hasCode, map,
  protect, readPc, REGISTERS, retired, retireEcall, run, setTimeOffset, translate, unmap, writePc,
};
