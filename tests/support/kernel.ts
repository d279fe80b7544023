// SPDX-License-Identifier: MIT
// build/kernel.wasm, compiled once for a test file. The build itself is done before any test, by tests/support/global-setup.ts.
// SPAWNLAB_KERNEL names another kernel, for trying an instrumented or an older one.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { loadKernel, type KernelModule } from "../../host/core/kernel-module.ts";

export const ROOT = fileURLToPath(new URL("../..", import.meta.url));

let loaded: KernelModule | undefined;

export function kernel(): KernelModule {
  loaded ??= loadKernel(readFileSync(process.env["SPAWNLAB_KERNEL"] ?? `${ROOT}build/kernel.wasm`));
  return loaded;
}
