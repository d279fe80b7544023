// SPDX-License-Identifier: MIT
// brk, mmap, munmap, mprotect, mremap, madvise, msync, mincore by behaviour; and what fork and files share. Whether an address can be
// read or written is asked with write(2) from it and read(2) into it.
import { describe, expect, it } from "vitest";
import { EACCES, EBADF, EEXIST, EFAULT, EINVAL, ENODEV, ENOMEM, EOVERFLOW, EPERM } from "../../kernel/abi/errno.ts";
import { O_CREAT, O_RDONLY, O_RDWR, O_WRONLY } from "../../kernel/abi/fcntl.ts";
import {
  MADV_DONTNEED, MAP_ANONYMOUS, MAP_FIXED, MAP_FIXED_NOREPLACE, MAP_GROWSDOWN, MAP_PRIVATE, MAP_SHARED, MREMAP_FIXED, MREMAP_MAYMOVE,
  MS_ASYNC, MS_SYNC, PROT_EXEC, PROT_NONE, PROT_READ, PROT_WRITE,
} from "../../kernel/abi/mman.ts";
import { RLIMIT_AS, RLIMIT_DATA } from "../../kernel/abi/resource.ts";
import * as calls from "../../kernel/abi/syscalls.ts";
import { expectResult, type TestActor } from "../support/actor.ts";
import { boot } from "../support/boot.ts";

const PAGE = 4096;
const RW = PROT_READ | PROT_WRITE;
const ANONYMOUS = MAP_PRIVATE | MAP_ANONYMOUS;
const AT = 0x40000000; // free in an actor

function map(actor: TestActor, address: number, pages: number, protection = RW, flags = ANONYMOUS | MAP_FIXED, fd = -1, offset = 0): number {
  return actor.call(calls.SYS_MMAP, address, pages * PAGE, protection, flags, fd, offset);
}

/** "rw", "r-", "-w" or "--" for the byte at an address. */
function access(actor: TestActor, address: number): string {
  const [reader, writer] = actor.pipe();
  const canRead = actor.call(calls.SYS_WRITE, writer, address, 1) === 1;
  if (canRead) actor.read(reader, 1);
  actor.write(writer, "x");
  const before = canRead ? actor.peek(address, 1) : undefined;
  const canWrite = actor.call(calls.SYS_READ, reader, address, 1) === 1;
  if (canWrite && before) actor.poke(address, before);
  actor.close(reader);
  actor.close(writer);
  return `${canRead ? "r" : "-"}${canWrite ? "w" : "-"}`;
}

function text(actor: TestActor, address: number, length: number): string {
  return Buffer.from(actor.peek(address, length)).toString("latin1");
}

function fileWith(actor: TestActor, contents: string, flags = O_RDWR): number {
  const fd = actor.open("/file", O_CREAT | O_RDWR, 0o644);
  actor.write(fd, contents);
  actor.close(fd);
  return actor.open("/file", flags);
}

