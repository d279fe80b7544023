// SPDX-License-Identifier: MIT
// The calls whose allocations fail one by one (alloc.ts): what stands before each, the call itself, and which errors its man page
// has for a kernel without memory.

import { EAGAIN, ENOBUFS, ENOLCK, ENOMEM, ENOSPC, ESTALE } from "../../kernel/abi/errno.ts";
import { AT_FDCWD, F_DUPFD, F_SETLK, F_WRLCK, O_CREAT, O_DIRECTORY, O_RDONLY, O_RDWR, O_TMPFILE, O_TRUNC } from "../../kernel/abi/fcntl.ts";
import { MAP_ANONYMOUS, MAP_FIXED, MAP_PRIVATE, MAP_SHARED, MREMAP_MAYMOVE, PROT_NONE, PROT_READ, PROT_WRITE } from "../../kernel/abi/mman.ts";
import { POLLIN } from "../../kernel/abi/poll.ts";
import { RLIMIT_NOFILE } from "../../kernel/abi/resource.ts";
import * as sched from "../../kernel/abi/sched.ts";
import { SIGCHLD, SIGUSR1 } from "../../kernel/abi/signal.ts";
import { AF_UNIX, SCM_RIGHTS, SOCK_DGRAM, SOCK_STREAM, SOL_SOCKET } from "../../kernel/abi/socket.ts";
import { SPAWN_TEMPLATE_SPAWN_INHERIT_FDS, SYS_SPAWN_TEMPLATE_CREATE, SYS_SPAWN_TEMPLATE_SPAWN } from "../../kernel/abi/spawn-template.ts";
import { MS_BIND, S_IFIFO } from "../../kernel/abi/stat.ts";
import * as n from "../../kernel/abi/syscalls.ts";
import { CLOCK_MONOTONIC, ITIMER_REAL } from "../../kernel/abi/time.ts";
import { action, actions, cloneArgs, createArgs, openStruct, pack, sigaction, sigset, sigsetStruct, spawnArgs } from "../support/structs.ts";
import type { Call, Guest } from "./guest.ts";

export interface Operation {
  readonly name: string;
  /** What stands before, and the call. */
  readonly prepare: (guest: Guest) => Call;
  /** Errors that tell of the failure; default ENOMEM alone. */
  readonly errors?: readonly number[];
  /** It ends its caller, so that a child makes it. */
  readonly isExec?: boolean;
  /** Made in the child of a spawn, so that the status of the child may tell of the failure. */
  readonly isSpawn?: boolean;
}

const PAGE = 4096;
const CWD = AT_FDCWD;
const ANONYMOUS = MAP_PRIVATE | MAP_ANONYMOUS;
const READ_WRITE = PROT_READ | PROT_WRITE;
const WINDOW = 0x2000_0000;
/** A real-time signal. */
const SIGRTMIN = 34;

const simple = (name: string, ...call: Call): Operation => ({ name, prepare: () => call });
const onFile = (name: string, flags: number, call: (fd: number) => Call, errors?: readonly number[]): Operation =>
  ({ name, prepare: (guest) => call(guest.must(n.SYS_OPENAT, CWD, "/tmp/a", flags)), ...(errors && { errors }) });
const exec = (name: string, path: string, strings: readonly string[] = [path]): Operation =>
  ({ name, isExec: true, prepare: (guest) => [n.SYS_EXECVE, path, guest.strings(strings), guest.strings(["HOME=/"])] });
const clone = (name: string, flags: number, prepare: (guest: Guest) => void = () => {}): Operation => ({
  name,
  errors: [ENOMEM, EAGAIN],
  prepare: (guest) => {
    prepare(guest);
    return [n.SYS_CLONE, flags, 0, guest.place(new Uint8Array(8)), 0, 0];
  },
});

function template(guest: Guest, path: string): number {
  return guest.must(SYS_SPAWN_TEMPLATE_CREATE, createArgs({ filename: guest.place(path) }), 72);
}

function spawn(name: string, flags: number, list: (guest: Guest) => readonly Uint8Array[]): Operation {
  return {
    name,
    errors: [ENOMEM, EAGAIN, ESTALE],
    isSpawn: true,
    prepare: (guest) => {
      const fd = template(guest, "/bin/exits");
      const all = list(guest);
      const argv = guest.strings(["exits", "an argument"]);
      const pidfd = guest.place(new Uint8Array(4));
      return [SYS_SPAWN_TEMPLATE_SPAWN, fd, spawnArgs({ flags, pidfd, argv, envp: argv, actions: all.length > 0 ? guest.place(actions(...all)) : 0, actionsLen: all.length }), 80];
    },
  };
}

