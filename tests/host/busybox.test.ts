// SPDX-License-Identifier: MIT
// Debian's busybox for riscv64, unmodified: its applets must print and return what they do under qemu's user mode.

import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { ImageEntry } from "../../host/core/image.ts";
import { readDirectory } from "../../host/node/image/read-directory.ts";
import { runProgram } from "../support/program.ts";
import { tool } from "../support/tools.ts";

const busybox = tool("busybox");
const qemu = tool("qemu");

const place = mkdtempSync(join(tmpdir(), "spawnlab-busybox-"));
afterAll(() => rmSync(place, { recursive: true }));
mkdirSync(join(place, "sub"));
writeFileSync(join(place, "fruit"), "pear 3\napple 10\nplum 2\napple 7\n");
writeFileSync(join(place, "sub/deep"), "needle in a file\n");
symlinkSync("fruit", join(place, "link"));

/** The files of `place`, at the same absolute path in the guest. */
function entries(): ImageEntry[] {
  return [...readDirectory(place)].map((entry) => ({ ...entry, path: `${place}/${entry.path}` }));
}

function inKernel(args: readonly string[], stdin: string) {
  const bytes = readFileSync(busybox as string);
  const { stdout, stderr, status } = runProgram(bytes, { argv: ["busybox", ...args], env: ENV, cwd: place, entries: entries(), stdin });
  return { stdout, stderr, status };
}

function inQemu(args: readonly string[], stdin: string) {
  const { stdout, stderr, status } = spawnSync(qemu as string, ["-0", "busybox", busybox as string, ...args], {
    cwd: place,
    env: Object.fromEntries(ENV.map((entry) => entry.split("=") as [string, string])),
    input: stdin,
    encoding: "latin1",
  });
  return { stdout, stderr, status };
}

const ENV = ["PATH=/bin", "LC_ALL=C"];
const TEXT = "one\ntwo\nthree\ntwo\n";

const rows: { args: string[]; stdin?: string }[] = [
  { args: ["true"] },
  { args: ["false"] },
  { args: ["echo", "-n", "a  b", "c"] },
  { args: ["cat", "fruit", "sub/deep"] },
  { args: ["cat", "missing"] },
  { args: ["cat"], stdin: TEXT },
  { args: ["grep", "-n", "app", "fruit", "sub/deep"] },
  { args: ["grep", "-rl", "needle", "."] },
  { args: ["grep", "-c", "nothing", "fruit"] },
  { args: ["sort", "fruit"] },
  { args: ["sort", "-k2", "-n", "-r", "fruit"] },
  { args: ["uniq", "-c"], stdin: TEXT },
  { args: ["wc", "fruit", "sub/deep"] },
  { args: ["head", "-n", "2", "fruit"] },
  { args: ["tail", "-n", "1", "fruit"] },
  { args: ["tr", "a-z", "A-Z"], stdin: TEXT },
  { args: ["cut", "-d", " ", "-f", "1", "fruit"] },
  { args: ["sed", "s/apple/orange/;2d", "fruit"] },
  { args: ["awk", "{ sum += $2 } END { printf \"%d %.3f\\n\", sum, sum / NR }", "fruit"] },
  { args: ["seq", "1", "7", "30"] },
  { args: ["printf", "%05d|%-5s|%x\\n", "42", "ab", "255"] },
  { args: ["expr", "6", "*", "7"] },
  { args: ["md5sum", "fruit"] },
  { args: ["sha256sum", "fruit"] },
  { args: ["base64"], stdin: TEXT },
  { args: ["od", "-c", "fruit"] },
  { args: ["readlink", "link"] },
  { args: ["basename", "/a/b.c", ".c"] },
  { args: ["test", "-f", "fruit"] },
  { args: ["test", "-d", "fruit"] },
  { args: ["pwd"] },
  { args: ["sh", "-c", "cat fruit | sort | head -n 1; exit 3"] },
  { args: ["sh", "-c", "for i in 1 2 3; do echo $((i * i)); done | tr '\\n' ,"] },
  { args: ["sh", "-c", "echo out; echo err >&2; (exit 9); echo $?; kill -TERM $$"] },
  { args: ["sh", "-c", "x=$(cat fruit | wc -l); echo \"lines: $x\"; sleep 0.01 & wait; echo done"] },
  { args: ["sh", "-c", "trap 'echo trapped' USR1; kill -USR1 $$; echo after"] },
  { args: ["sh", "-c", "cat <<END\nhere $((1+1))\nEND"] },
  { args: ["sh", "-c", "while read name count; do [ $count -gt 5 ] && echo $name; done < fruit"] },
];

describe.skipIf(busybox === undefined || qemu === undefined)("an applet does in the kernel what it does under qemu", () => {
  it.each(rows)("$args", ({ args, stdin = "" }) => {
    const expected = inQemu(args, stdin);
    // a shell's own death by a signal is a signal for node and 128+N for a shell
    if (expected.status === null) expected.status = 128 + 15;
    expect(inKernel(args, stdin)).toEqual(expected);
  });
});

describe.skipIf(busybox === undefined)("what depends on the file system", () => {
  it("ls -la", () => {
    const { stdout, status } = inKernel(["ls", "-la"], "");
    expect(status).toBe(0);
    expect(stdout).toMatch(/^-rw-r--r-- +1 (root|0) +(root|0) +31 .* fruit$/m);
    expect(stdout).toMatch(/^lrwxrwxrwx .* link -> fruit$/m);
    expect(stdout).toMatch(/^drwxr-xr-x .* sub$/m);
  });

  it("a tree is made, copied, moved and removed", () => {
    const script = "mkdir -p a/b && echo x > a/b/f && cp -a a c && mv c/b/f c/g && find a c | sort && rm -r a c && ls";
    expect(inKernel(["sh", "-c", script], "")).toEqual({ stdout: "a\na/b\na/b/f\nc\nc/b\nc/g\nfruit\nlink\nsub\n", stderr: "", status: 0 });
  });
});