describe("mmap", () => {
  const page = (n: number) => AT + n * PAGE;
  it.each([
    { rule: "a length of zero is EINVAL", args: [0, 0, RW, ANONYMOUS, -1, 0], want: -EINVAL },
    { rule: "neither shared nor private is EINVAL", args: [0, PAGE, RW, MAP_ANONYMOUS, -1, 0], want: -EINVAL },
    { rule: "an offset inside a page is EINVAL", args: [0, PAGE, RW, ANONYMOUS, -1, 7], want: -EINVAL },
    { rule: "a fixed address inside a page is EINVAL", args: [AT + 1, PAGE, RW, ANONYMOUS | MAP_FIXED, -1, 0], want: -EINVAL },
    { rule: "more than the address space is ENOMEM", args: [0, 2 ** 38, RW, ANONYMOUS, -1, 0], want: -ENOMEM },
    { rule: "a length that wraps is ENOMEM", args: [0, -1, RW, ANONYMOUS, -1, 0], want: -ENOMEM },
    { rule: "a fixed address beyond the user half is ENOMEM", args: [2 ** 38, PAGE, RW, ANONYMOUS | MAP_FIXED, -1, 0], want: -ENOMEM },
    { rule: "a closed descriptor is EBADF", args: [0, PAGE, RW, MAP_PRIVATE, 99, 0], want: -EBADF },
  ])("$rule", ({ args, want }) => expectResult(boot().actor().call(calls.SYS_MMAP, ...args), want));

  it("gives zeroed pages that can be read and written", () => {
    const actor = boot().actor();
    const address = map(actor, 0, 2, RW, ANONYMOUS);
    expect(text(actor, address, 8)).toBe("\0".repeat(8));
    expect(access(actor, address + 2 * PAGE - 1)).toBe("rw");
    expect(access(actor, address + 2 * PAGE)).toBe("--");
  });

  it.each([
    { protection: PROT_NONE, want: "--" },
    { protection: PROT_READ, want: "r-" },
    { protection: PROT_WRITE, want: "rw" }, // riscv has no write-only pages
    { protection: PROT_EXEC, want: "--" },
    { protection: RW, want: "rw" },
  ])("with protection $protection allows $want", ({ protection, want }) => {
    const actor = boot().actor();
    map(actor, AT, 1, protection);
    expect(access(actor, AT)).toBe(want);
  });

  it("takes a free hint, and goes elsewhere when it is taken", () => {
    const actor = boot().actor();
    expect(map(actor, AT, 1, RW, ANONYMOUS)).toBe(AT);
    expect(map(actor, AT, 1, RW, ANONYMOUS)).not.toBe(AT);
  });

  it("MAP_FIXED replaces the middle of a mapping and leaves both ends", () => {
    const actor = boot().actor();
    map(actor, AT, 3);
    actor.poke(AT, Buffer.from("left"));
    actor.poke(page(1), Buffer.from("gone"));
    actor.poke(page(2), Buffer.from("right"));
    map(actor, page(1), 1, PROT_READ);
    expect([text(actor, AT, 4), text(actor, page(1), 4), text(actor, page(2), 5)]).toEqual(["left", "\0\0\0\0", "right"]);
    expect([access(actor, AT), access(actor, page(1)), access(actor, page(2))]).toEqual(["rw", "r-", "rw"]);
  });

  it("MAP_FIXED_NOREPLACE on something mapped is EEXIST", () => {
    const actor = boot().actor();
    map(actor, AT, 1);
    expectResult(map(actor, AT, 1, RW, ANONYMOUS | MAP_FIXED_NOREPLACE), -EEXIST);
    expectResult(map(actor, page(1), 1, RW, ANONYMOUS | MAP_FIXED_NOREPLACE), page(1));
  });

  it("costs nothing for a large reservation", () => {
    const machine = boot({ memoryBytes: 16 * 1024 * 1024 });
    const actor = machine.actor();
    const before = machine.usage().frames;
    expect(map(actor, 0, (1200 * 1024 * 1024) / PAGE, PROT_NONE, ANONYMOUS)).toBeGreaterThan(0);
    expect(machine.usage().frames).toBe(before);
  });

  it.each([
    { rule: "shared and writable needs a file open for writing", open: O_RDONLY, protection: RW, flags: MAP_SHARED, want: -EACCES },
    { rule: "any mapping needs a file open for reading", open: O_WRONLY, protection: PROT_READ, flags: MAP_PRIVATE, want: -EACCES },
    { rule: "private and writable is fine on a read-only file", open: O_RDONLY, protection: RW, flags: MAP_PRIVATE, want: 0 },
  ])("$rule", ({ open, protection, flags, want }) => {
    const actor = boot().actor();
    const fd = fileWith(actor, "x", open);
    const result = map(actor, 0, 1, protection, flags, fd);
    expectResult(Math.min(result, 0), want);
  });

  it.each([["a pipe", (actor: TestActor) => actor.pipe()[0]], ["a directory", (actor: TestActor) => actor.open("/", O_RDONLY)]] as const)(
    "%s cannot be mapped",
    (_, open) => {
      const actor = boot().actor();
      expectResult(map(actor, 0, 1, PROT_READ, MAP_PRIVATE, open(actor)), -ENODEV);
    },
  );

  it("an offset so large that the end wraps is EOVERFLOW", () => {
    const actor = boot().actor();
    const fd = fileWith(actor, "x");
    expectResult(actor.call(calls.SYS_MMAP, 0, 2 * PAGE, PROT_READ, MAP_PRIVATE, fd, -4096n), -EOVERFLOW);
  });

  it("shows a file from a page offset on, and zeros after its end", () => {
    const actor = boot().actor();
    const fd = fileWith(actor, "a".repeat(PAGE) + "tail");
    const address = map(actor, 0, 1, PROT_READ, MAP_PRIVATE, fd, PAGE);
    expect(text(actor, address, 6)).toBe("tail\0\0");
  });

  it("faults beyond the last page of a file", () => {
    const actor = boot().actor();
    const fd = fileWith(actor, "x");
    const address = map(actor, 0, 2, PROT_READ, MAP_PRIVATE, fd);
    expect([access(actor, address), access(actor, address + PAGE)]).toEqual(["r-", "--"]);
  });

  it("a shared file mapping and read(2), write(2) see each other's changes", () => {
    const actor = boot().actor();
    const fd = fileWith(actor, "before");
    const address = map(actor, 0, 1, RW, MAP_SHARED, fd);
    actor.poke(address, Buffer.from("mapped"));
    expect(actor.read(fd)).toBe("mapped");
    actor.must(calls.SYS_PWRITE64, fd, Buffer.from("WRIT"), 4, 0);
    expect(text(actor, address, 6)).toBe("WRITed");
  });

  it("a private file mapping keeps its changes to itself", () => {
    const actor = boot().actor();
    const fd = fileWith(actor, "before");
    const address = map(actor, 0, 1, RW, MAP_PRIVATE, fd);
    actor.poke(address, Buffer.from("mine"));
    expect(actor.read(fd)).toBe("before");
    expect(text(actor, address, 6)).toBe("minere");
  });

  it("outlives the descriptor and the name of its file", () => {
    const actor = boot().actor();
    const fd = fileWith(actor, "still here");
    const address = map(actor, 0, 1, PROT_READ, MAP_PRIVATE, fd);
    actor.close(fd);
    actor.must(calls.SYS_UNLINKAT, -100, "/file", 0);
    expect(text(actor, address, 10)).toBe("still here");
  });

  it("MAP_GROWSDOWN grows to an access just below it", () => {
    const actor = boot().actor();
    map(actor, AT, 1, RW, ANONYMOUS | MAP_FIXED | MAP_GROWSDOWN);
    expect(access(actor, AT - 100 * PAGE)).toBe("rw");
  });

  it("below 64 KiB needs CAP_SYS_RAWIO", () => {
    const actor = boot().actor();
    actor.must(calls.SYS_SETRESUID, 1000, 1000, 1000);
    expectResult(map(actor, PAGE, 1), -EPERM);
  });
});