/** Forty mappings of different kinds, most of them touched. */
function manyAreas(guest: Guest): void {
  for (let index = 0; index < 40; index++) {
    const address = WINDOW + index * 0x100_0000;
    const isShared = index % 3 === 0;
    guest.must(n.SYS_MMAP, address, 2 * PAGE, READ_WRITE, MAP_FIXED | MAP_ANONYMOUS | (isShared ? MAP_SHARED : MAP_PRIVATE), -1, 0);
    if (index % 4 !== 0) guest.write(address + PAGE, Buffer.from("touched"));
  }
}

function manyFiles(guest: Guest): void {
  for (let fd = 3; fd < 200; fd++) guest.must(n.SYS_DUP3, 1, fd, 0);
}

function handlers(guest: Guest): void {
  for (let signal = SIGUSR1; signal < SIGRTMIN + 8; signal++) guest.try(n.SYS_RT_SIGACTION, signal, sigaction(0x20000), 0, 8);
}

function pair(guest: Guest, call: number, ...args: number[]): [number, number] {
  const at = guest.place(new Uint8Array(8));
  guest.must(call, ...args, at);
  const bytes = guest.read(at, 8);
  return [bytes.readInt32LE(0), bytes.readInt32LE(4)];
}

const socketPair = (guest: Guest, type: number): [number, number] => pair(guest, n.SYS_SOCKETPAIR, AF_UNIX, type, 0);

/** A struct msghdr with eight bytes of data and `count` descriptors. */
function messageWithFiles(guest: Guest, count: number): number {
  const data = guest.place("message");
  const iov = guest.place(pack("u64", data, "u64", 8));
  const control = Buffer.concat([pack("u64", 16 + count * 4, "u32", SOL_SOCKET, "u32", SCM_RIGHTS), Buffer.alloc(count * 4 + (count % 2) * 4)]);
  for (let index = 0; index < count; index++) control.writeInt32LE(1, 16 + index * 4);
  return guest.place(pack("u64", 0, "u64", 0, "u64", iov, "u64", 1, "u64", guest.place(control), "u64", control.length, "u64", 0));
}

const THREAD = sched.CLONE_VM | sched.CLONE_FS | sched.CLONE_FILES | sched.CLONE_SIGHAND | sched.CLONE_THREAD;

