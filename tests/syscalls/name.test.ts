// SPDX-License-Identifier: MIT
// mkdirat(2), unlinkat, linkat, renameat2, getdents64, getcwd: what a tree looks like afterwards. Which error comes first is
// compared with Linux by tests/corpus (paths, random-paths).

import { expect, it } from "vitest";
import { EBUSY, EINVAL, ENAMETOOLONG, ENOENT, ENOTEMPTY, EPERM, ERANGE } from "../../kernel/abi/errno.ts";
import {
  AT_EMPTY_PATH, AT_FDCWD, AT_REMOVEDIR, O_CREAT, O_DIRECTORY, O_PATH, O_RDONLY, O_WRONLY, RENAME_EXCHANGE,
} from "../../kernel/abi/fcntl.ts";
import { DT_DIR, DT_LNK, DT_REG } from "../../kernel/abi/stat.ts";
import {
  SYS_CHDIR, SYS_CHROOT, SYS_GETCWD, SYS_GETDENTS64, SYS_LINKAT, SYS_LSEEK, SYS_MKDIRAT, SYS_OPENAT, SYS_RENAMEAT2, SYS_UNLINKAT,
} from "../../kernel/abi/syscalls.ts";
import { file } from "../../host/core/image.ts";
import type { TestActor } from "../support/actor.ts";
import { boot } from "../support/boot.ts";
import { list, makeDirectory, makeLink, nextEntries, probe, stat } from "../support/paths.ts";

function getcwd(actor: TestActor): string | number {
  const out = actor.alloc(4096);
  const length = actor.call(SYS_GETCWD, out, 4096);
  return length < 0 ? length : out.text(0, length - 1);
}

it("a directory of 10,000 files lists each once, in the order they were made, and finds each", () => {
  const actor = boot().actor();
  makeDirectory(actor, "/many");
  const name = actor.alloc(16);
  for (let i = 0; i < 10_000; i++) {
    name.write(Buffer.from(`/many/${i}\0`));
    actor.close(actor.must(SYS_OPENAT, AT_FDCWD, name, O_CREAT | O_WRONLY, 0o644));
  }

  expect(list(actor, "/many").map((entry) => entry.name)).toEqual(Array.from({ length: 10_000 }, (_, i) => String(i)));
  expect(stat(actor, "/many/9999").ino).not.toBe(stat(actor, "/many/9998").ino);
  expect(probe(actor, "/many/10000")).toBe(-ENOENT);
});

it("a listing stays good while what was listed is removed and more is made", () => {
  const actor = boot().actor();
  makeDirectory(actor, "/d");
  const names = Array.from({ length: 60 }, (_, i) => `f${i}`);
  for (const name of names) actor.close(actor.open(`/d/${name}`, O_CREAT | O_WRONLY, 0o644));
  const fd = actor.open("/d", O_RDONLY | O_DIRECTORY);

  const seen: string[] = [];
  for (let some = nextEntries(actor, fd, 512); some.length > 0; some = nextEntries(actor, fd, 512)) {
    for (const { name } of some.filter((entry) => !entry.name.startsWith("."))) {
      seen.push(name);
      actor.must(SYS_UNLINKAT, AT_FDCWD, `/d/${name}`, 0);
    }
  }
  expect(seen).toEqual(names);
  expect(actor.call(SYS_UNLINKAT, AT_FDCWD, "/d", AT_REMOVEDIR)).toBe(0);
  expect(actor.call(SYS_GETDENTS64, fd, actor.alloc(512), 512)).toBe(-ENOENT);
});

it("getdents64 gives inode numbers and types, and starts again after lseek", () => {
  const actor = boot({ entries: [file("/d/file", "")] }).actor();
  makeDirectory(actor, "/d/sub");
  makeLink(actor, "file", "/d/link");
  const fd = actor.open("/d", O_RDONLY | O_DIRECTORY);
  const entries = nextEntries(actor, fd);

  expect(entries.map(({ name, type }) => [name, type])).toEqual([
    [".", DT_DIR], ["..", DT_DIR], ["file", DT_REG], ["sub", DT_DIR], ["link", DT_LNK],
  ]);
  expect(entries[2]!.ino).toBe(stat(actor, "/d/file").ino);
  expect(nextEntries(actor, fd)).toEqual([]);
  actor.must(SYS_LSEEK, fd, 0, 0);
  expect(nextEntries(actor, fd)).toEqual(entries);
  actor.must(SYS_LSEEK, fd, 0, 0);
  expect(actor.call(SYS_GETDENTS64, fd, actor.alloc(16), 16)).toBe(-EINVAL);
});

