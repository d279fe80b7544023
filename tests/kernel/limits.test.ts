// SPDX-License-Identifier: MIT
// Each limit of kernel/lib/limits.ts is reached, and one more is refused with the errno that the file names. A limit that is
// not in this table fails the test.

import { expect, it } from "vitest";
import * as e from "../../kernel/abi/errno.ts";
import { AT_FDCWD, F_SETLK, F_SETPIPE_SZ, F_WRLCK, O_CREAT, O_NONBLOCK, O_RDWR } from "../../kernel/abi/fcntl.ts";
import { MAP_ANONYMOUS, MAP_FIXED, MAP_PRIVATE, PROT_NONE, PROT_READ } from "../../kernel/abi/mman.ts";
import { RLIMIT_NOFILE, RLIMIT_SIGPENDING, RLIMIT_STACK } from "../../kernel/abi/resource.ts";
import { SI_QUEUE, SIG_BLOCK } from "../../kernel/abi/signal.ts";
import { AF_UNIX, MSG_DONTWAIT, SCM_RIGHTS, SOCK_DGRAM, SOL_SOCKET } from "../../kernel/abi/socket.ts";
import { MS_BIND } from "../../kernel/abi/stat.ts";
import * as n from "../../kernel/abi/syscalls.ts";
import { CLOCK_MONOTONIC } from "../../kernel/abi/time.ts";
import { file } from "../../host/core/image.ts";
import { type TestActor, resultText } from "../support/actor.ts";
import { boot } from "../support/boot.ts";
import { limitOf, limits } from "../support/limits.ts";
import { makeDirectory, makeLink, probe } from "../support/paths.ts";
import { cloneArgs, iovecs, pack, sigset } from "../support/structs.ts";

const SIGRTMIN = 34;
const ROOM = 1_000_000_000_000n;

interface Limit {
  /** What happens at the limit, and one step beyond; for a limit that is not reached here: why not, or where. */
  readonly reach: ((limit: number) => readonly [at: number | string, beyond: number | string]) | string;
  readonly at?: number | string;
  readonly want?: number;
}

const root = () => boot().actor();
const limit = (actor: TestActor, resource: number, value: bigint) =>
  actor.must(n.SYS_PRLIMIT64, 0, resource, pack("u64", value, "u64", value), null);
/** Repeats a call that should succeed; its last result. */
function times(count: number, call: (index: number) => number): number {
  let result = 0;
  for (let i = 0; i < count && result >= 0; i++) result = call(i);
  return result < 0 ? result : 0;
}

/** execve of an empty file with these arguments: ENOEXEC once the strings fit. */
function execWith(count: number, length: number, stack: bigint): number {
  const actor = boot({ entries: [file("/empty", Buffer.alloc(0), 0o755)] }).actor();
  limit(actor, RLIMIT_STACK, stack);
  const text = actor.str("x".repeat(length - 1)).address;
  return actor.call(n.SYS_EXECVE, "/empty", actor.u64s([...Array.from({ length: count }, () => text), 0]), null);
}

function sendControl(length: number, fds: number): number {
  const actor = root();
  const pair = actor.alloc(8);
  actor.must(n.SYS_SOCKETPAIR, AF_UNIX, SOCK_DGRAM, 0, pair);
  const rights = Buffer.concat([pack("u64", 16 + 4 * fds, "s32", SOL_SOCKET, "s32", SCM_RIGHTS), Buffer.alloc(4 * fds)]);
  const control = actor.alloc(Math.max(length, 16 + 4 * fds));
  if (fds > 0) control.write(rights);
  else control.write(pack("u64", length, "s32", SOL_SOCKET + 1, "s32", 0)); // of another protocol: passed over
  const header = pack("u64", 0, "u64", 0, "u64", iovecsOf(actor), "u64", 1, "u64", control, "u64", fds > 0 ? 16 + 4 * fds : length, "u64", 0);
  return actor.call(n.SYS_SENDMSG, pair.s32(0), header, MSG_DONTWAIT);
}
const iovecsOf = (actor: TestActor) => actor.bytes(iovecs(actor.str("x")));

