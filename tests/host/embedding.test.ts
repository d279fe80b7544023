// SPDX-License-Identifier: MIT
// The README's example of embedding runs as it stands there.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, it } from "vitest";
import { ROOT } from "../support/kernel.ts";

it("the README's embedding example runs and prints what cat was given", () => {
  const readme = readFileSync(`${ROOT}README.md`, "utf8");
  const example = /## Embedding[\s\S]*?```js\n([\s\S]*?)```/.exec(readme)?.[1] ?? "";
  const place = mkdtempSync(join(tmpdir(), "spawnlab-embedding-"));
  try {
    const built = pathToFileURL(`${ROOT}build/host/core/index.js`).href;
    expect(example).toContain('from "spawnlab"');
    writeFileSync(join(place, "example.mjs"), example.replace('"spawnlab"', JSON.stringify(built)));
    const output = execFileSync(process.execPath, [join(place, "example.mjs")], { cwd: ROOT, encoding: "utf8" });
    expect(output).toMatch(/^meow\n\{ kind: 'exited', code: 0, raw: 0 \} [1-9]\d*\n$/);
  } finally {
    rmSync(place, { recursive: true });
  }
});
