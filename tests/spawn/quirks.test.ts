// SPDX-License-Identifier: MIT
// Each quirk in a minimal scenario, on and off, alone; and which quirks each profile has. A finding that shows with a quirk on
// and vanishes with it off is the best explanation a reviewer can get.

import { describe, expect, it } from "vitest";
import { profileQuirks } from "../../host/core/profiles.ts";
import { file, type ImageEntry } from "../../host/core/image.ts";
import { PT_LOAD } from "../../kernel/abi/elf.ts";
import { EACCES, EAGAIN, EINVAL, ENOEXEC, ENXIO, ESTALE } from "../../kernel/abi/errno.ts";
import { AT_FDCWD, F_GETFL, O_LARGEFILE, O_NONBLOCK, O_PATH, O_RDONLY, O_RDWR, O_WRONLY } from "../../kernel/abi/fcntl.ts";
import * as quirks from "../../kernel/abi/quirks.ts";
import {
  CLD_EXITED, CLD_KILLED, SA_RESTART, SIGCHLD, SIGCONT, SIGKILL, SIGSEGV, SIGSTOP, SIGTERM, SIGUSR1,
} from "../../kernel/abi/signal.ts";
import {
  SYS_CHDIR, SYS_CLONE, SYS_FCHMODAT, SYS_FCNTL, SYS_KILL, SYS_NANOSLEEP, SYS_OPENAT, SYS_RENAMEAT2, SYS_RT_SIGACTION, SYS_TRUNCATE,
} from "../../kernel/abi/syscalls.ts";
import { WEXITED, WNOWAIT } from "../../kernel/abi/wait.ts";
import { expectResult, type TestActor } from "../support/actor.ts";
import { boot } from "../support/boot.ts";
import { born, bornProgram } from "../support/born.ts";
import { codeSegment, elf, exitCode, exits } from "../support/elf-builder.ts";
import {
  create, defaultAction, exited, maskAction, openAction, spawn, spawnAndWait, startSpawn, template, waitFor, waitidView,
} from "../support/spawn-calls.ts";
import { action, HANDLER, SIG_IGN, sigaction, timespec } from "../support/structs.ts";

const ALL_SIGNALS = Array.from({ length: 64 }, (_, index) => index + 1);

const entries: ImageEntry[] = [
  file("/bin/tool", exits(7), 0o755),
  file("/bin/tool.new", exits(8), 0o755),
  file("/bin/born", bornProgram, 0o755),
  file("/bin/broken", brokenImage(), 0o755),
  file("/bin/script", `#!/bin/born\n${" ".repeat(100)}`, 0o755),
  file("/bin/garbage", "no handler knows this".repeat(20), 0o755),
  { path: "fifo", mode: 0o010666 },
];

/** One segment's address and offset disagree: mapping it fails, past the point of no return. */
function brokenImage(): Buffer {
  const bad = { type: PT_LOAD, address: 0x90123, offset: 0x456, data: Buffer.alloc(8) };
  return elf({ segments: [codeSegment(exitCode(0)), bad] });
}

function start(quirk: number, options: { isLeakExpected?: boolean } = {}) {
  const test = boot({ quirks: quirk, entries, ...options });
  const init = test.actor();
  const caller = test.actor();
  return { test, init, caller };
}

/** A spawn whose child sleeps in its first action; pid 3. */
function sleeping(quirk: number, prepare?: (caller: TestActor) => readonly Uint8Array[]) {
  const { test, init, caller } = start(quirk);
  const first = prepare?.(caller) ?? [];
  const { call } = startSpawn(caller, template(caller, "/bin/tool"), { actions: [...first, openAction(caller, 0, "/fifo", O_RDONLY)] });
  test.settle();
  return { test, init, caller, call, release: () => init.close(init.open("/fifo", O_RDWR)) };
}

interface Scenario {
  readonly quirk: keyof typeof quirks;
  /** What is looked at. */
  readonly what: string;
  readonly run: (quirk: number) => unknown;
  readonly off: unknown;
  readonly on: unknown;
}

const failingWith = (path: string, mode = O_RDONLY) => (quirk: number) => {
  const { caller } = start(quirk);
  return spawnAndWait(caller, "/bin/tool", { actions: [openAction(caller, 0, path, mode)] });
};