describe("munmap", () => {
  it.each([
    { rule: "an address inside a page is EINVAL", start: AT + 1, length: PAGE, want: -EINVAL },
    { rule: "a length of zero is EINVAL", start: AT, length: 0, want: -EINVAL },
    { rule: "a range beyond the user half is EINVAL", start: AT, length: 2 ** 38, want: -EINVAL },
    { rule: "a range without mappings is fine", start: AT, length: PAGE, want: 0 },
  ])("$rule", ({ start, length, want }) => expectResult(boot().actor().call(calls.SYS_MUNMAP, start, length), want));

  it("of a part in the middle leaves two mappings", () => {
    const actor = boot().actor();
    map(actor, AT, 5);
    actor.must(calls.SYS_MUNMAP, AT + PAGE, 3 * PAGE);
    expect([0, 1, 2, 3, 4].map((n) => access(actor, AT + n * PAGE))).toEqual(["rw", "--", "--", "--", "rw"]);
  });

  it("of several mappings and the holes between them removes all", () => {
    const actor = boot().actor();
    for (const n of [0, 2, 4]) map(actor, AT + n * PAGE, 1);
    actor.must(calls.SYS_MUNMAP, AT, 5 * PAGE);
    expect([0, 2, 4].map((n) => access(actor, AT + n * PAGE))).toEqual(["--", "--", "--"]);
  });

  it("gives the frames back", () => {
    const machine = boot();
    const actor = machine.actor();
    access(actor, AT);
    const before = machine.usage().frames;
    map(actor, AT, 64);
    for (let n = 0; n < 64; n++) actor.poke(AT + n * PAGE, Buffer.from("x"));
    expect(machine.usage().frames).toBeGreaterThanOrEqual(before + 64);
    actor.must(calls.SYS_MUNMAP, AT, 64 * PAGE);
    expect(machine.usage().frames).toBeLessThanOrEqual(before + 2); // the page tables stay
  });
});

