// SPDX-License-Identifier: MIT
// spawn_template_create: which files it takes, by path and by descriptor, and which it calls executable (sections 8 and 9 of the
// order of checks). Every row holds in every profile unless it says otherwise.

import { describe, expect, it } from "vitest";
import { directory, file } from "../../host/core/image.ts";
import {
  EACCES, EINVAL, ELOOP, ENAMETOOLONG, ENFILE, ENOENT, ENOEXEC, ENOTDIR, ETXTBSY,
} from "../../kernel/abi/errno.ts";
import { ET_CORE, ET_DYN, ET_REL } from "../../kernel/abi/elf.ts";
import { AT_FDCWD, O_DIRECTORY, O_RDONLY, O_RDWR, O_WRONLY } from "../../kernel/abi/fcntl.ts";
import { RLIMIT_NOFILE } from "../../kernel/abi/resource.ts";
import { MS_NOEXEC } from "../../kernel/abi/stat.ts";
import {
  SYS_CHDIR, SYS_FCHMOD, SYS_MEMFD_CREATE, SYS_OPENAT, SYS_PRLIMIT64, SYS_SETRESUID, SYS_SYMLINKAT, SYS_UNLINKAT,
} from "../../kernel/abi/syscalls.ts";
import { expectResult, type TestActor } from "../support/actor.ts";
import { boot, type TestMachine } from "../support/boot.ts";
import { codeSegment, elf, exitCode, exits, type ElfFields } from "../support/elf-builder.ts";
import { inProfile, PROFILES, seed, type PerProfile } from "../support/profiles.ts";
import { create } from "../support/spawn-calls.ts";
import { pack, type CreateFields } from "../support/structs.ts";

const tool = exits(0);
const entries = [
  file("/bin/tool", tool, 0o755),
  file("/bin/secret", tool, 0o700),
  file("/bin/x-only", tool, 0o711),
  file("/bin/plain", tool, 0o644),
  file("/bin/empty", "", 0o755),
  file("/noexec/tool", tool, 0o755),
  directory("/closed", 0o700),
  file("/closed/tool", tool, 0o755),
  { path: "bin/link", mode: 0o120777, target: "tool" },
  { path: "bin/loop", mode: 0o120777, target: "loop" },
  { path: "bin/dangling", mode: 0o120777, target: "nowhere" },
  { path: "bin/fifo", mode: 0o010777 },
];

type Prepare = (actor: TestActor, test: TestMachine) => string | CreateFields;

interface Row {
  readonly rule: string;
  readonly from: Prepare;
  readonly want: PerProfile<number>;
  /** The literal code prints a kernel warning. */
  readonly warns?: true;
}

/** uid 1000 from here on; preparations before this are root's. */
function becomeUser(actor: TestActor): void {
  actor.must(SYS_SETRESUID, 1000, 1000, 1000);
}

