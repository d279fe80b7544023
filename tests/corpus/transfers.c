// SPDX-License-Identifier: MIT
// Moving bytes between files inside the kernel: sendfile(2), copy_file_range(2); and lseek's holes, fallocate, vectors and offsets.

#include "check.h"

#include <sys/sendfile.h>
#include <sys/uio.h>

static int file(const char *name, int flags) { return (int)MUST(open(name, flags | O_CREAT, 0600)); }
static long copy(int from, off_t *from_at, int to, off_t *to_at, size_t length, unsigned flags) {
  return syscall(SYS_copy_file_range, from, from_at, to, to_at, length, flags);
}
static void content(const char *name) {
  char text[200] = "";
  int fd = open(name, O_RDONLY);
  ssize_t got = read(fd, text, sizeof text - 1);
  for (ssize_t i = 0; i < got; i++) if (!text[i]) text[i] = '.';
  say("%s: \"%s\"\n", name, text);
  close(fd);
}

static void send_file(void) {
  int in = file("in", O_RDWR), out = file("out", O_RDWR), pipes[2];
  char text[20] = "";
  pipe(pipes);
  write(in, "0123456789", 10);
  off_t offset = 2;
  SHOW(sendfile(out, in, 0, 5)); // at its end
  lseek(in, 0, SEEK_SET);
  SHOW(sendfile(out, in, 0, 4));
  SHOW(lseek(in, 0, SEEK_CUR));
  SHOW(sendfile(out, in, &offset, 3));
  SHOW(offset);
  SHOW(lseek(in, 0, SEEK_CUR));
  SHOW(sendfile(out, in, &offset, 100));
  SHOW(offset);
  content("out");
  offset = 4;
  SHOW(sendfile(pipes[1], in, &offset, 100));
  SHOW(read(pipes[0], text, 19));
  SHOW_TEXT(text);
  SHOW(sendfile(out, pipes[0], 0, 5));
  SHOW(sendfile(out, in, (void *)8, 5));
  offset = -1;
  SHOW(sendfile(out, in, &offset, 5));
  SHOW(sendfile(77, in, 0, 5));
  SHOW(sendfile(out, 77, 0, 5));
  int reader = open("in", O_RDONLY), writer = open("out", O_WRONLY), append = open("out", O_WRONLY | O_APPEND);
  SHOW(sendfile(reader, in, 0, 5));
  SHOW(sendfile(out, writer, 0, 5));
  offset = 0;
  SHOW(sendfile(append, in, &offset, 5));
  SHOW(sendfile(out, in, &offset, 0));
  int null = open("/dev/null", O_WRONLY), zero = open("/dev/zero", O_RDONLY);
  offset = 0;
  SHOW(sendfile(null, in, &offset, 5));
  offset = 0;
  SHOW(sendfile(out, zero, 0, 10));
  close(pipes[0]);
  signal(SIGPIPE, SIG_IGN);
  offset = 0;
  SHOW(sendfile(pipes[1], in, &offset, 5));
}

static void copy_range(void) {
  int in = file("a", O_RDWR), out = file("b", O_RDWR), pipes[2];
  pipe(pipes);
  write(in, "0123456789", 10);
  off_t from = 2, to = 5;
  SHOW(copy(in, &from, out, &to, 4, 0));
  say("%ld %ld\n", (long)from, (long)to);
  content("b");
  SHOW(copy(in, &from, out, &to, 100, 0));
  SHOW(copy(in, &from, out, &to, 100, 0)); // at the end
  lseek(in, 0, SEEK_SET);
  SHOW(copy(in, 0, out, 0, 3, 0));
  say("%ld %ld\n", (long)lseek(in, 0, SEEK_CUR), (long)lseek(out, 0, SEEK_CUR));
  content("b");
  SHOW(copy(in, 0, out, 0, 3, 1));
  SHOW(copy(in, 0, out, 0, 0, 0));
  SHOW(copy(77, 0, out, 0, 3, 0));
  SHOW(copy(in, 0, pipes[1], 0, 3, 0));
  SHOW(copy(pipes[0], 0, out, 0, 3, 0));
  from = 0, to = 3;
  SHOW(copy(in, &from, in, &to, 5, 0)); // overlaps itself
  to = 10;
  SHOW(copy(in, &from, in, &to, 5, 0));
  content("a");
  int reader = open("a", O_RDONLY), writer = open("b", O_WRONLY), append = open("b", O_WRONLY | O_APPEND), dir = open(".", O_RDONLY);
  SHOW(copy(writer, 0, out, 0, 3, 0));
  SHOW(copy(in, 0, reader, 0, 3, 0));
  SHOW(copy(in, 0, append, 0, 3, 0));
  SHOW(copy(dir, 0, out, 0, 3, 0));
  SHOW(copy(in, 0, dir, 0, 3, 0));
  from = -1;
  SHOW(copy(in, &from, out, 0, 3, 0));
  SHOW(copy(in, (void *)8, out, 0, 3, 0));
  int null = open("/dev/null", O_RDWR);
  SHOW(copy(null, 0, out, 0, 3, 0));
}

