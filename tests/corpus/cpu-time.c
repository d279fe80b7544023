// SPDX-License-Identifier: MIT
// Clocks and timers of CPU time: their ids, timers on them, ITIMER_VIRTUAL and ITIMER_PROF, sleeping on them, RLIMIT_CPU.

#include "check.h"

#include <sys/resource.h>
#include <sys/time.h>
#include <time.h>

static volatile int alarms;
static void count(int number) { (void)number, alarms++; }

static long cpu_ns(clockid_t clock) {
  struct timespec time;
  if (clock_gettime(clock, &time)) return -1;
  return time.tv_sec * 1000000000 + time.tv_nsec;
}
/** Uses CPU time, mostly in the program, until this clock shows that much more, or an alarm came. */
static void burn(clockid_t clock, long ms) {
  long end = cpu_ns(clock) + ms * 1000000;
  for (volatile long i = 0; alarms == 0 && cpu_ns(clock) < end;)
    for (int j = 0; j < 10000; j++) i++;
}

static void clocks(void) {
  clockid_t own, other;
  SHOW(clock_getcpuclockid(0, &own));
  SHOW(clock_getcpuclockid(getpid(), &other));
  SHOW(cpu_ns(own) > 0);
  SHOW(cpu_ns(other) >= cpu_ns(own) - 1000000000);
  SHOW(clock_getcpuclockid(0x3fffffff, &other) == ESRCH);
  clockid_t unknown = ~0x3fffff << 3 | 2, none = -1, thread = ~(int)syscall(SYS_gettid) << 3 | 6;
  SHOW(cpu_ns(unknown));
  SHOW(cpu_ns(none));
  SHOW(cpu_ns(thread) > 0);
  pid_t child = fork();
  if (child == 0) {
    SHOW(cpu_ns(~getppid() << 3 | 6)); // a thread of another process
    SHOW(cpu_ns(~getppid() << 3 | 2) > 0);
    _exit(0);
  }
  reap("child", child);
  SHOW(cpu_ns(~0 << 3 | 0) >= cpu_ns(~0 << 3 | 1)); // all time, time in the program
  long before = cpu_ns(CLOCK_PROCESS_CPUTIME_ID), user = cpu_ns(~0 << 3 | 1);
  burn(CLOCK_PROCESS_CPUTIME_ID, 20);
  SHOW(cpu_ns(CLOCK_PROCESS_CPUTIME_ID) - before >= 20000000);
  SHOW(cpu_ns(CLOCK_THREAD_CPUTIME_ID) >= 20000000);
  before = cpu_ns(CLOCK_PROCESS_CPUTIME_ID);
  nanosleep(&(struct timespec){0, 50000000}, 0);
  SHOW(cpu_ns(CLOCK_PROCESS_CPUTIME_ID) - before < 40000000); // sleeping takes none
  struct timespec time = {0, 1000000};
  SHOW(clock_getres(CLOCK_PROCESS_CPUTIME_ID, 0));
  SHOW(clock_getres(own, 0));
  SHOW(syscall(SYS_clock_nanosleep, CLOCK_THREAD_CPUTIME_ID, 0, &time, 0));
  SHOW(syscall(SYS_clock_nanosleep, thread, 0, &time, 0));
  SHOW(syscall(SYS_clock_nanosleep, unknown, 0, &time, 0));
  SHOW(syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC_RAW, 0, &time, 0));
  SHOW(syscall(SYS_clock_nanosleep, CLOCK_TAI, 0, &time, 0));
}

static void sleeps(void) {
  pid_t child = fork();
  if (child == 0) {
    for (;;) burn(CLOCK_PROCESS_CPUTIME_ID, 1000);
  }
  clockid_t clock = ~child << 3 | 2;
  struct timespec time = {0, 30000000};
  SHOW(syscall(SYS_clock_nanosleep, clock, 0, &time, 0));
  SHOW(cpu_ns(clock) >= 30000000);
  time.tv_nsec = 60000000;
  SHOW(syscall(SYS_clock_nanosleep, clock, TIMER_ABSTIME, &time, 0));
  SHOW(cpu_ns(clock) >= 60000000);
  SHOW(syscall(SYS_clock_nanosleep, clock, TIMER_ABSTIME, &time, 0)); // already past
  struct itimerval soon = {.it_value = {0, 20000}};
  setitimer(ITIMER_REAL, &soon, 0);
  time.tv_sec = 1000;
  struct timespec left = {0};
  SHOW(syscall(SYS_clock_nanosleep, clock, 0, &time, &left));
  SHOW(left.tv_sec >= 999);
  alarms = 0;
  kill(child, SIGKILL);
  reap("child", child);
  SHOW(cpu_ns(clock));
}

