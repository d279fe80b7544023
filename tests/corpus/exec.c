// SPDX-License-Identifier: MIT
// execve, execveat and fexecve: what survives, what fails and how, scripts. The program executes itself: its first
// argument says what the new image is to show.

#include "check.h"

#include <sys/prctl.h>

static char self[4096];

static int as_new_image(int argc, char **argv, char **envp) {
  if (strcmp(argv[1], "arguments") == 0) {
    for (int i = 2; i < argc; i++) say("  argument %d \"%s\"\n", i, argv[i]);
    for (int i = 0; envp[i]; i++) say("  environment \"%s\"\n", envp[i]);
  } else if (strcmp(argv[1], "state") == 0) {
    struct sigaction usr1, usr2;
    sigset_t mask, pending;
    sigaction(SIGUSR1, 0, &usr1), sigaction(SIGUSR2, 0, &usr2);
    sigprocmask(SIG_SETMASK, 0, &mask), sigpending(&pending);
    say("  handled became default %d, ignored stayed %d, blocked %d, pending %d\n", usr1.sa_handler == SIG_DFL,
        usr2.sa_handler == SIG_IGN, sigismember(&mask, SIGHUP), sigismember(&pending, SIGHUP));
    say("  descriptor 20 %s, 21 %s\n", fcntl(20, F_GETFD) < 0 ? "closed" : "open", fcntl(21, F_GETFD) < 0 ? "closed" : "open");
    stack_t stack;
    sigaltstack(0, &stack);
    say("  alternate stack gone %d, umask %o, pid kept %d\n", stack.ss_flags == SS_DISABLE, umask(0), atoi(argv[2]) == getpid());
  } else if (strcmp(argv[1], "name") == 0) {
    char name[16];
    prctl(PR_GET_NAME, name);
    say("  comm \"%s\", argv[0] \"%s\"\n", name, argv[0]);
  }
  return 40 + argc;
}

