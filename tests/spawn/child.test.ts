// SPDX-License-Identifier: MIT
// The child once its actions are done: how an exec that fails is reported, and what the new program is born with.

import { describe, expect, it } from "vitest";
import { directory, file, type ImageEntry } from "../../host/core/image.ts";
import { ET_DYN, PT_INTERP, PT_LOAD } from "../../kernel/abi/elf.ts";
import { O_RDONLY, O_RDWR } from "../../kernel/abi/fcntl.ts";
import { TIOCSPTLCK } from "../../kernel/abi/ioctl.ts";
import { RLIMIT_NOFILE, RLIMIT_STACK } from "../../kernel/abi/resource.ts";
import {
  CLD_EXITED, CLD_KILLED, SIG_SETMASK, SIGCHLD, SIGINT, SIGSEGV, SIGUSR1, SIGUSR2,
} from "../../kernel/abi/signal.ts";
import { MS_BIND, MS_NOEXEC, MS_REMOUNT } from "../../kernel/abi/stat.ts";
import {
  SYS_CHDIR, SYS_CHROOT, SYS_GETPID, SYS_GETSID, SYS_IOCTL, SYS_KILL, SYS_MEMFD_CREATE, SYS_MOUNT, SYS_PRLIMIT64, SYS_READLINKAT, SYS_RENAMEAT2, SYS_RT_SIGACTION, SYS_RT_SIGPROCMASK,
  SYS_SETPGID, SYS_SETPRIORITY, SYS_SETRESUID, SYS_SETSID, SYS_UMASK, SYS_UNLINKAT,
} from "../../kernel/abi/syscalls.ts";
import { WEXITED, WNOWAIT } from "../../kernel/abi/wait.ts";
import type { TestActor } from "../support/actor.ts";
import { boot, type TestMachine } from "../support/boot.ts";
import { born, bornProgram, type Born } from "../support/born.ts";
import { codeSegment, elf, exitCode, exits } from "../support/elf-builder.ts";
import { inProfile, literal, PROFILES, type PerProfile } from "../support/profiles.ts";
import { exited, openAction, spawn, spawnAndWait, startSpawn, template, waitidView, type SpawnOptions } from "../support/spawn-calls.ts";
import { HANDLER, pack, SIG_IGN, sigaction, sigset } from "../support/structs.ts";

const UNMAPPED = 0x4000_0000;

/** A program that asks for this interpreter. */
function interpreted(path: string, size?: number): Buffer {
  const data = Buffer.from(`${path}\0`);
  return elf({ segments: [codeSegment(exitCode(9)), { type: PT_INTERP, data, fileSize: size ?? data.length }] });
}

const loader = elf({ type: ET_DYN, segments: [codeSegment(exitCode(33), 0)] });

interface Failing {
  readonly rule: string;
  readonly entries?: readonly ImageEntry[];
  readonly path?: string;
  readonly options?: (actor: TestActor) => SpawnOptions;
  /** The exit code, or the signal, of the child. */
  readonly code?: PerProfile<1 | 126 | 127>;
  readonly status?: PerProfile<number>;
}

const program = (data: Uint8Array, ...more: ImageEntry[]) => [file("/bin/program", data, 0o755), ...more];

