// SPDX-License-Identifier: MIT
// spawnlab run: boots a machine, fills it with the image, starts PROGRAM and returns what this process should exit with.

import { readFileSync, statSync } from "node:fs";
import { basename } from "node:path";
import { S_IFMT, S_IFREG } from "../../kernel/abi/stat.ts";
import { elfProblem } from "../core/elf.ts";
import { BadInputError, CannotExecuteError, ProgramNotFoundError } from "../core/errors.ts";
import type { ImageMount } from "../core/image.ts";
import { loadKernel } from "../core/kernel-module.ts";
import { DEFAULT_MEMORY_BYTES, Machine, type BootOptions, type Finding } from "../core/machine.ts";
import { profileQuirks, type ProfileName } from "../core/profiles.ts";
import type { Recorder } from "../core/repro/record.ts";
import type { TraceFormat, Tracer } from "../core/trace/tracer.ts";
import { runToEnd } from "./console-loop.ts";
import { EXIT_FINDING } from "./exit-codes.ts";
import { guestEntries, openImage, sampleImage, type Image } from "./image/image.ts";
import type { User } from "./options.ts";
import { kernelBytes } from "./package-files.ts";
import type { Recording } from "./recording.ts";
import { OutputStreams } from "./streams.ts";
import { Terminal } from "./terminal.ts";
import { openTrace } from "./trace-output.ts";

export interface RunOptions {
  readonly root?: string;
  readonly hostFile?: boolean;
  /** true: to standard error; a text: to that file. */
  readonly trace?: boolean | string;
  readonly traceFormat?: TraceFormat;
  readonly profile: string;
  readonly env?: readonly string[];
  readonly cwd?: string;
  readonly seed?: bigint;
  readonly memory?: number;
  readonly maxInstructions?: bigint;
  readonly mount?: readonly ImageMount[];
  readonly user?: User;
  /** Default: when a person types. */
  readonly realTime?: boolean;
  readonly checkHeap?: boolean;
  /** A file for the run as a reproduction. */
  readonly record?: string;
}

const PATH = "/usr/local/bin:/usr/bin:/bin";
const HOST_FILES = "/host";
const SHELL = "/bin/sh";

/** Without a `given` program it is the image's shell. */
export async function run(given: string | undefined, args: readonly string[], options: RunOptions): Promise<number> {
  profileQuirks(options.profile); // before anything is opened
  if (given === undefined && options.hostFile) throw new BadInputError("--host-file: expected a PROGRAM, a file on this computer");
  const program = given ?? SHELL;
  if (options.traceFormat === "perfetto" && typeof options.trace !== "string") {
    throw new BadInputError("--trace-format perfetto: expected --trace=FILE as well, a file for the timeline");
  }
  if (program === "") throw new BadInputError("expected a PROGRAM, found an empty name");
  const opened = options.root === undefined ? sampleImage() : await openImage(options.root);
  const image = options.record === undefined ? opened : { ...opened, entries: [...opened.entries] };
  const hostFile = options.hostFile ? readHostFile(program) : undefined;
  const terminal = new Terminal();
  const output = new OutputStreams(terminal);
  const trace = options.trace ? await openTrace(options.trace, options.traceFormat ?? "text", output) : undefined;
  const isRealTime = options.realTime ?? terminal.isRead;
  const boot = bootOptions({ ...options, realTime: isRealTime });
  const recording = options.record === undefined ? undefined : await openRecording(options.record, program, image, hostFile, options, boot);
  const machine = bootMachine(boot, output, trace?.tracer, recording?.recorder);

  fill(machine, image, options);
  const env = guestEnvironment(options.env ?? []);
  const path = hostFile === undefined ? findProgram(machine, program, env) : hostPath(program);
  if (hostFile !== undefined) machine.writeFile(path, hostFile, 0o755);
  checkWhole(machine, program, path);
  machine.start({ program: path, argv: [program, ...args], env, cwd: options.cwd, ...options.user });
  try {
    const status = await runToEnd(machine, { output, terminal, isRealTime, maxInstructions: options.maxInstructions });
    return machine.findings.some(isFault) ? EXIT_FINDING : status;
  } finally {
    recording?.end();
    trace?.end();
    await output.flush();
  }
}

