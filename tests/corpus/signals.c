// SPDX-License-Identifier: MIT
// Signal dispositions, masks, delivery, siginfo, the alternate stack, faults, and what signals do to sleeping calls.

#include "check.h"

#include <setjmp.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>

static volatile int calls, last, code, value, nested;
static void *volatile fault_address;

static void count(int number) { calls++, last = number; }

static void inform(int number, siginfo_t *info, void *context) {
  (void)context;
  calls++, last = number, code = info->si_code, value = info->si_value.sival_int;
}

static void install(int number, void (*handler)(int), int flags) {
  struct sigaction action = {.sa_handler = handler, .sa_flags = flags};
  sigemptyset(&action.sa_mask);
  MUST(sigaction(number, &action, 0));
}

static sigset_t set_of(int number) {
  sigset_t set;
  sigemptyset(&set);
  if (number) sigaddset(&set, number);
  return set;
}

static void dispositions(void) {
  struct sigaction action = {.sa_handler = count}, old;
  SHOW(sigaction(SIGUSR1, &action, &old));
  SHOW(old.sa_handler == SIG_DFL);
  SHOW(sigaction(SIGUSR1, 0, &old));
  SHOW(old.sa_handler == count);
  SHOW(sigaction(SIGKILL, &action, 0));
  SHOW(sigaction(SIGSTOP, &action, 0));
  SHOW(sigaction(65, &action, 0));
  SHOW(raise(SIGUSR1));
  say("calls %d, last %d\n", calls, last);
  install(SIGUSR2, count, (int)SA_RESETHAND);
  raise(SIGUSR2);
  sigaction(SIGUSR2, 0, &old);
  SHOW(old.sa_handler == SIG_DFL);
  SHOW(kill(getpid(), 0));
  SHOW(kill(getpid(), 65));
  SHOW(kill(0x7ffffffe, 0));
}

static void nest(int number) {
  nested++;
  int depth = nested;
  if (depth == 1) raise(number);
  calls = calls * 10 + depth;
}

static void masks(void) {
  sigset_t usr1 = set_of(SIGUSR1), old, pending;
  SHOW(sigprocmask(SIG_BLOCK, &usr1, &old));
  SHOW(sigismember(&old, SIGUSR1));
  calls = 0;
  raise(SIGUSR1), raise(SIGUSR1);
  SHOW(sigpending(&pending));
  SHOW(sigismember(&pending, SIGUSR1));
  say("blocked: %d calls\n", calls);
  SHOW(sigprocmask(SIG_UNBLOCK, &usr1, 0));
  say("unblocked: %d call, however often it was raised\n", calls);
  SHOW(sigprocmask(77, &usr1, 0));
  sigset_t all;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, &old);
  sigprocmask(SIG_SETMASK, &old, &all);
  say("KILL and STOP cannot be blocked: %d %d\n", sigismember(&all, SIGKILL), sigismember(&all, SIGSTOP));

  calls = nested = 0;
  install(SIGUSR2, nest, 0);
  raise(SIGUSR2);
  say("nested after the handler: %d\n", calls);
  calls = nested = 0;
  install(SIGUSR2, nest, SA_NODEFER);
  raise(SIGUSR2);
  say("nested within the handler: %d\n", calls);

  sigprocmask(SIG_BLOCK, &usr1, 0);
  raise(SIGUSR1);
  signal(SIGUSR1, SIG_IGN);
  sigpending(&pending);
  say("ignoring discards what is pending: %d\n", sigismember(&pending, SIGUSR1));
  install(SIGUSR1, count, 0);
  calls = 0;
  raise(SIGUSR1);
  sigset_t none = set_of(0);
  SHOW(sigsuspend(&none));
  say("sigsuspend let %d in\n", calls);
  sigprocmask(SIG_UNBLOCK, &usr1, 0);
}

static void information(void) {
  struct sigaction action = {.sa_sigaction = inform, .sa_flags = SA_SIGINFO};
  MUST(sigaction(SIGUSR1, &action, 0));
  kill(getpid(), SIGUSR1);
  say("kill: code %d\n", code);
  raise(SIGUSR1);
  say("raise: code %d\n", code);
  SHOW(sigqueue(getpid(), SIGUSR1, (union sigval){.sival_int = 1234}));
  say("sigqueue: code %d value %d\n", code, value);

  sigset_t chld = set_of(SIGCHLD);
  sigprocmask(SIG_BLOCK, &chld, 0);
  pid_t child = fork();
  if (child == 0) _exit(7);
  siginfo_t info;
  SHOW(sigwaitinfo(&chld, &info));
  say("SIGCHLD: code %d status %d from the child %d\n", info.si_code, info.si_status, info.si_pid == child);
  reap("child", child);
  struct timespec moment = {0, 1000000};
  SHOW(sigtimedwait(&chld, &info, &moment));
  sigprocmask(SIG_UNBLOCK, &chld, 0);
}

static sigjmp_buf back;

static void fault(int number, siginfo_t *info, void *context) {
  (void)context;
  last = number, code = info->si_code, fault_address = info->si_addr;
  siglongjmp(back, 1);
}

