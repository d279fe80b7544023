// SPDX-License-Identifier: MIT
// close_range(2).

import { expect, it } from "vitest";
import { EBADF, EINVAL } from "../../kernel/abi/errno.ts";
import { CLOSE_RANGE_CLOEXEC, CLOSE_RANGE_UNSHARE, F_GETFD, FD_CLOEXEC } from "../../kernel/abi/fcntl.ts";
import { CLONE_FILES } from "../../kernel/abi/sched.ts";
import { SIGCHLD } from "../../kernel/abi/signal.ts";
import { SYS_CLONE, SYS_CLOSE_RANGE, SYS_DUP3, SYS_FCNTL } from "../../kernel/abi/syscalls.ts";
import type { TestActor } from "../support/actor.ts";
import { boot } from "../support/boot.ts";

const PLACES = [3, 5, 63, 64, 200] as const;

function actorWithDescriptors(): TestActor {
  const actor = boot().actor();
  for (const fd of PLACES) actor.must(SYS_DUP3, 1, fd, 0);
  return actor;
}

/** The descriptors of PLACES that are open, those with close-on-exec as text. */
function survivors(actor: TestActor): (number | string)[] {
  return PLACES.map((fd) => ({ fd, flag: actor.call(SYS_FCNTL, fd, F_GETFD) }))
    .filter(({ flag }) => flag !== -EBADF)
    .map(({ fd, flag }) => (flag === FD_CLOEXEC ? `${fd} cloexec` : fd));
}

it.each([
  { call: "closes inside the range only", args: [5, 64, 0], left: [3, 200] },
  { call: "to the highest number", args: [5, 0xffffffff, 0], left: [3] },
  { call: "of nothing open is no error", args: [300, 400, 0], left: [...PLACES] },
  { call: "beyond any table is no error", args: [0xfffffff0, 0xffffffff, 0], left: [...PLACES] },
  { call: "of one descriptor", args: [63, 63, 0], left: [3, 5, 64, 200] },
  { call: "with CLOEXEC only marks", args: [5, 64, CLOSE_RANGE_CLOEXEC], left: [3, "5 cloexec", "63 cloexec", "64 cloexec", 200] },
])("$call", ({ args, left }) => {
  const actor = actorWithDescriptors();
  expect(actor.call(SYS_CLOSE_RANGE, ...args)).toBe(0);
  expect(survivors(actor)).toEqual(left);
});

it.each([
  { call: "a first above the last", args: [5, 4, 0] },
  { call: "an unknown flag", args: [3, 5, 8] },
  { call: "flag 1", args: [3, 5, 1] },
])("$call is EINVAL and closes nothing", ({ args }) => {
  const actor = actorWithDescriptors();
  expect(actor.call(SYS_CLOSE_RANGE, ...args)).toBe(-EINVAL);
  expect(survivors(actor)).toEqual([...PLACES]);
});

it("UNSHARE leaves the table of a process that shares it alone", () => {
  const actor = actorWithDescriptors();
  const child = actor.machine.adopt(actor.must(SYS_CLONE, CLONE_FILES | SIGCHLD, 0, 0, 0, 0), actor);
  expect(child.call(SYS_CLOSE_RANGE, 3, 5, 0)).toBe(0);
  expect(survivors(actor)).toEqual([63, 64, 200]); // shared so far
  expect(child.call(SYS_CLOSE_RANGE, 63, 64, CLOSE_RANGE_UNSHARE)).toBe(0);
  expect(survivors(child)).toEqual([200]);
  expect(survivors(actor)).toEqual([63, 64, 200]);
});