function bootOptions(options: RunOptions): BootOptions {
  return {
    profile: options.profile as ProfileName,
    seed: options.seed,
    memoryBytes: options.memory,
    isHeapChecked: options.checkHeap,
    isRealTime: options.realTime,
    terminals: { stdin: process.stdin.isTTY, stdout: process.stdout.isTTY, stderr: process.stderr.isTTY },
  };
}

function bootMachine(options: BootOptions, output: OutputStreams, tracer?: Tracer, recorder?: Recorder): Machine {
  const encoder = new TextEncoder();
  const machine = Machine.boot(loadKernel(kernelBytes()), {
    ...options,
    onConsole(stream, bytes) {
      recorder?.output.put(stream, bytes);
      output.write(stream, bytes);
    },
    onEvent: recorder?.handle,
    onTrace: tracer?.handle,
    onFinding: ({ kind, text }) => {
      if (kind !== "panic") output.write(2, encoder.encode(`spawnlab: kernel finding: ${kind}: ${text}\n`)); // a panic is thrown
    },
  });
  recorder?.attach(machine);
  return machine;
}

/** @throws BadInputError naming the image, also when it does not fit */
function fill(machine: Machine, image: Image, options: RunOptions): void {
  try {
    machine.addEntries(guestEntries(image));
    for (const mount of mountsOf(image, options)) machine.mount(mount);
  } catch (error) {
    if (!(error instanceof BadInputError)) throw error;
    const memory = options.memory ?? DEFAULT_MEMORY_BYTES;
    throw new BadInputError(`${image.name}: ${error.message.replace(`of ${memory} bytes`, `of ${memory / 2 ** 20} MiB (--memory)`)}`);
  }
}

/** Where the guest finds a file of this computer. */
function hostPath(program: string): string {
  return `${HOST_FILES}/${basename(program)}`;
}

async function openRecording(
  file: string, program: string, image: Image, hostFile: Uint8Array | undefined, options: RunOptions, boot: BootOptions,
): Promise<Recording> {
  const recording = await import("./recording.ts"); // only now: a start should not wait for it
  return recording.openRecording(file, {
    image: options.root ?? "sample",
    entries: [...guestEntries(image)],
    mounts: mountsOf(image, options),
    hostFile: hostFile && { path: hostPath(program), data: hostFile },
    boot,
  });
}

function mountsOf(image: Image, options: RunOptions): readonly ImageMount[] {
  return [...image.manifest.mounts, ...(options.mount ?? [])];
}

function guestEnvironment(given: readonly string[]): string[] {
  const standard = { PATH, HOME: "/root", ...(process.stdin.isTTY && process.env["TERM"] ? { TERM: process.env["TERM"] } : {}) };
  const names = new Set(given.map((entry) => entry.split("=", 1)[0]));
  const kept = Object.entries(standard).filter(([name]) => !names.has(name));
  return [...kept.map(([name, value]) => `${name}=${value}`), ...given];
}

/** A name without a slash is looked up in the guest's PATH, as a shell would. */
function findProgram(machine: Machine, program: string, env: readonly string[]): string {
  if (program.includes("/")) return program;
  const path = env.findLast((entry) => entry.startsWith("PATH="))?.slice("PATH=".length) ?? PATH;
  const found = path.split(":").find((directory) => machine.stat(`${directory}/${program}`) !== undefined);
  if (found === undefined) throw new ProgramNotFoundError(`"${program}": not found in the image's ${path}`);
  return `${found}/${program}`;
}

/** Linux would run a truncated program until it touches what is missing, and end it there by SIGBUS: say so beforehand. */
function checkWhole(machine: Machine, program: string, path: string): void {
  const stat = machine.stat(path);
  if (stat === undefined || (stat.mode & S_IFMT) !== S_IFREG) return; // start() says why
  const problem = elfProblem(machine.readFile(path, 4096), stat.size);
  if (problem?.startsWith("truncated")) throw new CannotExecuteError(`"${program}": ${problem}`);
}

function readHostFile(path: string): Uint8Array {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) throw new ProgramNotFoundError(`${path}: no such file on this computer`);
  if (!stat.isFile()) throw new BadInputError(`${path}: expected a riscv64 ELF program, found something that is no file`);
  return readFileSync(path);
}

/** A warning is news, not a fault. */
function isFault({ kind }: Finding): boolean {
  return kind !== "warning";
}
