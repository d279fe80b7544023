#!/usr/bin/env node
// SPDX-License-Identifier: MIT
// The command line: names, options and help of the commands, and the only place where errors become a line and an exit code.

import { Command, CommanderError, Option } from "commander";
import { isHostError, KernelPanicError } from "../core/errors.ts";
import { PROFILES, PROFILE_NAMES, quirkNames } from "../core/profiles.ts";
import { EXIT_CODE, EXIT_CODE_HELP } from "./exit-codes.ts";
import { parseEnv, parseInstructions, parseMemory, parseMount, parseSeed, parseStep, parseUser } from "./options.ts";
import { kernelBytes, kernelHash, packageVersion } from "./package-files.ts";
import { RUNTIMES } from "./runtimes.ts";
import { endOnOutputErrors } from "./streams.ts";
import type { ReproOptions } from "./repro-command.ts";
import type { RunOptions } from "./run-command.ts";

const USAGE_ERROR = EXIT_CODE["bad-input"];

// Commands are imported when they are used: `run` should not wait for what `image` needs.
function commandLine(compilerFlags: readonly string[]): Command {
  const program = new Command("spawnlab")
    .description("A Linux-compatible micro-kernel in one WebAssembly module: runs riscv64 Linux programs, and has spawn templates.")
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({ outputError: () => {} }) // main() prints it, once
    .option("-V, --version", "show the version, the kernel's build and the profiles with their quirks")
    .on("option:version", () => {
      process.stdout.write(versionText());
      throw new CommanderError(0, "commander.version", ""); // the end of the command, as for --help
    })
    .addHelpText("after", `\n${EXAMPLES}\n\n"spawnlab COMMAND --help" says more about one command.`);

  addRun(program);
  addImage(program);
  addCc(program, compilerFlags);
  addRepro(program);
  return program;
}

const EXAMPLES = `Examples:
  spawnlab run                              a shell in the built-in image
  spawnlab run agent                        one of its sample programs
  spawnlab run --trace ls -l /              with a line for each system call
  spawnlab cc hello.c -o hello              C to a riscv64 program ...
  spawnlab run --host-file ./hello          ... and run it
  spawnlab run --root my-image.cpio.gz /bin/sh -c 'echo hi | cat'`;

const RUN_DESCRIPTION = `Boots a machine, runs PROGRAM as its first process and exits with its status.

PROGRAM is a path in the image, or a name that is looked up in the guest's PATH; without one it is the image's /bin/sh. \
Everything after it belongs to the program. \
Runs repeat: time is virtual (a sleep returns at once), and random numbers come from --seed.`;

const TRACE_FORMAT_HELP = `format of the trace (and --trace itself): text, json (one object per line), or perfetto (a timeline for \
ui.perfetto.dev and chrome://tracing, into --trace=FILE)`;

function addRun(program: Command): void {
  program
    .command("run")
    .summary("run a riscv64 Linux program")
    .description(RUN_DESCRIPTION)
    .usage("[OPTION...] [PROGRAM [ARG...]]")
    .argument("[program]")
    .argument("[args...]")
    .passThroughOptions()
    .option("--root <image>", "the file system: a directory, or a tar or cpio archive, gzip or not (default: the sample image)")
    .option("--host-file", "PROGRAM is a file on this computer; the guest finds it in /host")
    .addOption(new Option("--trace", "one strace-like line for each system call, on standard error; --trace=FILE into a file"))
    .addOption(new Option("--trace-file <file>").hideHelp())
    .addOption(new Option("--trace-format <name>", TRACE_FORMAT_HELP).choices(["text", "json", "perfetto"]))
    .option("--profile <name>", `which behaviour of the spawn calls: ${PROFILE_NAMES.join(", ")}`, "documented")
    .option("--env <NAME=VALUE>", "set an environment variable; may be repeated", parseEnv)
    .option("--cwd <directory>", "working directory in the image", "/")
    .option("--user <UID[:GID]>", "run as this user and group (default: root)", parseUser)
    .option("--mount <path:flags>", "mount flags for a part of the image: ro, noexec, nosuid, nodev; may be repeated", parseMount)
    .option("--memory <size>", "physical memory, files included: 64M, 1G (default: 256M)", parseMemory)
    .option("--seed <n>", "seed of everything random (default: 1)", parseSeed)
    .option("--max-instructions <n>", "give up after so many guest instructions", parseInstructions)
    .option("--real-time", "follow the clock on the wall: a sleep takes its time (default: when standard input is a terminal)")
    .option("--no-real-time", "skip the time that everybody sleeps")
    .option("--record <file>", "write the run as a reproduction, which \"spawnlab repro run\" replays exactly")
    .option("--check-heap", "poison and quarantine freed kernel objects: slower, names a use after free")
    .addHelpText("after", `
Examples:
  spawnlab run
  spawnlab run agent
  echo 'ls / | wc -l' | spawnlab run
  spawnlab run --trace=agent.trace --profile rfc-v1 agent
  spawnlab run --trace=agent.json --trace-format perfetto agent
  spawnlab run --host-file ./a.out --option-of-the-program
  spawnlab run --root rootfs/ --mount /usr:ro --user 1000 --env LANG=C /bin/sh -c 'id; ls /'

${EXIT_CODE_HELP}`)
    .action(async (path: string | undefined, args: string[], { traceFile, ...options }: RunOptions & { traceFile?: string }) => {
      const { run } = await import("./run-command.ts");
      const trace = traceFile ?? options.trace ?? options.traceFormat !== undefined;
      process.exitCode = await run(path, args, { ...options, trace });
    });
}

