// SPDX-License-Identifier: MIT
// Interactive sessions: a person at a terminal of this computer, Debian's busybox and bash for riscv64 in the machine. What is typed
// never looks like what is waited for: $((6*7)) is typed, 42 is shown.

import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { TIMEOUT_MS } from "../support/cli.ts";
import { KEY, spawnlabOnTerminal, type TerminalSession } from "../support/terminal.ts";
import { tool } from "../support/tools.ts";

const [busybox, bash] = [tool("busybox"), tool("bash")];
const APPLETS = ["cat", "echo", "less", "ls", "ps", "seq", "sh", "sleep", "stty", "sync", "tty", "vi", "yes", "head", "true", "mkdir", "printf"];
let tree: string;
let session: TerminalSession;

beforeAll(() => {
  tree = mkdtempSync(join(tmpdir(), "spawnlab-interactive-"));
  mkdirSync(join(tree, "bin"));
  mkdirSync(join(tree, "tmp"));
  if (bash !== undefined) copyFileSync(bash, join(tree, "bin/bash"));
  if (busybox === undefined) return;
  copyFileSync(busybox, join(tree, "bin/busybox"));
  for (const applet of APPLETS) symlinkSync("busybox", join(tree, "bin", applet));
});
afterAll(() => rmSync(tree, { recursive: true }));
afterEach(() => session.close());

/** A shell with "$ " for a prompt that has shown it. */
async function start(command: readonly string[], options: readonly string[] = []): Promise<TerminalSession> {
  session = spawnlabOnTerminal(["run", "--root", tree, "--env", "PS1=> ", "--cwd", "/tmp", ...options, ...command]);
  await session.waitFor("> ");
  return session;
}

const SHELLS = [
  { name: "busybox sh", command: ["sh"] },
  { name: "bash", command: ["bash", "--norc", "--noprofile"] },
];

