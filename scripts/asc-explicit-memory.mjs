// SPDX-License-Identifier: MIT
// asc transform: with a custom runtime the compiler assumes a garbage collector and keeps a shadow stack of references in
// every function. Ours frees explicitly (kernel/memory/heap.ts), so turn the shadow stack off. The runtime's own functions are
// for the compiler: they do not belong to the module's exports (kernel/index.ts).

import { Transform } from "assemblyscript/transform";

const RUNTIME = ["__alloc", "__realloc", "__free", "__new", "__renew", "__link", "__pin", "__unpin", "__collect", "__visit"];

export default class ExplicitMemory extends Transform {
  afterInitialize(program) {
    program.options.stackSize = 0;
    program.module.useShadowStack = false;
  }

  afterCompile(module) {
    for (const name of RUNTIME) module.removeExport(name);
  }
}
