// SPDX-License-Identifier: MIT
// What each action does in the child, and how it fails there: the child's exit status tells, or the program it starts.

import { describe, expect, it } from "vitest";
import { directory, file } from "../../host/core/image.ts";
import {
  AT_FDCWD, CLOSE_RANGE_CLOEXEC, CLOSE_RANGE_UNSHARE, F_GETFD, F_SETFD, FD_CLOEXEC, O_APPEND, O_CLOEXEC, O_CREAT, O_DIRECTORY, O_EXCL,
  O_LARGEFILE, O_NOFOLLOW, O_NONBLOCK, O_PATH, O_RDONLY, O_RDWR, O_TRUNC, O_WRONLY, RESOLVE_BENEATH, RESOLVE_CACHED, RESOLVE_IN_ROOT,
  RESOLVE_NO_SYMLINKS,
} from "../../kernel/abi/fcntl.ts";
import { RLIMIT_NOFILE } from "../../kernel/abi/resource.ts";
import { SIGINT, SIGKILL, SIGSTOP, SIGTERM, SIGUSR1, SIGUSR2 } from "../../kernel/abi/signal.ts";
import { SPAWN_TEMPLATE_SPAWN_INHERIT_FDS } from "../../kernel/abi/spawn-template.ts";
import { SYS_FCNTL, SYS_PRLIMIT64, SYS_RT_SIGACTION, SYS_RT_SIGPROCMASK, SYS_SETRESUID } from "../../kernel/abi/syscalls.ts";
import type { TestActor } from "../support/actor.ts";
import { boot, type TestMachine } from "../support/boot.ts";
import { born, bornProgram, type Born } from "../support/born.ts";
import { inProfile, literal, PROFILES, seed, type PerProfile, type ProfileName } from "../support/profiles.ts";
import { defaultAction, exited, maskAction, openAction, spawn, template, waitFor } from "../support/spawn-calls.ts";
import { action, HANDLER, pack, SIG_IGN, sigaction, sigset, sigsetStruct } from "../support/structs.ts";

const entries = [
  file("/bin/born", bornProgram, 0o755),
  file("/file", "text", 0o644),
  file("/secret", "text", 0o600),
  directory("/dir"),
  file("/dir/inner", "text", 0o644),
  directory("/closed", 0o700),
  { path: "link", mode: 0o120777, target: "file" },
  { path: "loop", mode: 0o120777, target: "loop" },
  { path: "fifo", mode: 0o010666 },
];
const UNMAPPED = 0x4000_0000;

/** A failure in the child: its exit code, which the literal code does not shift. */
type Failure = 1 | 126 | 127;
type Actions = (actor: TestActor, fds: { read: number; write: number }) => readonly Uint8Array[];

function failure(code: Failure, profile: ProfileName): number {
  return inProfile(literal(exited(code), code), profile);
}

/** Actors have 0, 1, 2; the template is 3, a pipe 4 and 5; the pidfd will be 6. */
function prepare(profile: ProfileName, before?: (actor: TestActor, test: TestMachine) => void) {
  const test = boot({ profile, entries });
  const actor = test.actor();
  const fd = template(actor, "/bin/born");
  const [read, write] = actor.pipe();
  before?.(actor, test);
  return { test, actor, fd, fds: { read, write } };
}

interface Failing {
  readonly rule: string;
  readonly before?: (actor: TestActor) => void;
  readonly actions: Actions;
  readonly code: PerProfile<Failure>;
}

const open = (actor: TestActor, path: string | null, flags: number, mode = 0, resolve = 0, dirfd = AT_FDCWD, newfd = 10) => [
  openAction(actor, newfd, path, flags, mode, resolve, dirfd),
];
const limitTo = (limit: number) => (actor: TestActor) => actor.must(SYS_PRLIMIT64, 0, RLIMIT_NOFILE, pack("u64", limit, "u64", 4096), 0);
const becomeUser = (actor: TestActor) => actor.must(SYS_SETRESUID, -1, 1000, -1);

