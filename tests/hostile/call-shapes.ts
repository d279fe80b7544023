// SPDX-License-Identifier: MIT
// One line for each system call: what its arguments look like, for the hostile caller. Calls that are missing here get
// arguments of any kind. Argument order: the man page, with riscv64's own order for clone.

import * as fcntl from "../../kernel/abi/fcntl.ts";
import * as ioctl from "../../kernel/abi/ioctl.ts";
import * as mman from "../../kernel/abi/mman.ts";
import * as prctl from "../../kernel/abi/prctl.ts";
import * as resource from "../../kernel/abi/resource.ts";
import * as sched from "../../kernel/abi/sched.ts";
import * as sig from "../../kernel/abi/signal.ts";
import * as socket from "../../kernel/abi/socket.ts";
import * as spawn from "../../kernel/abi/spawn-template.ts";
import * as stat from "../../kernel/abi/stat.ts";
import * as n from "../../kernel/abi/syscalls.ts";
import * as tty from "../../kernel/abi/termios.ts";
import * as time from "../../kernel/abi/time.ts";
import * as wait from "../../kernel/abi/wait.ts";
import {
  address, array, bits, choice, constant, dirfd, exact, fd, fdOf, id, mode, mostlyZero, newPath, number, offset, oneOf, page, path, pid, programPath, repeated, room, signal, size, strings, struct, templateFd,
  type Fields, type Maker,
} from "./arguments.ts";

