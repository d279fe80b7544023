// SPDX-License-Identifier: MIT
// Who may spawn from a template: whoever has the very credential object of its creator. One row per call that replaces the
// object, and per call that keeps it; and how a template's descriptor travels without its authority.

import { describe, expect, it } from "vitest";
import { directory, file } from "../../host/core/image.ts";
import { EACCES } from "../../kernel/abi/errno.ts";
import { CLOSE_RANGE_UNSHARE } from "../../kernel/abi/fcntl.ts";
import {
  PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, PR_CAPBSET_DROP, PR_SET_DUMPABLE, PR_SET_KEEPCAPS, PR_SET_NAME, PR_SET_NO_NEW_PRIVS,
  PR_SET_SECUREBITS,
} from "../../kernel/abi/prctl.ts";
import { RLIMIT_NOFILE } from "../../kernel/abi/resource.ts";
import {
  CLONE_FILES, CLONE_FS, CLONE_NEWNS, CLONE_NEWUSER, CLONE_SIGHAND, CLONE_THREAD, CLONE_VM,
} from "../../kernel/abi/sched.ts";
import { SIGCHLD } from "../../kernel/abi/signal.ts";
import { AF_UNIX, SCM_RIGHTS, SOCK_STREAM, SOL_SOCKET } from "../../kernel/abi/socket.ts";
import { SYS_SPAWN_TEMPLATE_SPAWN } from "../../kernel/abi/spawn-template.ts";
import {
  SYS_CAPSET, SYS_CHROOT, SYS_CLONE, SYS_CLOSE_RANGE, SYS_DUP3, SYS_EXECVE, SYS_PRCTL, SYS_PRLIMIT64, SYS_RECVMSG, SYS_SENDMSG, SYS_SETFSGID,
  SYS_SETFSUID, SYS_SETGID, SYS_SETGROUPS, SYS_SETPGID, SYS_SETREGID, SYS_SETRESGID, SYS_SETRESUID, SYS_SETREUID, SYS_SETSID,
  SYS_SETUID, SYS_SOCKETPAIR, SYS_UMASK, SYS_UNSHARE,
} from "../../kernel/abi/syscalls.ts";
import { expectResult, type TestActor } from "../support/actor.ts";
import { boot } from "../support/boot.ts";
import { exits } from "../support/elf-builder.ts";
import { PROFILES } from "../support/profiles.ts";
import { exited, spawn, template, waitFor } from "../support/spawn-calls.ts";
import { iovecs, pack, spawnArgs } from "../support/structs.ts";
import { TinyProgram } from "../support/tiny-program.ts";

/** Spawns from descriptor 3, which it inherited, and exits with the low byte of the result. */
function heir(): Buffer {
  const program = new TinyProgram();
  const args = program.bytes(spawnArgs({ pidfd: program.reserve(8) }));
  return program.exitWith(program.call(SYS_SPAWN_TEMPLATE_SPAWN, 3, args, 80)).elf();
}

const entries = [file("/bin/tool", exits(7), 0o755), file("/bin/heir", heir(), 0o755), directory("/empty")];
const ALL_CAPABILITIES = pack("u32", 0xffffffff, "u32", 0xffffffff, "u32", 0, "u32", 0xffffffff, "u32", 0xffffffff, "u32", 0);