describe("mprotect", () => {
  it.each([
    { rule: "an address inside a page is EINVAL", args: [AT + 1, PAGE, RW], want: -EINVAL },
    { rule: "a bit that is no protection is EINVAL", args: [AT, PAGE, 0x100], want: -EINVAL },
    { rule: "a hole at the start is ENOMEM", args: [AT - PAGE, 2 * PAGE, PROT_READ], want: -ENOMEM },
    { rule: "a hole at the end is ENOMEM", args: [AT, 4 * PAGE, PROT_READ], want: -ENOMEM },
    { rule: "a length of zero is fine", args: [AT, 0, PROT_READ], want: 0 },
  ])("$rule", ({ args, want }) => {
    const actor = boot().actor();
    map(actor, AT, 3);
    expectResult(actor.call(calls.SYS_MPROTECT, ...args), want);
  });

  it("changes what it covers and keeps the contents", () => {
    const actor = boot().actor();
    map(actor, AT, 3);
    actor.poke(AT + PAGE, Buffer.from("kept"));
    actor.must(calls.SYS_MPROTECT, AT + PAGE, PAGE, PROT_NONE);
    expect([0, 1, 2].map((n) => access(actor, AT + n * PAGE))).toEqual(["rw", "--", "rw"]);
    actor.must(calls.SYS_MPROTECT, AT + PAGE, PAGE, RW);
    expect(text(actor, AT + PAGE, 4)).toBe("kept");
    expect(access(actor, AT + PAGE)).toBe("rw");
  });

  it("cannot make a shared mapping of a read-only file writable", () => {
    const actor = boot().actor();
    const fd = fileWith(actor, "x", O_RDONLY);
    const address = map(actor, 0, 1, PROT_READ, MAP_SHARED, fd);
    expectResult(actor.call(calls.SYS_MPROTECT, address, PAGE, RW), -EACCES);
  });
});

describe("mremap", () => {
  const remap = (actor: TestActor, old: number, oldPages: number, pages: number, flags = 0, to = 0) =>
    actor.call(calls.SYS_MREMAP, old, oldPages * PAGE, pages * PAGE, flags, to);

  it.each([
    { rule: "an unmapped range is EFAULT", args: [AT + 16 * PAGE, PAGE, 2 * PAGE, MREMAP_MAYMOVE, 0], want: -EFAULT },
    { rule: "an address inside a page is EINVAL", args: [AT + 1, PAGE, 2 * PAGE, MREMAP_MAYMOVE, 0], want: -EINVAL },
    { rule: "a new length of zero is EINVAL", args: [AT, PAGE, 0, MREMAP_MAYMOVE, 0], want: -EINVAL },
    { rule: "MREMAP_FIXED without MAYMOVE is EINVAL", args: [AT, PAGE, PAGE, MREMAP_FIXED, AT * 2], want: -EINVAL },
    { rule: "an overlapping fixed target is EINVAL", args: [AT, 2 * PAGE, 2 * PAGE, MREMAP_FIXED | MREMAP_MAYMOVE, AT + PAGE], want: -EINVAL },
    { rule: "growing without room and without MAYMOVE is ENOMEM", args: [AT, PAGE, 2 * PAGE, 0, 0], want: -ENOMEM },
  ])("$rule", ({ args, want }) => {
    const actor = boot().actor();
    map(actor, AT, 2);
    map(actor, AT + PAGE, 1, PROT_READ); // no room to grow
    expectResult(actor.call(calls.SYS_MREMAP, ...args), want);
  });

  it("grows in place where there is room", () => {
    const actor = boot().actor();
    map(actor, AT, 1);
    actor.poke(AT, Buffer.from("data"));
    expect(remap(actor, AT, 1, 3)).toBe(AT);
    expect([text(actor, AT, 4), access(actor, AT + 2 * PAGE)]).toEqual(["data", "rw"]);
  });

  it("shrinks in place", () => {
    const actor = boot().actor();
    map(actor, AT, 3);
    expect(remap(actor, AT, 3, 1)).toBe(AT);
    expect([access(actor, AT), access(actor, AT + PAGE)]).toEqual(["rw", "--"]);
  });

  it("moves with its contents when it may", () => {
    const actor = boot().actor();
    map(actor, AT, 2);
    map(actor, AT + 2 * PAGE, 1, PROT_READ);
    actor.poke(AT + PAGE, Buffer.from("second"));
    const moved = remap(actor, AT, 2, 4, MREMAP_MAYMOVE);
    expect(moved).not.toBe(AT);
    expect([text(actor, moved + PAGE, 6), access(actor, moved + 3 * PAGE), access(actor, AT)]).toEqual(["second", "rw", "--"]);
  });

  it("moves to a fixed place, replacing what is there", () => {
    const actor = boot().actor();
    const to = AT * 2;
    map(actor, AT, 1);
    map(actor, to, 1, PROT_READ);
    actor.poke(AT, Buffer.from("moved"));
    expect(remap(actor, AT, 1, 1, MREMAP_MAYMOVE | MREMAP_FIXED, to)).toBe(to);
    expect([text(actor, to, 5), access(actor, to), access(actor, AT)]).toEqual(["moved", "rw", "--"]);
  });
});

