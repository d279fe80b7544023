// SPDX-License-Identifier: MIT
// Bad input to the command line: one clear line on standard error that names the file and what was expected, the documented
// exit code, no stack trace, nothing on standard output and nothing written.

import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, it } from "vitest";
import { PT_INTERP } from "../../kernel/abi/elf.ts";
import { file } from "../../host/core/image.ts";
import { cpioOf } from "../../host/node/image/write-cpio.ts";
import { spawnlab } from "../support/cli.ts";
import { sample } from "../support/program.ts";

let place: string;
let before: string[];

/** Files of place/, some sound and some not, and an image in place/root. */
beforeAll(() => {
  place = mkdtempSync(join(tmpdir(), "spawnlab-bad-"));
  const put = (name: string, bytes: string | Uint8Array, mode = 0o755) => {
    mkdirSync(join(place, name, ".."), { recursive: true });
    writeFileSync(join(place, name), bytes);
    chmodSync(join(place, name), mode);
  };
  const program = sample("true");
  const otherMachine = Buffer.from(program);
  otherMachine.writeUInt16LE(62, 18);
  put("text", "hello, I am text\n");
  put("empty", "");
  put("other-machine", otherMachine);
  put("dynamic", withInterpreter(program, "/lib/ld-missing.so.1"));
  put("truncated", program.subarray(0, 300));
  put("half-header", program.subarray(0, 30));
  put("root/true", program);
  put("root/no-x", program, 0o644);
  put("root/script", "#!/bin/missing\n");
  put("root/directory/file", "");
  put("big/file", new Uint8Array(8_000_000));
  put("dots.tar", tarOf("../escape"));
  put("cut.tar", tarOf("fine").subarray(0, 700));
  put("flipped.tar.gz", gzipSync(tarOf("fine")).map((byte, at) => (at === 30 ? byte ^ 0xff : byte)));
  put("cut.cpio", cpioOf([file("fine", "hello")]).subarray(0, 200));
  put("garbage.cpio.gz", gzipSync(Buffer.concat([cpioOf([file("fine", "hello")]), Buffer.from("garbage")])));
  put("cut.tar.gz", gzipSync(tarOf("fine")).subarray(0, 40));
  before = readdirSync(place, { recursive: true, encoding: "utf8" }).sort();
});
afterAll(() => rmSync(place, { recursive: true }));

/** The program with its last header (PT_GNU_STACK) turned into one that names a dynamic linker. */
function withInterpreter(program: Buffer, path: string): Buffer {
  const bytes = Buffer.concat([program, Buffer.from(`${path}\0`)]);
  const header = 64 + 56 * (bytes.readUInt16LE(56) - 1);
  bytes.writeUInt32LE(PT_INTERP, header);
  bytes.writeBigUInt64LE(BigInt(program.length), header + 8);
  bytes.writeBigUInt64LE(BigInt(path.length + 1), header + 32);
  return bytes;
}

/** An archive of one file with a name that tar itself would refuse to write. */
function tarOf(name: string): Buffer {
  const header = Buffer.alloc(512);
  header.write(name, 0);
  // mode, uid, gid, size, mtime: octal digits, each field ended by a NUL
  header.write(["0000644", "0000000", "0000000", "00000000005", "00000000000", ""].join("\0"), 100, "latin1");
  header.write("        0", 148, "latin1");
  header.write("ustar\x0000", 257, "latin1");
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return Buffer.concat([header, Buffer.concat([Buffer.from("hello"), Buffer.alloc(507)]), Buffer.alloc(1024)]);
}

interface Row {
  args: string[];
  status: number;
  text: string | RegExp;
}

