// SPDX-License-Identifier: MIT
// What a new program was born with: a program (built without a compiler) that asks the kernel and sleeps, and the reading of its
// answers and of its initial stack.

import { AT_EXECFN, AT_NULL } from "../../kernel/abi/auxv.ts";
import { F_GETFD, F_GETFL } from "../../kernel/abi/fcntl.ts";
import { PR_GET_NAME } from "../../kernel/abi/prctl.ts";
import * as calls from "../../kernel/abi/syscalls.ts";
import type { TestMachine } from "./boot.ts";
import { TinyProgram } from "./tiny-program.ts";

const FDS = 24;
const SIGNALS = 64;

export interface Born {
  readonly argv: string[];
  readonly env: string[];
  readonly auxv: Map<number, bigint>;
  /** AT_EXECFN. */
  readonly execfn: string;
  readonly comm: string;
  readonly cwd: string;
  /** Open descriptors below 24: number -> is it close-on-exec. */
  readonly fds: Map<number, boolean>;
  /** F_GETFL of the open ones. */
  readonly flags: Map<number, number>;
  readonly blocked: number[];
  readonly pending: number[];
  readonly ignored: number[];
  readonly handled: number[];
  readonly umask: number;
  readonly nice: number;
  readonly pgid: number;
  readonly sid: number;
  readonly ppid: number;
  readonly uid: number;
  readonly euid: number;
  readonly sp: bigint;
}

const program = new TinyProgram();
const flagCalls = Array.from({ length: FDS }, (_, fd) => [program.call(calls.SYS_FCNTL, fd, F_GETFD), program.call(calls.SYS_FCNTL, fd, F_GETFL)] as const);
const masks = program.reserve(16);
const dispositions = program.reserve(SIGNALS * 24);
const name = program.reserve(16);
const directory = program.reserve(4096);
program.call(calls.SYS_RT_SIGPROCMASK, 0, 0, masks, 8);
program.call(calls.SYS_RT_SIGPENDING, masks + 8, 8);
for (let signal = 1; signal <= SIGNALS; signal++) program.call(calls.SYS_RT_SIGACTION, signal, 0, dispositions + (signal - 1) * 24, 8);
program.call(calls.SYS_PRCTL, PR_GET_NAME, name);
program.call(calls.SYS_GETCWD, directory, 4096);
const umask = program.call(calls.SYS_UMASK, 0);
const nice = program.call(calls.SYS_GETPRIORITY, 0, 0);
const pgid = program.call(calls.SYS_GETPGID, 0);
const sid = program.call(calls.SYS_GETSID, 0);
const ppid = program.call(calls.SYS_GETPPID);
const uid = program.call(calls.SYS_GETUID);
const euid = program.call(calls.SYS_GETEUID);
program.park();

/** The ELF file of the program; install it where the test needs it. */
export const bornProgram: Buffer = program.elf();

/** What the process says that runs bornProgram; it must have come to its sleep (TestMachine.settle). */
export function born(test: TestMachine, pid: number): Born {
  const results = program.results(test, pid);
  const result = (index: number) => Number(results[index]);
  const peek = (address: number | bigint, len: number) => Buffer.from(test.machine.peek(pid, BigInt(address), len));
  const open = flagCalls.map(([descriptor, file], fd) => ({ fd, descriptor: result(descriptor), file: result(file) })).filter(({ descriptor }) => descriptor >= 0);
  const actions = peek(dispositions, SIGNALS * 24);
  const withHandler = (isMeant: (handler: bigint) => boolean) =>
    Array.from({ length: SIGNALS }, (_, index) => index + 1).filter((signal) => isMeant(actions.readBigUInt64LE((signal - 1) * 24)));
  const sets = peek(masks, 16);
  return {
    ...initialStack(peek, results[0]!),
    comm: text(peek(name, 16)),
    cwd: text(peek(directory, 4096)),
    fds: new Map(open.map(({ fd, descriptor }) => [fd, descriptor !== 0])),
    flags: new Map(open.map(({ fd, file }) => [fd, file])),
    blocked: members(sets.readBigUInt64LE(0)),
    pending: members(sets.readBigUInt64LE(8)),
    ignored: withHandler((handler) => handler === 1n),
    handled: withHandler((handler) => handler > 1n),
    umask: result(umask),
    nice: 20 - result(nice),
    pgid: result(pgid),
    sid: result(sid),
    ppid: result(ppid),
    uid: result(uid),
    euid: result(euid),
    sp: results[0]!,
  };
}

type Peek = (address: number | bigint, len: number) => Buffer;

/** argc, argv, envp and auxv as the kernel laid them out (riscv-elf-psabi, process initialization). */
export function initialStack(peek: Peek, sp: bigint): Pick<Born, "argv" | "env" | "auxv" | "execfn"> {
  let at = sp;
  const word = () => {
    const value = peek(at, 8).readBigUInt64LE();
    at += 8n;
    return value;
  };
  const string = (address: bigint) => text(peek(address, 4096));
  const strings = () => {
    const found: string[] = [];
    for (let address = word(); address !== 0n; address = word()) found.push(string(address));
    return found;
  };
  const argc = Number(word());
  const argv = strings();
  if (argv.length !== argc) throw new Error(`argc is ${argc}, but there are ${argv.length} arguments`);
  const env = strings();
  const auxv = new Map<number, bigint>();
  for (let type = Number(word()); type !== AT_NULL; type = Number(word())) auxv.set(type, word());
  return { argv, env, auxv, execfn: string(auxv.get(AT_EXECFN) ?? 0n) };
}

function text(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  return bytes.subarray(0, end < 0 ? bytes.length : end).toString("latin1");
}

function members(set: bigint): number[] {
  return Array.from({ length: SIGNALS }, (_, index) => index + 1).filter((signal) => (set >> BigInt(signal - 1)) & 1n);
}