describe("madvise", () => {
  it("MADV_DONTNEED zeroes private anonymous pages", () => {
    const actor = boot().actor();
    map(actor, AT, 2);
    actor.poke(AT, Buffer.from("gone"));
    actor.must(calls.SYS_MADVISE, AT, 2 * PAGE, MADV_DONTNEED);
    expect(text(actor, AT, 4)).toBe("\0\0\0\0");
  });

  it("MADV_DONTNEED brings a private file mapping back to the file", () => {
    const actor = boot().actor();
    const fd = fileWith(actor, "file");
    const address = map(actor, 0, 1, RW, MAP_PRIVATE, fd);
    actor.poke(address, Buffer.from("mine"));
    actor.must(calls.SYS_MADVISE, address, PAGE, MADV_DONTNEED);
    expect(text(actor, address, 4)).toBe("file");
  });

  it.each([
    { rule: "unknown advice is EINVAL", args: [AT, PAGE, 999], want: -EINVAL },
    { rule: "an address inside a page is EINVAL", args: [AT + 1, PAGE, MADV_DONTNEED], want: -EINVAL },
    { rule: "a hole is ENOMEM", args: [AT, 2 * PAGE, MADV_DONTNEED], want: -ENOMEM },
  ])("$rule", ({ args, want }) => {
    const actor = boot().actor();
    map(actor, AT, 1);
    expectResult(actor.call(calls.SYS_MADVISE, ...args), want);
  });
});

describe("msync and mincore", () => {
  it.each([
    { rule: "ASYNC with SYNC is EINVAL", args: [AT, PAGE, MS_ASYNC | MS_SYNC], want: -EINVAL },
    { rule: "an unmapped range is ENOMEM", args: [AT + PAGE, PAGE, MS_SYNC], want: -ENOMEM },
    { rule: "a mapped one is fine", args: [AT, PAGE, MS_SYNC], want: 0 },
  ])("msync: $rule", ({ args, want }) => {
    const actor = boot().actor();
    map(actor, AT, 1);
    expectResult(actor.call(calls.SYS_MSYNC, ...args), want);
  });

  it("mincore says that mapped pages are resident, and ENOMEM for a hole", () => {
    const actor = boot().actor();
    map(actor, AT, 2);
    const vector = actor.alloc(2);
    expectResult(actor.call(calls.SYS_MINCORE, AT, 2 * PAGE, vector), 0);
    expect([...actor.peek(vector.address, 2)]).toEqual([1, 1]);
    expectResult(actor.call(calls.SYS_MINCORE, AT, 3 * PAGE, vector), -ENOMEM);
  });
});