const failing: Failing[] = [
  { rule: "CLOSE of a closed fd exits 1", actions: () => [action.close(9)], code: 1 },
  { rule: "CLOSE twice exits 1", actions: ({}, { read }) => [action.close(read), action.close(read)], code: 1 },
  { rule: "DUP2 of a closed fd exits 1", actions: () => [action.dup2(9, 1)], code: 1 },
  { rule: "DUP2 of a closed fd onto itself exits 1", actions: () => [action.dup2(9, 9)], code: 1 },
  { rule: "DUP2 onto itself with O_CLOEXEC exits 1", actions: () => [action.dup2(1, 1, O_CLOEXEC)], code: 1 },
  { rule: "DUP2 of an O_PATH fd onto itself exits 1", actions: (a) => [...open(a, "/file", O_PATH), action.dup2(10, 10)], code: 1 },
  { rule: "DUP2 to RLIMIT_NOFILE exits 1", before: limitTo(20), actions: () => [action.dup2(1, 20)], code: 1 },
  { rule: "FCHDIR of a closed fd exits 1", actions: () => [action.fchdir(9)], code: 1 },
  { rule: "FCHDIR of an O_PATH fd exits 1", actions: (a) => [...open(a, "/dir", O_PATH), action.fchdir(10)], code: 1 },
  { rule: "FCHDIR of a file exits 1", actions: (a) => [...open(a, "/file", O_RDONLY), action.fchdir(10)], code: 1 },
  { rule: "FCHDIR of a pipe exits 1", actions: ({}, { read }) => [action.fchdir(read)], code: 1 },
  { rule: "OPEN of a missing file exits 127", actions: (a) => open(a, "/missing", O_RDONLY), code: 127 },
  { rule: "OPEN of an empty path exits 127", actions: (a) => open(a, "", O_RDONLY), code: 127 },
  { rule: "OPEN of a null path exits 1", actions: (a) => open(a, null, O_RDONLY), code: 1 },
  { rule: "OPEN with an unmapped struct exits 1", actions: () => [action.open(AT_FDCWD, 10, UNMAPPED)], code: 1 },
  { rule: "OPEN of a path of 4096 bytes exits 1", actions: (a) => open(a, `/${"./".repeat(2048)}`, O_RDONLY), code: 1 },
  { rule: "OPEN of a component of 256 bytes exits 1", actions: (a) => open(a, `/${"x".repeat(256)}`, O_RDONLY), code: 1 },
  { rule: "OPEN through a file exits 1", actions: (a) => open(a, "/file/x", O_RDONLY), code: 1 },
  { rule: "OPEN of a loop exits 1", actions: (a) => open(a, "/loop", O_RDONLY), code: 1 },
  { rule: "OPEN of a link with O_NOFOLLOW exits 1", actions: (a) => open(a, "/link", O_NOFOLLOW), code: 1 },
  { rule: "OPEN of a directory for writing exits 1", actions: (a) => open(a, "/dir", O_WRONLY), code: 1 },
  { rule: "OPEN of a file with O_DIRECTORY exits 1", actions: (a) => open(a, "/file", O_DIRECTORY), code: 1 },
  { rule: "OPEN with O_EXCL of what exists exits 1", actions: (a) => open(a, "/file", O_CREAT | O_EXCL | O_RDWR, 0o600), code: 1 },
  { rule: "OPEN with an unknown flag exits 1", actions: (a) => open(a, "/file", 0x8000_0000), code: 1 },
  { rule: "OPEN with an unknown resolve bit exits 1", actions: (a) => open(a, "/file", 0, 0, 64), code: 1 },
  { rule: "OPEN with BENEATH and IN_ROOT exits 1", actions: (a) => open(a, "file", 0, 0, RESOLVE_BENEATH | RESOLVE_IN_ROOT), code: 1 },
  { rule: "OPEN of an absolute path with BENEATH exits 1", actions: (a) => open(a, "/file", 0, 0, RESOLVE_BENEATH), code: 1 },
  { rule: "OPEN of a link with NO_SYMLINKS exits 1", actions: (a) => open(a, "/link", 0, 0, RESOLVE_NO_SYMLINKS), code: 1 },
  { rule: "OPEN with a mode but no O_CREAT exits 1", actions: (a) => open(a, "/file", O_RDONLY, 0o644), code: 1 },
  { rule: "OPEN with a mode above 07777 exits 1", actions: (a) => open(a, "/new", O_CREAT | O_RDWR, 0o10000), code: 1 },
  { rule: "OPEN with CACHED and O_CREAT exits 1", actions: (a) => open(a, "/file", O_CREAT | O_RDWR, 0o600, RESOLVE_CACHED), code: 1 },
  { rule: "OPEN with CACHED and O_TRUNC exits 1", actions: (a) => open(a, "/file", O_TRUNC | O_RDWR, 0, RESOLVE_CACHED), code: 1 },
  { rule: "OPEN of a relative path at -99 exits 1", actions: (a) => open(a, "file", O_RDONLY, 0, 0, -99), code: 1 },
  { rule: "OPEN of a relative path at -1 exits 1", actions: (a) => open(a, "file", O_RDONLY, 0, 0, -1), code: 1 },
  { rule: "OPEN of a relative path at a closed fd exits 1", actions: (a) => open(a, "file", O_RDONLY, 0, 0, 9), code: 1 },
  { rule: "OPEN of a relative path at a file exits 1", actions: (a, { read }) => open(a, "file", O_RDONLY, 0, 0, read), code: 1 },
  { rule: "OPEN onto RLIMIT_NOFILE exits 1", before: limitTo(10), actions: (a) => open(a, "/file", O_RDONLY), code: 1 },
  { rule: "OPEN of a FIFO nobody reads with O_NONBLOCK exits 1", actions: (a) => open(a, "/fifo", O_WRONLY | O_NONBLOCK), code: 1 },
  { rule: "OPEN of the executable for writing exits 1", actions: (a) => open(a, "/bin/born", O_WRONLY), code: 1 },
  ...(["sigmask", "sigdefault"] as const).flatMap((kind): Failing[] => [
    { rule: `${kind} with an unmapped struct exits 1`, actions: () => [action[kind](UNMAPPED)], code: 1 },
    { rule: `${kind} with an unmapped set exits 1`, actions: (a) => [action[kind](a.bytes(sigsetStruct(UNMAPPED)))], code: 1 },
    { rule: `${kind} with a null set exits 1`, actions: (a) => [action[kind](a.bytes(sigsetStruct(0)))], code: 1 },
    { rule: `${kind} with sigsetsize 4 exits 1`, actions: (a) => [action[kind](a.bytes(sigsetStruct(a.bytes(sigset()), 4)))], code: 1 },
    { rule: `${kind} with sigsetsize 16 exits 1`, actions: (a) => [action[kind](a.bytes(sigsetStruct(a.bytes(sigset()), 16)))], code: 1 },
    { rule: `${kind} with sigsetsize 0 exits 1`, actions: (a) => [action[kind](a.bytes(sigsetStruct(a.bytes(sigset()), 0)))], code: 1 },
  ]),
];

