// SPDX-License-Identifier: MIT
// What the tasks of a machine are at a moment, read from the kernel's own objects (kernel/inspect.ts has the lines), and as text for people.

import * as fcntl from "../../kernel/abi/fcntl.ts";
import type { Machine } from "./machine.ts";
import { bitsOf, callName, flagsText, signalName } from "./names.ts";

export interface TaskView {
  readonly tid: number;
  readonly pid: number;
  readonly ppid: number;
  readonly group: number;
  readonly session: number;
  /** As ps(1) shows it: R, S, D, T, Z. */
  readonly state: string;
  /** The host makes its calls. */
  readonly isActor: boolean;
  readonly name: string;
  readonly uid: number;
  readonly euid: number;
  readonly gid: number;
  readonly egid: number;
  /** Names the credential object: equal numbers, the same object. */
  readonly credentials: bigint;
  /** The system call that it is in, and until when it sleeps there at most, in virtual ns. */
  readonly call?: { readonly number: number; readonly deadlineNs?: bigint; readonly vforkChild?: number };
  /** A template's child: the action that it is in or comes to. */
  readonly action?: number;
  readonly sleepsIn?: string;
  readonly umask?: number;
  readonly cwd?: string;
  /** Sets of signals, bit signo - 1. */
  readonly signals?: Readonly<Record<"blocked" | "pending" | "ignored" | "handled", bigint>>;
  readonly files: readonly FileView[];
}

export interface FileView {
  readonly fd: number;
  readonly isCloseOnExec: boolean;
  /** As F_GETFL shows them. */
  readonly flags: number;
  readonly position: bigint;
  readonly name: string;
  readonly template?: TemplateView;
}

export interface TemplateView {
  readonly inode: bigint;
  readonly size: bigint;
  readonly mode: number;
  /** References that deny writing to the executable now. */
  readonly writeDenials: number;
  /** The executable is what it was when the template was made; its path may still lead elsewhere. */
  readonly isUnchanged: boolean;
  readonly credentials: bigint;
  readonly executable: string;
}

/** All tasks of a machine by tid, those that wait to be reaped included. Changes nothing that a guest can see. */
export function tasksOf(machine: Machine): TaskView[] {
  const tasks: TaskView[] = [];
  for (let text = machine.inspectTask(0); text !== ""; text = machine.inspectTask(tasks.at(-1)!.tid)) {
    const [tid = 0] = numbers(linesOf(text).get("task"));
    const files: FileView[] = [];
    for (let file = machine.inspectFile(tid, 0); file !== ""; file = machine.inspectFile(tid, files.at(-1)!.fd + 1)) files.push(fileView(file));
    tasks.push(taskView(text, files));
  }
  return tasks;
}

function taskView(text: string, files: readonly FileView[]): TaskView {
  const lines = linesOf(text);
  const [tid = 0, pid = 0, ppid = 0, group = 0, session = 0] = numbers(lines.get("task"));
  const [uid = 0, euid = 0, gid = 0, egid = 0] = numbers(lines.get("ids"));
  const call = lines.get("call")?.split(" ").map((field) => BigInt.asIntN(64, BigInt(field)));
  return {
    ...{ tid, pid, ppid, group, session, uid, euid, gid, egid },
    state: lines.get("task")?.split(" ")[5] ?? "?",
    isActor: lines.get("task")?.split(" ")[6] === "1",
    name: lines.get("name") ?? "",
    credentials: BigInt(lines.get("ids")?.split(" ")[4] ?? 0),
    ...(call && { call: { number: Number(call[0]), ...(call[1]! >= 0n && { deadlineNs: call[1]! }), ...(call[2]! > 0n && { vforkChild: Number(call[2]) }) } }),
    ...(lines.has("action") && { action: Number(lines.get("action")) }),
    ...(lines.has("sleeps-in") && { sleepsIn: lines.get("sleeps-in")! }),
    ...(lines.has("umask") && { umask: Number(lines.get("umask")), cwd: lines.get("cwd") ?? "" }),
    ...(lines.has("blocked") && { signals: { blocked: set(lines, "blocked"), pending: set(lines, "pending"), ignored: set(lines, "ignored"), handled: set(lines, "handled") } }),
    files,
  };
}

function fileView(text: string): FileView {
  const lines = linesOf(text);
  const [fd = "0", closeOnExec, flags = "0", position = "0", ...name] = (lines.get("fd") ?? "").split(" ");
  const [inode = "0", size = "0", mode, denials, unchanged, credentials = "0", ...executable] = lines.get("template")?.split(" ") ?? [];
  const template = {
    ...{ inode: BigInt(inode), size: BigInt(size), mode: Number(mode), writeDenials: Number(denials), isUnchanged: unchanged === "1" },
    ...{ credentials: BigInt(credentials), executable: executable.join(" ") },
  };
  return {
    ...{ fd: Number(fd), isCloseOnExec: closeOnExec === "1", flags: Number(flags), position: BigInt(position), name: name.join(" ") },
    ...(lines.has("template") && { template }),
  };
}