const failing: Failing[] = [
  { rule: "an unmapped argv exits 1", options: () => ({ argvAt: UNMAPPED }), code: 1 },
  { rule: "an unmapped envp exits 1", options: () => ({ envpAt: UNMAPPED }), code: 1 },
  { rule: "an unmapped argument exits 1", options: (a) => ({ argvAt: a.u64s([UNMAPPED, 0]).address }), code: 1 },
  { rule: "an argv that runs into unmapped memory exits 1", options: (a) => ({ argvAt: endless(a) }), code: 1 },
  { rule: "one argument of 128 KiB exits 1", options: (a) => ({ argvAt: a.u64s([long(a, 128 * 1024), 0]).address }), code: 1 },
  { rule: "arguments beyond a quarter of the stack limit exit 1", options: (a) => (limitStack(a), { argvAt: many(a, 20, 10_000) }), code: 1 },
  { rule: "a missing interpreter exits 127", entries: program(interpreted("/lib/missing")), code: 127 },
  { rule: "an interpreter without x exits 126", entries: program(interpreted("/lib/ld"), file("/lib/ld", loader, 0o644)), code: 126 },
  { rule: "an interpreter that is a directory exits 126", entries: program(interpreted("/lib"), directory("/lib")), code: 126 },
  { rule: "an empty interpreter path exits 126", entries: program(interpreted("", 1)), code: 126 },
  { rule: "a PT_INTERP of size 0 exits 126", entries: program(interpreted("", 0)), code: 126 },
  { rule: "a PT_INTERP without NUL exits 126", entries: program(interpreted("/lib/ld", 7), file("/lib/ld", loader, 0o755)), code: 126 },
  { rule: "an empty interpreter file exits 1", entries: program(interpreted("/lib/ld"), file("/lib/ld", "", 0o755)), code: 1 },
  { rule: "a short script as interpreter exits 1", entries: program(interpreted("/lib/ld"), file("/lib/ld", "#!/bin/program\n", 0o755)), code: 1 },
  { rule: "a long script as interpreter exits 1", entries: program(interpreted("/lib/ld"), file("/lib/ld", `#!/bin/program\n${" ".repeat(99)}`, 0o755)), code: 1 },
  { rule: "an interpreter for another machine exits 1", entries: program(interpreted("/lib/ld"), file("/lib/ld", elf({ machine: 62 }), 0o755)), code: 1 },
  { rule: "an ELF without PT_LOAD starts and dies of SIGSEGV", entries: program(elf({ segments: [{ type: 4 }], entry: 0x40000 })), status: SIGSEGV },
  { rule: "an interpreter that works runs", entries: program(interpreted("/lib/ld"), file("/lib/ld", loader, 0o755)), status: exited(33) },
  {
    rule: "a segment that nothing can map dies of SIGSEGV, or exits 1 in the literal code",
    entries: program(elf({ segments: [codeSegment(exitCode(0)), { type: PT_LOAD, address: 0x123, offset: 0x456, data: Buffer.alloc(8), fileSize: 8 }] })),
    status: literal(SIGSEGV, 1),
  },
  { rule: "argv NULL works", options: () => ({ argvAt: 0 }), status: exited(7) },
  { rule: "an exit code reaches the parent as it is", status: exited(7) },
];

describe.each(PROFILES)("a child that cannot start, profile %s", (profile) => {
  for (const { rule, entries = program(exits(7)), options, code, status } of failing) {
    it(rule, () => {
      const actor = boot({ profile, entries: [...entries] }).actor();
      const wanted = code === undefined ? inProfile(status!, profile) : inProfile(literal(exited(inProfile(code, profile)), inProfile(code, profile)), profile);
      expect(spawnAndWait(actor, "/bin/program", options?.(actor))).toBe(wanted);
    });
  }

  it.each([
    { what: "missing", path: "/missing", code: 127 },
    { what: "a directory in the way", path: "/bin/program/x", code: 1 },
  ])("tells waitid and SIGCHLD of $what", ({ path, code }) => {
    const test = boot({ profile, entries: program(exits(7)) });
    const actor = test.actor();
    actor.must(SYS_RT_SIGACTION, SIGCHLD, sigaction(HANDLER), null, 8);
    const pid = spawn(actor, template(actor, "/bin/program"), { actions: [openAction(actor, 0, path, O_RDONLY)] });
    const view = waitidView(actor, pid, WEXITED | WNOWAIT);
    expect(view).toEqual({ code: inProfile(literal(CLD_EXITED, CLD_KILLED), profile), status: code });
    expect(actor.takeSignals()).toContain(SIGCHLD);
    expect(actor.wait(pid)).toBe(inProfile(literal(exited(code), code), profile));
  });

  it("dies of SIGSEGV when a noexec remount came in between: past the point of no return", () => {
    const test = boot({ profile, entries: [file("/tools/program", exits(7), 0o755), { path: "fifo", mode: 0o010666 }] });
    test.machine.mount({ path: "/tools", flags: 0 });
    const init = test.actor();
    const caller = test.actor();
    const fd = template(caller, "/tools/program");
    const { call } = startSpawn(caller, fd, { actions: [openAction(caller, 0, "/fifo", O_RDONLY)] });
    test.settle();
    init.must(SYS_MOUNT, "none", "/tools", null, MS_REMOUNT | MS_BIND | MS_NOEXEC, null);
    init.close(init.open("/fifo", O_RDWR));
    expect(caller.wait(call.result())).toBe(inProfile(literal(SIGSEGV, 1), profile));
  });
});

interface Inherits {
  readonly rule: string;
  readonly before?: (actor: TestActor, test: TestMachine) => void;
  readonly options?: (actor: TestActor) => SpawnOptions;
  readonly path?: string;
  readonly check: (child: Born, context: { actor: TestActor; pid: number; test: TestMachine }) => void;
}

const deep = `/opt/${"directory-with-a-long-name/".repeat(5)}tool-with-a-long-name`;

