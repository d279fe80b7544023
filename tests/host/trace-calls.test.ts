// SPDX-License-Identifier: MIT
// One line for each kind of argument: flags, structures, vectors, buffers and results as strace(1) writes them.

import { expect, it } from "vitest";
import { SIGNATURES } from "../../host/core/trace/signatures.ts";
import { callName } from "../../host/core/names.ts";
import * as e from "../../kernel/abi/errno.ts";
import * as f from "../../kernel/abi/fcntl.ts";
import * as m from "../../kernel/abi/mman.ts";
import * as s from "../../kernel/abi/signal.ts";
import * as own from "../../kernel/abi/spawn-template.ts";
import * as n from "../../kernel/abi/syscalls.ts";
import { CLONE_CHILD_CLEARTID, CLONE_CHILD_SETTID, CLONE_CLEAR_SIGHAND, CLONE_PIDFD, CLONE_VFORK, CLONE_VM } from "../../kernel/abi/sched.ts";
import { TIOCGWINSZ } from "../../kernel/abi/ioctl.ts";
import { P_PIDFD, WEXITED, WNOHANG } from "../../kernel/abi/wait.ts";
import { action, actions, cloneArgs, createArgs, openHow, openStruct, pack, sigaction, sigset, sigsetStruct, spawnArgs, timespec } from "../support/structs.ts";
import { FakeGuest, type Arg } from "../support/fake-guest.ts";

interface Row {
  call: number;
  args: (guest: FakeGuest) => Arg[];
  result: number | bigint;
  line: string;
}

const stat = (mode: number, size: number) => {
  const bytes = Buffer.alloc(128);
  bytes.writeUInt32LE(mode, 16);
  bytes.writeBigInt64LE(BigInt(size), 48);
  return bytes;
};

