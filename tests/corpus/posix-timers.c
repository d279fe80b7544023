// SPDX-License-Identifier: MIT
// timer_create(2) and what belongs to it: ids, arguments, signals and their values, overruns, fork and exec.

#include "check.h"

#include <sys/resource.h>
#include <time.h>

#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid
#endif

static struct itimerspec after_ms(long ms, long every_ms) {
  return (struct itimerspec){{every_ms / 1000, every_ms % 1000 * 1000000}, {ms / 1000, ms % 1000 * 1000000}};
}
static long create(int clock, struct sigevent *event, int *id) { return syscall(SYS_timer_create, clock, event, id); }
static long set(int id, int flags, struct itimerspec *new, struct itimerspec *old) { return syscall(SYS_timer_settime, id, flags, new, old); }
static long get(int id, struct itimerspec *value) { return syscall(SYS_timer_gettime, id, value); }
static long overrun(int id) { return syscall(SYS_timer_getoverrun, id); }
static long drop(int id) { return syscall(SYS_timer_delete, id); }
static void pass_ms(long ms) { nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000}, 0); }
static struct timespec in_ms(int clock, long ms) {
  struct timespec at;
  clock_gettime(clock, &at);
  at.tv_sec += ms / 1000, at.tv_nsec += ms % 1000 * 1000000;
  if (at.tv_nsec >= 1000000000) at.tv_sec++, at.tv_nsec -= 1000000000;
  return at;
}

static sigset_t one(int signal) {
  sigset_t set;
  sigemptyset(&set), sigaddset(&set, signal);
  return set;
}
/** Takes a blocked signal: what it says about the timer. */
static void take(const char *what, int signal, long wait_ms) {
  sigset_t signals = one(signal);
  siginfo_t info = {0};
  struct timespec limit = {wait_ms / 1000, wait_ms % 1000 * 1000000};
  errno = 0;
  int taken = sigtimedwait(&signals, &info, &limit);
  if (taken < 0) say("%s: %s\n", what, errno_text(errno));
  else say("%s: signal %d code %d id %d value %d\n", what, taken, info.si_code, info.si_timerid, info.si_value.sival_int);
}

static void arguments(void) {
  int id = 77;
  struct sigevent event = {.sigev_notify = SIGEV_NONE, .sigev_signo = 200};
  for (int clock = -1; clock < 13; clock++) {
    if (clock == 8 || clock == 9) continue; // depends on a hardware clock
    say("clock %d: ", clock);
    if (SHOW(create(clock, 0, &id)) == 0) drop(id);
  }
  SHOW(create(CLOCK_MONOTONIC, &event, &id)); // no signal, so its number does not matter
  event.sigev_notify = SIGEV_SIGNAL;
  SHOW(create(CLOCK_MONOTONIC, &event, &id));
  event.sigev_signo = 0;
  SHOW(create(CLOCK_MONOTONIC, &event, &id));
  event.sigev_signo = 64;
  SHOW(create(CLOCK_MONOTONIC, &event, &id));
  event.sigev_notify = 77;
  SHOW(create(CLOCK_MONOTONIC, &event, &id));
  event.sigev_notify = SIGEV_THREAD_ID, event.sigev_notify_thread_id = 0;
  SHOW(create(CLOCK_MONOTONIC, &event, &id));
  pid_t child = fork();
  if (child == 0) {
    event.sigev_notify_thread_id = getppid();
    SHOW(create(CLOCK_MONOTONIC, &event, &id)); // not a thread of ours
    _exit(0);
  }
  reap("child", child);
  SHOW(create(CLOCK_MONOTONIC, (void *)8, &id));
  SHOW(create(CLOCK_MONOTONIC, 0, (void *)8));
  SHOW(create(CLOCK_MONOTONIC, 0, &id));
  struct itimerspec value = after_ms(1000, 0), old;
  SHOW(set(id, 0, 0, 0));
  SHOW(set(id, 0, (void *)8, 0));
  SHOW(set(id, 0, &value, (void *)8));
  SHOW(set(9999, 0, &value, 0));
  SHOW(set(-1, 0, &value, 0));
  value.it_value.tv_nsec = 1000000000;
  SHOW(set(id, 0, &value, 0));
  value = after_ms(1000, 0), value.it_interval.tv_sec = -1;
  SHOW(set(id, 0, &value, 0));
  SHOW(set(9999, 0, &value, 0));
  SHOW(get(id, (void *)8));
  SHOW(get(9999, &old));
  SHOW(overrun(9999));
  SHOW(drop(id));
  SHOW(drop(id));
  SHOW(get(id, &old));
}

