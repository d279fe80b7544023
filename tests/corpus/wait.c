// SPDX-License-Identifier: MIT
// wait4 and waitid: exit statuses, signals, stop and continue, WNOHANG, WNOWAIT, whom they wait for.

#include "check.h"

#include <sys/prctl.h>
#include <sys/resource.h>

static pid_t child_that_exits(int status) {
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) _exit(status);
  return pid;
}

static pid_t child_that_pauses(void) {
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0)
    for (;;) pause();
  return pid;
}

static void print_info(const char *what, const siginfo_t *info, pid_t pid) {
  say("%s: code %d status %d signo %d, the right child %d\n", what, info->si_code, info->si_status, info->si_signo,
      info->si_pid == pid);
}

static void endings(void) {
  static const int statuses[] = {0, 1, 127, 255, 256, 511};
  for (size_t i = 0; i < COUNT(statuses); i++) reap("_exit", child_that_exits(statuses[i]));
  static const int signals[] = {SIGKILL, SIGTERM, SIGABRT, SIGUSR1};
  for (size_t i = 0; i < COUNT(signals); i++) {
    pid_t pid = child_that_pauses();
    MUST(kill(pid, signals[i]));
    int status;
    MUST(waitpid(pid, &status, 0));
    say("killed: %d by %d\n", WIFSIGNALED(status), WTERMSIG(status));
  }
}

static void arguments(void) {
  int status;
  siginfo_t info;
  SHOW(wait(&status));
  SHOW(waitpid(12345678, &status, 0));
  SHOW(waitpid(-1, &status, 0x1000));
  SHOW(waitid(P_ALL, 0, &info, 0));
  SHOW(waitid(77, 0, &info, WEXITED));
  SHOW(waitid(P_PID, 0, &info, WEXITED));
  pid_t pid = child_that_pauses();
  SHOW(waitpid(pid, &status, WNOHANG));
  info.si_pid = 1;
  SHOW(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG));
  SHOW(info.si_pid);
  SHOW(waitpid(-getpgrp(), &status, WNOHANG));
  SHOW(waitpid(0, &status, WNOHANG));
  SHOW(waitid(P_PGID, (id_t)getpgrp(), &info, WEXITED | WNOHANG));
  kill(pid, SIGKILL);
  reap("paused", pid);
}

static void without_reaping(void) {
  siginfo_t info;
  pid_t pid = child_that_exits(9);
  for (int i = 0; i < 2; i++) {
    SHOW(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT));
    print_info("left alone", &info, pid);
  }
  SHOW(kill(pid, 0)); // a zombie is still there
  SHOW(waitid(P_ALL, 0, &info, WEXITED));
  print_info("reaped", &info, pid);
  SHOW(kill(pid, 0));
  struct rusage usage;
  pid = child_that_exits(4);
  int status;
  SHOW(wait4(pid, &status, 0, &usage) == pid);
  SHOW_TEXT(status_text(status));
}

static void stopping(void) {
  int status;
  siginfo_t info;
  pid_t pid = child_that_pauses();
  kill(pid, SIGSTOP);
  SHOW(waitpid(pid, &status, WUNTRACED) == pid);
  say("%s\n", status_text(status));
  SHOW(waitpid(pid, &status, WUNTRACED | WNOHANG)); // reported once
  kill(pid, SIGCONT);
  SHOW(waitpid(pid, &status, WCONTINUED) == pid);
  say("%s\n", status_text(status));
  MUST(setpgid(pid, pid)); // an orphaned group, which this one may be, ignores the next one
  kill(pid, SIGTSTP);
  SHOW(waitid(P_PID, (id_t)pid, &info, WSTOPPED | WNOWAIT));
  print_info("stopped", &info, pid);
  SHOW(waitid(P_PID, (id_t)pid, &info, WSTOPPED));
  kill(pid, SIGTERM); // pending until it continues
  SHOW(waitpid(pid, &status, WNOHANG));
  kill(pid, SIGCONT);
  reap("stopped, then terminated", pid);
  pid = child_that_pauses();
  kill(pid, SIGSTOP);
  waitpid(pid, &status, WUNTRACED);
  kill(pid, SIGKILL); // not even a stopped process can resist
  reap("stopped, then killed", pid);
}

static void automatic(void) {
  signal(SIGCHLD, SIG_IGN);
  child_that_exits(1);
  SHOW(wait(0)); // sleeps until the last one is gone, then ECHILD
  signal(SIGCHLD, SIG_DFL);
  struct sigaction action = {.sa_handler = SIG_DFL, .sa_flags = SA_NOCLDWAIT};
  sigaction(SIGCHLD, &action, 0);
  child_that_exits(1);
  SHOW(wait(0));
  signal(SIGCHLD, SIG_DFL);
}

static void orphans(void) {
  int fds[2];
  MUST(pipe(fds));
  SHOW(prctl(PR_SET_CHILD_SUBREAPER, 1));
  pid_t middle = (pid_t)MUST(fork());
  if (middle == 0) {
    if (fork() == 0) {
      char byte;
      close(fds[1]);
      read(fds[0], &byte, 1); // until the parent is gone
      _exit(33);
    }
    _exit(0);
  }
  reap("parent of an orphan", middle);
  close(fds[0]), close(fds[1]);
  int status;
  SHOW(wait(&status) > 0);
  say("orphan: %s\n", status_text(status));
  SHOW(wait(&status));
}

int main(void) {
  begin();
  endings();
  arguments();
  without_reaping();
  stopping();
  automatic();
  orphans();
  return 0;
}
