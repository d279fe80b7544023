// SPDX-License-Identifier: MIT
// Values of command-line options. Each parser throws BadInputError that says what was expected and what was found.

import { BadInputError } from "../core/errors.ts";
import type { ImageMount } from "../core/image.ts";
import { mountFlags } from "./image/manifest.ts";

const UNITS: Record<string, number> = { "": 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30 };
const MIN_MEMORY = 2 ** 20;
const MAX_MEMORY = 2 * 2 ** 30; // MAX_FRAMES of kernel/memory/frames.ts

/** `256M`, `1G`, or bytes. */
export function parseMemory(text: string): number {
  const [, digits, unit] = /^(\d+)([kmg]?)i?b?$/i.exec(text) ?? [];
  const bytes = Number(digits) * (UNITS[unit?.toLowerCase() ?? ""] ?? NaN);
  if (!(bytes >= MIN_MEMORY && bytes <= MAX_MEMORY)) {
    throw new BadInputError(`--memory: expected a size from 1M to ${MAX_MEMORY / 2 ** 20}M, found "${text}"`);
  }
  return bytes;
}

/** A seed: 0 to 2^64 - 1, decimal or 0x. */
export function parseSeed(text: string): bigint {
  const seed = /^(\d+|0x[0-9a-f]+)$/i.test(text) ? BigInt(text) : -1n;
  if (seed < 0n || seed >= 1n << 64n) throw new BadInputError(`--seed: expected a number from 0 to 2^64-1, found "${text}"`);
  return seed;
}

export function parseInstructions(text: string): bigint {
  if (!/^[1-9]\d{0,17}$/.test(text)) throw new BadInputError(`--max-instructions: expected a positive number, found "${text}"`);
  return BigInt(text);
}

/** `NAME=VALUE`; repeated options add up, and of two for one name the last counts. */
export function parseEnv(text: string, before: readonly string[] = []): string[] {
  if (!/^[^=]+=/.test(text)) throw new BadInputError(`--env: expected NAME=VALUE, found "${text}"`);
  const name = text.slice(0, text.indexOf("=") + 1);
  return [...before.filter((entry) => !entry.startsWith(name)), text];
}

/** `PATH:ro,noexec`; repeated options add up. */
export function parseMount(text: string, before: readonly ImageMount[] = []): ImageMount[] {
  const wrong = (expected: string) => new BadInputError(`--mount: expected ${expected}`);
  const colon = text.lastIndexOf(":");
  if (!text.startsWith("/") || colon < 1) throw wrong(`/PATH:FLAG[,FLAG...], found "${text}"`);
  return [...before, { path: text.slice(0, colon), flags: mountFlags(text.slice(colon + 1).split(","), wrong) }];
}

export interface User {
  readonly uid: number;
  readonly gid: number;
}

/** `UID` or `UID:GID`; the group is the user's number where it is not given. */
export function parseUser(text: string): User {
  const [, uid, gid] = /^(\d{1,9})(?::(\d{1,9}))?$/.exec(text) ?? [];
  if (uid === undefined) throw new BadInputError(`--user: expected UID or UID:GID in numbers, found "${text}"`);
  return { uid: Number(uid), gid: Number(gid ?? uid) };
}

export function parseStep(text: string): number {
  if (!/^\d{1,6}$/.test(text)) throw new BadInputError(`expected the number of a step, found "${text}"`);
  return Number(text);
}
