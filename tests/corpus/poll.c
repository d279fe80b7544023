// SPDX-License-Identifier: MIT
// poll, ppoll and select on pipes, files and closed descriptors.

#include "check.h"

#include <poll.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <time.h>

static void print_events(const struct pollfd *polled, int count) {
  for (int i = 0; i < count; i++) say("  [%d] asked 0x%x got 0x%x\n", i, (unsigned)polled[i].events, (unsigned)polled[i].revents);
}

static void handle(int number) { (void)number; }

int main(void) {
  enter_scratch_directory();
  int pipe_one[2], pipe_two[2];
  MUST(pipe(pipe_one)), MUST(pipe(pipe_two));
  int file = (int)MUST(open("file", O_RDWR | O_CREAT, 0644)), directory = (int)MUST(open(".", O_RDONLY));

  struct pollfd polled[] = {
      {.fd = pipe_one[0], .events = POLLIN}, {.fd = pipe_one[1], .events = POLLOUT}, {.fd = pipe_two[0], .events = POLLIN | POLLOUT},
      {.fd = file, .events = POLLIN | POLLOUT | POLLPRI}, {.fd = directory, .events = POLLIN}, {.fd = 99, .events = POLLIN},
      {.fd = -1, .events = POLLIN, .revents = 7}, {.fd = file, .events = 0},
  };
  SHOW(poll(polled, 8, 0));
  print_events(polled, 8);
  MUST(write(pipe_one[1], "x", 1));
  close(pipe_two[1]);
  SHOW(poll(polled, 3, -1));
  print_events(polled, 3);
  close(pipe_one[0]);
  polled[1].events = 0; // errors and hang-ups are reported unasked
  SHOW(poll(polled + 1, 1, -1));
  print_events(polled + 1, 1);

  SHOW(poll(0, 0, 1));
  struct rlimit files = {64, 64};
  MUST(setrlimit(RLIMIT_NOFILE, &files));
  SHOW(poll(polled, 65, 0)); // more than there can be descriptors
  SHOW(poll((void *)8, 1, 0));
  struct timespec bad = {0, 2000000000}, none = {0, 0};
  SHOW(ppoll(polled, 0, &bad, 0));
  SHOW(ppoll(polled + 3, 1, &none, 0));

  // ppoll's mask is in force while it sleeps: a signal that is blocked outside it ends the sleep with EINTR.
  sigset_t blocked, empty;
  sigemptyset(&empty), sigemptyset(&blocked), sigaddset(&blocked, SIGUSR1);
  signal(SIGUSR1, handle);
  MUST(sigprocmask(SIG_BLOCK, &blocked, 0));
  MUST(raise(SIGUSR1));
  struct pollfd silent = {.fd = pipe_two[0], .events = 0};
  MUST(pipe(pipe_one));
  silent.fd = pipe_one[0], silent.events = POLLIN;
  struct timespec second = {1, 0};
  SHOW(ppoll(&silent, 1, &second, &empty));
  struct timespec moment = {0, 1000000};
  SHOW(ppoll(&silent, 1, &moment, 0));

  fd_set readable, writable;
  FD_ZERO(&readable);
  FD_ZERO(&writable);
  FD_SET(pipe_one[0], &readable);
  FD_SET(file, &readable);
  FD_SET(pipe_one[1], &writable);
  struct timeval zero = {0, 0};
  SHOW(select(20, &readable, &writable, 0, &zero));
  say("pipe readable %d, file readable %d, pipe writable %d\n", !!FD_ISSET(pipe_one[0], &readable), !!FD_ISSET(file, &readable),
      !!FD_ISSET(pipe_one[1], &writable));
  FD_ZERO(&readable);
  FD_SET(60, &readable);
  SHOW(select(61, &readable, 0, 0, &zero));
  SHOW(select(-1, 0, 0, 0, &zero));
  FD_ZERO(&readable);
  FD_SET(pipe_one[0], &readable);
  zero.tv_usec = 1000;
  SHOW(select(20, &readable, 0, 0, &zero));

  // A sleeper is woken by a writer, and by the last writer's end.
  pid_t child = fork();
  if (child == 0) {
    struct timespec pause = {0, 20000000};
    nanosleep(&pause, 0);
    _exit(write(pipe_one[1], "y", 1) == 1 ? 0 : 1);
  }
  SHOW(poll(&silent, 1, 5000));
  print_events(&silent, 1);
  reap("writer", child);
  close(pipe_one[1]);
  char byte;
  SHOW(read(pipe_one[0], &byte, 1));
  SHOW(poll(&silent, 1, 5000));
  print_events(&silent, 1);
  return 0;
}