const LIMITS: Record<string, Limit> = {
  MAX_FRAMES: {
    reach: (max) => {
      const machine = boot({ memoryBytes: (max + 100) * 4096 });
      const actor = boot({ memoryBytes: 4 << 20 }).actor();
      const fd = actor.open("/f", O_CREAT | O_RDWR, 0o600);
      const page = actor.alloc(4096);
      let written = 0;
      while (written >= 0) written = actor.call(n.SYS_WRITE, fd, page, 4096);
      return [machine.usage().frameLimit === max ? 0 : -1, written];
    },
    want: -e.ENOMEM,
  },
  LEAST_FRAMES: {
    reach: (least) => {
      const bootWith = (frames: number) => boot({ memoryBytes: frames * 4096 }).actor().pid;
      expect(() => bootWith(least - 1)).toThrow("EINVAL");
      return [bootWith(least), -e.EINVAL];
    },
    at: 1,
    want: -e.EINVAL,
  },
  MAX_AREAS: {
    reach: (max) => {
      const actor = root();
      const map = (index: number) =>
        // From high to low, no two alike side by side.
        Math.min(0, actor.call(n.SYS_MMAP, 0x2000000000 - index * 4096, 4096, index % 2 ? PROT_READ : PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
      const before = 2; // the actor's own memory, and its stack
      return [times(max - before, map), times(before + 1, (i) => map(max - before + i))];
    },
    want: -e.ENOMEM,
  },
  FRAMES_PER_TASK: {
    reach: (frames) => {
      const memoryBytes = 4 << 20;
      const actor = boot({ memoryBytes }).actor();
      const fork = () => Math.min(0, actor.call(n.SYS_CLONE, 0x100 | 17, 0, 0, 0, 0)); // CLONE_VM: they need few frames
      return [times(memoryBytes / 4096 / frames - 1, fork), fork()];
    },
    want: -e.EAGAIN,
  },
  PID_MAX: {
    reach: (max) => {
      const actor = root();
      const cloneWith = (pid: number) => {
        const args = { setTid: actor.bytes(pack("s32", pid)), setTidSize: 1, exitSignal: 17 };
        return actor.call(n.SYS_CLONE3, cloneArgs(args), 88);
      };
      return [cloneWith(max - 1), cloneWith(max)];
    },
    at: 32767,
    want: -e.EINVAL,
  },
  FIRST_REUSED_PID: {
    reach: (first) => {
      const actor = root();
      let last = 0;
      for (let pid = 1; pid > last; pid = child(actor)) last = pid;
      return [last, child(actor) - 1 - first];
    },
    at: 32767,
    want: 0,
  },
  NGROUPS_MAX: {
    reach: (max) => {
      const actor = root();
      const groups = actor.alloc(4 * (max + 1));
      return [actor.call(n.SYS_SETGROUPS, max, groups), actor.call(n.SYS_SETGROUPS, max + 1, groups)];
    },
    want: -e.EINVAL,
  },
  MAX_QUEUED_SIGNALS: {
    reach: (max) => {
      const actor = root();
      actor.must(n.SYS_RT_SIGPROCMASK, SIG_BLOCK, sigset(SIGRTMIN), null, 8);
      const info = actor.bytes(Buffer.concat([pack("s32", SIGRTMIN, "s32", 0, "s32", SI_QUEUE), Buffer.alloc(116)]));
      const queue = () => actor.call(n.SYS_RT_SIGQUEUEINFO, actor.pid, SIGRTMIN, info);
      return [times(max, queue), queue()];
    },
    want: -e.EAGAIN,
  },
  MAX_TIMERS: {
    reach: (max) => {
      const actor = root();
      limit(actor, RLIMIT_SIGPENDING, ROOM);
      const id = actor.alloc(4);
      const create = () => actor.call(n.SYS_TIMER_CREATE, CLOCK_MONOTONIC, null, id);
      return [times(max, create), create()];
    },
    want: -e.EAGAIN,
  },
  MAX_OPEN_FILES: {
    reach: (max) => {
      const actor = root();
      limit(actor, RLIMIT_NOFILE, 100_000n);
      const name = actor.str("/dev/null");
      actor.must(n.SYS_SETRESUID, 1000, 1000, 1000);
      const open = () => Math.min(0, actor.call(n.SYS_OPENAT, AT_FDCWD, name, 0));
      return [times(max - 3, open), open()];
    },
    want: -e.ENFILE,
  },
  MAX_DESCRIPTORS: {
    reach: (max) => {
      const actor = root();
      const raise = (value: number) => actor.call(n.SYS_PRLIMIT64, 0, RLIMIT_NOFILE, pack("u64", value, "u64", value), null);
      return [raise(max), raise(max + 1)];
    },
    want: -e.EPERM,
  },
  MAX_LOCKS: {
    reach: (max) => {
      const actor = root();
      actor.open("/f", O_CREAT | O_RDWR, 0o600);
      const lock = actor.bytes(pack("u16", F_WRLCK, "u16", 0, "u32", 0, "s64", 0, "s64", 1, "s32", 0, "u32", 0));
      const set = (index: number) => {
        lock.write(pack("s64", 2 * index), 8);
        return actor.call(n.SYS_FCNTL, 3, F_SETLK, lock);
      };
      return [times(max, set), set(max)];
    },
    want: -e.ENOLCK,
  },
  MAX_TERMINALS: {
    reach: (max) => {
      const actor = root();
      limit(actor, RLIMIT_NOFILE, 100_000n);
      const name = actor.str("/dev/ptmx");
      const open = () => Math.min(0, actor.call(n.SYS_OPENAT, AT_FDCWD, name, O_RDWR));
      return [times(max, open), open()];
    },
    want: -e.ENOSPC,
  },
  MAX_COUNT: {
    reach: (max) => {
      const actor = root();
      const fd = actor.open("/dev/null", O_RDWR);
      return [actor.call(n.SYS_WRITE, fd, 8, max) - max, actor.call(n.SYS_WRITE, fd, 8, max + 1) - max];
    },
    want: 0,
  },
  MAX_SEGMENTS: {
    reach: (max) => {
      const actor = root();
      const vector = actor.alloc(16 * (max + 1));
      return [actor.call(n.SYS_WRITEV, 1, vector, max), actor.call(n.SYS_WRITEV, 1, vector, max + 1)];
    },
    want: -e.EINVAL,
  },
  PIPE_BUFFERS: {
    reach: (buffers) => {
      const actor = root();
      const [, writer] = actor.pipe(O_NONBLOCK);
      const bytes = actor.alloc(4096);
      return [times(buffers, () => actor.call(n.SYS_WRITE, writer, bytes, 4096)), actor.call(n.SYS_WRITE, writer, bytes, 1)];
    },
    want: -e.EAGAIN,
  },
  PIPE_MAX_SIZE: {
    reach: (max) => {
      const actor = root();
      const [reader] = actor.pipe();
      actor.must(n.SYS_SETRESUID, 1000, 1000, 1000);
      return [actor.call(n.SYS_FCNTL, reader, F_SETPIPE_SZ, max) - max, actor.call(n.SYS_FCNTL, reader, F_SETPIPE_SZ, max + 1)];
    },
    want: -e.EPERM,
  },
  LARGEST_PIPE: {
    reach: (max) => {
      const actor = root();
      const [reader] = actor.pipe();
      return [actor.call(n.SYS_FCNTL, reader, F_SETPIPE_SZ, max) - max, actor.call(n.SYS_FCNTL, reader, F_SETPIPE_SZ, max + 1)];
    },
    want: -e.EINVAL,
  },
  SOCKET_BUFFER: {
    reach: (size) => {
      const actor = root();
      const pair = actor.alloc(8);
      actor.must(n.SYS_SOCKETPAIR, AF_UNIX, SOCK_DGRAM, 0, pair);
      const send = (bytes: number) => actor.call(n.SYS_SENDTO, pair.s32(0), actor.alloc(bytes), bytes, MSG_DONTWAIT, null, 0);
      return [send(size / 2) - size / 2, send(size)]; // with what the kernel needs to keep a message
    },
    want: -e.EMSGSIZE,
  },
  MAX_RIGHTS: { reach: (max) => [sendControl(0, max), sendControl(0, max + 1)], at: 2, want: -e.EINVAL },
  MAX_CONTROL: { reach: (max) => [sendControl(max, 0), sendControl(max + 1, 0)], at: 2, want: -e.ENOBUFS },
  PATH_MAX: {
    reach: (max) => {
      const actor = root();
      return [probe(actor, "/".repeat(max - 1)), probe(actor, "/".repeat(max))];
    },
    want: -e.ENAMETOOLONG,
  },
  NAME_MAX: {
    reach: (max) => {
      const actor = root();
      const make = (length: number) => actor.call(n.SYS_MKDIRAT, AT_FDCWD, `/${"n".repeat(length)}`, 0o755);
      return [make(max), make(max + 1)];
    },
    want: -e.ENAMETOOLONG,
  },
  MAX_LINKS: {
    reach: (max) => {
      const actor = root();
      for (let i = 0; i <= max; i++) makeLink(actor, i === 0 ? "/" : `/l${i - 1}`, `/l${i}`);
      return [probe(actor, `/l${max - 1}/`), probe(actor, `/l${max}/`)];
    },
    want: -e.ELOOP,
  },
  LINK_MAX: { reach: "two thousand million names need more memory than there is" },
  MAX_FILE_SIZE: {
    reach: () => {
      const actor = root();
      const fd = actor.open("/f", O_CREAT | O_RDWR, 0o600);
      const write = (offset: bigint) => actor.call(n.SYS_PWRITE64, fd, "x", 1, offset);
      return [write(2n ** 63n - 2n), write(2n ** 63n - 1n)];
    },
    at: 1,
    want: -e.EFBIG,
  },
  MAX_SMALL_FILE: { reach: "only a quirk opens without O_LARGEFILE: tests/spawn/quirks.test.ts" },
  MAX_MOUNTS: {
    reach: (max) => {
      const actor = root();
      const mount = (index: number) => {
        makeDirectory(actor, `/m${index}`);
        return actor.call(n.SYS_MOUNT, "/", `/m${index}`, null, MS_BIND, null);
      };
      let [made, result] = [0, 0];
      while ((result = mount(made)) === 0) made++;
      const atBoot = max - made; // the root, /dev, /proc, and where memory files are
      return [atBoot > 0 && atBoot < 8 ? 0 : made, result];
    },
    want: -e.ENOSPC,
  },
  MAX_ARGUMENT: { reach: (max) => [execWith(1, max, ROOM), execWith(1, max + 1, ROOM)], at: -e.ENOEXEC, want: -e.E2BIG },
  LEAST_ARGUMENTS: { reach: (least) => [execWith(1, least - 100, 4096n), execWith(1, least, 4096n)], at: -e.ENOEXEC, want: -e.E2BIG },
  MAX_ARGUMENTS: {
    reach: (max) => [execWith(60, max / 60 - 100, ROOM), execWith(60, Math.floor(max / 60), ROOM)],
    at: -e.ENOEXEC,
    want: -e.E2BIG,
  },
  MAX_SCRIPTS: {
    reach: (max) => {
      const script = (index: number) => file(`/s${index}`, Buffer.from(index === 0 ? "" : `#!/s${index - 1}\n`), 0o755);
      const actor = boot({ entries: Array.from({ length: max + 2 }, (_, index) => script(index)) }).actor();
      const exec = (index: number) => actor.call(n.SYS_EXECVE, `/s${index}`, null, null);
      return [exec(max), exec(max + 1)];
    },
    at: -e.ENOEXEC,
    want: -e.ELOOP,
  },
};

/** A child that ends at once; its pid. */
function child(actor: TestActor): number {
  const pid = actor.must(n.SYS_CLONE, 0x100 | 17, 0, 0, 0, 0);
  actor.must(n.SYS_KILL, pid, 9);
  actor.must(n.SYS_WAIT4, pid, null, 0, null);
  return pid;
}

it("every limit is in the table", () => {
  expect([...limits.keys()].filter((name) => !(name in LIMITS))).toEqual([]);
});

for (const [name, { reach, at = 0, want = 0 }] of Object.entries(LIMITS)) {
  if (typeof reach === "string") it.skip(`${name}: ${reach}`);
  else it(`${name} can be reached; beyond it is ${resultText(want)}`, () => expect(reach(limitOf(name))).toEqual([at, want]));
}
