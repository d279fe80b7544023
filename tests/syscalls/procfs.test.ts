// SPDX-License-Identifier: MIT
// /proc: the forms that programs parse, magic links, and what others may see.

import { describe, expect, it } from "vitest";
import { EACCES, ENOENT, ENXIO, EPERM, ESRCH } from "../../kernel/abi/errno.ts";
import { AT_FDCWD, O_CLOEXEC, O_CREAT, O_DIRECTORY, O_PATH, O_RDONLY, O_RDWR, O_WRONLY } from "../../kernel/abi/fcntl.ts";
import {
  SYS_CHDIR, SYS_EVENTFD2, SYS_EXIT_GROUP, SYS_GETDENTS64, SYS_LSEEK, SYS_MKDIRAT, SYS_OPENAT, SYS_READ, SYS_READLINKAT, SYS_SETRESUID, SYS_UMASK,
  SYS_UNLINKAT,
} from "../../kernel/abi/syscalls.ts";
import { file } from "../../host/core/image.ts";
import type { TestActor } from "../support/actor.ts";
import { boot } from "../support/boot.ts";
import { list, probe, readLink, stat } from "../support/paths.ts";
import { runProgram } from "../support/program.ts";

function text(actor: TestActor, path: string): string {
  const fd = actor.open(path, O_RDONLY);
  let all = "";
  for (let some = actor.read(fd); some !== ""; some = actor.read(fd)) all += some;
  actor.close(fd);
  return all;
}

describe("a listing", () => {
  it.each(["/proc", "/proc/self", "/proc/self/fd", "/proc/self/task", "/proc/sys/kernel", "/dev/pts", "/dev"])("of %s has ended at positions that no entry has", (path) => {
    const actor = boot().actor();
    const fd = actor.open(path, O_RDONLY | O_DIRECTORY);
    const room = actor.alloc(4096);
    for (const position of [2n ** 31n, 2n ** 31n + 2n, 2n ** 31n + 256n, 2n ** 32n - 1n, 2n ** 32n + 256n, 2n ** 53n - 1n]) {
      expect(actor.must(SYS_LSEEK, fd, position, 0)).toBe(Number(position));
      expect(actor.call(SYS_GETDENTS64, fd, room, 4096), `at ${position}`).toBe(0);
    }
  });
});

