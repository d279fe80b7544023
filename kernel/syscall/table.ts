// SPDX-License-Identifier: MIT
// System call numbers to handlers, one line each. A number without a line is ENOSYS, and counted.

import {
  SYS_ACCEPT, SYS_ACCEPT4, SYS_BIND, SYS_BRK, SYS_CAPGET, SYS_CAPSET, SYS_CHDIR, SYS_CHROOT, SYS_CLOCK_GETRES, SYS_CLOCK_GETTIME,
  SYS_CLOCK_NANOSLEEP, SYS_CLONE, SYS_CLONE3, SYS_CLOSE, SYS_CLOSE_RANGE, SYS_CONNECT, SYS_COPY_FILE_RANGE, SYS_DUP, SYS_DUP3,
  SYS_EVENTFD2, SYS_EXECVE, SYS_EXECVEAT, SYS_EXIT, SYS_EXIT_GROUP, SYS_FACCESSAT, SYS_FACCESSAT2, SYS_FALLOCATE, SYS_FCHDIR,
  SYS_FCHMOD, SYS_FCHMODAT, SYS_FCHMODAT2, SYS_FCHOWN, SYS_FCHOWNAT, SYS_FCNTL, SYS_FGETXATTR, SYS_FLISTXATTR, SYS_FLOCK,
  SYS_FDATASYNC, SYS_FREMOVEXATTR, SYS_FSETXATTR, SYS_FSTAT, SYS_FSTATFS, SYS_FSYNC, SYS_FTRUNCATE, SYS_FUTEX, SYS_GETCPU, SYS_GETCWD, SYS_GETDENTS64,
  SYS_GETEGID, SYS_GETEUID, SYS_GETGID, SYS_GETGROUPS, SYS_GETITIMER, SYS_GETPEERNAME, SYS_GETPGID, SYS_GETPID, SYS_GETPPID,
  SYS_GETPRIORITY, SYS_GETRANDOM, SYS_GETRESGID, SYS_GETRESUID, SYS_GETRLIMIT, SYS_GETRUSAGE, SYS_GETSID, SYS_GETSOCKNAME,
  SYS_GETSOCKOPT, SYS_GETTID, SYS_GETTIMEOFDAY, SYS_GETUID, SYS_GETXATTR, SYS_GET_ROBUST_LIST, SYS_IOCTL, SYS_KILL, SYS_LGETXATTR,
  SYS_LINKAT, SYS_LISTEN, SYS_LISTXATTR, SYS_LLISTXATTR, SYS_LREMOVEXATTR, SYS_LSEEK, SYS_LSETXATTR, SYS_MADVISE, SYS_MEMFD_CREATE,
  SYS_MINCORE, SYS_MKDIRAT, SYS_MKNODAT, SYS_MLOCK, SYS_MLOCKALL, SYS_MMAP, SYS_MOUNT, SYS_MPROTECT, SYS_MREMAP, SYS_MSYNC, SYS_MUNLOCK,
  SYS_MUNLOCKALL, SYS_MUNMAP, SYS_NANOSLEEP, SYS_NEWFSTATAT, SYS_OPENAT, SYS_OPENAT2, SYS_PERSONALITY, SYS_PIDFD_GETFD, SYS_PIDFD_OPEN,
  SYS_PIDFD_SEND_SIGNAL, SYS_PIPE2, SYS_PPOLL, SYS_PRCTL, SYS_PREAD64, SYS_PREADV, SYS_PREADV2, SYS_PRLIMIT64, SYS_PSELECT6,
  SYS_PWRITE64, SYS_PWRITEV, SYS_PWRITEV2, SYS_READ, SYS_READLINKAT, SYS_READV, SYS_RECVFROM, SYS_RECVMSG, SYS_REMOVEXATTR,
  SYS_RENAMEAT2, SYS_RISCV_FLUSH_ICACHE, SYS_RISCV_HWPROBE, SYS_RT_SIGACTION, SYS_RT_SIGPENDING, SYS_RT_SIGPROCMASK,
  SYS_RT_SIGQUEUEINFO, SYS_RT_SIGRETURN, SYS_RT_SIGSUSPEND, SYS_RT_SIGTIMEDWAIT, SYS_RT_TGSIGQUEUEINFO, SYS_SCHED_GETAFFINITY,
  SYS_SCHED_GETPARAM, SYS_SCHED_GETSCHEDULER, SYS_SCHED_GET_PRIORITY_MAX, SYS_SCHED_GET_PRIORITY_MIN, SYS_SCHED_SETAFFINITY,
  SYS_SCHED_SETSCHEDULER, SYS_SCHED_YIELD, SYS_SENDFILE, SYS_SENDMSG, SYS_SENDTO, SYS_SETFSGID, SYS_SETFSUID, SYS_SETGID, SYS_SETGROUPS,
  SYS_SETITIMER, SYS_SETPGID, SYS_SETPRIORITY, SYS_SETREGID, SYS_SETRESGID, SYS_SETRESUID, SYS_SETREUID, SYS_SETRLIMIT, SYS_SETSID,
  SYS_SETSOCKOPT, SYS_SETUID, SYS_SETXATTR, SYS_SET_ROBUST_LIST, SYS_SET_TID_ADDRESS, SYS_SHUTDOWN, SYS_SIGALTSTACK, SYS_SOCKET,
  SYS_SOCKETPAIR, SYS_STATFS, SYS_STATX, SYS_SYMLINKAT, SYS_SYNC, SYS_SYNCFS, SYS_SYSINFO, SYS_TGKILL, SYS_TIMES, SYS_TIMERFD_CREATE, SYS_TIMERFD_GETTIME, SYS_TIMERFD_SETTIME,
  SYS_TIMER_CREATE, SYS_TIMER_DELETE, SYS_TIMER_GETOVERRUN, SYS_TIMER_GETTIME, SYS_TIMER_SETTIME, SYS_TKILL,
  SYS_TRUNCATE, SYS_UMASK, SYS_UMOUNT2, SYS_UNAME, SYS_UNLINKAT, SYS_UNSHARE, SYS_UTIMENSAT, SYS_WAIT4, SYS_WAITID, SYS_WRITE,
  SYS_WRITEV,
} from "../abi/syscalls.ts";
import { SYS_SPAWN_TEMPLATE_CREATE, SYS_SPAWN_TEMPLATE_SPAWN } from "../abi/spawn-template.ts";
import { Outcome } from "../lib/outcome.ts";
import { Task } from "../process/task.ts";
import {
  sysFallocate, sysFchmod, sysFchmodat, sysFchmodat2, sysFchown, sysFchownat, sysFsync, sysFtruncate, sysSync, sysSyncfs, sysTruncate,
  sysUtimensat,
} from "./attributes.ts";
import { sysCapget, sysCapset } from "./capabilities.ts";
import { sysClone, sysClone3, sysUnshare } from "./clone.ts";
import {
  sysGetgroups, sysGetresgid, sysGetresuid, sysSetfsgid, sysSetfsuid, sysSetgid, sysSetgroups, sysSetregid, sysSetresgid, sysSetresuid,
  sysSetreuid, sysSetuid,
} from "./credentials.ts";
import { sysClose, sysCloseRange, sysDup, sysDup3, sysIoctl } from "./descriptor.ts";
import { sysChdir, sysChroot, sysFchdir, sysGetcwd, sysGetdents64, sysUmask } from "./directory.ts";
import { sysEventfd2 } from "./eventfd.ts";
import { sysExecve, sysExecveat } from "./exec.ts";
import { sysExit, sysExitGroup, sysGetRobustList, sysSetRobustList, sysSetTidAddress } from "./exit.ts";
import { sysFcntl } from "./fcntl.ts";
import { sysFutex } from "./futex.ts";
import {
  sysGetegid, sysGeteuid, sysGetgid, sysGetpgid, sysGetpid, sysGetppid, sysGetsid, sysGettid, sysGetuid, sysSetpgid, sysSetsid,
} from "./identity.ts";
import {
  sysLseek, sysPread64, sysPreadv, sysPreadv2, sysPwrite64, sysPwritev, sysPwritev2, sysRead, sysReadv, sysWrite, sysWritev,
} from "./io.ts";
import { sysKill, sysPidfdSendSignal, sysRtSigqueueinfo, sysRtTgsigqueueinfo, sysTgkill, sysTkill } from "./kill.ts";
import { sysGetrlimit, sysGetrusage, sysPrlimit64, sysSetrlimit, sysTimes } from "./limits.ts";
import { sysFlock } from "./lock.ts";
import { sysBrk, sysMadvise, sysMincore, sysMlock, sysMlockall, sysMmap, sysMprotect, sysMremap, sysMsync, sysMunmap } from "./memory.ts";
import { sysMount, sysUmount2 } from "./mount.ts";
import { sysLinkat, sysMkdirat, sysMknodat, sysReadlinkat, sysRenameat2, sysSymlinkat, sysUnlinkat } from "./name.ts";
import { sysMemfdCreate, sysOpenat, sysOpenat2 } from "./open.ts";
import { sysPidfdGetfd, sysPidfdOpen } from "./pidfd.ts";
import { sysPipe2 } from "./pipe.ts";
import { sysPpoll, sysPselect6 } from "./poll.ts";
import { sysPrctl } from "./prctl.ts";
import {
  sysGetpriority, sysSchedGetPriorityMax, sysSchedGetPriorityMin, sysSchedGetaffinity, sysSchedGetparam, sysSchedGetscheduler,
  sysSchedSetaffinity, sysSchedSetscheduler, sysSchedYield, sysSetpriority,
} from "./schedule.ts";
import {
  sysRtSigaction, sysRtSigpending, sysRtSigprocmask, sysRtSigreturn, sysRtSigsuspend, sysRtSigtimedwait, sysSigaltstack,
} from "./signal.ts";
import { sysBind, sysConnect, sysGetpeername, sysGetsockname, sysListen, sysShutdown, sysSocket, sysSocketpair } from "./socket.ts";
import { sysRecvfrom, sysRecvmsg, sysSendmsg, sysSendto } from "./socket-message.ts";
import { sysGetsockopt, sysSetsockopt } from "./socket-option.ts";
import { sysSpawnTemplateCreate, sysSpawnTemplateSpawn } from "./spawn-template.ts";
import { sysFaccessat, sysFaccessat2, sysFstat, sysFstatfs, sysNewfstatat, sysStatfs, sysStatx } from "./stat.ts";
import { sysGetcpu, sysGetrandom, sysPersonality, sysRiscvFlushIcache, sysRiscvHwprobe, sysSysinfo, sysUname } from "./system.ts";
import { sysClockGetres, sysClockGettime, sysClockNanosleep, sysGettimeofday, sysNanosleep } from "./time.ts";
import {
  sysGetitimer, sysSetitimer, sysTimerCreate, sysTimerDelete, sysTimerGetoverrun, sysTimerGettime, sysTimerSettime, sysTimerfdCreate,
  sysTimerfdGettime, sysTimerfdSettime,
} from "./timer.ts";
import { sysCopyFileRange, sysSendfile } from "./transfer.ts";
import { sysWait4, sysWaitid } from "./wait.ts";
import {
  sysFgetxattr, sysFlistxattr, sysFremovexattr, sysFsetxattr, sysGetxattr, sysLgetxattr, sysListxattr, sysLlistxattr, sysLremovexattr,
  sysLsetxattr, sysRemovexattr, sysSetxattr,
} from "./xattr.ts";