const replacing: [string, (actor: TestActor) => number][] = [
  ["setuid to the same id", (a) => a.call(SYS_SETUID, 0)],
  ["setgid to the same id", (a) => a.call(SYS_SETGID, 0)],
  ["setreuid to the same ids", (a) => a.call(SYS_SETREUID, 0, 0)],
  ["setreuid that changes nothing", (a) => a.call(SYS_SETREUID, -1, -1)],
  ["setregid to the same ids", (a) => a.call(SYS_SETREGID, 0, 0)],
  ["setregid that changes nothing", (a) => a.call(SYS_SETREGID, -1, -1)],
  ["setresuid to another id", (a) => a.call(SYS_SETRESUID, -1, -1, 5)],
  ["setresgid to another id", (a) => a.call(SYS_SETRESGID, -1, -1, 5)],
  ["setfsuid to another id", (a) => a.call(SYS_SETFSUID, 5)],
  ["setfsgid to another id", (a) => a.call(SYS_SETFSGID, 5)],
  ["setgroups", (a) => a.call(SYS_SETGROUPS, 0, null)],
  ["capset", (a) => a.call(SYS_CAPSET, pack("u32", 0x20080522, "s32", 0), ALL_CAPABILITIES)],
  ["PR_SET_KEEPCAPS", (a) => a.call(SYS_PRCTL, PR_SET_KEEPCAPS, 0)],
  ["PR_SET_SECUREBITS", (a) => a.call(SYS_PRCTL, PR_SET_SECUREBITS, 0)],
  ["PR_CAPBSET_DROP", (a) => a.call(SYS_PRCTL, PR_CAPBSET_DROP, 30)],
  ["PR_CAP_AMBIENT", (a) => a.call(SYS_PRCTL, PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)],
  ["unshare of the user namespace", (a) => a.call(SYS_UNSHARE, CLONE_NEWUSER)],
];

const keeping: [string, (actor: TestActor) => number][] = [
  ["nothing", () => 0],
  ["setresuid that changes nothing", (a) => a.call(SYS_SETRESUID, -1, -1, -1)],
  ["setresuid to the same ids", (a) => a.call(SYS_SETRESUID, 0, 0, 0)],
  ["setresgid that changes nothing", (a) => a.call(SYS_SETRESGID, -1, -1, -1)],
  ["setresgid to the same ids", (a) => a.call(SYS_SETRESGID, 0, 0, 0)],
  ["setfsuid to the same id", (a) => a.call(SYS_SETFSUID, 0)],
  ["setfsgid to the same id", (a) => a.call(SYS_SETFSGID, 0)],
  ["no_new_privs", (a) => a.call(SYS_PRCTL, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)],
  ["PR_SET_NAME", (a) => a.call(SYS_PRCTL, PR_SET_NAME, "other")],
  ["PR_SET_DUMPABLE", (a) => a.call(SYS_PRCTL, PR_SET_DUMPABLE, 0)],
  ["chroot to /", (a) => a.call(SYS_CHROOT, "/")],
  ["a limit", (a) => a.call(SYS_PRLIMIT64, 0, RLIMIT_NOFILE, pack("u64", 64, "u64", 64), null)],
  ["setsid", (a) => Math.min(a.call(SYS_SETSID), 0)],
  ["setpgid", (a) => a.call(SYS_SETPGID, 0, 0)],
  ["umask", (a) => a.call(SYS_UMASK, 0) * 0],
  ["unshare of fs", (a) => a.call(SYS_UNSHARE, CLONE_FS)],
  ["unshare of files", (a) => a.call(SYS_UNSHARE, CLONE_FILES)],
  ["unshare of mounts", (a) => a.call(SYS_UNSHARE, CLONE_NEWNS)],
  ["close_range with UNSHARE", (a) => a.call(SYS_CLOSE_RANGE, 60, 70, CLOSE_RANGE_UNSHARE)],
  ["a fork, in the parent", (a) => 0 * a.fork().pid],
  ["a failed execve", (a) => 0 * a.call(SYS_EXECVE, "/missing", 0, 0)],
  ["a spawn", (a) => 0 * waitFor(a, spawn(a, template(a, "/bin/tool")))],
];

const THREAD = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD;

