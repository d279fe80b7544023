// SPDX-License-Identifier: MIT
// Resource limits at work: what each of them refuses, and with which error (getrlimit(2)).

#include "check.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/timerfd.h>

static int limit(int resource, rlim_t soft, rlim_t hard) { return setrlimit(resource, &(struct rlimit){soft, hard}); }
static void show_limit(int resource) {
  struct rlimit value;
  getrlimit(resource, &value);
  say("soft %ld hard %ld\n", (long)value.rlim_cur, (long)value.rlim_max);
}
/** Runs a part in a child, so that its limits go with it. */
static void part(const char *name, void (*body)(void)) {
  pid_t child = fork();
  if (child == 0) {
    body();
    _exit(0);
  }
  reap(name, child);
}

static void files(void) {
  SHOW(limit(RLIMIT_NOFILE, 10, 20));
  int fds[2], last = -1;
  for (int fd; (fd = open(".", O_RDONLY)) >= 0;) last = fd;
  SHOW(last);
  SHOW(open(".", O_RDONLY));
  SHOW(dup(0));
  SHOW(dup2(0, 9));
  SHOW(dup2(0, 10));
  SHOW(dup3(0, 10, O_CLOEXEC));
  SHOW(dup2(0, -1));
  SHOW(fcntl(0, F_DUPFD, 5));
  SHOW(fcntl(0, F_DUPFD, 10));
  SHOW(fcntl(0, F_DUPFD, -1));
  SHOW(pipe(fds));
  close(9);
  SHOW(pipe(fds)); // one is not enough
  SHOW(socketpair(AF_UNIX, SOCK_STREAM, 0, fds));
  SHOW(eventfd(0, 0));
  SHOW(eventfd(0, 0));
  SHOW(timerfd_create(CLOCK_MONOTONIC, 0));
  SHOW(socket(AF_UNIX, SOCK_STREAM, 0));
  SHOW(syscall(SYS_memfd_create, "m", 0));
  SHOW(syscall(SYS_pidfd_open, getpid(), 0));
  struct pollfd polls[11];
  memset(polls, -1, sizeof polls);
  SHOW(poll(polls, 11, 0));
  SHOW(poll(polls, 10, 0));
  SHOW(limit(RLIMIT_NOFILE, 5, 20)); // what is open stays open
  SHOW(fcntl(8, F_GETFD));
  SHOW(close(8)), SHOW(dup(0));
  SHOW(limit(RLIMIT_NOFILE, 21, 20));
  SHOW(limit(RLIMIT_NOFILE, 20, 20)), SHOW(dup(0));
  SHOW(limit(RLIMIT_NOFILE, 0, 20)), SHOW(dup(0)), SHOW(open(".", O_RDONLY));
}

static void memory(void) {
  SHOW(limit(RLIMIT_AS, 256 << 20, RLIM_INFINITY));
  SHOW(mmap(0, 512 << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? -1 : 0);
  void *some = mmap(0, 1 << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  SHOW(some == MAP_FAILED ? -1 : 0);
  SHOW(mremap(some, 1 << 20, 512 << 20, MREMAP_MAYMOVE) == MAP_FAILED ? -1 : 0);
  SHOW(limit(RLIMIT_AS, RLIM_INFINITY, RLIM_INFINITY));
  SHOW(mmap(0, 512 << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? -1 : 0);
  SHOW(limit(RLIMIT_DATA, 1 << 20, RLIM_INFINITY));
  SHOW(sbrk(64 << 20) == (void *)-1 ? -1 : 0);
}

static int deep(int depth);
static int (*volatile again)(int) = deep; // no compiler makes a loop of it
static int deep(int depth) {
  volatile char room[16384];
  room[depth % 16] = (char)depth; // somewhere, so that all of it must be there
  return depth == 0 ? 0 : again(depth - 1) + room[depth % 16];
}
static void stack(void) {
  SHOW(limit(RLIMIT_STACK, 1 << 20, RLIM_INFINITY));
  SHOW(deep(20) != 12345);
  say("deeper\n");
  deep(200);
}

static void signals(void) {
  sigset_t set;
  sigemptyset(&set), sigaddset(&set, SIGRTMIN), sigaddset(&set, SIGUSR1);
  sigprocmask(SIG_BLOCK, &set, 0);
  SHOW(limit(RLIMIT_SIGPENDING, 0, 0));
  SHOW(sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = 1}));
  SHOW(kill(getpid(), SIGUSR1)); // standard signals are never lost
  siginfo_t info;
  SHOW(sigtimedwait(&set, &info, &(struct timespec){0, 0}) == SIGUSR1);
}

static void size(void) {
  SHOW(limit(RLIMIT_FSIZE, 10, RLIM_INFINITY));
  signal(SIGXFSZ, SIG_IGN);
  int fd = (int)MUST(open("sized", O_RDWR | O_CREAT, 0600));
  SHOW(write(fd, "0123456789abc", 13));
  SHOW(write(fd, "x", 1));
  SHOW(pwrite(fd, "x", 1, 100));
  SHOW(ftruncate(fd, 11));
  SHOW(fallocate(fd, 0, 0, 11));
  SHOW(truncate("sized", 10));
  int other = (int)MUST(open("other", O_RDWR | O_CREAT, 0600));
  off_t from = 0;
  SHOW(syscall(SYS_copy_file_range, fd, &from, other, 0, 100, 0));
  signal(SIGXFSZ, SIG_DFL);
  write(fd, "x", 1);
}

static void inheritance(void) {
  SHOW(limit(RLIMIT_CORE, 0, 100)), show_limit(RLIMIT_CORE);
  pid_t child = fork();
  if (child == 0) {
    show_limit(RLIMIT_CORE);
    SHOW(limit(RLIMIT_CORE, 50, 50)), show_limit(RLIMIT_CORE);
    _exit(0);
  }
  reap("child", child);
  show_limit(RLIMIT_CORE);
  child = fork();
  if (child == 0) {
    pause();
    _exit(0);
  }
  struct rlimit value = {1, 2}, old;
  SHOW(prlimit(child, RLIMIT_CORE, &value, &old));
  say("before: %ld %ld\n", (long)old.rlim_cur, (long)old.rlim_max);
  SHOW(prlimit(child, RLIMIT_CORE, 0, &old));
  say("after: %ld %ld\n", (long)old.rlim_cur, (long)old.rlim_max);
  kill(child, SIGKILL), waitpid(child, 0, 0);
  SHOW(prlimit(child, RLIMIT_CORE, 0, &old));
  SHOW(prlimit(0, 16, 0, &old)), SHOW(prlimit(0, -1, 0, &old));
  SHOW(prlimit(0, RLIMIT_CORE, (void *)8, 0)), SHOW(prlimit(0, RLIMIT_CORE, 0, (void *)8));
}

int main(void) {
  enter_scratch_directory();
  part("files", files);
  part("memory", memory);
  part("signals", signals);
  part("size", size);
  part("inheritance", inheritance);
  pid_t child = fork();
  if (child == 0) {
    stack();
    _exit(0);
  }
  int status;
  waitpid(child, &status, 0);
  say("stack: %s\n", status_text(status & ~0x80));
  return 0;
}
