// SPDX-License-Identifier: MIT
// asc transform for kernel/state.ts and kernel/memory/dirty.ts, so that nobody has to remember either while writing the kernel:
// saveVariables() and loadVariables() get a store or a load for every module variable without the decorator @derived, and each store,
// memory.copy and memory.fill marks the pages that it writes. Stores to fields are still calls of setters here; the calls are marked.

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
    const functions = Array.from({ length: module.getNumFunctions() }, (_, index) => module.getFunctionByIndex(index))
      .map((ref) => ({ ref, ...this.binaryen.getFunctionInfo(ref) }));
    const setters = new Set(functions.filter((info) => this.#isSetter(info)).map(({ name }) => name));
    for (const { ref, name, body } of functions) {
      if (setters.has(name)) continue;
      const areStoresMarked = !UNMARKED.some((prefix) => name.startsWith(prefix));
      new Marker(this.binaryen, module, ref, setters, areStoresMarked).mark(body);
    }
  }

  /** What the compiler makes for a field: one store to the object, its first argument. */
  #isSetter({ name, body }) {
    const { binaryen } = this;
    if (!name.includes("#set:") || binaryen.getExpressionId(body) !== binaryen.StoreId) return false;
    const { ptr } = binaryen.getExpressionInfo(body);
    return binaryen.getExpressionId(ptr) === binaryen.LocalGetId && binaryen.getExpressionInfo(ptr).index === 0;
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
}

/**
 * Puts marks into one function. An object lies in one page (kernel/memory/heap.ts), so the first of its fields that is set is marked for
 * all that are set after it through the same local, on every path; marks are taken away only while the kernel does not run.
 */
class Marker {
  #binaryen;
  #module;
  #ref;
  #setters;
  #areStoresMarked;
  /** Locals that hold an object whose page is marked. */
  #marked = new Set();

  constructor(binaryen, module, ref, setters, areStoresMarked) {
    this.#binaryen = binaryen;
    this.#module = module;
    this.#ref = ref;
    this.#setters = setters;
    this.#areStoresMarked = areStoresMarked;
  }

  mark(expression) {
    if (expression === 0) return;
    const b = this.#binaryen;
    const id = b.getExpressionId(expression);
    if (id === b.NopId || id === b.UnreachableId) return; // getExpressionInfo does not know them
    const info = b.getExpressionInfo(expression);
    if (id === b.CallId && this.#setters.has(info.target)) return this.#markSetter(expression, info.operands);
    this.#markChildren(info);
    if (id === b.LocalSetId) this.#marked.delete(info.index);
    if (!this.#areStoresMarked) return;
    if (id === b.StoreId) b.Store.setPtr(expression, this.#markStore(info.ptr, info.offset));
    if (id === b.MemoryCopyId || id === b.MemoryFillId) this.#markRange(expression, info);
  }

  /** What is marked in a part that may be left early, or not be entered, does not count behind it. */
  #markChildren(info) {
    const b = this.#binaryen;
    if (info.id === b.IfId) {
      this.mark(info.condition);
      this.#apart(() => this.mark(info.ifTrue));
      this.#apart(() => this.mark(info.ifFalse));
    } else if (info.id === b.LoopId || (info.id === b.BlockId && info.name)) {
      this.#apart(() => childrenOf(b, info).forEach((child) => this.mark(child)));
    } else {
      childrenOf(b, info).forEach((child) => this.mark(child));
    }
  }

  #apart(mark) {
    const before = new Set(this.#marked);
    mark();
    this.#marked = new Set([...this.#marked].filter((local) => before.has(local)));
  }

  #markSetter(call, [object, value]) {
    const b = this.#binaryen;
    const local = b.getExpressionId(object) === b.LocalGetId ? b.getExpressionInfo(object).index : undefined;
    this.mark(object);
    const isMarked = this.#marked.has(local);
    if (local !== undefined) this.#marked.add(local);
    this.mark(value); // may set the local
    if (!isMarked) b.Call.setOperandAt(call, 0, this.#markStore(object, 0));
  }

  #markStore(address, offset) {
    return this.#module.call(MARK_STORE, [address, this.#module.i32.const(offset)], this.#binaryen.i32);
  }

  #markRange(expression, info) {
    const b = this.#binaryen;
    const kind = info.id === b.MemoryCopyId ? b.MemoryCopy : b.MemoryFill;
    const start = b._BinaryenFunctionAddVar(this.#ref, b.i32);
    kind.setDest(expression, this.#module.local.tee(start, info.dest, b.i32));
    kind.setSize(expression, this.#module.call(MARK_RANGE, [this.#module.local.get(start, b.i32), info.size], b.i32));
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