const byPath: Row[] = [
  { rule: "a symbolic link is followed", from: () => "/bin/link", want: 3 },
  { rule: "a missing file is ENOENT", from: () => "/bin/missing", want: -ENOENT },
  { rule: "a missing directory is ENOENT", from: () => "/missing/tool", want: -ENOENT },
  { rule: "a dangling link is ENOENT", from: () => "/bin/dangling", want: -ENOENT },
  { rule: "a file in the middle of the path is ENOTDIR", from: () => "/bin/tool/tool", want: -ENOTDIR },
  { rule: "a trailing slash is ENOTDIR", from: () => "/bin/tool/", want: -ENOTDIR },
  { rule: "a loop of links is ELOOP", from: () => "/bin/loop", want: -ELOOP },
  { rule: "a component over 255 bytes is ENAMETOOLONG", from: () => `/bin/${"x".repeat(256)}`, want: -ENAMETOOLONG },
  { rule: "a file without any x bit is EACCES, for root too", from: () => "/bin/plain", want: -EACCES },
  { rule: "a file whose x bits are not for the caller is EACCES", from: (a) => (becomeUser(a), "/bin/secret"), want: -EACCES },
  { rule: "a file that the caller may execute but not read is accepted", from: (a) => (becomeUser(a), "/bin/x-only"), want: 3 },
  { rule: "a directory without search permission on the way is EACCES", from: (a) => (becomeUser(a), "/closed/tool"), want: -EACCES },
  { rule: "a directory is EACCES", from: () => "/bin", want: -EACCES },
  { rule: "the root directory is EACCES", from: () => "/", want: -EACCES },
  { rule: "a FIFO is EACCES, and does not sleep", from: () => "/bin/fifo", want: -EACCES },
  { rule: "a device is EACCES", from: () => "/dev/null", want: -EACCES },
  {
    rule: "a file on a noexec mount is EACCES",
    from: (_, test) => (test.machine.mount({ path: "/noexec", flags: MS_NOEXEC }), "/noexec/tool"),
    want: -EACCES,
  },
  { rule: "a file that is open for writing is ETXTBSY", from: (a) => (a.open("/bin/tool", O_WRONLY), "/bin/tool"), want: -ETXTBSY },
  { rule: "a file that is open for reading and writing is ETXTBSY", from: (a) => (a.open("/bin/tool", O_RDWR), "/bin/tool"), want: -ETXTBSY },
  {
    rule: "a writer that has closed it does not matter",
    from: (a) => (a.close(a.open("/bin/tool", O_RDWR)), "/bin/tool"),
    want: 3,
  },
  { rule: "a template of it does not matter", from: (a) => (create(a, "/bin/tool"), "/bin/tool"), want: 4 },
  { rule: "a file with ETXTBSY and a bad header is ETXTBSY first", from: (a) => (a.open("/bin/empty", O_WRONLY), "/bin/empty"), want: -ETXTBSY },
];

const byDescriptor: Row[] = [
  { rule: "a directory is EACCES", from: (a) => ({ execfd: a.open("/bin", O_DIRECTORY) }), want: -EACCES },
  { rule: "a FIFO is EACCES", from: (a) => ({ execfd: a.open("/bin/fifo", O_RDWR) }), want: -EACCES },
  { rule: "a pipe is EACCES", from: (a) => ({ execfd: a.pipe()[0] }), want: -EACCES },
  { rule: "the console is EACCES", from: () => ({ execfd: 0 }), want: -EACCES },
  { rule: "another template is EACCES", from: (a) => ({ execfd: create(a, "/bin/tool") }), want: -EACCES },
  { rule: "a file without x is EACCES", from: (a) => ({ execfd: a.open("/bin/plain", O_RDONLY) }), want: -EACCES },
  {
    rule: "a file whose x bits are not for the caller is EACCES, although root opened it",
    from: (a) => {
      const execfd = a.open("/bin/secret", O_RDONLY);
      becomeUser(a);
      return { execfd };
    },
    want: -EACCES,
  },
  {
    rule: "a file on a noexec mount is EACCES",
    from: (a, test) => {
      test.machine.mount({ path: "/noexec", flags: MS_NOEXEC });
      return { execfd: a.open("/noexec/tool", O_RDONLY) };
    },
    want: -EACCES,
  },
  { rule: "an fd that can write it is ETXTBSY", from: (a) => ({ execfd: a.open("/bin/tool", O_RDWR) }), want: -ETXTBSY },
  { rule: "a writer elsewhere is ETXTBSY", from: (a) => (a.open("/bin/tool", O_WRONLY), { execfd: a.open("/bin/tool", O_RDONLY) }), want: -ETXTBSY },
  { rule: "no x permission comes before a writer", from: (a) => (a.open("/bin/plain", O_WRONLY), { execfd: a.open("/bin/plain", O_RDONLY) }), want: -EACCES },
  {
    rule: "a memfd's own read-write fd does not count as a writer",
    from: (a) => {
      const execfd = a.must(SYS_MEMFD_CREATE, "tool", 0);
      a.write(execfd, tool);
      return { execfd };
    },
    want: 4,
  },
  {
    rule: "a memfd without x is EACCES",
    from: (a) => {
      const execfd = a.must(SYS_MEMFD_CREATE, "tool", 0);
      a.must(SYS_FCHMOD, execfd, 0o600);
      return { execfd };
    },
    want: -EACCES,
  },
  { rule: "access mode 3 is EINVAL", from: (a) => ({ execfd: a.open("/bin/tool", 3) }), want: seed(-EINVAL, 4), warns: true },
  { rule: "access mode 3 on a file without x is EACCES first", from: (a) => ({ execfd: a.open("/bin/plain", 3) }), want: -EACCES },
  {
    rule: "a file that has been unlinked is accepted",
    from: (a) => {
      const execfd = a.open("/bin/tool", O_RDONLY);
      a.must(SYS_UNLINKAT, AT_FDCWD, "/bin/tool", 0);
      return { execfd };
    },
    want: 4,
  },
];