const BUILD_DESCRIPTION = `Makes an archive: .tar, .tar.gz, .cpio or .cpio.gz, by its name. The same input gives the same bytes. \
From a directory everything is taken but the owners: files belong to root, unless .spawnlab.json there says otherwise (README, \
"Images").`;

function addImage(program: Command): void {
  const image = program
    .command("image")
    .summary("make or list a file-system image")
    .description("Makes and lists images: the file systems that programs run in.");
  image
    .command("build")
    .summary("make an archive of directories and other archives")
    .description(BUILD_DESCRIPTION)
    .argument("<source...>", "directories, or tar or cpio archives, gzip or not; each is laid over those before it")
    .requiredOption("-o, --output <file>", "the archive to write: .tar, .tar.gz, .cpio or .cpio.gz")
    .action(async (sources: string[], options: { output: string }) => (await import("./image-command.ts")).buildImage(sources, options));
  image
    .command("list")
    .summary("list what is in an image")
    .argument("<image>", "a directory, or a tar or cpio archive, gzip or not")
    .action(async (path: string) => {
      const { listImage } = await import("./image-command.ts");
      for await (const line of listImage(path)) process.stdout.write(`${line}\n`);
    });
}

function addCc(program: Command, flags: readonly string[]): void {
  program
    .command("cc")
    .summary("compile C to a static riscv64 program")
    .description("Compiles C with zig's clang and musl. The very first time on a computer takes about 30 s (musl is built).")
    .usage("FILE.c... -o OUT [-- FLAG...]")
    .argument("<file...>", "C sources; after -- flags for the compiler")
    .requiredOption("-o, --output <file>", "the program to write")
    .addHelpText("after", "\nExample:\n  spawnlab cc main.c util.c -o tool -- -O3 -Wall && spawnlab run --host-file ./tool")
    .action(async (files: string[], { output }: { output: string }) => {
      const { compile } = await import("./cc-command.ts");
      process.exitCode = await compile(files, output, flags);
    });
}

const REPRO_DESCRIPTION = `Replays reproductions: text files with one system call on a line and, behind #, what it gives \
(docs/reproductions.md). Shows each step with what it gave, and exits with 0 if that is what the file expects.`;

function addRepro(program: Command): void {
  const repro = program
    .command("repro")
    .summary("replay a reproduction")
    .description("Replays reproductions: small text files that say call by call what processes do and what the kernel answers.");
  repro
    .command("run")
    .summary("replay and compare with what the file expects")
    .description(REPRO_DESCRIPTION)
    .argument("<file...>", "reproductions")
    .option("--update", "write what the steps gave into the file")
    .option("--verify", "replay twice and compare")
    .option("-q, --quiet", "show the verdict only")
    .addOption(new Option("--runtime <name>", "where: here, or as a packed module in a WASI runtime").choices(RUNTIMES).default("native"))
    .addHelpText("after", `
Exit status:
  0    every step gave what the file expects
  120  a step gave something else
  122  the kernel found a fault in itself in a step that does not expect it
  125  no reproduction: the line says where, what was expected and what was found`)
    .action(async (files: string[], options: ReproOptions) => {
      const { runPackedReproductions, runReproductions } = await import("./repro-command.ts");
      const { runtime = "native" } = options;
      process.exitCode = runtime === "native" ? await runReproductions(files, options) : await runPackedReproductions(files, runtime);
    });
  repro
    .command("pack")
    .summary("make one .wasm that replays it in any WASI runtime")
    .description("Puts a reproduction, its image and the kernel into one WASI preview 1 command, which prints what \"repro run\" prints.")
    .argument("<file>", "a reproduction")
    .requiredOption("-o, --output <file>", "the .wasm to write")
    .addHelpText("after", "\nExample:\n  spawnlab repro pack fixtures/reproductions/first-template.repro -o first.wasm && wasmtime first.wasm")
    .action(async (file: string, options: { output: string }) => (await import("./repro-command.ts")).packReproduction(file, options));
  repro
    .command("minimize")
    .summary("take away everything that a failure does not need")
    .description("Makes a reproduction as small as it can be while it fails in the same way: the same kernel finding, or the same step giving \
the same other answer. Nothing more can then be taken away.")
    .argument("<file>", "a reproduction that fails")
    .option("-o, --output <file>", "the .repro to write (default: standard output)")
    .action(async (file: string, options: { output?: string }) => (await import("./repro-command.ts")).minimizeReproduction(file, options));
  repro
    .command("show")
    .summary("show the machine after a step: processes, descriptors, signals, templates, what each task waits for")
    .argument("<file>", "a reproduction")
    .option("--at <step>", "after so many steps; 0 is before the first (default: after the last)", parseStep)
    .option("--diff <step>", "what is different after so many steps; with --at: between the two", parseStep)
    .action(async (file: string, { at, diff }: { at?: number; diff?: number }) => {
      const { showMachine } = await import("./repro-command.ts");
      await showMachine(file, diff === undefined ? { at } : { diff: [at ?? 0, diff] });
    });
  repro
    .command("profiles")
    .summary("replay under several profiles and show where they part")
    .argument("<file>", "a reproduction")
    .argument("[profiles...]", `default: ${PROFILE_NAMES.join(" ")}`)
    .action(async (file: string, profiles: string[]) =>
      (await import("./repro-command.ts")).compareProfiles(file, profiles.length === 0 ? PROFILE_NAMES : profiles));
}