/** Executes in a child and prints how that ended; the child prints the errno of a failure. */
#define IN_CHILD(call)                \
  do {                                \
    pid_t child = fork();             \
    if (child == 0) {                 \
      errno = 0;                      \
      show(#call, (long)(call));      \
      _exit(0);                       \
    }                                 \
    reap(#call, child);               \
  } while (0)

static void arguments(void) {
  char *argv[] = {"zero", "arguments", "", "two words", 0}, *envp[] = {"A=1", "B", 0}, *none[] = {0};
  IN_CHILD(execve(self, argv, envp));
  IN_CHILD(execve(self, argv, 0));
  IN_CHILD(execve(self, 0, none));
  IN_CHILD(execve(self, none, none));
  IN_CHILD(execve(self, (char **)8, envp));
  IN_CHILD(execve((char *)8, argv, envp));
  argv[2] = (char *)8;
  IN_CHILD(execve(self, argv, envp));
  static char longest[131072 + 1]; // MAX_ARG_STRLEN counts the NUL
  memset(longest, 'x', sizeof longest - 1);
  char *long_argv[] = {"zero", "quiet", longest, 0};
  IN_CHILD(execve(self, long_argv, none));
  longest[131071] = 0;
  IN_CHILD(execve(self, long_argv, none));
}

static void handle(int number) { (void)number; }

static void state(void) {
  static char memory[65536];
  pid_t child = fork();
  if (child == 0) {
    sigset_t hup;
    sigemptyset(&hup), sigaddset(&hup, SIGHUP);
    signal(SIGUSR1, handle), signal(SIGUSR2, SIG_IGN);
    sigprocmask(SIG_BLOCK, &hup, 0), raise(SIGHUP);
    dup2(1, 20), dup3(1, 21, O_CLOEXEC), umask(027);
    stack_t stack = {.ss_sp = memory, .ss_size = sizeof memory};
    sigaltstack(&stack, 0);
    char pid[16];
    snprintf(pid, sizeof pid, "%d", getpid());
    execl(self, self, "state", pid, (char *)0);
    _exit(1);
  }
  reap("state", child);
}

static void failures(void) {
  char *argv[] = {"x", "quiet", 0}, *envp[] = {0};
  write_file("text", "no program\n", 0755);
  write_file("empty", "", 0755);
  write_file("plain", "#!/bin/nothing\n", 0644);
  write_file("short-elf", "\177ELF\2\1\1", 0755);
  mkdir("directory", 0755);
  symlink("loop", "loop");
  IN_CHILD(execve("missing", argv, envp));
  IN_CHILD(execve("", argv, envp));
  IN_CHILD(execve("plain", argv, envp));
  IN_CHILD(execve("directory", argv, envp));
  IN_CHILD(execve("text/below", argv, envp));
  IN_CHILD(execve("loop", argv, envp));
  IN_CHILD(execve("text", argv, envp));
  IN_CHILD(execve("empty", argv, envp));
  IN_CHILD(execve("short-elf", argv, envp));
  IN_CHILD(execve("/dev/null", argv, envp));
}

static void scripts(void) {
  char line[5000], *argv[] = {"ignored", "last", 0}, *envp[] = {0};
  snprintf(line, sizeof line, "#!%s arguments  with  spaces \n", self);
  write_file("script", line, 0755);
  IN_CHILD(execve("./script", argv, envp));
  snprintf(line, sizeof line, "#! \t%s\targuments", self); // no newline
  write_file("script", line, 0755);
  IN_CHILD(execve("script", argv, envp));
  write_file("nested", "#!./script deeper\n", 0755);
  IN_CHILD(execve("nested", argv, envp));
  write_file("a", "#!./b\n", 0755), write_file("b", "#!./a\n", 0755);
  IN_CHILD(execve("a", argv, envp));
  write_file("script", "#!/bin/nothing-there\n", 0755);
  IN_CHILD(execve("script", argv, envp));
  write_file("script", "#!\n", 0755);
  IN_CHILD(execve("script", argv, envp));
  write_file("script", "#!directory\n", 0755);
  IN_CHILD(execve("script", argv, envp));
}

static void by_descriptor(void) {
  char *argv[] = {"given", "name", 0}, *envp[] = {0};
  int fd = (int)MUST(open(self, O_RDONLY)), path = (int)MUST(open(self, O_PATH | O_CLOEXEC)), here = (int)MUST(open(".", O_RDONLY));
  symlink(self, "a-link");
  char *quiet[] = {"given", "quiet", 0}; // by descriptor alone, comm is its number before Linux 6.14, the file's name since
  IN_CHILD(syscall(SYS_execveat, fd, "", quiet, envp, AT_EMPTY_PATH));
  IN_CHILD(syscall(SYS_execveat, path, "", quiet, envp, AT_EMPTY_PATH));
  IN_CHILD(syscall(SYS_execveat, fd, "", argv, envp, 0));
  IN_CHILD(syscall(SYS_execveat, here, "a-link", argv, envp, 0));
  IN_CHILD(syscall(SYS_execveat, here, "a-link", argv, envp, AT_SYMLINK_NOFOLLOW));
  IN_CHILD(syscall(SYS_execveat, here, "", argv, envp, AT_EMPTY_PATH));
  IN_CHILD(syscall(SYS_execveat, 77, "x", argv, envp, 0));
  IN_CHILD(syscall(SYS_execveat, 77, self, argv, envp, 0));
  IN_CHILD(syscall(SYS_execveat, fd, "below", argv, envp, 0));
  IN_CHILD(syscall(SYS_execveat, here, "a-link", argv, envp, 0x8));
}

static void busy(void) {
  char *argv[] = {"x", "quiet", 0}, *envp[] = {0}, bytes[4096];
  int in = (int)MUST(open(self, O_RDONLY)), out = (int)MUST(open("copy", O_WRONLY | O_CREAT, 0755));
  for (ssize_t n; (n = read(in, bytes, sizeof bytes)) > 0;) MUST(write(out, bytes, (size_t)n));
  fcntl(out, F_SETFD, FD_CLOEXEC);
  IN_CHILD(execve("copy", argv, envp)); // somebody has it open for writing
  close(out);
  IN_CHILD(execve("copy", argv, envp));
  int fds[2];
  MUST(pipe(fds));
  pid_t child = fork();
  if (child == 0) {
    dup2(fds[0], 0), close(fds[1]);
    execl("copy", "copy", "wait", (char *)0);
    _exit(1);
  }
  close(fds[0]);
  int attempts = 0; // until the child has executed it
  while ((out = open("copy", O_WRONLY)) >= 0 && attempts++ < 1000) close(out), usleep(1000);
  say("opening an executing file for writing: %s\n", out < 0 ? errno_text(errno) : "succeeds");
  SHOW(truncate("copy", 0));
  SHOW(unlink("copy"));
  close(fds[1]);
  reap("executing", child);
}

int main(int argc, char **argv, char **envp) {
  if (argc == 0 || (argc == 1 && argv[0][0] == 0)) {
    say("  argc %d\n", argc);
    return 39;
  }
  if (argc > 1 && strcmp(argv[1], "wait") == 0) {
    char byte;
    return (int)read(0, &byte, 1); // until the other end is closed
  }
  if (argc > 1) return as_new_image(argc, argv, envp);
  if (!realpath(argv[0], self)) return 1;
  enter_scratch_directory();
  arguments();
  state();
  failures();
  scripts();
  by_descriptor();
  busy();
  return 0;
}