// 9. the headers: what is no program is ENOEXEC (patch 06 alone does not read them).
const phdrs = (count: number): ElfFields => ({ phnum: count, segments: [codeSegment(exitCode(0))], length: undefined });
const headers: { rule: string; data: Uint8Array; want: PerProfile<number> }[] = [
  { rule: "an empty file is ENOEXEC", data: Buffer.alloc(0), want: seed(-ENOEXEC, 3) },
  { rule: "a file of 63 bytes is ENOEXEC", data: elf({ length: 63 }), want: seed(-ENOEXEC, 3) },
  { rule: "a script is ENOEXEC", data: Buffer.from(`#!/bin/tool\n${" ".repeat(100)}`), want: seed(-ENOEXEC, 3) },
  { rule: "another magic number is ENOEXEC", data: elf({ magic: "\x7fELG" }), want: seed(-ENOEXEC, 3) },
  { rule: "class 32 is ENOEXEC", data: elf({ class: 1 }), want: seed(-ENOEXEC, 3) },
  { rule: "another machine is ENOEXEC", data: elf({ machine: 62 }), want: seed(-ENOEXEC, 3) },
  { rule: "an object file is ENOEXEC", data: elf({ type: ET_REL }), want: seed(-ENOEXEC, 3) },
  { rule: "a core file is ENOEXEC", data: elf({ type: ET_CORE }), want: seed(-ENOEXEC, 3) },
  { rule: "type 0 is ENOEXEC", data: elf({ type: 0 }), want: seed(-ENOEXEC, 3) },
  { rule: "a shared object is a program", data: elf({ type: ET_DYN }), want: 3 },
  { rule: "e_phentsize 55 is ENOEXEC", data: elf({ phentsize: 55 }), want: seed(-ENOEXEC, 3) },
  { rule: "e_phentsize 57 is ENOEXEC", data: elf({ phentsize: 57 }), want: seed(-ENOEXEC, 3) },
  { rule: "no program headers are ENOEXEC", data: elf({ phnum: 0 }), want: seed(-ENOEXEC, 3) },
  { rule: "73 program headers are accepted", data: padded(elf(phdrs(73)), 8192), want: 3 },
  { rule: "74 program headers are ENOEXEC", data: padded(elf(phdrs(74)), 8192), want: seed(-ENOEXEC, 3) },
  { rule: "65535 program headers are ENOEXEC", data: padded(elf(phdrs(65535)), 8192), want: seed(-ENOEXEC, 3) },
  { rule: "program headers behind the end of the file are ENOEXEC", data: elf({ phoff: 1 << 20 }), want: seed(-ENOEXEC, 3) },
  { rule: "program headers that the end of the file cuts are ENOEXEC", data: elf({ length: 64 + 55 }), want: seed(-ENOEXEC, 3) },
  { rule: "program headers at offset 2^64 - 8 are ENOEXEC", data: elf({ phoff: -8n & 0xffff_ffff_ffff_ffffn }), want: seed(-ENOEXEC, 3) },
  { rule: "EI_DATA is not looked at", data: patched(elf(), 5, 2), want: 3 },
  { rule: "EI_VERSION is not looked at", data: patched(elf(), 6, 9), want: 3 },
  { rule: "EI_OSABI is not looked at", data: patched(elf(), 7, 9), want: 3 },
  { rule: "e_version is not looked at", data: patched(elf(), 20, 9), want: 3 },
  { rule: "a program without PT_LOAD is accepted", data: elf({ segments: [{ type: 4 }] }), want: 3 },
];