const scenarios: Scenario[] = [
  { quirk: "QUIRK_UNSHIFTED_EXIT", what: "the wait status of ENOENT", run: failingWith("/missing"), off: 127 << 8, on: 0x007f },
  {
    quirk: "QUIRK_UNSHIFTED_EXIT",
    what: "the wait status of ENOEXEC",
    run: (quirk) => spawnAndWait(start(quirk | quirks.QUIRK_NO_ELF_CACHE).caller, "/bin/garbage"),
    off: 126 << 8,
    on: 0x007e,
  },
  { quirk: "QUIRK_UNSHIFTED_EXIT", what: "the wait status of another failure", run: failingWith("/bin/tool/x"), off: 1 << 8, on: 0x0001 },
  {
    quirk: "QUIRK_UNSHIFTED_EXIT",
    what: "waitid's view",
    run: (quirk) => {
      const { caller } = start(quirk);
      const pid = spawn(caller, template(caller, "/bin/tool"), { actions: [openAction(caller, 0, "/missing", O_RDONLY)] });
      return waitidView(caller, pid, WEXITED | WNOWAIT);
    },
    off: { code: CLD_EXITED, status: 127 },
    on: { code: CLD_KILLED, status: 127 },
  },
  {
    quirk: "QUIRK_UNSHIFTED_EXIT",
    what: "the exit status of a program that ran",
    run: (quirk) => spawnAndWait(start(quirk).caller, "/bin/tool"),
    off: exited(7),
    on: exited(7),
  },
  {
    quirk: "QUIRK_UNSHIFTED_EXIT",
    what: "that the child is reaped, although 0x007f reads as stopped",
    run: (quirk) => {
      const { test, caller } = start(quirk);
      spawnAndWait(caller, "/bin/tool", { actions: [openAction(caller, 0, "/missing", O_RDONLY)] });
      return test.usage().tasks;
    },
    off: 2,
    on: 2,
  },
  {
    quirk: "QUIRK_VFORK_KILL_FREES_CONTEXT",
    what: "what the kernel finds when the caller is killed in its sleep",
    run: (quirk) => {
      const { test, init, caller, release } = sleeping(quirk);
      init.must(SYS_KILL, caller.pid, SIGKILL);
      init.wait(caller.pid);
      release();
      test.settle();
      const findings = test.takeFindings();
      for (const { text } of findings) for (const word of ["allocated", "freed", "used"]) expect(text).toContain(word);
      return { findings: findings.map(({ kind }) => kind), child: init.wait(3) };
    },
    off: { findings: [], child: exited(7) },
    on: { findings: ["use-after-free"], child: SIGKILL },
  },
  {
    quirk: "QUIRK_VFORK_KILL_FREES_CONTEXT",
    what: "what the kernel finds when nobody is killed",
    run: (quirk) => {
      const { test, caller, call, release } = sleeping(quirk);
      release();
      return { findings: test.takeFindings(), child: caller.wait(call.result()) };
    },
    off: { findings: [], child: exited(7) },
    on: { findings: [], child: exited(7) },
  },
  {
    quirk: "QUIRK_SIGDEFAULT_SKIPS_64",
    what: "the signals that stay ignored after SIGDEFAULT of 1 to 64",
    run: (quirk) => {
      const { test, caller } = start(quirk);
      for (const signal of [1, 63, 64]) caller.must(SYS_RT_SIGACTION, signal, sigaction(SIG_IGN), null, 8);
      const pid = spawn(caller, template(caller, "/bin/born"), { actions: [defaultAction(caller, ...ALL_SIGNALS)] });
      test.settle();
      return born(test, pid).ignored;
    },
    off: [],
    on: [64],
  },
  ...restartScenarios(),
  {
    quirk: "QUIRK_EMPTY_COMM",
    what: "comm and AT_EXECFN",
    run: (quirk) => {
      const { test, caller } = start(quirk);
      const pid = spawn(caller, template(caller, "/bin/born"));
      test.settle();
      const { comm, execfn } = born(test, pid);
      return [comm, execfn];
    },
    off: ["born", "/bin/born"],
    on: ["", ""],
  },
  ...["bin/tool", ""].map((path): Scenario => ({
    quirk: "QUIRK_RELATIVE_PATH_LEAK",
    what: `what is left of the rejected path "${path}"`,
    run: (quirk) => {
      const { test, caller } = start(quirk, { isLeakExpected: true });
      for (let i = 0; i < 3; i++) expectResult(create(caller, path), -EINVAL);
      test.machine.powerOff();
      return { strings: test.usage().leakedStrings, report: test.machine.leakReport() };
    },
    off: { strings: 0, report: "" },
    on: { strings: 3, report: "frames: 3\n" },
  })),
  {
    quirk: "QUIRK_RELATIVE_PATH_LEAK",
    what: "what is left of an absolute path that fails",
    run: (quirk) => {
      const { test, caller } = start(quirk);
      create(caller, "/missing");
      return test.usage().leakedStrings;
    },
    off: 0,
    on: 0,
  },
  {
    quirk: "QUIRK_COARSE_CTIME",
    what: "a chmod to the same mode in the tick of the template's creation",
    run: (quirk) => {
      const { caller } = start(quirk);
      const fd = template(caller, "/bin/tool");
      caller.must(SYS_FCHMODAT, AT_FDCWD, "/bin/tool", 0o755);
      return spawn(caller, fd);
    },
    off: -ESTALE,
    on: 3,
  },
  {
    quirk: "QUIRK_COARSE_CTIME",
    what: "a chmod to the same mode a tick later",
    run: (quirk) => {
      const { caller } = start(quirk);
      const fd = template(caller, "/bin/tool");
      caller.must(SYS_NANOSLEEP, timespec(4_000_000), null);
      caller.must(SYS_FCHMODAT, AT_FDCWD, "/bin/tool", 0o755);
      return spawn(caller, fd);
    },
    off: -ESTALE,
    on: -ESTALE,
  },
  {
    quirk: "QUIRK_DEFERRED_RELEASE",
    what: "opening a FIFO for writing without a reader, after the list has closed the only one",
    run: (quirk) => {
      const { caller } = start(quirk);
      const list = [
        openAction(caller, 9, "/fifo", O_RDWR), action.close(9), openAction(caller, 9, "/fifo", O_WRONLY | O_NONBLOCK),
      ];
      return spawnAndWait(caller, "/bin/tool", { actions: list });
    },
    off: exited(1),
    on: exited(7),
  },
  ...(["DUP2", "OPEN", "CLOSE_RANGE"] as const).map((by): Scenario => ({
    quirk: "QUIRK_DEFERRED_RELEASE",
    what: `the same, closed by ${by}`,
    run: (quirk) => {
      const { caller } = start(quirk);
      const close = { DUP2: action.dup2(0, 9), OPEN: openAction(caller, 9, "/bin/tool", O_RDONLY), CLOSE_RANGE: action.closeRange(9, 20) }[by];
      const list = [openAction(caller, 9, "/fifo", O_RDWR), close, openAction(caller, 9, "/fifo", O_WRONLY | O_NONBLOCK)];
      return spawnAndWait(caller, "/bin/tool", { actions: list });
    },
    off: exited(1),
    on: exited(7),
  })),
  {
    quirk: "QUIRK_DEFERRED_RELEASE",
    what: "that the new program has released them",
    run: (quirk) => {
      const { test, init, caller } = start(quirk);
      spawn(caller, template(caller, "/bin/born"), { actions: [openAction(caller, 9, "/fifo", O_RDWR), action.close(9)] });
      test.settle();
      return init.call(SYS_OPENAT, AT_FDCWD, "/fifo", O_WRONLY | O_NONBLOCK);
    },
    off: -ENXIO,
    on: -ENXIO,
  },
  {
    quirk: "QUIRK_STALE_PIDFD_VALUE",
    what: "the caller's int after EAGAIN at the task limit",
    run: (quirk) => {
      const { caller } = start(quirk);
      const fd = template(caller, "/bin/tool");
      while (caller.call(SYS_CLONE, SIGCHLD, 0, 0, 0, 0) > 0);
      const { call, pidfd } = startSpawn(caller, fd);
      expectResult(call.result(), -EAGAIN);
      return { value: pidfd(), isOpen: caller.call(SYS_FCNTL, 4, F_GETFL) >= 0 };
    },
    off: { value: -1, isOpen: false },
    on: { value: 4, isOpen: false },
  },
  {
    quirk: "QUIRK_UNREADABLE_EXECFD_WARNS",
    what: "the findings of three creations with access mode 3",
    run: (quirk) => {
      const { test, caller } = start(quirk);
      const execfd = caller.open("/bin/tool", 3);
      for (let i = 0; i < 3; i++) expectResult(create(caller, { execfd }), -EINVAL);
      return test.takeFindings().map(({ kind }) => kind);
    },
    off: [],
    on: ["warning"],
  },
  {
    quirk: "QUIRK_FAILURE_CODE_PAST_NO_RETURN",
    what: "the wait status of an image that cannot be mapped",
    run: (quirk) => spawnAndWait(start(quirk).caller, "/bin/broken"),
    off: SIGSEGV,
    on: exited(1),
  },
  {
    quirk: "QUIRK_OPEN_WITHOUT_LARGEFILE",
    what: "F_GETFL of what OPEN opened",
    run: (quirk) => {
      const { test, caller } = start(quirk);
      const pid = spawn(caller, template(caller, "/bin/born"), { actions: [openAction(caller, 0, "/bin/tool", O_RDONLY)] });
      test.settle();
      return born(test, pid).flags.get(0);
    },
    off: O_LARGEFILE,
    on: 0,
  },
  {
    quirk: "QUIRK_OPEN_WITHOUT_LARGEFILE",
    what: "OPEN of a file over 2 GiB",
    run: (quirk) => {
      const { test, caller } = start(quirk);
      test.machine.writeFile("/large", "");
      caller.must(SYS_TRUNCATE, "/large", 2 ** 31);
      return spawnAndWait(caller, "/bin/tool", { actions: [openAction(caller, 0, "/large", O_RDONLY)] });
    },
    off: exited(7),
    on: exited(1),
  },
  {
    quirk: "QUIRK_OPEN_WITHOUT_LARGEFILE",
    what: "OPEN of a file over 2 GiB that asks for O_LARGEFILE itself, or for O_PATH",
    run: (quirk) => {
      const { test, caller } = start(quirk);
      test.machine.writeFile("/large", "");
      caller.must(SYS_TRUNCATE, "/large", 2 ** 31);
      const list = [openAction(caller, 0, "/large", O_LARGEFILE), openAction(caller, 0, "/large", O_PATH)];
      return spawnAndWait(caller, "/bin/tool", { actions: list });
    },
    off: exited(7),
    on: exited(7),
  },
  {
    quirk: "QUIRK_NEWFD_MINUS_ONE_REJECTED",
    what: "CLOSE_RANGE up to -1",
    run: (quirk) => {
      const { caller } = start(quirk);
      return spawn(caller, template(caller, "/bin/tool"), { actions: [action.closeRange(3, -1)] });
    },
    off: 3,
    on: -EINVAL,
  },
  {
    quirk: "QUIRK_RELATIVE_PATHS_ACCEPTED",
    what: "a relative path, the empty one and one that starts with a dot",
    run: (quirk) => {
      const { caller } = start(quirk);
      caller.must(SYS_CHDIR, "/bin");
      return ["tool", "", "./tool", "../bin/tool"].map((path) => create(caller, path));
    },
    off: [-EINVAL, -EINVAL, -EINVAL, -EINVAL],
    on: [3, -EACCES, 4, 5],
  },
  {
    quirk: "QUIRK_NO_STALE_CHECK",
    what: "a spawn after a package update, which runs the pinned file",
    run: (quirk) => {
      const { caller } = start(quirk);
      const fd = template(caller, "/bin/tool");
      caller.must(SYS_RENAMEAT2, AT_FDCWD, "/bin/tool.new", AT_FDCWD, "/bin/tool", 0);
      const pid = spawn(caller, fd);
      return pid < 0 ? pid : waitFor(caller, pid);
    },
    off: -ESTALE,
    on: exited(7),
  },
  {
    quirk: "QUIRK_NO_STALE_CHECK",
    what: "a spawn after chmod 000",
    run: (quirk) => {
      const { caller } = start(quirk);
      const fd = template(caller, "/bin/tool");
      caller.must(SYS_FCHMODAT, AT_FDCWD, "/bin/tool", 0);
      const pid = spawn(caller, fd);
      return pid < 0 ? pid : waitFor(caller, pid);
    },
    off: -ESTALE,
    on: exited(7),
  },
  {
    quirk: "QUIRK_NO_ELF_CACHE",
    what: "a file that no handler knows",
    run: (quirk) => createAndSpawn(quirk, "/bin/garbage"),
    off: -ENOEXEC,
    on: exited(126),
  },
  {
    quirk: "QUIRK_NO_ELF_CACHE",
    what: "the arguments of a script's interpreter",
    run: (quirk) => scriptArguments(quirk),
    off: -ENOEXEC,
    on: ["/bin/born", "/bin/script", "more"],
  },
  {
    quirk: "QUIRK_NO_ELF_CACHE",
    what: "the arguments of a script's interpreter, together with empty-comm",
    run: (quirk) => scriptArguments(quirk | quirks.QUIRK_EMPTY_COMM),
    off: -ENOEXEC,
    on: ["/bin/born", "", "more"],
  },
  {
    quirk: "QUIRK_NO_ELF_CACHE",
    what: "an execfd of access mode 3: it is only read in the child",
    run: (quirk) => {
      const { caller } = start(quirk);
      const fd = create(caller, { execfd: caller.open("/bin/tool", 3) });
      return fd < 0 ? fd : waitFor(caller, spawn(caller, fd));
    },
    off: -EINVAL,
    on: exited(1),
  },
];

