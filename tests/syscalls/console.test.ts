// SPDX-License-Identifier: MIT
// The console as the three standard streams: pipes to the host, or a terminal where the host has one.

import { describe, expect, it } from "vitest";
import { EAGAIN, EBADF, EFAULT, EINTR, EIO, ENOTTY, ENXIO, ESPIPE } from "../../kernel/abi/errno.ts";
import { AT_FDCWD, F_GETFL, F_SETFL, O_NONBLOCK, O_RDONLY, O_RDWR, O_WRONLY } from "../../kernel/abi/fcntl.ts";
import { FIONREAD, TCGETS, TIOCGPGRP, TIOCGWINSZ, TIOCSPGRP, TIOCSWINSZ } from "../../kernel/abi/ioctl.ts";
import { POLLERR, POLLHUP, POLLIN, POLLOUT, POLLRDNORM, POLLWRNORM } from "../../kernel/abi/poll.ts";
import { SA_RESTART, SIGCONT, SIGHUP, SIGINT, SIGWINCH } from "../../kernel/abi/signal.ts";
import { S_IFCHR, S_IFIFO, S_IFMT } from "../../kernel/abi/stat.ts";
import {
  SYS_FCNTL, SYS_FSTAT, SYS_IOCTL, SYS_LSEEK, SYS_OPENAT, SYS_PPOLL, SYS_READ, SYS_READLINKAT, SYS_RT_SIGACTION, SYS_SETPGID, SYS_SETSID, SYS_WRITE,
  SYS_WRITEV,
} from "../../kernel/abi/syscalls.ts";
import type { TestActor } from "../support/actor.ts";
import { boot } from "../support/boot.ts";
import { HANDLER, iovecs, pollfds, sigaction, timespec } from "../support/structs.ts";

/** Its device number: 5, 1. */
const CONSOLE = (5 << 8) | 1;
const TERMINAL = { terminals: { stdin: true, stdout: true, stderr: true } };

function revents(actor: TestActor, fd: number): number {
  const fds = actor.bytes(pollfds([fd, 0xffff]));
  actor.must(SYS_PPOLL, fds, 1, timespec(0), null, 8);
  return fds.u16(6);
}

function mode(actor: TestActor, fd: number): number {
  const stat = actor.alloc(128);
  actor.must(SYS_FSTAT, fd, stat);
  return stat.u32(16);
}

function linkOf(actor: TestActor, fd: number): string {
  const name = actor.alloc(64);
  return name.text(0, actor.must(SYS_READLINKAT, AT_FDCWD, `/proc/self/fd/${fd}`, name, 64));
}

describe("output", () => {
  it("goes to the host's stream of the same number, whole and in order", () => {
    const machine = boot();
    const actor = machine.actor();
    actor.write(1, "out");
    actor.write(2, "err");
    const vector = iovecs(actor.bytes(Buffer.from(" and")), actor.bytes(Buffer.from(" more")));
    expect(actor.call(SYS_WRITEV, 1, vector, 2)).toBe(9);
    const long = "0123456789".repeat(10_000);
    expect(actor.write(2, long)).toBe(100_000);
    expect(machine.output(1)).toBe("out and more");
    expect(machine.output(2)).toBe(`err${long}`);
  });

  it("counts what came before a fault", () => {
    const machine = boot();
    const actor = machine.actor();
    expect(actor.call(SYS_WRITE, 1, actor.allocAtEnd(5), 10)).toBe(5);
    expect(actor.call(SYS_WRITE, 1, 8, 10)).toBe(-EFAULT);
  });
});

describe("input", () => {
  it("is read as it comes, then ends", () => {
    const machine = boot();
    const actor = machine.actor();
    expect(machine.machine.input(Buffer.from("hello"))).toBe(5);
    expect(actor.read(0, 3)).toBe("hel");
    expect(actor.read(0)).toBe("lo");
    machine.machine.endInput();
    expect(actor.read(0)).toBe("");
    expect(actor.read(0)).toBe("");
  });

  it("wakes a reader, and the machine says that it waits for input", () => {
    const machine = boot();
    const actor = machine.actor();
    const buffer = actor.alloc(10);
    const read = actor.start(SYS_READ, 0, buffer, 10);
    expect(machine.machine.step()).toBe("input");
    machine.machine.input(Buffer.from("late"));
    expect(read.result()).toBe(4);
    expect(buffer.text(0, 4)).toBe("late");
  });

  it("end of file wakes a reader and a poll", () => {
    const machine = boot();
    const actor = machine.actor();
    const child = actor.fork();
    const read = actor.start(SYS_READ, 0, actor.alloc(10), 10);
    const poll = child.start(SYS_PPOLL, child.bytes(pollfds([0, POLLIN])), 1, null, null, 8);
    expect([read.isBlocked, poll.isBlocked]).toEqual([true, true]);
    machine.machine.endInput();
    expect([read.result(), poll.result()]).toEqual([0, 1]);
  });

  it("beyond 64 KiB the host has to wait", () => {
    const machine = boot();
    const actor = machine.actor();
    expect(machine.machine.input(new Uint8Array(100_000))).toBe(65_536);
    expect(machine.machine.input(Uint8Array.of(1))).toBe(0);
    actor.read(0, 8192);
    expect(machine.machine.input(new Uint8Array(10_000))).toBe(8192);
  });

  it("nonblocking and empty is EAGAIN; FIONREAD counts", () => {
    const machine = boot();
    const actor = machine.actor();
    actor.must(SYS_FCNTL, 0, F_SETFL, O_NONBLOCK);
    expect(actor.call(SYS_READ, 0, actor.alloc(1), 1)).toBe(-EAGAIN);
    machine.machine.input(Buffer.from("abc"));
    const count = actor.alloc(4);
    actor.must(SYS_IOCTL, 0, FIONREAD, count);
    expect(count.u32(0)).toBe(3);
  });
});