describe("text", () => {
  it.each([
    { path: "/proc/self/stat", form: /^1 \(.*\) R 0 1 1 0 -1 4194304( \d+){43}\n$/ },
    { path: "/proc/self/statm", form: /^(\d+ ){6}0\n$/ },
    { path: "/proc/self/status", form: /^Name:\t.*\nUmask:\t0022\nState:\tR \(running\)\nTgid:\t1\n[^]*\nUid:\t0\t0\t0\t0\n[^]*\nSigBlk:\t0{16}\n/ },
    { path: "/proc/self/maps", form: /^([0-9a-f]{8,}-[0-9a-f]{8,} [r-][w-][x-][ps] [0-9a-f]{8} [0-9a-f]{2}:[0-9a-f]{2} \d+ .*\n)+$/ },
    { path: "/proc/self/limits", form: /^Limit {21}Soft Limit {11}Hard Limit {11}Units {5}\n(.{68,78}\n){16}$/ },
    { path: "/proc/self/mountinfo", form: /^(\d+ \d+ 0:\d+ \/\S* \/\S* rw,relatime - \w+ \w+ rw\n){4}$/ },
    { path: "/proc/mounts", form: /^ramfs \/ ramfs rw,relatime 0 0\ndevtmpfs \/dev devtmpfs rw,relatime 0 0\ndevpts \/dev\/pts devpts rw,relatime 0 0\nproc \/proc proc rw,relatime 0 0\n$/ },
    { path: "/proc/meminfo", form: /^MemTotal: +262144 kB\nMemFree: +\d+ kB\nMemAvailable: +\d+ kB\n(\w+: +\d+ kB\n)+$/ },
    { path: "/proc/stat", form: /^cpu  \d+( \d+){9}\ncpu0 [^]*\nbtime \d+\nprocesses 1\nprocs_running 1\nprocs_blocked 0\nsoftirq( 0){11}\n$/ },
    { path: "/proc/uptime", form: /^\d+\.\d\d \d+\.\d\d\n$/ },
    { path: "/proc/loadavg", form: /^0\.00 0\.00 0\.00 \d+\/\d+ \d+\n$/ },
    { path: "/proc/version", form: /^Linux version 6\.12\.0-spawnlab / },
    { path: "/proc/cpuinfo", form: /^processor\t: 0\nhart\t\t: 0\nisa\t\t: rv64imafdc/ },
    { path: "/proc/sys/kernel/pid_max", form: /^32768\n$/ },
    { path: "/proc/sys/kernel/osrelease", form: /^6\.12\.0-spawnlab\n$/ },
    { path: "/proc/sys/vm/overcommit_memory", form: /^1\n$/ },
    { path: "/proc/sys/fs/file-nr", form: /^\d+\t0\t65536\n$/ },
  ])("$path", ({ path, form }) => {
    const actor = boot().actor();
    expect(text(actor, path)).toMatch(form);
  });

  it("is made anew when reading starts again at the beginning, and read in pieces of one version", () => {
    const actor = boot().actor();
    const fd = actor.open("/proc/self/status", O_RDONLY);
    expect(actor.read(fd, 20)).toContain("Umask:\t0022");
    actor.must(SYS_UMASK, 0o077);
    expect(actor.read(fd, 4096)).not.toContain("Umask");
    expect(text(actor, "/proc/self/status")).toContain("Umask:\t0077");
  });

  it("shows a program's arguments, environment, mappings and name", () => {
    const { stdout, status } = runProgram("cat", {
      args: ["/proc/self/cmdline", "/proc/self/environ", "/proc/self/comm", "/proc/self/maps"],
      env: ["A=1", "B=two"],
    });

    expect(status).toBe(0);
    expect(stdout).toContain("/bin/cat\0/proc/self/cmdline\0");
    expect(stdout).toContain("A=1\0B=two\0cat\n");
    expect(stdout).toMatch(/ r-xp .* {2,}\/bin\/cat\n/);
    expect(stdout).toMatch(/ rw-p .* {2,}\[stack\]\n/);
  });

  it("of fdinfo tells position and flags, close-on-exec among them", () => {
    const actor = boot({ entries: [file("/f", "0123456789")] }).actor();
    const fd = actor.open("/f", O_RDWR | O_CLOEXEC);
    actor.read(fd, 4);

    expect(text(actor, `/proc/self/fdinfo/${fd}`)).toBe(`pos:\t4\nflags:\t02100002\nmnt_id:\t1\nino:\t${stat(actor, "/f").ino}\n`);
  });
});

