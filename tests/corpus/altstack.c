// SPDX-License-Identifier: MIT
// Alternate signal stacks (sigaltstack(2)): when they can be changed, SS_AUTODISARM, overflow, fork and exec.

#include "check.h"

#include <setjmp.h>
#include <sys/mman.h>

#ifndef SS_AUTODISARM
#define SS_AUTODISARM (1U << 31)
#endif
#define SIZE (64 * 1024)
#define sigaltstack(new, old) syscall(SYS_sigaltstack, new, old) // musl looks at what it points to

static char *stack;
static volatile int on_stack;
static sigjmp_buf out;

static void state(const char *what) {
  stack_t now;
  if (sigaltstack(0, &now)) { say("%s: %s\n", what, errno_text(errno)); return; }
  say("%s: flags %x size %lu%s\n", what, (unsigned)now.ss_flags, (unsigned long)now.ss_size, now.ss_sp == stack ? " ours" : "");
}
static int is_on(void) {
  char here;
  return &here >= stack && &here < stack + SIZE;
}
static void handler(int signal) {
  say("signal %d on the stack %d\n", signal, is_on());
  state("inside");
  stack_t other = {.ss_sp = stack, .ss_size = SIZE};
  SHOW(sigaltstack(&other, 0)); // not while on it
  other.ss_flags = SS_DISABLE;
  SHOW(sigaltstack(&other, 0));
  on_stack = is_on();
}
static void disarmed(int signal) {
  say("signal %d on the stack %d\n", signal, is_on());
  state("inside");
}
static void nested(int signal) {
  say("outer %d\n", is_on());
  if (signal == SIGUSR1) raise(SIGUSR2);
}
static void leave(int signal) {
  say("signal %d on the stack %d\n", signal, is_on());
  siglongjmp(out, 1);
}
static void handle(int signal, void (*function)(int), int flags) {
  struct sigaction action = {.sa_handler = function, .sa_flags = flags};
  sigaction(signal, &action, 0);
}
static int recurse(int depth) {
  volatile char room[4096];
  room[0] = (char)depth;
  return recurse(depth + 1) + room[0];
}

int main(int argc, char **argv) {
  if (argc > 1) {
    state("after exec");
    return 0;
  }
  char self[4096];
  ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
  self[MUST(length)] = 0;
  enter_scratch_directory();
  stack = mmap(0, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  stack_t value = {.ss_sp = stack, .ss_size = SIZE}, old;
  state("at first");
  SHOW(sigaltstack((void *)8, 0));
  SHOW(sigaltstack(0, (void *)8));
  value.ss_size = 1024;
  SHOW(sigaltstack(&value, 0)); // too small
  value.ss_flags = SS_DISABLE;
  SHOW(sigaltstack(&value, 0)); // but not to have none
  value.ss_flags = 77;
  SHOW(sigaltstack(&value, 0));
  value.ss_flags = SS_ONSTACK, value.ss_size = SIZE;
  SHOW(sigaltstack(&value, &old));
  state("with SS_ONSTACK");
  value.ss_flags = 0;
  SHOW(sigaltstack(&value, &old));
  say("before: %x %lu\n", (unsigned)old.ss_flags, (unsigned long)old.ss_size);
  handle(SIGUSR1, handler, SA_ONSTACK);
  handle(SIGUSR2, handler, 0);
  raise(SIGUSR1);
  raise(SIGUSR2); // without SA_ONSTACK
  state("afterwards");
  handle(SIGUSR1, nested, SA_ONSTACK), handle(SIGUSR2, nested, SA_ONSTACK);
  raise(SIGUSR1);
  handle(SIGSEGV, leave, SA_ONSTACK);
  if (!sigsetjmp(out, 1)) *(volatile int *)8 = 1;
  state("after a fault");
  if (!sigsetjmp(out, 1)) recurse(0); // the ordinary stack is full
  say("survived\n");
  pid_t child = fork();
  if (child == 0) {
    state("child");
    execl(self, self, "again", NULL);
    _exit(1);
  }
  reap("child", child);
  value.ss_flags = (int)SS_AUTODISARM;
  SHOW(sigaltstack(&value, 0));
  state("autodisarm");
  handle(SIGUSR1, disarmed, SA_ONSTACK);
  raise(SIGUSR1);
  state("after autodisarm");
  value.ss_flags = (int)(SS_AUTODISARM | SS_DISABLE);
  SHOW(sigaltstack(&value, 0));
  state("disabled");
  child = fork();
  if (child == 0) { // a handler's stack that is not there
    value.ss_flags = 0, value.ss_sp = stack;
    sigaltstack(&value, 0);
    munmap(stack, SIZE);
    handle(SIGUSR1, handler, SA_ONSTACK);
    signal(SIGSEGV, SIG_DFL);
    raise(SIGUSR1);
    _exit(0);
  }
  int status;
  waitpid(child, &status, 0);
  say("without memory: %s\n", status_text(status & ~0x80));
  child = fork();
  if (child == 0) { // the ordinary stack is full and there is no other
    stack_t none = {.ss_flags = SS_DISABLE};
    sigaltstack(&none, 0);
    recurse(0);
  }
  waitpid(child, &status, 0);
  say("without a stack: %s\n", status_text(status & ~0x80));
  return 0;
}