const openFlags = bits(fcntl, "O_");
const atFlags = bits(fcntl, "AT_(?!FDCWD)");
const fdFlags = bits(fcntl, /^O_(CLOEXEC|NONBLOCK|DIRECT)$/);
const resolve = bits(fcntl, "RESOLVE_");
/** Bits of termios, or any. */
function flagsOf(names: string): Maker {
  return oneOf(bits(tty, new RegExp(`^(${names})`)), number);
}
const protection = bits(mman, "PROT_");
const mapFlags = oneOf(
  bits(mman, "MAP_"),
  constant(mman.MAP_PRIVATE, mman.MAP_SHARED, mman.MAP_PRIVATE | mman.MAP_ANONYMOUS, mman.MAP_SHARED | mman.MAP_ANONYMOUS),
  constant(mman.MAP_PRIVATE | mman.MAP_ANONYMOUS | mman.MAP_FIXED, mman.MAP_PRIVATE | mman.MAP_ANONYMOUS | mman.MAP_GROWSDOWN),
);
const THREAD = sched.CLONE_VM | sched.CLONE_FS | sched.CLONE_FILES | sched.CLONE_SIGHAND | sched.CLONE_THREAD;
const usualClone = constant(0, sched.CLONE_VM, sched.CLONE_FILES, sched.CLONE_FS, sched.CLONE_VM | sched.CLONE_VFORK, sched.CLONE_PIDFD, THREAD, THREAD | sched.CLONE_CHILD_CLEARTID, sched.CLONE_PARENT);
const cloneFlags = oneOf(usualClone, bits(sched, /^CLONE_(?!ARGS_)/));
const cloneFlagsAndSignal: Maker = (caller) => cloneFlags(caller) | (caller.random.chance(0.8) ? BigInt(sig.SIGCHLD) : signal(caller));
const waitEvents = constant(wait.WEXITED, wait.WEXITED | wait.WNOHANG, wait.WEXITED | wait.WSTOPPED | wait.WCONTINUED | wait.WNOHANG, wait.WEXITED | wait.WNOWAIT);
const smallTime: Maker = ({ random }) => (random.chance(0.8) ? BigInt(random.below(3)) : random.boundary());
const nanoseconds: Maker = ({ random }) => (random.chance(0.8) ? BigInt(random.below(1_000_000_000)) : random.boundary());
const timespec = oneOf(constant(0), struct("u64", smallTime, "u64", nanoseconds));
const timeval = struct("u64", smallTime, "u64", nanoseconds);
const itimerval = struct("u64", smallTime, "u64", nanoseconds, "u64", smallTime, "u64", nanoseconds);
const itimerspec = struct("u64", constant(0), "u64", nanoseconds, "u64", constant(0), "u64", nanoseconds);
const clock = oneOf(choice(time, "CLOCK_"), ({ random }) => BigInt.asUintN(64, BigInt(~random.below(6) * 8 + random.below(8)))); // or that of a process or thread
const timerId = oneOf(constant(0, 0, 1, 2), number);
/** struct termios2: four words of flags, a discipline, 19 control characters, two speeds. */
const termios = struct("u32", flagsOf("[IBP]|INLCR|IXON"), "u32", flagsOf("O"), "u32", number, "u32", flagsOf("I|E|T|N|X"), "u64", number, "u64", number, "u32", number, "u32", number, "u32", number);
const sigset = struct("u64", number);
const setSize = exact(8);
const buffer = room(300);
const iovecs = repeated(3, [["u64", oneOf(buffer, buffer, buffer, address), "u64", oneOf(constant(0, 1, 100, 300), size)]]);
const iovecCount = oneOf(constant(1), constant(1, 2, 3), size);
const siginfo = struct("u32", signal, "u32", number, "u32", choice(sig, "SI_"), "u32", number, "u64", number, "u64", number);
const flockStruct = struct("u16", choice(fcntl, "F_(RD|WR|UN)LCK"), "u16", choice(fcntl, "SEEK_"), "u32", number, "u64", offset, "u64", offset, "u32", pid);
const rlimit = struct("u64", oneOf(number, size), "u64", oneOf(number, constant(-1)));
const control = oneOf(room(64), struct("u64", oneOf(constant(16, 20, 24, 28), size), "u32", constant(socket.SOL_SOCKET), "u32", choice(socket, "SCM_"), "u32", fd, "u32", fd, "u64", fd));
const mostlyControl = oneOf(control, control, constant(0));
const message = struct("u64", mostlyZero(address), "u64", mostlyZero(size), "u64", iovecs, "u64", iovecCount, "u64", mostlyControl, "u64", constant(20, 24, 28, 32), "u64", constant(0));
/** Files that bytes go through. */
const streamFd = oneOf(fdOf("terminal"), fdOf("pipe"), fdOf("socket"), fd);
const socketFd = fdOf("socket");
const unix = constant(socket.AF_UNIX);
const socketType = constant(socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_SEQPACKET, socket.SOCK_STREAM | socket.SOCK_NONBLOCK);
const groups = struct("u32", id, "u32", id, "u32", id, "u32", id);
const capabilityHeader = struct("u32", constant(0x20080522, 0x20080522, 0x19980330, 0), "u32", pid);
const capabilities = struct("u32", number, "u32", number, "u32", number, "u32", number, "u32", number, "u32", number);

const openPointer = struct("u64", path, "u64", openFlags, "u64", mode, "u64", resolve);
const sigsetPointer = struct("u64", sigset, "u64", setSize);
const zero = constant(0);