describe.each(PROFILES)("spawn_template_create's files, profile %s", (profile) => {
  describe("by path", () => {
    for (const { rule, from, want } of byPath) it(rule, () => check(from, want));
  });

  describe("by descriptor", () => {
    for (const { rule, from, want, warns } of byDescriptor) it(rule, () => check(from, want, warns));
  });

  describe("headers, by path and by descriptor alike", () => {
    for (const { rule, data, want } of headers) it(rule, () => {
      const actor = boot({ profile, entries: [file("/program", data, 0o755)] }).actor();
      expectResult(create(actor, "/program"), inProfile(want, profile));
      const fd = actor.open("/program", O_RDONLY);
      const wanted = inProfile(want, profile);
      expectResult(create(actor, { execfd: fd }), wanted < 0 ? wanted : fd + 1);
    });
  });

  it("undoes its deny-write when the headers are bad", () => {
    const actor = boot({ profile, entries: [file("/program", "no program", 0o755)] }).actor();
    const result = create(actor, "/program");
    if (profile === "patch-06") actor.close(result);
    expect(actor.call(SYS_OPENAT, AT_FDCWD, "/program", O_WRONLY)).toBe(3);
  });

  it("is ENFILE when no further open file may exist, for all but CAP_SYS_ADMIN", () => {
    const test = boot({ profile, entries });
    const actor = test.actor();
    const execfd = actor.open("/bin/tool", O_RDONLY);
    useUpFiles(actor);
    expect(create(actor, "/bin/tool")).toBeGreaterThan(0);
    useUpFiles(actor);
    becomeUser(actor);
    expectResult(create(actor, "/bin/tool"), -ENFILE);
    expectResult(create(actor, { execfd }), -ENFILE);
  });

  it("looks a relative path up from the working directory where it is accepted", () => {
    const actor = boot({ profile, entries, isLeakExpected: profile === "rfc-v1" }).actor();
    actor.must(SYS_CHDIR, "/bin");
    expectResult(create(actor, "tool"), profile === "patch-06" ? 3 : -EINVAL);
  });

  it("resolves the path when it is called, not when it spawns", () => {
    const actor = boot({ profile, entries }).actor();
    actor.must(SYS_SYMLINKAT, "/bin/tool", AT_FDCWD, "/tool");
    expect(create(actor, "/tool")).toBe(3);
  });

  function check(from: Prepare, want: PerProfile<number>, warns = false): void {
    const test = boot({ profile, entries });
    const actor = test.actor();
    expectResult(create(actor, from(actor, test)), inProfile(want, profile));
    expect(warns ? test.takeFindings().length : 0).toBe(warns && profile === "rfc-v1" ? 1 : 0);
  }
});

/** As root: opens files until nobody else may open one (file-max). */
function useUpFiles(actor: TestActor): void {
  actor.must(SYS_PRLIMIT64, 0, RLIMIT_NOFILE, pack("u64", 1 << 20, "u64", 1 << 20), 0);
  const path = actor.str("/bin/tool");
  while (actor.machine.usage().files < 65536) actor.must(SYS_OPENAT, AT_FDCWD, path, O_RDONLY);
}

function padded(data: Buffer, length: number): Buffer {
  return data.length < length ? Buffer.concat([data, Buffer.alloc(length - data.length)]) : data;
}

function patched(data: Buffer, offset: number, byte: number): Buffer {
  const copy = Buffer.from(data);
  copy[offset] = byte;
  return copy;
}