describe("limits", () => {
  const limit = (actor: TestActor, resource: number, bytes: number) =>
    actor.must(calls.SYS_PRLIMIT64, 0, resource, actor.u64s([bytes, bytes]), null);

  it("RLIMIT_AS makes mmap and mremap ENOMEM", () => {
    const actor = boot().actor();
    map(actor, AT, 1);
    limit(actor, RLIMIT_AS, 2 * 1024 * 1024);
    expectResult(map(actor, 0, 1024, RW, ANONYMOUS), -ENOMEM);
    expectResult(actor.call(calls.SYS_MREMAP, AT, PAGE, 1024 * PAGE, MREMAP_MAYMOVE, 0), -ENOMEM);
    expect(map(actor, 0, 1, RW, ANONYMOUS)).toBeGreaterThan(0);
  });

  it("RLIMIT_DATA stops brk", () => {
    const actor = boot().actor();
    const start = actor.must(calls.SYS_BRK, 0);
    limit(actor, RLIMIT_DATA, 4 * PAGE);
    expect(actor.must(calls.SYS_BRK, start + 4 * PAGE)).toBe(start + 4 * PAGE);
    expect(actor.must(calls.SYS_BRK, start + 5 * PAGE)).toBe(start + 4 * PAGE);
  });

  it("a call that finds no memory for its caller's pages kills the largest process, not the machine", () => {
    const machine = boot({ memoryBytes: 8 * 1024 * 1024 });
    const parent = machine.actor();
    const child = parent.fork();
    map(child, AT, 4096);
    const zero = child.open("/dev/zero", O_RDONLY);
    child.call(calls.SYS_READ, zero, AT, 4096 * PAGE);
    expect(parent.wait(child.pid) & 0x7f).toBe(9);
    expect(map(parent, AT, 16)).toBe(AT);
    expect(access(parent, AT)).toBe("rw");
  });
});

describe("brk", () => {
  it("grows the heap with zeroed pages and shrinks it again", () => {
    const actor = boot().actor();
    const start = actor.must(calls.SYS_BRK, 0);
    expect(actor.must(calls.SYS_BRK, start + 2 * PAGE)).toBe(start + 2 * PAGE);
    expect([access(actor, start), access(actor, start + 2 * PAGE - 1), access(actor, start + 2 * PAGE)]).toEqual(["rw", "rw", "--"]);
    expect(actor.must(calls.SYS_BRK, start)).toBe(start);
    expect(access(actor, start)).toBe("--");
  });

  it("answers the old break when something is in the way", () => {
    const actor = boot().actor();
    const start = actor.must(calls.SYS_BRK, 0);
    map(actor, start + 2 * PAGE, 1);
    expect(actor.must(calls.SYS_BRK, start + 3 * PAGE)).toBe(start);
  });
});

describe("fork", () => {
  it("gives the child a copy: neither sees what the other writes afterwards", () => {
    const parent = boot().actor();
    map(parent, AT, 1);
    parent.poke(AT, Buffer.from("both"));
    const child = parent.fork();
    child.poke(AT, Buffer.from("kid!"));
    expect(text(parent, AT, 4)).toBe("both");
    parent.poke(AT, Buffer.from("mum!"));
    expect(text(child, AT, 4)).toBe("kid!");
    child.exit();
    parent.wait(child.pid);
    expect(text(parent, AT, 4)).toBe("mum!");
  });

  it("shares shared anonymous memory, pages touched later included", () => {
    const parent = boot().actor();
    map(parent, AT, 2, RW, MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED);
    const child = parent.fork();
    child.poke(AT + PAGE, Buffer.from("hello"));
    expect(text(parent, AT + PAGE, 5)).toBe("hello");
  });

  it("copies no frame that nobody writes to", () => {
    const machine = boot();
    const parent = machine.actor();
    map(parent, AT, 64);
    for (let n = 0; n < 64; n++) parent.poke(AT + n * PAGE, Buffer.from("x"));
    const before = machine.usage().frames;
    const child = parent.fork();
    expect(machine.usage().frames - before).toBeLessThan(24);
    child.exit();
    parent.wait(child.pid);
  });

  it("file pages are the same frames in every process that maps the file", () => {
    const machine = boot();
    const one = machine.actor();
    const fd = fileWith(one, "f".repeat(32 * PAGE));
    const other = machine.actor();
    const before = machine.usage().frames;
    for (const actor of [one, other]) {
      const address = map(actor, 0, 32, PROT_READ, MAP_PRIVATE, actor === one ? fd : actor.open("/file", O_RDONLY));
      for (let n = 0; n < 32; n++) expect(text(actor, address + n * PAGE, 1)).toBe("f");
    }
    expect(machine.usage().frames - before).toBeLessThan(16);
  });
});