type Handler = (self: Task) => Outcome;

const CALLS: u32 = 512;
const handlers = new StaticArray<Handler | null>(CALLS);

/** The handler of a system call, or null for a number that is not provided. */
export function handlerOf(number: i32): Handler | null {
  return <u32>number < CALLS ? handlers[number] : null;
}

// attributes
handlers[SYS_TRUNCATE] = sysTruncate;
handlers[SYS_FTRUNCATE] = sysFtruncate;
handlers[SYS_FALLOCATE] = sysFallocate;
handlers[SYS_FCHMOD] = sysFchmod;
handlers[SYS_FCHMODAT] = sysFchmodat;
handlers[SYS_FCHOWNAT] = sysFchownat;
handlers[SYS_FCHOWN] = sysFchown;
handlers[SYS_SYNC] = sysSync;
handlers[SYS_FSYNC] = sysFsync;
handlers[SYS_FDATASYNC] = sysFsync; // files are in memory: there is no metadata to leave out
handlers[SYS_UTIMENSAT] = sysUtimensat;
handlers[SYS_SYNCFS] = sysSyncfs;
handlers[SYS_FCHMODAT2] = sysFchmodat2;

// capabilities
handlers[SYS_CAPGET] = sysCapget;
handlers[SYS_CAPSET] = sysCapset;

