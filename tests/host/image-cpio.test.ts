// SPDX-License-Identifier: MIT
// cpio images (newc): GNU cpio as the other side, archives behind each other as in an initramfs, and damage, which is one line
// with the file and the offset.

import { execFileSync } from "node:child_process";
import { linkSync, lutimesSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { BadInputError } from "../../host/core/errors.ts";
import { deviceNumber, directory, file, type ImageEntry } from "../../host/core/image.ts";
import { readArchive } from "../../host/node/image/archive.ts";
import { openImage } from "../../host/node/image/image.ts";
import { FIELDS, readCpio } from "../../host/node/image/read-cpio.ts";
import { cpioOf } from "../../host/node/image/write-cpio.ts";
import { S_IFBLK, S_IFCHR, S_IFIFO, S_IFLNK, S_IFREG, S_IFSOCK } from "../../kernel/abi/stat.ts";
import { tool } from "../support/tools.ts";

const cpio = tool("cpio");

let place: string;
beforeEach(() => void (place = mkdtempSync(join(tmpdir(), "spawnlab-cpio-"))));
afterEach(() => rmSync(place, { recursive: true }));

/** A tree with links, a FIFO and a long name, in place/tree; whole seconds, as newc has no parts of them. */
function makeTree(): string {
  const root = join(place, "tree");
  mkdirSync(join(root, "bin"), { recursive: true });
  writeFileSync(join(root, "bin/tool"), Buffer.alloc(100_001, "tool"), { mode: 0o755 });
  linkSync(join(root, "bin/tool"), join(root, "bin/twin"));
  linkSync(join(root, "bin/tool"), join(root, "third"));
  symlinkSync("tool", join(root, "bin/alias"));
  writeFileSync(join(root, "empty"), "");
  writeFileSync(join(root, "grüße"), "not ASCII");
  execFileSync("mkfifo", ["-m", "640", join(root, "queue")]);
  const long = join(root, ..."abcdefghijkl".split("").map((letter) => letter.repeat(250)));
  mkdirSync(long, { recursive: true });
  writeFileSync(join(long, "file"), "deep");
  for (const path of ["", ...readdirSync(root, { recursive: true, encoding: "utf8" })]) lutimesSync(join(root, path), 1_600_000_000, 1_600_000_000);
  return root;
}

/** A comparable form: contents as text, what is left out filled in. */
const plain = (entry: ImageEntry) =>
  entry.mode === 0
    ? { path: entry.path, target: entry.target }
    : { ...entry, uid: entry.uid ?? 0, gid: entry.gid ?? 0, rdev: entry.rdev ?? 0, target: entry.target ?? "", data: Buffer.from(entry.data ?? []).toString("latin1") };

const plainImage = async (path: string) => [...(await openImage(path)).entries].map(plain);

/** One entry as bytes, with any field as the test wants it. */
function raw(name: string, data: string | Uint8Array, fields: Partial<Record<(typeof FIELDS)[number], number | string>> = {}, magic = "070701"): Buffer {
  const bytes = Buffer.from(data);
  const all = { mode: S_IFREG | 0o644, nlink: 1, size: bytes.length, namesize: Buffer.byteLength(name) + 1, ...fields };
  const digits = FIELDS.map((field) => {
    const value = (all as Record<string, number | string>)[field] ?? 0;
    return typeof value === "string" ? value : value.toString(16).padStart(8, "0");
  });
  const pad = (part: Buffer) => Buffer.concat([part, Buffer.alloc(-part.length & 3)]);
  return Buffer.concat([pad(Buffer.from(`${magic}${digits.join("")}${name}\0`)), pad(bytes)]);
}
const trailer = raw("TRAILER!!!", "", { mode: 0 });

describe.skipIf(cpio === undefined)("with GNU cpio", () => {
  it.each(["newc", "crc"])("reads what it wrote in format %s", async (format) => {
    const root = makeTree();
    const input = execFileSync("find", [".", "-depth"], { cwd: root });
    const archive = execFileSync("cpio", ["-o", "-H", format, "--quiet"], { cwd: root, input, maxBuffer: 2 ** 28 });
    writeFileSync(join(place, "image"), archive);
    expect(await plainImage(join(place, "image"))).toEqual(await plainImage(root));
  });

  it("writes what it reads", async () => {
    const root = makeTree();
    const archive = cpioOf((await openImage(root)).entries);
    const out = join(place, "out");
    mkdirSync(out);
    execFileSync("cpio", ["-idm", "--quiet"], { cwd: out, input: archive });
    const withoutTimes = async (path: string) => (await plainImage(path)).map((entry) => ({ ...entry, mtimeNs: undefined }));
    expect(await withoutTimes(out)).toEqual(await withoutTimes(root)); // GNU cpio touches directories as it fills them
  });
});

it("keeps types, modes, owners, devices and times", () => {
  const entries: ImageEntry[] = [
    { path: "", mode: directory("").mode & ~0o55, uid: 0, gid: 0, mtimeNs: 0n },
    { path: "block", mode: S_IFBLK | 0o660, uid: 0, gid: 6, rdev: deviceNumber(259, 70_000), mtimeNs: 1_000_000_000n },
    { path: "char", mode: S_IFCHR | 0o666, uid: 1, gid: 2, rdev: 0x103, mtimeNs: 4_294_967_295_000_000_000n },
    { path: "link", mode: S_IFLNK | 0o777, target: "grüße", mtimeNs: 0n },
    { path: "queue", mode: S_IFIFO | 0o640, mtimeNs: 0n },
    { path: "tool", mode: S_IFREG | 0o6755, uid: 4_294_967_294, gid: 65534, data: Buffer.from("x"), mtimeNs: 0n },
  ];
  expect(readCpio("x", cpioOf(entries)).map(plain)).toEqual(entries.map(plain));
});

it("refuses to write a time that newc cannot hold", () => {
  expect(() => cpioOf([{ path: "old", mode: S_IFREG, mtimeNs: -1_000_000_000n }])).toThrow(/^entry "old": expected a time from 1970 to 2106/);
});

it.each([
  { what: "the last", data: ["", "", "text"] },
  { what: "the first", data: ["text", "", ""] },
  { what: "each", data: ["text", "text", "text"] },
])("takes the contents of a file with several names from $what of them", async ({ data }) => {
  const names = ["a", "b", "c"].map((name, index) => raw(name, data[index] as string, { ino: 7, nlink: 3 }));
  const entries = await readArchive("x", Buffer.concat([...names, trailer]));
  expect(entries.slice(1).map(plain)).toEqual([
    expect.objectContaining({ path: "a", data: "text" }),
    { path: "b", target: "a" },
    { path: "c", target: "a" },
  ]);
});

it("reads archives behind each other, zeros between them and a compressed one last, each with inodes of its own", async () => {
  const one = Buffer.concat([raw("a", "1", { ino: 7, nlink: 2 }), raw("kept", "1"), trailer]);
  const two = Buffer.concat([raw("b", "2", { ino: 7, nlink: 2 }), raw("a", "new", { ino: 8 }), trailer]);
  const three = gzipSync(Buffer.concat([raw("c", "3"), trailer, Buffer.alloc(512)]));
  const entries = await readArchive("x", Buffer.concat([one, Buffer.alloc(508), two, three]));
  expect(entries.slice(1).map(plain).map((entry) => [entry.path, "data" in entry && entry.data])).toEqual([
    ["a", "new"],
    ["b", "2"],
    ["c", "3"],
    ["kept", "1"],
  ]);
});

it("reads an archive without entries", async () => {
  expect(await readArchive("x", cpioOf([]))).toMatchObject([{ path: "" }]);
});

describe("damage is one line with the file and the offset", () => {
  const sound = raw("good", "four");
  const at = sound.length;
  it.each([
    { what: "another kind of entry", bytes: Buffer.from("070708"), text: `at offset ${at}: expected a header (070701 or 070702), found "070708"` },
    { what: "the old format", bytes: Buffer.from("070707"), text: `at offset ${at}: expected the newc format ("cpio -H newc"), found an older format` },
    { what: "no trailer", bytes: Buffer.alloc(0), text: `at offset ${at}: expected a header, or the trailer, found the end of the archive after 0 bytes of it` },
    { what: "digits that are none", bytes: raw("f", "", { uid: "0x000001" }), text: `at offset ${at}: expected 8 hexadecimal digits for "uid", found "0x000001"` },
    { what: "a name without end", bytes: raw("f", "", { namesize: 1 }), text: `at offset ${at}: expected a name that ends in its only NUL, found "f"` },
    { what: "a name that is too long", bytes: raw("f", "", { namesize: 4097 }), text: `at offset ${at}: expected a name of 1 to 4096 bytes, found 4097` },
    { what: "contents cut off", bytes: raw("f", "12345678", { size: 9 }), text: `at offset ${at}: expected 9 bytes of "f", found the end of the archive after 8 bytes of it` },
    { what: "a wrong check sum", bytes: raw("f", "ab", { check: 1 }, "070702"), text: `at offset ${at}: expected check sum 1 of "f", found 195` },
    { what: "a socket", bytes: raw("f", "", { mode: S_IFSOCK | 0o777 }), text: `at offset ${at}: expected a file, directory, link, FIFO or device "f", found mode 0140777` },
    { what: "a way out", bytes: raw("a/../../b", ""), text: `at offset ${at}: entry "a/../../b": expected a path inside the image, found ".."` },
    { what: "a name that is not UTF-8", bytes: Buffer.from(raw("\xff", "").toString("latin1").replace("Ã¿", "\xff\0"), "latin1"), text: `at offset ${at}: expected a name` },
  ])("$what", async ({ bytes, text }) => {
    const error: unknown = await readArchive("bad.cpio", Buffer.concat([sound, bytes])).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(BadInputError);
    expect((error as Error).message.startsWith(`bad.cpio: ${text}`), String(error)).toBe(true);
    expect((error as Error).message).not.toContain("\n");
  });

  it("garbage behind an archive, and damage in a compressed one", async () => {
    const whole = Buffer.concat([sound, trailer]);
    await expect(readArchive("x", Buffer.concat([whole, Buffer.from("garbage")]))).rejects.toThrow(
      `x: at offset ${whole.length}: expected a header (070701 or 070702), found "garbag"`,
    );
    await expect(readArchive("x", Buffer.concat([whole, gzipSync(sound)]))).rejects.toThrow(`x, unpacked: at offset ${at}: expected a header`);
  });

  it("an archive cut off anywhere before the padding of its trailer", async () => {
    const bytes = Buffer.concat([sound, raw("b", "x".repeat(100)), trailer]);
    for (let length = 0; length < bytes.length - 3; length++) {
      await expect(readArchive("cut", bytes.subarray(0, length)), `${length} bytes`).rejects.toBeInstanceOf(BadInputError);
    }
  });

  it("a flipped bit anywhere: an error of ours, or another image, and never other contents where there is a check sum", async () => {
    const contents = "contents";
    const check = [...Buffer.from(contents)].reduce((sum, byte) => sum + byte, 0);
    const bytes = Buffer.concat([raw("name", contents, { check }, "070702"), trailer]);
    const first = bytes.indexOf(contents);
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const flipped = Buffer.from(bytes);
      flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7));
      const result = await readArchive("flipped", flipped).catch((error: unknown) => error);
      const isContents = bit >> 3 >= first && bit >> 3 < first + contents.length;
      if (isContents || !Array.isArray(result)) expect(result, `bit ${bit}`).toBeInstanceOf(BadInputError);
    }
  });
});

it("holds a name of 4095 bytes", () => {
  const path = `${"d/".repeat(2045)}file1`;
  expect(path.length).toBe(4095);
  const entries = readCpio("x", cpioOf([file(path, "x")]));
  expect(entries[0]?.path).toBe(path);
});
