// SPDX-License-Identifier: MIT
// The sample programs of fixtures/programs: the tools print inside the kernel what they print natively on the same files, and
// agent, report and spawnbench show on the sample image what they were written to show.

import { execFileSync, spawnSync } from "node:child_process";
import { beforeAll, describe, expect, it } from "vitest";
import { guestEntries, sampleImage } from "../../host/node/image/image.ts";
import { ROOT } from "../support/kernel.ts";
import { runProgram, type RunOptions, type RunResult } from "../support/program.ts";

const PROJECT = `${ROOT}fixtures/images/sample/srv/project`;
const canRunNatively = process.platform === "linux" && ["x64", "arm64"].includes(process.arch);

function runOnSample(program: string, args: readonly string[], options: RunOptions = {}): RunResult {
  return runProgram(program, { entries: [...guestEntries(sampleImage())], cwd: "/srv/project", args, ...options });
}

describe.skipIf(!canRunNatively)("a tool prints in the kernel what it prints natively", () => {
  beforeAll(() => void execFileSync(process.execPath, ["scripts/build-programs.mjs", "--native"], { cwd: ROOT }), 120_000);

  it.each<{ tool: string; args: string[]; stdin?: string; env?: string[] }>([
    { tool: "true", args: [] },
    { tool: "false", args: [] },
    { tool: "echo", args: ["two", "words"] },
    { tool: "echo", args: ["-n", "no newline"] },
    { tool: "cat", args: ["README.md", "notes.txt"] },
    { tool: "cat", args: ["-", "release"], stdin: "from stdin\n" },
    { tool: "cat", args: ["missing", "README.md", "src"] },
    { tool: "grep", args: ["-n", "TODO", "src/tiles.c"] },
    { tool: "grep", args: ["-c", "a", "README.md", "notes.txt"] },
    { tool: "grep", args: ["-iv", "^[a-z]*T", "notes.txt"] },
    { tool: "grep", args: ["pr.*ess$", "notes.txt"] },
    { tool: "grep", args: ["nowhere", "notes.txt"] },
    { tool: "grep", args: ["x", "missing", "notes.txt"] },
    { tool: "head", args: ["-n", "2", "README.md", "notes.txt"] },
    { tool: "head", args: ["-n1"], stdin: "one\ntwo\n" },
    { tool: "wc", args: ["README.md", "src/tiles.c"] },
    { tool: "wc", args: ["-w"], stdin: "some  words\there" },
    { tool: "ls", args: [] },
    { tool: "ls", args: ["-a", "src"] },
    { tool: "ls", args: ["missing", "README.md", "src"] },
    { tool: "env", args: ["B=2", "A=3"], env: ["A=1", "C="] },
    { tool: "env", args: ["-i", "X=y"], env: ["A=1"] },
    { tool: "env", args: ["nonesuch"], env: ["PATH=/nowhere"] },
    { tool: "sleep", args: ["0.01"] },
    { tool: "sleep", args: ["soon"] },
  ])("$tool $args", ({ tool, args, stdin = "", env = [] }) => {
    const variables = Object.fromEntries(env.map((entry) => [entry.slice(0, entry.indexOf("=")), entry.slice(entry.indexOf("=") + 1)]));
    const native = spawnSync(`${ROOT}build/programs/native/${tool}`, args, { cwd: PROJECT, input: stdin, env: variables, encoding: "utf8" });
    const { stdout, stderr, status } = runOnSample(tool, args, { stdin, env });

    expect({ stdout, stderr, status }).toEqual({ stdout: native.stdout, stderr: native.stderr, status: native.status });
  });
});

/** "tool: started by, exit" for each line of agent's table, which has fixed columns. */
function agentRows(stdout: string): string[] {
  const rows = stdout.split("\n").filter((line) => /^ *\d+ {2}\w/.test(line));
  return rows.map((row) => `${row.slice(4, 12).trim()}: ${row.slice(40, 66).trim()}, ${row.slice(71, 77).trim()}`);
}

