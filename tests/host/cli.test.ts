// SPDX-License-Identifier: MIT
// The command line from end to end, as a user meets it: exit statuses, standard streams, options, signals.

import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { shell, spawnlab, startSpawnlab, TIMEOUT_MS } from "../support/cli.ts";

let place: string;
beforeEach(() => void (place = mkdtempSync(join(tmpdir(), "spawnlab-cli-"))));
afterEach(() => rmSync(place, { recursive: true }));

describe("exit status and standard streams are the program's own", () => {
  it.each([
    { args: ["true"], status: 0 },
    { args: ["false"], status: 1 },
    { args: ["cat", "/nowhere"], status: 1 },
    { args: ["/bin/true"], status: 0 },
  ])("run $args", ({ args, status }) => expect(spawnlab(["run", ...args]).status).toBe(status));

  it("passes bytes through unchanged, more of them than any buffer holds", () => {
    const bytes = Buffer.alloc(3_000_000, Uint8Array.from({ length: 256 }, (_, byte) => byte));
    const { stdout, status } = spawnlab(["run", "cat"], bytes);
    expect(status).toBe(0);
    expect(Buffer.from(stdout, "latin1").equals(bytes)).toBe(true);
  });

  it("leaves standard input alone when the program does not read it", () => {
    const { stdout } = shell(`printf 'one\\ntwo\\n' | { $spawnlab run true; cat; }`);
    expect(stdout).toBe("one\ntwo\n");
  });

  it("keeps standard output and standard error apart", () => {
    const { stdout, stderr } = spawnlab(["run", "cat", "/etc/hostname", "/nowhere"]);
    expect(stdout).toBe(readFileSync("fixtures/images/sample/etc/hostname", "utf8"));
    expect(stderr).toMatch(/nowhere/);
  });

  it("waits for input that comes late, and a reader that is slow", () => {
    expect(shell(`{ sleep 0.3; echo late; } | $spawnlab run cat`).stdout).toBe("late\n");
    expect(shell(`head -c 2000000 /dev/zero | $spawnlab run cat | { sleep 0.5; wc -c; }`).stdout.trim()).toBe("2000000");
  });

  it("ends as SIGPIPE would end it when its reader goes away", () => {
    const { stdout } = shell("{ head -c 2000000 /dev/zero | $spawnlab run cat; echo $? >&3; } 3>&1 | head -c 1 >/dev/null");
    expect(stdout).not.toBe("0\n");
    const { stderr } = shell("head -c 2000000 /dev/zero | { $spawnlab run cat; echo status $? >&2; } | head -c 1 >/dev/null");
    expect(stderr).toBe("status 141\n");
  });
});

it.each(["run echo hi", "--version", "image list fixtures/images/sample", "run --help"])("says that output cannot be written: %s", (args) => {
  expect(shell(`$spawnlab ${args} > /dev/full`)).toEqual({
    status: 125,
    stdout: "",
    stderr: "spawnlab: standard output: cannot be written (ENOSPC)\n",
  });
  expect(shell(`$spawnlab ${args} | true`)).toMatchObject({ stdout: "", stderr: "" });
});

