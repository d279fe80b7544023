// SPDX-License-Identifier: MIT
// The structures of the two spawn-template calls in a trace: arguments, and action lists as a person would write them.
//
//   create_args 72: 0 flags u64, 8 execfd s32, 12 exec_flags u32, 16 filename, 24 actions, 32 actions_len, 40 reserved u64[4]
//   spawn_args  80: 0 flags u64, 8 pidfd, 16 argv, 24 envp, 32 actions, 40 actions_len, 48 reserved u64[4]
//   action      24: 0 type u32, 4 flags u32, 8 fd s32, 12 newfd s32, 16 arg u64
//   open        32: 0 path, 8 open_how {flags, mode, resolve}          sigset 16: 0 sigset, 8 sigsetsize

import { O_CLOEXEC } from "../../../kernel/abi/fcntl.ts";
import * as spawn from "../../../kernel/abi/spawn-template.ts";
import { hex, int, intAt, pointer, structAt, type CallView } from "./argument.ts";
import { closeRangeFlags, createFlags, dirfd, openFlagsText, resolveFlags, spawnFlags, createsFile } from "./flags.ts";
import { environment, path, stringVector } from "./strings.ts";
import { sigset, vector } from "./structs.ts";

export function createArgs(address: bigint, call: CallView): string {
  const view = structAt(call, address, spawn.SPAWN_TEMPLATE_CREATE_ARGS_SIZE);
  if (view === undefined) return pointer(address);
  const filename = view.getBigUint64(16, true);
  const parts = [`flags=${createFlags(view.getBigUint64(0, true))}`, `execfd=${view.getInt32(8, true)}`];
  if (view.getUint32(12, true) !== 0) parts.push(`exec_flags=${hex(BigInt(view.getUint32(12, true)))}`);
  if (filename !== 0n) parts.push(`filename=${path(filename, call)}`);
  if (view.getBigUint64(24, true) !== 0n) parts.push(`actions=${pointer(view.getBigUint64(24, true))}`);
  if (view.getBigUint64(32, true) !== 0n) parts.push(`actions_len=${view.getBigUint64(32, true)}`);
  return `{${[...parts, ...reserved(view, 40)].join(", ")}}`;
}

export function spawnArgs(address: bigint, call: CallView): string {
  const view = structAt(call, address, spawn.SPAWN_TEMPLATE_SPAWN_ARGS_SIZE);
  if (view === undefined) return pointer(address);
  const count = view.getBigUint64(40, true);
  const parts = [
    `flags=${spawnFlags(view.getBigUint64(0, true))}`,
    `pidfd=${pointer(view.getBigUint64(8, true))}`,
    `argv=${stringVector(view.getBigUint64(16, true), call)}`,
    `envp=${environment(view.getBigUint64(24, true), call)}`,
    `actions=${count === 0n ? "[]" : actionList(view.getBigUint64(32, true), count, call)}`,
  ];
  return `{${[...parts, ...reserved(view, 48)].join(", ")}}`;
}

/** The pidfd that a spawn stored, once it has succeeded. */
export function storedPidfd(address: bigint, call: CallView): string | undefined {
  const view = structAt(call, address, spawn.SPAWN_TEMPLATE_SPAWN_ARGS_SIZE);
  return view && ` => {pidfd=${intAt(call, view.getBigUint64(8, true))}}`;
}

/** `{DUP2 4 -> 1}`, `{CLOSE_RANGE 3..~0 CLOSE_RANGE_CLOEXEC}`, `{OPEN "/x" O_RDONLY -> 0}`. */
export function actionText(view: DataView, call: CallView): string {
  const type = view.getUint32(0, true);
  const flags = BigInt(view.getUint32(4, true));
  const fd = BigInt(view.getInt32(8, true));
  const newfd = view.getInt32(12, true);
  const arg = view.getBigUint64(16, true);
  const extra = flags === 0n ? "" : ` ${hex(flags)}`;
  switch (type) {
    case spawn.SPAWN_TEMPLATE_ACTION_CLOSE:
      return `{CLOSE ${fd}${extra}}`;
    case spawn.SPAWN_TEMPLATE_ACTION_DUP2:
      return `{DUP2 ${fd} -> ${newfd}${flags === BigInt(O_CLOEXEC) ? " O_CLOEXEC" : extra}}`;
    case spawn.SPAWN_TEMPLATE_ACTION_FCHDIR:
      return `{FCHDIR ${fd}${extra}}`;
    case spawn.SPAWN_TEMPLATE_ACTION_OPEN:
      return `{OPEN ${openText(fd, arg, call)} -> ${newfd}${extra}}`;
    case spawn.SPAWN_TEMPLATE_ACTION_CLOSE_RANGE:
      return `{CLOSE_RANGE ${fd}..${newfd === -1 ? "~0" : newfd}${flags === 0n ? "" : ` ${closeRangeFlags(flags)}`}}`;
    case spawn.SPAWN_TEMPLATE_ACTION_SIGMASK:
      return `{SIGMASK ${sigsetOf(arg, call)}${extra}}`;
    case spawn.SPAWN_TEMPLATE_ACTION_SIGDEFAULT:
      return `{SIGDEFAULT ${sigsetOf(arg, call)}${extra}}`;
    default:
      return `{type=${type}, flags=${hex(flags)}, fd=${fd}, newfd=${newfd}, arg=${pointer(arg)}}`;
  }
}

function actionList(address: bigint, count: bigint, call: CallView): string {
  return vector(address, count, spawn.SPAWN_TEMPLATE_ACTION_SIZE, call, (view) => actionText(view, call));
}

/** `"/x" O_RDONLY`; the directory only where it counts or is not the current one. */
function openText(directory: bigint, address: bigint, call: CallView): string {
  const view = structAt(call, address, spawn.SPAWN_TEMPLATE_OPEN_SIZE);
  const from = int(directory) === "-100" ? "" : `${dirfd(directory)} `;
  if (view === undefined) return `${from}${pointer(address)}`;
  const [flags, mode, resolve] = [8, 16, 24].map((at) => view.getBigUint64(at, true)) as [bigint, bigint, bigint];
  const parts = [`${from}${path(view.getBigUint64(0, true), call)}`, openFlagsText(flags)];
  if (mode !== 0n || createsFile(flags)) parts.push(`0${mode.toString(8)}`);
  if (resolve !== 0n) parts.push(resolveFlags(resolve));
  return parts.join(" ");
}

function sigsetOf(address: bigint, call: CallView): string {
  const view = structAt(call, address, spawn.SPAWN_TEMPLATE_SIGSET_SIZE);
  return view ? sigset(view.getBigUint64(0, true), call) : pointer(address);
}

function reserved(view: DataView, at: number): string[] {
  const words = [0, 8, 16, 24].map((offset) => view.getBigUint64(at + offset, true));
  return words.some((word) => word !== 0n) ? [`reserved=[${words.map(hex).join(", ")}]`] : [];
}
