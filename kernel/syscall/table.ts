// SPDX-License-Identifier: MIT
// System call numbers to handlers, one line each. A number without a line is ENOSYS, and counted.

import {
  SYS_BRK, SYS_CAPGET, SYS_CAPSET, SYS_CLONE, SYS_CLONE3, SYS_CLOSE, SYS_CLOSE_RANGE, SYS_COPY_FILE_RANGE, SYS_DUP, SYS_DUP3,
  SYS_EVENTFD2, SYS_EXECVE, SYS_EXECVEAT, SYS_EXIT, SYS_EXIT_GROUP, SYS_FCNTL, SYS_FLOCK, SYS_GETEGID, SYS_GETEUID, SYS_GETGID,
  SYS_GETGROUPS, SYS_GETPGID, SYS_GETPID, SYS_GETPPID, SYS_GETRESGID, SYS_GETRESUID, SYS_GETSID, SYS_GETTID, SYS_GETUID,
  SYS_GET_ROBUST_LIST, SYS_IOCTL, SYS_KILL, SYS_LSEEK, SYS_MADVISE, SYS_MINCORE, SYS_MLOCK, SYS_MLOCKALL, SYS_MMAP, SYS_MPROTECT,
  SYS_MREMAP, SYS_MSYNC, SYS_MUNLOCK, SYS_MUNLOCKALL, SYS_MUNMAP, SYS_PIDFD_SEND_SIGNAL, SYS_PIPE2, SYS_PPOLL, SYS_PREAD64, SYS_PREADV,
  SYS_PREADV2, SYS_PSELECT6, SYS_PWRITE64, SYS_PWRITEV, SYS_PWRITEV2, SYS_READ, SYS_READV, SYS_RT_SIGACTION, SYS_RT_SIGPENDING,
  SYS_RT_SIGPROCMASK, SYS_RT_SIGQUEUEINFO, SYS_RT_SIGRETURN, SYS_RT_SIGSUSPEND, SYS_RT_SIGTIMEDWAIT, SYS_RT_TGSIGQUEUEINFO, SYS_SENDFILE,
  SYS_SETFSGID, SYS_SETFSUID, SYS_SETGID, SYS_SETGROUPS, SYS_SETPGID, SYS_SETREGID, SYS_SETRESGID, SYS_SETRESUID, SYS_SETREUID,
  SYS_SETSID, SYS_SETUID, SYS_SET_ROBUST_LIST, SYS_SET_TID_ADDRESS, SYS_SIGALTSTACK, SYS_TGKILL, SYS_TKILL, SYS_UNSHARE, SYS_WAIT4,
  SYS_WAITID, SYS_WRITE, SYS_WRITEV,
} from "../abi/syscalls.ts";
import { SYS_SPAWN_TEMPLATE_CREATE, SYS_SPAWN_TEMPLATE_SPAWN } from "../abi/spawn-template.ts";
import { Outcome } from "../lib/outcome.ts";
import { Task } from "../process/task.ts";
import { sysCapget, sysCapset } from "./capabilities.ts";
import { sysClone, sysClone3, sysUnshare } from "./clone.ts";
import {
  sysGetgroups, sysGetresgid, sysGetresuid, sysSetfsgid, sysSetfsuid, sysSetgid, sysSetgroups, sysSetregid, sysSetresgid, sysSetresuid,
  sysSetreuid, sysSetuid,
} from "./credentials.ts";
import { sysClose, sysCloseRange, sysDup, sysDup3, sysIoctl } from "./descriptor.ts";
import { sysEventfd2 } from "./eventfd.ts";
import { sysExecve, sysExecveat } from "./exec.ts";
import { sysExit, sysExitGroup, sysGetRobustList, sysSetRobustList, sysSetTidAddress } from "./exit.ts";
import { sysFcntl } from "./fcntl.ts";
import {
  sysGetegid, sysGeteuid, sysGetgid, sysGetpgid, sysGetpid, sysGetppid, sysGetsid, sysGettid, sysGetuid, sysSetpgid, sysSetsid,
} from "./identity.ts";
import {
  sysLseek, sysPread64, sysPreadv, sysPreadv2, sysPwrite64, sysPwritev, sysPwritev2, sysRead, sysReadv, sysWrite, sysWritev,
} from "./io.ts";
import { sysKill, sysPidfdSendSignal, sysRtSigqueueinfo, sysRtTgsigqueueinfo, sysTgkill, sysTkill } from "./kill.ts";
import { sysFlock } from "./lock.ts";
import { sysBrk, sysMadvise, sysMincore, sysMlock, sysMlockall, sysMmap, sysMprotect, sysMremap, sysMsync, sysMunmap } from "./memory.ts";
import { sysPipe2 } from "./pipe.ts";
import { sysPpoll, sysPselect6 } from "./poll.ts";
import {
  sysRtSigaction, sysRtSigpending, sysRtSigprocmask, sysRtSigreturn, sysRtSigsuspend, sysRtSigtimedwait, sysSigaltstack,
} from "./signal.ts";
import { sysSpawnTemplateCreate, sysSpawnTemplateSpawn } from "./spawn-template.ts";
import { sysCopyFileRange, sysSendfile } from "./transfer.ts";
import { sysWait4, sysWaitid } from "./wait.ts";

type Handler = (self: Task) => Outcome;

const CALLS: u32 = 512;
const handlers = new StaticArray<Handler | null>(CALLS);

/** The handler of a system call, or null for a number that is not provided. */
export function handlerOf(number: i32): Handler | null {
  return <u32>number < CALLS ? handlers[number] : null;
}

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

// pipe
handlers[SYS_PIPE2] = sysPipe2;

// poll
handlers[SYS_PSELECT6] = sysPselect6;
handlers[SYS_PPOLL] = sysPpoll;

// signal
handlers[SYS_SIGALTSTACK] = sysSigaltstack;
handlers[SYS_RT_SIGSUSPEND] = sysRtSigsuspend;
handlers[SYS_RT_SIGACTION] = sysRtSigaction;
handlers[SYS_RT_SIGPROCMASK] = sysRtSigprocmask;
handlers[SYS_RT_SIGPENDING] = sysRtSigpending;
handlers[SYS_RT_SIGTIMEDWAIT] = sysRtSigtimedwait;
handlers[SYS_RT_SIGRETURN] = sysRtSigreturn;

// transfer
handlers[SYS_SENDFILE] = sysSendfile;
handlers[SYS_COPY_FILE_RANGE] = sysCopyFileRange;

// wait
handlers[SYS_WAITID] = sysWaitid;
handlers[SYS_WAIT4] = sysWait4;

// the two calls
handlers[SYS_SPAWN_TEMPLATE_CREATE] = sysSpawnTemplateCreate;
handlers[SYS_SPAWN_TEMPLATE_SPAWN] = sysSpawnTemplateSpawn;