static void holes(void) {
  int fd = file("h", O_RDWR);
  char byte = 1;
  struct stat about;
  ftruncate(fd, 100);
  fstat(fd, &about);
  SHOW(about.st_blocks);
  SHOW(lseek(fd, 0, SEEK_HOLE));
  SHOW(lseek(fd, 100, SEEK_HOLE));
  SHOW(lseek(fd, 100, SEEK_DATA));
  SHOW(lseek(fd, -1, SEEK_DATA));
  SHOW(lseek(fd, 0, 77));
  SHOW(lseek(fd, -101, SEEK_END));
  SHOW(lseek(fd, 0x7fffffffffffffff, SEEK_SET) == 0x7fffffffffffffff || errno == EINVAL);
  SHOW(lseek(fd, 10, SEEK_END));
  SHOW(read(fd, &byte, 1));
  SHOW(write(fd, &byte, 1));
  SHOW(fstat(fd, &about));
  SHOW(about.st_size);
  SHOW(fallocate(fd, 0, 200, 100));
  fstat(fd, &about);
  SHOW(about.st_size);
  SHOW(fallocate(fd, FALLOC_FL_KEEP_SIZE, 300, 100));
  fstat(fd, &about);
  SHOW(about.st_size);
  SHOW(fallocate(fd, FALLOC_FL_PUNCH_HOLE, 0, 10));
  SHOW(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 110, 1));
  SHOW(pread(fd, &byte, 1, 110));
  SHOW(byte);
  SHOW(fallocate(fd, 0, 0, 0));
  SHOW(fallocate(fd, 0, -1, 10));
  SHOW(fallocate(fd, 0, 10, -1));
  SHOW(fallocate(77, 0, 0, 10));
  int reader = open("h", O_RDONLY), pipes[2];
  pipe(pipes);
  SHOW(fallocate(reader, 0, 0, 10));
  SHOW(fallocate(pipes[1], 0, 0, 10));
  SHOW(ftruncate(reader, 10));
  SHOW(ftruncate(fd, -1));
  SHOW(ftruncate(pipes[1], 10));
  SHOW(truncate("missing", 10));
  SHOW(truncate(".", 10));
  SHOW(truncate("h", 5));
  SHOW(lseek(pipes[0], 0, SEEK_SET));
  SHOW(pread(pipes[0], &byte, 1, 0));
  SHOW(pread(fd, &byte, 1, -1));
  SHOW(pwrite(reader, &byte, 1, 0));
}

static void vectors(void) {
  int fd = file("v", O_RDWR), append = open("v", O_WRONLY | O_APPEND);
  char a[4] = "abc", b[4] = "def";
  struct iovec out[] = {{a, 3}, {0, 0}, {b, 3}}, bad[] = {{a, 3}, {(void *)8, 3}}, large[] = {{a, 3}, {b, (size_t)-1}};
  SHOW(writev(fd, out, 3));
  SHOW(pwritev(fd, out, 3, 2));
  content("v");
  SHOW(writev(fd, bad, 2));
  SHOW(writev(fd, bad + 1, 1));
  SHOW(writev(fd, large, 2));
  SHOW(writev(fd, out, -1));
  SHOW(writev(fd, out, 1025));
  SHOW(writev(fd, (void *)8, 1));
  SHOW(writev(fd, out, 0));
  SHOW(writev(append, out, 3));
  SHOW(pwrite(append, "XY", 2, 0)); // Linux appends
  content("v");
  char text[10] = "";
  struct iovec in[] = {{text, 2}, {text + 4, 3}};
  SHOW(preadv(fd, in, 2, 1));
  SHOW_TEXT(text);
  SHOW_TEXT(text + 4);
  SHOW(preadv(fd, in, 2, -1));
  SHOW(preadv(fd, in, 2, 1000));
  SHOW(syscall(SYS_preadv2, fd, in, 2, 0L, 0L, 0x1000));
}

int main(void) {
  enter_scratch_directory();
  send_file();
  copy_range();
  holes();
  vectors();
  return 0;
}
