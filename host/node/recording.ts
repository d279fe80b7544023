// SPDX-License-Identifier: MIT
// spawnlab run --record: a run as a reproduction, written while it runs, so that it is there whatever happens.

import { closeSync, openSync, writeSync } from "node:fs";
import { BadInputError } from "../core/errors.ts";
import { MOUNT_FLAGS, type ImageEntry, type ImageMount } from "../core/image.ts";
import type { BootOptions } from "../core/machine.ts";
import { Recorder } from "../core/repro/record.ts";
import { quote } from "../core/repro/tokens.ts";
import { imageHash } from "./image/image.ts";
import { kernelBytes, kernelHash } from "./package-files.ts";

export interface Recorded {
  /** "sample" or a path. */
  readonly image: string;
  readonly entries: readonly ImageEntry[];
  readonly mounts: readonly ImageMount[];
  /** A file that is not in the image. */
  readonly hostFile: { readonly path: string; readonly data: Uint8Array } | undefined;
  readonly boot: Pick<BootOptions, "profile" | "seed" | "memoryBytes" | "isHeapChecked" | "isRealTime" | "terminals">;
}

export interface Recording {
  readonly recorder: Recorder;
  end(): void;
}

/** @throws BadInputError for a file that cannot be written, or a name that a header line cannot hold */
export function openRecording(path: string, recorded: Recorded): Recording {
  const header = headerOf(recorded);
  const fd = openFile(path);
  const recorder = new Recorder(header, (line) => writeSync(fd, `${line}\n`));
  return {
    recorder,
    end() {
      recorder.end();
      closeSync(fd);
    },
  };
}

function headerOf({ image, entries, mounts, hostFile, boot }: Recorded): string[] {
  const streams = Object.entries(boot.terminals ?? {}).flatMap(([name, isTerminal]) => (isTerminal ? [name] : []));
  return [
    `kernel ${kernelHash(kernelBytes())}`,
    `image ${word("--root", image)} ${imageHash(entries)}`,
    ...mounts.map(({ path, flags }) => `mount ${word("--mount", path)} ${flagNames(flags)}`),
    ...(boot.profile === undefined || boot.profile === "documented" ? [] : [`profile ${boot.profile}`]),
    ...(boot.seed === undefined ? [] : [`seed ${boot.seed}`]),
    ...(boot.memoryBytes === undefined ? [] : [`memory ${boot.memoryBytes / 1024}K`]),
    `heap ${boot.isHeapChecked ? "checked" : "plain"}`,
    ...(streams.length === 0 ? [] : [`terminal ${streams.join(" ")}`]),
    `recorded ${boot.isRealTime ? "real-time" : "virtual-time"}`,
    ...(hostFile === undefined ? [] : [`file ${quote(Buffer.from(hostFile.path))} 0755 base64 "${Buffer.from(hostFile.data).toString("base64")}"`]),
  ];
}

function flagNames(flags: number): string {
  return Object.entries(MOUNT_FLAGS).flatMap(([name, flag]) => ((flags & flag) !== 0 ? [name] : [])).join(",");
}

function word(option: string, text: string): string {
  if (/\s/.test(text)) throw new BadInputError(`${option} with --record: expected a path without spaces, found ${JSON.stringify(text)}`);
  return text;
}

function openFile(path: string): number {
  try {
    return openSync(path, "w");
  } catch (error) {
    throw new BadInputError(`--record ${path}: cannot be written (${(error as NodeJS.ErrnoException).code ?? error})`);
  }
}