const rows: Row[] = [
  { call: n.SYS_OPENAT, args: () => [f.AT_FDCWD, "/etc/passwd", f.O_RDONLY | f.O_CLOEXEC, 0], result: 3, line: 'openat(AT_FDCWD, "/etc/passwd", O_RDONLY|O_CLOEXEC) = 3' },
  { call: n.SYS_OPENAT, args: () => [5, "new", f.O_RDWR | f.O_CREAT | f.O_TRUNC, 0o644], result: -e.EACCES, line: 'openat(5, "new", O_RDWR|O_CREAT|O_TRUNC, 0644) = -1 EACCES (Permission denied)' },
  { call: n.SYS_OPENAT, args: () => [f.AT_FDCWD, 0xdead000, 0, 0], result: -e.EFAULT, line: "openat(AT_FDCWD, 0xdead000, O_RDONLY) = -1 EFAULT (Bad address)" },
  { call: n.SYS_OPENAT2, args: () => [f.AT_FDCWD, "x", openHow(f.O_PATH, 0, f.RESOLVE_BENEATH | f.RESOLVE_NO_SYMLINKS), 24], result: 4, line: 'openat2(AT_FDCWD, "x", {flags=O_RDONLY|O_PATH, resolve=RESOLVE_NO_SYMLINKS|RESOLVE_BENEATH}, 24) = 4' },
  { call: n.SYS_READ, args: () => [0, "hello\n", 100], result: 6, line: 'read(0, "hello\\n", 100) = 6' },
  { call: n.SYS_READ, args: () => [7, 0x9999, 100], result: -e.EBADF, line: "read(7, 0x9999, 100) = -1 EBADF (Bad file descriptor)" },
  { call: n.SYS_READ, args: () => [0, "unused", 100], result: 0, line: 'read(0, "", 100) = 0' },
  { call: n.SYS_WRITE, args: () => [1, "x".repeat(40), 40], result: 40, line: `write(1, "${"x".repeat(32)}"..., 40) = 40` },
  { call: n.SYS_WRITE, args: () => [1, Uint8Array.of(0, 0x31, 0x1b, 0x22, 0xff), 5], result: 5, line: 'write(1, "\\0001\\33\\"\\377", 5) = 5' },
  { call: n.SYS_PIPE2, args: () => [pack("s32", 3, "s32", 4), f.O_CLOEXEC], result: 0, line: "pipe2([3, 4], O_CLOEXEC) = 0" },
  { call: n.SYS_DUP3, args: () => [3, 3, 0], result: -e.EINVAL, line: "dup3(3, 3, 0) = -1 EINVAL (Invalid argument)" },
  { call: n.SYS_CLOSE_RANGE, args: () => [3, 0xffff_ffffn, f.CLOSE_RANGE_CLOEXEC], result: 0, line: "close_range(3, ~0U, CLOSE_RANGE_CLOEXEC) = 0" },
  { call: n.SYS_FCNTL, args: () => [1, f.F_GETFL, 0], result: f.O_RDWR | f.O_APPEND, line: "fcntl(1, F_GETFL) = 0x402 (flags O_RDWR|O_APPEND)" },
  { call: n.SYS_FCNTL, args: () => [1, f.F_SETFD, 1], result: 0, line: "fcntl(1, F_SETFD, FD_CLOEXEC) = 0" },
  { call: n.SYS_FCNTL, args: () => [1, f.F_DUPFD_CLOEXEC, 10], result: 10, line: "fcntl(1, F_DUPFD_CLOEXEC, 10) = 10" },
  { call: n.SYS_IOCTL, args: () => [0, TIOCGWINSZ, 0x5000], result: -e.ENOTTY, line: "ioctl(0, TIOCGWINSZ, 0x5000) = -1 ENOTTY (Inappropriate ioctl for device)" },
  { call: n.SYS_FSTAT, args: () => [3, stat(0o100644, 42)], result: 0, line: "fstat(3, {st_mode=S_IFREG|0644, st_size=42, ...}) = 0" },
  { call: n.SYS_NEWFSTATAT, args: () => [f.AT_FDCWD, "/tmp", stat(0o41777, 0), f.AT_SYMLINK_NOFOLLOW], result: 0, line: 'newfstatat(AT_FDCWD, "/tmp", {st_mode=S_IFDIR|S_ISVTX|0777, st_size=0, ...}, AT_SYMLINK_NOFOLLOW) = 0' },
  { call: n.SYS_MMAP, args: () => [0, 8192, m.PROT_READ | m.PROT_WRITE, m.MAP_PRIVATE | m.MAP_ANONYMOUS, -1, 0], result: 0x3f0000, line: "mmap(NULL, 8192, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x3f0000" },
  { call: n.SYS_BRK, args: () => [0], result: 0x55000, line: "brk(NULL) = 0x55000" },
  { call: n.SYS_CLONE, args: () => [CLONE_CHILD_CLEARTID | CLONE_CHILD_SETTID | s.SIGCHLD, 0, 0, 0, 0x77f0], result: 2, line: "clone(CLONE_CHILD_CLEARTID|CLONE_CHILD_SETTID|SIGCHLD, NULL, NULL, NULL, 0x77f0) = 2" },
  { call: n.SYS_CLONE3, args: (guest) => [cloneArgs({ flags: BigInt(CLONE_CLEAR_SIGHAND) | BigInt(CLONE_PIDFD | CLONE_VM | CLONE_VFORK), pidfd: guest.place(pack("s32", 6)) }), 88], result: 9, line: "clone3({flags=CLONE_VM|CLONE_PIDFD|CLONE_VFORK|CLONE_CLEAR_SIGHAND, pidfd=0x1000, exit_signal=SIGCHLD, stack=NULL, stack_size=0} => {pidfd=[6]}, 88) = 9" },
  { call: n.SYS_EXECVE, args: (guest) => ["/bin/echo", guest.placeStrings("echo", "hi"), guest.placeStrings("A=1", "B=2")], result: -e.ENOENT, line: 'execve("/bin/echo", ["echo", "hi"], 0x10b0 /* 2 vars */) = -1 ENOENT (No such file or directory)' },
  { call: n.SYS_WAIT4, args: () => [-1, pack("s32", 0x0300), WNOHANG, 0], result: 5, line: "wait4(-1, [{WIFEXITED(s) && WEXITSTATUS(s) == 3}], WNOHANG, NULL) = 5" },
  { call: n.SYS_WAIT4, args: () => [5, pack("s32", 0x8b), 0, 0], result: 5, line: "wait4(5, [{WIFSIGNALED(s) && WTERMSIG(s) == SIGSEGV && WCOREDUMP(s)}], 0, NULL) = 5" },
  { call: n.SYS_WAITID, args: () => [P_PIDFD, 4, Buffer.concat([pack("s32", s.SIGCHLD, "s32", 0, "s32", s.CLD_EXITED, "s32", 0, "s32", 7, "u32", 1000, "s32", 2), Buffer.alloc(100)]), WEXITED, 0], result: 0, line: "waitid(P_PIDFD, 4, {si_signo=SIGCHLD, si_code=CLD_EXITED, si_pid=7, si_uid=1000, si_status=2}, WEXITED, NULL) = 0" },
  { call: n.SYS_RT_SIGACTION, args: () => [s.SIGINT, sigaction(0x4000, s.SA_RESTART, 0b10n), null, 8], result: 0, line: "rt_sigaction(SIGINT, {sa_handler=0x4000, sa_mask=[INT], sa_flags=SA_RESTART}, NULL, 8) = 0" },
  { call: n.SYS_RT_SIGPROCMASK, args: () => [s.SIG_BLOCK, sigset(s.SIGCHLD, s.SIGUSR1, 34), null, 8], result: 0, line: "rt_sigprocmask(SIG_BLOCK, [USR1 CHLD RT_2], NULL, 8) = 0" },
  { call: n.SYS_RT_SIGPROCMASK, args: () => [s.SIG_SETMASK, pack("u64", ~(1n << 8n)), null, 8], result: 0, line: "rt_sigprocmask(SIG_SETMASK, ~[KILL], NULL, 8) = 0" },
  { call: n.SYS_PIDFD_SEND_SIGNAL, args: () => [3, s.SIGTERM, null, 0], result: -e.ESRCH, line: "pidfd_send_signal(3, SIGTERM, NULL, 0) = -1 ESRCH (No such process)" },
  { call: n.SYS_PPOLL, args: () => [pack("s32", 3, "u16", 1, "u16", 0x10), 1, timespec(5_000_000_000n), null, 8], result: 1, line: "ppoll([{fd=3, events=POLLIN}], 1, {tv_sec=5, tv_nsec=0}, NULL, 8) = 1 ([{fd=3, revents=POLLHUP}])" },
  { call: n.SYS_WRITEV, args: (guest) => [1, pack("u64", guest.place("ab"), "u64", 2, "u64", guest.place("c"), "u64", 1), 2], result: 3, line: 'writev(1, [{iov_base="ab", iov_len=2}, {iov_base="c", iov_len=1}], 2) = 3' },
  { call: n.SYS_SENDMSG, args: (guest) => [4, pack("u64", 0, "u64", 0, "u64", guest.place(pack("u64", guest.place("x"), "u64", 1)), "u64", 1, "u64", guest.place(pack("u64", 20, "s32", 1, "s32", 1, "s32", 7, "s32", 0)), "u64", 24, "u64", 0), 0], result: 1, line: 'sendmsg(4, {msg_name=NULL, msg_iov=[{iov_base="x", iov_len=1}], msg_iovlen=1, msg_control=[{cmsg_type=SCM_RIGHTS, cmsg_data=[7]}], msg_flags=0}, 0) = 1' },
  { call: n.SYS_UMASK, args: () => [0o22], result: 0o77, line: "umask(022) = 077" },
  { call: own.SYS_SPAWN_TEMPLATE_CREATE, args: (guest) => [createArgs({ flags: 1, filename: guest.place("/bin/echo") }), 72], result: 5, line: 'spawn_template_create({flags=SPAWN_TEMPLATE_CREATE_CLOEXEC, execfd=-1, filename="/bin/echo"}, 72) = 5' },
  { call: own.SYS_SPAWN_TEMPLATE_CREATE, args: () => [createArgs({ execfd: 3, reserved: [0, 9] }), 72], result: -e.EINVAL, line: "spawn_template_create({flags=0, execfd=3, reserved=[0, 0x9, 0, 0]}, 72) = -1 EINVAL (Invalid argument)" },
  { call: 9999, args: () => [1, 2], result: -e.ENOSYS, line: "syscall_0x270f(0x1, 0x2, 0, 0, 0, 0) = -1 ENOSYS (Function not implemented)" },
];