describe.each(PROFILES)("what the new program is born with, profile %s", (profile) => {
  const isEmptyComm = profile !== "documented";
  const rows: Inherits[] = [
    { rule: "argv is the caller's", options: () => ({ argv: ["one", "", "three"] }), check: ({ argv }) => expect(argv).toEqual(["one", "", "three"]) },
    { rule: "argv NULL is one empty string", options: () => ({ argvAt: 0 }), check: ({ argv }) => expect(argv).toEqual([""]) },
    { rule: "an empty argv is one empty string", options: () => ({ argv: [] }), check: ({ argv }) => expect(argv).toEqual([""]) },
    { rule: "envp is the caller's", options: () => ({ envp: ["A=1", "B"] }), check: ({ env }) => expect(env).toEqual(["A=1", "B"]) },
    { rule: "envp NULL is empty", options: () => ({ envpAt: 0 }), check: ({ env }) => expect(env).toEqual([]) },
    {
      rule: "the signal mask is the calling thread's",
      before: (a) => a.must(SYS_RT_SIGPROCMASK, SIG_SETMASK, sigset(SIGINT, 64), null, 8),
      check: ({ blocked }) => expect(blocked).toEqual([SIGINT, 64]),
    },
    {
      rule: "ignored signals stay ignored and handlers become default",
      before: (a) => {
        a.must(SYS_RT_SIGACTION, SIGUSR1, sigaction(SIG_IGN), null, 8);
        a.must(SYS_RT_SIGACTION, SIGUSR2, sigaction(HANDLER), null, 8);
      },
      check: ({ ignored, handled }) => expect({ ignored, handled }).toEqual({ ignored: [SIGUSR1], handled: [] }),
    },
    {
      rule: "nothing is pending, whatever was pending in the caller",
      before: (a) => {
        a.must(SYS_RT_SIGPROCMASK, SIG_SETMASK, sigset(SIGINT), null, 8);
        a.must(SYS_KILL, a.call(SYS_GETPID), SIGINT);
      },
      check: ({ pending, blocked }) => expect({ pending, blocked }).toEqual({ pending: [], blocked: [SIGINT] }),
    },
    {
      rule: "process group and session are the caller's",
      before: (a) => a.must(SYS_SETPGID, 0, 0),
      check: ({ pgid, sid }, { actor }) => expect({ pgid, sid }).toEqual({ pgid: actor.pid, sid: actor.call(SYS_GETSID, 0) }),
    },
    {
      rule: "the controlling terminal is the caller's, and its foreground group stays",
      before: (a) => {
        a.must(SYS_SETSID);
        a.must(SYS_IOCTL, a.open("/dev/ptmx", O_RDWR), TIOCSPTLCK, a.u32s([0]));
        a.open("/dev/pts/0", O_RDWR);
      },
      check: (_, { actor, pid }) => {
        const stat = actor.read(actor.open(`/proc/${pid}/stat`, O_RDONLY)).split(" ");
        expect(stat.slice(6, 8)).toEqual([String(136 << 8), String(actor.pid)]);
      },
    },
    { rule: "the parent is the caller", check: ({ ppid }, { actor }) => expect(ppid).toBe(actor.pid) },
    { rule: "the umask is the caller's", before: (a) => a.must(SYS_UMASK, 0o137), check: ({ umask }) => expect(umask).toBe(0o137) },
    { rule: "the nice value is the caller's", before: (a) => a.must(SYS_SETPRIORITY, 0, 0, 7), check: ({ nice }) => expect(nice).toBe(7) },
    { rule: "the working directory is the caller's", before: (a) => a.must(SYS_CHDIR, "/opt"), check: ({ cwd }) => expect(cwd).toBe("/opt") },
    {
      rule: "the root directory is the caller's",
      before: (a) => (a.must(SYS_CHROOT, "/opt"), a.must(SYS_CHDIR, "/")),
      path: "/tool",
      check: ({ cwd, execfn }) => expect([cwd, execfn]).toEqual(["/", isEmptyComm ? "" : "/tool"]),
    },
    {
      rule: "credentials are the caller's",
      before: (a) => a.must(SYS_SETRESUID, 1000, 1001, 1002),
      check: ({ uid, euid }) => expect([uid, euid]).toEqual([1000, 1001]),
    },
    {
      rule: "limits are the caller's",
      before: (a) => a.must(SYS_PRLIMIT64, 0, RLIMIT_NOFILE, pack("u64", 100, "u64", 200), 0),
      check: (_, { actor, pid }) => {
        const old = actor.alloc(16);
        actor.must(SYS_PRLIMIT64, pid, RLIMIT_NOFILE, null, old);
        expect([old.u64(0), old.u64(8)]).toEqual([100n, 200n]);
      },
    },
    {
      rule: "comm is the last component of the file, cut to 15 bytes, and AT_EXECFN its path",
      check: ({ comm, execfn }) => expect([comm, execfn]).toEqual(isEmptyComm ? ["", ""] : ["born", "/bin/born"]),
    },
    {
      rule: "a long name is cut in comm only",
      path: deep,
      check: ({ comm, execfn }) => expect([comm, execfn]).toEqual(isEmptyComm ? ["", ""] : ["tool-with-a-lon", deep]),
    },
    {
      rule: "both are the resolved path, not a symbolic link's",
      path: "/bin/link",
      check: ({ comm, execfn }) => expect([comm, execfn]).toEqual(isEmptyComm ? ["", ""] : ["born", "/bin/born"]),
    },
    {
      rule: "/proc/PID/exe is the template's file",
      path: "/bin/link",
      check: (_, { actor, pid }) => expect(readLink(actor, `/proc/${pid}/exe`)).toBe("/bin/born"),
    },
    {
      rule: "argv[0] is not the file's name, but the caller's",
      options: () => ({ argv: ["something else"] }),
      check: ({ argv }) => expect(argv[0]).toBe("something else"),
    },
  ];

  const entries = [
    file("/bin/born", bornProgram, 0o755), file("/opt/tool", bornProgram, 0o755), file(deep, bornProgram, 0o755),
    { path: "bin/link", mode: 0o120777, target: "born" }, { path: "fifo", mode: 0o010666 },
  ];

  for (const { rule, before, options, path = "/bin/born", check } of rows) {
    it(rule, () => {
      const test = boot({ profile, entries });
      test.actor();
      const actor = test.actor();
      before?.(actor, test);
      const pid = spawn(actor, template(actor, path), options?.(actor));
      test.settle();
      check(born(test, pid), { actor, pid, test });
    });
  }

  it.each([
    ["unlinked", "/bin/born (deleted)", (a: TestActor) => a.must(SYS_UNLINKAT, -100, "/bin/born", 0)],
    ["renamed", "/bin/other", (a: TestActor) => a.must(SYS_RENAMEAT2, -100, "/bin/born", -100, "/bin/other", 0)],
    ["replaced by a rename", "/bin/born (deleted)", (a: TestActor) => a.must(SYS_RENAMEAT2, -100, "/opt/tool", -100, "/bin/born", 0)],
  ])("names a file that was %s while an action slept as /proc/self/exe does", (_, name, change) => {
    const test = boot({ profile, entries });
    const init = test.actor();
    const caller = test.actor();
    const { call } = startSpawn(caller, template(caller, "/bin/born"), { actions: [openAction(caller, 0, "/fifo", O_RDONLY)] });
    test.settle();
    change(init);
    init.close(init.open("/fifo", O_RDWR));
    const pid = call.result();
    test.settle();
    const child = born(test, pid);
    expect([child.execfn, child.comm]).toEqual(isEmptyComm ? ["", ""] : [name, name.split("/").at(-1)!.slice(0, 15)]);
    expect(readLink(init, `/proc/${pid}/exe`)).toBe(name);
  });

  it("runs a memfd's contents under the memfd's name", () => {
    const test = boot({ profile, entries });
    const actor = test.actor();
    const execfd = actor.must(SYS_MEMFD_CREATE, "tool", 0);
    actor.write(execfd, bornProgram);
    const pid = spawn(actor, template(actor, { execfd }));
    test.settle();
    const { execfn, comm } = born(test, pid);
    expect([execfn, comm]).toEqual(isEmptyComm ? ["", ""] : ["/memfd:tool (deleted)", "memfd:tool (del"]);
  });
});

function readLink(actor: TestActor, path: string): string {
  const buffer = actor.alloc(4096);
  const length = actor.must(SYS_READLINKAT, -100, path, buffer, 4096);
  return buffer.text(0, length);
}

function endless(actor: TestActor): number {
  const area = actor.allocAtEnd(64);
  const string = actor.str("x").address;
  for (let at = 0; at < 64; at += 8) area.setU64(at, string);
  return area.address;
}

function long(actor: TestActor, length: number): number {
  return actor.str("x".repeat(length)).address;
}

function many(actor: TestActor, count: number, length: number): number {
  const string = long(actor, length);
  return actor.u64s([...Array.from({ length: count }, () => string), 0]).address;
}

/** The least room that exec leaves: 128 KiB. */
function limitStack(actor: TestActor): void {
  actor.must(SYS_PRLIMIT64, 0, RLIMIT_STACK, pack("u64", 65536, "u64", 65536), 0);
}