describe("on the sample image", () => {
  it("agent starts most tools by template, renews a stale one, and falls back for a script", () => {
    const { stdout, stderr, status } = runOnSample("agent", []);

    expect({ stderr, status }).toEqual({ stderr: "", status: 0 });
    expect(agentRows(stdout)).toEqual([
      "wc: new template, 0",
      "grep: new template, 0",
      "grep: template, 0",
      "grep: template, 127", // its input is missing
      "wc: template, 0",
      "wc: renewed template (ESTALE), 0",
      "release: fork+exec (ENOEXEC), 0",
      "lint: not started (ENOENT), ",
      "report: new template, 0",
    ]);
    expect(stdout).toContain("updating wc: opening it for writing ETXTBSY, renaming a new file over it succeeds");
    expect(stdout).toContain("9 calls: 7 by template (4 templates made), 1 by fork+exec, 1 not started");
  });

  it.each([
    { profile: "rfc-v1", shows: "an exit status that is not shifted", rows: { 3: "grep: template, sig127" } },
    { profile: "patch-06", shows: "no staleness", rows: { 3: "grep: template, sig127", 5: "wc: template, 0" } },
    { profile: "patch-06", shows: "a script without its name", rows: { 6: "release: new template, 1" } },
  ] as const)("agent under $profile shows $shows", ({ profile, rows }) => {
    const seen = agentRows(runOnSample("agent", [], { profile }).stdout);
    expect(seen).toHaveLength(9);
    for (const [index, row] of Object.entries(rows)) expect(seen[Number(index)]).toBe(row);
  });

  it("a tool that agent starts is born with three descriptors and without agent's ignored signal", () => {
    const { stdout } = runOnSample("agent", []);
    const born = stdout.slice(stdout.indexOf("what report was born with"));

    expect(born.match(/fd \d+ .*/g)).toEqual([
      'fd 0 access=r cloexec=0 nonblock=0 append=0 "/dev/null"',
      expect.stringMatching(/^fd 1 access=w cloexec=0 nonblock=0 append=0 "pipe:\[\d+\]"$/),
      expect.stringMatching(/^fd 2 access=w cloexec=0 nonblock=0 append=0 "pipe:\[\d+\]"$/),
    ]);
    expect(born).toContain("signals blocked none");
    expect(born).toContain("signals ignored none");
  });

  it("report says how it was started", () => {
    const { stdout, status } = runOnSample("report", ["argv", "env", "ids", "process"], { env: ["A=1", 'B=x"y'], uid: 1000, gid: 1000 });

    expect(status).toBe(0);
    for (const line of ['argv[0] "/bin/report"', "argv count=5", 'env[1] "B=x\\"y"', "uid real=1000 effective=1000 saved=1000", "pid 1",
      'cwd "/srv/project"', 'exe "/bin/report"', 'comm "report"', "umask 0022", "nice 0"]) {
      expect(stdout.split("\n")).toContain(line);
    }
  });

  it("spawnbench measures four methods in five shapes", () => {
    const { stdout, stderr, status } = runOnSample("spawnbench", ["-n", "16"]);
    const rows = stdout.split("\n").filter((line) => /^\S.* [1-8](x\d+)? +16 /.test(line));

    expect({ stderr, status }).toEqual({ stderr: "", status: 0 });
    expect(rows).toHaveLength(20);
    for (const row of rows) expect(row).toMatch(/ 16 +\d+ +\d+ +\d+$/); // ns, spawns per second, instructions
  });

  it.each(["fork", "vfork", "posix_spawn", "template"])("spawnbench -m %s is quiet", (method) => {
    const { stdout, stderr, status } = runOnSample("spawnbench", ["-m", method, "-n", "3", "/bin/true"]);
    expect({ stdout, stderr, status }).toEqual({ stdout: "", stderr: "", status: 0 });
  });
});