describe.each(PROFILES)("authority over a template, profile %s", (profile) => {
  function start() {
    const test = boot({ profile, entries });
    test.actor();
    const actor = test.actor();
    return { test, actor, fd: template(actor, "/bin/tool") };
  }
  const works = (actor: TestActor, fd: number) => expect(waitFor(actor, spawn(actor, fd))).toBe(exited(7));

  it.each(replacing)("is lost by %s", (_, call) => {
    const { actor, fd } = start();
    expectResult(call(actor), 0);
    expectResult(spawn(actor, fd), -EACCES);
  });

  it.each(replacing)("is there for a template made after %s", (_, call) => {
    const { actor } = start();
    call(actor);
    works(actor, template(actor, "/bin/tool"));
  });

  it.each(keeping)("is kept by %s", (_, call) => {
    const { actor, fd } = start();
    expectResult(call(actor), 0);
    works(actor, fd);
  });

  it("is lost by execve, although the descriptor stays", () => {
    const { actor } = start();
    const child = actor.fork();
    child.must(SYS_DUP3, template(child, "/bin/tool"), 3, 0);
    child.must(SYS_EXECVE, "/bin/heir", child.strings(["heir"]), 0);
    expect(actor.wait(child.pid)).toBe(exited(-EACCES & 0xff));
  });

  it.each([
    ["fork", SIGCHLD],
    ["clone with CLONE_VM", CLONE_VM | SIGCHLD],
    ["clone with CLONE_VM and CLONE_FILES", CLONE_VM | CLONE_FILES | SIGCHLD],
  ])("is not given by %s; the parent keeps it", (_, flags) => {
    const { test, actor, fd } = start();
    const child = test.adopt(actor.must(SYS_CLONE, flags, 0, 0, 0, 0), actor);
    expectResult(spawn(child, fd), -EACCES);
    works(actor, fd);
  });

  it("belongs to all threads that have the object, and a thread's setuid loses it for that thread only", () => {
    const { test, actor, fd } = start();
    const thread = test.adopt(actor.must(SYS_CLONE, THREAD, 0, 0, 0, 0), actor);
    works(thread, fd);
    thread.must(SYS_SETUID, 0);
    expectResult(spawn(thread, fd), -EACCES);
    works(actor, fd);
  });

  it("is lost when the creator dies: nobody can spawn from an inherited descriptor", () => {
    const { actor, fd } = start();
    const child = actor.fork();
    actor.exit();
    expectResult(spawn(child, fd), -EACCES);
  });

  it("does not travel by SCM_RIGHTS to another process", () => {
    const { actor, fd } = start();
    const [one, other] = socketpair(actor);
    const child = actor.fork();
    child.close(fd);
    send(actor, one, fd);
    expectResult(spawn(child, receive(child, other)), -EACCES);
  });

  it("is there when SCM_RIGHTS brings the descriptor back to the same process", () => {
    const { actor, fd } = start();
    const [one, other] = socketpair(actor);
    send(actor, one, fd);
    actor.close(fd);
    works(actor, receive(actor, other));
  });
});

function socketpair(actor: TestActor): [number, number] {
  const fds = actor.alloc(8);
  actor.must(SYS_SOCKETPAIR, AF_UNIX, SOCK_STREAM, 0, fds);
  return [fds.s32(0), fds.s32(4)];
}

const CONTROL_SIZE = 24;

function message(actor: TestActor, control: Uint8Array) {
  const area = actor.bytes(control);
  const vector = actor.bytes(iovecs(actor.alloc(1)));
  const header = actor.bytes(pack("u64", 0, "u64", 0, "u64", vector, "u64", 1, "u64", area, "u64", CONTROL_SIZE, "u64", 0));
  return { area, header };
}

function send(actor: TestActor, socket: number, fd: number): void {
  const { header } = message(actor, pack("u64", 20, "s32", SOL_SOCKET, "s32", SCM_RIGHTS, "s32", fd, "u32", 0));
  actor.must(SYS_SENDMSG, socket, header, 0);
}

function receive(actor: TestActor, socket: number): number {
  const { area, header } = message(actor, new Uint8Array(CONTROL_SIZE));
  actor.must(SYS_RECVMSG, socket, header, 0);
  return area.s32(16);
}
