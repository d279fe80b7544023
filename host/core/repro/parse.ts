// SPDX-License-Identifier: MIT
// From the text of a reproduction to its tree (syntax.ts has the grammar). Says nothing about what calls and names mean: that is
// check.ts. Every error names line and column, what was expected and what was found.

import { BadInputError } from "../errors.ts";
import type { Call, Field, Line, Position, Reproduction, Statement, Value } from "./syntax.ts";
import { errorAt, tokenize, type Token, type TokenKind } from "./tokens.ts";

export const VERSION_LINE = "spawnlab-repro 1";
export const HEADERS = ["profile", "quirks", "kernel", "image", "seed", "memory", "heap", "mount", "terminal", "recorded"] as const;
const FIRST_WORDS = "an actor and a colon, run, input, signal, resize, hangup, advance, tick, output, instructions or leaks";
/** Values may be nested, but no deeper than a person would. */
const MAX_DEPTH = 32;

/** @throws BadInputError: `where` is what it calls the file */
export function parse(text: string, where: string): Reproduction {
  const [first, ...rest] = text.replace(/\n$/, "").split("\n");
  if (first?.trimEnd() !== VERSION_LINE) {
    throw new BadInputError(`${where}:1:1: expected "${VERSION_LINE}", found ${JSON.stringify((first ?? "").slice(0, 40))}`);
  }
  return { lines: rest.map((line, index) => new LineParser(line, index + 2, where).line()) };
}

class LineParser {
  readonly #text: string;
  readonly #where: string;
  readonly #position: Position;
  #tokens: Token[] = [];
  #next = 0;
  #depth = 0;

  constructor(text: string, line: number, where: string) {
    this.#text = text;
    this.#where = where;
    this.#position = { line, column: 1 };
  }

