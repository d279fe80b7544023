// SPDX-License-Identifier: MIT
// timerfd_create(2): counts of expirations as a file.

#include "check.h"

#include <poll.h>
#include <sys/timerfd.h>
#include <time.h>

static struct itimerspec after_ms(long ms, long every_ms) {
  return (struct itimerspec){{every_ms / 1000, every_ms % 1000 * 1000000}, {ms / 1000, ms % 1000 * 1000000}};
}
static void pass_ms(long ms) { nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000}, 0); }
static volatile int handled;
static void handler(int signal) { (void)signal, handled++; }

int main(void) {
  enter_scratch_directory();
  struct itimerspec value = after_ms(5, 0), old;
  uint64_t expirations = 0;
  SHOW(timerfd_create(77, 0));
  SHOW(timerfd_create(CLOCK_PROCESS_CPUTIME_ID, 0));
  SHOW(timerfd_create(CLOCK_MONOTONIC, 1));
  int fd = (int)SHOW(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK));
  SHOW(fcntl(fd, F_GETFD));
  SHOW(fcntl(fd, F_GETFL) == (O_RDWR | O_NONBLOCK));
  SHOW(read(fd, &expirations, 8));
  SHOW(read(fd, &expirations, 7));
  SHOW(write(fd, &expirations, 8));
  SHOW(lseek(fd, 0, SEEK_CUR));
  SHOW(timerfd_gettime(fd, &old));
  say("off: %ld %ld\n", (long)old.it_value.tv_sec, old.it_value.tv_nsec);
  SHOW(timerfd_settime(fd, 4, &value, 0));
  SHOW(timerfd_settime(fd, 0, (void *)8, 0));
  SHOW(timerfd_settime(fd, 0, &value, (void *)8));
  SHOW(timerfd_settime(77, 0, &value, 0));
  SHOW(timerfd_settime(0, 0, &value, 0));
  SHOW(timerfd_gettime(77, &old));
  SHOW(timerfd_gettime(1, &old));
  value.it_value.tv_nsec = -1;
  SHOW(timerfd_settime(fd, 0, &value, 0));

  value = after_ms(5, 0);
  SHOW(timerfd_settime(fd, 0, &value, &old));
  struct pollfd poller = {.fd = fd, .events = POLLIN | POLLOUT};
  SHOW(poll(&poller, 1, 0));
  SHOW(poll(&poller, 1, 10000));
  SHOW(poller.revents == POLLIN);
  SHOW(read(fd, &expirations, 8));
  SHOW(expirations);
  SHOW(read(fd, &expirations, 8));
  timerfd_gettime(fd, &old);
  say("expired: %ld %ld\n", (long)old.it_value.tv_sec, old.it_value.tv_nsec);

  value = after_ms(5, 5);
  timerfd_settime(fd, 0, &value, 0);
  pass_ms(60);
  SHOW(read(fd, (char *)&expirations, 100));
  SHOW(expirations >= 11);
  SHOW(fcntl(fd, F_SETFL, 0));
  SHOW(read(fd, &expirations, 8)); // waits
  SHOW(expirations < 11);
  SHOW(read(fd, (void *)8, 8));
  value = after_ms(100000, 7000);
  timerfd_settime(fd, 0, &value, &old);
  SHOW(old.it_interval.tv_nsec);
  timerfd_gettime(fd, &old);
  say("set: %ld every %ld\n", (long)old.it_value.tv_sec + (old.it_value.tv_nsec > 0), (long)old.it_interval.tv_sec);
  value = after_ms(0, 9000);
  timerfd_settime(fd, 0, &value, 0);
  timerfd_gettime(fd, &old);
  say("off: %ld every %ld\n", (long)old.it_value.tv_sec, (long)old.it_interval.tv_sec);

  int real = timerfd_create(CLOCK_REALTIME, 0);
  clock_gettime(CLOCK_REALTIME, &value.it_value);
  value.it_interval = (struct timespec){0, 0};
  SHOW(timerfd_settime(real, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &value, 0)); // already past
  SHOW(read(real, &expirations, 8));
  SHOW(expirations);
  value = after_ms(20, 0);
  timerfd_settime(real, 0, &value, 0);
  pid_t child = fork();
  if (child == 0) { // the same timer
    SHOW(read(real, &expirations, 8));
    _exit((int)expirations);
  }
  reap("child", child);
  struct sigaction action = {.sa_handler = handler};
  sigaction(SIGALRM, &action, 0);
  alarm(1);
  SHOW(read(real, &expirations, 8));
  SHOW(handled);
  char path[64], text[256];
  sprintf(path, "/proc/self/fd/%d", real);
  ssize_t length = readlink(path, text, sizeof text - 1);
  text[length < 0 ? 0 : length] = 0;
  SHOW_TEXT(text);
  sprintf(path, "/proc/self/fdinfo/%d", real);
  int info = open(path, O_RDONLY);
  length = read(info, text, sizeof text - 1);
  text[length < 0 ? 0 : length] = 0;
  say("%s", strstr(text, "clockid") ? strstr(text, "clockid") : "nothing\n");
  return 0;
}
