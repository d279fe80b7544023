// SPDX-License-Identifier: MIT
// Real-time signals are queued with their values, the lowest number first, each number in the order it was sent.

#include "check.h"

static void handle(int number, siginfo_t *info, void *context) {
  (void)context;
  say("delivered RTMIN+%d value %d code %d\n", number - SIGRTMIN, info->si_value.sival_int, info->si_code);
}

int main(void) {
  begin();
  sigset_t all, old;
  sigfillset(&all);
  MUST(sigprocmask(SIG_SETMASK, &all, &old));
  for (int i = 0; i < 4; i++) {
    struct sigaction action = {.sa_sigaction = handle, .sa_flags = SA_SIGINFO};
    sigfillset(&action.sa_mask); // so that one handler ends before the next begins
    MUST(sigaction(SIGRTMIN + i, &action, 0));
  }
  static const int order[] = {3, 1, 2, 1, 0, 3, 1};
  for (size_t i = 0; i < COUNT(order); i++)
    MUST(sigqueue(getpid(), SIGRTMIN + order[i], (union sigval){.sival_int = (int)i}));
  sigset_t one;
  siginfo_t info;
  sigemptyset(&one), sigaddset(&one, SIGRTMIN + 1);
  SHOW(sigwaitinfo(&one, &info) == SIGRTMIN + 1);
  SHOW(info.si_value.sival_int);
  sigset_t pending;
  MUST(sigpending(&pending));
  for (int i = 0; i < 4; i++) say("RTMIN+%d pending %d\n", i, sigismember(&pending, SIGRTMIN + i));

  pid_t child = fork();
  if (child == 0) {
    sigpending(&pending);
    _exit(sigismember(&pending, SIGRTMIN)); // pending signals are not inherited
  }
  reap("child of a process with pending signals", child);
  MUST(sigprocmask(SIG_SETMASK, &old, 0));

  child = fork();
  if (child == 0) {
    signal(SIGRTMAX, SIG_DFL);
    raise(SIGRTMAX);
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  say("the default action of RTMAX is to kill: %d\n", WIFSIGNALED(status) && WTERMSIG(status) == SIGRTMAX);
  return 0;
}
