// SPDX-License-Identifier: MIT
// What a reproduction says of its machine, before the first step: the profile or single quirks, the kernel build and the image it was
// made with, the seed, the size of memory, and whether the heap is checked.

import * as quirks from "../../../kernel/abi/quirks.ts";
import type { BadInputError } from "../errors.ts";
import { file, MOUNT_FLAGS, type ImageEntry, type ImageMount } from "../image.ts";
import { namesOf } from "../names.ts";
import { PROFILE_NAMES, profileQuirks } from "../profiles.ts";
import { numberOf } from "./encode.ts";
import type { Line, Reproduction } from "./syntax.ts";
import { errorAt, stringBytes } from "./tokens.ts";

export interface Header {
  /** Quirk bits of the profile and of the single quirks together. */
  readonly quirks: number;
  readonly profile: string;
  readonly seed: bigint;
  readonly memoryBytes?: number;
  readonly isHeapChecked: boolean;
  /** The build that it was made with: a hash of kernel.wasm. */
  readonly kernel?: string;
  /** "none", "sample" or a path. */
  readonly image: string;
  /** What names the image's entries (imageHash), if the file has it. */
  readonly imageHash?: string;
  readonly mounts: readonly ImageMount[];
  /** Which of the standard streams are the terminal. */
  readonly terminals: { readonly stdin: boolean; readonly stdout: boolean; readonly stderr: boolean };
  /** Made by a recorder, with the time of the clock on the wall or without. */
  readonly recorded?: "real-time" | "virtual-time";
  /** Inline files. */
  readonly entries: readonly ImageEntry[];
}

type HeaderLine = Extract<Line, { kind: "header" }>;

const QUIRKS = new Map([...namesOf(quirks, "QUIRK_")].map(([bit, name]) => [name.slice("QUIRK_".length).toLowerCase().replaceAll("_", "-"), bit]));
const UNITS: Record<string, number> = { K: 2 ** 10, M: 2 ** 20, G: 2 ** 30 };

/** @throws BadInputError for a value that is none, a second line of a kind, or a header behind a step */
export function readHeader({ lines }: Reproduction, where: string): Header {
  const reader = new HeaderReader(lines, where);
  const profile = reader.choice("profile", PROFILE_NAMES) ?? "documented";
  return {
    profile,
    quirks: reader.words("quirks").reduce((bits, name) => bits | reader.quirk(name), profileQuirks(profile)),
    seed: reader.number("seed") ?? 1n,
    isHeapChecked: (reader.choice("heap", ["checked", "plain"]) ?? "checked") === "checked",
    image: reader.words("image")[0] ?? "none",
    mounts: reader.mounts(),
    terminals: reader.terminals(),
    entries: reader.files(),
    ...optional("memoryBytes", reader.size("memory")),
    ...optional("kernel", reader.words("kernel")[0]),
    ...optional("imageHash", reader.words("image")[1]),
    ...optional("recorded", reader.choice("recorded", ["real-time", "virtual-time"])),
  };
}

class HeaderReader {
  readonly #lines: readonly Line[];
  readonly #where: string;

  constructor(lines: readonly Line[], where: string) {
    this.#lines = lines;
    this.#where = where;
    const firstStep = lines.findIndex(({ kind }) => kind === "step");
    const late = lines.find(({ kind }, index) => index > firstStep && firstStep >= 0 && (kind === "header" || kind === "file"));
    if (late) throw this.#error(late, "headers and files before the first step", late.kind === "header" ? late.key : "file");
    const seen = new Set<string>();
    for (const line of lines) {
      if (line.kind !== "header") continue;
      if (seen.has(line.key) && line.key !== "mount") throw this.#error(line, `one line "${line.key}"`, "a second one");
      if (line.words.length === 0) throw this.#error(line, `a value after ${line.key}`, "");
      seen.add(line.key);
    }
  }

  words(key: string): readonly string[] {
    return this.#line(key)?.words ?? [];
  }

  choice<const T extends string>(key: string, choices: readonly T[]): T | undefined {
    const [word] = this.words(key);
    if (word === undefined) return undefined;
    const found = choices.find((choice) => choice === word);
    if (found === undefined) throw this.#error(this.#line(key)!, choices.join(" or "), word);
    return found;
  }

  quirk(name: string): number {
    const bit = QUIRKS.get(name);
    if (bit === undefined) throw this.#error(this.#line("quirks")!, `quirks among ${[...QUIRKS.keys()].join(", ")}`, name);
    return bit;
  }

  number(key: string): bigint | undefined {
    const [word] = this.words(key);
    if (word === undefined) return undefined;
    if (!/^(0x[0-9a-f]{1,16}|\d{1,20})$/.test(word)) throw this.#error(this.#line(key)!, "a number", word);
    return BigInt(word);
  }

  size(key: string): number | undefined {
    const [word] = this.words(key);
    if (word === undefined) return undefined;
    const [, count, unit] = /^(\d{1,9})([KMG])$/.exec(word) ?? [];
    if (count === undefined || unit === undefined) throw this.#error(this.#line(key)!, "a size such as 256M", word);
    return Number(count) * UNITS[unit]!;
  }

  mounts(): ImageMount[] {
    return this.#lines.flatMap((line) => {
      if (line.kind !== "header" || line.key !== "mount") return [];
      const [path = "", names = ""] = line.words;
      const flags = names.split(",").map((name) => MOUNT_FLAGS[name] ?? 0);
      if (flags.includes(0)) throw this.#error(line, `a path and some of ${Object.keys(MOUNT_FLAGS).join(",")}`, line.words.join(" "));
      return [{ path, flags: flags.reduce((bits, flag) => bits | flag) }];
    });
  }

  terminals(): Header["terminals"] {
    const streams = this.words("terminal");
    const unknown = streams.find((stream) => !["stdin", "stdout", "stderr"].includes(stream));
    if (unknown !== undefined) throw this.#error(this.#line("terminal")!, "some of stdin, stdout, stderr", unknown);
    return { stdin: streams.includes("stdin"), stdout: streams.includes("stdout"), stderr: streams.includes("stderr") };
  }

  files(): ImageEntry[] {
    return this.#lines.flatMap((line) => {
      if (line.kind !== "file") return [];
      const path = new TextDecoder().decode(stringBytes(line.path));
      const data = stringBytes(line.data);
      return [file(path, line.encoding === "text" ? data : this.#base64(line, data), Number(numberOf(line.mode)))];
    });
  }

  #base64(line: Line, data: Uint8Array): Uint8Array {
    const text = new TextDecoder("latin1").decode(data);
    if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text) || text.length % 4 !== 0) throw this.#error(line, "base64", text.slice(0, 20));
    return Uint8Array.from(atob(text), (character: string) => character.charCodeAt(0));
  }

  #line(key: string): HeaderLine | undefined {
    return this.#lines.find((line): line is HeaderLine => line.kind === "header" && line.key === key);
  }

  #error(line: Line, expected: string, found: string): BadInputError {
    return errorAt(this.#where, line, expected, found);
  }
}

function optional<Key extends string, T>(key: Key, value: T | undefined): { [K in Key]?: T } {
  return value === undefined ? {} : ({ [key]: value } as { [K in Key]?: T });
}