static void intervals(int which, const char *name) {
  struct itimerval value = {{0, 8000}, {0, 8000}}, old;
  struct timespec pause = {0, 30000000};
  say("%s\n", name);
  alarms = 0;
  SHOW(setitimer(which, &value, 0));
  nanosleep(&pause, 0);
  SHOW(alarms); // no time was used
  for (int i = 0; i < 3; i++) burn(CLOCK_PROCESS_CPUTIME_ID, 10000), say("%d\n", alarms > 0), alarms = 0;
  SHOW(getitimer(which, &old));
  SHOW(old.it_value.tv_usec > 0 && old.it_value.tv_usec <= 12000);
  memset(&value, 0, sizeof value);
  SHOW(setitimer(which, &value, &old));
  SHOW(old.it_interval.tv_usec);
  alarms = 0;
  burn(CLOCK_PROCESS_CPUTIME_ID, 30);
  SHOW(alarms);
  value.it_interval.tv_sec = 5;
  SHOW(setitimer(which, &value, 0));
  SHOW(getitimer(which, &old));
  say("stopped: %ld every %ld\n", (long)old.it_value.tv_sec, (long)old.it_interval.tv_sec);
  value = (struct itimerval){{0, 0}, {100, 0}};
  setitimer(which, &value, 0);
  pid_t child = fork();
  if (child == 0) {
    getitimer(which, &old);
    say("child: %ld\n", (long)old.it_value.tv_sec);
    _exit(0);
  }
  reap("child", child);
  memset(&value, 0, sizeof value);
  setitimer(which, &value, 0);
}

static void timers(clockid_t clock, const char *name) {
  int id;
  struct itimerspec value = {{0, 8000000}, {0, 8000000}}, old;
  struct timespec pause = {0, 30000000};
  say("%s\n", name);
  alarms = 0;
  SHOW(syscall(SYS_timer_create, clock, 0, &id));
  SHOW(syscall(SYS_timer_settime, id, 0, &value, 0));
  nanosleep(&pause, 0);
  SHOW(alarms);
  burn(CLOCK_PROCESS_CPUTIME_ID, 10000);
  SHOW(alarms > 0);
  SHOW(syscall(SYS_timer_gettime, id, &old));
  SHOW(old.it_value.tv_nsec > 0);
  value = (struct itimerspec){{0, 0}, {0, 1}};
  alarms = 0;
  SHOW(syscall(SYS_timer_settime, id, TIMER_ABSTIME, &value, 0)); // long past
  burn(CLOCK_PROCESS_CPUTIME_ID, 10000);
  SHOW(alarms);
  SHOW(syscall(SYS_timer_delete, id));
}

static void spin(void) {
  for (;;) burn(CLOCK_PROCESS_CPUTIME_ID, 1000), alarms = 0;
}

static void limit(rlim_t soft, rlim_t hard, int handles) {
  pid_t child = fork();
  if (child == 0) {
    struct rlimit value = {soft, hard};
    alarms = 0;
    if (handles) signal(SIGXCPU, count);
    SHOW(setrlimit(RLIMIT_CPU, &value));
    if (!handles) spin();
    burn(CLOCK_PROCESS_CPUTIME_ID, 10000);
    getrlimit(RLIMIT_CPU, &value);
    say("one signal, then the limit is %ld\n", (long)value.rlim_cur);
    spin();
  }
  int status;
  MUST(waitpid(child, &status, 0));
  say("soft %ld hard %ld: %s\n", (long)soft, (long)hard, status_text(status & ~0x80));
}

int main(void) {
  enter_scratch_directory();
  struct sigaction action = {.sa_handler = count};
  int signals[] = {SIGALRM, SIGVTALRM, SIGPROF};
  for (size_t i = 0; i < COUNT(signals); i++) sigaction(signals[i], &action, 0);
  clocks();
  sleeps();
  intervals(ITIMER_VIRTUAL, "ITIMER_VIRTUAL");
  intervals(ITIMER_PROF, "ITIMER_PROF");
  timers(CLOCK_PROCESS_CPUTIME_ID, "process");
  timers(CLOCK_THREAD_CPUTIME_ID, "thread");
  limit(0, RLIM_INFINITY, 0);
  limit(0, 0, 1);
  limit(0, 1, 1);
  return 0;
}
