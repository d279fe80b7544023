// SPDX-License-Identifier: MIT
// posix_spawn(3) of the libc: file actions, attributes, and how it reports a program that cannot be executed.

#include "check.h"

#include <spawn.h>

static char self[4096];
extern char **environ;

static int as_child(int argc, char **argv) {
  if (strcmp(argv[1], "copy") == 0) { // stdin to stdout
    char bytes[256];
    ssize_t n = read(0, bytes, sizeof bytes);
    return n >= 0 && write(1, bytes, (size_t)n) == n ? 0 : 1;
  }
  struct sigaction pipe_action;
  sigset_t mask;
  sigaction(SIGPIPE, 0, &pipe_action), sigprocmask(SIG_SETMASK, 0, &mask);
  say("  SIGPIPE default %d, blocked USR1 %d USR2 %d, own group %d, 11 %s, argc %d, X=%s\n", pipe_action.sa_handler == SIG_DFL,
      sigismember(&mask, SIGUSR1), sigismember(&mask, SIGUSR2), getpgrp() == getpid(), fcntl(11, F_GETFD) < 0 ? "closed" : "open",
      argc, getenv("X") ? getenv("X") : "");
  return 3;
}

static void spawn(const char *what, const posix_spawn_file_actions_t *actions, const posix_spawnattr_t *attributes, char **argv) {
  pid_t pid = 0;
  int error = posix_spawn(&pid, self, actions, attributes, argv, environ);
  if (error) say("%s: %s\n", what, errno_text(error));
  else reap(what, pid);
}

int main(int argc, char **argv) {
  if (argc > 1) return as_child(argc, argv);
  if (!realpath(argv[0], self)) return 1;
  enter_scratch_directory();
  write_file("in", "through a file\n", 0644);
  char *copy[] = {"child", "copy", 0}, *state[] = {"child", "state", "more", 0};
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;

  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "in", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 30, "out", O_WRONLY | O_CREAT | O_TRUNC, 0644);
  posix_spawn_file_actions_adddup2(&actions, 30, 1);
  posix_spawn_file_actions_addclose(&actions, 30);
  posix_spawn_file_actions_addclose(&actions, 31); // not open: ignored or not, the child starts
  spawn("copy to a file", &actions, 0, copy);
  char bytes[64] = {0};
  int fd = (int)MUST(open("out", O_RDONLY));
  SHOW(read(fd, bytes, sizeof bytes));
  say("out has: %s", bytes);
  close(fd);
  posix_spawn_file_actions_addopen(&actions, 5, "missing", O_RDONLY, 0);
  spawn("an action that fails", &actions, 0, copy);
  posix_spawn_file_actions_destroy(&actions);

  sigset_t set;
  signal(SIGPIPE, SIG_IGN);
  sigemptyset(&set), sigaddset(&set, SIGUSR1);
  sigprocmask(SIG_BLOCK, &set, 0);
  dup2(1, 11);
  setenv("X", "y", 1);
  spawn("no attributes", 0, 0, state);
  posix_spawnattr_init(&attributes);
  sigemptyset(&set), sigaddset(&set, SIGPIPE), posix_spawnattr_setsigdefault(&attributes, &set);
  sigemptyset(&set), sigaddset(&set, SIGUSR2), posix_spawnattr_setsigmask(&attributes, &set);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
  fcntl(11, F_SETFD, FD_CLOEXEC);
  spawn("attributes", 0, &attributes, state);
  sigprocmask(SIG_SETMASK, 0, &set);
  say("the parent's mask is as it was: %d %d\n", sigismember(&set, SIGUSR1), sigismember(&set, SIGUSR2));

  pid_t pid = -7;
  SHOW_TEXT(errno_text(posix_spawn(&pid, "missing", 0, 0, copy, environ)));
  SHOW_TEXT(errno_text(posix_spawn(&pid, "in", 0, 0, copy, environ)));
  SHOW_TEXT(errno_text(posix_spawn(&pid, ".", 0, 0, copy, environ)));
  SHOW(waitpid(-1, 0, WNOHANG)); // a child that could not start is not left behind
  setenv("PATH", "/nowhere:.", 1);
  symlink(self, "program");
  int error = posix_spawnp(&pid, "program", 0, 0, state, environ);
  reap("found in PATH", pid);
  SHOW(error);
  return 0;
}
