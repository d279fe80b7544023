// SPDX-License-Identifier: MIT
// spawn_template_spawn: what the call itself refuses, in which order, before there is a child; and that a refusal leaves
// nothing behind. What an action list entry may look like is in action-arguments.test.ts.

import { describe, expect, it } from "vitest";
import { file } from "../../host/core/image.ts";
import {
  E2BIG, EACCES, EAGAIN, EBADF, ECHILD, EFAULT, EINVAL, EMFILE, ENFILE, ESTALE,
} from "../../kernel/abi/errno.ts";
import { AT_FDCWD, F_GETFD, FD_CLOEXEC, O_PATH, O_RDONLY } from "../../kernel/abi/fcntl.ts";
import { POLLIN } from "../../kernel/abi/poll.ts";
import { RLIMIT_NOFILE, RLIMIT_NPROC } from "../../kernel/abi/resource.ts";
import { SPAWN_TEMPLATE_SPAWN_INHERIT_FDS, SYS_SPAWN_TEMPLATE_SPAWN } from "../../kernel/abi/spawn-template.ts";
import {
  SYS_EVENTFD2, SYS_FCHMODAT, SYS_FCNTL, SYS_OPENAT, SYS_PPOLL, SYS_PRLIMIT64, SYS_SETRESUID, SYS_SETUID, SYS_WAIT4,
} from "../../kernel/abi/syscalls.ts";
import { expectResult, type Argument, type TestActor } from "../support/actor.ts";
import { boot } from "../support/boot.ts";
import { exits } from "../support/elf-builder.ts";
import { inProfile, PROFILES, seed, type PerProfile } from "../support/profiles.ts";
import { exited, spawn, startSpawn, template, waitFor } from "../support/spawn-calls.ts";
import { action, pack, pollfds, spawnArgs, type SpawnFields } from "../support/structs.ts";

const entries = [file("/bin/tool", exits(7), 0o755), file("/bin/other", exits(8), 0o755)];
const UNMAPPED = 0x4000_0000;
const CHILD = "a pid";

interface Row {
  readonly rule: string;
  readonly size?: number | bigint;
  /** The template's descriptor; by default one of /bin/tool that this actor has made. */
  readonly fd?: (actor: TestActor) => number;
  readonly args?: (actor: TestActor) => SpawnFields | { at: Argument };
  /** After the template was made and the arguments are ready. */
  readonly before?: (actor: TestActor) => void;
  readonly want: PerProfile<number | typeof CHILD>;
}

const good = (actor: TestActor): SpawnFields => ({ pidfd: actor.alloc(4) });
const withTail = (tail: Uint8Array) => (actor: TestActor) => ({ at: actor.bytes(Buffer.concat([spawnArgs(good(actor)), tail])) });
const loseAuthority = (actor: TestActor) => actor.must(SYS_SETUID, 0);
const makeStale = (actor: TestActor) => actor.must(SYS_FCHMODAT, AT_FDCWD, "/bin/tool", 0o700);
const fillTable = (actor: TestActor) => actor.must(SYS_PRLIMIT64, 0, RLIMIT_NOFILE, pack("u64", 3, "u64", 1024), 0);
const closeOf = (actor: TestActor, count: number) => actor.bytes(Buffer.concat(Array.from({ length: count }, () => action.close(0))));