it.each(rows)("$line", ({ call, args, result, line }) => {
  const guest = new FakeGuest();
  expect(guest.call(call, args(guest), result)).toBe(line);
});

it("shows a spawn with its action list and the pidfd that it stored", () => {
  const guest = new FakeGuest();
  const open = guest.place(openStruct(guest.place("/in"), f.O_RDONLY | f.O_CREAT, 0o600, f.RESOLVE_IN_ROOT));
  const mask = guest.place(sigsetStruct(guest.place(sigset(s.SIGINT))));
  const list = actions(
    action.dup2(4, 1),
    action.dup2(4, 2, f.O_CLOEXEC),
    action.open(f.AT_FDCWD, 0, open),
    action.open(9, 5, open),
    action.closeRange(3, -1, f.CLOSE_RANGE_CLOEXEC),
    action.close(7),
    action.fchdir(8),
    action.sigmask(mask),
    action.sigdefault(0xbad0),
  );
  const args = spawnArgs({
    flags: 1,
    pidfd: guest.place(pack("s32", 11)),
    argv: guest.placeStrings("tool"),
    actions: guest.place(list),
    actionsLen: list.length / 24,
  });

  const line = guest.call(own.SYS_SPAWN_TEMPLATE_SPAWN, [5, args, 80], 12);

  expect(line).toMatch(/^spawn_template_spawn\(5, \{flags=SPAWN_TEMPLATE_SPAWN_INHERIT_FDS, pidfd=0x[0-9a-f]+, argv=\["tool"\], envp=NULL, /);
  expect(line).toContain(
    'actions=[{DUP2 4 -> 1}, {DUP2 4 -> 2 O_CLOEXEC}, {OPEN "/in" O_RDONLY|O_CREAT 0600 RESOLVE_IN_ROOT -> 0}, ' +
      '{OPEN 9 "/in" O_RDONLY|O_CREAT 0600 RESOLVE_IN_ROOT -> 5}, {CLOSE_RANGE 3..~0 CLOSE_RANGE_CLOEXEC}, {CLOSE 7}, ' +
      "{FCHDIR 8}, {SIGMASK [INT]}, {SIGDEFAULT 0xbad0}]} => {pidfd=[11]}, 80) = 12",
  );
});

it("never fails on wild pointers and lengths, whatever the call", () => {
  const guest = new FakeGuest();
  for (const number of Object.keys(SIGNATURES).map(Number)) {
    for (const wild of [-1n, 1n, 0x7fff_ffff_ffff_f000n]) {
      const args = Array.from({ length: 6 }, () => wild);
      expect(guest.call(number, args, 0)).toContain(`${callName(number)}(`);
      expect(guest.call(number, args, -e.EFAULT)).toContain("EFAULT");
    }
  }
});
