// SPDX-License-Identifier: MIT
// Action list entries: what the caller is told (EINVAL) before there is a child.

import { describe, expect, it } from "vitest";
import { file } from "../../host/core/image.ts";
import { EINVAL } from "../../kernel/abi/errno.ts";
import { AT_FDCWD, CLOSE_RANGE_CLOEXEC, CLOSE_RANGE_UNSHARE, O_CLOEXEC, O_NONBLOCK } from "../../kernel/abi/fcntl.ts";
import * as types from "../../kernel/abi/spawn-template.ts";
import { expectResult, type TestActor } from "../support/actor.ts";
import { boot } from "../support/boot.ts";
import { exits } from "../support/elf-builder.ts";
import { inProfile, PROFILES, seed, type PerProfile } from "../support/profiles.ts";
import { spawn, template } from "../support/spawn-calls.ts";
import { action, actionOf, openStruct, sigset, sigsetStruct, type ActionFields } from "../support/structs.ts";

const CLOSE = types.SPAWN_TEMPLATE_ACTION_CLOSE;
const DUP2 = types.SPAWN_TEMPLATE_ACTION_DUP2;
const FCHDIR = types.SPAWN_TEMPLATE_ACTION_FCHDIR;
const OPEN = types.SPAWN_TEMPLATE_ACTION_OPEN;
const CLOSE_RANGE = types.SPAWN_TEMPLATE_ACTION_CLOSE_RANGE;
const SIGMASK = types.SPAWN_TEMPLATE_ACTION_SIGMASK;
const SIGDEFAULT = types.SPAWN_TEMPLATE_ACTION_SIGDEFAULT;

interface Row {
  readonly rule: string;
  readonly entry: ActionFields;
  /** Accepted rows start a child, whatever becomes of it. */
  readonly isAccepted?: PerProfile<boolean>;
}

/** Stands for a pointer to a struct of the action's kind. */
const ARG = 0xa46;