/** A signal while an OPEN sleeps: does the action go on, and how does the child end? */
function restartScenarios(): Scenario[] {
  const scenario = (what: string, signal: number, prepare: (caller: TestActor) => readonly Uint8Array[], off: number, on: number): Scenario => ({
    quirk: "QUIRK_ACTIONS_NOT_RESTARTED",
    what: `the child's end when ${what} arrives while an OPEN sleeps`,
    run: (quirk) => {
      const { test, init, caller, call, release } = sleeping(quirk, prepare);
      init.must(SYS_KILL, 3, signal);
      test.settle();
      if (signal === SIGSTOP && !call.isDone) init.must(SYS_KILL, 3, SIGCONT);
      test.settle();
      if (!call.isDone) release();
      return caller.wait(call.result());
    },
    off,
    on,
  });
  const handler = (flags: number) => (caller: TestActor) => (caller.must(SYS_RT_SIGACTION, SIGUSR1, sigaction(HANDLER, flags), null, 8), []);
  const ignore = (caller: TestActor) => (caller.must(SYS_RT_SIGACTION, SIGUSR1, sigaction(SIG_IGN), null, 8), []);
  const maskAll = (caller: TestActor) => [...handler(0)(caller), maskAction(caller, ...ALL_SIGNALS)];
  return [
    scenario("a handled signal", SIGUSR1, handler(0), SIGUSR1, exited(1)),
    scenario("a handled signal with SA_RESTART", SIGUSR1, handler(SA_RESTART), SIGUSR1, exited(1)),
    scenario("a stop and a continuation", SIGSTOP, () => [], exited(7), exited(1)),
    scenario("an ignored signal", SIGUSR1, ignore, exited(7), exited(7)),
    scenario("a handled signal that SIGMASK blocks", SIGUSR1, maskAll, exited(7), exited(7)),
    scenario("a stop and a continuation after SIGMASK of everything", SIGSTOP, maskAll, exited(7), exited(1)),
    scenario("a fatal signal", SIGTERM, () => [], SIGTERM, SIGTERM),
  ];
}