const rows: Row[] = [
  { args: ["run", "--host-file"], status: 125, text: "--host-file: expected a PROGRAM, a file on this computer" },
  { args: ["fly"], status: 125, text: "unknown command 'fly'" },
  { args: ["run", "--fly", "true"], status: 125, text: "unknown option '--fly'" },
  { args: ["run", "--memory", "lots", "true"], status: 125, text: '--memory: expected a size from 1M to 2048M, found "lots"' },
  { args: ["run", "--seed", "x", "true"], status: 125, text: '--seed: expected a number from 0 to 2^64-1, found "x"' },
  { args: ["run", "--max-instructions", "0", "true"], status: 125, text: '--max-instructions: expected a positive number, found "0"' },
  { args: ["run", "--env", "X", "true"], status: 125, text: '--env: expected NAME=VALUE, found "X"' },
  { args: ["run", "--mount", "x:ro", "true"], status: 125, text: '--mount: expected /PATH:FLAG[,FLAG...], found "x:ro"' },
  { args: ["run", "--mount", "/nowhere:ro", "true"], status: 125, text: "/nowhere" },
  { args: ["run", "--user", "me", "true"], status: 125, text: '--user: expected UID or UID:GID in numbers, found "me"' },
  { args: ["run", "--profile", "rfc-v9", "true"], status: 125, text: 'unknown profile "rfc-v9": expected documented, rfc-v1, patch-06' },
  { args: ["run", "--cwd", "/nowhere", "true"], status: 125, text: 'working directory "/nowhere": expected a directory in the image, found nothing' },
  { args: ["run", "--trace=@/none/trace", "true"], status: 125, text: "cannot be written (ENOENT)" },
  { args: ["run", "--root", "@/none", "/true"], status: 125, text: "@/none: expected a directory or an archive, found nothing" },
  { args: ["run", "--root", "@/text", "/true"], status: 125, text: "@/text: expected a tar or cpio archive, found another kind of file" },
  { args: ["run", "--root", "@/dots.tar", "/true"], status: 125, text: '@/dots.tar: at offset 0 or behind it: entry "../escape": expected a path inside the image, found ".."' },
  { args: ["run", "--root", "@/cut.tar", "/true"], status: 125, text: /cut\.tar: at offset 700 or behind it: expected a sound tar archive/ },
  { args: ["run", "--root", "@/flipped.tar.gz", "/true"], status: 125, text: "@/flipped.tar.gz: expected a sound gzip stream, found damage" },
  { args: ["run", "--root", "@/cut.tar.gz", "/true"], status: 125, text: "@/cut.tar.gz: expected a sound gzip stream, found damage" },
  { args: ["run", "--root", "@/big", "--memory", "4M", "/true"], status: 125, text: '@/big: entry "file": the image is larger than the machine\'s memory of 4 MiB (--memory)' },
  { args: ["run", "nothing"], status: 127, text: '"nothing": not found in the image\'s /usr/local/bin:/usr/bin:/bin' },
  { args: ["run", "/bin/nothing"], status: 127, text: '"/bin/nothing": no such file in the image' },
  { args: ["run", "--host-file", "@/nothing"], status: 127, text: "@/nothing: no such file on this computer" },
  { args: ["run", "--host-file", "@/text"], status: 126, text: 'expected a riscv64 ELF program, found text that starts with "hello, I"' },
  { args: ["run", "--host-file", "@/empty"], status: 126, text: "expected a riscv64 ELF program, found an empty file" },
  { args: ["run", "--host-file", "@/other-machine"], status: 126, text: "expected an ELF for riscv64, found one for x86-64" },
  { args: ["run", "--host-file", "@/half-header"], status: 126, text: "truncated: an ELF header has 64 bytes, the file 30" },
  { args: ["run", "--host-file", "@/dynamic"], status: 126, text: 'its interpreter "/lib/ld-missing.so.1" is not in the image' },
  { args: ["run", "--host-file", "@/truncated"], status: 126, text: /truncated: .* ends? at byte \d+, the file at 300/ },
  { args: ["run", "--root", "@/root", "/no-x"], status: 126, text: '"/no-x": expected an executable file, found mode 0644' },
  { args: ["run", "--root", "@/root", "/script"], status: 126, text: '"/script": its interpreter "/bin/missing" is not in the image' },
  { args: ["run", "--root", "@/root", "/directory"], status: 126, text: '"/directory": expected a regular file, found a directory' },
  { args: ["run", "--root", "@/cut.cpio", "/true"], status: 125, text: "@/cut.cpio: at offset 124: expected a header, or the trailer, found the end" },
  { args: ["image", "list", "@/garbage.cpio.gz"], status: 125, text: '@/garbage.cpio.gz: at offset 512: expected a header (070701 or 070702), found "garbag"' },
  { args: ["image", "build", "@/cut.cpio", "-o", "@/out.cpio"], status: 125, text: "@/cut.cpio: at offset 124: expected" },
  { args: ["image", "list", "@/none"], status: 125, text: "@/none: expected a directory or an archive" },
  { args: ["image", "build", "@/root"], status: 125, text: "required option '-o, --output <file>'" },
  { args: ["image", "build", "@/dots.tar", "-o", "@/out.tar.gz"], status: 125, text: "@/dots.tar: at offset 0 or behind it: entry" },
  { args: ["image", "build", "@/root", "-o", "@/none/out.tar.gz"], status: 125, text: "@/none/out.tar.gz: cannot be written (ENOENT)" },
  { args: ["cc", "@/none.c", "-o", "@/none"], status: 125, text: "@/none.c: no such file" },
];

it.each(rows)("$args", ({ args, status, text }) => {
  const here = (words: string) => words.replaceAll("@", place);
  const result = spawnlab(args.map(here));

  expect(result.stderr).toMatch(/^spawnlab: [^\n]+\n$/);
  if (typeof text === "string") expect(result.stderr).toContain(here(text));
  else expect(result.stderr).toMatch(text);
  expect(result.stderr).not.toMatch(/\n\s+at |Error:/);
  expect(result).toMatchObject({ status, stdout: "" });
  expect(readdirSync(place, { recursive: true, encoding: "utf8" }).sort()).toEqual(before);
});

it("a program that needs more instructions than it was granted", () => {
  expect(spawnlab(["run", "--max-instructions", "100", "ls", "/"])).toMatchObject({
    status: 124,
    stderr: "spawnlab: the program did not end within --max-instructions 100\n",
  });
});
