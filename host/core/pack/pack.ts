// SPDX-License-Identifier: MIT
// A reproduction, its image and the kernel as one WASI command: replays once while a script is written, and puts the script into
// player.wasm. What the module prints is what `spawnlab repro run` prints, and a last line with the verdict, without which nothing is
// proven: some runtimes succeed with empty output.

import type { ImageEntry } from "../image.ts";
import type { KernelModule } from "../kernel-module.ts";
import { Replay } from "../repro/replay.ts";
import { report, verdict } from "../repro/report.ts";
import type { Reproduction } from "../repro/syntax.ts";
import { withScript } from "./module.ts";
import { ScriptRecorder } from "./recorder.ts";

export interface Packed {
  readonly module: Uint8Array;
  /** What it prints. */
  readonly output: string;
}

const EXIT_MISMATCH = 120;

/** @throws BadInputError for a reproduction that cannot be replayed */
export function pack(reproduction: Reproduction, where: string, entries: readonly ImageEntry[], kernel: KernelModule, player: Uint8Array): Packed {
  const recorder = new ScriptRecorder();
  const replay = new Replay({ ...kernel, observer: recorder }, reproduction, { where, image: () => entries });
  let output = "";
  const print = (text: string): void => {
    output += text;
    recorder.print(text);
  };
  const results = [];
  recorder.onFailure(`${where}: the machine does not start as it did when this was packed\n`);
  for (const { text, result } of report(reproduction, replay)) {
    print(`${text}\n`);
    if (result) results.push(result);
    recorder.onFailure(`${where}: the step after this one gives something else than when this was packed\n`);
  }
  print(`${where}: ${verdict(results)}\n`);
  return { module: withScript(player, recorder.finish(results.every(({ holds }) => holds) ? 0 : EXIT_MISMATCH)), output };
}