describe("magic links", () => {
  it("lead to the working directory and the root, wherever they are called", () => {
    const actor = boot({ entries: [file("/a/f", "here")] }).actor();
    actor.must(SYS_CHDIR, "/a");

    expect(readLink(actor, "/proc/self/cwd")).toBe("/a");
    expect(actor.read(actor.open("/proc/self/cwd/f", O_RDONLY))).toBe("here");
    expect(stat(actor, "/proc/self/root").ino).toBe(stat(actor, "/").ino);
  });

  it("open an unlinked file again, with rights of their own", () => {
    const actor = boot({ entries: [file("/f", "kept")] }).actor();
    const fd = actor.open("/f", O_RDONLY);
    actor.must(SYS_UNLINKAT, AT_FDCWD, "/f", 0);
    const again = actor.open(`/proc/self/fd/${fd}`, O_WRONLY);
    actor.write(again, "w");

    expect(actor.read(fd)).toBe("wept");
  });

  it("open a pipe again, but no eventfd", () => {
    const actor = boot().actor();
    const [reader, writer] = actor.pipe();
    const event = actor.must(SYS_EVENTFD2, 0, 0);
    const again = actor.open(`/proc/self/fd/${reader}`, O_WRONLY);
    actor.close(writer);
    actor.write(again, "via proc");

    expect(actor.read(reader)).toBe("via proc");
    expect(readLink(actor, `/proc/self/fd/${reader}`)).toMatch(/^pipe:\[\d+\]$/);
    expect(readLink(actor, `/proc/self/fd/${event}`)).toBe("anon_inode:[eventfd]");
    expect(actor.call(SYS_OPENAT, AT_FDCWD, `/proc/self/fd/${event}`, O_RDONLY)).toBe(-ENXIO);
    expect(actor.call(SYS_OPENAT, AT_FDCWD, `/proc/self/fd/${event}`, O_PATH)).toBeGreaterThan(0);
  });

  it("show how a descriptor was opened, and vanish with it", () => {
    const actor = boot({ entries: [file("/f", "")] }).actor();
    const fd = actor.open("/f", O_WRONLY);

    expect(stat(actor, `/proc/self/fd/${fd}`, false)).toMatchObject({ mode: 0o120300, size: 64 });
    actor.close(fd);
    expect(probe(actor, `/proc/self/fd/${fd}`)).toBe(-ENOENT);
  });
});

describe("processes", () => {
  it("are listed while they exist, zombies too", () => {
    const actor = boot().actor();
    const child = actor.fork();
    const pids = () => list(actor, "/proc").map(({ name }) => name).filter((name) => /^\d+$/.test(name));
    expect(pids()).toEqual(["1", String(child.pid)]);

    const held = actor.open(`/proc/${child.pid}`, O_RDONLY | O_DIRECTORY);
    const status = actor.open(`/proc/${child.pid}/status`, O_RDONLY);
    child.start(SYS_EXIT_GROUP, 3);
    expect(text(actor, `/proc/${child.pid}/stat`)).toMatch(new RegExp(`^${child.pid} \\(.*\\) Z 1 `));
    expect(text(actor, `/proc/${child.pid}/cmdline`)).toBe("");

    actor.wait(child.pid);
    expect(pids()).toEqual(["1"]);
    expect(actor.call(SYS_OPENAT, held, "stat", O_RDONLY)).toBe(-ENOENT);
    expect(actor.call(SYS_READ, status, actor.alloc(64), 64)).toBe(-ESRCH);
  });

  it("belong to their user: others see no links, descriptors or environment", () => {
    const actor = boot().actor();
    const other = actor.fork();
    other.must(SYS_SETRESUID, 1000, 1000, 1000);
    const out = other.alloc(64);

    expect(other.call(SYS_READLINKAT, AT_FDCWD, "/proc/1/cwd", out, 64)).toBe(-EACCES);
    expect(other.call(SYS_OPENAT, AT_FDCWD, "/proc/1/fd", O_RDONLY)).toBe(-EACCES);
    expect(other.call(SYS_OPENAT, AT_FDCWD, "/proc/1/environ", O_RDONLY)).toBe(-EACCES);
    expect(text(other, "/proc/1/comm")).toBe("\n");
    expect(stat(actor, `/proc/${other.pid}`)).toMatchObject({ uid: 1000, gid: 0 });
  });

  it("cannot be made or removed by name", () => {
    const actor = boot().actor();

    expect(actor.call(SYS_MKDIRAT, AT_FDCWD, "/proc/77", 0o755)).toBe(-ENOENT);
    expect(actor.call(SYS_UNLINKAT, AT_FDCWD, "/proc/version", 0)).toBe(-EPERM);
    expect(actor.call(SYS_OPENAT, AT_FDCWD, "/proc/new", O_CREAT | O_WRONLY, 0o644)).toBe(-ENOENT);
  });
});

it("standard output can be opened again as /dev/stdout", () => {
  const machine = boot();
  const actor = machine.actor();
  actor.write(actor.open("/dev/stdout", O_WRONLY), "once more");

  expect(machine.output()).toBe("once more");
});
