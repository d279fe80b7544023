// SPDX-License-Identifier: MIT
// The few globals that host/core uses and that every engine has (WebAssembly JavaScript Interface, Encoding Standard).
// They are declared here so that neither the DOM's nor Node's types are in sight of host/core.

declare namespace WebAssembly {
  type ImportExportKind = "function" | "global" | "memory" | "table" | "tag";
  type Imports = Record<string, Record<string, Function>>;

  function compile(bytes: Uint8Array): Promise<Module>;

  class Module {
    constructor(bytes: Uint8Array);
    static exports(module: Module): { name: string; kind: ImportExportKind }[];
    static imports(module: Module): { module: string; name: string; kind: ImportExportKind }[];
  }
  class Instance {
    constructor(module: Module, imports?: Imports);
    readonly exports: Record<string, unknown>;
  }
  class Global {
    value: any;
  }
  class Memory {
    readonly buffer: ArrayBuffer;
  }
  class RuntimeError extends Error {}
  class CompileError extends Error {}
}

declare class TextEncoder {
  encode(text?: string): Uint8Array<ArrayBuffer>;
}

declare class TextDecoder {
  constructor(label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean });
  decode(bytes?: Uint8Array): string;
}

/** HTML Standard, "Base64 utility methods"; one character for each byte. */
declare function atob(base64: string): string;
