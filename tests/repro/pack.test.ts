// SPDX-License-Identifier: MIT
// Packed modules: in every WASI runtime they print what a replay here prints, byte for byte, and notice when they have been changed.

import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { Wasmer } from "@wasmer/sdk";
import { BadInputError } from "../../host/core/errors.ts";
import type { ImageEntry } from "../../host/core/image.ts";
import { hashBytes } from "../../host/core/pack/hash.ts";
import { withScript } from "../../host/core/pack/module.ts";
import { pack } from "../../host/core/pack/pack.ts";
import { ScriptRecorder } from "../../host/core/pack/recorder.ts";
import { parse } from "../../host/core/repro/parse.ts";
import { Replay } from "../../host/core/repro/replay.ts";
import { guestEntries, sampleImage } from "../../host/node/image/image.ts";
import { playerBytes } from "../../host/node/package-files.ts";
import { runInNode } from "../../host/node/runtimes.ts";
import { SCRIPT_FAILURE, SCRIPT_HEADER_SIZE, SCRIPT_RECORD_SIZE } from "../../kernel/abi/script.ts";
import { kernel, ROOT } from "../support/kernel.ts";

const FOLDER = `${ROOT}fixtures/reproductions`;
const files = readdirSync(FOLDER).filter((name) => name.endsWith(".repro"));
const place = mkdtempSync(join(tmpdir(), "spawnlab-pack-"));
const wasmer = new Wasmer();
afterAll(async () => {
  rmSync(place, { recursive: true });
  await wasmer.close();
});

function packed(name: string) {
  const reproduction = parse(readFileSync(`${FOLDER}/${name}`, "utf8"), name);
  const entries: ImageEntry[] = reproduction.lines.some((line) => line.kind === "header" && line.key === "image") ? [...guestEntries(sampleImage())] : [];
  return pack(reproduction, name, entries, kernel(), playerBytes());
}

async function inNode(module: Uint8Array): Promise<{ output: string; status: number }> {
  const path = join(place, "output");
  const fd = openSync(path, "w");
  try {
    const status = await runInNode(module, fd);
    return { output: readFileSync(path, "utf8"), status };
  } finally {
    closeSync(fd);
  }
}

async function inWasmer(module: Uint8Array): Promise<{ output: string; status: number }> {
  const sandbox = await wasmer.sandboxes.create({ packages: [await wasmer.packages.load(module)] });
  try {
    const { stdout, exitCode } = await sandbox.command("main").run({ check: false });
    return { output: stdout.text(), status: exitCode };
  } finally {
    await sandbox.close();
  }
}

describe.each(files)("%s", (name) => {
  it("prints the same in Node's WASI and in Wasmer's", { timeout: 60_000 }, async () => {
    const { module, output } = packed(name);
    expect(output).toMatch(/ steps, all as expected\n$/);
    expect(await inNode(module)).toEqual({ output, status: 0 });
    expect(await inWasmer(module)).toEqual({ output, status: 0 });
  });
});

describe("a packed module", () => {
  const [name] = files as [string];

  it("is smaller than 1 MiB with the sample image", () => {
    expect(packed(name).module.length).toBeLessThan(2 ** 20);
  });

  it("says that its script is damaged", async () => {
    const { module } = packed(name);
    const start = module.length - 100_000; // in the script, which is the end of the module
    for (const at of [start, start + 33_333, start + 77_777, module.length - SCRIPT_RECORD_SIZE]) {
      const damaged = Uint8Array.from(module);
      damaged[at]! ^= 1;
      expect(await inNode(damaged)).toEqual({ output: "spawnlab: the packed script is damaged: its checksum is another\n", status: 125 });
    }
  });

  it("says what gives something else, and ends there", async () => {
    const recorder = new ScriptRecorder();
    const replay = new Replay({ ...kernel(), observer: recorder }, parse("spawnlab-repro 1\na: getpid()\n", "x"), { where: "x", image: () => [] });
    recorder.print("begins\n");
    recorder.onFailure("fails\n");
    replay.step();
    recorder.print("not reached\n");
    const script = recorder.finish(0);
    script[behindFailure(script) + 16]! ^= 1; // the result of the first call of the step
    new DataView(script.buffer).setBigUint64(16, checksum(script.subarray(SCRIPT_HEADER_SIZE)), true);
    expect(await inNode(withScript(playerBytes(), script))).toEqual({ output: "begins\nfails\n", status: 120 });
  });

  it("cannot be made of another module", () => {
    expect(() => withScript(readFileSync(`${ROOT}build/kernel.wasm`), new Uint8Array(1))).toThrow(BadInputError);
  });
});

/** Where the record behind the FAILURE record is. */
function behindFailure(script: Uint8Array): number {
  const view = new DataView(script.buffer);
  let at = SCRIPT_HEADER_SIZE;
  while (view.getUint32(at, true) !== SCRIPT_FAILURE) at += SCRIPT_RECORD_SIZE + view.getUint32(at + 4, true);
  return at + SCRIPT_RECORD_SIZE + view.getUint32(at + 4, true);
}

/** Short scripts only. */
function checksum(records: Uint8Array): bigint {
  expect(records.length).toBeLessThan(65536);
  return hashBytes(0n, records);
}
