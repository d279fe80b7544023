// SPDX-License-Identifier: MIT
// A user at a terminal: a program on a pseudo-terminal of this computer, keys typed into it, and waiting until it shows something.
// Nothing here depends on how fast the program is: whoever types first waits for what a person would wait for.

import { setTimeout } from "node:timers/promises";
import { spawn, type IPty } from "@lydell/node-pty";
import { ROOT } from "./kernel.ts";

const CLI = `${ROOT}build/command/spawnlab.cjs`;
/** How long anything may take to appear; generous, because computers that run tests are busy. */
const PATIENCE_MS = 120_000;
/** node-pty may report the end of a program before the last of its output. */
const LAST_OUTPUT_MS = 300;

export const KEY = { ctrlC: "\x03", ctrlD: "\x04", ctrlZ: "\x1a", ctrlBackslash: "\x1c", enter: "\r", backspace: "\x7f", up: "\x1b[A" } as const;

export class TerminalSession {
  readonly #pty: IPty;
  readonly #watchers = new Set<() => void>();
  #shown = "";
  /** Up to here waitFor() has already looked. */
  #seen = 0;
  #status: number | undefined;

  constructor(command: string, args: readonly string[], size = { columns: 80, rows: 24 }) {
    const env = { ...process.env, TERM: "xterm" };
    this.#pty = spawn(command, [...args], { cols: size.columns, rows: size.rows, cwd: ROOT, env });
    this.#pty.onData((data) => {
      this.#shown += data;
      this.#notify();
    });
    this.#pty.onExit(async ({ exitCode, signal }) => {
      await setTimeout(LAST_OUTPUT_MS);
      this.#status = signal ? 128 + signal : exitCode;
      this.#notify();
    });
  }

  /** Everything that was shown so far, as bytes arrived. */
  get shown(): string {
    return this.#shown;
  }

  type(keys: string): void {
    this.#pty.write(keys);
  }

  resize(columns: number, rows: number): void {
    this.#pty.resize(columns, rows);
  }

  /** What a terminal that is closed sends to its foreground. */
  hangUp(): void {
    this.#pty.kill("SIGHUP");
  }

  /** Waits until `expected` is shown after what the last call waited for; gives what was shown up to its end. */
  async waitFor(expected: string | RegExp): Promise<string> {
    const end = await this.#until(`${expected}`, () => {
      const length = endOf(expected, this.#shown.slice(this.#seen));
      return length === undefined ? undefined : this.#seen + length;
    });
    const text = this.#shown.slice(this.#seen, end);
    this.#seen = end;
    return text;
  }

  /** Waits for the end of the program; its exit status, or 128 and the signal that killed it. */
  async ended(): Promise<number> {
    return this.#until("the end of the program", () => this.#status);
  }

  close(): void {
    if (this.#status === undefined) this.#pty.kill("SIGKILL");
  }

  #notify(): void {
    for (const watcher of this.#watchers) watcher();
  }

  #until<T>(what: string, look: () => T | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      const finish = (done: () => void): void => {
        clearTimeout(timer);
        this.#watchers.delete(watcher);
        done();
      };
      const give = (why: string): void => finish(() => reject(new Error(`${why} ${what}; the terminal shows:\n${this.#shown}`)));
      const watcher = (): void => {
        const found = look();
        if (found !== undefined) finish(() => resolve(found));
        else if (this.#status !== undefined) give(`the program ended with ${this.#status} before`);
      };
      const timer = globalThis.setTimeout(() => give(`${PATIENCE_MS / 1000} s passed without`), PATIENCE_MS);
      this.#watchers.add(watcher);
      watcher();
    });
  }
}

/** Where the first `expected` in `text` ends. */
function endOf(expected: string | RegExp, text: string): number | undefined {
  const found = typeof expected === "string" ? { index: text.indexOf(expected), 0: expected } : expected.exec(text);
  return found === null || found.index < 0 ? undefined : found.index + found[0].length;
}

/** `spawnlab ARGS` on a terminal. */
export function spawnlabOnTerminal(args: readonly string[]): TerminalSession {
  return new TerminalSession(process.execPath, [CLI, ...args]);
}

/** A command line for the shell of this computer, on a terminal; `$spawnlab` is the program. */
export function shellOnTerminal(script: string): TerminalSession {
  return new TerminalSession("bash", ["-c", script.replaceAll("$spawnlab", `${process.execPath} ${CLI}`)]);
}
