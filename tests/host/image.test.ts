// SPDX-License-Identifier: MIT
// Images: what is taken from a directory or an archive, that every format makes the same machine, and what happens to damaged
// or hostile input. cpio has a file of its own.

import { execFileSync } from "node:child_process";
import {
  chmodSync, linkSync, lutimesSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, symlinkSync, utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { pack, type Header } from "tar-stream";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { BadInputError } from "../../host/core/errors.ts";
import { deviceNumber, file, type ImageEntry } from "../../host/core/image.ts";
import { buildImage, listImage } from "../../host/node/image-command.ts";
import { guestEntries, openImage } from "../../host/node/image/image.ts";
import { readArchive } from "../../host/node/image/archive.ts";
import { readTar } from "../../host/node/image/read-tar.ts";
import { cpioOf } from "../../host/node/image/write-cpio.ts";
import { tarOf } from "../../host/node/image/write-tar.ts";
import { MS_NOEXEC, MS_RDONLY, S_IFCHR, S_IFDIR, S_IFIFO, S_IFLNK, S_IFREG } from "../../kernel/abi/stat.ts";
import { runProgram } from "../support/program.ts";

let place: string;
beforeEach(() => void (place = mkdtempSync(join(tmpdir(), "spawnlab-image-"))));
afterEach(() => rmSync(place, { recursive: true }));

/** A tree with one of everything, in place/tree. */
function makeTree(): string {
  const root = join(place, "tree");
  mkdirSync(join(root, "bin"), { recursive: true });
  writeFileSync(join(root, "bin/tool"), "#!/bin/cat\n");
  chmodSync(join(root, "bin/tool"), 0o4755);
  linkSync(join(root, "bin/tool"), join(root, "bin/twin"));
  symlinkSync("tool", join(root, "bin/alias"));
  mkdirSync(join(root, "tmp"));
  chmodSync(join(root, "tmp"), 0o1777);
  execFileSync("mkfifo", ["-m", "640", join(root, "queue")]);
  const long = join(root, "d".repeat(100), "e".repeat(100));
  mkdirSync(long, { recursive: true });
  writeFileSync(join(long, "f".repeat(100)), "deep");
  for (const path of ["bin/tool", "queue"]) utimesSync(join(root, path), 1_700_000_000, 1_700_000_000);
  return root;
}

async function tar(...items: (Partial<Header> & { name: string; data?: string })[]): Promise<Buffer> {
  const archive = pack();
  for (const { data, ...header } of items) archive.entry(header, data ?? "");
  archive.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of archive) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

const byPath = (entries: Iterable<ImageEntry>) => new Map([...entries].map((entry) => [entry.path, entry]));

it("takes modes, times, links and FIFOs from a directory, and root as every owner", async () => {
  const entries = byPath((await openImage(makeTree())).entries);
  expect(entries.get("bin/tool")).toMatchObject({ mode: S_IFREG | 0o4755, mtimeNs: 1_700_000_000_000_000_000n });
  expect(entries.get("bin/tool")?.uid).toBeUndefined(); // root
  expect(entries.get("bin/twin")).toEqual({ path: "bin/twin", mode: 0, target: "bin/tool" });
  expect(entries.get("bin/alias")).toMatchObject({ mode: S_IFLNK | 0o777, target: "tool" });
  expect(entries.get("tmp")?.mode).toBe(S_IFDIR | 0o1777);
  expect(entries.get("queue")?.mode).toBe(S_IFIFO | 0o640);
});

/** What two formats must agree on; `precisionNs` is that of the coarser one. */
const comparable = (precisionNs: bigint) => (entry: ImageEntry) =>
  entry.mode === 0
    ? { path: entry.path, target: entry.target }
    : {
        ...entry,
        mtimeNs: (entry.mtimeNs ?? 0n) / precisionNs,
        data: Buffer.from(entry.data ?? []).toString("latin1"),
        target: entry.target ?? "",
        uid: entry.uid ?? 0,
        gid: entry.gid ?? 0,
        rdev: entry.rdev ?? 0,
      };

describe.each([
  { format: "tar", precisionNs: 1n },
  { format: "tar.gz", precisionNs: 1n },
  { format: "cpio", precisionNs: 1_000_000_000n },
  { format: "cpio.gz", precisionNs: 1_000_000_000n },
])("build to .$format", ({ format, precisionNs }) => {
  it("holds the same as the directory, byte for byte the same each time", async () => {
    const root = makeTree();
    const [one, two] = [join(place, `one.${format}`), join(place, `two.${format}`)];
    await buildImage([root], { output: one });
    await buildImage([root], { output: two });
    expect(readFileSync(one)).toEqual(readFileSync(two));

    const before = [...(await openImage(root)).entries].map(comparable(precisionNs));
    const after = [...(await openImage(one)).entries].map(comparable(precisionNs));
    expect(after).toEqual(before);
  });

  it("boots the same machine as the directory, down to inode numbers and times", async () => {
    const root = makeTree();
    for (const path of ["", ...readdirSync(root, { recursive: true, encoding: "utf8" })]) {
      lutimesSync(join(root, path), 1_600_000_000, 1_600_000_000); // newc has whole seconds
    }
    const output = join(place, `image.${format}`);
    await buildImage([root], { output });
    const run = async (path: string) => {
      const entries = [...(await openImage(path)).entries];
      const { machine, stdout, instructions } = runProgram("ls", { args: ["-l", "/", "/bin"], entries, isTraced: true });
      const stats = entries.map(({ path }) => machine.machine.stat(`/${path}`));
      return { stats, stdout, instructions, trace: machine.traceLines, now: machine.machine.now };
    };
    const fromDirectory = await run(root);
    expect(await run(output)).toEqual(fromDirectory);
    expect(fromDirectory.stats.slice(0, 2)).toMatchObject([{ mtimeNs: 1_600_000_000_000_000_000n }, { mtimeNs: 1_600_000_000_000_000_000n }]);
  });
});

it("unpacks entries as they come: the last of a name wins, links are followed, missing directories are made", async () => {
  const bytes = await tar(
    { name: "usr/bin/tool", data: "old" },
    { name: "twin", type: "link", linkname: "usr/bin/tool" },
    { name: "./usr//bin/tool", data: "new" },
    { name: "/bin", type: "symlink", linkname: "usr/bin" },
    { name: "bin/", type: "directory", mode: 0o700 },
    { name: "bin/other", data: "through the link" },
    { name: "lib", type: "symlink", linkname: "usr/lib" },
    { name: "lib/a", data: "a" },
    { name: "up", type: "symlink", linkname: "../../usr" },
    { name: "up/b", data: "b" },
  );
  const entries = await readArchive("x.tar", bytes);
  const text = (entry: ImageEntry) => (entry.data === undefined ? (entry.target ?? "/") : Buffer.from(entry.data).toString());
  expect(entries.map((entry) => [entry.path, text(entry)])).toEqual([
    ["", "/"],
    ["bin", "usr/bin"],
    ["lib", "usr/lib"],
    ["twin", "old"],
    ["up", "../../usr"],
    ["usr", "/"],
    ["usr/b", "b"],
    ["usr/bin", "/"],
    ["usr/bin/other", "through the link"],
    ["usr/bin/tool", "new"],
    ["usr/lib", "/"],
    ["usr/lib/a", "a"],
  ]);
});

it("reads what GNU tar wrote, links and long names included", async () => {
  const root = makeTree();
  for (const format of ["gnu", "pax"]) {
    const path = join(place, `${format}.tar`);
    execFileSync("tar", ["-C", root, `--format=${format}`, "--sort=name", "-cf", path, "."]);
    const entries = byPath((await openImage(path)).entries);
    expect(entries.get("bin/twin")).toMatchObject({ mode: 0, target: "bin/tool" });
    expect(entries.get("bin/alias")?.target).toBe("tool");
    const deep = [..."def"].map((letter) => letter.repeat(100)).join("/");
    expect(Buffer.from(entries.get(deep)?.data ?? []).toString()).toBe("deep");
    expect([...entries.keys()]).toEqual([...(await openImage(root)).entries].map((entry) => entry.path));
    const { mtimeNs } = statSync(join(root, "bin/tool"), { bigint: true });
    expect(entries.get("bin/tool")?.mtimeNs).toBe(format === "pax" ? mtimeNs : (mtimeNs / 1_000_000_000n) * 1_000_000_000n);
  }
});

it("lists the same after a way through every format", async () => {
  const list = async (path: string) => {
    const lines: string[] = [];
    for await (const line of listImage(path)) lines.push(line);
    return lines;
  };
  let last = makeTree();
  const lines = await list(last);
  for (const name of ["a.tar", "b.cpio.gz", "c.tar.gz", "d.cpio"]) {
    await buildImage([last], { output: join(place, name) });
    last = join(place, name);
    expect(await list(last), name).toEqual(lines);
  }
});

it("lays the sources of an image over each other, whatever their formats", async () => {
  const [base, over] = [join(place, "base.cpio"), join(place, "over")];
  writeFileSync(base, cpioOf([file("etc/motd", "base"), file("etc/kept", "base"), { path: "lib", mode: S_IFLNK | 0o777, target: "etc" }]));
  mkdirSync(join(over, "lib"), { recursive: true });
  writeFileSync(join(over, "lib/motd"), "over");
  const output = join(place, "image.tar");
  await buildImage([base, over], { output });
  const texts = [...(await openImage(output)).entries].map(({ path, data, target }) => [path, target ?? Buffer.from(data ?? []).toString()]);
  expect(texts).toEqual([["", ""], ["etc", ""], ["etc/kept", "base"], ["etc/motd", "over"], ["lib", "etc"]]);
});

it("GNU tar reads what is built, fractions of a second and long names included", async () => {
  const root = makeTree();
  await buildImage([root], { output: join(place, "image.tar") });
  const out = join(place, "out");
  mkdirSync(out);
  execFileSync("tar", ["-C", out, "-xpf", join(place, "image.tar")]);
  const before = [...(await openImage(root)).entries].map(comparable(1n));
  const after = [...(await openImage(out)).entries].map(comparable(1n));
  expect(after).toEqual(before);
});

it.each([
  { what: "before 1970 and parts of a second", entry: { mtimeNs: -1_500_000_000n } },
  { what: "after 2038", entry: { mtimeNs: 4_000_000_000_000_000_001n } },
  { what: "numbers of users that ustar cannot hold", entry: { uid: 4_000_000_000, gid: 1_000_000 } },
  { what: "a device with large numbers", entry: { mode: S_IFCHR | 0o600, rdev: deviceNumber(259, 70_000), data: undefined } },
  { what: "a name that is not ASCII", entry: { path: "gr\u00fc\u00df" } },
])("a tar keeps $what", async ({ entry }) => {
  const whole: ImageEntry = { path: "f", mode: S_IFREG | 0o644, uid: 0, gid: 0, mtimeNs: 0n, rdev: 0, target: undefined, data: Buffer.from("x"), ...entry };
  expect(await readTar("x", await tarOf([whole]))).toEqual([whole]);
});

it("takes owners and devices from a tar", async () => {
  const bytes = await tar({ name: "dev/null", type: "character-device", mode: 0o666, devmajor: 1, devminor: 3, uid: 5, gid: 6 });
  expect(await readTar("x", bytes)).toMatchObject([{ path: "dev/null", mode: S_IFCHR | 0o666, rdev: 0x103, uid: 5, gid: 6 }]);
});

it("lists an image as tar does", async () => {
  const lines: string[] = [];
  for await (const line of listImage(makeTree())) lines.push(line);
  expect(lines).toContainEqual(expect.stringMatching(/^-rwsr-xr-x 0\/0 +11 2023-11-14 22:13 \/bin\/tool$/));
  expect(lines).toContainEqual(expect.stringMatching(/^lrwxrwxrwx .* \/bin\/alias -> tool$/));
  expect(lines).toContainEqual(expect.stringMatching(/^drwxrwxrwt .* \/tmp$/));
  expect(lines).toContainEqual(expect.stringMatching(/ \/bin\/twin link to \/bin\/tool$/));
});

it("lists a name with control characters on one line that a terminal does not obey", async () => {
  const path = join(place, "image.cpio");
  writeFileSync(path, cpioOf([file("a\nb\x1b[2J\\", "")]));
  const lines: string[] = [];
  for await (const line of listImage(path)) lines.push(line);
  expect(lines[1]).toMatch(/ \/a\\nb\\033\[2J\\\\$/);
});

it("applies the manifest and keeps it from the guest", async () => {
  const root = join(place, "tree");
  mkdirSync(join(root, "home/user"), { recursive: true });
  writeFileSync(join(root, "home/user/file"), "");
  writeFileSync(join(root, "home/userx"), "");
  const manifest = { mounts: [{ path: "/ro", flags: ["ro", "noexec"] }], owners: [{ path: "/home/user", uid: 1000, gid: 100 }] };
  writeFileSync(join(root, ".spawnlab.json"), JSON.stringify(manifest));
  await buildImage([root], { output: join(place, "image.tar.gz") });

  for (const path of [root, join(place, "image.tar.gz")]) {
    const image = await openImage(path);
    expect(image.manifest.mounts).toEqual([{ path: "/ro", flags: MS_RDONLY | MS_NOEXEC }]);
    const entries = byPath(guestEntries(image));
    expect(entries.get("home/user/file")).toMatchObject({ uid: 1000, gid: 100 });
    expect(entries.get("home/userx")?.uid ?? 0).toBe(0);
    expect(entries.has(".spawnlab.json")).toBe(false);
  }
});

describe("bad input is one BadInputError that names the file and what is wrong", () => {
  const good = () => tar({ name: "a/file", data: "x".repeat(2000) }, { name: "b", data: "y" });

  it.each([
    { what: "a name with ..", items: [{ name: "a/../../etc/passwd" }], text: /found "\.\."/ },
    { what: "a link before its file", items: [{ name: "x", type: "link" as const, linkname: "y" }, { name: "y" }], text: /found no file "y"/ },
    { what: "a file where a directory is", items: [{ name: "a/b" }, { name: "a" }], text: /found one with files in it/ },
    { what: "a file as a directory", items: [{ name: "a" }, { name: "a/b" }], text: /expected a directory at "a", found a file/ },
    { what: "a loop of symbolic links", items: [{ name: "a", type: "symlink" as const, linkname: "a" }, { name: "a/b" }], text: /loop of symbolic links/ },
    { what: "a root that is no directory", items: [{ name: ".", type: "symlink" as const, linkname: "a" }], text: /the root to be a directory/ },
    { what: "a hard link out of the image", items: [{ name: "x", type: "link" as const, linkname: "../y" }], text: /found "\.\."/ },
  ])("$what", async ({ items, text }) => {
    const bytes = await tar(...items);
    const error: unknown = await readArchive("bad.tar", bytes).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(BadInputError);
    expect(String(error)).toMatch(text);
    expect(String(error)).toMatch(/^Error: bad\.tar: [^\n]*$/);
  });

  it("a tar cut off anywhere", async () => {
    const bytes = await good();
    // without its last zero block a tar is still whole
    for (let length = 0; length <= bytes.length - 1024; length += 100) {
      await expect(readArchive("cut.tar", bytes.subarray(0, length)), `${length} bytes`).rejects.toBeInstanceOf(BadInputError);
    }
    await expect(readArchive("cut.tar", bytes.subarray(0, bytes.length - 1024))).rejects.toThrow(/^cut\.tar: at offset 3584: truncated/);
  });

  /** A flipped bit that changes nothing (padding, the checksum's last blank) is no damage. */
  async function expectNoSilentDamage(bytes: Buffer, from: number, to: number, mask: number): Promise<void> {
    const sound = await readArchive("sound", bytes);
    let refused = 0;
    for (let at = from; at < to; at++) {
      const flipped = Buffer.from(bytes);
      flipped[at] = (flipped[at] as number) ^ mask;
      const result = await readArchive("flipped", flipped).catch((error: unknown) => error);
      if (result instanceof BadInputError) refused++;
      else expect(result, `bit at ${at}`).toEqual(sound);
    }
    expect(refused).toBeGreaterThan((to - from) * 0.9);
  }

  it("a gzip with a flipped bit anywhere", async () => {
    const bytes = gzipSync(await good());
    // bytes 4 to 9 hold a time and hints that do not matter
    await expectNoSilentDamage(bytes, 10, bytes.length, 1);
    await expectNoSilentDamage(bytes, 0, 4, 0x80);
  });

  it("a gzip cut off anywhere", async () => {
    const bytes = gzipSync(await good());
    for (let length = 0; length < bytes.length; length++) {
      await expect(readArchive("cut.tar.gz", bytes.subarray(0, length)), `${length} bytes`).rejects.toBeInstanceOf(BadInputError);
    }
  });

  it("gzip behind a cpio archive is unpacked once, not as often as it is found: some gzip files unpack to themselves", async () => {
    const [early, late] = [cpioOf([file("early", "1")]), cpioOf([file("late", "2")])];
    const entries = await readArchive("initrd", Buffer.concat([early, gzipSync(late)]));
    expect(entries.map(({ path }) => path)).toEqual(["", "early", "late"]);
    const nested = readArchive("initrd", Buffer.concat([early, gzipSync(Buffer.concat([late, gzipSync(late)]))]));
    await expect(nested).rejects.toThrow("initrd: expected a cpio archive inside of gzip, found gzip again");
  });

  it("a directory that claims to have contents is read without them", async () => {
    const bytes = await tar({ name: "d/", type: "directory" }, { name: "f", data: "x" });
    bytes.write("00000000005", 124, "latin1"); // size
    bytes.write("        ", 148, "latin1");
    const sum = bytes.subarray(0, 512).reduce((total, byte) => total + byte, 0);
    bytes.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
    expect((await readArchive("odd.tar", bytes)).map(({ path }) => path)).toEqual(["", "d", "f"]);
  });

  it("a tar header with a flipped bit", async () => expectNoSilentDamage(await good(), 0, 512, 4));

  it.each([
    { what: "nothing there", path: "none", text: /expected a directory or an archive, found nothing/ },
    { what: "another kind of file", path: "text", text: /expected a tar or cpio archive, found another kind of file/ },
  ])("$what", async ({ path, text }) => {
    writeFileSync(join(place, "text"), "hello");
    await expect(openImage(join(place, path))).rejects.toThrow(text);
  });

  it.each([
    { manifest: "{", text: /expected JSON/ },
    { manifest: "[]", text: /expected an object/ },
    { manifest: '{"mount":[]}', text: /found "mount"/ },
    { manifest: '{"mounts":[{"path":"/x","flags":["rw"]}]}', text: /expected mount flags ro, noexec, nosuid, nodev, found "rw"/ },
    { manifest: '{"owners":[{"path":"/x","uid":-1,"gid":0}]}', text: /a path, a uid and a gid/ },
  ])("the manifest $manifest", async ({ manifest, text }) => {
    writeFileSync(join(place, ".spawnlab.json"), manifest);
    await expect(openImage(place)).rejects.toThrow(text);
  });

  it("an output that cannot be written leaves nothing behind", async () => {
    const root = makeTree();
    await expect(buildImage([root], { output: join(place, "missing/x.tar.gz") })).rejects.toThrow(/cannot be written \(ENOENT\)/);
    await expect(buildImage([root], { output: join(root, "x.tar.gz") })).rejects.toThrow(/lies inside/);
    await expect(buildImage([root], { output: join(place, "x.zip") })).rejects.toThrow(/ends in \.tar, \.tar\.gz, \.cpio, \.cpio\.gz, found/);
    expect(readdirSync(place)).toEqual(["tree"]);
  });
});
