// SPDX-License-Identifier: MIT
// The machine as it is at a step: what is shown is true, and looking changes nothing.

import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { O_NONBLOCK, O_WRONLY } from "../../kernel/abi/fcntl.ts";
import { SIGINT, SIGPIPE, SIGUSR1, SIGUSR2 } from "../../kernel/abi/signal.ts";
import { SYS_NANOSLEEP } from "../../kernel/abi/syscalls.ts";
import { difference, inspectionText, tasksOf, type TaskView } from "../../host/core/inspection.ts";
import { parse, VERSION_LINE } from "../../host/core/repro/parse.ts";
import { Replay } from "../../host/core/repro/replay.ts";
import { guestEntries, sampleImage } from "../../host/node/image/image.ts";
import { spawnlab } from "../support/cli.ts";
import { kernel, ROOT } from "../support/kernel.ts";

const FOLDER = `${ROOT}fixtures/reproductions`;
const sample = [...guestEntries(sampleImage())];
const image = (name: string) => (name === "sample" ? sample : []);

function replayOf(text: string): Replay {
  return new Replay(kernel(), parse(text, "x"), { where: "x", image });
}

/** The tasks after these lines, by pid. */
function after(...lines: string[]): Map<number, TaskView> {
  const replay = replayOf([VERSION_LINE, ...lines, ""].join("\n"));
  while (replay.step() !== undefined);
  return new Map(tasksOf(replay.machine).map((task) => [task.tid, task]));
}

const bit = (signal: number) => 1n << BigInt(signal - 1);

it.each(readdirSync(FOLDER).filter((name) => name.endsWith(".repro")))("looking at %s after each step changes nothing", (name) => {
  const text = readFileSync(`${FOLDER}/${name}`, "utf8");
  const replay = replayOf(text);
  const seen = [];
  for (let result = replay.step(); result !== undefined; result = replay.step()) {
    seen.push(result.actual);
    const before = { usage: replay.machine.usage(), broken: replay.machine.checkInvariants() };
    const shown = inspectionText(tasksOf(replay.machine));
    expect(inspectionText(tasksOf(replay.machine))).toEqual(shown);
    expect({ usage: replay.machine.usage(), broken: replay.machine.checkInvariants() }).toEqual(before);
  }
  expect(seen).toEqual(replay.steps.map(({ expectation }) => expectation));
});