it("links count, and an O_PATH descriptor can be linked again with AT_EMPTY_PATH", () => {
  const actor = boot({ entries: [file("/f", "text")] }).actor();
  actor.must(SYS_LINKAT, AT_FDCWD, "/f", AT_FDCWD, "/g", 0);
  const fd = actor.open("/g", O_PATH);
  actor.must(SYS_LINKAT, fd, "", AT_FDCWD, "/h", AT_EMPTY_PATH);

  expect(stat(actor, "/h")).toMatchObject({ nlink: 3, ino: stat(actor, "/f").ino });
  expect(actor.call(SYS_LINKAT, AT_FDCWD, "/", AT_FDCWD, "/i", 0)).toBe(-EPERM);
});

it("renaming a directory takes along what is in it, and counts links right", () => {
  const actor = boot({ entries: [file("/a/sub/f", "text")] }).actor();
  makeDirectory(actor, "/b");
  actor.must(SYS_RENAMEAT2, AT_FDCWD, "/a/sub", AT_FDCWD, "/b/moved", 0);

  expect(actor.read(actor.open("/b/moved/f", O_RDONLY))).toBe("text");
  expect([stat(actor, "/a").nlink, stat(actor, "/b").nlink]).toEqual([2, 3]);
  expect(stat(actor, "/b/moved/..").ino).toBe(stat(actor, "/b").ino);
  expect(actor.call(SYS_RENAMEAT2, AT_FDCWD, "/b", AT_FDCWD, "/b/moved/in", 0)).toBe(-EINVAL);
  expect(actor.call(SYS_RENAMEAT2, AT_FDCWD, "/a", AT_FDCWD, "/b", 0)).toBe(-ENOTEMPTY);
});

it("exchanging a file and a directory moves both", () => {
  const actor = boot({ entries: [file("/x/f", "text")] }).actor();
  makeDirectory(actor, "/y");
  makeDirectory(actor, "/y/d");
  actor.must(SYS_RENAMEAT2, AT_FDCWD, "/x/f", AT_FDCWD, "/y/d", RENAME_EXCHANGE);

  expect(list(actor, "/x")).toMatchObject([{ name: "f", type: DT_DIR }]);
  expect(list(actor, "/y")).toMatchObject([{ name: "d", type: DT_REG }]);
  expect([stat(actor, "/x").nlink, stat(actor, "/y").nlink]).toEqual([3, 2]);
});

it("getcwd follows a rename, and names no directory that is gone or out of reach", () => {
  const actor = boot().actor();
  makeDirectory(actor, "/a");
  makeDirectory(actor, "/a/b");
  makeDirectory(actor, "/jail");
  actor.must(SYS_CHDIR, "/a/b");
  actor.must(SYS_RENAMEAT2, AT_FDCWD, "/a", AT_FDCWD, "/c", 0);
  expect(getcwd(actor)).toBe("/c/b");
  expect(actor.call(SYS_GETCWD, actor.alloc(5), 4)).toBe(-ERANGE);

  actor.must(SYS_UNLINKAT, AT_FDCWD, "/c/b", AT_REMOVEDIR);
  expect(getcwd(actor)).toBe(-ENOENT);
  expect(actor.call(SYS_MKDIRAT, AT_FDCWD, "new", 0o755)).toBe(-ENOENT);
  actor.must(SYS_CHDIR, "/c");
  actor.must(SYS_CHROOT, "/jail");
  expect(getcwd(actor)).toBe("(unreachable)/c");
});

it("directories can be nested deeper than a path can name, and all of them go while somebody stands in the last", () => {
  const actor = boot().actor();
  const d = actor.str("d");
  const above = actor.str("../d");
  const depth = 20_000;
  for (let i = 0; i < depth; i++) {
    actor.must(SYS_MKDIRAT, AT_FDCWD, d, 0o755);
    actor.must(SYS_CHDIR, d);
  }
  expect(getcwd(actor)).toBe(-ENAMETOOLONG);

  const last = actor.open(".", O_RDONLY | O_DIRECTORY);
  for (let i = 0; i < depth; i++) {
    expect(actor.call(SYS_UNLINKAT, AT_FDCWD, above, AT_REMOVEDIR)).toBe(0);
    actor.must(SYS_CHDIR, "/proc/self/cwd/..");
  }
  actor.close(last);
  expect(probe(actor, "/d")).toBe(-ENOENT);
});

it("a mount point can be neither removed nor replaced", () => {
  const actor = boot().actor();
  makeDirectory(actor, "/d");

  expect(actor.call(SYS_UNLINKAT, AT_FDCWD, "/proc", AT_REMOVEDIR)).toBe(-EBUSY);
  expect(actor.call(SYS_RENAMEAT2, AT_FDCWD, "/d", AT_FDCWD, "/dev", 0)).toBe(-EBUSY);
});