// clone
handlers[SYS_UNSHARE] = sysUnshare;
handlers[SYS_CLONE] = sysClone;
handlers[SYS_CLONE3] = sysClone3;

// credentials
handlers[SYS_SETREGID] = sysSetregid;
handlers[SYS_SETGID] = sysSetgid;
handlers[SYS_SETREUID] = sysSetreuid;
handlers[SYS_SETUID] = sysSetuid;
handlers[SYS_SETRESUID] = sysSetresuid;
handlers[SYS_GETRESUID] = sysGetresuid;
handlers[SYS_SETRESGID] = sysSetresgid;
handlers[SYS_GETRESGID] = sysGetresgid;
handlers[SYS_SETFSUID] = sysSetfsuid;
handlers[SYS_SETFSGID] = sysSetfsgid;
handlers[SYS_GETGROUPS] = sysGetgroups;
handlers[SYS_SETGROUPS] = sysSetgroups;

// descriptor
handlers[SYS_DUP] = sysDup;
handlers[SYS_DUP3] = sysDup3;
handlers[SYS_IOCTL] = sysIoctl;
handlers[SYS_CLOSE] = sysClose;
handlers[SYS_CLOSE_RANGE] = sysCloseRange;

// directory
handlers[SYS_GETCWD] = sysGetcwd;
handlers[SYS_CHDIR] = sysChdir;
handlers[SYS_FCHDIR] = sysFchdir;
handlers[SYS_CHROOT] = sysChroot;
handlers[SYS_GETDENTS64] = sysGetdents64;
handlers[SYS_UMASK] = sysUmask;

