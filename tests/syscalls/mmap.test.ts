// SPDX-License-Identifier: MIT
// mmap(2) by behaviour.
import { describe, expect, it } from "vitest";
import { EACCES, EBADF, EEXIST, EINVAL, ENODEV, ENOMEM, EOVERFLOW, EPERM } from "../../kernel/abi/errno.ts";
import { O_RDONLY, O_WRONLY } from "../../kernel/abi/fcntl.ts";
import { MAP_ANONYMOUS, MAP_FIXED, MAP_FIXED_NOREPLACE, MAP_GROWSDOWN, MAP_PRIVATE, MAP_SHARED, PROT_EXEC, PROT_NONE, PROT_READ, PROT_WRITE } from "../../kernel/abi/mman.ts";
import * as calls from "../../kernel/abi/syscalls.ts";
import { expectResult, type TestActor } from "../support/actor.ts";
import { boot } from "../support/boot.ts";
import { access, ANONYMOUS, AT, fileWith, map, PAGE, RW, text } from "../support/pages.ts";

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
