// SPDX-License-Identifier: MIT
// The words of one line of a reproduction, and the errors that say where a line is not what it must be.

import { BadInputError } from "../errors.ts";
import type { Position } from "./syntax.ts";

export type TokenKind = "duration" | "number" | "word" | "string" | "comment" | "mark" | "end";

export interface Token extends Position {
  readonly kind: TokenKind;
  /** As written; of a comment what follows the #. */
  readonly text: string;
}

const PATTERNS: readonly [TokenKind, RegExp][] = [
  ["duration", /\d+(?:ns|us|ms|s)\b/y],
  ["number", /-?(?:0x[0-9a-fA-F]+|\d+)\b/y],
  ["word", /[A-Za-z_]\w*/y],
  ["string", /"(?:[^"\\]|\\(?:[nrt0"\\]|x[0-9a-fA-F]{2}))*"/y],
  ["comment", /#.*/y],
  ["mark", /[:=()[\]{},|&]/y],
];
const SPACE = /[ \t]*/y;

/** The tokens of a line, the last of kind "end". @throws BadInputError at a character that begins none of them */
export function tokenize(text: string, line: number, where: string): Token[] {
  const tokens: Token[] = [];
  for (let at = space(text, 0); at < text.length; ) {
    const token = tokenAt(text, at, line);
    if (token === undefined) {
      const expected = text[at] === '"' ? 'a string that ends in " and whose escapes are \\n \\r \\t \\0 \\" \\\\ \\xHH' : "a word, a number or a string";
      throw errorAt(where, { line, column: at + 1 }, expected, text.slice(at, at + 20));
    }
    tokens.push(token.kind === "comment" ? { ...token, text: token.text.slice(1).trim() } : token);
    at = space(text, at + token.text.length);
  }
  return [...tokens, { line, column: text.length + 1, kind: "end", text: "" }];
}

/** `file.repro:3:7: expected A, found B` */
export function errorAt(where: string, { line, column }: Position, expected: string, found: string): BadInputError {
  return new BadInputError(`${where}:${line}:${column}: expected ${expected}, found ${found === "" ? "the end of the line" : found}`);
}

const ESCAPES: Record<string, number> = { n: 0x0a, r: 0x0d, t: 0x09, "0": 0, '"': 0x22, "\\": 0x5c };

/** The bytes that a string token stands for: its characters in UTF-8, its escapes resolved. */
export function stringBytes(text: string): Uint8Array {
  const bytes: number[] = [];
  for (const [part] of text.slice(1, -1).matchAll(/\\x..|\\.|[^\\]+/g)) {
    if (part.startsWith("\\x")) bytes.push(parseInt(part.slice(2), 16));
    else if (part.startsWith("\\")) bytes.push(ESCAPES[part[1]!]!);
    else bytes.push(...new TextEncoder().encode(part));
  }
  return Uint8Array.from(bytes);
}

const LETTERS = Object.fromEntries(Object.entries(ESCAPES).map(([letter, byte]) => [byte, `\\${letter}`]));

/** A string token for bytes: printable ASCII as it is, everything else escaped. */
export function quote(bytes: Uint8Array): string {
  const parts = Array.from(bytes, (byte) => {
    const isPlain = byte >= 0x20 && byte < 0x7f;
    return LETTERS[byte] ?? (isPlain ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, "0")}`);
  });
  return `"${parts.join("")}"`;
}

function tokenAt(text: string, at: number, line: number): Token | undefined {
  for (const [kind, pattern] of PATTERNS) {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found) return { line, column: at + 1, kind, text: found[0] };
  }
  return undefined;
}

/** The end of the white space at `at`. */
function space(text: string, at: number): number {
  SPACE.lastIndex = at;
  SPACE.exec(text);
  return SPACE.lastIndex;
}
