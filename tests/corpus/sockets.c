// SPDX-License-Identifier: MIT
// AF_UNIX socketpairs: streams, datagrams, descriptors passed with SCM_RIGHTS.

#include "check.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>

static char bytes[100000];

static int events(int fd) {
  struct pollfd polled = {.fd = fd, .events = POLLIN | POLLOUT | POLLRDHUP};
  poll(&polled, 1, 0);
  return polled.revents;
}

static void streams(void) {
  int s[2];
  SHOW(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, s));
  SHOW(fcntl(s[0], F_GETFD));
  say("new: 0x%x\n", events(s[0]));
  SHOW(recv(s[0], bytes, 1, MSG_DONTWAIT));
  SHOW(write(s[1], "hello", 5));
  SHOW(write(s[1], "world", 5));
  say("readable: 0x%x\n", events(s[0]));
  SHOW(recv(s[0], bytes, 3, MSG_PEEK));
  SHOW(read(s[0], bytes, 100)); // a stream keeps no boundaries
  say("%.10s\n", bytes);
  SHOW(lseek(s[0], 0, SEEK_SET));
  SHOW(shutdown(s[1], SHUT_WR));
  SHOW(read(s[0], bytes, 1));
  say("the other side wrote its last: 0x%x\n", events(s[0]));
  SHOW(write(s[0], "back", 4));
  SHOW(read(s[1], bytes, 10));
  signal(SIGPIPE, SIG_IGN);
  SHOW(write(s[1], "x", 1));
  SHOW(send(s[1], "x", 1, MSG_NOSIGNAL));
  close(s[1]);
  say("the other side is closed: 0x%x\n", events(s[0]));
  SHOW(write(s[0], "x", 1));
  SHOW(read(s[0], bytes, 1));
  int type = 0;
  socklen_t size = sizeof type;
  SHOW(getsockopt(s[0], SOL_SOCKET, SO_TYPE, &type, &size));
  SHOW(type == SOCK_STREAM);
  struct stat about;
  fstat(s[0], &about);
  SHOW(S_ISSOCK(about.st_mode));
  close(s[0]);
  SHOW(socketpair(AF_UNIX, 77, 0, s));
  SHOW(socketpair(AF_UNIX, SOCK_STREAM, 0, (int *)8));
  int file = (int)MUST(open("f", O_RDWR | O_CREAT, 0644));
  SHOW(send(file, "x", 1, 0));
  SHOW(recv(file, bytes, 1, 0));
  close(file);
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, s));
  close(s[1]);
  pid_t child = fork();
  if (child == 0) {
    signal(SIGPIPE, SIG_DFL);
    write(s[0], "x", 1);
    _exit(0);
  }
  reap("writer to nobody", child);
  close(s[0]);
}

static void blocking(void) {
  int s[2];
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, s));
  pid_t child = fork();
  if (child == 0) {
    close(s[0]);
    long sent = 0;
    for (long n; sent < 300000 && (n = write(s[1], bytes, 30000)) > 0;) sent += n;
    _exit(sent == 300000 ? 0 : 1);
  }
  close(s[1]);
  long total = 0;
  for (long n; (n = read(s[0], bytes, sizeof bytes)) > 0;) total += n;
  SHOW(total);
  reap("sender", child);
  close(s[0]);
}

static void datagrams(int type) {
  int s[2];
  MUST(socketpair(AF_UNIX, type, 0, s));
  SHOW(send(s[0], "one", 3, 0));
  SHOW(send(s[0], "twotwo", 6, 0));
  SHOW(send(s[0], "", 0, 0));
  SHOW(recv(s[1], bytes, 100, 0));
  struct iovec part = {bytes, 2};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
  SHOW(recvmsg(s[1], &message, 0)); // the rest of a datagram is lost
  SHOW(message.msg_flags == MSG_TRUNC);
  SHOW(recv(s[1], bytes, 100, 0));
  SHOW(recv(s[1], bytes, 100, MSG_DONTWAIT));
  close(s[0]), close(s[1]);
}

