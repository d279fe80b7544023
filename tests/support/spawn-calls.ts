// SPDX-License-Identifier: MIT
// The two calls as tests make them: structures are packed here, so that a row says only what it is about.

import { SYS_SPAWN_TEMPLATE_CREATE, SYS_SPAWN_TEMPLATE_SPAWN } from "../../kernel/abi/spawn-template.ts";
import { SYS_WAITID } from "../../kernel/abi/syscalls.ts";
import { P_PID, WEXITED } from "../../kernel/abi/wait.ts";
import type { PendingCall, TestActor } from "./actor.ts";
import { action, createArgs, openStruct, sigset, sigsetStruct, spawnArgs, type CreateFields, type SpawnFields } from "./structs.ts";

export interface SpawnOptions extends Omit<SpawnFields, "actions" | "argv" | "envp"> {
  readonly actions?: readonly Uint8Array[];
  readonly argv?: readonly string[];
  readonly envp?: readonly string[];
  /** Instead of argv and envp: raw pointers. */
  readonly argvAt?: number | bigint;
  readonly envpAt?: number | bigint;
}

/** spawn_template_create with these fields; a string is a filename. */
export function create(actor: TestActor, from: string | CreateFields): number {
  const fields = typeof from === "string" ? { filename: actor.str(from) } : from;
  return actor.call(SYS_SPAWN_TEMPLATE_CREATE, createArgs(fields), 72);
}

/** As create(), in the preparations of a test. */
export function template(actor: TestActor, from: string | CreateFields): number {
  const fd = create(actor, from);
  if (fd < 0) throw new Error(`no template of ${JSON.stringify(from)}: ${fd}`);
  return fd;
}

/** Begins a spawn; it may sleep. The pidfd's number is in `pidfd` afterwards. */
export function startSpawn(actor: TestActor, fd: number, options: SpawnOptions = {}): { call: PendingCall; pidfd: () => number } {
  const { actions = [], argv = ["program"], envp = [], argvAt, envpAt, ...fields } = options;
  const at = actor.alloc(16);
  at.setU32(0, 0xffffffff);
  const args = spawnArgs({
    pidfd: at,
    argv: argvAt ?? actor.strings(argv),
    envp: envpAt ?? actor.strings(envp),
    actions: actions.length === 0 ? 0 : actor.bytes(Buffer.concat(actions)),
    actionsLen: actions.length,
    ...fields,
  });
  return { call: actor.start(SYS_SPAWN_TEMPLATE_SPAWN, fd, args, 80), pidfd: () => at.s32(0) };
}

/** The result of a spawn: a pid or -errno. */
export function spawn(actor: TestActor, fd: number, options: SpawnOptions = {}): number {
  return startSpawn(actor, fd, options).call.result();
}

/** Spawns from a new template of `path` and waits: the raw wait status. */
export function spawnAndWait(actor: TestActor, path: string, options: SpawnOptions = {}): number {
  return waitFor(actor, spawn(actor, template(actor, path), options));
}

/** The raw wait status of a child; `pid` may be the failure of the spawn, which throws. */
export function waitFor(actor: TestActor, pid: number): number {
  if (pid <= 0) throw new Error(`the spawn failed: ${pid}`);
  return actor.wait(pid);
}

/** What waitid(2) says of a child, without taking it. */
export function waitidView(actor: TestActor, pid: number, options = WEXITED): { code: number; status: number } {
  const info = actor.alloc(128);
  actor.must(SYS_WAITID, P_PID, pid, info, options, null);
  return { code: info.s32(8), status: info.s32(24) };
}

/** The wait status of `exit(code)`. */
export function exited(code: number): number {
  return code << 8;
}

/** An OPEN action of `path`; its struct and path lie in the actor's memory. */
export function openAction(actor: TestActor, newfd: number, path: string | null, flags: number, mode = 0, resolve = 0, dirfd = -100): Buffer {
  return action.open(dirfd, newfd, actor.bytes(openStruct(path === null ? 0 : actor.str(path), flags, mode, resolve)));
}

/** SIGMASK and SIGDEFAULT actions. */
export function maskAction(actor: TestActor, ...signals: number[]): Buffer {
  return action.sigmask(actor.bytes(sigsetStruct(actor.bytes(sigset(...signals)))));
}

export function defaultAction(actor: TestActor, ...signals: number[]): Buffer {
  return action.sigdefault(actor.bytes(sigsetStruct(actor.bytes(sigset(...signals)))));
}

