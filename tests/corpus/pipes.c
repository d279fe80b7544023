// SPDX-License-Identifier: MIT
// Pipes and FIFOs: capacity, atomicity, end of file, SIGPIPE, opening without the other side, poll's view of them.

#include "check.h"

#include <poll.h>
#include <sys/ioctl.h>

static char block[70000];

static int events(int fd) {
  struct pollfd polled = {.fd = fd, .events = POLLIN | POLLOUT};
  poll(&polled, 1, 0);
  return polled.revents;
}

static void ends_and_capacity(void) {
  int fds[2], waiting = -1;
  SHOW(pipe2(fds, O_NONBLOCK));
  say("empty pipe: reader 0x%x, writer 0x%x\n", events(fds[0]), events(fds[1]));
  SHOW(read(fds[0], block, 10));
  SHOW(read(fds[1], block, 10));
  SHOW(write(fds[0], block, 10));
  SHOW(fcntl(fds[0], F_GETPIPE_SZ));
  long filled = 0;
  for (long n; (n = write(fds[1], block, 4096)) > 0;) filled += n;
  say("a full pipe holds %ld bytes\n", filled);
  SHOW(write(fds[1], block, 1));
  say("full pipe: reader 0x%x, writer 0x%x\n", events(fds[0]), events(fds[1]));
  SHOW(ioctl(fds[0], FIONREAD, &waiting));
  SHOW(waiting);
  SHOW(read(fds[0], block, 4096));
  SHOW(write(fds[1], block, 4096)); // at most PIPE_BUF: all or nothing
  SHOW(read(fds[0], block, 4096));
  SHOW(write(fds[1], block, 8192)); // more than PIPE_BUF: what fits
  SHOW(read(fds[0], block, sizeof block));
  SHOW(write(fds[1], block, sizeof block));
  SHOW(lseek(fds[0], 0, SEEK_CUR));
  SHOW(pread(fds[0], block, 1, 0));
  close(fds[1]);
  say("full, no writer: reader 0x%x\n", events(fds[0]));
  SHOW(read(fds[0], block, sizeof block));
  SHOW(read(fds[0], block, sizeof block));
  say("empty, no writer: reader 0x%x\n", events(fds[0]));
  close(fds[0]);
}

static void no_reader(void) {
  int fds[2];
  MUST(pipe(fds));
  close(fds[0]);
  say("no reader: writer 0x%x\n", events(fds[1]));
  pid_t child = fork();
  if (child == 0) {
    signal(SIGPIPE, SIG_DFL);
    write(fds[1], "x", 1);
    _exit(0);
  }
  reap("writer to nobody", child);
  signal(SIGPIPE, SIG_IGN);
  SHOW(write(fds[1], "x", 1));
  SHOW(write(fds[1], "", 0));
  close(fds[1]);
}

static void blocking(void) {
  int fds[2];
  MUST(pipe(fds));
  pid_t child = fork();
  if (child == 0) {
    close(fds[0]);
    memset(block, 'w', sizeof block);
    _exit(write(fds[1], block, sizeof block) == sizeof block ? 0 : 1); // blocks until the reader has made room
  }
  close(fds[1]);
  memset(block, 0, sizeof block);
  long total = 0, wrong = 0;
  for (long n; (n = read(fds[0], block, 5000)) > 0; total += n)
    for (long i = 0; i < n; i++) wrong += block[i] != 'w';
  say("read %ld bytes through a blocking pipe, %ld wrong\n", total, wrong);
  reap("writer", child);
  close(fds[0]);
}

static void flags_and_arguments(void) {
  int fds[2];
  SHOW(pipe2(fds, O_CLOEXEC));
  SHOW(fcntl(fds[0], F_GETFD));
  SHOW(fcntl(fds[1], F_GETFL) & O_ACCMODE);
  close(fds[0]), close(fds[1]);
  SHOW(pipe2(fds, O_APPEND));
  SHOW(syscall(SYS_pipe2, (void *)8, 0));
  MUST(pipe(fds));
  SHOW(write(fds[1], (void *)8, 5));
  SHOW(write(fds[1], "hello", 5));
  SHOW(read(fds[0], (void *)8, 5));
  SHOW(ftruncate(fds[1], 0));
  SHOW(fsync(fds[1]));
  struct stat about;
  SHOW(fstat(fds[0], &about));
  SHOW(S_ISFIFO(about.st_mode));
  close(fds[0]), close(fds[1]);
}

static void fifos(void) {
  SHOW(mkfifo("fifo", 0644));
  SHOW(mkfifo("fifo", 0644));
  SHOW(open("fifo", O_WRONLY | O_NONBLOCK));
  int reader = (int)SHOW(open("fifo", O_RDONLY | O_NONBLOCK));
  say("fifo nobody has written to: 0x%x\n", events(reader));
  SHOW(read(reader, block, 1));
  int writer = (int)SHOW(open("fifo", O_WRONLY | O_NONBLOCK));
  SHOW(read(reader, block, 1));
  SHOW(write(writer, "abc", 3));
  close(writer);
  SHOW(read(reader, block, 10));
  say("fifo whose writer has gone: 0x%x\n", events(reader));
  close(reader);
  int both = (int)SHOW(open("fifo", O_RDWR));
  SHOW(write(both, "self", 4));
  SHOW(read(both, block, 10));
  close(both);

  pid_t child = fork();
  if (child == 0) {
    int fd = open("fifo", O_WRONLY); // sleeps until a reader comes
    _exit(write(fd, "from the child", 14) == 14 ? 0 : 1);
  }
  reader = (int)SHOW(open("fifo", O_RDONLY)); // and so does this
  SHOW(read(reader, block, 14));
  say("fifo carried \"%.14s\"\n", block);
  reap("fifo writer", child);
  close(reader);
  SHOW(unlink("fifo"));
}

int main(void) {
  enter_scratch_directory();
  ends_and_capacity();
  no_reader();
  blocking();
  flags_and_arguments();
  fifos();
  return 0;
}
