// SPDX-License-Identifier: MIT
// For the test of repeated Ctrl-C: says that it is ready, then sleeps whatever comes.
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

int main(void) {
  signal(SIGINT, SIG_IGN);
  puts("ready");
  fflush(stdout);
  for (;;) sleep(1);
}