/** An action: type, flags, fd, newfd, arg; the last shape is for what no type allows. */
const actionShapes: readonly Fields[] = [
  ["u32", constant(spawn.SPAWN_TEMPLATE_ACTION_CLOSE), "u32", zero, "u32", fd, "u32", zero, "u64", zero],
  ["u32", constant(spawn.SPAWN_TEMPLATE_ACTION_DUP2), "u32", mostlyZero(openFlags), "u32", fd, "u32", fd, "u64", zero],
  ["u32", constant(spawn.SPAWN_TEMPLATE_ACTION_FCHDIR), "u32", zero, "u32", fd, "u32", zero, "u64", zero],
  ["u32", constant(spawn.SPAWN_TEMPLATE_ACTION_OPEN), "u32", zero, "u32", dirfd, "u32", fd, "u64", openPointer],
  ["u32", constant(spawn.SPAWN_TEMPLATE_ACTION_OPEN), "u32", zero, "u32", dirfd, "u32", fd, "u64", openPointer],
  ["u32", constant(spawn.SPAWN_TEMPLATE_ACTION_CLOSE_RANGE), "u32", mostlyZero(number), "u32", fd, "u32", fd, "u64", zero],
  ["u32", constant(spawn.SPAWN_TEMPLATE_ACTION_SIGMASK), "u32", zero, "u32", zero, "u32", zero, "u64", sigsetPointer],
  ["u32", constant(spawn.SPAWN_TEMPLATE_ACTION_SIGDEFAULT), "u32", zero, "u32", zero, "u32", zero, "u64", sigsetPointer],
];
const anyAction: Fields = ["u32", choice(spawn, "SPAWN_TEMPLATE_ACTION_(?!SIZE)"), "u32", number, "u32", fd, "u32", fd, "u64", oneOf(openPointer, sigsetPointer, number)];
const actionsOf = (count: number): Maker => (caller) => repeated(count, caller.random.chance(0.1) ? [anyAction] : actionShapes)(caller);
const reserved: Maker = ({ random }) => (random.chance(0.99) ? 0n : random.boundary());
const zeros = ["u64", reserved, "u64", reserved, "u64", reserved, "u64", reserved, "u64", reserved, "u64", reserved] as const;
const createFlags = bits(spawn, "SPAWN_TEMPLATE_CREATE_CLOEXEC$");
const createArgs = oneOf(
  struct("u64", createFlags, "u32", constant(-1), "u32", reserved, "u64", programPath, ...zeros),
  struct("u64", createFlags, "u32", fd, "u32", reserved, "u64", oneOf(constant(0), constant(0), programPath), ...zeros),
);
const spawnArgs: Maker = (caller) => {
  const count = caller.random.chance(0.4) ? 0 : caller.random.below(6);
  const list = count === 0 ? constant(0) : actionsOf(count);
  return struct(
    ...["u64", bits(spawn, "SPAWN_TEMPLATE_SPAWN_INHERIT"), "u64", room(4), "u64", strings, "u64", strings] as const,
    ...["u64", list, "u64", exact(count), "u64", reserved, "u64", reserved, "u64", reserved, "u64", reserved] as const,
  )(caller);
};
const cloneArgs = struct(
  ...["u64", cloneFlags, "u64", room(4), "u64", room(4), "u64", room(4), "u64", oneOf(constant(0, sig.SIGCHLD), signal)] as const,
  ...["u64", mostlyZero(address), "u64", mostlyZero(size), "u64", number] as const,
  ...["u64", mostlyZero(room(16)), "u64", mostlyZero(size), "u64", mostlyZero(fd)] as const,
);

