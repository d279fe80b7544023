// SPDX-License-Identifier: MIT
// Shared by kernel and host: compiled by asc and by tsc. The boundary between the kernel module and whoever hosts it:
// numbers that its exports (kernel/index.ts) and imports (kernel/host.ts) pass. All lengths are bytes, all times virtual ns.

export const BOUNDARY_VERSION = 2;
export const BUFFER_SIZE = 65536; // the transfer buffer that buffer() points at

// boot(flags)
export const BOOT_TRACE = 1 << 0; // report every system call through trace()
export const BOOT_CHECKING_HEAP = 1 << 1; // poison and quarantine freed kernel objects
export const BOOT_REAL_TIME = 1 << 2; // stop with RUN_IDLE instead of skipping to the next timer
export const BOOT_STDIN_TTY = 1 << 3;
export const BOOT_STDOUT_TTY = 1 << 4;
export const BOOT_STDERR_TTY = 1 << 5;

// consoleWrite(stream): 1 and 2 are standard output and error
export const CONSOLE_TERMINAL = 0; // the host's terminal, whichever of its streams is one

// run(budget): why it returned
export const RUN_BUDGET = 0; // the budget is spent, tasks are runnable
export const RUN_IDLE = 1; // everything sleeps until nextTimer() (BOOT_REAL_TIME only)
export const RUN_INPUT = 2; // everything sleeps and somebody waits for console input
export const RUN_OFF = 3; // pid 1 is gone and so is everything else
export const RUN_DEADLOCK = 4; // everything sleeps, and neither time nor input can wake it
export const RUN_FINDING = 5; // the kernel found a bug of its own (or of the profile's code); see finding()

// trace(event, tid, number, value)
export const TRACE_ENTER = 0; // number: system call; its six arguments (u64) stand at the start of the buffer
export const TRACE_EXIT = 1; // value: result or -errno
export const TRACE_BLOCKED = 2; // the call sleeps
export const TRACE_RESUMED = 3; // the call runs again; TRACE_EXIT or TRACE_BLOCKED follows
export const TRACE_RESTARTED = 4; // a signal interrupts the call: EINTR, a short count, or a restart follows
export const TRACE_SIGNAL = 5; // number: signal delivered, value: si_code; its siginfo (128 bytes) stands in the buffer
export const TRACE_EXITED = 6; // value: wait status of the thread group; number: 1 if the whole process is gone
export const TRACE_STOPPED = 7; // number: signal
export const TRACE_CONTINUED = 8;
export const TRACE_ACTION = 9; // a template's child did action `number`: value result, the action (24 bytes) in the buffer
export const TRACE_EXEC = 10; // a template's child starts its image: value 0 or -errno, its name (comm, 16 bytes) in the buffer
export const TRACE_BORN = 11; // a new task; number: its process, value: tid of the task that made it. Nothing of it came before
export const TRACE_OUT_OF_MEMORY = 12; // process `tid` is killed because frames ran out; value: pages it had resident

// finding(kind, ptr, len)
export const FINDING_PANIC = 0;
export const FINDING_USE_AFTER_FREE = 1;
export const FINDING_LEAK = 2;
export const FINDING_WARNING = 3;

// usage(kind): what is alive now
export const USAGE_FRAMES = 0; // physical frames in use, all purposes
export const USAGE_FRAME_LIMIT = 1;
export const USAGE_OBJECTS = 2; // live slab objects
export const USAGE_TASKS = 3;
export const USAGE_FILES = 4; // open file descriptions
export const USAGE_TEMPLATES = 5;
export const USAGE_DENY_WRITES = 6; // deny-write references held by executables and templates
export const USAGE_LEAKED_STRINGS = 7; // quirk relative-path-leak
export const USAGE_UNKNOWN_CALLS = 8; // system calls answered with ENOSYS since boot
export const USAGE_PAGE_CACHE = 9; // frames that hold file contents (part of USAGE_FRAMES)

// failAllocation(count, kinds)
export const ALLOCATION_OBJECTS = 1 << 0; // the kernel's own objects, where they are admitted
export const ALLOCATION_FRAMES = 1 << 1; // pages of programs and files, buffers, page tables

// stateAddress(kind): tables with an entry for each page of linear memory (address >> 12)
export const STATE_DIRTY = 0; // u8: 1 if it was written since the host cleared this
export const STATE_REFS = 1; // u32: from the first frame on, 0x800xxxxx for a free one
export const STATE_CODE_TAGS = 2; // u32: not 0 if forgetCode() must hear of a change
export const STATE_FIRST_FRAME = 3; // no table: where the frames begin
export const STATE_REGISTERS = 4; // no table: within a page that is written without being marked

// actorCall: the call sleeps; ask actorResult later. Outside the range of results and -errno.
export const ACTOR_BLOCKED = -4096;
// actorCall, actorResult: the actor has died, or runs a program of its own since an execve.
export const ACTOR_GONE = -4098;
// The memory that every actor has for arguments.
export const ACTOR_MEMORY = 0x10000;
export const ACTOR_MEMORY_SIZE = 0x100000;
