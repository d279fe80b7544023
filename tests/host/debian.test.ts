// SPDX-License-Identifier: MIT
// Images of Debian's packages, as fixtures/images/README.md makes them: dynamic programs in them run, whatever the format, and
// owners and setuid bits are the packages' own.

import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openImage } from "../../host/node/image/image.ts";
import { S_IFREG } from "../../kernel/abi/stat.ts";
import { ROOT } from "../support/kernel.ts";
import { spawnlab, TIMEOUT_MS } from "../support/cli.ts";
import { tool } from "../support/tools.ts";

const isThere = tool("debian") !== undefined;
const packages = `${ROOT}build/debian/root.tar`;

describe.skipIf(!isThere)("Debian's bash, coreutils, grep and sed", () => {
  let place: string;
  let image: string;
  beforeAll(() => {
    place = mkdtempSync(join(tmpdir(), "spawnlab-debian-"));
    image = join(place, "debian.cpio.gz");
    mkdirSync(join(place, "overlay/etc"), { recursive: true });
    for (const name of ["passwd", "group"]) {
      copyFileSync(`${ROOT}build/debian/root/usr/share/base-passwd/${name}.master`, join(place, "overlay/etc", name));
    }
    const built = spawnlab(["image", "build", packages, join(place, "overlay"), "-o", image]);
    expect(built).toEqual({ status: 0, stdout: "", stderr: "" });
  }, TIMEOUT_MS);
  afterAll(() => rmSync(place, { recursive: true }));

  it("run from a .cpio.gz, with names for users, links of merged /usr and process substitution", () => {
    const script = [
      "id -un; stat -c '%A %U:%G' /usr/bin/chage",
      "stat -c '%U %A %N' /bin",
      "seq 20 | grep -c 1 | sed 's/^/ones: /'",
      "diff=$(comm -3 <(printf 'a\\nb\\n') <(printf 'a\\nc\\n')); echo \"$diff\"",
      "sort -rn <<< $'1\\n3\\n2' | tr '\\n' ' '",
      "exit 7",
    ].join("\n");
    expect(spawnlab(["run", "--root", image, "bash", "-c", script])).toEqual({
      status: 7,
      stdout: "root\n-rwxr-sr-x root:shadow\nroot lrwxrwxrwx '/bin' -> 'usr/bin'\nones: 11\nb\n\tc\n3 2 1 ",
      stderr: "",
    });
  }, TIMEOUT_MS);

  it("do the same from the archive of the packages and from their tree", () => {
    const run = (root: string) => spawnlab(["run", "--root", root, "bash", "-c", "ls -lgG /usr/bin | md5sum; ls /; uname -m"]);
    const fromTree = run(`${ROOT}build/debian/root`);
    expect(fromTree).toMatchObject({ status: 0, stderr: "" });
    expect(fromTree.stdout).toMatch(/riscv64\n$/);
    expect(run(packages)).toEqual(fromTree);
  }, TIMEOUT_MS);

  it("keep the owners and modes of their packages", async () => {
    const entries = [...(await openImage(packages)).entries];
    const shadow = 42; // the group that chage runs in
    expect(entries.find(({ path }) => path === "usr/bin/chage")).toMatchObject({ uid: 0, gid: shadow, mode: S_IFREG | 0o2755 });
    expect(entries.find(({ path }) => path === "usr/bin/passwd")).toMatchObject({ uid: 0, gid: 0, mode: S_IFREG | 0o4755 });
  });
});
