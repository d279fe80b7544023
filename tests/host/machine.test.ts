// SPDX-License-Identifier: MIT
// The public interface for embedding, on the real kernel.

import { describe, expect, it } from "vitest";
import { BadInputError, CannotExecuteError, DeadlockError, KernelPanicError, LimitReachedError, ProgramNotFoundError } from "../../host/core/errors.ts";
import { directory, file } from "../../host/core/image.ts";
import { loadKernel } from "../../host/core/kernel-module.ts";
import { Machine } from "../../host/core/machine.ts";
import { EBADF, EINTR, EROFS } from "../../kernel/abi/errno.ts";
import { O_CREAT, O_WRONLY } from "../../kernel/abi/fcntl.ts";
import { SIGTERM, SIGUSR1 } from "../../kernel/abi/signal.ts";
import { MS_RDONLY, S_IFIFO, S_IFLNK, S_IFREG } from "../../kernel/abi/stat.ts";
import * as n from "../../kernel/abi/syscalls.ts";
import { expectResult } from "../support/actor.ts";
import { boot } from "../support/boot.ts";
import { kernel } from "../support/kernel.ts";
import { runProgram, sample } from "../support/program.ts";
import { HANDLER, sigaction, timespec } from "../support/structs.ts";

describe("files in and out", () => {
  it("an entry below a link that leads nowhere is refused, and its name is not given twice", () => {
    const { machine } = boot({ entries: [directory("dir"), { path: "dir/link", mode: S_IFLNK | 0o777, target: "nowhere" }] });
    expect(() => machine.addEntries([file("dir/link/below", "")])).toThrow('entry "dir/link/below": ENOENT');
    machine.addEntries([{ path: "dir/link", mode: S_IFIFO | 0o600 }]);
    expect(machine.checkInvariants()).toBe("");
    expect(machine.stat("/dir")?.nlink).toBe(2);
  });

  it("an image is found again as it was put in", () => {
    const { machine } = boot({
      entries: [
        directory("/a", 0o750),
        { ...file("a/b/deep", "contents", 0o640), uid: 7, gid: 8, mtimeNs: 5_000_000_007n },
        { path: "link", mode: S_IFLNK | 0o777, target: "a/b/deep" },
        { path: "twin", mode: 0, target: "a/b/deep" },
        { path: "queue", mode: S_IFIFO | 0o600 },
      ],
    });
    const text = (path: string) => Buffer.from(machine.readFile(path)).toString();
    expect([text("/a/b/deep"), text("link"), text("twin")]).toEqual(["contents", "contents", "contents"]);
    expect(machine.stat("/link")).toMatchObject({ mode: S_IFREG | 0o640, uid: 7, gid: 8, size: 8, nlink: 2, mtimeNs: 5_000_000_007n });
    expect(machine.stat("/queue")?.mode).toBe(S_IFIFO | 0o600);
    expect(machine.stat("/nothing")).toBeUndefined();
    expect(() => machine.readFile("/nothing")).toThrow(BadInputError);
    expect(() => machine.readFile("/a")).toThrow(BadInputError);
  });

  it("large files pass through the small transfer buffer whole, or as far as wanted", () => {
    const { machine } = boot();
    const bytes = Uint8Array.from({ length: 1_000_003 }, (_, at) => (at * 7) & 0xff);
    machine.writeFile("/large", bytes);
    expect(Buffer.from(machine.readFile("/large")).equals(bytes)).toBe(true);
    expect(machine.readFile("/large", 100).length).toBeGreaterThanOrEqual(100);
    expect(machine.readFile("/large", 100).length).toBeLessThan(100_000);
  });

  it("a program's own files can be read afterwards", () => {
    const test = boot();
    const actor = test.actor();
    const fd = actor.open("/out", O_CREAT | O_WRONLY, 0o600);
    actor.write(fd, "result");
    expect(Buffer.from(test.machine.readFile("/out")).toString()).toBe("result");
  });

  it("a mount makes a subtree read-only", () => {
    const test = boot({ entries: [directory("/ro")] });
    test.machine.mount({ path: "/ro", flags: MS_RDONLY });
    expectResult(test.actor().call(n.SYS_OPENAT, -100, "/ro/x", O_CREAT | O_WRONLY, 0o600), -EROFS);
    expect(() => test.machine.mount({ path: "/none", flags: MS_RDONLY })).toThrow(/entry "\/none": ENOENT/);
  });

  it("an image that does not fit is refused by the name of the file that was too much", () => {
    const { machine } = boot({ memoryBytes: 4 * 2 ** 20 });
    expect(() => machine.writeFile("/big", new Uint8Array(8 * 2 ** 20))).toThrow(/entry "big": the image is larger than the machine's memory/);
  });
});

describe("programs", () => {
  it("output, input, arguments, environment and status", () => {
    const { stdout, stderr, status } = runProgram("cat", { args: ["-", "/missing"], stdin: "from the host" });
    expect({ stdout, status }).toEqual({ stdout: "from the host", status: 1 });
    expect(stderr).toMatch(/missing/);
    expect(runProgram("env", { env: ["A=1", "B=2"] }).stdout).toBe("A=1\nB=2\n");
  });

  it("more input than the console holds arrives whole", () => {
    const stdin = Buffer.alloc(500_000, "0123456789");
    expect(runProgram("wc", { args: ["-c"], stdin }).stdout).toMatch(/500000/);
  });

  it("the same seed gives the same number of instructions and the same output", () => {
    const run = (seed: number) => runProgram("report", { seed });
    expect(run(1).stdout).toBe(run(1).stdout);
    expect(run(1).instructions).toBe(run(1).instructions);
  });

  it("exec errors are errors of their own kind", () => {
    const { machine } = boot({ entries: [file("/text", "no program", 0o755)] });
    expect(() => machine.start({ program: "/none" })).toThrow(ProgramNotFoundError);
    const other = boot({ entries: [file("/text", "no program", 0o755)] }).machine;
    expect(() => other.start({ program: "/text" })).toThrow(CannotExecuteError);
    const third = boot({ entries: [file("/true", sample("true"), 0o755)] }).machine;
    expect(() => third.start({ program: "/true", argv: ["a\0b"] })).toThrow(/NUL/);
    expect(() => third.start({ program: "/true", argv: ["x".repeat(70_000)] })).toThrow(/expected at most 65536 bytes/);
  });

  it("instructions can be limited, and the machine runs on afterwards", () => {
    const { machine } = boot({ entries: [file("/ls", sample("ls"), 0o755)] });
    machine.start({ program: "/ls" });
    expect(() => machine.run({ maxInstructions: 100 })).toThrow(LimitReachedError);
    expect(machine.run()).toMatchObject({ kind: "exited", code: 0 });
  });

  it("a machine in which everybody sleeps for good is a deadlock", () => {
    const { machine } = boot({ entries: [file("/cat", sample("cat"), 0o755), { path: "queue", mode: S_IFIFO | 0o600 }] });
    machine.start({ program: "/cat", argv: ["cat", "/queue"] });
    expect(() => machine.run()).toThrow(DeadlockError);
  });
});

describe("time", () => {
  it("is virtual: a sleep is over at once", () => {
    const test = boot();
    const before = test.machine.now;
    expectResult(test.actor().call(n.SYS_NANOSLEEP, timespec(3_600_000_000_000n), null), 0);
    expect(test.machine.now - before).toBeGreaterThanOrEqual(3_600_000_000_000n);
  });

  it("follows the host where the host wants that", () => {
    const test = boot({ isRealTime: true });
    const sleep = test.actor().start(n.SYS_NANOSLEEP, timespec(1_000_000_000n), null);
    expect(test.machine.step()).toBe("idle");
    const due = test.machine.nextTimer as bigint;
    test.machine.advanceTo(due - 1n);
    expect(test.machine.step()).toBe("idle");
    test.machine.advanceTo(due);
    test.machine.step();
    expect(sleep.isDone).toBe(true);
    expect(test.machine.nextTimer).toBeUndefined();
  });

  it("does not pass while somebody waits for input", () => {
    const test = boot();
    const actor = test.actor();
    const pending = actor.start(n.SYS_PPOLL, Buffer.from([0, 0, 0, 0, 1, 0, 0, 0]), 1, timespec(1_000_000_000n), null, 8);
    const before = test.machine.now;
    expect(test.machine.step()).toBe("input");
    expect(test.machine.now).toBe(before);
    test.machine.input(Buffer.from("x"));
    expectResult(pending.result(), 1);
  });
});

describe("actors", () => {
  it("make calls, sleep in them, and are woken by others", () => {
    const test = boot();
    const [first, second] = [test.actor(), test.actor()];
    expect([first.pid, second.pid]).toEqual([1, 2]);
    first.must(n.SYS_RT_SIGACTION, SIGUSR1, sigaction(HANDLER), null, 8);
    const sleeping = first.start(n.SYS_RT_SIGSUSPEND, Buffer.alloc(8), 8);
    expect(sleeping.isBlocked).toBe(true);
    expectResult(second.call(n.SYS_CLOSE, 77), -EBADF);
    expect(sleeping.isDone).toBe(false);
    second.must(n.SYS_KILL, first.pid, SIGUSR1);
    expectResult(sleeping.result(), -EINTR);
  });

  it("tell which handlers would have run", () => {
    const test = boot();
    const [first, second] = [test.actor(), test.actor()];
    first.must(n.SYS_RT_SIGACTION, SIGUSR1, sigaction(HANDLER), null, 8);
    second.must(n.SYS_KILL, first.pid, SIGUSR1);
    first.call(n.SYS_GETPID);
    expect(first.takeSignals()).toEqual([SIGUSR1]);
    expect(first.takeSignals()).toEqual([]);
  });

  it("can fork, and wait for what became of the child", () => {
    const test = boot();
    const parent = test.actor();
    const child = parent.fork();
    child.exit(3);
    expect(parent.wait(child.pid)).toBe(0x300);
    const killed = parent.fork();
    parent.must(n.SYS_KILL, killed.pid, SIGTERM);
    expect(parent.wait(killed.pid)).toBe(SIGTERM);
  });
});

describe("broken kernels", () => {
  it.each([
    { what: "no wasm", bytes: Buffer.from("hello"), text: /not a WebAssembly module/ },
    { what: "another module", bytes: Buffer.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]), text: /expected an exported memory "memory", found none/ },
  ])("$what is refused when it is loaded", ({ bytes, text }) => expect(() => loadKernel(bytes)).toThrow(text));

  it("a callback that throws ends the machine, and every later call says why", () => {
    const machine = Machine.boot(kernel(), {
      onConsole: () => {
        throw new Error("the callback's own");
      },
    });
    machine.addEntries([file("/echo", sample("echo"), 0o755)]);
    machine.start({ program: "/echo", argv: ["echo", "x"] });
    expect(() => machine.run()).toThrow("the callback's own");
    expect(() => machine.now).toThrow("the callback's own");
  });

  it("a trap becomes a kernel panic with the trap as its cause", () => {
    const machine = Machine.boot(kernel(), { onConsole: overflow });
    machine.addEntries([file("/echo", sample("echo"), 0o755)]);
    machine.start({ program: "/echo", argv: ["echo", "x"] });
    expect(() => machine.run()).toThrow(KernelPanicError);
  });
});

/** A stack overflow inside wasm looks the same to the host. */
function overflow(): void {
  overflow();
}