function createAndSpawn(quirk: number, path: string): number {
  const { caller } = start(quirk);
  const fd = create(caller, path);
  return fd < 0 ? fd : waitFor(caller, spawn(caller, fd));
}

function scriptArguments(quirk: number): number | string[] {
  const { test, caller } = start(quirk);
  const fd = create(caller, "/bin/script");
  if (fd < 0) return fd;
  const pid = spawn(caller, fd, { argv: ["name", "more"] });
  test.settle();
  return born(test, pid).argv;
}

describe("a quirk, alone", () => {
  for (const { quirk, what, run, off, on } of scenarios) {
    const name = quirk.replace("QUIRK_", "").toLowerCase().replaceAll("_", "-");
    it(`${name} off: ${what}`, () => expect(run(0)).toEqual(off));
    it(`${name} on: ${what}`, () => expect(run(quirks[quirk])).toEqual(on));
  }

  it("has a scenario in which it shows", () => {
    const shown = new Set(scenarios.filter(({ off, on }) => JSON.stringify(off) !== JSON.stringify(on)).map(({ quirk }) => quirk));
    expect([...shown].sort()).toEqual(Object.keys(quirks).filter((name) => name.startsWith("QUIRK_")).sort());
  });
});

describe("a profile", () => {
  const named = (set: number) =>
    Object.entries(quirks).filter(([name, bit]) => name.startsWith("QUIRK_") && (set & bit) !== 0).map(([name]) => name);
  const alone = ["QUIRK_NEWFD_MINUS_ONE_REJECTED", "QUIRK_RELATIVE_PATHS_ACCEPTED", "QUIRK_NO_STALE_CHECK", "QUIRK_NO_ELF_CACHE"];

  it("documented has no quirk", () => expect(profileQuirks("documented")).toBe(0));

  it("rfc-v1 has the twelve of the literal series", () => {
    expect(named(profileQuirks("rfc-v1"))).toHaveLength(12);
    expect(named(profileQuirks("rfc-v1")).filter((name) => alone.includes(name))).toEqual([]);
  });

  it("patch-06 has those and the four that later patches mend", () => {
    expect(named(profileQuirks("patch-06"))).toEqual([...named(profileQuirks("rfc-v1")), ...alone]);
  });
});