describe("options", () => {
  it("end at PROGRAM: what follows belongs to it", () => {
    const { stdout } = spawnlab(["run", "echo", "--trace", "--trace=x", "--help", "--", "-o"]);
    expect(stdout).toBe("--trace --trace=x --help -- -o\n");
  });

  it("--env, --cwd and --user reach the program", () => {
    expect(spawnlab(["run", "--env", "A=0", "--env", "A=1", "--env", "HOME=/tmp", "env"]).stdout.split("\n").sort()).toEqual(
      ["", "A=1", "HOME=/tmp", "PATH=/usr/local/bin:/usr/bin:/bin"],
    );
    expect(spawnlab(["run", "--cwd", "/srv/project", "pwd"]).stdout).toBe("/srv/project\n");
    expect(spawnlab(["run", "--user", "1000", "ls", "/root"]).status).not.toBe(0);
    expect(spawnlab(["run", "ls", "/root"]).status).toBe(0);
  });

  it("--trace writes to standard error, --trace=FILE into a file", () => {
    const onScreen = spawnlab(["run", "--trace", "echo", "hi"]);
    expect(onScreen.stdout).toBe("hi\n");
    expect(onScreen.stderr).toContain('[pid 1] write(1, "hi", 2) = 2\n');
    expect(onScreen.stderr).toMatch(/^\[pid 1\] execve\("\/bin\/echo", \["echo", "hi"\], 0x[0-9a-f]+ \/\* 2 vars \*\/\) = 0\n/);
    expect(onScreen.stderr).toMatch(/exit_group\(0\) = \?\n\[pid 1\] \+\+\+ exited with 0 \+\+\+\n$/);

    const file = join(place, "trace");
    const toFile = spawnlab(["run", `--trace=${file}`, "echo", "hi"]);
    expect(toFile).toEqual({ status: 0, stdout: "hi\n", stderr: "" });
    expect(readFileSync(file, "utf8")).toBe(onScreen.stderr);
  });

  it("--mount makes a part of the image read-only or not executable", () => {
    const program = ["--mount", "/bin:noexec", "true"];
    expect(spawnlab(["run", ...program])).toMatchObject({ status: 126, stdout: "" });
  });

  it("time is virtual unless --real-time says otherwise", () => {
    const start = performance.now();
    expect(spawnlab(["run", "sleep", "100"]).status).toBe(0);
    expect(performance.now() - start).toBeLessThan(20_000);
    const realStart = performance.now();
    expect(spawnlab(["run", "--real-time", "sleep", "1"]).status).toBe(0);
    expect(performance.now() - realStart).toBeGreaterThan(1000);
  });

  it("runs repeat exactly, and another seed gives another run", () => {
    const random = (seed: string) => spawnlab(["run", "--seed", seed, "--trace", "head", "-n", "1", "/dev/urandom"]);
    expect(random("1").status).toBe(0);
    expect(random("1")).toEqual(random("1"));
    expect(random("1").stdout).not.toEqual(random("2").stdout);
  });

  it("--version names the kernel's build and the profiles' quirks", () => {
    const { stdout, status } = spawnlab(["--version"]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^spawnlab \d+\.\d+\.\d+\nkernel [0-9a-f]{12} \(\d+ KiB\)\n/);
    expect(stdout).toMatch(/ {2}documented \(the default\): none\n {2}rfc-v1:\n {4}unshifted-exit\n {4}vfork-kill-frees-context\n/);
  });
});

describe("signals", () => {
  it("Ctrl-C reaches the program, whose end by it shows in the status", async () => {
    const child = startSpawnlab(["run", "--trace", "cat"]);
    await once(child.stderr as NodeJS.ReadableStream, "data");
    const exit = once(child, "exit");
    child.kill("SIGINT");
    const [code] = (await exit) as [number];
    expect(code).toBe(128 + 2);
  });

  it("three Ctrl-C in quick succession end a machine that does not react", async () => {
    const program = join(place, "ignores-interrupt");
    expect(spawnlab(["cc", "tests/host/ignores-interrupt.c", "-o", program]).status).toBe(0);
    const child = startSpawnlab(["run", "--real-time", "--host-file", program]);
    await once(child.stdout as NodeJS.ReadableStream, "data");
    const exit = once(child, "exit");
    let stderr = "";
    child.stderr?.on("data", (bytes: Buffer) => (stderr += String(bytes)));
    for (let times = 0; times < 3; times++) {
      child.kill("SIGINT");
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    const [code] = (await exit) as [number];
    expect(code).toBe(130);
    expect(stderr).toBe("spawnlab: interrupted\n");
  }, TIMEOUT_MS);
});

it("cc makes a program that runs", () => {
  const { status, stderr } = spawnlab(["cc", "tests/host/hello.c", "-o", join(place, "hello"), "--", "-DGREETING=moin"]);
  expect(stderr.replace(/^spawnlab cc: building musl.*\n/, "")).toBe("");
  expect(status).toBe(0);
  expect(spawnlab(["run", "--host-file", join(place, "hello"), "you"])).toEqual({ status: 7, stdout: "moin you\n", stderr: "" });
}, TIMEOUT_MS);

it("help teaches: every command and option is described, with examples", () => {
  const { stdout, status } = spawnlab(["run", "--help"]);
  expect(status).toBe(0);
  for (const text of ["--root", "--trace=FILE", "rfc-v1", "Examples:", "Exit status:", "125 "]) expect(stdout).toContain(text);
  expect(spawnlab(["--help"]).stdout).toContain("spawnlab run --trace ls -l /");
});
