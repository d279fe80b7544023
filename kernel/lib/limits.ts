// SPDX-License-Identifier: MIT
// Every limit of this kernel that Linux would take from its configuration or from the size of the machine, once.

/** For each so many frames of memory one task (thread of any process) can exist: 4096 with 256 MiB. clone(2) says EAGAIN beyond. */
export const FRAMES_PER_TASK = 16;
/** Process ids are below this (/proc/sys/kernel/pid_max). */
export const PID_MAX = 32768;
/** After a wrap, allocation starts here, as in Linux (RESERVED_PIDS). */
export const FIRST_REUSED_PID = 300;
/** Initial soft and hard RLIMIT_NPROC and RLIMIT_SIGPENDING. */
export const MAX_QUEUED_SIGNALS = 1024;
/** Timers of timer_create(2) that a process can have, whatever its RLIMIT_SIGPENDING: EAGAIN. */
export const MAX_TIMERS = 1024;
/** Open file descriptions that can exist; open(2) says ENFILE beyond (/proc/sys/fs/file-max). */
export const MAX_OPEN_FILES = 65536;
/** Pseudo-terminals that can exist; opening /dev/ptmx says ENOSPC beyond (/proc/sys/kernel/pty/max). */
export const MAX_TERMINALS = 4096;
