// SPDX-License-Identifier: MIT
// Small calls and their corners: eventfd, futex, scheduling, priorities, process names and numbers, memory advice, sysinfo.

#include "check.h"

#include <linux/futex.h>
#include <sched.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <sys/time.h>
#include <sys/times.h>
#include <time.h>

static void eventfds(void) {
  uint64_t value = 5;
  int fd = (int)SHOW(eventfd(3, EFD_NONBLOCK | EFD_CLOEXEC));
  SHOW(write(fd, &value, 8));
  SHOW(read(fd, &value, 8)), SHOW(value);
  SHOW(read(fd, &value, 8));
  value = (uint64_t)-1;
  SHOW(write(fd, &value, 8));
  value = (uint64_t)-2;
  SHOW(write(fd, &value, 8)), SHOW(write(fd, &value, 8));
  SHOW(read(fd, &value, 7)), SHOW(write(fd, &value, 7));
  SHOW(read(fd, (void *)8, 8)), SHOW(write(fd, (void *)8, 8));
  int semaphore = eventfd(2, EFD_SEMAPHORE | EFD_NONBLOCK);
  SHOW(read(semaphore, &value, 8)), SHOW(value), SHOW(read(semaphore, &value, 100)), SHOW(read(semaphore, &value, 8));
  SHOW(eventfd(0, 77));
  SHOW(lseek(fd, 0, SEEK_SET)), SHOW(pread(fd, &value, 8, 0)), SHOW(ftruncate(fd, 0)), SHOW(fsync(fd));
}

static long futex(int *word, int operation, int value, struct timespec *timeout) { return syscall(SYS_futex, word, operation, value, timeout, 0, 0); }
static void futexes(void) {
  int *word = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  struct timespec soon = {0, 1000000}, bad = {0, 1000000000};
  SHOW(futex(word, FUTEX_WAKE, 1, 0));
  SHOW(futex(word, FUTEX_WAIT, 1, 0));
  SHOW(futex(word, FUTEX_WAIT, 0, &soon));
  SHOW(futex(word, FUTEX_WAIT, 0, &bad));
  SHOW(futex((int *)((char *)word + 1), FUTEX_WAIT, 0, 0));
  SHOW(futex((int *)8, FUTEX_WAIT, 0, 0));
  SHOW(futex(word, 77, 0, 0));
  SHOW(syscall(SYS_futex, word, FUTEX_WAIT_BITSET, 0, 0, 0, 0));
  pid_t child = fork();
  if (child == 0) {
    long outcome = futex(word, FUTEX_WAIT, 0, 0);
    _exit(outcome == 0 ? 5 : 6);
  }
  usleep(20000);
  *word = 1;
  SHOW(futex(word, FUTEX_WAKE, 10, 0));
  reap("child", child);
  SHOW(futex(word, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, 1, 0));
}

static void scheduling(void) {
  struct sched_param parameter = {0};
  cpu_set_t set;
  SHOW(syscall(SYS_sched_getscheduler, 0)), SHOW(syscall(SYS_sched_getparam, 0, &parameter)), SHOW(parameter.sched_priority);
  SHOW(syscall(SYS_sched_getscheduler, 0x3fffffff)), SHOW(syscall(SYS_sched_getscheduler, -1));
  SHOW(sched_get_priority_max(SCHED_FIFO)), SHOW(sched_get_priority_min(SCHED_FIFO)), SHOW(sched_get_priority_max(SCHED_OTHER)), SHOW(sched_get_priority_max(77));
  SHOW(sched_yield());
  CPU_ZERO(&set);
  SHOW(sched_getaffinity(0, sizeof set, &set)), SHOW(CPU_ISSET(0, &set) != 0);
  SHOW(sched_getaffinity(0, 1, &set));
  CPU_ZERO(&set);
  SHOW(sched_setaffinity(0, sizeof set, &set));
  CPU_SET(0, &set);
  SHOW(sched_setaffinity(0, sizeof set, &set));
  parameter.sched_priority = 5;
  SHOW(syscall(SYS_sched_setscheduler, 0, SCHED_OTHER, &parameter)), SHOW(syscall(SYS_sched_setscheduler, 0, 77, &parameter));
  SHOW(getpriority(PRIO_PROCESS, 0)), SHOW(setpriority(PRIO_PROCESS, 0, 100)), SHOW(getpriority(PRIO_PROCESS, 0));
  SHOW(getpriority(77, 0)), SHOW(setpriority(PRIO_PROCESS, 0x3fffffff, 0)), SHOW(getpriority(PRIO_PGRP, 0x3fffffff));
  SHOW(syscall(SYS_getcpu, 0, 0, 0)), SHOW(syscall(SYS_getcpu, (void *)8, 0, 0));
}

