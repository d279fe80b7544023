// SPDX-License-Identifier: MIT
// Replays: each reproduction in fixtures/reproductions gives what it says, twice the same, and leaves nothing behind; what a step can be is
// shown here step by step.

import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { exitCode, elf, codeSegment } from "../support/elf-builder.ts";
import { kernel, ROOT } from "../support/kernel.ts";
import { BadInputError } from "../../host/core/errors.ts";
import type { ImageEntry } from "../../host/core/image.ts";
import { profileQuirks, quirkNames } from "../../host/core/profiles.ts";
import { readHeader } from "../../host/core/repro/header.ts";
import { parse, VERSION_LINE } from "../../host/core/repro/parse.ts";
import { Replay } from "../../host/core/repro/replay.ts";
import { guestEntries, sampleImage } from "../../host/node/image/image.ts";

const FOLDER = `${ROOT}fixtures/reproductions`;
const files = readdirSync(FOLDER).filter((name) => name.endsWith(".repro"));
const image = (name: string): ImageEntry[] => (name === "sample" ? [...guestEntries(sampleImage())] : []);

describe.each(files)("%s", (name) => {
  const reproduction = read(name);

  it("gives what it says, the same in every replay, and leaves nothing behind", () => {
    const replay = new Replay(kernel(), reproduction, { where: name, image });
    const first = results(replay);
    expect(first.map(({ step, actual }) => `${step.line}: ${actual}`)).toEqual(first.map(({ step }) => `${step.line}: ${step.expectation}`));
    expect(results(new Replay(kernel(), reproduction, { where: name, image })).map(({ actual }) => actual)).toEqual(first.map(({ actual }) => actual));
    if (first.at(-1)?.step.statement.kind === "leaks") return; // it says itself what is left
    replay.machine.powerOff();
    expect(replay.machine.leakReport()).toBe("");
  });

  it("opens with a comment that says what it shows", () => {
    const [text] = reproduction.lines.filter(({ kind }) => !["header", "file", "blank"].includes(kind));
    expect(text?.kind).toBe("comment");
  });
});

describe("of the quirks", () => {
  const quirks = files.filter((name) => name.startsWith("quirk-"));

  it("each has a reproduction, which has no other", () => {
    const shown = quirks.map((name) => [name, quirkNames(readHeader(read(name), name).quirks)]);
    expect(shown).toEqual(quirkNames(profileQuirks("patch-06")).sort().map((name) => [`quirk-${name}.repro`, [name]]));
  });

  it.each(quirks)("%s gives something else in the profile documented, which its comment tells", (name) => {
    const reproduction = read(name);
    const documented = results(new Replay(kernel(), reproduction, { where: name, image, boot: { quirks: 0 } }));
    expect(documented.filter(({ holds }) => !holds)).not.toEqual([]);
    expect(reproduction.lines.map((line) => (line.kind === "comment" ? line.text : "")).join("")).toContain("documented: ");
  });
});

function read(name: string) {
  return parse(readFileSync(`${FOLDER}/${name}`, "utf8"), name);
}

function results(replay: Replay) {
  const all = [];
  for (let result = replay.step(); result !== undefined; result = replay.step()) all.push(result);
  return all;
}

/** What each line gives. */
function given(...lines: string[]): string[] {
  const replay = new Replay(kernel(), parse([VERSION_LINE, ...lines, ""].join("\n"), "x"), { where: "x", image });
  return results(replay).map(({ actual }) => actual);
}

