// SPDX-License-Identifier: MIT
// The sample sh: scripts give in the kernel what they give natively (where it falls back to fork and exec) and, where sh(1p)
// decides, what this computer's own sh gives. And it does start its commands through templates, one per program file.

import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { shellStatus } from "../../host/core/exit-status.ts";
import { directory, file } from "../../host/core/image.ts";
import { guestEntries, sampleImage } from "../../host/node/image/image.ts";
import { boot, type TestBootOptions, type TestMachine } from "../support/boot.ts";
import { ROOT } from "../support/kernel.ts";
import { runProgram, sample, type RunOptions, type RunResult } from "../support/program.ts";

const NATIVE = `${ROOT}build/programs/native`;
const canRunNatively = process.platform === "linux" && ["x64", "arm64"].includes(process.arch);

interface Outcome {
  stdout: string;
  status: number | null;
}

function inKernel(script: string, options: RunOptions = {}): RunResult {
  const entries = [...guestEntries(sampleImage()), directory("/tmp/place", 0o777)];
  return runProgram("sh", { entries, cwd: "/tmp/place", env: ["PATH=/bin", "HOME=/tmp"], args: ["-c", script], ...options });
}

/** With the sample tools, in an empty directory. */
function natively(shell: string, script: string): Outcome {
  const place = mkdtempSync(join(tmpdir(), "spawnlab-sh-"));
  try {
    const { stdout, status, signal } = spawnSync(shell, ["-c", script], {
      cwd: place,
      env: { PATH: `${NATIVE}:/bin`, HOME: "/tmp" },
      encoding: "utf8",
      input: "",
      timeout: 20_000,
    });
    return { stdout, status: signal === null ? status : 128 + (signal === "SIGKILL" ? 9 : 15) };
  } finally {
    rmSync(place, { recursive: true });
  }
}

const SCRIPTS = [
  "echo one two",
  "echo one two | cat | wc -w",
  "X=1; echo $X ${X}y \"$X\" '$X' \\$X",
  'X="a  b"; echo $X "$X"',
  'X=; echo "<$X>" "" | wc -c; $X echo still',
  "X=1 env | grep ^X=; echo \"<$X>\"",
  "export X=1 Y; Y=2; env | grep '^[XY]='",
  "X=1; export X; unset X; env | grep -c ^X=",
  'sh -c \'echo "$@" $# $1 "$*"\' name "a  b" c',
  'sh -c \'shift; echo $0 $1 $#\' name a b',
  "sh -c 'echo \"$@\" | wc -c' name",
  "echo a > f; echo b >> f; cat < f; wc -l < f",
  "> empty; wc -c < empty",
  "cat missing 2> errors; echo $?; wc -l < errors",
  "cat missing 2>&1 > /dev/null | wc -l",
  "cat missing > both 2>&1; wc -l < both",
  "exec 3> f; echo three >&3; cat f",
  "echo four > f; exec 3< f; cat <&3",
  "exec > f; echo hidden; exec >&2; cat f 2>/dev/null | wc -c > g",
  "pwd > /dev/null; cd /; pwd; cd; echo $?",
  "true && echo yes || echo no",
  "false && echo yes || echo no",
  "false || false || echo $?",
  "! true; echo $?; ! false; echo $?",
  "! true | false; echo $?",
  "false | true; echo $?; true | false; echo $?",
  "(cd /; pwd; X=2); echo $X $?",
  "(exit 4); echo $?; (echo in; exit 2) | cat",
  "((echo deep) | cat; echo after) | wc -l",
  "nonesuch 2> /dev/null; echo $?",
  "> plain; ./plain 2> /dev/null; echo $?",
  "/bin 2> /dev/null; echo $?",
  "sh -c 'kill -KILL $$'; echo $?",
  "sh -c 'kill $$'; echo $?",
  "kill -KILL $$",
  "exit 7; echo never",
  "false; exit",
  "exec echo replaced; echo never",
  "exec nonesuch 2> /dev/null",
  "sleep 0.01 & wait; echo $?",
  "sh -c 'exit 3' & wait $!; echo $?",
  "(sleep 0.01; exit 5) & wait $!; echo $?",
  "false && true & wait $!; echo $?",
  "sleep 9 & kill $!; wait $!; echo $?",
  "cat & wait; echo done",
  "> b1; > b2; > a1; > .hidden; echo b* ? [ab]1 [!b]1 nope* \"b*\" \\*",
  "> x1; cd /; echo /et[c] /de*/nul[l-l]",
  "> 'a b'; > c; X='*'; echo $X \"$X\"; wc -c *",
  "umask 027; umask; > f; ls -l f | grep -c 'rw-r-----'",
  "echo 'a\nb' # comment\n# another\necho c\\\nd",
  "echo a |\n  cat &&\n  echo b",
  "echo ~ ~/x \"~\" a~",
  "echo \"q\\\"q \\\\ \\$ \" 'single \"'",
  "echo unfinished 'quote",
  ": | | :",
];

describe.skipIf(!canRunNatively)("a script gives in the kernel what it gives natively", () => {
  beforeAll(() => void execFileSync(process.execPath, ["scripts/build-programs.mjs", "--native"], { cwd: ROOT }), 120_000);

  it.each(SCRIPTS)("%j", (script) => {
    const { stdout, status } = inKernel(script);
    expect({ stdout, status }).toEqual(natively(`${NATIVE}/sh`, script));
    expect({ stdout, status }).toEqual(natively("/bin/sh", script));
  });
});