const rows: Row[] = [
  { rule: "CLOSE of fd 0 is accepted", entry: { type: CLOSE, fd: 0 }, isAccepted: true },
  { rule: "CLOSE of an fd that is not open is accepted by the caller", entry: { type: CLOSE, fd: 0x7fffffff }, isAccepted: true },
  { rule: "CLOSE with fd -1", entry: { type: CLOSE, fd: -1 } },
  { rule: "CLOSE with AT_FDCWD", entry: { type: CLOSE, fd: AT_FDCWD } },
  { rule: "CLOSE with newfd", entry: { type: CLOSE, fd: 1, newfd: 1 } },
  { rule: "CLOSE with newfd -1", entry: { type: CLOSE, fd: 1, newfd: -1 } },
  { rule: "CLOSE with flags", entry: { type: CLOSE, fd: 1, flags: 1 } },
  { rule: "CLOSE with arg", entry: { type: CLOSE, fd: 1, arg: 1 } },

  { rule: "DUP2 without flags is accepted", entry: { type: DUP2, fd: 1, newfd: 5 }, isAccepted: true },
  { rule: "DUP2 with O_CLOEXEC is accepted", entry: { type: DUP2, fd: 1, newfd: 5, flags: O_CLOEXEC }, isAccepted: true },
  { rule: "DUP2 onto itself with O_CLOEXEC is accepted by the caller", entry: { type: DUP2, fd: 1, newfd: 1, flags: O_CLOEXEC }, isAccepted: true },
  { rule: "DUP2 with a huge newfd is accepted by the caller", entry: { type: DUP2, fd: 1, newfd: 0x7fffffff }, isAccepted: true },
  { rule: "DUP2 with fd -1", entry: { type: DUP2, fd: -1, newfd: 1 } },
  { rule: "DUP2 with newfd -1", entry: { type: DUP2, fd: 1, newfd: -1 } },
  { rule: "DUP2 with O_NONBLOCK", entry: { type: DUP2, fd: 1, newfd: 5, flags: O_NONBLOCK } },
  { rule: "DUP2 with O_CLOEXEC and another bit", entry: { type: DUP2, fd: 1, newfd: 5, flags: O_CLOEXEC | 1 } },
  { rule: "DUP2 with FD_CLOEXEC instead of O_CLOEXEC", entry: { type: DUP2, fd: 1, newfd: 5, flags: 1 } },
  { rule: "DUP2 with arg", entry: { type: DUP2, fd: 1, newfd: 5, arg: 1 } },

  { rule: "FCHDIR of fd 0 is accepted by the caller", entry: { type: FCHDIR, fd: 0 }, isAccepted: true },
  { rule: "FCHDIR with fd -1", entry: { type: FCHDIR, fd: -1 } },
  { rule: "FCHDIR with AT_FDCWD", entry: { type: FCHDIR, fd: AT_FDCWD } },
  { rule: "FCHDIR with newfd", entry: { type: FCHDIR, fd: 0, newfd: 1 } },
  { rule: "FCHDIR with flags", entry: { type: FCHDIR, fd: 0, flags: 1 } },
  { rule: "FCHDIR with arg", entry: { type: FCHDIR, fd: 0, arg: 1 } },

  { rule: "OPEN at AT_FDCWD is accepted", entry: { type: OPEN, fd: AT_FDCWD, newfd: 5, arg: ARG }, isAccepted: true },
  { rule: "OPEN at -99 is accepted by the caller", entry: { type: OPEN, fd: -99, newfd: 5, arg: ARG }, isAccepted: true },
  { rule: "OPEN at -1 is accepted by the caller", entry: { type: OPEN, fd: -1, newfd: 5, arg: ARG }, isAccepted: true },
  { rule: "OPEN with an unmapped arg is accepted by the caller", entry: { type: OPEN, fd: AT_FDCWD, newfd: 5, arg: 1 }, isAccepted: true },
  { rule: "OPEN at -101", entry: { type: OPEN, fd: -101, newfd: 5, arg: ARG } },
  { rule: "OPEN at the lowest int", entry: { type: OPEN, fd: -0x80000000, newfd: 5, arg: ARG } },
  { rule: "OPEN with newfd -1", entry: { type: OPEN, fd: AT_FDCWD, newfd: -1, arg: ARG } },
  { rule: "OPEN with flags", entry: { type: OPEN, fd: AT_FDCWD, newfd: 5, flags: O_CLOEXEC, arg: ARG } },
  { rule: "OPEN without arg", entry: { type: OPEN, fd: AT_FDCWD, newfd: 5 } },

  { rule: "CLOSE_RANGE of one fd is accepted", entry: { type: CLOSE_RANGE, fd: 5, newfd: 5 }, isAccepted: true },
  { rule: "CLOSE_RANGE with UNSHARE is accepted", entry: { type: CLOSE_RANGE, fd: 5, newfd: 9, flags: CLOSE_RANGE_UNSHARE }, isAccepted: true },
  { rule: "CLOSE_RANGE with CLOEXEC is accepted", entry: { type: CLOSE_RANGE, fd: 5, newfd: 9, flags: CLOSE_RANGE_CLOEXEC }, isAccepted: true },
  { rule: "CLOSE_RANGE with both flags is accepted", entry: { type: CLOSE_RANGE, fd: 5, newfd: 9, flags: 6 }, isAccepted: true },
  { rule: "CLOSE_RANGE up to -1 is accepted", entry: { type: CLOSE_RANGE, fd: 5, newfd: -1 }, isAccepted: seed(true, false) },
  { rule: "CLOSE_RANGE from the highest int up to -1 is accepted", entry: { type: CLOSE_RANGE, fd: 0x7fffffff, newfd: -1 }, isAccepted: seed(true, false) },
  { rule: "CLOSE_RANGE from -1", entry: { type: CLOSE_RANGE, fd: -1, newfd: 5 } },
  { rule: "CLOSE_RANGE from -1 up to -1", entry: { type: CLOSE_RANGE, fd: -1, newfd: -1 } },
  { rule: "CLOSE_RANGE up to -2", entry: { type: CLOSE_RANGE, fd: 5, newfd: -2 } },
  { rule: "CLOSE_RANGE that ends before it begins", entry: { type: CLOSE_RANGE, fd: 5, newfd: 4 } },
  { rule: "CLOSE_RANGE with flag 1", entry: { type: CLOSE_RANGE, fd: 5, newfd: 9, flags: 1 } },
  { rule: "CLOSE_RANGE with flag 8", entry: { type: CLOSE_RANGE, fd: 5, newfd: 9, flags: 8 } },
  { rule: "CLOSE_RANGE with arg", entry: { type: CLOSE_RANGE, fd: 5, newfd: 9, arg: 1 } },

  ...([["SIGMASK", SIGMASK], ["SIGDEFAULT", SIGDEFAULT]] as const).flatMap(([name, type]): Row[] => [
    { rule: `${name} is accepted`, entry: { type, arg: ARG }, isAccepted: true },
    { rule: `${name} with an unmapped arg is accepted by the caller`, entry: { type, arg: 1 }, isAccepted: true },
    { rule: `${name} with fd`, entry: { type, fd: 1, arg: ARG } },
    { rule: `${name} with fd -1`, entry: { type, fd: -1, arg: ARG } },
    { rule: `${name} with newfd`, entry: { type, newfd: 1, arg: ARG } },
    { rule: `${name} with flags`, entry: { type, flags: 1, arg: ARG } },
    { rule: `${name} without arg`, entry: { type } },
  ]),

  { rule: "type 7", entry: { type: 7 } },
  { rule: "type 2^32 - 1", entry: { type: 0xffffffff } },
];

describe.each(PROFILES)("an action list entry, profile %s", (profile) => {
  for (const { rule, entry, isAccepted = false } of rows) {
    const accepted = inProfile(isAccepted, profile);
    it(accepted === isAccepted && accepted ? rule : `${rule} is ${accepted ? "accepted" : "EINVAL"}`, () => {
      const actor = boot({ profile, entries: [file("/bin/tool", exits(0), 0o755)] }).actor();
      const fd = template(actor, "/bin/tool");
      const bytes = actionOf(entry.arg === ARG ? { ...entry, arg: structFor(actor, entry.type) } : entry);
      const result = spawn(actor, fd, { actions: [bytes] });
      expectResult(result, accepted ? 2 : -EINVAL);
    });
  }

  it("is checked in order, all of them before any runs", () => {
    const actor = boot({ profile, entries: [file("/bin/tool", exits(0), 0o755)] }).actor();
    const fd = template(actor, "/bin/tool");
    const last = actionOf({ type: 99 });
    expectResult(spawn(actor, fd, { actions: [action.close(0), last] }), -EINVAL);
    expect(actor.machine.usage().tasks).toBe(1);
  });
});

function structFor(actor: TestActor, type: number): number {
  const bytes = type === OPEN ? openStruct(actor.str("/bin/tool")) : sigsetStruct(actor.bytes(sigset()));
  return actor.bytes(bytes).address;
}