describe("where the host has no terminal", () => {
  it("the streams are pipes, each its own, with one direction", () => {
    const actor = boot().actor();
    expect([0, 1, 2].map((fd) => actor.call(SYS_FCNTL, fd, F_GETFL))).toEqual([O_RDONLY, O_WRONLY, O_WRONLY]);
    expect([0, 1, 2].map((fd) => mode(actor, fd) & S_IFMT)).toEqual([S_IFIFO, S_IFIFO, S_IFIFO]);
    const names = [0, 1, 2].map((fd) => linkOf(actor, fd));
    for (const name of names) expect(name).toMatch(/^pipe:\[\d+\]$/);
    expect(new Set(names).size).toBe(3);
    expect(actor.call(SYS_WRITE, 0, "x", 1)).toBe(-EBADF);
    expect(actor.call(SYS_READ, 1, actor.alloc(1), 1)).toBe(-EBADF);
    expect(actor.call(SYS_LSEEK, 0, 0, 0)).toBe(-ESPIPE);
  });

  it.each([TCGETS, TIOCGWINSZ, TIOCGPGRP])("ioctl %i is ENOTTY", (request) => {
    const actor = boot().actor();
    for (const fd of [0, 1, 2]) expect(actor.call(SYS_IOCTL, fd, request, actor.alloc(64))).toBe(-ENOTTY);
  });

  it("polls as a pipe", () => {
    const machine = boot();
    const actor = machine.actor();
    expect([revents(actor, 0), revents(actor, 1)]).toEqual([0, POLLOUT | POLLWRNORM]);
    machine.machine.input(Buffer.from("x"));
    expect(revents(actor, 0)).toBe(POLLIN | POLLRDNORM);
    actor.read(0);
    machine.machine.endInput();
    expect(revents(actor, 0)).toBe(POLLHUP);
  });
});