static void ids(void) {
  int first, second, third;
  create(CLOCK_MONOTONIC, 0, &first), create(CLOCK_MONOTONIC, 0, &second);
  SHOW(second - first);
  drop(second);
  create(CLOCK_MONOTONIC, 0, &third);
  SHOW(third - second); // not used again
  drop(first), drop(third);
}

static void settings(void) {
  int id;
  struct itimerspec value = after_ms(100000, 7000), old, zero = after_ms(0, 5000);
  sigset_t alarm = one(SIGALRM);
  sigprocmask(SIG_BLOCK, &alarm, 0);
  create(CLOCK_MONOTONIC, 0, &id);
  SHOW(get(id, &old));
  say("never set: %ld %ld %ld\n", (long)old.it_value.tv_sec, old.it_value.tv_nsec, (long)old.it_interval.tv_sec);
  SHOW(set(id, 0, &value, &old));
  SHOW(get(id, &old));
  say("set: %ld every %ld\n", (long)old.it_value.tv_sec, (long)old.it_interval.tv_sec);
  SHOW(set(id, 0, &zero, &old));
  say("before: %ld every %ld\n", (long)old.it_value.tv_sec, (long)old.it_interval.tv_sec);
  SHOW(get(id, &old));
  say("stopped: %ld %ld every %ld\n", (long)old.it_value.tv_sec, old.it_value.tv_nsec, (long)old.it_interval.tv_sec);
  value = after_ms(1, 0);
  SHOW(set(id, 0, &value, 0));
  take("once", SIGALRM, 10000);
  SHOW(get(id, &old));
  say("expired: %ld %ld\n", (long)old.it_value.tv_sec, old.it_value.tv_nsec);
  SHOW(overrun(id));
  value.it_value = in_ms(CLOCK_MONOTONIC, 5);
  SHOW(set(id, TIMER_ABSTIME, &value, 0));
  take("at a time", SIGALRM, 10000);
  value.it_value = (struct timespec){0, 1};
  SHOW(set(id, TIMER_ABSTIME, &value, 0)); // long past
  take("past", SIGALRM, 10000);
  SHOW(set(id, 0x7ffffffe, &value, 0)); // other flags mean nothing
  take("unknown flags", SIGALRM, 10000);
  SHOW(drop(id));
  create(CLOCK_REALTIME, 0, &id);
  value.it_value = in_ms(CLOCK_REALTIME, 5);
  SHOW(set(id, TIMER_ABSTIME, &value, 0));
  take("real time", SIGALRM, 10000);
  drop(id);
}

static void overruns(void) {
  int id;
  sigset_t realtime = one(SIGRTMIN);
  sigprocmask(SIG_BLOCK, &realtime, 0);
  struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN, .sigev_value.sival_int = 42};
  struct itimerspec value = after_ms(5, 5), old;
  create(CLOCK_MONOTONIC, &event, &id);
  SHOW(set(id, 0, &value, 0));
  pass_ms(60);
  SHOW(overrun(id)); // of the last signal that was taken
  SHOW(get(id, &old));
  SHOW(old.it_value.tv_nsec <= 5000000 && old.it_value.tv_nsec > 0);
  siginfo_t info;
  SHOW(sigwaitinfo(&realtime, &info) == SIGRTMIN);
  SHOW(info.si_overrun >= 10 && info.si_overrun == overrun(id));
  SHOW(info.si_value.sival_int);
  SHOW(sigwaitinfo(&realtime, &info) == SIGRTMIN);
  SHOW(info.si_overrun < 10);
  pass_ms(20);
  value = after_ms(100000, 0);
  SHOW(set(id, 0, &value, 0)); // takes back what is pending
  take("set anew", SIGRTMIN, 1);
  SHOW(overrun(id));
  value = after_ms(1, 0);
  set(id, 0, &value, 0);
  pass_ms(10);
  SHOW(drop(id));
  take("deleted", SIGRTMIN, 1);
}