const rows: Row[] = [
  { rule: "with nothing but a pidfd pointer a child starts", want: CHILD },
  // 1. size
  { rule: "a size of 0 is EINVAL", size: 0, want: -EINVAL },
  { rule: "a size of 79 is EINVAL", size: 79, want: -EINVAL },
  { rule: "a size of 4097 is E2BIG", size: 4097, want: -E2BIG },
  { rule: "a size of 2^64 - 1 is E2BIG", size: -1n, want: -E2BIG },
  { rule: "a bad size comes before a bad fd", size: 79, fd: () => 99, want: -EINVAL },
  { rule: "a size over a page comes before a bad fd", size: 4097, fd: () => 99, want: -E2BIG },
  // 2. the descriptor
  { rule: "a closed fd is EBADF", fd: () => 99, want: -EBADF },
  { rule: "fd -1 is EBADF", fd: () => -1, want: -EBADF },
  { rule: "an O_PATH fd is EBADF", fd: (a) => a.open("/bin/tool", O_PATH), want: -EBADF },
  { rule: "a regular file is EINVAL", fd: (a) => a.open("/bin/tool", O_RDONLY), want: -EINVAL },
  { rule: "the console is EINVAL", fd: () => 0, want: -EINVAL },
  { rule: "a pipe is EINVAL", fd: (a) => a.pipe()[0], want: -EINVAL },
  { rule: "an eventfd is EINVAL", fd: (a) => a.must(SYS_EVENTFD2, 0, 0), want: -EINVAL },
  { rule: "only the low 32 bits of the fd count", fd: (a) => template(a, "/bin/tool") + 2 ** 32, want: CHILD },
  { rule: "a bad fd comes before an unmapped struct", fd: () => 99, args: () => ({ at: UNMAPPED }), want: -EBADF },
  // 3. authority
  { rule: "without the creator's credentials it is EACCES", before: loseAuthority, want: -EACCES },
  { rule: "lost authority comes before an unmapped struct", before: loseAuthority, args: () => ({ at: UNMAPPED }), want: -EACCES },
  { rule: "lost authority comes before staleness", before: (a) => (loseAuthority(a), makeStale(a)), want: -EACCES },
  // 5. the copy
  { rule: "an unmapped struct is EFAULT", args: () => ({ at: UNMAPPED }), want: -EFAULT },
  { rule: "a null struct is EFAULT", args: () => ({ at: null }), want: -EFAULT },
  { rule: "a struct that ends one byte early is EFAULT", args: (a) => ({ at: a.allocAtEnd(79) }), want: -EFAULT },
  { rule: "a zero tail up to a whole page is accepted", size: 4096, args: withTail(new Uint8Array(4096 - 80)), want: CHILD },
  { rule: "a non-zero tail is E2BIG", size: 81, args: withTail(Uint8Array.of(1)), want: -E2BIG },
  {
    rule: "a non-zero tail comes before bad flags",
    size: 81,
    args: (a) => ({ at: a.bytes(Buffer.concat([spawnArgs({ ...good(a), flags: 2 }), Buffer.of(1)])) }),
    want: -E2BIG,
  },
  // 6. flags, pidfd, reserved
  { rule: "INHERIT_FDS is accepted", args: (a) => ({ ...good(a), flags: SPAWN_TEMPLATE_SPAWN_INHERIT_FDS }), want: CHILD },
  { rule: "flag bit 1 is EINVAL", args: (a) => ({ ...good(a), flags: 2 }), want: -EINVAL },
  { rule: "flag bit 32 is EINVAL", args: (a) => ({ ...good(a), flags: 1n << 32n }), want: -EINVAL },
  { rule: "a zero pidfd pointer is EINVAL", args: () => ({ pidfd: 0 }), want: -EINVAL },
  ...[0, 1, 2, 3].map((index) => ({
    rule: `reserved word ${index} other than 0 is EINVAL`,
    args: (a: TestActor) => ({ ...good(a), reserved: ([0, 0, 0, 0] as (number | bigint)[]).with(index, 1n << 63n) }),
    want: -EINVAL,
  })),
  { rule: "bad flags come before too many actions", args: (a) => ({ ...good(a), flags: 2, actions: 1, actionsLen: 257 }), want: -EINVAL },
  // 7. the list
  { rule: "with no actions the pointer is not looked at", args: (a) => ({ ...good(a), actions: UNMAPPED, actionsLen: 0 }), want: CHILD },
  { rule: "256 actions are accepted", args: (a) => ({ ...good(a), actions: closeOf(a, 256), actionsLen: 256 }), want: CHILD },
  { rule: "257 actions are E2BIG", args: (a) => ({ ...good(a), actions: closeOf(a, 257), actionsLen: 257 }), want: -E2BIG },
  { rule: "2^64 - 1 actions are E2BIG", args: (a) => ({ ...good(a), actions: closeOf(a, 1), actionsLen: -1n }), want: -E2BIG },
  { rule: "too many actions come before a null pointer", args: (a) => ({ ...good(a), actions: 0, actionsLen: 257 }), want: -E2BIG },
  { rule: "actions at a null pointer are EINVAL", args: (a) => ({ ...good(a), actions: 0, actionsLen: 1 }), want: -EINVAL },
  { rule: "unmapped actions are EFAULT", args: (a) => ({ ...good(a), actions: UNMAPPED, actionsLen: 1 }), want: -EFAULT },
  {
    rule: "a list of which the last entry is unmapped is EFAULT, whatever the first one says",
    args: (a) => {
      const list = a.allocAtEnd(24);
      list.write(Buffer.alloc(24, 0xff));
      return { ...good(a), actions: list, actionsLen: 2 };
    },
    want: -EFAULT,
  },
  {
    rule: "the 200th of 256 entries is checked",
    args: (a) => {
      const list = closeOf(a, 256);
      list.setU32(199 * 24, 99);
      return { ...good(a), actions: list, actionsLen: 256 };
    },
    want: -EINVAL,
  },
  { rule: "a bad action comes before staleness", before: makeStale, args: (a) => ({ ...good(a), actions: a.bytes(action.close(-1)), actionsLen: 1 }), want: -EINVAL },
  // 8. staleness
  { rule: "a stale template is ESTALE", before: makeStale, want: seed<number | typeof CHILD>(-ESTALE, CHILD) },
  {
    rule: "staleness comes before EMFILE for the pidfd",
    before: (a) => (makeStale(a), fillTable(a)),
    want: seed(-ESTALE, -EMFILE),
  },
  { rule: "staleness comes before EFAULT for the pidfd", before: makeStale, args: () => ({ pidfd: UNMAPPED }), want: seed(-ESTALE, -EFAULT) },
  // 9. the child
  { rule: "no free descriptor for the pidfd is EMFILE", before: fillTable, want: -EMFILE },
  { rule: "an unmapped pidfd pointer is EFAULT", args: () => ({ pidfd: UNMAPPED }), want: -EFAULT },
  { rule: "EMFILE comes before EFAULT for the pidfd", before: fillTable, args: () => ({ pidfd: UNMAPPED }), want: -EMFILE },
  { rule: "argv is not looked at in the parent", args: (a) => ({ ...good(a), argv: UNMAPPED }), want: CHILD },
  { rule: "envp is not looked at in the parent", args: (a) => ({ ...good(a), envp: UNMAPPED }), want: CHILD },
];

