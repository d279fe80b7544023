// SPDX-License-Identifier: MIT
// The command line on a terminal (one that script(1) makes): whole lines as long as the guest wants them, single keys when a
// shell's line editor asks for them, Ctrl-C to the foreground, and a terminal that is left as it was found.

import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { shell } from "../support/cli.ts";
import { tool } from "../support/tools.ts";

const busybox = tool("busybox");
const hasScript = process.platform === "linux" && spawnSync("script", ["--version"]).status === 0;

/** Types `keys` with pauses into a terminal in which `command` runs; what the terminal showed. */
function onTerminal(command: string, keys: readonly string[]): string {
  const typing = keys.map((key) => `sleep 1.5; printf '${key}';`).join(" ");
  const { stdout } = shell(`{ ${typing} sleep 2; } | script -qec "stty -g; ${command}; echo status \\$?; stty -g" /dev/null`);
  return stdout.replaceAll("\r", "");
}

/** The terminal's settings before and after. */
function settings(shown: string): string[] {
  return shown.split("\n").filter((line) => /^[0-9a-f]+(:[0-9a-f]+)+$/.test(line));
}

describe.skipIf(!hasScript)("on a terminal", () => {
  it("a program reads whole lines, and Ctrl-D ends them", () => {
    const shown = onTerminal("$spawnlab run cat", ["hello\\n", "\\004"]);
    expect(shown).toContain("hello\nhello\n");
    expect(shown).toContain("status 0");
  });

  it("Ctrl-C ends a program that does not handle it", () => {
    expect(onTerminal("$spawnlab run cat", ["\\003"])).toContain("status 130");
  });

  it.skipIf(busybox === undefined)("an interactive shell edits its line, keeps its own job, and gives the terminal back", () => {
    const keys = ["echo h\\177hi $((2+3))\\n", "sleep 50\\n", "\\003", "echo still here\\n", "exit 4\\n"];
    const shown = onTerminal(`$spawnlab run --real-time --host-file ${busybox} sh`, keys);
    expect(shown).toMatch(/\/ # /);
    expect(shown).toContain("\nhi 5\n");
    expect(shown).toContain("\nstill here\n");
    expect(shown).toContain("status 4");
    const [before, after, ...rest] = settings(shown);
    expect(rest).toEqual([]);
    expect(after).toBe(before);
  });
});
