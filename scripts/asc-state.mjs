// SPDX-License-Identifier: MIT
// asc transform for kernel/state.ts and kernel/memory/dirty.ts, so that nobody has to remember either while writing the kernel:
// saveVariables() and loadVariables() get a store or a load for every module variable without the decorator @derived, and each store,
// memory.copy and memory.fill marks the pages that it writes.

import { Transform } from "assemblyscript/transform";

const STATE = "kernel/state";
const MARK_STORE = "kernel/memory/dirty/markStore";
const MARK_RANGE = "kernel/memory/dirty/markRange";
/** Who writes registers, guest pages that a write TLB entry leads to, and derived tables only (kernel/memory/dirty.ts). */
const UNMARKED = ["kernel/cpu/", "kernel/memory/tlb/", "kernel/memory/code-cache/", "kernel/memory/dirty/", "kernel/state/loadVariables", "~start"];
const MOST_VARIABLES = 512;

export default class State extends Transform {
  #derived = new Set();

  afterInitialize(program) {
    for (const [name, { declaration }] of program.elementsByName) {
      if (declaration?.decorators?.some(({ name }) => name.text === "derived")) this.#derived.add(name);
    }
  }

  afterCompile(module) {
    this.#nameVariables(module);
    for (let i = 0; i < module.getNumFunctions(); i++) {
      const ref = module.getFunctionByIndex(i);
      const { name, body } = this.binaryen.getFunctionInfo(ref);
      if (body !== 0 && !UNMARKED.some((prefix) => name.startsWith(prefix))) this.#mark(module, ref, body);
    }
  }

  /** Gives saveVariables and loadVariables their bodies. */
  #nameVariables(module) {
    const { none, i32, i64, getGlobalInfo } = this.binaryen;
    const variables = Array.from({ length: module.getNumGlobals() }, (_, index) => getGlobalInfo(module.getGlobalByIndex(index)))
      .filter(({ name, mutable }) => mutable && !this.#derived.has(name));
    if (variables.length > MOST_VARIABLES) throw new Error(`asc-state: ${variables.length} variables are too many for kernel/state.ts`);
    const other = variables.find(({ type }) => type !== i32 && type !== i64);
    if (other) throw new Error(`asc-state: ${other.name} is no integer`);

    const address = () => module.local.get(0, i32);
    const save = variables.map(({ name, type }, index) => type === i32
      ? module.i32.store(index * 8, 4, address(), module.global.get(name, type))
      : module.i64.store(index * 8, 8, address(), module.global.get(name, type)));
    const load = variables.map(({ name, type }, index) => module.global.set(name, type === i32
      ? module.i32.load(index * 8, 4, address())
      : module.i64.load(index * 8, 8, address())));
    for (const [name, body] of [["saveVariables", save], ["loadVariables", load]]) {
      module.removeFunction(`${STATE}/${name}`);
      module.addFunction(`${STATE}/${name}`, i32, none, [], module.block(null, body));
    }
  }

  #mark(module, ref, expression) {
    const { binaryen } = this;
    const id = binaryen.getExpressionId(expression);
    if (id === binaryen.NopId || id === binaryen.UnreachableId) return; // getExpressionInfo does not know them
    const info = binaryen.getExpressionInfo(expression);
    for (const child of childrenOf(binaryen, info)) if (child !== 0) this.#mark(module, ref, child);

    if (info.id === binaryen.StoreId) {
      binaryen.Store.setPtr(expression, module.call(MARK_STORE, [info.ptr, module.i32.const(info.offset)], binaryen.i32));
    } else if (info.id === binaryen.MemoryCopyId || info.id === binaryen.MemoryFillId) {
      const kind = info.id === binaryen.MemoryCopyId ? binaryen.MemoryCopy : binaryen.MemoryFill;
      const start = binaryen._BinaryenFunctionAddVar(ref, binaryen.i32);
      kind.setDest(expression, module.local.tee(start, info.dest, binaryen.i32));
      kind.setSize(expression, module.call(MARK_RANGE, [module.local.get(start, binaryen.i32), info.size], binaryen.i32));
    }
  }
}

/** The operands of an expression, 0 for those left out. */
function childrenOf(b, info) {
  switch (info.id) {
    case b.BlockId: return info.children;
    case b.IfId: return [info.condition, info.ifTrue, info.ifFalse];
    case b.LoopId: return [info.body];
    case b.BreakId: case b.SwitchId: return [info.condition, info.value];
    case b.CallId: return info.operands;
    case b.CallIndirectId: return [info.target, ...info.operands];
    case b.LocalSetId: case b.GlobalSetId: case b.UnaryId: case b.DropId: case b.ReturnId: return [info.value];
    case b.LoadId: return [info.ptr];
    case b.StoreId: return [info.ptr, info.value];
    case b.BinaryId: return [info.left, info.right];
    case b.SelectId: return [info.condition, info.ifTrue, info.ifFalse];
    case b.MemoryGrowId: return [info.delta];
    case b.MemoryCopyId: return [info.dest, info.source, info.size];
    case b.MemoryFillId: return [info.dest, info.value, info.size];
    case b.LocalGetId: case b.GlobalGetId: case b.ConstId: case b.MemorySizeId: return [];
    default: throw new Error(`asc-state: an expression of kind ${info.id}, which this transform does not know`);
  }
}