describe.skipIf(busybox === undefined || bash === undefined).each(SHELLS)("$name on a terminal", { timeout: TIMEOUT_MS }, ({ name, command }) => {
  const isBash = name === "bash";

  /** Types a line and waits for the text and then the next prompt; gives what was shown up to there. */
  async function line(keys: string, expected: string | RegExp): Promise<string> {
    session.type(`${keys}\r`);
    return (await session.waitFor(expected)) + (await session.waitFor("> "));
  }

  it("prompts, runs commands, and ends with exit and its status", async () => {
    await start(command);
    await line("echo $((6*7))", "\n42\r\n");
    await line("tty; stty size", "/dev/console\r\n24 80\r\n");
    session.type("exit 3\r");
    expect(await session.ended()).toBe(3);
  });

  it("ends with Ctrl-D", async () => {
    await start(command);
    await line("false; echo $((6*7))", "\n42\r\n");
    session.type(KEY.ctrlD);
    expect(await session.ended()).toBe(0);
  });

  it("edits its line with cursor keys and control keys", async () => {
    await start(command);
    await line(`cho $((6*7))${"\x01"}e`, "\n42\r\n"); // ^A
    await line(`echo $((6*))${"\x1b[D\x1b[D"}7`, "\n42\r\n"); // cursor left
    await line(`echo x$((6*7))${"\x01\x1b[C\x1b[C\x1b[C\x1b[C\x1b[C\x04"}`, "\n42\r\n"); // cursor right, ^D deletes
    await line(`echo $((6*7))${"\x01\x05"} end`, "\n42 end\r\n"); // ^E
    await line(`echo lost words${"\x17\x17"}$((6*7))`, "\n42\r\n"); // ^W
    await line(`nonesuch${"\x15"}echo $((6*7))`, "\n42\r\n"); // ^U
    await line(`echo $((6*8${KEY.backspace}7))`, "\n42\r\n");
  });

  it("has a history", async () => {
    await start(command);
    await line("echo first $((6*7))", "\nfirst 42\r\n");
    await line("echo second $((6*8))", "\nsecond 48\r\n");
    await line(KEY.up, "\nsecond 48\r\n");
    await line(KEY.up + KEY.up + KEY.up, "\nfirst 42\r\n"); // what arrow up repeats is in the history, too
    if (isBash) await line("\x12fir", "\nfirst 42\r\n"); // ^R
  });

  it("Ctrl-C takes the line back, and ends the command in the foreground", async () => {
    await start(command);
    session.type(`echo never${KEY.ctrlC}`);
    await session.waitFor("^C");
    await session.waitFor("> ");
    await line("echo $?", "\n130\r\n");
    session.type("echo begun $((6*7)); sleep 500; echo not $((6*8))\r");
    await session.waitFor("begun 42\r\n");
    session.type(KEY.ctrlC);
    await session.waitFor("> ");
    const shown = await line("echo status $?", /\nstatus \d+\r\n/);
    expect(shown).toContain("status 130");
    expect(session.shown).not.toContain("not 48");
    session.type("yes $((6*7))\r");
    await session.waitFor("\n42\r\n");
    session.type(KEY.ctrlC);
    await session.waitFor("> ");
    await line("echo $((7*7))", "\n49\r\n");
  });

  it("Ctrl-Z stops a job, which jobs lists, bg and fg continue, and kill ends", async () => {
    await start(command);
    session.type("echo begun $((6*7)); cat\r");
    await session.waitFor("begun 42\r\n");
    session.type("one\r");
    await session.waitFor("one\r\none\r\n");
    session.type(KEY.ctrlZ);
    await session.waitFor("Stopped");
    await session.waitFor("> ");
    await line("jobs", /\[1\]\+? +\+?\s*Stopped.*cat/);
    await line("echo $((6*7))", "\n42\r\n");
    session.type("fg\r");
    await session.waitFor("cat\r\n");
    session.type("two\r");
    await session.waitFor("two\r\ntwo\r\n");
    session.type(KEY.ctrlZ);
    await session.waitFor("> ");
    await line("sleep 500 & jobs", "sleep 500"); // a second job, in the background
    await line("kill %1 %2; kill -CONT %1; wait; echo $((6*7))", "\n42\r\n");
    await line("jobs; echo $((6*8))", "\n48\r\n");
  });

  it("a job in the background that reads is stopped, and reads when it comes to the foreground", async () => {
    await start(command);
    await line("cat & sleep 0.1; echo $((6*7))", "\n42\r\n");
    await line("jobs", /Stopped(\s*\(tty input\))?\s+cat/);
    session.type("fg %1\r");
    await session.waitFor("cat\r\n");
    session.type("typed\r");
    await session.waitFor("typed\r\ntyped\r\n");
    session.type(KEY.ctrlD);
    await session.waitFor("> ");
    await line("echo $((6*7))", "\n42\r\n");
  });

  it("a job in the background that writes does so, unless the terminal says otherwise", async () => {
    await start(command);
    await line("stty tostop; echo $((6*7)) & sleep 0.1; jobs", "Stopped");
    session.type("fg\r");
    await session.waitFor("\n42\r\n");
    await session.waitFor("> ");
    await line("stty -tostop; (echo $((6*8)) &); sleep 0.1", "48\r\n");
  });

  it("follows the size of the window", async () => {
    await start(command);
    await line("stty size", "\n24 80\r\n");
    const watch = `until [ "$(stty size)" = "30 100" ]; do sleep 0.05; done; echo seen $((6*8))`;
    session.type(`(${watch}) & trap 'echo changed $((6*7))' WINCH; read -p "$((7*7))? " x\r`);
    await session.waitFor("49? ");
    session.resize(100, 30);
    await session.waitFor("seen 48\r\n");
    await line("", ""); // the shell's trap may wait for the end of read
    await line("stty size", "\n30 100\r\n");
    expect(session.shown).toContain("changed 42\r\n");
    if (isBash) await line("true; echo $COLUMNS", "\n100\r\n");
  });

  it("runs another shell with job control of its own", async () => {
    await start(command);
    await line(isBash ? "sh" : "bash --norc --noprofile", "");
    await line("echo nested $((6*7))", "nested 42\r\n");
    session.type("echo begun $((6*7)); sleep 500\r");
    await session.waitFor("begun 42\r\n");
    session.type(KEY.ctrlZ);
    await session.waitFor("Stopped");
    await session.waitFor("> ");
    session.type("echo again $((6*7)); cat\r");
    await session.waitFor("again 42\r\n");
    session.type(KEY.ctrlC);
    await session.waitFor("> ");
    await line("kill %1; fg; exit 7", /exit|sleep/);
    await line("echo back $?", /\nback \d+\r\n/);
    session.type("exit 0\r");
    expect(await session.ended()).toBe(0);
  });

  it("reads a password without showing it", async () => {
    await start(command);
    session.type("stty -echo; echo ready $((6*7)); read secret; stty echo\r");
    await session.waitFor("ready 42\r\n");
    session.type("hidden\r");
    await session.waitFor("> ");
    expect(session.shown).not.toContain("hidden");
    await line("echo $secret", "hidden\r\n");
  });
});

describe.skipIf(busybox === undefined)("full-screen programs of busybox", { timeout: TIMEOUT_MS }, () => {
  it("vi edits a file", async () => {
    await start(["sh"]);
    session.type("vi note\r");
    await session.waitFor("note");
    session.type("ihello from vi\x1b");
    await session.waitFor("hello from vi");
    session.type(":wq\r");
    await session.waitFor("> ");
    session.type("cat note; echo $((6*7))\r");
    expect(await session.waitFor("\n42\r\n")).toContain("hello from vi\r\n");
  });

  it("less shows a page, and the next, and ends with q", async () => {
    await start(["sh"]);
    session.type("seq 1 100 | less\r");
    await session.waitFor("22\r\n");
    session.type(" ");
    await session.waitFor("44\r\n");
    session.type("q");
    await session.waitFor("> ");
    session.type("echo $((6*7))\r");
    await session.waitFor("\n42\r\n");
  });
});
