// SPDX-License-Identifier: MIT
// brk, munmap, mprotect, mremap, madvise, msync, mincore by behaviour; limits; and what fork and files share.
import { describe, expect, it } from "vitest";
import { EACCES, EFAULT, EINVAL, ENOMEM } from "../../kernel/abi/errno.ts";
import { O_RDONLY } from "../../kernel/abi/fcntl.ts";
import { MADV_DONTNEED, MAP_ANONYMOUS, MAP_FIXED, MAP_PRIVATE, MAP_SHARED, MREMAP_FIXED, MREMAP_MAYMOVE, MS_ASYNC, MS_SYNC, PROT_NONE, PROT_READ } from "../../kernel/abi/mman.ts";
import { RLIMIT_AS, RLIMIT_DATA } from "../../kernel/abi/resource.ts";
import * as calls from "../../kernel/abi/syscalls.ts";
import { expectResult, type TestActor } from "../support/actor.ts";
import { boot } from "../support/boot.ts";
import { access, ANONYMOUS, AT, fileWith, map, PAGE, RW, text } from "../support/pages.ts";

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

  it("of the last page does not grow past the end of user addresses, and fork still works", () => {
    const actor = boot().actor();
    const last = 2 ** 38 - PAGE;
    map(actor, last, 1);
    expectResult(remap(actor, last, 1, 2), -ENOMEM);
    expectResult(remap(actor, last, 1, 2 ** 26, MREMAP_MAYMOVE), -ENOMEM);
    actor.fork().exit();
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