/** As failing, but the caller has an effective uid of 1000, with a template of its own. */
const unprivileged: Failing[] = [
  { rule: "OPEN without permission exits 126", actions: (a) => open(a, "/secret", O_RDONLY), code: 126 },
  { rule: "OPEN in a directory without write permission exits 126", actions: (a) => open(a, "/new", O_CREAT | O_RDWR, 0o600), code: 126 },
  { rule: "FCHDIR without search permission exits 126", actions: () => [action.fchdir(3)], code: 126 },
];

interface Working {
  readonly rule: string;
  readonly before?: (actor: TestActor) => void;
  readonly actions: Actions;
  readonly flags?: number;
  readonly check: (child: Born, context: { actor: TestActor; test: TestMachine; profile: ProfileName }) => void;
}

const INHERIT = SPAWN_TEMPLATE_SPAWN_INHERIT_FDS;
const openFds = (child: Born) => [...child.fds.keys()];

const working: Working[] = [
  { rule: "without actions only 0, 1 and 2 survive", actions: () => [], check: (child) => expect(openFds(child)).toEqual([0, 1, 2]) },
  {
    rule: "with INHERIT_FDS everything survives that is not close-on-exec, and the pidfd is not there",
    actions: () => [],
    flags: INHERIT,
    check: (child) => expect(openFds(child)).toEqual([0, 1, 2, 3, 4, 5]),
  },
  {
    rule: "close-on-exec descriptors go even with INHERIT_FDS",
    before: (a) => a.must(SYS_FCNTL, 4, F_SETFD, FD_CLOEXEC),
    actions: () => [],
    flags: INHERIT,
    check: (child) => expect(openFds(child)).toEqual([0, 1, 2, 3, 5]),
  },
  {
    rule: "close-on-exec goes for 0, 1 and 2, too",
    before: (a) => a.must(SYS_FCNTL, 0, F_SETFD, FD_CLOEXEC),
    actions: () => [],
    check: (child) => expect(openFds(child)).toEqual([1, 2]),
  },
  { rule: "CLOSE closes", actions: () => [action.close(0), action.close(2)], check: (child) => expect(openFds(child)).toEqual([1]) },
  { rule: "CLOSE takes an O_PATH fd", actions: (a) => [...open(a, "/file", O_PATH, 0, 0, AT_FDCWD, 0), action.close(0)], check: (child) => expect(openFds(child)).toEqual([1, 2]) },
  {
    rule: "CLOSE of the template's fd does not disturb the spawn",
    actions: () => [action.close(3)],
    flags: INHERIT,
    check: (child) => expect(openFds(child)).toEqual([0, 1, 2, 4, 5]),
  },
  {
    rule: "CLOSE_RANGE of everything does not disturb the spawn",
    actions: () => [action.closeRange(0, 0x7fffffff)],
    flags: INHERIT,
    check: (child) => expect(openFds(child)).toEqual([]),
  },
  {
    rule: "actions change nothing in the parent",
    actions: () => [action.closeRange(0, 0x7fffffff)],
    check: (_, { actor }) => expect(actor.call(SYS_FCNTL, 0, F_GETFD)).toBe(0),
  },
  {
    rule: "DUP2 copies an fd >= 3, and the copy is not close-on-exec",
    before: (a) => a.must(SYS_FCNTL, 5, F_SETFD, FD_CLOEXEC),
    actions: ({}, { write }) => [action.dup2(write, 1)],
    check: (child) => expect([...child.fds]).toEqual([[0, false], [1, false], [2, false]]),
  },
  {
    rule: "DUP2 with O_CLOEXEC makes a copy that exec closes",
    actions: ({}, { read }) => [action.dup2(read, 1, O_CLOEXEC)],
    check: (child) => expect(openFds(child)).toEqual([0, 2]),
  },
  {
    rule: "DUP2 onto itself changes nothing: close-on-exec stays",
    before: (a) => a.must(SYS_FCNTL, 0, F_SETFD, FD_CLOEXEC),
    actions: () => [action.dup2(0, 0), action.dup2(1, 1)],
    check: (child) => expect(openFds(child)).toEqual([1, 2]),
  },
  {
    rule: "DUP2 takes an O_PATH source",
    actions: (a) => [...open(a, "/file", O_PATH), action.dup2(10, 0)],
    check: (child) => expect(child.flags.get(0)! & O_PATH).toBe(O_PATH),
  },
  { rule: "DUP2 to one below RLIMIT_NOFILE works", before: limitTo(20), actions: () => [action.dup2(1, 19)], flags: INHERIT, check: (child) => expect(child.fds.has(19)).toBe(true) },
  {
    rule: "what the list installs at 3 and above is closed as well",
    actions: ({}, { read }) => [action.dup2(read, 9), action.dup2(9, 0)],
    check: (child) => expect(openFds(child)).toEqual([0, 1, 2]),
  },
  { rule: "what the list installs at 3 and above survives with INHERIT_FDS", actions: () => [action.dup2(1, 9)], flags: INHERIT, check: (child) => expect(child.fds.get(9)).toBe(false) },
  { rule: "FCHDIR changes the directory", actions: (a) => [...open(a, "/dir", O_DIRECTORY), action.fchdir(10)], check: (child) => expect(child.cwd).toBe("/dir") },
  {
    rule: "FCHDIR moves later relative paths, and not the parent",
    actions: (a) => [...open(a, "/dir", O_DIRECTORY), action.fchdir(10), ...open(a, "inner", O_RDONLY, 0, 0, AT_FDCWD, 0)],
    check: (child, { actor }) => {
      expect(child.cwd).toBe("/dir");
      expect(actor.open("file", O_RDONLY)).toBeGreaterThan(0);
    },
  },
  { rule: "OPEN gives a descriptor that survives below 3", actions: (a) => open(a, "/file", O_RDONLY, 0, 0, AT_FDCWD, 0), check: (child) => expect(child.fds.get(0)).toBe(false) },
  {
    rule: "OPEN adds O_LARGEFILE",
    actions: (a) => open(a, "/file", O_RDWR | O_APPEND, 0, 0, AT_FDCWD, 0),
    check: (child, { profile }) => expect(child.flags.get(0)).toBe(O_RDWR | O_APPEND | inProfile(literal(O_LARGEFILE, 0), profile)),
  },
  { rule: "OPEN with O_PATH has no O_LARGEFILE", actions: (a) => open(a, "/file", O_PATH, 0, 0, AT_FDCWD, 0), check: (child) => expect(child.flags.get(0)).toBe(O_PATH) },
  { rule: "OPEN takes close-on-exec from its flags", actions: (a) => open(a, "/file", O_CLOEXEC, 0, 0, AT_FDCWD, 0), check: (child) => expect(openFds(child)).toEqual([1, 2]) },
  {
    rule: "OPEN replaces newfd, and its close-on-exec",
    before: (a) => a.must(SYS_FCNTL, 0, F_SETFD, FD_CLOEXEC),
    actions: (a) => open(a, "/file", O_RDONLY, 0, 0, AT_FDCWD, 0),
    check: (child) => expect(child.fds.get(0)).toBe(false),
  },
  {
    rule: "OPEN needs no free slot",
    before: limitTo(7),
    actions: (a) => [action.dup2(1, 6), ...open(a, "/file", O_RDONLY, 0, 0, AT_FDCWD, 5)],
    flags: INHERIT,
    check: (child) => expect(openFds(child)).toEqual([0, 1, 2, 3, 4, 5, 6]),
  },
  { rule: "OPEN of a relative path starts at its dirfd", actions: (a) => [...open(a, "/dir", O_DIRECTORY), ...open(a, "inner", O_RDONLY, 0, 0, 10, 0)], check: (child) => expect(child.fds.has(0)).toBe(true) },
  { rule: "OPEN starts at an O_PATH dirfd as well", actions: (a) => [...open(a, "/dir", O_PATH), ...open(a, "inner", O_RDONLY, 0, 0, 10, 0)], check: (child) => expect(child.fds.has(0)).toBe(true) },
  { rule: "OPEN of an absolute path does not look at its dirfd", actions: (a) => open(a, "/file", O_RDONLY, 0, 0, -50, 0), check: (child) => expect(child.fds.has(0)).toBe(true) },
  { rule: "OPEN below a root of its own", actions: (a) => [...open(a, "/dir", O_PATH), ...open(a, "/inner", O_RDONLY, 0, RESOLVE_IN_ROOT, 10, 0)], check: (child) => expect(child.fds.has(0)).toBe(true) },
  {
    rule: "OPEN creates with its mode and the umask",
    actions: (a) => open(a, "/new", O_CREAT | O_RDWR, 0o666, 0, AT_FDCWD, 0),
    check: (child, { test }) => expect(test.machine.stat("/new")!.mode & 0o7777).toBe(0o666 & ~child.umask),
  },
  { rule: "CLOSE_RANGE closes a range", actions: () => [action.closeRange(1, 4)], flags: INHERIT, check: (child) => expect(openFds(child)).toEqual([0, 5]) },
  { rule: "CLOSE_RANGE with CLOEXEC leaves it to exec", actions: () => [action.closeRange(1, 4, CLOSE_RANGE_CLOEXEC)], flags: INHERIT, check: (child) => expect(openFds(child)).toEqual([0, 5]) },
  {
    rule: "CLOSE_RANGE with CLOEXEC leaves the descriptors usable for later actions",
    actions: ({}, { read }) => [action.closeRange(3, 100, CLOSE_RANGE_CLOEXEC), action.dup2(read, 0)],
    check: (child) => expect(child.fds.get(0)).toBe(false),
  },
  { rule: "CLOSE_RANGE with UNSHARE changes nothing more", actions: () => [action.closeRange(1, 4, CLOSE_RANGE_UNSHARE)], flags: INHERIT, check: (child) => expect(openFds(child)).toEqual([0, 5]) },
  { rule: "CLOSE_RANGE of what is not open succeeds", actions: () => [action.closeRange(100, 200)], check: (child) => expect(openFds(child)).toEqual([0, 1, 2]) },
  {
    rule: "SIGMASK replaces the mask; SIGKILL and SIGSTOP are dropped",
    actions: (a) => [maskAction(a, SIGINT, SIGTERM), maskAction(a, SIGUSR1, SIGKILL, SIGSTOP, 64)],
    check: (child) => expect(child.blocked).toEqual([SIGUSR1, 64]),
  },
  { rule: "SIGMASK changes nothing in the parent", actions: (a) => [maskAction(a, SIGUSR1)], check: (_, { actor }) => {
      const mask = actor.alloc(8);
      actor.must(SYS_RT_SIGPROCMASK, 0, null, mask, 8);
      expect(mask.u64(0)).toBe(0n);
    } },
  {
    rule: "SIGDEFAULT makes ignored signals default",
    before: (a) => [SIGINT, SIGUSR1, SIGUSR2].forEach((signal) => a.must(SYS_RT_SIGACTION, signal, sigaction(SIG_IGN), null, 8)),
    actions: (a) => [defaultAction(a, SIGINT, SIGUSR2)],
    check: (child) => expect(child.ignored).toEqual([SIGUSR1]),
  },
  {
    rule: "SIGDEFAULT covers 1 to 64 and skips SIGKILL and SIGSTOP",
    before: (a) => [1, 33, 63, 64].forEach((signal) => a.must(SYS_RT_SIGACTION, signal, sigaction(SIG_IGN), null, 8)),
    actions: (a) => [defaultAction(a, ...Array.from({ length: 64 }, (_, index) => index + 1))],
    check: (child, { profile }) => expect(child.ignored).toEqual(inProfile(literal<number[]>([], [64]), profile)),
  },
  {
    rule: "SIGDEFAULT changes nothing in the parent",
    before: (a) => a.must(SYS_RT_SIGACTION, SIGUSR1, sigaction(SIG_IGN), null, 8),
    actions: (a) => [defaultAction(a, SIGUSR1)],
    check: (_, { actor }) => {
      const old = actor.alloc(24);
      actor.must(SYS_RT_SIGACTION, SIGUSR1, null, old, 8);
      expect(old.u64(0)).toBe(1n);
    },
  },
  {
    rule: "handlers become default although SIGDEFAULT does not name them",
    before: (a) => a.must(SYS_RT_SIGACTION, SIGUSR1, sigaction(HANDLER), null, 8),
    actions: () => [],
    check: (child) => expect(child.handled).toEqual([]),
  },
];

