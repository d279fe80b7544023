// SPDX-License-Identifier: MIT
// Before any test: bring build/ up to date (an unchanged tree costs a few milliseconds). SPAWNLAB_NO_BUILD=1 takes it as it is.

import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

export default function setup(): void {
  if (process.env["SPAWNLAB_NO_BUILD"] === "1") return;
  const root = fileURLToPath(new URL("../..", import.meta.url));
  execFileSync(process.execPath, ["scripts/build.mjs", "all"], { cwd: root, stdio: "inherit" });
}