// eventfd
handlers[SYS_EVENTFD2] = sysEventfd2;

// exec
handlers[SYS_EXECVE] = sysExecve;
handlers[SYS_EXECVEAT] = sysExecveat;

// exit
handlers[SYS_EXIT] = sysExit;
handlers[SYS_EXIT_GROUP] = sysExitGroup;
handlers[SYS_SET_TID_ADDRESS] = sysSetTidAddress;
handlers[SYS_SET_ROBUST_LIST] = sysSetRobustList;
handlers[SYS_GET_ROBUST_LIST] = sysGetRobustList;

// fcntl
handlers[SYS_FCNTL] = sysFcntl;

// futex
handlers[SYS_FUTEX] = sysFutex;

// identity
handlers[SYS_SETPGID] = sysSetpgid;
handlers[SYS_GETPGID] = sysGetpgid;
handlers[SYS_GETSID] = sysGetsid;
handlers[SYS_SETSID] = sysSetsid;
handlers[SYS_GETPID] = sysGetpid;
handlers[SYS_GETPPID] = sysGetppid;
handlers[SYS_GETUID] = sysGetuid;
handlers[SYS_GETEUID] = sysGeteuid;
handlers[SYS_GETGID] = sysGetgid;
handlers[SYS_GETEGID] = sysGetegid;
handlers[SYS_GETTID] = sysGettid;

// io
handlers[SYS_LSEEK] = sysLseek;
handlers[SYS_READ] = sysRead;
handlers[SYS_WRITE] = sysWrite;
handlers[SYS_READV] = sysReadv;
handlers[SYS_WRITEV] = sysWritev;
handlers[SYS_PREAD64] = sysPread64;
handlers[SYS_PWRITE64] = sysPwrite64;
handlers[SYS_PREADV] = sysPreadv;
handlers[SYS_PWRITEV] = sysPwritev;
handlers[SYS_PREADV2] = sysPreadv2;
handlers[SYS_PWRITEV2] = sysPwritev2;

// kill
handlers[SYS_KILL] = sysKill;
handlers[SYS_TKILL] = sysTkill;
handlers[SYS_TGKILL] = sysTgkill;
handlers[SYS_RT_SIGQUEUEINFO] = sysRtSigqueueinfo;
handlers[SYS_RT_TGSIGQUEUEINFO] = sysRtTgsigqueueinfo;
handlers[SYS_PIDFD_SEND_SIGNAL] = sysPidfdSendSignal;