describe.each(PROFILES)("an action in the child, profile %s", (profile) => {
  for (const { rule, before, actions, code } of failing) {
    it(rule, () => {
      const { actor, fd, fds } = prepare(profile, before);
      expect(waitFor(actor, spawn(actor, fd, { actions: actions(actor, fds) }))).toBe(failure(inProfile(code, profile), profile));
    });
  }

  for (const { rule, actions, code } of unprivileged) {
    it(rule, () => {
      const { actor, fds } = prepare(profile, (a) => {
        a.close(3);
        a.open("/closed", O_DIRECTORY);
        becomeUser(a);
      });
      const fd = template(actor, "/bin/born");
      expect(waitFor(actor, spawn(actor, fd, { actions: actions(actor, fds) }))).toBe(failure(inProfile(code, profile), profile));
    });
  }

  for (const { rule, before, actions, flags, check } of working) {
    it(rule, () => {
      const { test, actor, fd, fds } = prepare(profile, before);
      const pid = spawn(actor, fd, { actions: actions(actor, fds), flags });
      test.settle();
      check(born(test, pid), { actor, test, profile });
    });
  }

  it("leaves the side effects of earlier actions when a later one fails", () => {
    const { test, actor, fd } = prepare(profile);
    const made = open(actor, "/made", O_CREAT | O_RDWR, 0o600);
    expect(waitFor(actor, spawn(actor, fd, { actions: [...made, action.close(99)] }))).toBe(failure(1, profile));
    expect(test.machine.stat("/made")).toBeDefined();
  });

  it("does not run the actions behind the one that failed", () => {
    const { test, actor, fd } = prepare(profile);
    const made = open(actor, "/made", O_CREAT | O_RDWR, 0o600);
    expect(waitFor(actor, spawn(actor, fd, { actions: [action.close(99), ...made] }))).toBe(failure(1, profile));
    expect(test.machine.stat("/made")).toBeUndefined();
  });

  it("lets OPEN's own side effects stand when newfd is out of range", () => {
    const { test, actor, fd } = prepare(profile, limitTo(10));
    expect(waitFor(actor, spawn(actor, fd, { actions: open(actor, "/made", O_CREAT | O_RDWR, 0o600) }))).toBe(failure(1, profile));
    expect(test.machine.stat("/made")).toBeDefined();
  });

  it("refuses CLOSE_RANGE up to -1 in patch 06 only, and closes to the end otherwise", () => {
    const { test, actor, fd } = prepare(profile);
    const pid = spawn(actor, fd, { actions: [action.closeRange(1, -1)], flags: INHERIT });
    expect(pid).toBe(inProfile(seed(2, -22), profile));
    if (pid < 0) return;
    test.settle();
    expect(openFds(born(test, pid))).toEqual([0]);
  });
});
