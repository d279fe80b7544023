// SPDX-License-Identifier: MIT
// Shared by kernel and host: compiled by asc and by tsc. signal(7), asm-generic/signal.h and siginfo.h.

export const SIGHUP = 1;
export const SIGINT = 2;
export const SIGQUIT = 3;
export const SIGILL = 4;
export const SIGTRAP = 5;
export const SIGABRT = 6;
export const SIGBUS = 7;
export const SIGFPE = 8;
export const SIGKILL = 9;
export const SIGUSR1 = 10;
export const SIGSEGV = 11;
export const SIGUSR2 = 12;
export const SIGPIPE = 13;
export const SIGALRM = 14;
export const SIGTERM = 15;
export const SIGSTKFLT = 16;
export const SIGCHLD = 17;
export const SIGCONT = 18;
export const SIGSTOP = 19;
export const SIGTSTP = 20;
export const SIGTTIN = 21;
export const SIGTTOU = 22;
export const SIGURG = 23;
export const SIGXCPU = 24;
export const SIGXFSZ = 25;
export const SIGVTALRM = 26;
export const SIGPROF = 27;
export const SIGWINCH = 28;
export const SIGIO = 29;
export const SIGPWR = 30;
export const SIGSYS = 31;

// sa_flags
export const SA_NOCLDSTOP = 0x1;
export const SA_NOCLDWAIT = 0x2;
export const SA_SIGINFO = 0x4;
export const SA_ONSTACK = 0x8000000;
export const SA_RESTART = 0x10000000;
export const SA_NODEFER = 0x40000000;
export const SA_RESETHAND = 0x80000000;

// rt_sigprocmask how
export const SIG_BLOCK = 0;
export const SIG_UNBLOCK = 1;
export const SIG_SETMASK = 2;

// si_code
export const SI_ASYNCNL = -60;
export const SI_DETHREAD = -7;
export const SI_TKILL = -6;
export const SI_SIGIO = -5;
export const SI_ASYNCIO = -4;
export const SI_MESGQ = -3;
export const SI_TIMER = -2;
export const SI_QUEUE = -1;
export const SI_USER = 0;
export const BUS_ADRALN = 1;
export const CLD_EXITED = 1;
export const FPE_INTDIV = 1;
export const ILL_ILLOPC = 1;
export const SEGV_MAPERR = 1;
export const TRAP_BRKPT = 1;
export const BUS_ADRERR = 2;
export const CLD_KILLED = 2;
export const FPE_INTOVF = 2;
export const ILL_ILLOPN = 2;
export const SEGV_ACCERR = 2;
export const TRAP_TRACE = 2;
export const BUS_OBJERR = 3;
export const CLD_DUMPED = 3;
export const FPE_FLTDIV = 3;
export const ILL_ILLADR = 3;
export const TRAP_BRANCH = 3;
export const CLD_TRAPPED = 4;
export const FPE_FLTOVF = 4;
export const ILL_ILLTRP = 4;
export const TRAP_HWBKPT = 4;
export const CLD_STOPPED = 5;
export const FPE_FLTUND = 5;
export const ILL_PRVOPC = 5;
export const TRAP_UNK = 5;
export const CLD_CONTINUED = 6;
export const FPE_FLTRES = 6;
export const ILL_PRVREG = 6;
export const FPE_FLTINV = 7;
export const ILL_COPROC = 7;
export const FPE_FLTSUB = 8;
export const ILL_BADSTK = 8;
export const ILL_BADIADDR = 9;
export const FPE_FLTUNK = 14;
export const FPE_CONDTRAP = 15;
export const SI_KERNEL = 128;

// sigaltstack
export const SS_ONSTACK = 1;
export const SS_DISABLE = 2;
export const SS_AUTODISARM = 0x80000000;
export const MINSIGSTKSZ = 2048;

// pidfd_send_signal flags
export const PIDFD_SIGNAL_THREAD = 0x1;
export const PIDFD_SIGNAL_THREAD_GROUP = 0x2;
export const PIDFD_SIGNAL_PROCESS_GROUP = 0x4;
