// SPDX-License-Identifier: MIT
// Clocks, sleeping and timers: order and lower bounds, never exact durations.

#include "check.h"

#include <sys/time.h>
#include <time.h>

static volatile int ticks;
static void tick(int number) { (void)number, ticks++; }

static long elapsed_ms(const struct timespec *since) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (now.tv_sec - since->tv_sec) * 1000 + (now.tv_nsec - since->tv_nsec) / 1000000;
}

int main(void) {
  enter_scratch_directory();
  struct timespec start, now, request = {0, 30000000}, left;
  struct timeval day;
  SHOW(clock_gettime(CLOCK_MONOTONIC, &start));
  SHOW(clock_gettime(CLOCK_REALTIME, &now));
  SHOW(now.tv_sec > 1500000000);
  SHOW(gettimeofday(&day, 0));
  SHOW(day.tv_sec - now.tv_sec <= 1);
  SHOW(time(0) - now.tv_sec <= 1);
  SHOW(clock_gettime(CLOCK_BOOTTIME, &now));
  SHOW(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now));
  SHOW(clock_gettime(CLOCK_REALTIME_COARSE, &now));
  SHOW(syscall(SYS_clock_gettime, 77, &now));
  SHOW(syscall(SYS_clock_gettime, CLOCK_MONOTONIC, (void *)8));
  SHOW(clock_getres(CLOCK_MONOTONIC, &now));
  long last = 0, backwards = 0;
  for (int i = 0; i < 1000; i++) {
    clock_gettime(CLOCK_MONOTONIC, &now);
    long ns = now.tv_sec * 1000000000 + now.tv_nsec;
    backwards += ns < last, last = ns;
  }
  SHOW(backwards);

  clock_gettime(CLOCK_MONOTONIC, &start);
  SHOW(nanosleep(&request, 0));
  SHOW(elapsed_ms(&start) >= 30);
  request.tv_nsec = 1000000000;
  SHOW(nanosleep(&request, 0));
  request.tv_nsec = 0, request.tv_sec = -1;
  SHOW(nanosleep(&request, 0));
  SHOW(nanosleep((void *)8, 0));
  clock_gettime(CLOCK_MONOTONIC, &request);
  request.tv_nsec += 20000000;
  if (request.tv_nsec >= 1000000000) request.tv_sec++, request.tv_nsec -= 1000000000;
  clock_gettime(CLOCK_MONOTONIC, &start);
  SHOW(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &request, 0));
  SHOW(elapsed_ms(&start) >= 19);
  SHOW(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &request, 0)); // already past
  SHOW_TEXT(errno_text(clock_nanosleep(77, 0, &request, 0)));

  struct sigaction action = {.sa_handler = tick};
  sigaction(SIGALRM, &action, 0);
  struct itimerval timer = {.it_interval = {0, 5000}, .it_value = {0, 5000}}, old;
  SHOW(setitimer(ITIMER_REAL, &timer, 0));
  while (ticks < 3) pause();
  memset(&timer, 0, sizeof timer);
  SHOW(setitimer(ITIMER_REAL, &timer, &old));
  SHOW(old.it_interval.tv_usec);
  SHOW(getitimer(ITIMER_REAL, &old));
  SHOW(old.it_value.tv_sec + old.it_value.tv_usec);
  timer.it_value.tv_usec = 1000000;
  SHOW(setitimer(ITIMER_REAL, &timer, 0));
  SHOW(setitimer(77, &timer, 0));
  timer.it_value.tv_usec = 20000;
  setitimer(ITIMER_REAL, &timer, 0);
  request.tv_sec = 20, request.tv_nsec = 0;
  SHOW(nanosleep(&request, &left));
  SHOW(left.tv_sec == 19);

  struct stat about;
  struct timespec times[2] = {{1000000000, 123456789}, {0, UTIME_OMIT}};
  write_file("f", "x", 0644);
  SHOW(utimensat(AT_FDCWD, "f", times, 0));
  times[0].tv_nsec = UTIME_OMIT, times[1] = (struct timespec){1234567890, 5};
  SHOW(utimensat(AT_FDCWD, "f", times, 0));
  stat("f", &about);
  say("atime %ld.%09ld mtime %ld.%09ld\n", (long)about.st_atim.tv_sec, about.st_atim.tv_nsec, (long)about.st_mtim.tv_sec, about.st_mtim.tv_nsec);
  times[0].tv_nsec = 1000000000;
  SHOW(utimensat(AT_FDCWD, "f", times, 0));
  SHOW(utimensat(AT_FDCWD, "missing", 0, 0));
  SHOW(utimensat(AT_FDCWD, "f", 0, 0));
  stat("f", &about);
  SHOW(about.st_mtim.tv_sec > 1500000000);
  struct timespec before = about.st_ctim;
  nanosleep(&(struct timespec){0, 20000000}, 0); // a tick of the coarse clock
  chmod("f", 0600);
  stat("f", &about);
  SHOW(about.st_ctim.tv_sec > before.tv_sec || about.st_ctim.tv_nsec > before.tv_nsec);
  return 0;
}
