// SPDX-License-Identifier: MIT
// Runs a packed module in a WASI runtime of this computer: Node's own, or Wasmer's (wasmer-js). Its standard output goes to ours.

import { BadInputError, LimitReachedError } from "../core/errors.ts";

export const RUNTIMES = ["native", "node-wasi", "wasmer"] as const;
export type Runtime = (typeof RUNTIMES)[number];

/** The module's exit status. */
export async function runPacked(module: Uint8Array, runtime: Exclude<Runtime, "native">): Promise<number> {
  return runtime === "wasmer" ? runInWasmer(module) : runInNode(module);
}

/** In Node's own WASI; `stdout` is a file descriptor. */
export async function runInNode(module: Uint8Array, stdout = 1): Promise<number> {
  process.removeAllListeners("warning"); // "WASI is an experimental feature": whoever asked for it knows
  const { WASI } = await import("node:wasi");
  const wasi = new WASI({ version: "preview1", returnOnExit: true, stdout });
  return wasi.start(new WebAssembly.Instance(new WebAssembly.Module(module), throughJavaScript(wasi.getImportObject())));
}

/** Node 20 crashes after some modules whose wasm calls its native functions directly: a JavaScript function between them helps. */
function throughJavaScript(imports: object): WebAssembly.Imports {
  const wrap = (native: Function) => (...args: unknown[]) => native(...args);
  const wrapAll = (module: Record<string, Function>) => Object.fromEntries(Object.entries(module).map(([name, native]) => [name, wrap(native)]));
  return Object.fromEntries(Object.entries(imports).map(([name, module]) => [name, wrapAll(module as Record<string, Function>)]));
}

async function runInWasmer(module: Uint8Array): Promise<number> {
  const { Wasmer } = await import("@wasmer/sdk").catch(() => {
    throw new BadInputError('--runtime wasmer: expected the package @wasmer/sdk, found none ("npm install @wasmer/sdk")');
  });
  const wasmer = new Wasmer();
  try {
    const loaded = await wasmer.packages.load(module);
    const sandbox = await wasmer.sandboxes.create({ packages: [loaded] });
    const output = await sandbox.command("main").run({ check: false });
    if (output.stdout.truncated) throw new LimitReachedError("wasmer keeps no more of the output than it has shown");
    process.stdout.write(output.stdout.bytes);
    await sandbox.close();
    return output.exitCode;
  } finally {
    await wasmer.close();
  }
}
