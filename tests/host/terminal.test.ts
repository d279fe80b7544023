// SPDX-License-Identifier: MIT
// The command line on a terminal: raw keys to the machine and its terminal's output back, whatever is redirected; ways to end a
// machine from there; and a terminal that is left as it was found.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { TIMEOUT_MS } from "../support/cli.ts";
import { KEY, shellOnTerminal, spawnlabOnTerminal, type TerminalSession } from "../support/terminal.ts";
import { tool } from "../support/tools.ts";

const busybox = tool("busybox");
let session: TerminalSession;
afterEach(() => session.close());

describe("on a terminal", { timeout: TIMEOUT_MS }, () => {
  it("a program reads whole lines, and Ctrl-D ends them", async () => {
    session = spawnlabOnTerminal(["run", "cat"]);
    session.type("hello\r");
    await session.waitFor("hello\r\nhello\r\n");
    session.type(KEY.ctrlD);
    expect(await session.ended()).toBe(0);
  });

  it("Ctrl-C ends a program that does not handle it", async () => {
    session = spawnlabOnTerminal(["run", "cat"]);
    session.type("hello\r");
    await session.waitFor("hello\r\nhello\r\n"); // it runs
    session.type(KEY.ctrlC);
    expect(await session.ended()).toBe(130);
  });

  it.skipIf(busybox === undefined)("an interactive shell edits its line, keeps its own job, and gives the terminal back", async () => {
    session = shellOnTerminal(`stty -g; $spawnlab run --real-time --host-file ${busybox} sh; echo status $?; stty -g`);
    const before = await session.waitFor(/^\S+\r\n/);
    await session.waitFor("/ # ");
    session.type(`echo h${KEY.backspace}hi $((2+3))\r`);
    await session.waitFor("\nhi 5\r\n");
    await session.waitFor("/ # ");
    session.type("echo begun $((1)); sleep 500\r");
    await session.waitFor("begun 1\r\n");
    session.type(KEY.ctrlC);
    await session.waitFor("/ # ");
    session.type("echo still $((40+2))\r");
    await session.waitFor("still 42\r\n");
    session.type("exit 4\r");
    await session.waitFor("status 4\r\n");
    expect(await session.waitFor(/\S+\r\n/)).toBe(before);
    expect(await session.ended()).toBe(0);
  });

  it("Ctrl-C ends a program that sleeps and reads nothing, in its own time", async () => {
    session = spawnlabOnTerminal(["run", "sh", "-c", "echo ready; sleep 500"]);
    await session.waitFor("ready\r\n");
    session.type(KEY.ctrlC);
    expect(await session.ended()).toBe(130);
  });

  it.skipIf(busybox === undefined)("Ctrl-C ends a program that waits for nothing that could come", async () => {
    session = spawnlabOnTerminal(["run", "--host-file", busybox!, "sh", "-c", "mkfifo f; echo ready $((6*7)); cat f"]);
    await session.waitFor("ready 42\r\n");
    session.type(KEY.ctrlC);
    expect(await session.ended()).toBe(130);
  });

  it.skipIf(busybox === undefined)("three Ctrl-C end a machine that does not react, and give the terminal back", async () => {
    const script = "trap '' INT; echo ready $((6*7)); while :; do :; done";
    session = shellOnTerminal(`stty -g; $spawnlab run --host-file ${busybox} sh -c "${script.replaceAll("$", "\\$")}"; echo status $?; stty -g`);
    const before = await session.waitFor(/^\S+\r\n/);
    await session.waitFor("ready 42\r\n");
    session.type(KEY.ctrlC + KEY.ctrlC + KEY.ctrlC);
    await session.waitFor("spawnlab: interrupted");
    await session.waitFor("status 130\r\n");
    expect(await session.waitFor(/\S+\r\n/)).toBe(before);
  });

  it("echo goes to the terminal although output goes to a file", async () => {
    const folder = mkdtempSync(join(tmpdir(), "spawnlab-terminal-"));
    try {
      session = shellOnTerminal(`$spawnlab run sh -c 'echo ready > /dev/tty; exec cat' > ${folder}/out 2> ${folder}/err; echo status $?; cat ${folder}/out`);
      await session.waitFor("ready\r\n");
      session.type(`hello\r${KEY.ctrlD}`);
      await session.waitFor("hello\r\n");
      await session.waitFor("status 0\r\nhello\r\n");
      expect(await session.ended()).toBe(0);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("the end of the terminal ends the machine: by its signal where the program lets it", async () => {
    session = spawnlabOnTerminal(["run", "sh", "-c", "echo ready; sleep 500"]);
    await session.waitFor("ready\r\n");
    session.hangUp();
    expect(await session.ended()).toBe(129);
  });

  it.skipIf(busybox === undefined)("the end of the terminal ends a machine that ignores it, too", async () => {
    const script = "trap '' HUP; echo ready $((6*7)); while :; do :; done";
    session = spawnlabOnTerminal(["run", "--host-file", busybox!, "sh", "-c", script]);
    await session.waitFor("ready 42\r\n");
    session.hangUp();
    expect(await session.ended()).toBe(129);
  });

  it.skipIf(busybox === undefined)("a program may react to the end of the terminal", async () => {
    const script = "trap 'exit 7' HUP; echo ready $((6*7)); while :; do sleep 0.1; done";
    session = spawnlabOnTerminal(["run", "--host-file", busybox!, "sh", "-c", script]);
    await session.waitFor("ready 42\r\n");
    session.hangUp();
    expect(await session.ended()).toBe(7);
  });
});