static void faults(void) {
  struct sigaction action = {.sa_sigaction = fault, .sa_flags = SA_SIGINFO};
  MUST(sigaction(SIGSEGV, &action, 0)), MUST(sigaction(SIGBUS, &action, 0)), MUST(sigaction(SIGILL, &action, 0));
  MUST(sigaction(SIGTRAP, &action, 0)); // what __builtin_trap raises differs
  char *page = mmap(0, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (!sigsetjmp(back, 1)) *(volatile char *)16 = 1;
  say("write to 16: signal %d code %d address right %d\n", last, code, fault_address == (void *)16);
  if (!sigsetjmp(back, 1)) *(volatile char *)(page + 5) = 1;
  say("write to a read-only page: signal %d code %d address right %d\n", last, code, fault_address == page + 5);
  if (!sigsetjmp(back, 1)) ((void (*)(void))page)();
  say("execute a page without that right: signal %d code %d address right %d\n", last, code, fault_address == page);
  write_file("short", "0123456789", 0644);
  int fd = (int)MUST(open("short", O_RDONLY));
  char *map = mmap(0, 8192, PROT_READ, MAP_PRIVATE, fd, 0);
  if (!sigsetjmp(back, 1)) say("byte beyond the end, same page: %d\n", map[10]), (void)*(volatile char *)(map + 4096 + 3);
  say("page beyond the end: signal %d code %d address right %d\n", last, code, fault_address == map + 4096 + 3);
  if (!sigsetjmp(back, 1)) __builtin_trap();
  say("trap: signal %d\n", last == SIGILL || last == SIGTRAP ? SIGILL : last);
  sigset_t mask;
  sigprocmask(SIG_SETMASK, 0, &mask);
  say("siglongjmp restored the mask: %d\n", !sigismember(&mask, SIGSEGV));

  // A fault that is blocked or ignored kills all the same.
  pid_t child = fork();
  if (child == 0) {
    sigset_t segv = set_of(SIGSEGV);
    sigprocmask(SIG_BLOCK, &segv, 0);
    *(volatile char *)16 = 1;
    _exit(0);
  }
  reap("blocked fault", child);
  child = fork();
  if (child == 0) {
    signal(SIGSEGV, SIG_IGN);
    *(volatile char *)16 = 1;
    _exit(0);
  }
  reap("ignored fault", child);
}

static char *stack_seen;

static void note_stack(int number) {
  char here;
  (void)number;
  stack_seen = &here;
  stack_t now;
  sigaltstack(0, &now);
  nested = now.ss_flags;
  now.ss_flags = 0;
  errno = 0;
  code = sigaltstack(&now, 0) ? errno : 0;
}

static void alternate_stack(void) {
  static char memory[65536];
  stack_t stack = {.ss_sp = memory, .ss_size = sizeof memory}, old;
  SHOW(sigaltstack(&stack, &old));
  SHOW(old.ss_flags == SS_DISABLE);
  install(SIGUSR1, note_stack, SA_ONSTACK);
  raise(SIGUSR1);
  say("handler ran on the alternate stack: %d, flags %d, changing it there: %s\n",
      stack_seen >= memory && stack_seen < memory + sizeof memory, nested, errno_text(code));
  install(SIGUSR1, note_stack, 0);
  raise(SIGUSR1);
  say("without SA_ONSTACK: %d, flags %d\n", stack_seen >= memory && stack_seen < memory + sizeof memory, nested);
  stack.ss_size = 100;
  SHOW(sigaltstack(&stack, 0));
  stack.ss_flags = SS_DISABLE;
  SHOW(sigaltstack(&stack, 0));
}

static void interrupt_read(int flags) {
  int fds[2];
  char byte;
  MUST(pipe(fds));
  install(SIGALRM, count, flags);
  calls = 0;
  pid_t child = fork();
  if (child == 0) {
    struct timespec pause = {0, 60000000};
    nanosleep(&pause, 0);
    _exit(write(fds[1], "r", 1) == 1 ? 0 : 1);
  }
  struct itimerval timer = {.it_value = {0, 20000}};
  MUST(setitimer(ITIMER_REAL, &timer, 0));
  SHOW(read(fds[0], &byte, 1));
  say("  with the handler called %d time\n", calls);
  reap("  writer", child);
  close(fds[0]), close(fds[1]);
}

// What came during a stop is first: the call is not made again before its handler has run, although it could go on.
static void stopped_call(void) {
  int fds[2];
  char byte = 0;
  MUST(pipe(fds));
  install(SIGUSR1, count, 0);
  calls = 0;
  pid_t parent = getpid(), child = fork();
  if (child == 0) {
    struct timespec pause = {0, 60000000};
    nanosleep(&pause, 0);
    kill(parent, SIGSTOP);
    nanosleep(&pause, 0);
    int isWritten = write(fds[1], "r", 1) == 1;
    kill(parent, SIGUSR1);
    kill(parent, SIGCONT);
    _exit(isWritten ? 0 : 1);
  }
  SHOW(read(fds[0], &byte, 1));
  say("  with the handler called %d time\n", calls);
  SHOW(read(fds[0], &byte, 1));
  reap("  writer", child);
  close(fds[0]), close(fds[1]);
}

static void sleeping_calls(void) {
  interrupt_read(0);
  interrupt_read(SA_RESTART);
  install(SIGALRM, count, SA_RESTART);
  struct itimerval timer = {.it_value = {0, 10000}};
  setitimer(ITIMER_REAL, &timer, 0);
  SHOW(pause());
  setitimer(ITIMER_REAL, &timer, 0);
  struct timespec long_time = {50, 0}, left = {0, 0};
  SHOW(nanosleep(&long_time, &left));
  say("most of the time is left: %d\n", left.tv_sec == 49);
  SHOW(alarm(100));
  SHOW(alarm(0));
}

int main(void) {
  enter_scratch_directory();
  dispositions();
  masks();
  information();
  faults();
  alternate_stack();
  sleeping_calls();
  stopped_call();
  return 0;
}
