// SPDX-License-Identifier: MIT
// close_range(2), with CLOSE_RANGE_CLOEXEC and CLOSE_RANGE_UNSHARE.

#include "check.h"

#include <sched.h>

enum { UNSHARE = 2, CLOEXEC = 4 };

#define close_range(first, last, flags) syscall(436, first, last, flags)

static void open_some(void) {
  static const int numbers[] = {3, 5, 6, 9, 70, 200};
  for (size_t i = 0; i < COUNT(numbers); i++) dup2(1, numbers[i]);
}

static void print_open(void) {
  say(" ");
  for (int fd = 3; fd < 256; fd++)
    if (fcntl(fd, F_GETFD) >= 0) say(" %d%s", fd, fcntl(fd, F_GETFD) ? "c" : "");
  say("\n");
}

static int child(void *unused) {
  (void)unused;
  close_range(5, ~0U, UNSHARE);
  print_open();
  return 0;
}

int main(void) {
  static char stack[65536] __attribute__((aligned(16)));
  begin();
  open_some();
  print_open();
  SHOW(close_range(5, 9, 0)), print_open();
  SHOW(close_range(5, 9, 0)), print_open();
  open_some();
  SHOW(close_range(6, 70, CLOEXEC)), print_open();
  SHOW(close_range(10, 5, 0)), print_open();
  SHOW(close_range(3, ~0U, 8)), print_open();
  SHOW(close_range(5, 5, UNSHARE | CLOEXEC)), print_open();
  SHOW(close_range(1000, 2000, 0)), print_open();
  SHOW(close_range(~0U, ~0U, 0)), print_open();
  pid_t pid = clone(child, stack + sizeof stack, CLONE_FILES | SIGCHLD, 0);
  reap("child that shares the table and unshares it", pid);
  print_open();
  SHOW(close_range(3, ~0U, CLOEXEC)), print_open();
  SHOW(close_range(3, ~0U, 0)), print_open();
  return 0;
}
