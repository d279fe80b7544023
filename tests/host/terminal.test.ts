// SPDX-License-Identifier: MIT
// The command line on a terminal: whole lines as long as the guest wants them, single keys when a shell's line editor asks for
// them, Ctrl-C to the foreground, and a terminal that is left as it was found.

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
});