/** The tree of processes with what each has, a line per fact, the same for the same machine. */
export function inspectionText(tasks: readonly TaskView[]): string[] {
  const credentials = tasks.flatMap((task) => [task.credentials, ...task.files.flatMap(({ template }) => template?.credentials ?? [])]);
  const known = new Map([...new Set(credentials)].map((id, index) => [id, `#${index + 1}`]));
  const children = (of: number): TaskView[] => tasks.filter(({ tid, pid, ppid }) => tid === pid && ppid === of);
  const threads = (of: number): TaskView[] => tasks.filter(({ tid, pid }) => tid !== pid && pid === of);
  const lines = (task: TaskView, depth: number): string[] => [
    ...factsOf(task, known).map((fact, index) => `${"  ".repeat(index === 0 ? depth : depth + 1)}${fact}`),
    ...(task.tid === task.pid ? [...threads(task.pid), ...children(task.pid)].flatMap((below) => lines(below, depth + 1)) : []),
  ];
  return children(0).flatMap((task) => lines(task, 0));
}

/** The lines that one text has and the other has not, `-` and `+`, in their order (the longest common subsequence is left out). */
export function difference(before: readonly string[], after: readonly string[]): string[] {
  const common = Array.from({ length: before.length + 1 }, () => new Array<number>(after.length + 1).fill(0));
  for (let i = before.length - 1; i >= 0; i--) {
    for (let j = after.length - 1; j >= 0; j--) {
      common[i]![j] = before[i] === after[j] ? common[i + 1]![j + 1]! + 1 : Math.max(common[i + 1]![j]!, common[i]![j + 1]!);
    }
  }
  const lines: string[] = [];
  for (let i = 0, j = 0; i < before.length || j < after.length; ) {
    if (i < before.length && j < after.length && before[i] === after[j]) i++, j++;
    else if (j >= after.length || (i < before.length && common[i + 1]![j]! >= common[i]![j + 1]!)) lines.push(`- ${before[i++]}`);
    else lines.push(`+ ${after[j++]}`);
  }
  return lines;
}

const FLAGS = bitsOf(fcntl, /^O_(?!ACCMODE|RDONLY|WRONLY|RDWR|LARGEFILE)/);
const ACCESS = ["r", "w", "rw", "none"];

function factsOf(task: TaskView, credentials: ReadonlyMap<bigint, string>): string[] {
  const { tid, pid, state, name, uid, euid, gid, egid, umask, cwd, signals } = task;
  const what = tid === pid ? `process ${pid}` : `thread ${tid}`;
  const ids = `uid ${uid}${euid === uid ? "" : `/${euid}`} gid ${gid}${egid === gid ? "" : `/${egid}`}`;
  const masks = Object.entries(signals ?? {}).flatMap(([set, bits]) => (bits === 0n ? [] : [`${set} ${signalNames(bits)}`]));
  return [
    `${what} ${JSON.stringify(name)} ${state}, ${waitText(task)}`,
    `${ids} credentials ${credentials.get(task.credentials)}, group ${task.group}, session ${task.session}`,
    ...(cwd === undefined ? [] : [`cwd ${cwd}, umask 0${umask!.toString(8).padStart(3, "0")}`]),
    ...masks,
    ...(tid === pid ? task.files.flatMap((file) => fileText(file, credentials)) : []),
  ];
}

function waitText({ state, isActor, call, action, sleepsIn }: TaskView): string {
  const where = sleepsIn === undefined ? "" : ` of ${sleepsIn}`;
  if (state === "Z") return "waits to be reaped";
  if (action !== undefined) return `template's child, in action ${action}${where}`;
  if (call === undefined) return isActor ? "an actor between two calls" : state === "R" ? "runs" : "in no call";
  const until = call.deadlineNs === undefined ? "" : ` until ${call.deadlineNs}ns`;
  const child = call.vforkChild === undefined ? "" : `, for process ${call.vforkChild} to execute or die`;
  return `in ${callName(call.number)}${where}${until}${child}`;
}

function fileText({ fd, isCloseOnExec, flags, position, name, template }: FileView, credentials: ReadonlyMap<bigint, string>): string[] {
  const access = (flags & fcntl.O_PATH) !== 0 ? "path" : ACCESS[flags & fcntl.O_ACCMODE];
  const more = flags & ~(fcntl.O_ACCMODE | fcntl.O_LARGEFILE | fcntl.O_PATH);
  const notes = [isCloseOnExec ? "close-on-exec" : "", more === 0 ? "" : flagsText(BigInt(more), FLAGS), position === 0n ? "" : `at ${position}`];
  const own = `fd ${fd} ${access} ${name}${notes.filter((note) => note !== "").map((note) => `, ${note}`).join("")}`;
  if (template === undefined) return [own];
  const { executable, inode, size, mode, writeDenials, isUnchanged } = template;
  const file = `${executable} (inode ${inode}, ${size} bytes, mode 0${(mode & 0o7777).toString(8)})`;
  return [own, `   template of ${file}, ${isUnchanged ? "unchanged" : "changed since"}, made by credentials ${credentials.get(template.credentials)}, ${writeDenials} deny writing`];
}

function signalNames(set: bigint): string {
  return Array.from({ length: 64 }, (_, index) => index + 1).filter((signal) => (set >> BigInt(signal - 1)) & 1n).map(signalName).join(" ");
}

function linesOf(text: string): Map<string, string> {
  return new Map(text.split("\n").filter((line) => line !== "").map((line) => {
    const space = line.indexOf(" ");
    return space < 0 ? [line, ""] : [line.slice(0, space), line.slice(space + 1)];
  }));
}

function numbers(fields = ""): number[] {
  return fields.split(" ").map(Number);
}

function set(lines: ReadonlyMap<string, string>, name: string): bigint {
  return BigInt(lines.get(name) ?? 0);
}