// limits
handlers[SYS_TIMES] = sysTimes;
handlers[SYS_GETRLIMIT] = sysGetrlimit;
handlers[SYS_SETRLIMIT] = sysSetrlimit;
handlers[SYS_GETRUSAGE] = sysGetrusage;
handlers[SYS_PRLIMIT64] = sysPrlimit64;

// lock
handlers[SYS_FLOCK] = sysFlock;

// memory
handlers[SYS_BRK] = sysBrk;
handlers[SYS_MUNMAP] = sysMunmap;
handlers[SYS_MREMAP] = sysMremap;
handlers[SYS_MMAP] = sysMmap;
handlers[SYS_MPROTECT] = sysMprotect;
handlers[SYS_MSYNC] = sysMsync;
handlers[SYS_MLOCK] = sysMlock;
handlers[SYS_MUNLOCK] = sysMlock;
handlers[SYS_MLOCKALL] = sysMlockall;
handlers[SYS_MUNLOCKALL] = sysMlockall;
handlers[SYS_MINCORE] = sysMincore;
handlers[SYS_MADVISE] = sysMadvise;

// mount
handlers[SYS_UMOUNT2] = sysUmount2;
handlers[SYS_MOUNT] = sysMount;

// name
handlers[SYS_MKNODAT] = sysMknodat;
handlers[SYS_MKDIRAT] = sysMkdirat;
handlers[SYS_UNLINKAT] = sysUnlinkat;
handlers[SYS_SYMLINKAT] = sysSymlinkat;
handlers[SYS_LINKAT] = sysLinkat;
handlers[SYS_READLINKAT] = sysReadlinkat;
handlers[SYS_RENAMEAT2] = sysRenameat2;

// open
handlers[SYS_OPENAT] = sysOpenat;
handlers[SYS_MEMFD_CREATE] = sysMemfdCreate;
handlers[SYS_OPENAT2] = sysOpenat2;

// pidfd
handlers[SYS_PIDFD_OPEN] = sysPidfdOpen;
handlers[SYS_PIDFD_GETFD] = sysPidfdGetfd;

// pipe
handlers[SYS_PIPE2] = sysPipe2;

// poll
handlers[SYS_PSELECT6] = sysPselect6;
handlers[SYS_PPOLL] = sysPpoll;

// prctl
handlers[SYS_PRCTL] = sysPrctl;

// schedule
handlers[SYS_SCHED_SETSCHEDULER] = sysSchedSetscheduler;
handlers[SYS_SCHED_GETSCHEDULER] = sysSchedGetscheduler;
handlers[SYS_SCHED_GETPARAM] = sysSchedGetparam;
handlers[SYS_SCHED_SETAFFINITY] = sysSchedSetaffinity;
handlers[SYS_SCHED_GETAFFINITY] = sysSchedGetaffinity;
handlers[SYS_SCHED_YIELD] = sysSchedYield;
handlers[SYS_SCHED_GET_PRIORITY_MAX] = sysSchedGetPriorityMax;
handlers[SYS_SCHED_GET_PRIORITY_MIN] = sysSchedGetPriorityMin;
handlers[SYS_SETPRIORITY] = sysSetpriority;
handlers[SYS_GETPRIORITY] = sysGetpriority;

// signal
handlers[SYS_SIGALTSTACK] = sysSigaltstack;
handlers[SYS_RT_SIGSUSPEND] = sysRtSigsuspend;
handlers[SYS_RT_SIGACTION] = sysRtSigaction;
handlers[SYS_RT_SIGPROCMASK] = sysRtSigprocmask;
handlers[SYS_RT_SIGPENDING] = sysRtSigpending;
handlers[SYS_RT_SIGTIMEDWAIT] = sysRtSigtimedwait;
handlers[SYS_RT_SIGRETURN] = sysRtSigreturn;