export const OPERATIONS: readonly Operation[] = [
  // spawn
  { name: "template of a path", prepare: (guest) => [SYS_SPAWN_TEMPLATE_CREATE, createArgs({ filename: guest.place("/bin/exits") }), 72] },
  { name: "template of a descriptor", prepare: (guest) => [SYS_SPAWN_TEMPLATE_CREATE, createArgs({ execfd: guest.must(n.SYS_OPENAT, CWD, "/bin/exits", O_RDONLY) }), 72] },
  spawn("spawn", 0, () => []),
  spawn("spawn that inherits", SPAWN_TEMPLATE_SPAWN_INHERIT_FDS, () => [action.dup2(1, 7)]),
  spawn("spawn with every action", 0, (guest) => {
    const set = guest.place(sigsetStruct(guest.place(sigset(SIGUSR1))));
    const open = guest.place(openStruct(guest.place("/tmp/made"), O_RDWR | O_CREAT, 0o600));
    const directory = guest.must(n.SYS_OPENAT, CWD, "/tmp", O_RDONLY | O_DIRECTORY);
    return [action.dup2(1, 9), action.dup2(1, 900), action.open(CWD, 5, open), action.fchdir(directory), action.close(9), action.sigmask(set), action.sigdefault(set), action.closeRange(20, 30)];
  }),
  spawn("spawn with 256 actions", 0, () => Array.from({ length: 256 }, (_, index) => action.dup2(1, 3 + index))),

  // exec
  exec("exec of a static program", "/bin/exits"),
  exec("exec of a program from a compiler", "/bin/true"),
  exec("exec of a script", "/bin/script"),
  exec("exec with an interpreter", "/bin/dynamic"),
  exec("exec with long arguments", "/bin/exits", Array.from({ length: 8 }, () => "x".repeat(5000))),
  { name: "exec by descriptor", isExec: true, prepare: (guest) => [n.SYS_EXECVEAT, guest.must(n.SYS_OPENAT, CWD, "/bin/exits", O_RDONLY), "", guest.strings(["a"]), guest.strings([]), 0x1000] },

  // fork and threads
  clone("fork", SIGCHLD),
  clone("fork with forty mappings", SIGCHLD, manyAreas),
  clone("fork with two hundred descriptors", SIGCHLD, manyFiles),
  clone("fork with handlers and a pidfd", SIGCHLD | sched.CLONE_PIDFD, handlers),
  clone("fork that shares what it can", SIGCHLD | sched.CLONE_VM | sched.CLONE_FILES | sched.CLONE_FS),
  clone("thread", THREAD),
  { name: "clone3", errors: [ENOMEM, EAGAIN], prepare: (guest) => [n.SYS_CLONE3, cloneArgs({ flags: sched.CLONE_PIDFD, pidfd: guest.place(new Uint8Array(4)), exitSignal: SIGCHLD }), 88] },
  { name: "unshare of descriptors", prepare: (guest) => {
    clone("", sched.CLONE_FILES | SIGCHLD).prepare(guest);
    manyFiles(guest);
    return [n.SYS_UNSHARE, sched.CLONE_FILES];
  } },

  // files and names
  simple("open", n.SYS_OPENAT, CWD, "/tmp/a", O_RDWR),
  simple("open that creates", n.SYS_OPENAT, CWD, "/tmp/new", O_RDWR | O_CREAT, 0o600),
  simple("open that truncates", n.SYS_OPENAT, CWD, "/tmp/a", O_RDWR | O_TRUNC),
  simple("open of a directory", n.SYS_OPENAT, CWD, "/tmp", O_RDONLY | O_DIRECTORY),
  simple("open of a temporary file", n.SYS_OPENAT, CWD, "/tmp", O_RDWR | O_TMPFILE, 0o600),
  simple("open in /proc", n.SYS_OPENAT, CWD, "/proc/self/status", O_RDONLY),
  simple("memfd_create", n.SYS_MEMFD_CREATE, "name", 0),
  simple("eventfd", n.SYS_EVENTFD2, 0, 0),
  simple("timerfd", n.SYS_TIMERFD_CREATE, CLOCK_MONOTONIC, 0),
  simple("pidfd_open", n.SYS_PIDFD_OPEN, 1, 0),
  simple("pipe", n.SYS_PIPE2, new Uint8Array(8), 0),
  simple("socketpair", n.SYS_SOCKETPAIR, AF_UNIX, SOCK_STREAM, 0, new Uint8Array(8)),
  { name: "dup to a high descriptor", prepare: (guest) => {
    guest.must(n.SYS_PRLIMIT64, 0, RLIMIT_NOFILE, pack("u64", 100_000, "u64", 100_000), 0);
    return [n.SYS_DUP3, 1, 70_000, 0];
  } },
  simple("F_DUPFD", n.SYS_FCNTL, 1, F_DUPFD, 700),
  onFile("write", O_RDWR, (fd) => [n.SYS_PWRITE64, fd, new Uint8Array(20), 20, 1_000_000]),
  onFile("fallocate", O_RDWR, (fd) => [n.SYS_FALLOCATE, fd, 0, 0, 60_000], [ENOMEM, ENOSPC]),
  onFile("truncate", O_RDWR, (fd) => [n.SYS_FTRUNCATE, fd, 5]),
  onFile("flock", O_RDWR, (fd) => [n.SYS_FLOCK, fd, 2], [ENOMEM, ENOLCK]),
  onFile("record lock", O_RDWR, (fd) => [n.SYS_FCNTL, fd, F_SETLK, pack("u16", F_WRLCK, "u16", 0, "u32", 0, "u64", 5, "u64", 7, "u64", 0)], [ENOMEM, ENOLCK]),
  simple("mkdir", n.SYS_MKDIRAT, CWD, "/tmp/dir", 0o700),
  simple("mknod", n.SYS_MKNODAT, CWD, "/tmp/node", S_IFIFO | 0o600, 0),
  simple("symlink", n.SYS_SYMLINKAT, "target", CWD, "/tmp/symlink"),
  simple("symlink with a long target", n.SYS_SYMLINKAT, "t/".repeat(2000), CWD, "/tmp/symlink"),
  simple("link", n.SYS_LINKAT, CWD, "/tmp/a", CWD, "/tmp/second", 0),
  simple("rename", n.SYS_RENAMEAT2, CWD, "/tmp/a", CWD, "/tmp/renamed", 0),
  simple("unlink", n.SYS_UNLINKAT, CWD, "/tmp/a", 0),
  simple("chdir", n.SYS_CHDIR, "/tmp"),
  simple("mount", n.SYS_MOUNT, "/bin", "/tmp", 0, MS_BIND, 0),
  simple("stat through links", n.SYS_NEWFSTATAT, CWD, "/proc/self/fd/../cwd/tmp/link", new Uint8Array(128), 0),

  // memory
  simple("mmap", n.SYS_MMAP, 0, 10 * PAGE, READ_WRITE, ANONYMOUS, -1, 0),
  simple("mmap of shared memory", n.SYS_MMAP, 0, 10 * PAGE, READ_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0),
  onFile("mmap of a file", O_RDONLY, (fd) => [n.SYS_MMAP, 0, PAGE, PROT_READ, MAP_PRIVATE, fd, 0]),
  simple("brk", n.SYS_BRK, 0),
  ...([["munmap in the middle", n.SYS_MUNMAP, WINDOW + PAGE, PAGE], ["mprotect in the middle", n.SYS_MPROTECT, WINDOW + PAGE, PAGE, PROT_NONE],
    ["mremap that moves", n.SYS_MREMAP, WINDOW, PAGE, 100 * PAGE, MREMAP_MAYMOVE]] as const).map(([name, ...call]) => ({
    name,
    prepare: (guest: Guest): Call => {
      guest.must(n.SYS_MMAP, WINDOW, 3 * PAGE, READ_WRITE, MAP_FIXED | ANONYMOUS, -1, 0);
      guest.must(n.SYS_MMAP, WINDOW + 3 * PAGE, PAGE, PROT_READ, MAP_FIXED | ANONYMOUS, -1, 0);
      guest.write(WINDOW, new Uint8Array(3 * PAGE).fill(7));
      return call;
    },
  })),

  // talking
  { name: "write to a pipe", prepare: (guest) => [n.SYS_WRITE, pair(guest, n.SYS_PIPE2)[1], new Uint8Array(100), 100] },
  { name: "send of a datagram", errors: [ENOMEM, ENOBUFS], prepare: (guest) => [n.SYS_SENDTO, socketPair(guest, SOCK_DGRAM)[1], new Uint8Array(9000), 9000, 0, 0, 0] },
  { name: "send of files", errors: [ENOMEM, ENOBUFS], prepare: (guest) => [n.SYS_SENDMSG, socketPair(guest, SOCK_STREAM)[1], messageWithFiles(guest, 3), 0] },
  { name: "poll of eight files", prepare: (guest) => [n.SYS_PPOLL, Buffer.concat(Array.from({ length: 8 }, () => pack("u32", pair(guest, n.SYS_PIPE2)[0], "u16", POLLIN, "u16", 0))), 8, pack("u64", 0, "u64", 1000), 0, 8] },
  { name: "real-time signal", errors: [EAGAIN], prepare: (guest) => {
    guest.must(n.SYS_RT_SIGPROCMASK, 0, sigset(SIGRTMIN), 0, 8);
    return [n.SYS_RT_SIGQUEUEINFO, guest.pid, SIGRTMIN, Buffer.concat([pack("u32", SIGRTMIN, "u32", 0, "s32", -1), Buffer.alloc(116)])];
  } },
  { name: "timer_create", errors: [EAGAIN, ENOMEM], prepare: (guest) => [n.SYS_TIMER_CREATE, CLOCK_MONOTONIC, 0, guest.place(new Uint8Array(8))] },
  simple("setitimer", n.SYS_SETITIMER, ITIMER_REAL, pack("u64", 0, "u64", 0, "u64", 100, "u64", 0), 0),
  simple("setgroups", n.SYS_SETGROUPS, 4, new Uint8Array(16)),
  simple("setresuid", n.SYS_SETRESUID, 7, 7, 0),
  simple("prlimit", n.SYS_PRLIMIT64, 0, RLIMIT_NOFILE, pack("u64", 50, "u64", 100), 0),
];