static void several(void) {
  int ids[3];
  sigset_t user = one(SIGUSR1);
  sigprocmask(SIG_BLOCK, &user, 0);
  struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
  for (int i = 0; i < 3; i++) {
    struct itimerspec value = after_ms(i == 1 ? 2 : i == 2 ? 4 : 6, 0);
    event.sigev_value.sival_int = i;
    create(CLOCK_MONOTONIC, &event, &ids[i]);
    set(ids[i], 0, &value, 0);
  }
  pass_ms(20);
  siginfo_t info;
  for (int i = 0; i < 3; i++) { // each has its own place in the queue, although the signal is a standard one
    sigwaitinfo(&user, &info);
    say("timer %d\n", info.si_value.sival_int);
  }
  take("no more", SIGUSR1, 1);
  for (int i = 0; i < 3; i++) drop(ids[i]);
}

static void quiet(void) {
  int id;
  struct sigevent event = {.sigev_notify = SIGEV_NONE};
  struct itimerspec value = after_ms(5, 0), old;
  create(CLOCK_MONOTONIC, &event, &id);
  SHOW(set(id, 0, &value, 0));
  get(id, &old);
  SHOW(old.it_value.tv_nsec > 0);
  pass_ms(10);
  get(id, &old);
  say("over: %ld %ld\n", (long)old.it_value.tv_sec, old.it_value.tv_nsec);
  value = after_ms(5, 1000);
  set(id, 0, &value, 0);
  pass_ms(20);
  get(id, &old);
  SHOW(old.it_value.tv_sec == 0 && old.it_value.tv_nsec > 900000000);
  SHOW(overrun(id));
  drop(id);
}

static volatile int handled, last_value;
static void handler(int signal, siginfo_t *info, void *context) { (void)signal, (void)context, handled++, last_value = info->si_value.sival_int; }

static void handlers(void) {
  int id;
  struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
  sigaction(SIGUSR2, &action, 0);
  struct sigevent event = {.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGUSR2, .sigev_value.sival_int = 5};
  event.sigev_notify_thread_id = (int)syscall(SYS_gettid);
  struct itimerspec value = after_ms(2, 2);
  SHOW(create(CLOCK_BOOTTIME, &event, &id));
  SHOW(set(id, 0, &value, 0));
  while (handled < 5) pause();
  SHOW(last_value);
  memset(&value, 0, sizeof value);
  SHOW(set(id, 0, &value, 0));
  handled = 0;
  pass_ms(10);
  SHOW(handled);
  signal(SIGUSR2, SIG_IGN);
  value = after_ms(1, 0);
  set(id, 0, &value, 0);
  pass_ms(5);
  sigaction(SIGUSR2, &action, 0);
  SHOW(handled); // was ignored
  drop(id);
}

static void inheritance(const char *self) {
  int id;
  struct itimerspec old;
  struct itimerspec value = after_ms(100000, 0);
  create(CLOCK_MONOTONIC, 0, &id);
  set(id, 0, &value, 0);
  pid_t child = fork();
  if (child == 0) {
    SHOW(get(id, &old));
    int own;
    SHOW(create(CLOCK_MONOTONIC, 0, &own));
    SHOW(own); // its ids start anew
    char text[12];
    sprintf(text, "%d", own);
    execl(self, self, text, NULL);
    _exit(1);
  }
  reap("child", child);
  drop(id);
}

static void limits(void) {
  pid_t child = fork();
  if (child == 0) {
    struct rlimit limit = {0, 0};
    int id;
    setrlimit(RLIMIT_SIGPENDING, &limit);
    SHOW(create(CLOCK_MONOTONIC, 0, &id));
    _exit(0);
  }
  reap("without signals to queue", child);
  child = fork();
  if (child == 0) {
    int id;
    struct itimerspec value = after_ms(1, 0);
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGKILL};
    SHOW(create(CLOCK_MONOTONIC, &event, &id));
    set(id, 0, &value, 0);
    for (;;) pause();
  }
  reap("SIGKILL by timer", child);
}

int main(int argc, char **argv) {
  if (argc > 1) {
    struct itimerspec old;
    SHOW(get(atoi(argv[1]), &old)); // gone with the old program
    return 0;
  }
  char self[4096];
  ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
  self[MUST(length)] = 0;
  enter_scratch_directory();
  arguments();
  ids();
  settings();
  overruns();
  several();
  quiet();
  handlers();
  inheritance(self);
  limits();
  return 0;
}