// socket
handlers[SYS_SOCKET] = sysSocket;
handlers[SYS_SOCKETPAIR] = sysSocketpair;
handlers[SYS_BIND] = sysBind;
handlers[SYS_LISTEN] = sysListen;
handlers[SYS_ACCEPT] = sysListen;
handlers[SYS_ACCEPT4] = sysListen;
handlers[SYS_CONNECT] = sysConnect;
handlers[SYS_GETSOCKNAME] = sysGetsockname;
handlers[SYS_GETPEERNAME] = sysGetpeername;
handlers[SYS_SHUTDOWN] = sysShutdown;

// socket-message
handlers[SYS_SENDTO] = sysSendto;
handlers[SYS_RECVFROM] = sysRecvfrom;
handlers[SYS_SENDMSG] = sysSendmsg;
handlers[SYS_RECVMSG] = sysRecvmsg;

// socket-option
handlers[SYS_SETSOCKOPT] = sysSetsockopt;
handlers[SYS_GETSOCKOPT] = sysGetsockopt;

// stat
handlers[SYS_STATFS] = sysStatfs;
handlers[SYS_FSTATFS] = sysFstatfs;
handlers[SYS_FACCESSAT] = sysFaccessat;
handlers[SYS_NEWFSTATAT] = sysNewfstatat;
handlers[SYS_FSTAT] = sysFstat;
handlers[SYS_STATX] = sysStatx;
handlers[SYS_FACCESSAT2] = sysFaccessat2;

// system
handlers[SYS_PERSONALITY] = sysPersonality;
handlers[SYS_UNAME] = sysUname;
handlers[SYS_GETCPU] = sysGetcpu;
handlers[SYS_SYSINFO] = sysSysinfo;
handlers[SYS_RISCV_HWPROBE] = sysRiscvHwprobe;
handlers[SYS_RISCV_FLUSH_ICACHE] = sysRiscvFlushIcache;
handlers[SYS_GETRANDOM] = sysGetrandom;

// time
handlers[SYS_NANOSLEEP] = sysNanosleep;
handlers[SYS_CLOCK_GETTIME] = sysClockGettime;
handlers[SYS_CLOCK_GETRES] = sysClockGetres;
handlers[SYS_CLOCK_NANOSLEEP] = sysClockNanosleep;
handlers[SYS_GETTIMEOFDAY] = sysGettimeofday;

// timer
handlers[SYS_GETITIMER] = sysGetitimer;
handlers[SYS_SETITIMER] = sysSetitimer;
handlers[SYS_TIMER_CREATE] = sysTimerCreate;
handlers[SYS_TIMER_SETTIME] = sysTimerSettime;
handlers[SYS_TIMER_GETTIME] = sysTimerGettime;
handlers[SYS_TIMER_GETOVERRUN] = sysTimerGetoverrun;
handlers[SYS_TIMER_DELETE] = sysTimerDelete;
handlers[SYS_TIMERFD_CREATE] = sysTimerfdCreate;
handlers[SYS_TIMERFD_SETTIME] = sysTimerfdSettime;
handlers[SYS_TIMERFD_GETTIME] = sysTimerfdGettime;

// transfer
handlers[SYS_SENDFILE] = sysSendfile;
handlers[SYS_COPY_FILE_RANGE] = sysCopyFileRange;

// wait
handlers[SYS_WAITID] = sysWaitid;
handlers[SYS_WAIT4] = sysWait4;

// xattr
handlers[SYS_SETXATTR] = sysSetxattr;
handlers[SYS_LSETXATTR] = sysLsetxattr;
handlers[SYS_FSETXATTR] = sysFsetxattr;
handlers[SYS_GETXATTR] = sysGetxattr;
handlers[SYS_LGETXATTR] = sysLgetxattr;
handlers[SYS_FGETXATTR] = sysFgetxattr;
handlers[SYS_LISTXATTR] = sysListxattr;
handlers[SYS_LLISTXATTR] = sysLlistxattr;
handlers[SYS_FLISTXATTR] = sysFlistxattr;
handlers[SYS_REMOVEXATTR] = sysRemovexattr;
handlers[SYS_LREMOVEXATTR] = sysLremovexattr;
handlers[SYS_FREMOVEXATTR] = sysFremovexattr;

// the two calls
handlers[SYS_SPAWN_TEMPLATE_CREATE] = sysSpawnTemplateCreate;
handlers[SYS_SPAWN_TEMPLATE_SPAWN] = sysSpawnTemplateSpawn;
