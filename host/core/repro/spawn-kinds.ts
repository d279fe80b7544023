// SPDX-License-Identifier: MIT
// The structures of the two spawn-template calls as a reproduction writes them. Actions are written as calls:
//
//   close(fd)   dup2(fd, newfd, FLAGS)   fchdir(fd)   close_range(first, last, FLAGS)   sigmask([SIG...])   sigdefault([SIG...])
//   open(newfd, "path", FLAGS, mode, resolve, dirfd)   action(type, flags, fd, newfd, arg): any, right or wrong

import { AT_FDCWD } from "../../../kernel/abi/fcntl.ts";
import * as spawn from "../../../kernel/abi/spawn-template.ts";
import type { Encoder, Kind } from "./encode.ts";
import { bytesOf, concat, defaultsTo, field, numbersView, plain, result, sigset, struct } from "./kinds.ts";
import type { Call, Value } from "./syntax.ts";

const reserved = [0, 1, 2, 3].map((index) => field(`reserved${index}`, "u64"));

/** execfd must be negative beside a filename: that is what it is unless something else is said. */
const execfd: Kind = { ...plain, absent: (_, given) => (given.has("filename") ? -1n : 0n) };
const actionsLen: Kind = {
  ...plain,
  absent(_, given) {
    const actions = given.get("actions")?.value;
    return BigInt(actions?.kind === "list" ? actions.items.length : 0);
  },
};
const actions: Kind = {
  encode(value, encoder) {
    if (value.kind !== "list") return plain.encode(value, encoder);
    return encoder.place(concat(value.items.map((item) => packAction(item, encoder))), value);
  },
};

export const createArgs = struct(
  field("flags", "u64"),
  field("execfd", "s32", execfd),
  field("exec_flags", "u32"),
  field("filename", "u64"),
  field("actions", "u64", actions),
  field("actions_len", "u64", actionsLen),
  ...reserved,
);

export const spawnArgs = struct(
  field("flags", "u64"),
  field("pidfd", "u64", result(numbersView("s32"))),
  field("argv", "u64"),
  field("envp", "u64"),
  field("actions", "u64", actions),
  field("actions_len", "u64", actionsLen),
  ...reserved,
);

const openStruct = struct(field("path", "u64"), field("flags", "u64"), field("mode", "u64"), field("resolve", "u64"));
const sigsetStruct = struct(field("sigset", "u64", sigset), field("sigsetsize", "u64", defaultsTo(spawn.SPAWN_TEMPLATE_SIGSET_SIZE / 2)));

interface ActionFields {
  readonly type: number | bigint;
  readonly flags?: bigint;
  readonly fd?: bigint;
  readonly newfd?: bigint;
  readonly arg?: bigint;
}

const ACTIONS: Record<string, { from: number; to: number; pack: (call: Call, encoder: Encoder, number: (index: number) => bigint) => ActionFields }> = {
  close: { from: 1, to: 1, pack: (_, __, number) => ({ type: spawn.SPAWN_TEMPLATE_ACTION_CLOSE, fd: number(0) }) },
  dup2: { from: 2, to: 3, pack: (_, __, number) => ({ type: spawn.SPAWN_TEMPLATE_ACTION_DUP2, fd: number(0), newfd: number(1), flags: number(2) }) },
  fchdir: { from: 1, to: 1, pack: (_, __, number) => ({ type: spawn.SPAWN_TEMPLATE_ACTION_FCHDIR, fd: number(0) }) },
  close_range: {
    from: 2,
    to: 3,
    pack: (_, __, number) => ({ type: spawn.SPAWN_TEMPLATE_ACTION_CLOSE_RANGE, fd: number(0), newfd: number(1), flags: number(2) }),
  },
  open: {
    from: 3,
    to: 6,
    pack: (call, encoder, number) => ({
      type: spawn.SPAWN_TEMPLATE_ACTION_OPEN,
      fd: call.args.length > 5 ? number(5) : BigInt(AT_FDCWD),
      newfd: number(0),
      arg: openStruct.encode(structOf(call, { path: 1, flags: 2, mode: 3, resolve: 4 }), encoder),
    }),
  },
  sigmask: { from: 1, to: 1, pack: (call, encoder) => ({ type: spawn.SPAWN_TEMPLATE_ACTION_SIGMASK, arg: signals(call, encoder) }) },
  sigdefault: { from: 1, to: 1, pack: (call, encoder) => ({ type: spawn.SPAWN_TEMPLATE_ACTION_SIGDEFAULT, arg: signals(call, encoder) }) },
  action: {
    from: 1,
    to: 5,
    pack: (call, encoder, number) => ({
      type: number(0),
      flags: number(1),
      fd: number(2),
      newfd: number(3),
      arg: call.args[4] ? plain.encode(call.args[4], encoder) : 0n,
    }),
  },
};

function packAction(value: Value, encoder: Encoder): Uint8Array {
  const action = value.kind === "call" && Object.hasOwn(ACTIONS, value.name) ? ACTIONS[value.name] : undefined;
  if (value.kind !== "call" || action === undefined) throw encoder.error(value, `an action: ${Object.keys(ACTIONS).join(", ")}`);
  const count = value.args.length;
  if (count < action.from || count > action.to) throw encoder.error(value, `${action.from} to ${action.to} arguments of ${value.name}`);
  const number = (index: number): bigint => (value.args[index] ? encoder.integer(value.args[index]) : 0n);
  const { type, flags = 0n, fd = 0n, newfd = 0n, arg = 0n } = action.pack(value, encoder, number);
  return concat([bytesOf(BigInt(type), 4), bytesOf(flags, 4), bytesOf(fd, 4), bytesOf(newfd, 4), bytesOf(arg, 8)]);
}

/** A raw pointer instead of a list stands for the spawn_template_sigset itself. */
function signals(call: Call, encoder: Encoder): bigint {
  const [set] = call.args;
  return set?.kind === "list" ? sigsetStruct.encode(structOf(call, { sigset: 0 }), encoder) : plain.encode(set!, encoder);
}

/** The arguments of an action as fields of the structure it points at. */
function structOf(call: Call, places: Record<string, number>): Value {
  const { line, column } = call;
  const fields = Object.entries(places).flatMap(([name, index]) => {
    const value = call.args[index];
    return value ? [{ line, column, name, value }] : [];
  });
  return { line, column, kind: "struct", fields };
}