export const SHAPES: Record<number, readonly Maker[]> = {
  // the two calls
  [spawn.SYS_SPAWN_TEMPLATE_CREATE]: [createArgs, exact(72)],
  [spawn.SYS_SPAWN_TEMPLATE_SPAWN]: [templateFd, spawnArgs, exact(80)],

  // descriptors and data
  [n.SYS_OPENAT]: [dirfd, path, openFlags, mode],
  [n.SYS_OPENAT2]: [dirfd, path, struct("u64", openFlags, "u64", oneOf(constant(0), mode), "u64", resolve), exact(24)],
  [n.SYS_CLOSE]: [fd],
  [n.SYS_CLOSE_RANGE]: [oneOf(constant(3, 8), fd), oneOf(constant(-1), fd), bits(fcntl, "CLOSE_RANGE_")],
  [n.SYS_DUP]: [fd],
  [n.SYS_DUP3]: [fd, fd, fdFlags],
  [n.SYS_PIPE2]: [room(8), fdFlags],
  [n.SYS_FCNTL]: [fd, choice(fcntl, "F_(?!OK)"), oneOf(fd, size, flockStruct, pid, struct("u32", constant(0, 1, 2), "u32", pid))],
  [n.SYS_IOCTL]: [oneOf(fdOf("terminal"), fdOf("terminal", "pipe", "socket"), fd), oneOf(choice(ioctl, /./), choice(ioctl, "TCSETS"), choice(ioctl, "TIOC[SG]")), oneOf(room(64), termios, struct("u32", oneOf(pid, number), "u32", number), number)],
  [n.SYS_FLOCK]: [fd, bits(fcntl, "LOCK_")],
  [n.SYS_READ]: [streamFd, room(4096), size],
  [n.SYS_WRITE]: [streamFd, room(4096), size],
  [n.SYS_READV]: [streamFd, iovecs, iovecCount],
  [n.SYS_WRITEV]: [streamFd, iovecs, iovecCount],
  [n.SYS_PREAD64]: [fdOf("file"), room(4096), size, offset],
  [n.SYS_PWRITE64]: [fdOf("file"), room(4096), size, offset],
  [n.SYS_PREADV]: [fdOf("file"), iovecs, iovecCount, offset],
  [n.SYS_PWRITEV]: [fdOf("file"), iovecs, iovecCount, offset],
  [n.SYS_PREADV2]: [fdOf("file"), iovecs, iovecCount, oneOf(offset, constant(-1)), constant(0), oneOf(constant(0), number)],
  [n.SYS_PWRITEV2]: [fdOf("file"), iovecs, iovecCount, oneOf(offset, constant(-1)), constant(0), oneOf(constant(0), number)],
  [n.SYS_LSEEK]: [fdOf("file", "directory"), offset, choice(fcntl, "SEEK_")],
  [n.SYS_SENDFILE]: [streamFd, fdOf("file"), oneOf(constant(0), struct("u64", offset)), size],
  [n.SYS_COPY_FILE_RANGE]: [fdOf("file"), oneOf(constant(0), struct("u64", offset)), fd, oneOf(constant(0), struct("u64", offset)), size, constant(0)],
  [n.SYS_FALLOCATE]: [fdOf("file"), number, offset, offset],
  [n.SYS_TRUNCATE]: [path, offset],
  [n.SYS_FTRUNCATE]: [fdOf("file"), offset],
  [n.SYS_MEMFD_CREATE]: [path, bits(mman, "MFD_")],
  [n.SYS_EVENTFD2]: [number, fdFlags],
  [n.SYS_PPOLL]: [array(8, ["u32", fd, "u16", number, "u16", number]), oneOf(constant(0, 1, 3, 8), size), timespec, oneOf(constant(0), sigset), setSize],
  [n.SYS_PSELECT6]: [oneOf(constant(16, 64), number), oneOf(constant(0), room(128), sigset), oneOf(constant(0), sigset), oneOf(constant(0), sigset), timespec, oneOf(constant(0), struct("u64", sigset, "u64", setSize))],

  // names and inodes
  [n.SYS_GETCWD]: [room(4096), size],
  [n.SYS_CHDIR]: [path],
  [n.SYS_FCHDIR]: [fd],
  [n.SYS_CHROOT]: [path],
  [n.SYS_MKDIRAT]: [dirfd, newPath, mode],
  [n.SYS_MKNODAT]: [dirfd, newPath, oneOf(mode, choice(stat, "S_IF")), oneOf(constant(0, 0x103, 0x105, 0x500), number)],
  [n.SYS_UNLINKAT]: [dirfd, newPath, oneOf(constant(0), atFlags)],
  [n.SYS_SYMLINKAT]: [path, dirfd, newPath],
  [n.SYS_LINKAT]: [dirfd, newPath, dirfd, newPath, oneOf(constant(0), atFlags)],
  [n.SYS_RENAMEAT2]: [dirfd, newPath, dirfd, newPath, mostlyZero(bits(fcntl, "RENAME_"))],
  [n.SYS_READLINKAT]: [dirfd, path, room(300), size],
  [n.SYS_FACCESSAT]: [dirfd, path, bits(fcntl, "._OK")],
  [n.SYS_FACCESSAT2]: [dirfd, path, bits(fcntl, "._OK"), atFlags],
  [n.SYS_FCHMOD]: [fd, mode],
  [n.SYS_FCHMODAT]: [dirfd, path, mode],
  [n.SYS_FCHMODAT2]: [dirfd, path, mode, atFlags],
  [n.SYS_FCHOWN]: [fd, id, id],
  [n.SYS_FCHOWNAT]: [dirfd, path, id, id, atFlags],
  [n.SYS_UTIMENSAT]: [dirfd, oneOf(constant(0), path), oneOf(constant(0), itimerval), atFlags],
  [n.SYS_NEWFSTATAT]: [dirfd, path, room(128), atFlags],
  [n.SYS_FSTAT]: [fd, room(128)],
  [n.SYS_STATX]: [dirfd, path, atFlags, bits(stat, /^STATX_(?!ATTR_)/), room(256)],
  [n.SYS_STATFS]: [path, room(120)],
  [n.SYS_FSTATFS]: [fd, room(120)],
  [n.SYS_GETDENTS64]: [fdOf("directory"), room(4096), size],
  [n.SYS_MOUNT]: [path, path, oneOf(path, constant(0)), bits(stat, "MS_"), oneOf(constant(0), address)],
  [n.SYS_UMOUNT2]: [path, oneOf(constant(0), number)],
  [n.SYS_SETXATTR]: [path, path, room(64), size, number],
  [n.SYS_GETXATTR]: [path, path, room(64), size],
  [n.SYS_FGETXATTR]: [fd, path, room(64), size],
  [n.SYS_UMASK]: [mode],

  // memory
  [n.SYS_BRK]: [address],
  [n.SYS_MMAP]: [oneOf(constant(0), page), size, protection, mapFlags, fd, oneOf(constant(0, 4096), offset)],
  [n.SYS_MUNMAP]: [page, size],
  [n.SYS_MPROTECT]: [page, size, protection],
  [n.SYS_MREMAP]: [page, size, size, oneOf(constant(0, mman.MREMAP_MAYMOVE), bits(mman, "MREMAP_")), page],
  [n.SYS_MADVISE]: [page, size, choice(mman, "MADV_")],
  [n.SYS_MSYNC]: [page, size, bits(mman, "MS_")],
  [n.SYS_MINCORE]: [page, size, room(256)],
  [n.SYS_MLOCK]: [page, size],
  [n.SYS_FUTEX]: [room(4), oneOf(choice(sched, "FUTEX_"), bits(sched, "FUTEX_")), number, oneOf(timespec, number), room(4), number],

  // processes
  [n.SYS_CLONE]: [cloneFlagsAndSignal, oneOf(constant(0), address), room(4), oneOf(constant(0), address), room(4)],
  [n.SYS_CLONE3]: [cloneArgs, oneOf(exact(88), constant(88, 64, 80))],
  [n.SYS_EXECVE]: [programPath, strings, strings],
  [n.SYS_EXECVEAT]: [dirfd, programPath, strings, strings, oneOf(constant(0), atFlags)],
  [n.SYS_EXIT]: [number],
  [n.SYS_EXIT_GROUP]: [number],
  [n.SYS_WAIT4]: [pid, oneOf(constant(0), room(4)), bits(wait, "(W|__W)"), oneOf(constant(0), room(144))],
  [n.SYS_WAITID]: [choice(wait, "P_"), oneOf(pid, fd), oneOf(constant(0), room(128)), oneOf(bits(wait, "(W|__W)"), waitEvents), oneOf(constant(0), room(144))],
  [n.SYS_UNSHARE]: [cloneFlags],
  [n.SYS_PIDFD_OPEN]: [pid, oneOf(constant(0), fdFlags, number)],
  [n.SYS_PIDFD_SEND_SIGNAL]: [fd, signal, oneOf(constant(0), siginfo), oneOf(constant(0), bits(sig, "PIDFD_SIGNAL"))],
  [n.SYS_PIDFD_GETFD]: [fd, fd, oneOf(constant(0), number)],
  [n.SYS_SETPGID]: [oneOf(constant(0), pid), oneOf(constant(0), pid)],
  [n.SYS_GETPGID]: [pid],
  [n.SYS_GETSID]: [pid],
  [n.SYS_SET_TID_ADDRESS]: [address],
  [n.SYS_SET_ROBUST_LIST]: [oneOf(struct("u64", address, "u64", number, "u64", address), address), exact(24)],
  [n.SYS_GET_ROBUST_LIST]: [pid, room(8), room(8)],
  [n.SYS_PRCTL]: [choice(prctl, "PR_"), oneOf(number, path, signal), number, number, number],
  [n.SYS_PRLIMIT64]: [oneOf(constant(0), pid), choice(resource, "RLIMIT_"), oneOf(constant(0), rlimit), oneOf(constant(0), room(16))],
  [n.SYS_GETRLIMIT]: [choice(resource, "RLIMIT_"), room(16)],
  [n.SYS_SETRLIMIT]: [choice(resource, "RLIMIT_"), rlimit],
  [n.SYS_GETRUSAGE]: [choice(resource, "RUSAGE_"), room(144)],
  [n.SYS_TIMES]: [room(32)],
  [n.SYS_SCHED_GETAFFINITY]: [pid, size, room(128)],
  [n.SYS_SCHED_SETAFFINITY]: [pid, size, room(128)],
  [n.SYS_SCHED_SETSCHEDULER]: [pid, choice(sched, "SCHED_"), room(8)],
  [n.SYS_GETPRIORITY]: [choice(sched, "PRIO_"), pid],
  [n.SYS_SETPRIORITY]: [choice(sched, "PRIO_"), pid, number],

  // credentials
  [n.SYS_SETUID]: [id],
  [n.SYS_SETGID]: [id],
  [n.SYS_SETREUID]: [id, id],
  [n.SYS_SETREGID]: [id, id],
  [n.SYS_SETRESUID]: [id, id, id],
  [n.SYS_SETRESGID]: [id, id, id],
  [n.SYS_GETRESUID]: [room(4), room(4), room(4)],
  [n.SYS_GETRESGID]: [room(4), room(4), room(4)],
  [n.SYS_GETGROUPS]: [size, room(64)],
  [n.SYS_SETGROUPS]: [oneOf(constant(0, 1, 4), size), groups],
  [n.SYS_CAPGET]: [capabilityHeader, oneOf(constant(0), room(24))],
  [n.SYS_CAPSET]: [capabilityHeader, capabilities],

  // signals
  [n.SYS_KILL]: [pid, signal],
  [n.SYS_TKILL]: [pid, signal],
  [n.SYS_TGKILL]: [pid, pid, signal],
  [n.SYS_RT_SIGACTION]: [signal, oneOf(constant(0), struct("u64", oneOf(constant(0, 1, 0x20000), address), "u64", bits(sig, "SA_"), "u64", number)), oneOf(constant(0), room(24)), setSize],
  [n.SYS_RT_SIGPROCMASK]: [choice(sig, /^SIG_(BLOCK|UNBLOCK|SETMASK)$/), oneOf(constant(0), sigset), oneOf(constant(0), room(8)), setSize],
  [n.SYS_RT_SIGPENDING]: [room(8), setSize],
  [n.SYS_RT_SIGSUSPEND]: [sigset, setSize],
  [n.SYS_RT_SIGTIMEDWAIT]: [sigset, oneOf(constant(0), room(128)), timespec, setSize],
  [n.SYS_RT_SIGQUEUEINFO]: [pid, signal, siginfo],
  [n.SYS_RT_TGSIGQUEUEINFO]: [pid, pid, signal, siginfo],
  [n.SYS_SIGALTSTACK]: [oneOf(constant(0), struct("u64", address, "u64", bits(sig, "SS_"), "u64", size)), oneOf(constant(0), room(24))],

  // time
  [n.SYS_CLOCK_GETTIME]: [choice(time, "CLOCK_"), room(16)],
  [n.SYS_NANOSLEEP]: [timespec, oneOf(constant(0), room(16))],
  [n.SYS_CLOCK_NANOSLEEP]: [choice(time, "CLOCK_"), oneOf(constant(0, 1), number), timespec, oneOf(constant(0), room(16))],
  [n.SYS_SETITIMER]: [choice(time, "ITIMER_"), itimerval, oneOf(constant(0), room(32))],
  [n.SYS_GETITIMER]: [choice(time, "ITIMER_"), room(32)],
  [n.SYS_CLOCK_GETRES]: [choice(time, "CLOCK_"), room(16)],
  [n.SYS_TIMER_CREATE]: [clock, oneOf(constant(0), struct("u64", number, "u32", signal, "u32", choice(time, "SIGEV_"), "u32", pid, "u32", number, "u64", number, "u64", number)), room(4)],
  [n.SYS_TIMER_SETTIME]: [timerId, oneOf(constant(0, 1), number), oneOf(itimerspec, itimerval), oneOf(constant(0), room(32))],
  [n.SYS_TIMER_GETTIME]: [timerId, room(32)],
  [n.SYS_TIMER_GETOVERRUN]: [timerId],
  [n.SYS_TIMER_DELETE]: [timerId],
  [n.SYS_TIMERFD_CREATE]: [clock, oneOf(constant(0), fdFlags)],
  [n.SYS_TIMERFD_SETTIME]: [fdOf("timer"), bits(time, "TFD_"), oneOf(itimerspec, itimerval), oneOf(constant(0), room(32))],
  [n.SYS_TIMERFD_GETTIME]: [fdOf("timer"), room(32)],
  [n.SYS_GETTIMEOFDAY]: [oneOf(timeval, address), oneOf(constant(0), room(8))],

  // sockets
  [n.SYS_SOCKET]: [choice(socket, "AF_"), bits(socket, "SOCK_"), oneOf(constant(0), number)],
  [n.SYS_SOCKETPAIR]: [oneOf(unix, unix, unix, choice(socket, "AF_")), oneOf(socketType, socketType, socketType, bits(socket, "SOCK_")), oneOf(constant(0), constant(0), constant(0), number), room(8)],
  [n.SYS_SENDTO]: [socketFd, room(4096), size, mostlyZero(bits(socket, "MSG_")), mostlyZero(address), oneOf(constant(0), size)],
  [n.SYS_RECVFROM]: [socketFd, room(4096), size, mostlyZero(bits(socket, "MSG_")), mostlyZero(address), oneOf(constant(0), room(4))],
  [n.SYS_SENDMSG]: [socketFd, message, mostlyZero(bits(socket, "MSG_"))],
  [n.SYS_RECVMSG]: [socketFd, message, mostlyZero(bits(socket, "MSG_"))],
  [n.SYS_SENDMMSG]: [socketFd, message, oneOf(constant(1), size), bits(socket, "MSG_")],
  [n.SYS_SETSOCKOPT]: [socketFd, oneOf(constant(socket.SOL_SOCKET), number), choice(socket, "SO_"), room(16), size],
  [n.SYS_GETSOCKOPT]: [socketFd, oneOf(constant(socket.SOL_SOCKET), number), choice(socket, "SO_"), room(64), struct("u32", size)],
  [n.SYS_GETSOCKNAME]: [socketFd, room(128), struct("u32", size)],
  [n.SYS_GETPEERNAME]: [socketFd, room(128), struct("u32", size)],
  [n.SYS_SHUTDOWN]: [socketFd, choice(socket, "SHUT_")],

  // the system
  [n.SYS_UNAME]: [room(390)],
  [n.SYS_SYSINFO]: [room(112)],
  [n.SYS_GETRANDOM]: [room(256), size, number],
  [n.SYS_RISCV_HWPROBE]: [room(64), size, size, room(128), number],
  [n.SYS_RISCV_FLUSH_ICACHE]: [address, address, number],
};