describe("a step", () => {
  const rows: { does: string; lines: string[]; gives: string[] }[] = [
    { does: "gives the call's number", lines: ["a: dup(99)", "a: getpid()"], gives: ["EBADF", "1"] },
    { does: "names results", lines: ["a: pipe2(&[r, w], 0)", 'a: write(w, "hi\\n")', "a: read(r, &text, 8)"], gives: ["0 r=3 w=4", "3", '3 text="hi\\n"'] },
    { does: "leaves names away", lines: ["a: pipe2(&[r, w], 0)", 'a: write(w, "x", 1)', "a: read(r, &_, 8)"], gives: ["0 r=3 w=4", "1", '1 "x"'] },
    { does: "says that a call sleeps, and its end is a step", lines: ["a: pipe2(&[r, w], 0)", "a: b = fork()", "b: read(r, &_, 8)", 'a: write(w, "x")', "b: returns"], gives: ["0 r=3 w=4", "2", "blocked", "1", '1 "x"'] },
    { does: "lets time stand still until it advances", lines: ["a: nanosleep(10ms)", "advance 9ms", "a: returns", "advance 1ms", "a: returns"], gives: ["blocked", "sleeps", "blocked", "waits", "0"] },
    { does: "shows which handlers would have run", lines: ["a: rt_sigaction(SIGUSR1, {handler: 0x20000})", "a: kill(1, SIGUSR1)", "a: signals()"], gives: ["0", "0", "[SIGUSR1]"] },
    { does: "takes wild pointers and raw memory", lines: ["a: getcwd(0xdead0000, 4)", "a: pipe2(8)", "a: pipe2(at_end(u32(0)))", "a: openat2(AT_FDCWD, \"/\", bytes(u64(0), u64(0), u64(0), u64(1)), 32)"], gives: ["EFAULT", "EFAULT", "EFAULT", "E2BIG"] },
    { does: "shows wait statuses", lines: ["a: b = fork()", "b: exit_group(3)", "a: wait4(-1, &status)"], gives: ["2", "gone", "2 status=exited 3"] },
    { does: "runs programs of inline files", lines: [`file "/p" 0755 base64 "${elf({ segments: [codeSegment(exitCode(7))] }).toString("base64")}"`, 'run "/p" ["p"]', "output"], gives: ["exited 7", '""'] },
    { does: "passes descriptors", lines: ["a: socketpair(AF_UNIX, SOCK_STREAM, 0, &[s, t])", 'a: sendmsg(s, {data: "x", fds: [s]})', "a: recvmsg(t, {data: &text, fds: &[copy]})"], gives: ["0 s=3 t=4", "1", '1 text="x" copy=5'] },
    { does: "answers what the last of repeated calls gives", lines: ["a: 3 times dup(0)"], gives: ["5"] },
    { does: "shows what a call has stored before it failed", lines: ["a: b = fork()", "b: rt_sigaction(SIGUSR1, {handler: 0x20000})", "b: nanosleep(5ms, &left)", "advance 2ms", "a: kill(b, SIGUSR1)", "b: returns"], gives: ["2", "0", "blocked", "sleeps", "0", "EINTR left=0.002999900s"] },
    { does: "is not made without what an earlier one has failed to give", lines: ["a: f = dup(99)", "a: close(f)", "f: getpid()"], gives: ["EBADF", "not made: f has no value", "not made: f has no value"] },
    { does: "is not made by an actor that is in another", lines: ["a: nanosleep(1s)", "a: getpid()", "advance 1s", "a: returns", "a: returns"], gives: ["blocked", "not made: a is in a call", "waits", "0", "not made: a is in no call"] },
    { does: "says that there is nothing to wait for", lines: ["a: b = fork()", "a: wait4(b, &_, WNOHANG)"], gives: ["2", "0 nothing"] },
    { does: "ends everything and finds nothing left", lines: ["a: fork()", "a: pipe2(&[r, w], 0)", "leaks"], gives: ["2", "0 r=3 w=4", "nothing"] },
    { does: "reads directories", lines: ['file "/d/x" 0644 text ""', 'a: d = openat(AT_FDCWD, "/d", O_DIRECTORY)', "a: getdents64(d, &_, 4096)"], gives: ["3", '72 [".", "..", "x"]'] },
  ];
  it.each(rows)("$does", ({ lines, gives }) => expect(given(...lines)).toEqual(gives));

  const wrong = [
    { lines: ["a: no_such(3)"], says: "x:2:4: expected a system call, fork or signals, found no_such" },
    { lines: ["a: close(fd)"], says: "x:2:10: expected the name of an earlier result or a constant of Linux, found fd" },
    { lines: ["a: close({a: 1})"], says: "x:2:10: expected a number: the structure of this argument is not known (give it with bytes(...)), found {a: 1}" },
    { lines: ["a: getpid(1, 2, 3, 4, 5, 6, 7)"], says: "x:2:29: expected at most 6 arguments, found 7" },
    { lines: ["a: pause()", "a: nanosleep(1s)", "a: getpid()"], says: 'x:2:4: expected a system call, fork or signals, found pause' },
    { lines: ["leaks", "a: getpid()"], says: "x:3:1: expected no step after leaks, which ends every process, found a: getpid()" },
    { lines: ["a: spawn_template_create({file: 1})"], says: /^x:2:27: expected each of the fields flags, .*tail at most once, found file: 1$/ },
    { lines: ["a: spawn_template_spawn(3, {actions: [jump(1)]})"], says: /^x:2:39: expected an action: close, .*, found jump\(1\)$/ },
    { lines: ["a: spawn_template_create({execfd: 0x100000000})"], says: "x:2:35: expected a number of 32 bits, found 0x100000000" },
  ];
  it.each(wrong)("$lines says what is wrong", ({ lines, says }) => {
    expect(() => given(...lines)).toThrow(typeof says === "string" ? new BadInputError(says) : says);
  });
});