describe("where the host has a terminal", () => {
  it("the streams are a character device, open both ways", () => {
    const machine = boot(TERMINAL);
    const actor = machine.actor();
    expect([0, 1, 2].map((fd) => actor.call(SYS_FCNTL, fd, F_GETFL))).toEqual([O_RDWR, O_RDWR, O_RDWR]);
    expect(mode(actor, 1)).toBe(S_IFCHR | 0o600);
    expect(linkOf(actor, 1)).toBe("/dev/console"); // ttyname(3) finds it
    machine.machine.input(Buffer.from("typed\n"));
    expect(actor.read(2)).toBe("typed\n");
    actor.write(0, "shown");
    expect(machine.output(0)).toBe("typed\r\nshown");
  });

  it("knows a size, a state and a foreground group", () => {
    const machine = boot(TERMINAL);
    const actor = machine.actor();
    machine.machine.resize(50, 132);
    const size = actor.alloc(8);
    expect(actor.call(SYS_IOCTL, 0, TIOCGWINSZ, size)).toBe(0);
    expect([size.u16(0), size.u16(2)]).toEqual([50, 132]);
    size.write(Uint8Array.of(10, 0, 20, 0));
    expect(actor.call(SYS_IOCTL, 0, TIOCSWINSZ, size)).toBe(0);
    const again = actor.alloc(8);
    actor.must(SYS_IOCTL, 1, TIOCGWINSZ, again);
    expect([again.u16(0), again.u16(2)]).toEqual([10, 20]);

    const termios = actor.alloc(36);
    expect(actor.call(SYS_IOCTL, 1, TCGETS, termios)).toBe(0);
    expect(termios.u32(12) & 0o12).toBe(0o12); // ICANON, ECHO
    const group = actor.alloc(4);
    expect(actor.call(SYS_IOCTL, 1, TIOCGPGRP, group)).toBe(0);
    expect(group.u32(0)).toBe(actor.pid);
    expect(actor.call(SYS_IOCTL, 1, TIOCSPGRP, actor.u32s([1]))).toBe(0);
    expect(actor.call(SYS_IOCTL, 1, TCGETS, 8)).toBe(-EFAULT);
  });

  it("is pid 1's controlling terminal, which its children share", () => {
    const actor = boot(TERMINAL).actor();
    const child = actor.fork();
    for (const who of [actor, child]) {
      const stat = who.read(who.open("/proc/self/stat", O_RDONLY)).split(" ");
      expect(stat.slice(6, 8)).toEqual([String(CONSOLE), String(actor.pid)]);
      const size = who.alloc(8);
      who.must(SYS_IOCTL, who.open("/dev/tty", O_RDWR), TIOCGWINSZ, size);
      expect([size.u16(0), size.u16(2)]).toEqual([24, 80]);
    }
    child.must(SYS_SETSID);
    expect(child.call(SYS_OPENAT, AT_FDCWD, "/dev/tty", O_RDWR, 0)).toBe(-ENXIO);
  });

  it("edits lines, echoes, and turns keys into signals for the foreground", () => {
    const machine = boot(TERMINAL);
    const actor = machine.actor();
    actor.must(SYS_RT_SIGACTION, SIGINT, sigaction(HANDLER), null, 8);
    const behind = actor.fork();
    behind.must(SYS_SETPGID, 0, 0);
    const read = actor.start(SYS_READ, 0, actor.alloc(10), 10);
    machine.machine.input(Buffer.from("lost\x03"));
    expect(read.result()).toBe(-EINTR);
    expect([actor.takeSignals(), behind.takeSignals()]).toEqual([[SIGINT], []]);
    machine.machine.input(Buffer.from("tyq\x7fped\r"));
    expect(actor.read(0)).toBe("typed\n");
    expect(machine.output(0)).toBe("lost^Ctyq\b \bped\r\n");
  });

  it("another size is SIGWINCH to the foreground, the same one is nothing", () => {
    const machine = boot(TERMINAL);
    const actor = machine.actor();
    actor.must(SYS_RT_SIGACTION, SIGWINCH, sigaction(HANDLER), null, 8);
    machine.machine.resize(24, 80);
    expect(actor.takeSignals()).toEqual([]);
    machine.machine.resize(25, 80);
    machine.settle();
    expect(actor.takeSignals()).toEqual([SIGWINCH]);
  });

  it("the end of typing is the end of the file, after what was typed", () => {
    const machine = boot(TERMINAL);
    const actor = machine.actor();
    machine.machine.input(Buffer.from("line\rrest"));
    machine.machine.endInput();
    expect([actor.read(0), actor.read(0), actor.read(0)]).toEqual(["line\n", "rest", ""]);
    actor.write(1, "still shown");
    expect(machine.output(0)).toMatch(/still shown$/);
  });

  it("a hang-up is SIGHUP and SIGCONT to pid 1, and the end of the open files", () => {
    const machine = boot(TERMINAL);
    const actor = machine.actor();
    for (const signal of [SIGHUP, SIGCONT]) actor.must(SYS_RT_SIGACTION, signal, sigaction(HANDLER, SA_RESTART), null, 8);
    const child = actor.fork();
    const read = child.start(SYS_READ, 0, child.alloc(1), 1);
    machine.machine.hangUp();
    machine.settle();
    expect(actor.takeSignals()).toEqual([SIGHUP, SIGCONT]);
    expect([read.result(), actor.read(0)]).toEqual([0, ""]);
    expect(actor.call(SYS_WRITE, 1, "x", 1)).toBe(-EIO);
    expect(actor.call(SYS_IOCTL, 1, TIOCGWINSZ, actor.alloc(8))).toBe(-EIO);
    expect(revents(actor, 0)).toBe(POLLIN | POLLOUT | POLLERR | POLLHUP | POLLRDNORM | POLLWRNORM);
    expect(actor.call(SYS_OPENAT, AT_FDCWD, "/dev/tty", O_RDWR, 0)).toBe(-ENXIO);
  });

  it("one stream can be a terminal and another a pipe", () => {
    const actor = boot({ terminals: { stdin: true, stdout: false, stderr: false } }).actor();
    expect([0, 1].map((fd) => mode(actor, fd) & S_IFMT)).toEqual([S_IFCHR, S_IFIFO]);
    expect(actor.call(SYS_IOCTL, 0, TIOCGWINSZ, actor.alloc(8))).toBe(0);
    expect(actor.call(SYS_IOCTL, 1, TIOCGWINSZ, actor.alloc(8))).toBe(-ENOTTY);
  });
});