describe("a task's view", () => {
  it("has its ids, directory, masks and dispositions", () => {
    const task = after(
      "a: chdir(\"/proc\")", "a: umask(077)", "a: rt_sigaction(SIGPIPE, {handler: 1})", "a: rt_sigaction(SIGUSR1, {handler: 0x20000})",
      "a: rt_sigprocmask(SIG_BLOCK, [SIGUSR2, SIGINT])", "a: kill(1, SIGUSR2)", "a: setresuid(5, 6, 7)",
    ).get(1)!;
    expect(task).toMatchObject({ tid: 1, pid: 1, ppid: 0, group: 1, session: 1, isActor: true, uid: 5, euid: 6, cwd: "/proc", umask: 0o077 });
    expect(task.signals).toEqual({ blocked: bit(SIGINT) | bit(SIGUSR2), pending: bit(SIGUSR2), ignored: bit(SIGPIPE), handled: bit(SIGUSR1) });
  });

  it("has its descriptors with flags, position and what they are open on", () => {
    const { files } = after(
      'file "/dir/a b" 0644 text "12345"', 'a: f = openat(AT_FDCWD, "/dir/a b", O_RDONLY|O_CLOEXEC)', "a: read(f, &_, 4)",
      "a: pipe2(&[r, w], O_NONBLOCK)", 'a: unlinkat(AT_FDCWD, "/dir/a b")',
    ).get(1)!;
    expect(files.map(({ fd }) => fd)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(files[3]).toEqual({ fd: 3, isCloseOnExec: true, flags: 0o100000, position: 4n, name: "/dir/a b (deleted)" });
    expect(files[5]).toMatchObject({ fd: 5, isCloseOnExec: false, flags: O_WRONLY | O_NONBLOCK, name: expect.stringMatching(/^pipe:\[\d+\]$/) });
  });

  it("says what it sleeps in, and until when", () => {
    const { call, state } = after("a: nanosleep(5ms)").get(1)!;
    expect({ state, number: call?.number }).toEqual({ state: "S", number: SYS_NANOSLEEP });
    expect(call?.deadlineNs).toBeGreaterThanOrEqual(5_000_000n);
  });

  it("shows a template with its file, the credentials that made it, who denies writing, and whether the file has changed", () => {
    const made = ["image sample", 'a: t = spawn_template_create({filename: "/bin/true"})'];
    const template = (...more: string[]) => after(...made, ...more).get(1)!.files.find(({ fd }) => fd === 3)!.template;
    expect(template()).toMatchObject({ executable: "/bin/true", mode: 0o100755, writeDenials: 1, isUnchanged: true });
    expect(template()?.credentials).toBe(after(...made).get(1)!.credentials);
    expect(template('a: spawn_template_create({filename: "/bin/true"})')?.writeDenials).toBe(2);
    expect(template('a: fchmodat(AT_FDCWD, "/bin/true", 0700)')).toMatchObject({ mode: 0o100700, isUnchanged: false });
  });

  it("tells equal credentials from the same", () => {
    const lines = ["a: t = clone(CLONE_VM|CLONE_FS|CLONE_FILES|CLONE_SIGHAND|CLONE_THREAD)", "a: b = fork()"];
    const tasks = after(...lines);
    expect(tasks.get(2)).toMatchObject({ tid: 2, pid: 1, credentials: tasks.get(1)!.credentials });
    expect(tasks.get(3)!.credentials).not.toBe(tasks.get(1)!.credentials);
    expect(after(...lines, "t: setuid(0)").get(2)!.credentials).not.toBe(tasks.get(1)!.credentials);
  });

  it("knows the dead that nobody has waited for", () => {
    const tasks = after("a: b = fork()", "b: exit_group(3)");
    expect(tasks.get(2)).toMatchObject({ state: "Z", ppid: 1, files: [] });
  });
});

describe("as text", () => {
  it("is the tree of processes, threads first, each with what it has", () => {
    const lines = ["a: t = clone(CLONE_VM|CLONE_FS|CLONE_FILES|CLONE_SIGHAND|CLONE_THREAD)", "a: b = fork()", "a: close_range(0, 9)", "b: exit_group(0)"];
    const text = inspectionText([...after(...lines).values()]);
    expect(text).toEqual([
      'process 1 "" R, an actor between two calls', "  uid 0 gid 0 credentials #1, group 1, session 1", "  cwd /, umask 0022",
      '  thread 2 "" R, an actor between two calls', "    uid 0 gid 0 credentials #1, group 1, session 1", "    cwd /, umask 0022",
      '  process 3 "" Z, waits to be reaped', "    uid 0 gid 0 credentials #2, group 1, session 1",
    ]);
  });

  it("shows who waits for whom in a spawn whose child sleeps in an action", () => {
    const { stdout } = spawnlab(["repro", "show", `${FOLDER}/vfork-parent.repro`, "--at", "4"]);
    expect(stdout).toContain('process 2 "" D, in spawn_template_spawn, for process 3 to execute or die\n');
    expect(stdout).toContain('process 3 "" S, template\'s child, in action 0 of /fifo\n');
    expect(stdout).toMatch(/template of \/bin\/true \(inode \d+, \d+ bytes, mode 0755\), unchanged, made by credentials #2, 1 deny writing\n/);
  });

  it("shows what is different between two steps", () => {
    expect(difference(["a", "b", "c"], ["a", "c", "d"])).toEqual(["- b", "+ d"]);
    const { stdout } = spawnlab(["repro", "show", `${FOLDER}/deny-write.repro`, "--at", "1", "--diff", "4"]);
    expect(stdout.split("\n").slice(2)).toEqual(["+   fd 4 r /bin/true", ""]);
  });

  it("knows no step after the last", () => {
    expect(spawnlab(["repro", "show", `${FOLDER}/deny-write.repro`, "--at", "99"])).toMatchObject({ status: 125, stderr: expect.stringContaining("expected a step up to 12, found 99") });
  });
});
