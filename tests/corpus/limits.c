// SPDX-License-Identifier: MIT
// Resource limits, prctl, umask, names of the system, random bytes, and other small calls.

#include "check.h"

#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/utsname.h>

static void limits(void) {
  struct rlimit limit;
  SHOW(getrlimit(77, &limit));
  SHOW(getrlimit(RLIMIT_CORE, &limit));
  limit = (struct rlimit){10, 5};
  SHOW(setrlimit(RLIMIT_CORE, &limit)); // soft above hard
  limit = (struct rlimit){0, 0};
  SHOW(setrlimit(RLIMIT_CORE, &limit));
  SHOW(prlimit(0, RLIMIT_CORE, 0, &limit));
  say("core %ld %ld\n", (long)limit.rlim_cur, (long)limit.rlim_max);
  SHOW(prlimit(0x3fffffff, RLIMIT_CORE, 0, &limit));

  pid_t child = fork();
  if (child == 0) {
    limit = (struct rlimit){100, 100};
    setrlimit(RLIMIT_FSIZE, &limit);
    signal(SIGXFSZ, SIG_IGN);
    int fd = open("f", O_RDWR | O_CREAT, 0644);
    char bytes[200] = {0};
    SHOW(write(fd, bytes, 80));
    SHOW(write(fd, bytes, 80)); // what fits
    SHOW(write(fd, bytes, 80));
    SHOW(ftruncate(fd, 101));
    SHOW(ftruncate(fd, 10));
    getrlimit(RLIMIT_FSIZE, &limit);
    say("inherited: %ld\n", (long)limit.rlim_cur);
    signal(SIGXFSZ, SIG_DFL);
    SHOW(pwrite(fd, bytes, 1, 100));
    _exit(0);
  }
  reap("beyond RLIMIT_FSIZE", child);
}

static void names(void) {
  char name[16];
  SHOW(prctl(PR_SET_NAME, "a name that is too long"));
  SHOW(prctl(PR_GET_NAME, name));
  SHOW_TEXT(name);
  pid_t child = fork();
  if (child == 0) {
    prctl(PR_GET_NAME, name);
    SHOW_TEXT(name);
    _exit(0);
  }
  reap("child", child);
  SHOW(prctl(PR_SET_PDEATHSIG, SIGUSR1));
  int number = 0;
  SHOW(prctl(PR_GET_PDEATHSIG, &number));
  SHOW(number);
  SHOW(prctl(PR_SET_PDEATHSIG, 99));
  SHOW(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
  SHOW(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
  SHOW(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
  SHOW(prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0));
  SHOW(prctl(9999));
  struct utsname system;
  SHOW(uname(&system));
  SHOW_TEXT(system.sysname);
  SHOW(uname((void *)8));
}

static void parents_death(void) {
  int fds[2];
  MUST(pipe(fds));
  pid_t middle = fork();
  if (middle == 0) {
    if (fork() == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      write(fds[1], "r", 1);
      for (;;) pause();
    }
    char byte;
    read(fds[0], &byte, 1);
    _exit(0);
  }
  close(fds[1]);
  reap("middle", middle);
  char byte;
  SHOW(read(fds[0], &byte, 1)); // the writer was killed with its parent
}

static void others(void) {
  unsigned char random[32] = {0};
  int set = 0;
  SHOW(getrandom(random, sizeof random, 0));
  for (size_t i = 0; i < sizeof random; i++) set += random[i] != 0;
  SHOW(set > 16);
  SHOW(getrandom(random, 1, 0x100));
  SHOW(umask(027));
  SHOW(umask(07777));
  SHOW(umask(022));
  SHOW(sysconf(_SC_PAGESIZE));
  SHOW(isatty(99));
  int file = (int)MUST(open("plain", O_RDWR | O_CREAT, 0644));
  SHOW(isatty(file));
  SHOW(syscall(9999));
  SHOW(getpriority(PRIO_PROCESS, 0));
  SHOW(setpriority(PRIO_PROCESS, 0, 5));
  SHOW(getpriority(PRIO_PROCESS, 0));
  struct rusage usage;
  SHOW(getrusage(RUSAGE_SELF, &usage));
  SHOW(getrusage(77, &usage));
  SHOW(gettid() == getpid());
}

int main(void) {
  enter_scratch_directory();
  limits();
  names();
  parents_death();
  others();
  return 0;
}
