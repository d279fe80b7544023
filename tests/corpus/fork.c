// SPDX-License-Identifier: MIT
// What fork, vfork and clone share, copy and leave behind.

#include "check.h"

#include <sched.h>
#include <sys/mman.h>
#include <sys/time.h>

static volatile int number = 1;

static void handle(int signal) { number = signal; }

static void memory(void) {
  volatile int *shared = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  pid_t child = fork();
  if (child == 0) {
    number = 2, *shared = 2;
    _exit(number);
  }
  reap("fork", child);
  say("private %d shared %d\n", number, *shared);

  child = vfork();
  if (child == 0) {
    number = 3;
    _exit(number);
  }
  say("after vfork, at once: %d\n", number);
  reap("vfork", child);
}

static int clone_child(void *argument) {
  *(int *)argument = 77;
  close(50);
  chdir("sub");
  return 5;
}

static void cloning(void) {
  static char stack[65536] __attribute__((aligned(16)));
  int value = 0;
  char path[256];
  mkdir("sub", 0755);
  dup2(1, 50);
  pid_t child = clone(clone_child, stack + sizeof stack, CLONE_VM | CLONE_VFORK | SIGCHLD, &value);
  say("CLONE_VM: value %d, descriptor 50 %s\n", value, fcntl(50, F_GETFD) < 0 ? "closed" : "open");
  reap("clone", child);
  child = clone(clone_child, stack + sizeof stack, CLONE_FILES | CLONE_FS | SIGCHLD, &value);
  reap("clone", child);
  say("CLONE_FILES: descriptor 50 %s; CLONE_FS: in sub %d\n", fcntl(50, F_GETFD) < 0 ? "closed" : "open",
      strcmp(strrchr(getcwd(path, sizeof path), '/'), "/sub") == 0);
  chdir("..");
  SHOW(clone(clone_child, stack + sizeof stack, CLONE_SIGHAND | SIGCHLD, &value));
  SHOW(clone(clone_child, stack + sizeof stack, CLONE_THREAD | CLONE_SIGHAND | SIGCHLD, &value));
  SHOW(clone(clone_child, stack + sizeof stack, CLONE_FS | CLONE_NEWNS | SIGCHLD, &value));
  // A child without an exit signal is waited for with __WALL or __WCLONE only.
  child = clone(clone_child, stack + sizeof stack, 0, &value);
  int status;
  SHOW(waitpid(child, &status, 0));
  SHOW(waitpid(child, &status, __WCLONE) == child);
}

static void files(void) {
  char bytes[8] = {0};
  write_file("text", "abcdef", 0644);
  int fd = (int)MUST(open("text", O_RDONLY));
  pid_t child = fork();
  if (child == 0) _exit(read(fd, bytes, 4) == 4 && close(fd) == 0 ? 0 : 1);
  reap("reader", child);
  SHOW(read(fd, bytes, 8)); // the offset is shared, the descriptor is not
  SHOW_TEXT(bytes);
  close(fd);
}

static void signals(void) {
  sigset_t set, old;
  sigemptyset(&set), sigaddset(&set, SIGUSR1);
  signal(SIGUSR2, handle), signal(SIGHUP, SIG_IGN);
  sigprocmask(SIG_BLOCK, &set, &old);
  raise(SIGUSR1);
  struct itimerval timer = {.it_value = {100, 0}};
  setitimer(ITIMER_REAL, &timer, 0);
  pid_t child = fork();
  if (child == 0) {
    sigset_t mask, pending;
    struct sigaction usr2, hup;
    sigprocmask(SIG_SETMASK, 0, &mask), sigpending(&pending);
    sigaction(SIGUSR2, 0, &usr2), sigaction(SIGHUP, 0, &hup);
    getitimer(ITIMER_REAL, &timer);
    say("child: blocked %d pending %d handled %d ignored %d alarm %d\n", sigismember(&mask, SIGUSR1), sigismember(&pending, SIGUSR1),
        usr2.sa_handler == handle, hup.sa_handler == SIG_IGN, timer.it_value.tv_sec != 0);
    _exit(0);
  }
  reap("child", child);
  getitimer(ITIMER_REAL, &timer);
  SHOW(timer.it_value.tv_sec >= 98);
  signal(SIGUSR1, SIG_IGN); // discards it
  sigprocmask(SIG_SETMASK, &old, 0);
}

static void identity(void) {
  pid_t self = getpid(), group = getpgrp();
  umask(077);
  pid_t child = fork();
  if (child == 0) {
    say("child: parent right %d, other pid %d, same group %d, same session %d, umask %o\n", getppid() == self, getpid() != self,
        getpgrp() == group, getsid(0) == getsid(self), umask(0));
    _exit(0);
  }
  reap("child", child);
}

static void tree(void) { // eight processes, each waiting for its own
  int fds[2], depth = 0;
  MUST(pipe(fds));
  pid_t child = fork();
  if (child == 0) {
    for (; depth < 7; depth++) {
      pid_t next = fork();
      if (next == 0) continue;
      int status;
      waitpid(next, &status, 0);
      write(fds[1], "x", 1);
      _exit(WEXITSTATUS(status) + 1);
    }
    _exit(0);
  }
  reap("a chain of eight", child);
  char bytes[16];
  SHOW(read(fds[0], bytes, sizeof bytes));
}

int main(void) {
  enter_scratch_directory();
  memory();
  cloning();
  files();
  signals();
  identity();
  tree();
  return 0;
}
