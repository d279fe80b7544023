// SPDX-License-Identifier: MIT
// The text of reproductions: what parses prints as it was, and what does not parse says where, what was expected, what was found.

import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { BadInputError } from "../../host/core/errors.ts";
import { readHeader } from "../../host/core/repro/header.ts";
import { parse, VERSION_LINE } from "../../host/core/repro/parse.ts";
import { print } from "../../host/core/repro/print.ts";
import { quote, stringBytes } from "../../host/core/repro/tokens.ts";
import { Random } from "../hostile/random.ts";
import { ROOT } from "../support/kernel.ts";

const FOLDER = `${ROOT}fixtures/reproductions`;
const files = readdirSync(FOLDER).filter((name) => name.endsWith(".repro"));

it.each(files)("%s prints as it is written", (name) => {
  const text = readFileSync(`${FOLDER}/${name}`, "utf8");
  expect(print(parse(text, name))).toBe(text);
});

it("another form of the same is printed in the one form", () => {
  const text = `${VERSION_LINE}\n  a:t=open( "x",O_RDONLY|O_CLOEXEC ) #  3\n`;
  expect(print(parse(text, "x"))).toBe(`${VERSION_LINE}\n${'a: t = open("x", O_RDONLY|O_CLOEXEC)'.padEnd(72)} # 3\n`);
});

it("a string stands for any bytes", () => {
  const bytes = Uint8Array.from({ length: 256 }, (_, byte) => byte);
  expect(stringBytes(quote(bytes))).toEqual(bytes);
  expect(stringBytes('"é\\x00"')).toEqual(Uint8Array.from([0xc3, 0xa9, 0]));
});

describe("a file that is none says where, what was expected and what was found", () => {
  const rows = [
    { text: "", says: 'x:1:1: expected "spawnlab-repro 1", found ""' },
    { text: "spawnlab-repro 2\n", says: 'x:1:1: expected "spawnlab-repro 1", found "spawnlab-repro 2"' },
    ...[
      { line: "a: close(3", says: "x:2:11: expected , or ), found the end of the line" },
      { line: "a: close(3) 4", says: "x:2:13: expected the end of the line, or # and what the call gives, found 4" },
      { line: "a: close(3,)", says: "x:2:12: expected a value, found )" },
      { line: "a: x = 3", says: "x:2:8: expected a call, found 3" },
      { line: "a close(3)", says: "x:2:1: expected an actor and a colon, run, input, signal, resize, hangup, advance, tick, output, instructions or leaks, found a" },
      { line: "a: f({b 1})", says: "x:2:9: expected : after b, found 1" },
      { line: "a: f(&3)", says: "x:2:7: expected a name for what the call stores, found 3" },
      { line: 'a: f("x', says: 'x:2:6: expected a string that ends in " and whose escapes are \\n \\r \\t \\0 \\" \\\\ \\xHH, found "x' },
      { line: "a: f(@)", says: "x:2:6: expected a word, a number or a string, found @)" },
      { line: "a: 0 times f()", says: "x:2:4: expected a number from 1 to 999999, found 0" },
      { line: "a: 3 f()", says: "x:2:6: expected times after 3, found f" },
      { line: "advance 3", says: "x:2:9: expected a duration such as 10ms or 1s, found 3" },
      { line: 'file "/x" 0644 hex ""', says: 'x:2:16: expected "text" or "base64", found hex' },
      { line: `a: f(${"[".repeat(40)}`, says: "x:2:39: expected values nested at most 32 deep, found [" },
    ].map(({ line, says }) => ({ text: `${VERSION_LINE}\n${line}\n`, says })),
  ];
  it.each(rows)("$says", ({ text, says }) => expect(() => parse(text, "x")).toThrow(new BadInputError(says)));

  const headers = [
    { lines: "profile posix", says: "x:2:1: expected documented or rfc-v1 or patch-06, found posix" },
    { lines: "quirks no-such", says: /^x:2:1: expected quirks among .*unshifted-exit.*, found no-such$/ },
    { lines: "memory 12", says: "x:2:1: expected a size such as 256M, found 12" },
    { lines: "seed one", says: "x:2:1: expected a number, found one" },
    { lines: "seed 1\nseed 2", says: 'x:3:1: expected one line "seed", found a second one' },
    { lines: "output\nseed 1", says: "x:3:1: expected headers and files before the first step, found seed" },
    { lines: 'file "/x" 0644 base64 "a"', says: "x:2:1: expected base64, found a" },
  ];
  it.each(headers)("$lines: $says", ({ lines, says }) => {
    expect(() => readHeader(parse(`${VERSION_LINE}\n${lines}\n`, "x"), "x")).toThrow(typeof says === "string" ? new BadInputError(says) : says);
  });
});

describe("changed at random, a file is either a reproduction or an error with a place", () => {
  const seed = Number(process.env["FUZZ_SEED"] ?? 4);
  const runs = Number(process.env["FUZZ_RUNS"] ?? 5_000);
  it(`${runs} files (FUZZ_RUNS, FUZZ_SEED=${seed})`, () => {
    const random = new Random(seed, "format", 0);
    const texts = files.map((name) => readFileSync(`${FOLDER}/${name}`, "utf8"));
    let errors = 0;
    for (let run = 0; run < runs; run++) {
      const text = mutate(texts[random.below(texts.length)]!, random);
      try {
        const parsed = parse(text, "x");
        readHeader(parsed, "x");
        if (print(parse(print(parsed), "x")) !== print(parsed)) expect.fail(`is printed differently: ${text}`);
      } catch (error) {
        if (!(error instanceof BadInputError) || !/^x:\d+:\d+: expected .+, found /s.test(error.message)) throw error;
        errors++;
      }
    }
    expect(errors).toBeGreaterThan(runs / 10);
    expect(errors).toBeLessThan(runs);
  });
});

const PIECES = ["(", ")", "[", "]", "{", "}", ",", ":", "|", "&", '"', "\\", "#", "=", "\n", " ", "0x", "-1", "null", "a", "\u00e9", "\0"];

function mutate(text: string, random: Random): string {
  for (let changes = random.below(4); changes >= 0; changes--) {
    const at = VERSION_LINE.length + 1 + random.below(text.length - VERSION_LINE.length);
    const piece = random.below(3) === 0 ? "" : PIECES[random.below(PIECES.length)]!;
    text = text.slice(0, at) + piece + text.slice(at + random.below(3));
  }
  return text;
}
