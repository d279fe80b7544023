// SPDX-License-Identifier: MIT
// Recordings: a run that somebody sat at, or that was given input at any moment, replays exactly as it was.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { Random } from "../hostile/random.ts";
import { SIGINT, SIGTSTP } from "../../kernel/abi/signal.ts";
import { Machine } from "../../host/core/machine.ts";
import { parse } from "../../host/core/repro/parse.ts";
import { print } from "../../host/core/repro/print.ts";
import { Recorder } from "../../host/core/repro/record.ts";
import { Replay } from "../../host/core/repro/replay.ts";
import { guestEntries, sampleImage } from "../../host/node/image/image.ts";
import { spawnlab } from "../support/cli.ts";
import { kernel } from "../support/kernel.ts";
import { KEY, spawnlabOnTerminal } from "../support/terminal.ts";

const folder = mkdtempSync(join(tmpdir(), "spawnlab-record-"));
afterAll(() => rmSync(folder, { recursive: true }));
const image = [...guestEntries(sampleImage())];
const ON_TERMINAL = { timeout: 240_000 };

/** The steps of a recording that gave something else when they were replayed. */
function differences(text: string): string[] {
  const reproduction = parse(text, "x");
  expect(print(reproduction)).toBe(text);
  const replay = new Replay(kernel(), reproduction, { where: "x", image: () => image });
  const wrong = [];
  for (let result = replay.step(); result !== undefined; result = replay.step()) {
    if (!result.holds) wrong.push(`${result.step.line}: expected ${result.step.expectation}, found ${result.actual}`);
  }
  return wrong;
}

describe("a session at a terminal, recorded", () => {
  it("replays as it was: typing, Ctrl-C in the midst of work, a background job, another size of the window", ON_TERMINAL, async () => {
    const file = join(folder, "session.repro");
    const session = spawnlabOnTerminal(["run", "--record", file]);
    try {
      await session.waitFor("# ");
      session.type("echo one tw");
      session.type(`${KEY.backspace}${KEY.backspace}two${KEY.enter}`);
      await session.waitFor("one two\r\n");
      session.type(`cat /dev/zero >/dev/null${KEY.enter}`);
      await session.waitFor("/dev/null\r\n");
      session.type(KEY.ctrlC);
      await session.waitFor("# ");
      session.resize(100, 30);
      session.type(`sleep 0.2 && echo slept &${KEY.enter}`);
      await session.waitFor("slept\r\n");
      session.type(`wait; report signals | head -n 1; exit 7${KEY.enter}`);
      await session.waitFor("signals blocked none");
      expect(await session.ended()).toBe(7);
    } finally {
      session.close();
    }
    const text = readFileSync(file, "utf8");
    expect(text).toMatch(/^terminal stdin stdout stderr$/m);
    expect(text).toMatch(/^input "\\x03"$/m);
    expect(text).toMatch(/^resize 30 100$/m);
    expect(text).toMatch(/^tick +# exited 7$/m);
    expect(differences(text)).toEqual([]);
    expect(differences(text)).toEqual([]);
  });
});

describe("spawnlab run --record", () => {
  it("writes a file that repro run replays, and whose answers matter", () => {
    const file = join(folder, "pipe.repro");
    const recorded = spawnlab(["run", "--seed", "7", "--user", "1000", "--mount", "/srv:ro", "--record", file, "/bin/sh"], "echo hi >/srv/x\nreport ids | head -n 1\nexit 5\n");
    expect(recorded.status).toBe(5);
    const replayed = spawnlab(["repro", "run", file]);
    expect(replayed.stdout).toContain("all as expected");
    expect(replayed).toMatchObject({ status: 0, stderr: "" });
    const text = readFileSync(file, "utf8");
    expect(text).toContain("uid real=1000");
    writeFileSync(file, text.replace("exit 5", "exit 6"));
    expect(spawnlab(["repro", "run", file])).toMatchObject({ status: 120 });
    writeFileSync(file, text.replace(/^image sample \w+$/m, "image sample 0123456789ab"));
    expect(spawnlab(["repro", "run", file])).toMatchObject({ status: 125, stderr: expect.stringMatching(/made with image sample 0123456789ab, which is \w{12} by now/) });
  });

  it("puts a program of this computer into the file", () => {
    const [program, file] = [join(folder, "tool"), join(folder, "host-file.repro")];
    writeFileSync(program, image.find(({ path }) => path === "bin/sh")!.data!);
    expect(spawnlab(["run", "--record", file, "--host-file", program, "-c", "exit 9"]).status).toBe(9);
    rmSync(program);
    expect(spawnlab(["repro", "run", "-q", file])).toMatchObject({ status: 0 });
  });
});

describe("a session of random keys at random moments", () => {
  const seed = Number(process.env["FUZZ_SEED"] ?? 11);
  const runs = Number(process.env["FUZZ_RUNS"] ?? 40);
  it.each([true, false])(`replays exactly, real time: %s (${runs} sessions; FUZZ_RUNS, FUZZ_SEED=${seed})`, (isRealTime) => {
    const random = new Random(seed, "record", 0);
    for (let run = 0; run < runs; run++) {
      const text = record(random, isRealTime);
      const wrong = differences(text);
      if (wrong.length > 0) expect.fail(`session ${run}: ${wrong[0]}\n${text}`);
    }
  });
});

const TYPED = [
  "echo hi\r", "ls / | wc -l\r", "cat /dev/zero >/dev/null\r", "sleep 1 &\r", "cat\r", "sleep 0.01; echo x\r", "cat /dev/zero | head -c 100000 | wc -c\r",
  "report fds\r", "exit\r", "\x03", "\x04", "\x1a", "\x15", "x", "\x7f", "\r",
];

/** A shell's session, driven in pieces of any size. */
function record(random: Random, isRealTime: boolean): string {
  const lines: string[] = [];
  const recorder = new Recorder(["terminal stdin stdout stderr", "heap plain", `recorded ${isRealTime ? "real" : "virtual"}-time`], (line) => lines.push(line));
  const terminals = { stdin: true, stdout: true, stderr: true };
  const machine = Machine.boot(kernel(), { isRealTime, terminals, onConsole: recorder.output.put, onEvent: recorder.handle });
  recorder.attach(machine);
  machine.addEntries(image);
  machine.start({ program: "/bin/sh" });
  const actions = [
    () => machine.input(Buffer.from(TYPED[random.below(TYPED.length)]!)),
    () => machine.advanceTo(machine.now + BigInt(random.below(2_000_000_000))),
    () => machine.resize(1 + random.below(50), 1 + random.below(200)),
    () => machine.signal(random.below(2) === 0 ? SIGINT : SIGTSTP),
  ];
  for (let i = 0; i < 60; i++) {
    for (let ticks = random.below(4); ticks > 0; ticks--) if (machine.step(BigInt(1 + random.below(random.below(2) === 0 ? 500 : 100_000))) === "off") i = 60;
    if (random.below(4) > 0) actions[random.below(3) > 0 ? 0 : random.below(actions.length)]!();
  }
  machine.hangUp();
  machine.step(1_000_000n);
  recorder.end();
  return [...lines, ""].join("\n");
}