describe.each(PROFILES)("spawn_template_spawn's arguments, profile %s", (profile) => {
  for (const { rule, size = 80, fd, args = good, before, want } of rows) {
    it(rule, () => {
      const actor = boot({ profile, entries }).actor();
      const templateFd = fd ? fd(actor) : template(actor, "/bin/tool");
      const fields = args(actor);
      const at = "at" in fields ? fields.at : actor.bytes(spawnArgs(fields));
      before?.(actor);
      const { tasks, files } = actor.machine.usage();

      const result = actor.call(SYS_SPAWN_TEMPLATE_SPAWN, templateFd, at, size);
      const wanted = inProfile(want, profile);
      if (wanted === CHILD) {
        expect(result).toBe(2);
        return;
      }
      expectResult(result, wanted as number);
      expect(actor.machine.usage()).toMatchObject({ tasks, files });
      expectResult(actor.call(SYS_WAIT4, -1, null, 0, null), -ECHILD);
    });
  }

  it("is EAGAIN at the caller's limit on processes, and root is exempt", () => {
    const actor = boot({ profile, entries }).actor();
    actor.must(SYS_PRLIMIT64, 0, RLIMIT_NPROC, pack("u64", 1, "u64", 1), 0);
    expect(waitFor(actor, spawn(actor, template(actor, "/bin/tool")))).toBe(exited(7));
    actor.must(SYS_SETRESUID, 1000, 1000, 1000);
    const fd = template(actor, "/bin/tool");
    const files = actor.machine.usage().files;
    expectResult(spawn(actor, fd), -EAGAIN);
    expect(actor.machine.usage()).toMatchObject({ files, tasks: 1 });
  });

  it("is ENFILE when no further open file may exist", () => {
    const actor = boot({ profile, entries }).actor();
    actor.must(SYS_PRLIMIT64, 0, RLIMIT_NOFILE, pack("u64", 1 << 20, "u64", 1 << 20), 0);
    const root = actor.open("/bin/tool", O_RDONLY);
    actor.must(SYS_SETRESUID, 1000, 1000, 1000);
    const fd = template(actor, { execfd: root });
    const path = actor.str("/bin/tool");
    while (actor.call(SYS_OPENAT, AT_FDCWD, path, O_RDONLY) >= 0);
    expectResult(spawn(actor, fd), -ENFILE); // made by execfd: not ESTALE
    expect(actor.machine.usage().tasks).toBe(1);
  });

  describe("the pidfd", () => {
    it("is stored, is close-on-exec, refers to the child and becomes readable when that ends", () => {
      const actor = boot({ profile, entries }).actor();
      const { call, pidfd } = startSpawn(actor, template(actor, "/bin/tool"));
      expect(call.result()).toBe(2);
      expect(pidfd()).toBe(4);
      expect(actor.call(SYS_FCNTL, pidfd(), F_GETFD)).toBe(FD_CLOEXEC);
      actor.machine.settle();
      const polled = actor.bytes(pollfds([pidfd(), POLLIN]));
      expect(actor.call(SYS_PPOLL, polled, 1, actor.alloc(16), null, 8)).toBe(1);
      expect(waitFor(actor, 2)).toBe(exited(7));
    });

    it("takes the lowest free descriptor", () => {
      const actor = boot({ profile, entries }).actor();
      const fd = template(actor, "/bin/tool");
      actor.close(0);
      const { call, pidfd } = startSpawn(actor, fd);
      call.result();
      expect(pidfd()).toBe(0);
    });
  });
});
