// SPDX-License-Identifier: MIT
// Runs a packed module in a WASI runtime of this computer: Node's own, or Wasmer's (wasmer-js). Its standard output goes to ours.

import { BadInputError, LimitReachedError } from "../core/errors.ts";

export const RUNTIMES = ["native", "node-wasi", "wasmer"] as const;
export type Runtime = (typeof RUNTIMES)[number];

/** The module's exit status. */
export async function runPacked(module: Uint8Array, runtime: Exclude<Runtime, "native">): Promise<number> {
  return runtime === "wasmer" ? runInWasmer(module) : runInNode(module);
}

async function runInNode(module: Uint8Array): Promise<number> {
  process.removeAllListeners("warning"); // "WASI is an experimental feature": whoever asked for it knows
  const { WASI } = await import("node:wasi");
  const wasi = new WASI({ version: "preview1", returnOnExit: true });
  return wasi.start(new WebAssembly.Instance(new WebAssembly.Module(module), wasi.getImportObject() as WebAssembly.Imports));
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
