// SPDX-License-Identifier: MIT
// What a signal handler finds on its stack and what it may change there: registers survive it, the saved mask and the
// alternate stack come back from the frame, handlers nest, and a stack that cannot take a frame is fatal.

#include "check.h"

#include <sys/time.h>
#include <ucontext.h>

static volatile sig_atomic_t calls;
static volatile double noise;

static void disturb(int number) {
  (void)number;
  calls++;
  for (int i = 1; i < 20; i++) noise += 1.0 / i; // uses floating point registers
}

/** A sum that a timer's handler interrupts often, in integers and in floating point. */
static void registers(void) {
  signal(SIGALRM, disturb);
  struct itimerval often = {{0, 1000}, {0, 1000}}, never = {0};
  MUST(setitimer(ITIMER_REAL, &often, 0));
  double x = 0, y = 1;
  unsigned long a = 1, b = 0;
  for (long i = 1; i <= 3000000 || calls < 3; i++) {
    if (i > 3000000) continue; // until it was interrupted at all
    x += 1.0 / (double)i, y *= 1.0000001;
    a = a * 6364136223846793005UL + 1442695040888963407UL, b ^= a >> 33;
  }
  MUST(setitimer(ITIMER_REAL, &never, 0));
  say("interrupted: %d, %.12f %.12f %lx %lx\n", calls >= 3, x, y, a, b);
  signal(SIGALRM, SIG_DFL);
}

static void change_mask(int number, siginfo_t *info, void *context) {
  (void)number, (void)info;
  ucontext_t *uc = context;
  say("saved mask: USR1 %d USR2 %d\n", sigismember(&uc->uc_sigmask, SIGUSR1), sigismember(&uc->uc_sigmask, SIGUSR2));
  sigaddset(&uc->uc_sigmask, SIGUSR2), sigaddset(&uc->uc_sigmask, SIGKILL);
}

static void masks(void) {
  struct sigaction action = {.sa_sigaction = change_mask, .sa_flags = SA_SIGINFO};
  sigset_t now, none;
  sigemptyset(&none), sigaddset(&none, SIGHUP);
  MUST(sigaction(SIGUSR1, &action, 0));
  sigprocmask(SIG_SETMASK, &none, 0);
  raise(SIGUSR1);
  sigprocmask(SIG_SETMASK, 0, &now);
  say("after: HUP %d USR1 %d USR2 %d KILL %d\n", sigismember(&now, SIGHUP), sigismember(&now, SIGUSR1), sigismember(&now, SIGUSR2),
      sigismember(&now, SIGKILL));
  sigemptyset(&none), sigprocmask(SIG_SETMASK, &none, 0);
}

static char alternate[65536];

static void look_at_stack(int number, siginfo_t *info, void *context) {
  (void)number;
  ucontext_t *uc = context;
  char here;
  say("on the alternate stack %d, context there %d, siginfo there %d, uc_stack right %d %d, aligned %d\n",
      &here > alternate && &here < alternate + sizeof alternate, (char *)uc > alternate && (char *)uc < alternate + sizeof alternate,
      (char *)info > alternate && (char *)info < alternate + sizeof alternate, uc->uc_stack.ss_sp == alternate,
      uc->uc_stack.ss_size == sizeof alternate, ((unsigned long)__builtin_frame_address(0) & 15) == 0);
}

static void stacks(void) {
  stack_t stack = {.ss_sp = alternate, .ss_size = sizeof alternate}, old, off = {.ss_flags = SS_DISABLE};
  MUST(sigaltstack(&stack, 0));
  struct sigaction action = {.sa_sigaction = look_at_stack, .sa_flags = SA_SIGINFO | SA_ONSTACK};
  MUST(sigaction(SIGUSR1, &action, 0));
  raise(SIGUSR1);
  MUST(sigaltstack(0, &old));
  say("afterwards: same %d, flags %d\n", old.ss_sp == alternate, old.ss_flags);
  MUST(sigaltstack(&off, 0));
}

static volatile int depth, deepest, times;

static void nest(int number) {
  if (++depth > deepest) deepest = depth;
  if (++times < 5) raise(number);
  depth--;
}

static void nesting(void) {
  for (int i = 0; i < 2; i++) {
    struct sigaction action = {.sa_handler = nest, .sa_flags = i ? SA_NODEFER : 0};
    MUST(sigaction(SIGUSR1, &action, 0));
    depth = deepest = times = 0;
    raise(SIGUSR1);
    say("%s SA_NODEFER: %d deep, %d times\n", i ? "with" : "without", deepest, times);
  }
}

static void overflow(int number) {
  (void)number;
  say("the handler ran on its own stack\n");
  _exit(12);
}

static int recurse(int n) {
  volatile char page[4096];
  page[0] = (char)n;
  return n < 0 ? page[0] : recurse(n + 1) + page[0];
}

/** The stack is used up: SIGSEGV cannot be delivered there, but on an alternate one. */
static void used_up(void) {
  for (int i = 0; i < 2; i++) {
    pid_t child = (pid_t)MUST(fork());
    if (child == 0) {
      stack_t stack = {.ss_sp = alternate, .ss_size = sizeof alternate};
      struct sigaction action = {.sa_handler = overflow, .sa_flags = i ? SA_ONSTACK : 0};
      sigaction(SIGSEGV, &action, 0);
      if (i) MUST(sigaltstack(&stack, 0));
      _exit(recurse(0) & 1);
    }
    reap(i ? "with an alternate stack" : "without an alternate stack", child);
  }
}

int main(void) {
  registers();
  masks();
  stacks();
  nesting();
  used_up();
  return 0;
}