/** How often the call was made. */
function count(lines: readonly string[], call: string): number {
  return lines.filter((line) => line.includes(` ${call}(`)).length;
}

const CTRL_C = "\x03";
const CTRL_D = "\x04";
const CTRL_Z = "\x1a";

interface Session {
  readonly machine: TestMachine;
  /** Types keys; what that makes the terminal show, echo and prompts included. */
  type(keys: string): string;
  /** The shell's exit status after Ctrl-D. */
  end(): number;
}

describe("starting commands", () => {
  it("makes a template for each program, starts every command with it, and never forks", () => {
    const { stdout, machine } = inKernel("echo a | cat; echo b; /bin/echo c; hash", { isTraced: true });
    expect(stdout).toBe("a\nb\nc\n   1 /bin/cat\n   3 /bin/echo\n");
    expect(count(machine.traceLines, "spawn_template_create")).toBe(2);
    expect(count(machine.traceLines, "spawn_template_spawn")).toBe(4);
    expect(count(machine.traceLines, "clone")).toBe(0);
  });

  it("renews the template of a file that was replaced", () => {
    const { machine, type } = session({ isTraced: true });
    type("echo a\n");
    machine.machine.addEntries([file("/bin/echo", sample("echo"), 0o755)]); // a new inode
    expect(type("echo b\r")).toBe("echo b\nb\n# ");
    expect(type("echo c\r")).toBe("echo c\nc\n# ");
    expect(machine.traceLines.filter((line) => line.includes("ESTALE"))).toHaveLength(1);
    expect(count(machine.traceLines, "spawn_template_create")).toBe(2);
    expect(count(machine.traceLines, "clone")).toBe(0);
  });

  it("starts a script, which no template can, by fork and exec", () => {
    const { stdout, machine } = inKernel("/srv/project/release | head -n 1", { isTraced: true });
    expect(stdout).toBe("#!/bin/cat\n");
    expect(count(machine.traceLines, "clone")).toBe(1);
  });

  it("lets go of its templates: what they keep from writers can be written again", () => {
    const { stdout, stderr } = inKernel("echo a; : >> /bin/echo; hash -r; : >> /bin/echo; echo b");
    expect(stdout).toBe("a\nb\n");
    expect(stderr).toBe("sh: /bin/echo: ETXTBSY\n");
  });
});

describe("at a terminal", () => {
  it("prompts, also for the rest of a command that is not complete, and ends with the input", () => {
    const { machine, type, end } = session();
    expect(machine.output(0)).toBe("# ");
    expect(type("echo 'one\r")).toBe("echo 'one\n> ");
    expect(type("two'\r")).toBe("two'\none\ntwo\n# ");
    expect(type("false\r")).toBe("false\n# ");
    expect(end()).toBe(1);
    expect(machine.output(0)).toMatch(/# \r\n$/);
  });

  it("gives a new prompt for Ctrl-C, which discards what was read", () => {
    const { type } = session();
    type("echo 'one\r");
    expect(type(`more${CTRL_C}`)).toBe("more^C\n# ");
    expect(type("echo $?\r")).toBe("echo $?\n130\n# ");
  });

  it("survives the Ctrl-C that ends its command, and drops the rest of the line", () => {
    const { type } = session();
    type("cat; echo never\r");
    expect(type(CTRL_C)).toBe("^C\n# ");
    expect(type("echo $?\r")).toBe("echo $?\n130\n# ");
  });

  it("has no job control: nobody could continue what Ctrl-Z stopped, so that does nothing but forget the line", () => {
    const { type } = session();
    expect(type(`lost${CTRL_Z}`)).toBe("lost^Z");
    expect(type("echo a\r")).toBe("echo a\na\n# ");
    type("cat\r");
    expect(type(CTRL_Z)).toBe("^Z");
    expect(type("still there\r")).toBe("still there\nstill there\n");
    expect(type(CTRL_D)).toBe("# ");
  });

  it("keeps Ctrl-C from jobs in the background, and says when they are done", () => {
    const { type } = session();
    const shown = type("report signals | grep ignored &\r") + type(":\r"); // it may be done before the next prompt
    expect(shown).toContain("signals ignored SIGINT SIGQUIT");
    expect(shown).toContain("[1] Done       report signals | grep ignored\n");
  });

  it("can end a job in the background by kill", () => {
    const { type } = session();
    expect(type("cat /dev/zero | wc -c & kill %1; wait %1; echo $?\r")).toMatch(/\n143\n# $/);
  });

  it("starts commands with the signals at their defaults that it handles or ignores itself", () => {
    expect(session().type("report signals\r")).toContain("signals ignored none");
  });
});

/** An interactive sh. */
function session(options: TestBootOptions = {}): Session {
  const terminals = { stdin: true, stdout: true, stderr: true };
  const machine = boot({ ...options, entries: [...guestEntries(sampleImage())], terminals });
  const settle = (act: () => void) => {
    const before = machine.output(0).length;
    act();
    machine.settle();
    return machine.output(0).slice(before).replaceAll("\r\n", "\n");
  };
  settle(() => machine.machine.start({ program: "/bin/sh", argv: ["sh"], env: ["PATH=/bin"], cwd: "/" }));
  return {
    machine,
    type: (keys) => settle(() => void machine.machine.input(Buffer.from(keys))),
    end: () => {
      machine.machine.input(Buffer.from(CTRL_D));
      return shellStatus(machine.machine.run());
    },
  };
}