static void advice(void) {
  char *memory = mmap(0, 4 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  unsigned char resident[4];
  memory[0] = 1, memory[4096] = 2;
  SHOW(madvise(memory, 4096, MADV_DONTNEED)), SHOW(memory[0]), SHOW(memory[4096]);
  SHOW(madvise(memory + 1, 4096, MADV_DONTNEED)), SHOW(madvise(memory, 4096, 77)), SHOW(madvise(memory, 0, MADV_DONTNEED));
  munmap(memory + 8192, 4096);
  SHOW(madvise(memory, 4 * 4096, MADV_DONTNEED)); // with a hole
  SHOW(mincore(memory, 4096, resident)), SHOW(mincore(memory, 4 * 4096, resident)), SHOW(mincore(memory + 1, 4096, resident)), SHOW(mincore(memory, 4096, (void *)8));
  SHOW(msync(memory, 4096, MS_SYNC)), SHOW(msync(memory, 4096, MS_SYNC | MS_ASYNC)), SHOW(msync(memory, 4 * 4096, MS_SYNC)), SHOW(msync(memory, 4096, 77));
  SHOW(mlock(memory, 4096)), SHOW(mlock(memory, 4 * 4096)), SHOW(munlock(memory, 4096));
  SHOW(mprotect(memory, 4 * 4096, PROT_READ)), SHOW(syscall(SYS_mprotect, memory + 1, 4096, PROT_READ)), SHOW(mprotect(memory, 0, PROT_READ)), SHOW(syscall(SYS_mprotect, memory, 4096, 0x77));
  SHOW(munmap(memory + 1, 4096)), SHOW(munmap(memory, 0)), SHOW(munmap((void *)-4096L, 8192));
  long now = syscall(SYS_brk, 0);
  SHOW(syscall(SYS_brk, now + 10000) - now), SHOW(((char *)now)[9999]), SHOW(syscall(SYS_brk, now) - now), SHOW(syscall(SYS_brk, 4096) - now);
}

static void numbers(void) {
  struct sysinfo info;
  SHOW(sysinfo(&info)), SHOW(info.totalram > 0 && info.freeram <= info.totalram && info.procs > 0 && info.mem_unit > 0);
  SHOW(sysinfo((void *)8));
  struct tms times_used;
  SHOW(syscall(SYS_times, &times_used) != -1), SHOW(syscall(SYS_times, 8));
  SHOW(syscall(SYS_gettimeofday, 8, 0));
  SHOW(getpgid(0) == getpgrp()), SHOW(getpgid(0x3fffffff)), SHOW(getsid(0x3fffffff)), SHOW(setpgid(0x3fffffff, 0)), SHOW(setpgid(0, -1));
  SHOW(prctl(PR_SET_DUMPABLE, 2)), SHOW(prctl(PR_GET_DUMPABLE)), SHOW(prctl(PR_SET_KEEPCAPS, 2)), SHOW(prctl(PR_GET_TIMERSLACK));
  SHOW(prctl(PR_SET_CHILD_SUBREAPER, 1)), SHOW(prctl(PR_SET_NAME, 8));
  SHOW(getgroups(-1, 0)), SHOW(setpriority(PRIO_PROCESS, 0, 0) == 0 || errno == EACCES);
  SHOW(syscall(SYS_set_robust_list, 0, 1)), SHOW(syscall(SYS_set_tid_address, 0) == getpid());
  SHOW(syscall(SYS_getcwd, 0, 0));
  char here[4];
  SHOW(syscall(SYS_getcwd, here, 1)), SHOW(chdir("missing")), SHOW(fchdir(0x3ff)), SHOW(fchdir(open("/dev/null", O_RDONLY)));
}

int main(void) {
  enter_scratch_directory();
  eventfds();
  futexes();
  scheduling();
  advice();
  numbers();
  return 0;
}
