// SPDX-License-Identifier: MIT
// While a template lives: who may still change the file (deny-write), what makes the template stale and what does not, and what
// the cache of headers is good for.

import { describe, expect, it } from "vitest";
import { directory, file, type ImageEntry } from "../../host/core/image.ts";
import { EACCES, ENFILE, ESTALE, ETXTBSY } from "../../kernel/abi/errno.ts";
import { AT_FDCWD, O_RDONLY, O_RDWR, O_TRUNC, O_WRONLY } from "../../kernel/abi/fcntl.ts";
import { RLIMIT_NOFILE } from "../../kernel/abi/resource.ts";
import { SIGKILL } from "../../kernel/abi/signal.ts";
import { MS_BIND, MS_NOEXEC, MS_REMOUNT, UTIME_NOW, UTIME_OMIT } from "../../kernel/abi/stat.ts";
import {
  SYS_CHROOT, SYS_DUP, SYS_EXECVE, SYS_FCHMODAT, SYS_FCHOWNAT, SYS_FTRUNCATE, SYS_KILL, SYS_LINKAT, SYS_MOUNT, SYS_NANOSLEEP, SYS_OPENAT,
  SYS_PRLIMIT64, SYS_READ, SYS_RENAMEAT2, SYS_SETRESUID, SYS_SYMLINKAT, SYS_TRUNCATE, SYS_UMOUNT2, SYS_UNLINKAT, SYS_UTIMENSAT,
} from "../../kernel/abi/syscalls.ts";
import { expectResult, type TestActor } from "../support/actor.ts";
import { boot, type TestMachine } from "../support/boot.ts";
import { bornProgram } from "../support/born.ts";
import { exits } from "../support/elf-builder.ts";
import { inProfile, PROFILES, seed } from "../support/profiles.ts";
import { create, exited, openAction, spawn, startSpawn, template, waitFor } from "../support/spawn-calls.ts";
import { pack, timespec } from "../support/structs.ts";

const entries: ImageEntry[] = [
  file("/bin/tool", exits(7), 0o755),
  file("/bin/tool.new", exits(8), 0o755),
  directory("/opt/dir"),
  file("/opt/dir/tool", exits(7), 0o755),
  { path: "opt/link", mode: 0o120777, target: "dir/tool" },
  { path: "opt/hard", mode: 0, target: "/opt/dir/tool" },
  { path: "fifo", mode: 0o010666 },
];