  line(): Line {
    const text = this.#text.trim();
    if (text === "") return { ...this.#position, kind: "blank" };
    if (text.startsWith("#")) return { ...this.#position, kind: "comment", text: text.slice(1) };
    const header = HEADERS.find((key) => text.startsWith(`${key} `));
    if (header) return { ...this.#position, kind: "header", key: header, words: text.split(/\s+/).slice(1) };

    this.#tokens = tokenize(this.#text, this.#position.line, this.#where);
    if (this.#peek().text === "file") return this.#file();
    const statement = this.#statement();
    const expectation = this.#peek().kind === "comment" ? this.#take("comment", "").text : undefined;
    this.#take("end", "the end of the line, or # and what the call gives");
    return { ...this.#position, kind: "step", statement, ...(expectation === undefined ? {} : { expectation }) };
  }

  #file(): Line {
    this.#take("word", "file");
    const path = this.#take("string", "the file's path as a string").text;
    const mode = this.#take("number", "the file's mode, such as 0644").text;
    const encoding = this.#take("word", '"text" or "base64"');
    if (encoding.text !== "text" && encoding.text !== "base64") throw this.#error('"text" or "base64"', encoding);
    const data = this.#take("string", "the file's content as a string").text;
    this.#take("end", "the end of the line");
    return { ...this.#position, kind: "file", path, mode, encoding: encoding.text, data };
  }

  #statement(): Statement {
    const first = this.#take("word", FIRST_WORDS);
    if (this.#skip(":")) return this.#actorStatement(first.text);
    switch (first.text) {
      case "run":
        return { kind: "run", program: this.#value(), argv: this.#value(), ...(this.#peek().text === "{" ? { options: this.#value() } : {}) };
      case "input": {
        const token = this.#peek();
        if (token.text === "eof") return (this.#next++, { kind: "input", text: undefined });
        return { kind: "input", text: this.#take("string", "a string or eof").text };
      }
      case "signal":
        return { kind: "signal", signal: this.#take("word", "a signal such as SIGINT").text };
      case "resize":
        return { kind: "resize", rows: this.#count("the number of rows"), columns: this.#count("the number of columns") };
      case "tick":
        return this.#peek().kind === "number" ? { kind: "tick", work: this.#count("how far") } : { kind: "tick" };
      case "hangup":
      case "output":
      case "instructions":
      case "leaks":
        return { kind: first.text };
      case "advance":
        return { kind: "advance", duration: this.#take("duration", "a duration such as 10ms or 1s").text };
      default:
        throw this.#error(FIRST_WORDS, first);
    }
  }

  #count(expected: string): string {
    const token = this.#take("number", expected);
    if (!/^\d{1,18}$/.test(token.text)) throw this.#error(expected, token);
    return token.text;
  }

  #actorStatement(actor: string): Statement {
    if (this.#peek().kind === "number") return this.#repeated(actor);
    const name = this.#take("word", "a call, returns, or a name for the result");
    if (name.text === "returns" && this.#peek().text !== "(") return { kind: "returns", actor };
    if (!this.#skip("=")) return { kind: "call", actor, call: this.#call(name) };
    const callee = this.#take("word", "a call");
    return { kind: "call", actor, result: name.text, call: this.#call(callee) };
  }

  #repeated(actor: string): Statement {
    const count = this.#take("number", "a number");
    if (!/^[1-9]\d{0,5}$/.test(count.text)) throw this.#error("a number from 1 to 999999", count);
    const times = this.#take("word", `times after ${count.text}`);
    if (times.text !== "times") throw this.#error(`times after ${count.text}`, times);
    return { kind: "call", actor, times: count.text, call: this.#call(this.#take("word", "a call")) };
  }

  #call(name: Token): Call {
    this.#mark("(", `( after ${name.text}`);
    return { line: name.line, column: name.column, kind: "call", name: name.text, args: this.#list(")", () => this.#value()) };
  }

  #value(): Value {
    if (this.#depth++ > MAX_DEPTH) throw this.#error(`values nested at most ${MAX_DEPTH} deep`, this.#peek());
    const first = this.#term();
    const terms = [first];
    while (this.#skip("|")) terms.push(this.#term());
    this.#depth--;
    return terms.length === 1 ? first : { line: first.line, column: first.column, kind: "or", terms };
  }

  #term(): Value {
    const token = this.#tokens[this.#next++]!;
    const at = { line: token.line, column: token.column };
    if (token.kind === "number" || token.kind === "duration" || token.kind === "string") return { ...at, kind: token.kind, text: token.text };
    if (token.kind === "word") return this.#peek().text === "(" && this.#peek().kind === "mark" ? this.#call(token) : { ...at, kind: "name", name: token.text };
    if (token.kind === "mark" && token.text === "&") return this.#output(at);
    if (token.kind === "mark" && token.text === "[") return { ...at, kind: "list", items: this.#list("]", () => this.#value()) };
    if (token.kind === "mark" && token.text === "{") return { ...at, kind: "struct", fields: this.#list("}", () => this.#field()) };
    throw this.#error("a value", token);
  }

  #output(at: Position): Value {
    const isList = this.#skip("[");
    const name = (): string => this.#take("word", "a name for what the call stores").text;
    return { ...at, kind: "output", names: isList ? this.#list("]", name) : [name()], isList };
  }

  #field(): Field {
    const name = this.#take("word", "a field and a colon");
    this.#mark(":", `: after ${name.text}`);
    return { line: name.line, column: name.column, name: name.text, value: this.#value() };
  }

  /** Items with commas between them, up to and with `close`. */
  #list<T>(close: string, item: () => T): T[] {
    const items: T[] = [];
    if (this.#skip(close)) return items;
    do items.push(item());
    while (this.#skip(","));
    this.#mark(close, `, or ${close}`);
    return items;
  }

  #peek(): Token {
    return this.#tokens[this.#next]!;
  }

  #take(kind: TokenKind, expected: string): Token {
    const token = this.#peek();
    if (token.kind !== kind) throw this.#error(expected, token);
    if (kind !== "end") this.#next++;
    return token;
  }

  #mark(text: string, expected: string): void {
    if (!this.#skip(text)) throw this.#error(expected, this.#peek());
  }

  #skip(mark: string): boolean {
    const token = this.#peek();
    const isThere = token.kind === "mark" && token.text === mark;
    if (isThere) this.#next++;
    return isThere;
  }

  #error(expected: string, found: Token): BadInputError {
    return errorAt(this.#where, found, expected, found.kind === "comment" ? `#${found.text}` : found.text);
  }
}
