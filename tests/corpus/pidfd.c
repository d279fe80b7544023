// SPDX-License-Identifier: MIT
// pidfds: pidfd_open, clone3 with CLONE_PIDFD, polling, waiting, signals, pidfd_getfd.

#include "check.h"

#include <poll.h>

#ifndef P_PIDFD
#define P_PIDFD 3
#endif

struct clone3_args { // struct clone_args of clone3(2), which libc headers may lack
  uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls, set_tid, set_tid_size, cgroup;
};

enum { PIDFD = 0x1000, CLEAR_SIGHAND = 32 }; // CLONE_PIDFD, and the bit of CLONE_CLEAR_SIGHAND

#define pidfd_open(pid, flags) (int)syscall(434, pid, flags)
#define pidfd_send_signal(fd, number, info, flags) syscall(424, fd, number, info, flags)
#define pidfd_getfd(fd, target, flags) syscall(438, fd, target, flags)
#define clone3(args, size) syscall(435, args, size)

static pid_t paused_child(void) {
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0)
    for (;;) pause();
  return pid;
}

static int events(int fd, int timeout_ms) {
  struct pollfd polled = {.fd = fd, .events = POLLIN | POLLOUT};
  poll(&polled, 1, timeout_ms);
  return polled.revents;
}

static void opening(void) {
  pid_t child = paused_child();
  int fd = (int)SHOW(pidfd_open(child, 0));
  SHOW(fcntl(fd, F_GETFD));
  SHOW((fcntl(fd, F_GETFL) & O_ACCMODE) == O_RDWR);
  SHOW(pidfd_open(child, 1));
  SHOW(pidfd_open(0, 0));
  SHOW(pidfd_open(-1, 0));
  SHOW(pidfd_open(0x3ffffff, 0));
  char byte;
  SHOW(read(fd, &byte, 1));
  SHOW(write(fd, &byte, 1));
  say("running: 0x%x\n", events(fd, 0));
  SHOW(pidfd_send_signal(fd, 0, 0, 0));
  SHOW(pidfd_send_signal(fd, 99, 0, 0));
  SHOW(pidfd_send_signal(fd, SIGTERM, 0, 0x100));
  SHOW(pidfd_send_signal(0, SIGTERM, 0, 0));
  SHOW(pidfd_send_signal(77, SIGTERM, 0, 0));
  siginfo_t info = {0};
  SHOW(waitid(P_PIDFD, (id_t)fd, &info, WEXITED | WNOHANG));
  SHOW(info.si_pid);
  SHOW(waitid(P_PIDFD, 0, &info, WEXITED));
  SHOW(waitid(P_PIDFD, 77, &info, WEXITED));
  SHOW(pidfd_send_signal(fd, SIGTERM, 0, 0));
  say("ended: 0x%x\n", events(fd, 5000));
  SHOW(pidfd_send_signal(fd, SIGTERM, 0, 0)); // a zombie is still there
  SHOW(waitid(P_PIDFD, (id_t)fd, &info, WEXITED | WNOWAIT));
  say("code %d status %d, the right pid %d\n", info.si_code, info.si_status, info.si_pid == child);
  SHOW(waitid(P_PIDFD, (id_t)fd, &info, WEXITED));
  SHOW(waitid(P_PIDFD, (id_t)fd, &info, WEXITED));
  SHOW(pidfd_send_signal(fd, SIGTERM, 0, 0));
  SHOW(pidfd_open(child, 0));
  SHOW(events(fd, 0) & POLLIN); // after the reaping a hang-up may be reported as well
  SHOW(close(fd));
}

static void handle(int number) { (void)number; }

static void with_clone3(void) {
  int fd = -1;
  signal(SIGUSR1, handle), signal(SIGUSR2, SIG_IGN);
  struct clone3_args args = {.flags = PIDFD | 1UL << CLEAR_SIGHAND, .pidfd = (uint64_t)(uintptr_t)&fd, .exit_signal = SIGCHLD};
  pid_t child = (pid_t)MUST(clone3(&args, sizeof args));
  if (child == 0) {
    struct sigaction usr1, usr2;
    sigaction(SIGUSR1, 0, &usr1), sigaction(SIGUSR2, 0, &usr2);
    say("child: handled became default %d, ignored stayed %d, has no pidfd %d\n", usr1.sa_handler == SIG_DFL,
        usr2.sa_handler == SIG_IGN, fcntl(3, F_GETFD) == -1);
    _exit(12);
  }
  siginfo_t info;
  SHOW(waitid(P_PIDFD, (id_t)fd, &info, WEXITED));
  say("code %d status %d\n", info.si_code, info.si_status);
  say("pidfd %d, close-on-exec %d\n", fd, fcntl(fd, F_GETFD));
  close(fd);
  SHOW(clone3(&args, 63)); // smaller than the first version
  SHOW(clone3(&args, 5000));
  struct { struct clone3_args args; uint64_t more; } longer = {args, 1};
  SHOW(clone3(&longer, sizeof longer));
  args.exit_signal = 65;
  SHOW(clone3(&args, sizeof args));
  args.exit_signal = SIGCHLD, args.stack_size = 4096;
  SHOW(clone3(&args, sizeof args)); // a size without a stack
  args.stack_size = 0, args.flags = PIDFD | 0x8000; // CLONE_PARENT with a pidfd is fine, with an exit signal it is not
  SHOW(clone3(&args, sizeof args));
  args.flags = PIDFD, args.pidfd = 8;
  SHOW(clone3(&args, sizeof args));
  SHOW(waitpid(-1, 0, WNOHANG)); // none of these left a child
  SHOW(close(3));
}

static void taking_descriptors(void) {
  int fds[2];
  char bytes[8] = {0};
  MUST(pipe(fds));
  pid_t child = fork();
  if (child == 0) {
    int p[2];
    pipe(p), dup2(p[0], 40), write(p[1], "inside", 6);
    write(fds[1], "r", 1);
    for (;;) pause();
  }
  read(fds[0], bytes, 1);
  int fd = pidfd_open(child, 0);
  int taken = (int)SHOW(pidfd_getfd(fd, 40, 0));
  SHOW(fcntl(taken, F_GETFD));
  SHOW(read(taken, bytes, 8));
  SHOW_TEXT(bytes);
  SHOW(pidfd_getfd(fd, 41, 0));
  SHOW(pidfd_getfd(fd, 40, 1));
  SHOW(pidfd_getfd(fds[0], 40, 0));
  kill(child, SIGKILL);
  reap("child", child);
  SHOW(pidfd_getfd(fd, 40, 0));
}

int main(void) {
  begin();
  opening();
  with_clone3();
  taking_descriptors();
  return 0;
}