describe.each(PROFILES)("deny-write, profile %s", (profile) => {
  const openFor = (actor: TestActor, flags: number) => actor.call(SYS_OPENAT, AT_FDCWD, "/bin/tool", flags, 0);

  it.each([
    ["opening for writing", (a: TestActor) => openFor(a, O_WRONLY), -ETXTBSY],
    ["opening for reading and writing", (a: TestActor) => openFor(a, O_RDWR), -ETXTBSY],
    ["opening for reading with O_TRUNC", (a: TestActor) => openFor(a, O_RDONLY | O_TRUNC), -ETXTBSY],
    ["truncating by path", (a: TestActor) => a.call(SYS_TRUNCATE, "/bin/tool", 0), -ETXTBSY],
    ["opening for reading", (a: TestActor) => Math.min(openFor(a, O_RDONLY), 0), 0],
    ["unlinking", (a: TestActor) => a.call(SYS_UNLINKAT, AT_FDCWD, "/bin/tool", 0), 0],
    ["renaming", (a: TestActor) => a.call(SYS_RENAMEAT2, AT_FDCWD, "/bin/tool", AT_FDCWD, "/bin/moved", 0), 0],
    ["renaming another file over it", (a: TestActor) => a.call(SYS_RENAMEAT2, AT_FDCWD, "/bin/tool.new", AT_FDCWD, "/bin/tool", 0), 0],
    ["chmod", (a: TestActor) => a.call(SYS_FCHMODAT, AT_FDCWD, "/bin/tool", 0o700), 0],
    ["chown", (a: TestActor) => a.call(SYS_FCHOWNAT, AT_FDCWD, "/bin/tool", 1, 1, 0), 0],
    ["link", (a: TestActor) => a.call(SYS_LINKAT, AT_FDCWD, "/bin/tool", AT_FDCWD, "/bin/other", 0), 0],
    ["utimensat", (a: TestActor) => a.call(SYS_UTIMENSAT, AT_FDCWD, "/bin/tool", null, 0), 0],
  ])("while a template lives, %s", (_, change, want) => {
    const actor = boot({ profile, entries }).actor();
    template(actor, "/bin/tool");
    expectResult(change(actor), want);
  });

  it.each([
    ["path", (a: TestActor) => create(a, "/bin/tool")],
    ["descriptor", (a: TestActor) => create(a, { execfd: a.open("/bin/tool", O_RDONLY) })],
  ])("ends with the last descriptor of a template made by %s", (_, make) => {
    const actor = boot({ profile, entries }).actor();
    const fd = make(actor);
    const copy = actor.must(SYS_DUP, fd);
    actor.close(fd);
    expectResult(openFor(actor, O_WRONLY), -ETXTBSY);
    actor.close(copy);
    expect(openFor(actor, O_WRONLY)).toBeGreaterThan(0);
    expect(actor.machine.usage()).toMatchObject({ templates: 0, denyWrites: 0 });
  });

  it("lasts as long as a forked copy of the descriptor", () => {
    const test = boot({ profile, entries });
    const actor = test.actor();
    const fd = template(actor, "/bin/tool");
    const child = actor.fork();
    actor.close(fd);
    expectResult(openFor(actor, O_WRONLY), -ETXTBSY);
    child.exit();
    expect(openFor(actor, O_WRONLY)).toBeGreaterThan(0);
  });

  it("lasts as long as a running spawn, and its program, although the descriptor is closed", () => {
    const test = boot({ profile, entries: [...entries, file("/bin/parks", bornProgram, 0o755)] });
    const init = test.actor();
    const caller = test.actor();
    const fd = template(caller, "/bin/parks");
    const { call } = startSpawn(caller, fd, { actions: [openAction(caller, 0, "/fifo", O_RDONLY)] });
    test.settle();
    const write = () => init.call(SYS_OPENAT, AT_FDCWD, "/bin/parks", O_WRONLY);
    expectResult(write(), -ETXTBSY);
    init.close(init.open("/fifo", O_RDWR));
    const pid = call.result();
    caller.close(fd);
    test.settle();
    expectResult(write(), -ETXTBSY);
    init.must(SYS_KILL, pid, SIGKILL);
    caller.wait(pid);
    expect(write()).toBeGreaterThan(0);
  });

  it("does not end an earlier denial: two templates, one closed", () => {
    const actor = boot({ profile, entries }).actor();
    template(actor, "/bin/tool");
    actor.close(template(actor, "/bin/tool"));
    expectResult(openFor(actor, O_WRONLY), -ETXTBSY);
  });
});

type Change = (actor: TestActor, test: TestMachine) => unknown;

interface Staleness {
  readonly what: string;
  readonly change: Change;
  /** Whether a template made by path (by descriptor) is stale afterwards. */
  readonly path: boolean;
  readonly descriptor: boolean;
  /** Takes the change back, where it is stale only while it lasts. */
  readonly undo?: Change;
}

const TOOL = "/opt/dir/tool";
const both = { path: true, descriptor: true };
const neither = { path: false, descriptor: false };
const pathOnly = { path: true, descriptor: false };
const rename = (from: string, to: string) => (a: TestActor) => a.must(SYS_RENAMEAT2, AT_FDCWD, from, AT_FDCWD, to, 0);
const times = (access: Buffer, modification: Buffer) => (a: TestActor) =>
  a.must(SYS_UTIMENSAT, AT_FDCWD, TOOL, Buffer.concat([access, modification]), 0);
const special = (ns: number) => pack("s64", 0, "s64", ns);

