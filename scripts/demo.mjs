// SPDX-License-Identifier: MIT
// What `npm start` shows: the agent sample on the sample image, and how one of its tools was started, call by call.

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const cli = join(dirname(fileURLToPath(import.meta.url)), "../build/command/spawnlab.cjs");
const place = mkdtempSync(join(tmpdir(), "spawnlab-"));
try {
  const traceFile = join(place, "trace");
  console.log("$ npx spawnlab run agent");
  spawnlab(["run", "agent"], "inherit");
  console.log("\n$ npx spawnlab run --trace agent     (from grep's template to the end of its first child)");
  spawnlab(["run", `--trace=${traceFile}`, "agent"], "ignore");
  console.log(firstSpawn(readFileSync(traceFile, "utf8").split("\n")).join("\n"));
} finally {
  rmSync(place, { recursive: true });
}

function spawnlab(args, stdout) {
  const { status } = spawnSync(process.execPath, [cli, ...args], { stdio: ["ignore", stdout, "inherit"] });
  if (status !== 0) process.exit(status ?? 1);
}

/** From the making of grep's template to the wait for its first child: what the two calls do, and what that child does. */
function firstSpawn(lines) {
  const from = lines.findIndex((line) => line.includes("spawn_template_create(") && line.includes('"/bin/grep"'));
  const length = lines.slice(from).findIndex((line) => line.includes("waitid(P_PIDFD"));
  return lines.slice(from, from + length + 1);
}
