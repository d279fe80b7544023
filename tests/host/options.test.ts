// SPDX-License-Identifier: MIT
import { describe, expect, it } from "vitest";
import { BadInputError } from "../../host/core/errors.ts";
import { PROFILES, profileQuirks, quirkNames } from "../../host/core/profiles.ts";
import { parseEnv, parseInstructions, parseMemory, parseMount, parseSeed, parseUser } from "../../host/node/options.ts";
import { MS_NOEXEC, MS_RDONLY } from "../../kernel/abi/stat.ts";

const parsers = { parseMemory, parseSeed, parseInstructions, parseEnv, parseMount, parseUser };

it.each([
  { parse: "parseMemory", text: "64M", value: 64 * 2 ** 20 },
  { parse: "parseMemory", text: "1g", value: 2 ** 30 },
  { parse: "parseMemory", text: "2097152", value: 2 ** 21 },
  { parse: "parseSeed", text: "0xff", value: 255n },
  { parse: "parseSeed", text: "18446744073709551615", value: 2n ** 64n - 1n },
  { parse: "parseInstructions", text: "1000000", value: 1_000_000n },
  { parse: "parseEnv", text: "A=b=c", value: ["A=b=c"] },
  { parse: "parseEnv", text: "EMPTY=", value: ["EMPTY="] },
  { parse: "parseMount", text: "/usr:ro,noexec", value: [{ path: "/usr", flags: MS_RDONLY | MS_NOEXEC }] },
  { parse: "parseUser", text: "1000", value: { uid: 1000, gid: 1000 } },
  { parse: "parseUser", text: "1000:100", value: { uid: 1000, gid: 100 } },
] as const)("$parse reads $text", ({ parse, text, value }) => expect(parsers[parse](text)).toEqual(value));

it.each([
  { parse: "parseMemory", texts: ["", "M", "12q", "-1", "512k", "5000G", "1.5G"] },
  { parse: "parseSeed", texts: ["", "-1", "x", "18446744073709551616", "1.0"] },
  { parse: "parseInstructions", texts: ["0", "-5", "1e9", "many"] },
  { parse: "parseEnv", texts: ["", "NAME", "=value"] },
  { parse: "parseMount", texts: ["/usr", "usr:ro", "/usr:", "/usr:rw", ":ro"] },
  { parse: "parseUser", texts: ["", "root", "1:", "-1", "1:2:3"] },
] as const)("$parse refuses $texts and says what it expected", ({ parse, texts }) => {
  for (const text of texts) {
    expect(() => parsers[parse](text), text).toThrow(BadInputError);
    expect(() => parsers[parse](text), text).toThrow(/expected .*/);
  }
});

describe("profiles", () => {
  it("are the sets of quirks that the specification names", () => {
    expect(quirkNames(PROFILES.documented)).toEqual([]);
    expect(quirkNames(PROFILES["rfc-v1"])).toHaveLength(12);
    expect(quirkNames(PROFILES["patch-06"])).toHaveLength(16);
    expect(quirkNames(PROFILES["rfc-v1"])).toContain("unshifted-exit");
    expect(quirkNames(PROFILES["patch-06"])).toContain("no-stale-check");
  });

  it.each(["", "rfc", "toString"])("refuses %j by naming those there are", (name) => {
    expect(() => profileQuirks(name)).toThrow(/expected documented, rfc-v1, patch-06/);
  });
});