const causes: Staleness[] = [
  { what: "nothing", change: () => 0, ...neither },
  { what: "chmod", change: (a) => a.must(SYS_FCHMODAT, AT_FDCWD, TOOL, 0o700), ...both },
  { what: "chmod to the same mode", change: (a) => a.must(SYS_FCHMODAT, AT_FDCWD, TOOL, 0o755), ...both },
  { what: "chown", change: (a) => a.must(SYS_FCHOWNAT, AT_FDCWD, TOOL, 1, 1, 0), ...both },
  { what: "chown to the same owner", change: (a) => a.must(SYS_FCHOWNAT, AT_FDCWD, TOOL, 0, 0, 0), ...both },
  { what: "utimes to now", change: (a) => a.must(SYS_UTIMENSAT, AT_FDCWD, TOOL, null, 0), ...both },
  { what: "setting the access time alone", change: times(timespec(5), special(UTIME_OMIT)), ...both },
  { what: "setting the access time alone to now", change: times(special(UTIME_NOW), special(UTIME_OMIT)), ...both },
  { what: "setting the modification time alone", change: times(special(UTIME_OMIT), timespec(5)), ...both },
  { what: "utimensat with two UTIME_OMITs", change: times(special(UTIME_OMIT), special(UTIME_OMIT)), ...neither },
  { what: "a new hard link", change: (a) => a.must(SYS_LINKAT, AT_FDCWD, TOOL, AT_FDCWD, "/opt/third", 0), ...both },
  { what: "unlinking it", change: (a) => a.must(SYS_UNLINKAT, AT_FDCWD, TOOL, 0), ...both },
  { what: "unlinking another link of it", change: (a) => a.must(SYS_UNLINKAT, AT_FDCWD, "/opt/hard", 0), ...both },
  { what: "renaming it away", change: rename(TOOL, "/opt/dir/moved"), ...both },
  { what: "renaming it away and back", change: (a) => (rename(TOOL, "/opt/dir/moved")(a), rename("/opt/dir/moved", TOOL)(a)), ...both },
  { what: "renaming another link of it", change: rename("/opt/hard", "/opt/harder"), ...both },
  { what: "a package update that renames a new file over it", change: rename("/bin/tool.new", TOOL), ...both },
  {
    what: "a symbolic link of the path that leads elsewhere",
    change: (a) => {
      a.must(SYS_UNLINKAT, AT_FDCWD, "/opt/link", 0);
      a.must(SYS_SYMLINKAT, "/bin/tool", AT_FDCWD, "/opt/link");
    },
    undo: (a) => {
      a.must(SYS_UNLINKAT, AT_FDCWD, "/opt/link", 0);
      a.must(SYS_SYMLINKAT, "dir/tool", AT_FDCWD, "/opt/link");
    },
    ...pathOnly,
  },
  { what: "a symbolic link of the path that is gone", change: (a) => a.must(SYS_UNLINKAT, AT_FDCWD, "/opt/link", 0), undo: (a) => a.must(SYS_SYMLINKAT, "dir/tool", AT_FDCWD, "/opt/link"), ...pathOnly },
  { what: "a renamed parent directory", change: rename("/opt/dir", "/opt/moved"), undo: rename("/opt/moved", "/opt/dir"), ...pathOnly },
  {
    what: "a noexec mount over it",
    change: (a) => {
      a.must(SYS_MOUNT, "/opt", "/opt", null, MS_BIND, null);
      a.must(SYS_MOUNT, "none", "/opt", null, MS_REMOUNT | MS_BIND | MS_NOEXEC, null);
    },
    undo: (a) => a.must(SYS_UMOUNT2, "/opt", 0),
    ...pathOnly,
  },
  { what: "another root directory of the caller", change: (a) => a.must(SYS_CHROOT, "/opt"), ...pathOnly },
  { what: "reading it", change: (a) => a.must(SYS_READ, a.open(TOOL, O_RDONLY), a.alloc(8), 8), ...neither },
  {
    what: "executing it",
    change: (a) => {
      const child = a.fork();
      child.must(SYS_EXECVE, TOOL, child.strings(["tool"]), 0);
      a.wait(child.pid);
    },
    ...neither,
  },
  { what: "a refused open for writing", change: (a) => a.call(SYS_OPENAT, AT_FDCWD, TOOL, O_WRONLY), ...neither },
  { what: "a refused O_TRUNC", change: (a) => a.call(SYS_OPENAT, AT_FDCWD, TOOL, O_WRONLY | O_TRUNC), ...neither },
  { what: "a refused truncate", change: (a) => a.call(SYS_TRUNCATE, TOOL, 0), ...neither },
  { what: "a refused ftruncate", change: (a) => a.call(SYS_FTRUNCATE, a.open(TOOL, O_RDONLY), 0), ...neither },
  { what: "a change of another file in its directory", change: (a) => a.must(SYS_SYMLINKAT, "x", AT_FDCWD, "/opt/dir/x"), ...neither },
  { what: "being spawned from", change: (a) => 0 * a.pid, ...neither },
];

