// SPDX-License-Identifier: MIT
// runProgram(): boots a machine, runs one riscv64 program to its end and returns everything it left behind.

import { readFileSync } from "node:fs";
import { file, type ImageEntry } from "../../host/core/image.ts";
import { shellStatus, type ExitStatus } from "../../host/core/exit-status.ts";
import { boot, type TestBootOptions, type TestMachine } from "./boot.ts";
import { ROOT } from "./kernel.ts";

export interface RunOptions extends TestBootOptions {
  /** Arguments after argv[0]. */
  readonly args?: readonly string[];
  /** The whole argument vector, where argv[0] matters. */
  readonly argv?: readonly string[];
  readonly env?: readonly string[];
  readonly cwd?: string;
  readonly uid?: number;
  readonly gid?: number;
  readonly stdin?: string | Uint8Array;
  /** Programs of build/programs/riscv64 to put into /bin. */
  readonly tools?: readonly string[];
  readonly maxInstructions?: number;
}

export interface RunResult {
  readonly stdout: string;
  readonly stderr: string;
  /** What a shell would say: the exit code, or 128 + the signal. */
  readonly status: number;
  readonly exit: ExitStatus;
  readonly instructions: number;
  readonly machine: TestMachine;
}

/** The bytes of a sample program: `sample("agent")`. */
export function sample(name: string): Buffer {
  return readFileSync(`${ROOT}build/programs/riscv64/${name}`);
}

/** `program` is the name of a sample program, or the bytes of an ELF; it becomes /bin/NAME (or /bin/program). */
export function runProgram(program: string | Uint8Array, options: RunOptions = {}): RunResult {
  const { args = [], env = [], cwd, uid, gid, stdin = "", tools = [], maxInstructions = 2_000_000_000 } = options;
  const path = typeof program === "string" ? `/bin/${program}` : "/bin/program";
  const entries: ImageEntry[] = [
    ...tools.map((name) => file(`/bin/${name}`, sample(name), 0o755)),
    file(path, typeof program === "string" ? sample(program) : program, 0o755),
    ...(options.entries ?? []),
  ];
  const test = boot({ ...options, entries });
  const { machine } = test;

  machine.start({ program: path, argv: options.argv ?? [path, ...args], env, cwd, uid, gid });
  feed(test, typeof stdin === "string" ? Buffer.from(stdin) : stdin, maxInstructions);
  const exit = machine.run({ maxInstructions });
  return {
    stdout: test.output(1),
    stderr: test.output(2),
    status: shellStatus(exit),
    exit,
    instructions: Number(machine.instructions),
    machine: test,
  };
}

/** Gives all of standard input, running the program whenever the console is full. */
function feed({ machine }: TestMachine, stdin: Uint8Array, maxInstructions: number): void {
  for (let at = 0; ; ) {
    at += machine.input(stdin.subarray(at));
    if (at === stdin.length) return machine.endInput();
    const stop = machine.step();
    if (stop === "off" || stop === "deadlock") return;
    if (machine.instructions > maxInstructions) throw new Error("the program reads its input too slowly");
  }
}
