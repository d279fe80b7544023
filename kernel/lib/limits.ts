// SPDX-License-Identifier: MIT
// Every limit of this kernel, with what hitting it gives: what Linux takes from its configuration, its sysctls or the size of the
// machine, and what it fixes in its headers. Limits of single processes (RLIMIT_*) start as process/resource-limits.ts says.
// tests/kernel/limits.test.ts hits each of them. Apart from all of these, whatever needs memory can say ENOMEM.

// Memory

/** Frames of 4 KiB that a machine can have (2 GiB), files and kernel objects included. More are asked for in vain: ENOMEM. */
export const MAX_FRAMES = 1 << 19;
/** Frames that a machine boots with at least; with fewer it does not boot: EINVAL. */
export const LEAST_FRAMES: u64 = 256;
/** Areas of one address space (vm.max_map_count). mmap(2), mprotect(2), munmap(2) beyond: ENOMEM. */
export const MAX_AREAS = 65530;

// Tasks

/** For each so many frames of memory one task (thread of any process) can exist: 4096 with 256 MiB. clone(2) beyond: EAGAIN. */
export const FRAMES_PER_TASK = 16;
/** Process ids are below this (/proc/sys/kernel/pid_max). clone3(2) that asks for one beyond: EINVAL; without a free one: EAGAIN. */
export const PID_MAX = 32768;
/** When all have been given out once, allocation starts here again (RESERVED_PIDS). */
export const FIRST_REUSED_PID = 300;
/** Supplementary groups (Linux: 65536; ours fit one slab object). setgroups(2) beyond: EINVAL. */
export const NGROUPS_MAX = 256;

// Signals and timers

/** Signals that queue for one process or thread, as the initial RLIMIT_SIGPENDING. sigqueue(3) beyond: EAGAIN. */
export const MAX_QUEUED_SIGNALS = 1024;
/** Timers that one process can have, whatever its RLIMIT_SIGPENDING. timer_create(2) beyond: EAGAIN. */
export const MAX_TIMERS = 1024;

// Open files

/** Open file descriptions (/proc/sys/fs/file-max). open(2) and its like beyond: ENFILE, but for CAP_SYS_ADMIN. */
export const MAX_OPEN_FILES = 65536;
/** Descriptors of one process (/proc/sys/fs/nr_open). setrlimit(2) of RLIMIT_NOFILE beyond: EPERM. A descriptor beyond that: EMFILE. */
export const MAX_DESCRIPTORS: u64 = 1 << 20;
/** Record locks and flock(2) locks of all processes. A lock beyond: ENOLCK. */
export const MAX_LOCKS = 8192;
/** Pseudo-terminals (/proc/sys/kernel/pty/max). Opening /dev/ptmx beyond: ENOSPC. */
export const MAX_TERMINALS = 4096;
/** Bytes of one read or write (MAX_RW_COUNT); more are not moved at once. */
export const MAX_COUNT: u64 = 0x7ffff000;
/** Ranges of one vector (UIO_MAXIOV). readv(2) and writev(2) beyond: EINVAL; sendmsg(2), recvmsg(2): EMSGSIZE. */
export const MAX_SEGMENTS: u64 = 1024;

// Pipes and sockets

/** Frames that a new pipe holds: 64 KiB. A write to a full one sleeps, or EAGAIN. */
export const PIPE_BUFFERS: u32 = 16;
/** Bytes of a pipe that anybody may ask for (/proc/sys/fs/pipe-max-size). F_SETPIPE_SZ beyond: EPERM, but for CAP_SYS_RESOURCE. */
export const PIPE_MAX_SIZE: u64 = 1 << 20;
/** Bytes of any pipe. F_SETPIPE_SZ beyond: EINVAL. */
export const LARGEST_PIPE: u64 = 0x80000000;
/** Bytes that a socket's queue holds (net.core.wmem_default, rmem_default). A write beyond sleeps, or EAGAIN; a datagram: EMSGSIZE. */
export const SOCKET_BUFFER: u32 = 212992;
/** Files in one message (SCM_MAX_FD). sendmsg(2) beyond: EINVAL. More than RLIMIT_NOFILE underway at once: ETOOMANYREFS. */
export const MAX_RIGHTS = 253;
/** Bytes of control data of one message (net.core.optmem_max). sendmsg(2) beyond: ENOBUFS. */
export const MAX_CONTROL: u64 = 131072;

// Names and file systems

/** Bytes of a path with its NUL. Longer: ENAMETOOLONG. */
export const PATH_MAX: usize = 4096;
/** Bytes of one name. Longer: ENAMETOOLONG. */
export const NAME_MAX: i32 = 255;
/** Symbolic links followed in one walk (MAXSYMLINKS). More: ELOOP. */
export const MAX_LINKS: i32 = 40;
/** Names of one inode: what nlink can count. link(2) beyond: EMLINK. */
export const LINK_MAX: u32 = 0x7fffffff;
/** Bytes of a file (MAX_LFS_FILESIZE of a 64-bit Linux). write(2) beyond: EFBIG. */
export const MAX_FILE_SIZE: i64 = i64.MAX_VALUE;
/** Bytes of a file that was opened without O_LARGEFILE (open(2)). open(2) beyond: EOVERFLOW, write(2): EFBIG. */
export const MAX_SMALL_FILE: i64 = 0x7fffffff;
/** Mounts (fs.mount-max is 100000; here each walk over a mount point looks through a list). mount(2) beyond: ENOSPC. */
export const MAX_MOUNTS = 1000;

// Programs

/** Bytes of one argument or environment string with its NUL (MAX_ARG_STRLEN). execve(2) beyond: E2BIG. */
export const MAX_ARGUMENT: u64 = 32 * 4096;
/** Bytes of all strings and their pointers: a quarter of RLIMIT_STACK, but between these two. execve(2) beyond: E2BIG. */
export const LEAST_ARGUMENTS: u64 = 128 << 10;
export const MAX_ARGUMENTS: u64 = 6 << 20;
/** Interpreters of interpreters of scripts. execve(2) beyond: ELOOP. */
export const MAX_SCRIPTS = 5;
