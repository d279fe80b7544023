// SPDX-License-Identifier: MIT
// Minimising: a failure that is buried in many calls, actors and arguments comes out alone, and nothing more can be taken away.

import { describe, expect, it } from "vitest";
import { BadInputError } from "../../host/core/errors.ts";
import type { ImageEntry } from "../../host/core/image.ts";
import { failureOf, minimize, singleRemovals } from "../../host/core/repro/minimize.ts";
import { parse, VERSION_LINE } from "../../host/core/repro/parse.ts";
import { print } from "../../host/core/repro/print.ts";
import { Replay } from "../../host/core/repro/replay.ts";
import type { Reproduction } from "../../host/core/repro/syntax.ts";
import { guestEntries, sampleImage } from "../../host/node/image/image.ts";
import { kernel } from "../support/kernel.ts";

const sample = [...guestEntries(sampleImage())];
const image = (name: string): ImageEntry[] => (name === "sample" ? sample : []);
const replay = (candidate: Reproduction): Replay => new Replay(kernel(), candidate, { where: "x", image });
const read = (...lines: string[]): Reproduction => parse([VERSION_LINE, ...lines, ""].join("\n"), "x");

/** Calls that change much and matter to nobody: descriptors, files, processes, signals. */
function noise(count: number, actor: string): string[] {
  const calls = [
    "dup(0)", "pipe2(&[x, y], O_CLOEXEC|O_NONBLOCK)", 'write(y, "noise")', "close(x)", 'mkdirat(AT_FDCWD, "/noise", 0755)', "getpid()",
    "rt_sigprocmask(SIG_BLOCK, [SIGUSR1, SIGUSR2], &_)", "umask(022)", 'openat(AT_FDCWD, "/bin/true", O_RDONLY|O_CLOEXEC)', "setsid()",
  ];
  return Array.from({ length: count }, (_, index) => `${actor}: ${calls[(index * 7) % calls.length]}`);
}

const rows = [
  {
    failure: "a step that gives something else",
    lines: [
      ...["image sample", "seed 7", "memory 64M", 'file "/unused" 0644 text "x"', "a: b = fork()", ...noise(60, "a"), ...noise(40, "b")],
      'a: t = spawn_template_create({filename: "/bin/true", flags: SPAWN_TEMPLATE_CREATE_CLOEXEC})',
      ...noise(50, "a"),
      "b: c = fork()",
      ...noise(30, "c"),
      'a: fchmodat(AT_FDCWD, "/bin/true", 0755)',
      ...noise(14, "a"),
      'a: spawn_template_spawn(t, {pidfd: &_, argv: ["true", "x"], actions: [dup2(0, 7), close(7), close_range(3, -1, CLOSE_RANGE_CLOEXEC)]}) # 4 5',
      ...noise(20, "b"),
    ],
    smallest: [
      "image sample",
      'a: t = spawn_template_create({filename: "/bin/true"})',
      'a: fchmodat(AT_FDCWD, "/bin/true")',
      "a: spawn_template_spawn(t, {pidfd: &_})                                  # 4 5",
    ],
  },
  {
    failure: "a finding of the kernel",
    lines: [
      ...["image sample", "profile rfc-v1", ...noise(20, "init"), 'init: mknodat(AT_FDCWD, "/fifo", S_IFIFO|0600)', ...noise(30, "a")],
      'a: t = spawn_template_create({filename: "/bin/true"})',
      ...noise(30, "init"),
      'a: spawn_template_spawn(t, {pidfd: &_, argv: ["true"], actions: [sigmask([SIGINT]), open(0, "/fifo", O_RDONLY), dup2(0, 4)]})',
      ...["init: kill(2, SIGKILL)", "a: returns", ...noise(10, "init"), 'init: openat(AT_FDCWD, "/fifo", O_RDWR)', "output"],
    ],
    smallest: [
      "image sample",
      "profile rfc-v1",
      'init: mknodat(AT_FDCWD, "/fifo", S_IFIFO)',
      'a: t = spawn_template_create({filename: "/bin/true"})',
      'a: spawn_template_spawn(t, {pidfd: &_, actions: [open(0, "/fifo", O_RDONLY)]})',
      "init: kill(2, SIGKILL)",
      'init: openat(AT_FDCWD, "/fifo")',
    ],
  },
];

describe.each(rows)("$failure", ({ lines, smallest }) => {
  const whole = read(...lines);
  const result = minimize(whole, { replay });

  it("comes out alone", () => expect(print(result!).trim().split("\n").slice(1)).toEqual(smallest));

  it("fails in the same way", () => {
    expect(failureOf(replay(result!))?.failure).toBe(failureOf(replay(whole))?.failure);
  });

  it("goes away with every single removal", () => {
    const failure = failureOf(replay(result!))?.failure;
    let tried = 0;
    for (const smaller of singleRemovals(result!)) {
      expect(failureIfMade(smaller), print(smaller)).not.toBe(failure);
      tried++;
    }
    expect(tried).toBeGreaterThan(5);
  });
});

/** Undefined also for what cannot be replayed. */
function failureIfMade(candidate: Reproduction): string | undefined {
  try {
    return failureOf(replay(candidate))?.failure;
  } catch (error) {
    expect(error).toBeInstanceOf(BadInputError);
    return undefined;
  }
}

it("what does not fail cannot be made smaller", () => expect(minimize(read("a: getpid() # 1"), { replay })).toBeUndefined());
