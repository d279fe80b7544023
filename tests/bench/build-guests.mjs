// SPDX-License-Identifier: MIT
// Builds what the benchmarks run: guest/*.c for riscv64, and the sample programs natively, to compare with.

import { fileURLToPath } from "node:url";
import { buildPrograms } from "../../scripts/build-programs.mjs";

const guests = fileURLToPath(new URL("guest", import.meta.url));
// The checksums must not depend on the compiler's choice to fuse; sqrt is an instruction, not a call that sets errno.
await buildPrograms({ from: guests, to: "bench", flags: ["-O2", "-ffp-contract=off", "-fno-math-errno"] });
await buildPrograms({ native: true, names: ["spawnbench", "minimal"] });
await buildPrograms({ native: true, from: guests, to: "bench", names: ["growth", "throughput"] });
