// SPDX-License-Identifier: MIT
// A reproduction as a tree: what parse() makes of the text and print() turns back into it. docs/reproductions.md has the grammar.

/** Where something stands in the text, both from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

export type Value = Position &
  (
    | { readonly kind: "number"; readonly text: string }
    | { readonly kind: "duration"; readonly text: string }
    | { readonly kind: "string"; readonly text: string }
    /** `null`, a constant of the ABI (upper case), or the name of a result. */
    | { readonly kind: "name"; readonly name: string }
    /** Memory for a result of the call, and the names that its parts get. */
    | { readonly kind: "output"; readonly names: readonly string[]; readonly isList: boolean }
    | { readonly kind: "or"; readonly terms: readonly Value[] }
    | { readonly kind: "list"; readonly items: readonly Value[] }
    | { readonly kind: "struct"; readonly fields: readonly Field[] }
    | Call
  );

export interface Field extends Position {
  readonly name: string;
  readonly value: Value;
}

export interface Call extends Position {
  readonly kind: "call";
  readonly name: string;
  readonly args: readonly Value[];
}

export type Statement =
  | { readonly kind: "call"; readonly actor: string; readonly times?: string; readonly result?: string; readonly call: Call }
  | { readonly kind: "returns"; readonly actor: string }
  | { readonly kind: "run"; readonly program: Value; readonly argv: Value; readonly options?: Value }
  /** undefined is the end of input */
  | { readonly kind: "input"; readonly text: string | undefined }
  | { readonly kind: "signal"; readonly signal: string }
  | { readonly kind: "resize"; readonly rows: string; readonly columns: string }
  | { readonly kind: "hangup" }
  /** Up to this much work (Machine.work); without it until nothing moves. */
  | { readonly kind: "tick"; readonly work?: string }
  | { readonly kind: "output" }
  | { readonly kind: "instructions" }
  | { readonly kind: "leaks" }
  | { readonly kind: "advance"; readonly duration: string };

export type Line = Position &
  (
    | { readonly kind: "blank" }
    | { readonly kind: "comment"; readonly text: string }
    | { readonly kind: "header"; readonly key: string; readonly words: readonly string[] }
    | { readonly kind: "file"; readonly path: string; readonly mode: string; readonly encoding: "text" | "base64"; readonly data: string }
    | { readonly kind: "step"; readonly statement: Statement; readonly expectation?: string }
  );

export interface Reproduction {
  readonly lines: readonly Line[];
}
