// SPDX-License-Identifier: MIT
// Process groups and sessions, and signals to groups.

#include "check.h"

static int fds[2];

static void tell(void) { MUST(write(fds[1], "r", 1)); }

static void hear(void) {
  char byte;
  MUST(read(fds[0], &byte, 1));
}

static pid_t member(pid_t group) {
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    if (group >= 0) setpgid(0, group);
    tell();
    for (;;) pause();
  }
  hear();
  return pid;
}

int main(int argc, char **argv) {
  if (argc > 1) {
    MUST(write(atoi(argv[1]), "r", 1));
    for (;;) pause();
  }
  begin();
  MUST(pipe(fds));
  SHOW(getpgid(0) == getpgrp());
  SHOW(getpgid(getpid()) == getpgrp());
  SHOW(getpgid(-1));
  SHOW(getsid(0x3fffffff));
  SHOW(setpgid(0, -1));
  SHOW(setpgid(0x3fffffff, 0));

  pid_t first = member(0), second = member(first), other = member(-1);
  SHOW(getpgid(first) == first);
  SHOW(getpgid(second) == first);
  SHOW(getpgid(other) == getpgrp());
  SHOW(getsid(first) == getsid(0));
  SHOW(setpgid(other, 0x3fffff)); // no such group
  SHOW(setpgid(other, first));
  SHOW(kill(-first, SIGTERM));
  reap("first", first), reap("second", second), reap("other", other);
  SHOW(kill(-first, 0));
  SHOW(killpg(0x3fffff, SIGTERM));

  pid_t leader = fork();
  if (leader == 0) {
    say("setsid: own session %d\n", setsid() == getpid());
    say("own group %d, session %d\n", getpgrp() == getpid(), getsid(0) == getpid());
    SHOW(setsid()); // already a leader
    SHOW(setpgid(0, 0)); // a session leader stays
    int to_parent = fds[1];
    MUST(pipe(fds)); // its child is heard by nobody else
    pid_t child = member(0);
    SHOW(getsid(child) == getpid());
    kill(child, SIGKILL);
    reap("its child", child);
    MUST(write(to_parent, "r", 1));
    pause();
    _exit(0);
  }
  hear();
  SHOW(setpgid(leader, getpgrp())); // another session
  SHOW(kill(leader, SIGKILL));
  reap("session leader", leader);

  char text[16], self[4096];
  snprintf(text, sizeof text, "%d", fds[1]);
  if (!realpath(argv[0], self)) return 1;
  pid_t executed = fork();
  if (executed == 0) execl(self, self, text, (char *)0), _exit(1);
  hear();
  SHOW(setpgid(executed, 0)); // too late: it has executed
  kill(executed, SIGTERM);
  reap("executed", executed);

  signal(SIGUSR1, SIG_IGN); // kill(0) reaches the sender too
  pid_t one = fork();
  if (one == 0) {
    setpgid(0, 0);
    pid_t two = fork();
    if (two == 0) {
      signal(SIGUSR2, SIG_DFL);
      tell();
      for (;;) pause();
    }
    hear();
    signal(SIGUSR2, SIG_IGN);
    SHOW(kill(0, SIGUSR2));
    reap("two", two);
    _exit(4);
  }
  reap("one", one);
  return 0;
}