describe.each(PROFILES)("a template is stale after, profile %s:", (profile) => {
  const staleResult = inProfile(seed<number | "runs">(-ESTALE, "runs"), profile);

  for (const { what, change, path, descriptor, undo } of causes) {
    it.each([
      { made: "by path", isStale: path, make: (a: TestActor) => template(a, "/opt/link") },
      { made: "by descriptor", isStale: descriptor, make: (a: TestActor) => template(a, { execfd: a.open("/opt/link", O_RDONLY) }) },
    ])(`${what} ($made: $isStale)`, ({ isStale, make }) => {
      const test = boot({ profile, entries });
      const actor = test.actor();
      const fd = make(actor);
      if (what === "being spawned from") waitFor(actor, spawn(actor, fd));
      pass(actor, 5_000_000); // so that quirk coarse-ctime's tick is over
      change(actor, test);
      expectStale(actor, fd, isStale);
      if (!undo) return;
      undo(actor, test);
      expectStale(actor, fd, false);
    });
  }

  it("an open for which no file is left, by path; by descriptor that is ENFILE", () => {
    const actor = boot({ profile, entries }).actor();
    actor.must(SYS_PRLIMIT64, 0, RLIMIT_NOFILE, pack("u64", 1 << 20, "u64", 1 << 20), 0);
    actor.must(SYS_SETRESUID, 1000, 1000, 1000);
    const byPath = template(actor, "/bin/tool");
    const byDescriptor = template(actor, { execfd: actor.open("/bin/tool", O_RDONLY) });
    const name = actor.str("/bin/tool");
    while (actor.call(SYS_OPENAT, AT_FDCWD, name, O_RDONLY) >= 0);
    expectResult(spawn(actor, byPath), inProfile(seed(-ESTALE, -ENFILE), profile));
    expectResult(spawn(actor, byDescriptor), -ENFILE);
  });

  it("the x bits are gone, though patch 06 runs it all the same", () => {
    const test = boot({ profile, entries });
    const actor = test.actor();
    const fd = template(actor, "/bin/tool");
    pass(actor, 5_000_000);
    actor.must(SYS_FCHMODAT, AT_FDCWD, "/bin/tool", 0);
    expectStale(actor, fd, true);
  });

  it.each([
    ["chmod 000", (a: TestActor) => a.must(SYS_FCHMODAT, AT_FDCWD, "/bin/tool", 0)],
    ["unlink", (a: TestActor) => a.must(SYS_UNLINKAT, AT_FDCWD, "/bin/tool", 0)],
    ["rename over", rename("/bin/tool.new", "/bin/tool")],
  ])("nothing that happens while an action sleeps: %s does not stop the pinned file", (_, change) => {
    const test = boot({ profile, entries });
    const init = test.actor();
    const caller = test.actor();
    const { call } = startSpawn(caller, template(caller, "/bin/tool"), { actions: [openAction(caller, 0, "/fifo", O_RDONLY)] });
    test.settle();
    change(init);
    init.close(init.open("/fifo", O_RDWR));
    expect(caller.wait(call.result())).toBe(exited(7));
  });

  function expectStale(actor: TestActor, fd: number, isStale: boolean): void {
    const result = spawn(actor, fd);
    if (isStale && staleResult !== "runs") expectResult(result, staleResult);
    else expect(waitFor(actor, result)).toBe(exited(7));
  }
});

describe("the runtime's answer to ESTALE", () => {
  it("is a new template of the same path, which runs the new file", () => {
    const actor = boot({ entries }).actor();
    const old = template(actor, "/bin/tool");
    rename("/bin/tool.new", "/bin/tool")(actor);
    expectResult(spawn(actor, old), -ESTALE);
    expect(waitFor(actor, spawn(actor, template(actor, "/bin/tool")))).toBe(exited(8));
  });

  it("may be EACCES, when the new file is not executable", () => {
    const actor = boot({ entries }).actor();
    const old = template(actor, "/bin/tool");
    actor.must(SYS_FCHMODAT, AT_FDCWD, "/bin/tool", 0o644);
    expectResult(spawn(actor, old), -ESTALE);
    expectResult(create(actor, "/bin/tool"), -EACCES);
  });
});

function pass(actor: TestActor, ns: number): void {
  actor.must(SYS_NANOSLEEP, timespec(ns), null);
}