/** Sends these descriptors with one byte. */
static long send_fds(int socket, const int *fds, size_t count) {
  union {
    struct cmsghdr header;
    char space[CMSG_SPACE(sizeof(int) * 8)];
  } control = {0};
  struct iovec part = {"x", 1};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = CMSG_SPACE(sizeof(int) * count)};
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET, header->cmsg_type = SCM_RIGHTS, header->cmsg_len = CMSG_LEN(sizeof(int) * count);
  memcpy(CMSG_DATA(header), fds, sizeof(int) * count);
  return sendmsg(socket, &message, 0);
}

/** Receives into fds, prints what came, and returns how many descriptors there were. */
static int receive_fds(int socket, int *fds, size_t room, int flags) {
  union {
    struct cmsghdr header;
    char space[CMSG_SPACE(sizeof(int) * 8)];
  } control = {0};
  char byte;
  struct iovec part = {&byte, 1};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = room ? CMSG_LEN(sizeof(int) * room) : 0};
  long got = recvmsg(socket, &message, flags);
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  int count = header ? (int)((header->cmsg_len - CMSG_LEN(0)) / sizeof(int)) : 0;
  if (header) memcpy(fds, CMSG_DATA(header), sizeof(int) * (size_t)count);
  say("received %ld byte, %d descriptors, control cut %d\n", got, count, !!(message.msg_flags & MSG_CTRUNC));
  return count;
}

static void passing(void) {
  int s[2], fds[8];
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, s));
  write_file("passed", "contents", 0644);
  int file = (int)MUST(open("passed", O_RDONLY));
  SHOW(send_fds(s[0], &file, 1));
  SHOW(read(file, bytes, 3));
  SHOW(close(file)); // it travels on
  SHOW(receive_fds(s[1], fds, 1, 0));
  say("received descriptor %d, close-on-exec %d\n", fds[0], fcntl(fds[0], F_GETFD));
  memset(bytes, 0, 10);
  SHOW(read(fds[0], bytes, 10));
  SHOW_TEXT(bytes);
  SHOW(send_fds(s[0], fds, 1));
  close(fds[0]);
  SHOW(receive_fds(s[1], fds, 1, MSG_CMSG_CLOEXEC));
  SHOW(fcntl(fds[0], F_GETFD));
  int three[] = {0, 1, 2};
  SHOW(send_fds(s[0], three, 3));
  SHOW(receive_fds(s[1], fds, 2, 0)); // room for two
  close(fds[0]), close(fds[1]);
  SHOW(send_fds(s[0], three, 3));
  SHOW(read(s[1], bytes, 1)); // read(2) throws them away
  int bad = 77;
  SHOW(send_fds(s[0], &bad, 1));
  SHOW(send_fds(s[0], s, 2)); // the socket itself, never received
  close(s[0]), close(s[1]);

  int p[2];
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, s)), MUST(pipe(p));
  pid_t child = fork();
  if (child == 0) {
    close(p[0]), close(s[0]);
    int got[1];
    if (receive_fds(s[1], got, 1, 0) != 1) _exit(1);
    close(p[1]);
    _exit(write(got[0], "from the child", 14) == 14 ? 0 : 1);
  }
  SHOW(send_fds(s[0], &p[1], 1));
  close(p[1]), close(s[1]);
  reap("child", child);
  memset(bytes, 0, 20);
  SHOW(read(p[0], bytes, 20));
  SHOW_TEXT(bytes);
  SHOW(read(p[0], bytes, 20)); // no copy of the writing end is left anywhere
}

int main(void) {
  enter_scratch_directory();
  streams();
  blocking();
  datagrams(SOCK_DGRAM);
  datagrams(SOCK_SEQPACKET);
  passing();
  return 0;
}