function versionText(): string {
  const bytes = kernelBytes();
  const profiles = PROFILE_NAMES.flatMap((name) => [
    `  ${name}${name === "documented" ? " (the default): none" : ":"}`,
    ...quirkNames(PROFILES[name]).map((quirk) => `    ${quirk}`),
  ]);
  return [
    `spawnlab ${packageVersion()}`,
    `kernel ${kernelHash(bytes)} (${Math.ceil(bytes.length / 1024)} KiB)`,
    "profiles, and the quirks of each:",
    ...profiles,
    "",
  ].join("\n");
}

/** The words of one command line: those that are for us, and the compiler's flags after `cc ... --`. */
function splitFlags(argv: readonly string[]): [string[], string[]] {
  const dashes = argv[0] === "cc" ? argv.indexOf("--") : -1;
  return dashes < 0 ? [[...argv], []] : [argv.slice(0, dashes), argv.slice(dashes + 1)];
}

/**
 * commander reads the PROGRAM of `--trace PROGRAM` as the option's value, so the form with a value gets an option of its own
 * before commander sees it: in what stands before PROGRAM, and nowhere else.
 */
function nameTraceFile(program: Command, argv: readonly string[]): string[] {
  const run = program.commands.find((command) => command.name() === argv[0] && argv[0] === "run");
  if (run === undefined) return [...argv];

  const takingValues = run.options.filter((option) => option.required).map((option) => option.long);
  const words = [...argv];
  for (let at = 1; at < words.length && words[at]?.startsWith("-") && words[at] !== "--"; at++) {
    words[at] = (words[at] as string).replace(/^--trace=/, "--trace-file=");
    if (takingValues.includes(words[at])) at++;
  }
  return words;
}

async function main(): Promise<void> {
  endOnOutputErrors();
  const [argv, compilerFlags] = splitFlags(process.argv.slice(2));
  try {
    const program = commandLine(compilerFlags);
    await program.parseAsync(nameTraceFile(program, argv), { from: "user" });
  } catch (error) {
    process.exitCode = report(error);
  }
}

/** One line on standard error and an exit code. What is no HostError is a bug, and keeps its stack. */
function report(error: unknown): number {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return 0; // --help, --version
    if (error.code === "commander.help") return USAGE_ERROR; // no command: the help stands there already
    process.stderr.write(`spawnlab: ${error.message.replace(/^error: /, "").replaceAll("\n", " ")}; see "spawnlab --help"\n`);
    return USAGE_ERROR;
  }
  if (isHostError(error)) {
    process.stderr.write(`spawnlab: ${error.message}\n`);
    if (error instanceof KernelPanicError) process.stderr.write(kernelFrames(error));
    return EXIT_CODE[error.kind];
  }
  throw error;
}

/** Where in the kernel it happened: names in a debug build (SPAWNLAB_KERNEL=build/kernel.debug.wasm), numbers otherwise. */
function kernelFrames({ cause }: KernelPanicError): string {
  const frames = String((cause as Error | undefined)?.stack).split("\n").filter((line) => line.includes("wasm"));
  return frames.slice(0, 12).map((line) => `${line}\n`).join("");
}

void main();
