// SPDX-License-Identifier: MIT
// asc transform: with a custom runtime the compiler assumes a garbage collector and keeps a shadow stack of references in
// every function. Ours frees explicitly (kernel/memory/heap.ts), so turn the shadow stack off.

import { Transform } from "assemblyscript/transform";

export default class ExplicitMemory extends Transform {
  afterInitialize(program) {
    program.options.stackSize = 0;
    program.module.useShadowStack = false;
  }
}
